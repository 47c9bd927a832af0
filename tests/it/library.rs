//! What a library user can count on.

use xsim::advice::{Fixed, Pricer, Wanted, rules};
use xsim::analysis::{Analysis, Build, Refused, Request};
use xsim::bake::Resolved;
use xsim::builds::Builds;
use xsim::calibrate::Match;
use xsim::compare::Comparison;
use xsim::diagnostic::{Diagnostic, Rule};
use xsim::ingest::ObservedBuild;
use xsim::observe::Observation;
use xsim::pricing::{Terms, Timing};

const fn is_shared<T: Send + Sync + 'static>(_: Option<&T>) {}

/// Requests, builds and all that becomes of them can be sent to another thread and shared.
#[test]
fn everything_can_be_sent_and_shared() {
    is_shared::<Request>(None);
    is_shared::<Build>(None);
    is_shared::<Analysis>(None);
    is_shared::<Refused>(None);
    is_shared::<Terms>(None);
    is_shared::<Timing<'static>>(None);
    is_shared::<Pricer>(None);
    is_shared::<Wanted>(None);
    is_shared::<Fixed>(None);
    is_shared::<Diagnostic>(None);
    is_shared::<Comparison>(None);
    is_shared::<ObservedBuild>(None);
    is_shared::<Observation>(None);
    is_shared::<Match>(None);
    is_shared::<Builds>(None);
    is_shared::<Resolved>(None);
    for rule in rules::all() {
        is_shared::<Rule>(Some(rule));
    }
}
