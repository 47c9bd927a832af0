//! Names of stages: given twice, reserved, or written with capital letters.

use foldhash::HashMap;

use crate::diagnostic::{Code, Diagnostic};
use crate::model::resolve::Model;
use crate::source::Span;

/// Names that mean something else wherever they are used.
const RESERVED: [&str; 2] = ["scratch", "context"];

pub(super) fn check(model: &Model<'_>, found: &mut Vec<Diagnostic>) {
    let mut first: HashMap<&str, Span> = HashMap::default();
    let named = model.stages.iter().filter(|stage| stage.name.is_some()).count();
    let may_repeat = model.names.len() < named;
    for stage in &model.stages {
        let Some(name) = stage.from.name else { continue };
        let warn =
            |code, message| Diagnostic::warning(code, message).at(stage.instruction.line).span(name.span);
        let written = model.file.text.get(name.span.range()).unwrap_or_default();
        if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let message = format!(
                "the stage {written:?} is kept as {:?}, and FROM finds it by that name only",
                name.text
            );
            found.push(warn(Code::StageNameCasing, message).help(format!("write `AS {}`", name.text)));
        }
        if RESERVED.contains(&name.text) {
            let message =
                format!("the stage is called {:?}, which means something else elsewhere", name.text);
            found.push(warn(Code::ReservedStageName, message).help("give the stage another name"));
        }
        if !may_repeat {
            continue;
        }
        if let Some(&earlier) = first.get(name.text) {
            let message =
                format!("another stage is called {:?}, which this one hides from here on", name.text);
            let diagnostic = warn(Code::DuplicateStageName, message).label(earlier, "the first of the name");
            found.push(diagnostic.help("give each stage a name of its own"));
        } else {
            first.insert(name.text, name.span);
        }
    }
}
