//! `# syntax=`: which frontend reads the file, and what of it that frontend reads differently.
//!
//! The graph is that of BuildKit's own frontend. `docker/dockerfile:1` and later pinned versions agree with it as far as
//! they know the file's parts; an older one lacks some, and a foreign one may read anything differently.

use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::DirectiveKind;
use crate::model::inputs::Inputs;
use crate::model::reference;
use crate::source::{Line, Span};

/// The build argument that beats the directive.
const BUILD_ARG: &str = "BUILDKIT_SYNTAX";

/// The repositories of BuildKit's own frontend; copies of them in other registries keep the path.
const OWN: [&str; 2] = ["docker/dockerfile", "docker/dockerfile-upstream"];

/// A frontend image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frontend {
    /// BuildKit's own; the minor version of 1 where one is pinned.
    Own { minor: Option<u32>, labs: bool },
    /// Somebody else's.
    Foreign,
}

/// The frontend that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named<'f> {
    /// The image.
    pub(crate) image: &'f str,
    /// What it is.
    pub(crate) frontend: Frontend,
    /// The line of the directive; `None` where a build argument takes its place.
    pub(crate) line: Option<Line>,
    /// The directive's value.
    pub(crate) span: Option<Span>,
}

/// The frontend that a build argument or the file asks for, if one does.
pub(crate) fn named<'f>(file: &'f Dockerfile<'_>, inputs: &'f Inputs) -> Option<Named<'f>> {
    let given = inputs.build_args.get(BUILD_ARG).map(|value| (value.as_str(), None, None));
    let written = || {
        let directive = file.directive(DirectiveKind::Syntax)?;
        Some((directive.value.text, Some(directive.line), Some(directive.value.span)))
    };
    let (value, line, span) = given.or_else(written)?;
    let image = value.split_whitespace().next()?;
    Some(Named { image, frontend: frontend(image), line, span })
}

/// Whether the frontend that reads the file takes `RUN --device`. BuildKit's own does on the labs channel only.
pub(crate) fn takes_devices(file: &Dockerfile<'_>, inputs: &Inputs) -> bool {
    named(file, inputs).is_some_and(|named| !matches!(named.frontend, Frontend::Own { labs: false, .. }))
}

/// What an image reference says of the frontend.
fn frontend(image: &str) -> Frontend {
    let (name, digest) = image.split_once('@').map_or((image, None), |(name, digest)| (name, Some(digest)));
    let Ok(normal) = reference::normalize(name) else { return Frontend::Foreign };
    let (repository, tag) = match normal.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (normal.as_str(), "latest"),
    };
    let path = repository.split_once('/').map_or(repository, |(_, path)| path);
    let is_own = OWN
        .iter()
        .any(|own| path.strip_suffix(own).is_some_and(|before| before.is_empty() || before.ends_with('/')));
    if !is_own {
        return Frontend::Foreign;
    }
    let has_tag = name.rsplit('/').next().is_some_and(|last| last.contains(':'));
    // A digest without a tag does not say which version it is.
    if digest.is_some() && !has_tag {
        return Frontend::Own { minor: None, labs: true };
    }
    version(tag)
}

fn version(tag: &str) -> Frontend {
    let experimental = tag == "experimental" || tag.ends_with("-experimental");
    let labs = tag == "labs" || tag.ends_with("-labs") || tag.starts_with("master") || experimental;
    let number = tag.split('-').next().unwrap_or_default();
    let minor = number.strip_prefix("1.").and_then(|rest| rest.split('.').next()?.parse().ok());
    // The channel got its new name, labs, with 1.2.
    Frontend::Own { minor: minor.or(experimental.then_some(2)), labs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whose_frontend() {
        let own = |minor, labs| Frontend::Own { minor, labs };
        for (image, expected) in [
            ("docker/dockerfile:1", own(None, false)),
            ("docker/dockerfile", own(None, false)),
            ("docker.io/docker/dockerfile:1.4.0", own(Some(4), false)),
            ("docker/dockerfile:1.7-labs", own(Some(7), true)),
            ("docker/dockerfile:1-labs", own(None, true)),
            ("docker/dockerfile:labs", own(None, true)),
            ("docker/dockerfile:1.0-experimental", own(Some(0), true)),
            ("docker/dockerfile:experimental", own(Some(2), true)),
            ("docker/dockerfile-upstream:master", own(None, true)),
            ("docker/dockerfile-upstream:1.20.0-rc1", own(Some(20), false)),
            (
                "docker/dockerfile@sha256:93bfd3b68c109427185cd78b4779fc82b484b0b7618e36d0f104d4d801e66d25",
                own(None, true),
            ),
            (
                "docker/dockerfile:1.2@sha256:93bfd3b68c109427185cd78b4779fc82b484b0b7618e36d0f104d4d801e66d25",
                own(Some(2), false),
            ),
            ("mirror.example:5000/hub/docker/dockerfile:1.3", own(Some(3), false)),
            ("r2d4/mockerfile", Frontend::Foreign),
            ("notdocker/dockerfile:1", Frontend::Foreign),
            ("ghcr.io/someone/dockerfile:1", Frontend::Foreign),
            ("Not An Image", Frontend::Foreign),
        ] {
            assert_eq!(frontend(image), expected, "{image}");
        }
    }
}
