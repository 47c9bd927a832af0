//! Pages of builds that were logged.

use xsim::ingest::read;
use xsim::observe::{believed, observe};
use xsim::report::{ObserveSubject, observe_html};

use super::{ATTACK, root};

/// The page of the builds in a log.
pub(super) fn log_page(name: &str, log: &[u8]) -> String {
    let amd64 = xsim::model::platform::Platform::linux("amd64");
    let record = read(log).expect("a log");
    let seen: Vec<_> = record
        .builds
        .iter()
        .map(|build| {
            let belief = believed(build, &amd64);
            (build, observe(build, &belief.machine, None), belief)
        })
        .collect();
    let subject =
        |(build, observation, belief)| ObserveSubject { name, build, observation, belief, beside: None };
    let subjects: Vec<_> =
        seen.iter().map(|(build, observation, belief)| subject((*build, observation, belief))).collect();
    observe_html(&subjects).expect("a page")
}

/// A log of `tests/data/logs`.
pub(super) fn kept_log(name: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/data/logs").join(name)).expect("a log")
}

/// A log with [`ATTACK`] wherever a log has words of others.
pub(super) fn hostile_log() -> Vec<u8> {
    format!(
        "#0 building with \"{ATTACK}\" instance using {ATTACK} driver\n\
         #1 [internal] load build definition from {ATTACK}\n#1 DONE 0.1s\n\
         #2 [linux/{ATTACK} {ATTACK} 1/2] FROM {ATTACK}\n#2 DONE 1.0s\n\
         #3 [{ATTACK} 2/2] RUN {ATTACK}\n#3 0.100 {ATTACK}\n#3 ERROR: {ATTACK}\n\
         #4 exporting to {ATTACK}\n#4 exporting {ATTACK} 1.0s done\n#4 DONE 2.0s\n"
    )
    .into_bytes()
}

#[test]
fn nothing_in_a_log_is_markup() {
    let page = log_page(ATTACK, &hostile_log());
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
    assert!(page.contains("&#60;script&#62;") || page.contains("&lt;script&gt;"));
}
