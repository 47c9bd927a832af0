//! `# check=skip=…`: build checks that a file turns off, for the whole file or for the instruction below.

use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::DirectiveKind;
use crate::dockerfile::{CheckOptions, Dockerfile, check_options, check_value};
use crate::model::inputs::Inputs;
use crate::source::Line;

/// The build argument that takes the place of the directive.
const BUILD_ARG: &str = "BUILDKIT_DOCKERFILE_CHECK";

/// Checks that BuildKit makes on the whole file, where no comment above an instruction counts.
const OF_THE_FILE: [Code; 5] = [
    Code::NoEmptyContinuation,
    Code::DuplicateStageName,
    Code::ReservedStageName,
    Code::InvalidDefaultArgInFrom,
    Code::InvalidBaseImagePlatform,
];

/// Whether a file or its build argument turns off a check of BuildKit for the instruction in a line.
pub(crate) fn is_skipped(file: &Dockerfile<'_>, inputs: &Inputs, line: Line, name: &str) -> bool {
    options(file, inputs).skips(name) || above_skips(file, line, name)
}

fn options<'o>(file: &'o Dockerfile<'_>, inputs: &'o Inputs) -> CheckOptions<'o> {
    let given = inputs.build_args.get(BUILD_ARG).map(String::as_str);
    let written = file.directive(DirectiveKind::Check).map(|directive| check_value(directive.value.text));
    check_options(given.or(written).unwrap_or_default()).unwrap_or_default()
}

/// The warnings that remain, with a word on those that make the build fail.
pub(crate) fn without_skipped(
    mut warnings: Vec<Diagnostic>,
    file: &Dockerfile<'_>,
    inputs: &Inputs,
) -> Vec<Diagnostic> {
    if warnings.iter().all(|warning| warning.code.build_check().is_none()) {
        return warnings;
    }
    let options = options(file, inputs);
    let has_comments = file.text.contains("check");
    warnings.retain_mut(|warning| {
        let Some(name) = warning.code.build_check() else { return true };
        let above = warning.line.filter(|_| has_comments && !OF_THE_FILE.contains(&warning.code));
        if options.skips(name) || above.is_some_and(|line| above_skips(file, line, name)) {
            return false;
        }
        if options.fails {
            let help = warning.help.take().unwrap_or_default();
            warning.help = Some(format!("{help}; the build fails here because of `check=error=true`"));
        }
        true
    });
    warnings
}

/// Whether a comment above the instruction of `line` turns a check off. The first such comment counts.
fn above_skips(file: &Dockerfile<'_>, line: Line, name: &str) -> bool {
    let Ok(at) = file.instructions.binary_search_by_key(&line, |instruction| instruction.line) else {
        return false;
    };
    // Comments between this instruction and the one before it; the directives are none.
    let before = at.checked_sub(1).map(|at| &file.instructions[at]);
    let start = match before {
        Some(before) => before.span.end,
        None => file.directives.last().map_or(0, |directive| directive.value.span.end),
    } as usize;
    let end = file.instructions[at].span.start as usize;
    let mut options: Option<CheckOptions<'_>> = None;
    for comment in file.text.get(start..end).unwrap_or_default().lines().map(str::trim) {
        let Some(comment) = comment.strip_prefix('#').map(str::trim) else { continue };
        if comment.is_empty() {
            options = None;
        } else if options.is_none()
            && let Some((key, value)) = comment.split_once('=')
            && key.trim().eq_ignore_ascii_case("check")
        {
            options = check_options(check_value(value.trim())).ok();
        }
    }
    options.is_some_and(|options| options.skips(name))
}
