//! The graph as JSON fits its documented schema.

use xsim::report::picture::{Detail, graph_schema, json};

use super::with_all;
use crate::golden;

#[test]
fn the_documented_schema_of_graphs_is_current() {
    let text = serde_json::to_string_pretty(&graph_schema()).expect("JSON") + "\n";
    golden::check("docs/schema/graph.json", &text);
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
