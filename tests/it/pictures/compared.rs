//! Pictures of several builds: each over the same axis, with what each step gained.

use xsim::analysis::{Analysis, Build, NodeInputs};
use xsim::compare::{Candidate, compare};
use xsim::model::inputs::Inputs;
use xsim::pricing::{Terms, Timing, price};
use xsim::report::picture::{ComparedView, TimelineView, compared_svg};
use xsim::sim::built_in;
use xsim::source::Source;
use xsim::timeline::Timeline;

use super::svg::check;
use super::{platform, samples};

/// Calls `check` with the comparison of some files.
pub(super) fn with_compared(files: &[(&str, &str)], check: impl FnOnce(&ComparedView)) {
    let targets = [platform("linux/amd64"), platform("linux/arm64")];
    let inputs = Inputs::new(platform("linux/amd64"), &targets).expect("few targets");
    let node = [NodeInputs::new(inputs)];
    let source = |(name, text): &(&str, &str)| Source::new(*name, text.as_bytes().to_vec()).expect("small");
    let built: Vec<Build> = files.iter().map(|file| Build::new(source(file), node.to_vec())).collect();
    let analyses: Vec<&Analysis> = built.iter().map(|build| build.outcome().expect("it builds")).collect();
    let terms = Terms::new(built_in("ubuntu-latest").expect("a built-in machine"));
    let timings: Vec<Timing<'_>> =
        analyses.iter().map(|analysis| price(analysis, &terms).expect("good numbers")).collect();
    let candidates: Vec<Candidate<'_>> = built
        .iter()
        .zip(analyses.iter().zip(&timings))
        .map(|(build, (analysis, timing))| Candidate { build, analysis, timing })
        .collect();
    let views = candidates.iter().map(|&Candidate { build, analysis, timing }| {
        let timeline = Timeline::new(analysis, timing);
        TimelineView::new(build, analysis, timing, &timeline)
    });
    check(&ComparedView::new(&compare(&candidates), views.collect()));
}

#[test]
fn comparisons_are_good_pictures() {
    let all = samples();
    let file = |name: &str| {
        let found = all.iter().find(|(known, _)| known == name).expect(name);
        (found.0.as_str(), found.1.as_str())
    };
    let tool = [file("foreign-tool/before.Dockerfile"), file("foreign-tool/after.Dockerfile")];
    let three = [file("late-arg/Dockerfile"), file("early-arg/Dockerfile"), file("all-emulated/Dockerfile")];
    let same = [tool[0], tool[0]];
    let empty = [("a", "FROM scratch\n"), ("b", "FROM scratch\nLABEL x=y\n")];
    for files in [&tool[..], &three, &same, &empty] {
        with_compared(files, |view| {
            assert_eq!(view.gains.len() + 1, files.len());
            for width in [480, 600, 1600] {
                check(files[0].0, &compared_svg(view, width).expect("a picture"));
            }
        });
    }
    // What became of the steps adds up to what became of the critical path.
    with_compared(&tool, |view| {
        let gained: f64 = view.gains[0].steps.iter().map(|step| step.change.as_secs_f64()).sum();
        let last = |at: usize| {
            let bars = view.builds[at].bars.iter();
            bars.map(|shown| shown.bar.finish).max().unwrap_or_default().as_secs_f64()
        };
        assert!((gained - (last(1) - last(0))).abs() < 0.01, "{gained}");
        assert!(gained < -1.0);
    });
}
