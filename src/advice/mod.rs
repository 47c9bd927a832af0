//! ADVICE: what is wrong with a build or costs it time, why, and the change that helps.
//!
//! Four floors, each using only those before it: [`facts`] knows, [`edits`] makes changes, [`rules`] detects, one rule a
//! file, and [`fix`] applies the changes that stand. [`lint`](fn@lint) asks every rule and marks what comments exempt;
//! [`evaluate`](fn@evaluate) adds what each change saves. Knows no output format.

pub mod edits;
mod evaluate;
pub mod facts;
pub mod fix;
mod group;
mod lint;
mod price;
pub mod rules;
mod suppression;
mod workflows;

pub use self::edits::{NO_LINE_END, Patch, PatchKind};
pub use self::evaluate::{evaluate, evaluate_timed};
pub use self::facts::context::{BuildRun, Context, Pin, StageView};
pub use self::fix::{Answer, Applied, Fixed, Proposal, Rejected, Rejection, Wanted};
pub use self::group::{evaluate_all, fix_all, lint_all};
pub use self::lint::lint;
pub use self::price::{Pricer, Worth};
pub use self::workflows::{FixedWorkflow, InWorkflows, evaluate_workflow, evaluate_workflows, fix_workflow};
