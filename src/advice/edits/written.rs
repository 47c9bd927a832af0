//! Recipes: the lines of one for people, and the change of the file that writes them.

use crate::advice::edits::apply::apply_within;
use crate::advice::edits::script::Script;
use crate::advice::facts::context::{Context, StageView};
use crate::advice::facts::text_ranges;
use crate::diagnostic::{Allowed, Applicability, Edit, Fix};
use crate::dockerfile::ast::{Instruction, Kind};

/// The helper scripts, as a stage.
const XX: &str = "FROM --platform=$BUILDPLATFORM tonistiigi/xx AS xx";

/// What a person has to look at where a stage is made to compile for other platforms.
pub(in crate::advice) const OF_COMPILES: &str =
    "what the steps need of the target besides the compiler, and whether they run what they make";

/// The same, where what is made is an archive that every platform runs.
pub(in crate::advice) const OF_ARCHIVES: &str =
    "whether what is packed holds programs or libraries that were chosen for the machine";

/// The same, where it is a library of .NET.
pub(in crate::advice) const OF_LIBRARIES: &str = "whether containers start it with `dotnet`, and whether it holds libraries that were chosen for the machine";

/// What to write in a stage.
#[derive(Debug)]
pub(in crate::advice) struct Plan<'c> {
    /// Whether the helper scripts are needed.
    pub(in crate::advice) with_xx: bool,
    /// What a person has to look at.
    pub(in crate::advice) to_check: &'static str,
    /// The arguments that the steps need.
    pub(in crate::advice) args: &'static str,
    /// Steps before the first script; those of xx need the arguments.
    pub(in crate::advice) setup: Vec<String>,
    /// The scripts with their changes.
    pub(in crate::advice) scripts: Vec<Script<'c>>,
}

impl Plan<'_> {
    /// What is written from the stage's `FROM` on.
    pub(in crate::advice) fn lines(
        &self,
        context: &Context<'_>,
        root: &StageView<'_>,
        is_pinned: bool,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        if self.with_xx && !has_xx(context, root) {
            lines.push(XX.to_owned());
        }
        if !is_pinned {
            let name = root.name.map_or_else(String::new, |name| format!(" AS {name}"));
            lines.push(format!("FROM --platform=$BUILDPLATFORM {}{name}", root.from.base.text));
        }
        lines.extend(self.before(context));
        for script in &self.scripts {
            let text = Self::changed(context, script);
            lines.extend(text.trim_end().lines().map(str::to_owned));
        }
        lines
    }

    /// An instruction as it is to be.
    fn changed(context: &Context<'_>, script: &Script<'_>) -> String {
        let text = context.text();
        let edits = script.edits(text);
        let changed = edits.and_then(|edits| apply_within(text, script.instruction.span, &edits));
        changed.unwrap_or_else(|| context.raw(script.instruction).to_owned())
    }

    /// What stands before the first script.
    fn before(&self, context: &Context<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        if self.with_xx && !self.above(context).any(|i| context.raw(i).contains("--from=xx ")) {
            lines.push("COPY --from=xx / /".to_owned());
        }
        let (tools, target): (Vec<&String>, Vec<&String>) =
            self.setup.iter().partition(|line| !line.starts_with("RUN xx-"));
        lines.extend(tools.into_iter().cloned());
        let args: Vec<&str> = self.args.split(' ').filter(|name| !self.is_declared(context, name)).collect();
        if args.iter().any(|name| !name.is_empty()) {
            lines.push(format!("ARG {}", args.join(" ")));
        }
        lines.extend(target.into_iter().cloned());
        lines
    }

    /// The instructions of the stage above the first script.
    fn above<'c>(&self, context: &Context<'c>) -> impl Iterator<Item = &'c Instruction<'c>> + use<'c> {
        let first = self.scripts.first().map(Script::line);
        let stage =
            context.stages.iter().rfind(|view| first.is_some_and(|first| view.instruction.line < first));
        let body = stage.map_or(&[][..], |stage| stage.body);
        body.iter().take_while(move |instruction| Some(instruction.line) < first)
    }

    /// Whether the stage declares an argument above the first script.
    fn is_declared(&self, context: &Context<'_>, name: &str) -> bool {
        self.above(context).any(|instruction| match &instruction.kind {
            Kind::Arg(args) => args.iter().any(|arg| arg.name.text == name),
            _ => false,
        })
    }

    /// The change that writes it.
    pub(in crate::advice) fn patch(
        &self,
        context: &Context<'_>,
        root: &StageView<'_>,
        step: &Instruction<'_>,
        is_pinned: bool,
    ) -> Option<Fix> {
        let text = context.text();
        let first = self.scripts.first()?;
        let mut edits = Vec::new();
        if self.with_xx && !has_xx(context, root) {
            edits.push(Edit::insert(text_ranges::before(text, root.instruction), format!("{XX}\n")));
        }
        if !is_pinned {
            edits.push(Edit::insert(root.instruction.keyword.span.end, " --platform=$BUILDPLATFORM"));
        }
        let mut before = vec![format!("# To check: {}.", self.to_check)];
        before.extend(self.before(context));
        let at = text_ranges::line_start(text, first.instruction.span.start);
        edits.push(Edit::insert(at, before.join("\n") + "\n"));
        for script in &self.scripts {
            edits.extend(script.edits(text)?);
        }
        Some(Fix {
            description: format!("write the recipe for line {}", step.line.0),
            edits,
            applicability: Applicability::OnRequest,
            licence: vec![Allowed::Repair],
        })
    }
}

/// Whether there is a stage of the helper scripts before one.
fn has_xx(context: &Context<'_>, root: &StageView<'_>) -> bool {
    let before = context.stages.iter().take(root.index.index());
    before.into_iter().any(|stage| stage.name == Some("xx") && stage.from.base.text.contains("tonistiigi/xx"))
}
