//! ADVICE: what is wrong with a build or costs it time, why, and the change that helps.
//!
//! One rule a file in [`rules`], each with its finding, its reason, its fix and its documentation. [`advise`] asks every
//! rule; [`fix`](fix::fix) applies the fixes that stand: each result is analysed again, and a change counts only if the
//! images are still made of the same operations ([`recipe`]) and nothing becomes slower. Knows no output format.

mod appraise;
mod ask;
mod attempt;
mod binary;
mod calls;
mod comments;
mod context;
mod cross;
pub mod edit;
mod finding;
pub mod fix;
mod flow;
mod golang;
mod metadata;
mod origin;
mod pinning;
mod place;
mod price;
pub mod recipe;
mod rule;
pub mod rules;
mod tools;

pub use self::appraise::{appraise, appraise_timed, without_repeats};
pub use self::ask::advise;
pub use self::attempt::Rejection;
pub use self::comments::{Comments, Exemption};
pub use self::context::{BuildRun, Context, Pin, StageView};
pub use self::edit::{Edit, Patch, PatchKind};
pub use self::finding::{Allowed, Finding, Fix, When};
pub use self::fix::{Answer, Applied, Fixed, Proposal, Rejected, Wanted};
pub use self::price::{Price, Pricer, Saving};
pub use self::rule::{Doc, Rule};
