//! Build arguments that steer BuildKit itself rather than the file.
//!
//! Follows BuildKit's `frontend/dockerui/config.go`. Those that do not bear on the graph are read for what makes BuildKit
//! refuse the build.

use super::inputs::Inputs;
use super::resolve::{Phase, Resolver};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::{check_options, parse_bool};

/// Whether the result names its platforms; several targets cannot do without.
const MULTI_PLATFORM: &str = "BUILDKIT_MULTI_PLATFORM";

/// Takes the place of `# check=`.
const CHECK: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// Chose the way of copying of BuildKit before 0.11.
const DISABLE_FILEOP: &str = "BUILDKIT_DISABLE_FILEOP";

pub(super) fn check(resolver: &mut Resolver<'_>) {
    if let Some(problem) = problem(resolver.inputs) {
        resolver.fail_all(Phase::Globals, Diagnostic::error(Code::BadValue, problem));
    }
}

/// The first setting that BuildKit refuses, in its order.
fn problem(inputs: &Inputs) -> Option<String> {
    let value = |name| inputs.build_args.get(name).map(String::as_str);
    if value(DISABLE_FILEOP).and_then(parse_bool) == Some(true) {
        return Some(format!("BuildKit has no {DISABLE_FILEOP} since 0.11"));
    }
    if let Some(text) = value(MULTI_PLATFORM).filter(|text| !text.is_empty()) {
        let several = inputs.targets().len() > 1;
        match parse_bool(text) {
            None => return Some(format!("{MULTI_PLATFORM} takes true or false, not {text:?}")),
            Some(false) if several => {
                return Some(format!("{MULTI_PLATFORM} must not be false where several platforms are built"));
            }
            Some(_) => {}
        }
    }
    let reason = check_options(value(CHECK)?).err()?;
    Some(format!("{CHECK} is malformed: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::platform::Platform;

    #[test]
    fn what_buildkit_refuses() {
        let linux = Platform::linux;
        let two = [linux("amd64"), linux("arm64")];
        for (targets, name, value, refused) in [
            (2, MULTI_PLATFORM, "x", true),
            (2, MULTI_PLATFORM, "false", true),
            (2, MULTI_PLATFORM, "F", true),
            (1, MULTI_PLATFORM, "false", false),
            (0, MULTI_PLATFORM, "0", false),
            (2, MULTI_PLATFORM, "", false),
            (2, MULTI_PLATFORM, "1", false),
            (2, CHECK, "x", true),
            (2, CHECK, "skip=all;error=true", false),
            (2, DISABLE_FILEOP, "true", true),
            (2, DISABLE_FILEOP, "no", false),
            (2, "BUILDKIT_INLINE_CACHE", "x", false),
        ] {
            let mut inputs = Inputs::new(linux("amd64"), &two[..targets]).unwrap();
            inputs.build_args.insert(name.into(), value.into());
            assert_eq!(problem(&inputs).is_some(), refused, "{name}={value} for {targets}");
        }
    }
}
