//! Comparisons of samples, as they are shown, and their JSON contract.

use super::*;
use crate::timing_data::{Run, profile_of, runs};
use xsim::analysis::Build;
use xsim::compare::{Candidate, Comparison, Standing, compare};
use xsim::cost::Profile;
use xsim::pricing::{Terms, Timing, price};
use xsim::report::{ComparisonSubject, comparison_json, comparison_markdown, comparison_text};
use xsim::sim::built_in;

/// Compares files, each with the name it has in reports, and gives what is found to `show`.
fn with_comparison<T>(
    files: &[(&str, &str)],
    platforms: &str,
    terms: &Terms,
    show: impl FnOnce(&ComparisonSubject<'_>) -> T,
) -> T {
    let source = |(name, text): &(&str, &str)| Source::new(*name, text.as_bytes().to_vec()).unwrap();
    let built: Vec<Build> =
        files.iter().map(|file| Build::new(source(file), vec![node(platforms)])).collect();
    let timings: Vec<Timing<'_>> =
        built.iter().map(|build| price(build.outcome().unwrap(), terms).unwrap()).collect();
    let candidates: Vec<Candidate<'_>> = built
        .iter()
        .zip(&timings)
        .map(|(build, timing)| Candidate { build, analysis: build.outcome().unwrap(), timing })
        .collect();
    let comparison = compare(&candidates);
    show(&ComparisonSubject { comparison: &comparison, terms, build_platform: "linux/amd64" })
}

fn sample(folder: &str, file: &str) -> String {
    std::fs::read_to_string(root().join("samples").join(folder).join(file)).unwrap()
}

const WIDE: Style = Style { width: Some(100), ..Style::PLAIN };

/// The trap and its cure.
fn foreign_tool<T>(show: impl FnOnce(&ComparisonSubject<'_>) -> T) -> T {
    let [before, after] = ["before.Dockerfile", "after.Dockerfile"].map(|file| sample("foreign-tool", file));
    let files = [("before.Dockerfile", before.as_str()), ("after.Dockerfile", &after)];
    with_comparison(&files, "linux/amd64,linux/arm64", &terms(), show)
}

/// The real build of the measured trap.
fn measured() -> Run {
    let mut all = runs().into_iter();
    all.find(|run| run.build == "go-d-foreigntool" && run.label == "cold").unwrap()
}

/// The profile of the measured trap: what its log teaches, its images named as its sample names them.
fn profile(measured: &Run) -> Profile {
    const REGISTRY: &str = "127.0.0.1:5000/";
    let text = profile_of(&[measured]).to_toml();
    let text = text.replace(&format!("image = \"{REGISTRY}"), "image = \"docker.io/library/");
    Profile::parse(&text.replace(REGISTRY, "")).unwrap()
}

#[test]
fn the_trap_and_its_cure() {
    let folder = root().join("samples/foreign-tool");
    let (text, markdown, standing) = foreign_tool(|subject| {
        let standing = subject.comparison.verdict.as_ref().map(|verdict| verdict.standing);
        (comparison_text(subject, WIDE), comparison_markdown(subject), standing)
    });
    golden::check(folder.join("compare.report.txt"), &text);
    golden::check(folder.join("compare.report.md"), &markdown);
    // The cure does less of everything, though how long the foreign helper takes is unknown without a measurement, and beside compiles
    // of a usual size it is little: the text says in how many builds it wins.
    assert_eq!(standing, Some(Standing::Faster));
    assert!(text.contains("the faster one in 94 % of the simulated builds"), "{text}");
}

#[test]
fn the_measured_trap_and_its_cure() {
    let folder = root().join("samples/foreign-tool/measured");
    let measured = measured();
    let profile = profile(&measured);
    golden::check(folder.join("profile.toml"), &profile.to_toml());
    let [before, after] =
        ["before.Dockerfile", "after.Dockerfile"].map(|file| sample("foreign-tool/measured", file));
    let files = [("before.Dockerfile", before.as_str()), ("after.Dockerfile", &after)];
    let platforms = "linux/amd64,linux/arm64,linux/arm/v7";
    let terms = Terms { profile: Some(profile), ..Terms::new(built_in("small").unwrap()) };
    let (text, standing, trap) = with_comparison(&files, platforms, &terms, |subject| {
        let comparison = subject.comparison;
        (comparison_text(subject, WIDE), standing(comparison), comparison.builds[0].total.p50.as_secs_f64())
    });
    golden::check(folder.join("compare.report.txt"), &text);
    assert_ne!(standing, Standing::Slower, "the cure does less");
    let error = trap / measured.wall - 1.0;
    assert!(error.abs() < 0.1, "{trap} s predicted, {} s measured", measured.wall);
}

#[test]
fn comparisons_fit_eighty_columns_and_ascii() {
    let text = foreign_tool(|subject| {
        comparison_text(subject, Style { width: Some(80), color: false, unicode: false })
    });
    for line in text.lines() {
        assert!(line.len() <= 80 && line.is_ascii(), "{line}");
    }
}

#[test]
fn nothing_in_a_file_is_markup() {
    let hostile = "<img src=x onerror=alert(1)> | `a` **b** [c](http://d) @everyone\u{202e}\x1b[31m";
    let file = format!("FROM alpine\nRUN echo {hostile}\nCOPY <<x /y\n{hostile}\nx\n");
    let other = format!("FROM alpine\nRUN echo other {hostile}\n");
    let files = [(hostile, file.as_str()), ("B|</details>", &other)];
    with_comparison(&files, "linux/amd64", &terms(), |subject| {
        let markdown = comparison_markdown(subject);
        for bad in ["<img", "](http", "**b", "`a`", "@every", "\u{202e}", "\x1b", "| `", "://"] {
            assert!(!markdown.contains(bad), "{bad}: {markdown}");
        }
        // An empty comment breaks what would be a link.
        for tag in markdown.replace("<!-- -->", "").split('<').skip(1) {
            let name: String = tag.chars().take_while(|char| *char != '>').collect();
            let own = ["details", "/details", "summary", "/summary", "code", "/code", "br"];
            assert!(own.contains(&name.as_str()), "<{name}>");
        }
        assert_eq!(markdown.matches("</details>").count(), 1);
        let rows =
            markdown.lines().filter(|line| line.starts_with('|')).map(|line| line.matches('|').count());
        assert!(rows.clone().all(|bars| bars > 3) && rows.count() > 5, "{markdown}");
        let text = comparison_text(subject, WIDE);
        assert!(!text.contains(['\x1b', '\u{202e}']), "{text:?}");
    });
}

fn json(subject: &ComparisonSubject<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    comparison_json(subject, &mut bytes).unwrap();
    bytes
}

#[test]
fn the_json_adds_up() {
    let value: serde_json::Value = serde_json::from_slice(&foreign_tool(json)).unwrap();
    let steps = value["pairs"][0]["steps"].as_array().unwrap();
    let sum = |name: &str| steps.iter().map(|step| step[name].as_f64().unwrap()).sum::<f64>();
    let of = |build: usize, name: &str| value["builds"][build][name].as_f64().unwrap();
    for (step, build) in [("core_change_s", "core_s"), ("emulation_change_s", "emulation_s")] {
        let change = of(1, build) - of(0, build);
        assert!((sum(step) - change).abs() < 0.05, "{step}: {} and {change}", sum(step));
    }
    let runs = |side: &str| steps.iter().filter_map(|step| step[side]["runs"].as_u64()).sum::<u64>();
    assert_eq!(value["builds"][0]["vertices"], runs("before"));
    assert_eq!(value["builds"][1]["vertices"], runs("after"));
    assert_eq!(foreign_tool(json), foreign_tool(json), "the same every time");
}

fn standing(comparison: &Comparison) -> Standing {
    comparison.verdict.as_ref().unwrap().standing
}

#[test]
fn several_files_fit_too() {
    let [before, after] = ["before.Dockerfile", "after.Dockerfile"].map(|file| sample("foreign-tool", file));
    let files = [("a", before.as_str()), ("b", &after), ("c", &after)];
    with_comparison(&files, "linux/amd64,linux/arm64", &terms(), |subject| {
        assert_eq!(subject.comparison.pairs.len(), 2);
        assert_eq!(standing(subject.comparison), Standing::Same);
        let text = comparison_text(subject, Style { width: Some(80), ..Style::PLAIN });
        assert!(text.contains("C  c") && text.contains("A → C, faster in"), "{text}");
    });
}

#[cfg(feature = "schema")]
mod schema {
    use super::*;
    use xsim::report::comparison_refusal_json;
    use xsim::report::json::comparison_schema;

    #[test]
    fn the_documented_schema_of_comparisons_is_current() {
        let text = serde_json::to_string_pretty(&comparison_schema()).unwrap();
        golden::check(root().join("docs/schema/comparison.json"), &format!("{text}\n"));
    }

    #[test]
    fn every_comparison_fits_the_schema() {
        let validator = jsonschema::validator_for(&comparison_schema()).unwrap();
        let fits = |bytes: &[u8]| {
            let value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
            let problems: Vec<String> =
                validator.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(problems.is_empty(), "{problems:?}");
        };
        fits(&foreign_tool(json));
        let all = samples();
        let texts: Vec<(&str, &str)> = all.iter().map(|(_, source)| (source.name(), source.text())).collect();
        fits(&with_comparison(&texts, "linux/amd64,linux/386", &terms(), json));
        let source = Source::new("Dockerfile", "FROM a\nRUNN x\n".into()).unwrap();
        let node = node("linux/amd64,linux/arm64");
        let refused = Build::new(source.clone(), vec![node.clone()]).into_outcome().unwrap_err();
        let mut bytes = Vec::new();
        let targets = node.inputs.targets();
        comparison_refusal_json(&source, &refused.refusal, targets, &mut bytes).unwrap();
        fits(&bytes);
        assert!(!validator.is_valid(&serde_json::json!({ "schema": "xsim.comparison/2", "builds": 3 })));
    }
}
