//! What there is to say of a Dockerfile, as data: what, where, how bad, what to write instead, and what that saves.
//!
//! One type for all of it: what stops a build ([`Code`]) and what rules find. Knows nothing of how rules are detected and how
//! diagnostics are shown.

mod code;
mod fix;
mod group;
mod nearest;
mod rule;

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::code::Code;
pub use self::fix::{Allowed, Applicability, Edit, Fix, Price, Saving};
pub use self::group::{by_worth, grouped};
pub use self::nearest::nearest;
pub use self::rule::{Doc, Rule};
use crate::ids::{FileIx, StageIx};
use crate::source::{Line, Span};

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// The build works, though probably not as meant.
    Warning,
    /// BuildKit refuses the file, or an image comes out wrong.
    Error,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const VALUES: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// The word for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in the file with a few words on what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What to say of it; may be empty.
    pub text: Cow<'static, str>,
}

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first line of the instruction.
    pub line: Option<Line>,
    /// Where exactly.
    pub span: Option<Span>,
}

/// Why a diagnostic does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suppression {
    /// A comment for xsim says so, with this reason, which may be empty.
    Comment(Box<str>),
    /// `# check=skip=` names the build check that it is.
    Check,
    /// The baseline accepts it.
    Baseline,
}

/// One thing to say of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which kind.
    pub rule: &'static Rule,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop. May quote the file, control characters included: who
    /// shows it must escape them.
    pub message: String,
    /// The Dockerfile, where several are looked at together.
    pub file: FileIx,
    /// The first line of the instruction it is about; `None` where no line is.
    pub line: Option<Line>,
    /// Where exactly, if that is known.
    pub span: Option<Span>,
    /// Further places.
    pub labels: Vec<Label>,
    /// Where else the very same was found.
    pub also: Vec<Place>,
    /// Why, what to write instead, or where the value may come from. May quote the file.
    pub help: Option<String>,
    /// The stage it is in, if it is in one.
    pub stage: Option<StageIx>,
    /// What a person has to write, where no fix does it.
    pub recipe: Option<Box<Recipe>>,
    /// The change that mends it, where there is one.
    pub fix: Option<Box<Fix>>,
    /// Why there is none, in a clause; `None` also where that was not asked.
    pub unfixed: Option<Box<str>>,
    /// What the change saves, where that was simulated.
    pub saving: Option<Box<Saving>>,
    /// Why it does not count; `None` where it does.
    pub suppressed: Option<Suppression>,
}

/// What a person has to write.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recipe {
    /// What replaces the step, from its stage's `FROM` on. May quote the file.
    pub lines: Vec<String>,
    /// Edits that make a file which costs what the lines to write would cost: simulated, never written.
    pub trial: Vec<Edit>,
    /// The edits that write the lines, where they leave nothing open: for who asks for them.
    pub patch: Option<Fix>,
}

impl Diagnostic {
    /// A diagnostic of a rule, without a place.
    pub fn new(rule: &'static Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity,
            message: message.into(),
            file: FileIx(0),
            line: None,
            span: None,
            labels: Vec::new(),
            also: Vec::new(),
            help: None,
            stage: None,
            recipe: None,
            fix: None,
            unfixed: None,
            saving: None,
            suppressed: None,
        }
    }

    /// An error that stops the build, without a place.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code.rule(), message)
    }

    /// Blames an instruction by its first line.
    #[must_use]
    pub fn at(mut self, line: Line) -> Self {
        self.line = Some(line);
        self
    }

    /// Points at a span.
    #[must_use]
    pub fn span(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// Points at a span more exactly, where one is known.
    #[must_use]
    pub fn narrowed_to(mut self, span: Option<Span>) -> Self {
        self.span = span.or(self.span);
        self
    }

    /// Points at a further span.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<Cow<'static, str>>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Says what to write instead.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The diagnostic with a fix, if there is one.
    #[must_use]
    pub fn fixed(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix.map(Box::new);
        self
    }

    /// The diagnostic with lines to write, if there are any.
    #[must_use]
    pub fn with_recipe(mut self, lines: Vec<String>) -> Self {
        if !lines.is_empty() {
            self.recipe.get_or_insert_default().lines = lines;
        }
        self
    }

    /// The diagnostic with the change that writes its lines, if there is one.
    #[must_use]
    pub fn with_patch(mut self, patch: Option<Fix>) -> Self {
        if let (Some(recipe), Some(_)) = (&mut self.recipe, &patch) {
            recipe.patch = patch;
        }
        self
    }

    /// The diagnostic with edits that cost what its cure would cost, if there are any.
    #[must_use]
    pub fn tried_by(mut self, edits: Vec<Edit>) -> Self {
        if !edits.is_empty() {
            self.recipe.get_or_insert_default().trial = edits;
        }
        self
    }

    /// The edits that cost what its cure would cost.
    pub fn trial(&self) -> &[Edit] {
        self.recipe.as_ref().map_or(&[], |recipe| &recipe.trial)
    }

    /// The lines a person has to write; none where a fix does it, or nothing can be said.
    pub fn recipe_lines(&self) -> &[String] {
        self.recipe.as_ref().map_or(&[], |recipe| &recipe.lines)
    }

    /// Whether it counts: nothing suppresses it.
    pub const fn counts(&self) -> bool {
        self.suppressed.is_none()
    }

    /// Whether it is an error of this kind.
    pub fn is(&self, code: Code) -> bool {
        self.rule == code.rule()
    }
}
