//! `# syntax=`: which frontend reads the file, and what of it that frontend reads differently.
//!
//! The graph is that of BuildKit's own frontend. `docker/dockerfile:1` and later pinned versions agree with it as far as
//! they know the file's parts; an older one lacks some, and a foreign one may read anything differently.

use super::features::{self, Feature};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::Dockerfile;
use crate::dockerfile::ast::DirectiveKind;
use crate::model::inputs::Inputs;
use crate::model::reference;
use crate::model::resolve::Model;
use crate::source::Span;

/// The build argument that beats the directive.
const BUILD_ARG: &str = "BUILDKIT_SYNTAX";

/// The repositories of BuildKit's own frontend; copies of them in other registries keep the path.
const OWN: [&str; 2] = ["docker/dockerfile", "docker/dockerfile-upstream"];

/// A frontend image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frontend {
    /// BuildKit's own; the minor version of 1 where one is pinned.
    Own { minor: Option<u32>, labs: bool },
    /// Somebody else's.
    Foreign,
}

pub(super) fn check(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    let given = model.inputs.build_args.get(BUILD_ARG).map(|value| (value.as_str(), None));
    let directive = model.file.directive(DirectiveKind::Syntax);
    let written = directive.map(|directive| (directive.value.text, Some(directive.value.span)));
    let Some((value, span)) = given.or(written) else { return };
    let Some(image) = value.split_whitespace().next() else { return };
    let line = span.and(directive).map(|directive| directive.line);
    match frontend(image) {
        Frontend::Foreign => {
            let message = format!(
                "{image} reads this file, not BuildKit's own frontend, and may read any of it differently"
            );
            let mut diagnostic = Diagnostic::warning(Code::ForeignFrontend, message).help(
                "this report says what BuildKit's own frontend makes of the file, `docker/dockerfile:1`",
            );
            diagnostic.line = line;
            diagnostic.span = span;
            found.push(diagnostic);
        }
        Frontend::Own { minor: None, labs: true } => {}
        Frontend::Own { minor, labs } => {
            let lacks = |feature: Feature| {
                let first = if labs { Some(feature.labs) } else { feature.stable };
                first.is_none_or(|first| minor.is_some_and(|minor| minor < first))
            };
            for (feature, line, place) in features::used(model.file) {
                if lacks(feature) {
                    found.push(missing(feature, image, minor, span).at(line).span(place));
                }
            }
        }
    }
}

/// Whether the frontend that reads the file takes `RUN --device`. BuildKit's own does on the labs channel only.
pub(crate) fn takes_devices(file: &Dockerfile<'_>, inputs: &Inputs) -> bool {
    let given = inputs.build_args.get(BUILD_ARG).map(String::as_str);
    let written = file.directive(DirectiveKind::Syntax).map(|directive| directive.value.text);
    let image = given.or(written).and_then(|value| value.split_whitespace().next());
    image.is_some_and(|image| !matches!(frontend(image), Frontend::Own { labs: false, .. }))
}

/// A feature that the frontend does not have.
fn missing(feature: Feature, image: &str, minor: Option<u32>, directive: Option<Span>) -> Diagnostic {
    let message = format!("{image} reads this file and does not know {}", feature.name);
    let help = match (feature.stable, minor) {
        (Some(stable), _) => format!("it came with 1.{stable}: write `# syntax=docker/dockerfile:1`"),
        (None, _) => "only the labs channel knows it: write `# syntax=docker/dockerfile:1-labs`".to_owned(),
    };
    let diagnostic = Diagnostic::warning(Code::ForeignFrontend, message).help(help);
    match directive {
        Some(span) => diagnostic.label(span, "the frontend"),
        None => diagnostic,
    }
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
