//! The example on each rule's page.

use xsim::advice::rules;

use super::{findings, fixed, nodes_for};

#[test]
fn examples_are_true() {
    for rule in rules::lints() {
        let (nodes, doc) = (nodes_for(rule.code, &["linux/amd64", "linux/arm64"]), rule.doc.unwrap());
        let of = |text: &str| {
            findings(text, &nodes).into_iter().filter(|f| f.rule.code == rule.code).collect::<Vec<_>>()
        };
        let before = of(doc.before);
        assert!(!before.is_empty(), "{} finds nothing in its own example", rule.code);
        let after = of(doc.after);
        assert!(after.is_empty(), "{} finds {:?} in its own cure", rule.code, after);
        let has_fix = before.iter().any(|finding| finding.fix.is_some());
        assert_ne!(has_fix, doc.no_fix.is_some(), "{} either has a fix or says why not", rule.code);
        if has_fix {
            let fixed = fixed(doc.before, rule.code, &nodes);
            assert_eq!(fixed.text(), doc.after, "{}: {:?}", rule.code, fixed.rejected);
            assert!(fixed.applied.iter().all(|applied| applied.rule.code == rule.code));
        }
    }
}

#[test]
fn rules_have_distinct_kebab_case_codes_and_whole_pages() {
    let is_kebab = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    for rule in rules::lints().chain(rules::workflow_lints()) {
        assert!(rule.code.bytes().all(is_kebab), "{}", rule.code);
        assert_eq!(rules::find(rule.code), Some(rule));
        let doc = rule.doc.unwrap();
        for text in [doc.what, doc.why, doc.silent].into_iter().chain(doc.no_fix) {
            assert!(text.ends_with('.') && !text.contains("  "), "{}: {text:?}", rule.code);
        }
        assert!(!rule.summary.ends_with('.'), "{}", rule.code);
    }
}
