//! The graph as JSON fits its documented schema.

use std::path::PathBuf;

use xsim::report::picture::{Detail, graph_schema, json};

use super::with_all;

#[test]
fn the_documented_schema_of_graphs_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/schema/graph.json");
    let text = serde_json::to_string_pretty(&graph_schema()).expect("JSON") + "\n";
    if std::env::var_os("XSIM_BLESS").is_some() {
        std::fs::write(&path, &text).expect("a file");
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    assert!(known == text, "{} is not current: set XSIM_BLESS to write it", path.display());
}

#[test]
fn every_graph_fits_the_schema() {
    let validator = jsonschema::validator_for(&graph_schema()).expect("a schema");
    let fits = |name: &str, text: &str| {
        let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let problems: Vec<String> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
        assert!(problems.is_empty(), "{name}: {problems:?}");
    };
    with_all(|build| {
        build.with_view(|view, _| fits(build.name, &json(view).expect("JSON")));
        build.with_time(None, |view, _, _| {
            fits(build.name, &json(view).expect("JSON"));
            fits(build.name, &json(&view.clone().in_detail(Detail::Stage)).expect("JSON"));
        })
    });
    assert!(!validator.is_valid(&serde_json::json!({ "schema": "xsim.graph/1", "boxes": 3 })));
}
