//! `docs/findings.md`, generated from the rules.

use std::fmt::Write as _;

use xsim::advice::rules;
use xsim::diagnostic::{Applicability, Rule};

use super::{findings, nodes_for};
use crate::golden;

fn page() -> String {
    let mut page = String::from(
        "# Findings\n\n\
         What `xsim analyze` points out and `xsim fix` changes. This page is generated from the rules: each example is run by\n\
         the tests. What stops a build is on a page of its own, [diagnostics](diagnostics.md).\n\n\
         A finding is an **error** where an image comes out wrong, a **warning** where the build does avoidable work or the file\n\
         does not mean what it says, and a **note** where something is worth knowing. A fix is applied only if the file still\n\
         builds, every image is still made of the same operations in the same order but for what the rule says, and the simulated\n\
         build takes no longer; what repairs an image, and so makes another one, is applied only with `--only RULE`. How fixes and recipes\n\
         are tried with a real BuildKit is said [on a page of its own](fixes-built.md).\n\n\
         A comment above an instruction leaves a rule out for it: `# xsim: ignore=RULE reason`. Never put one above a parser\n\
         directive such as `# syntax=`: a comment there switches the directive off.\n\n\
         A rule that is a build check of BuildKit (`docker build --check`) has its name, and one that is a part of a check names\n\
         it. `# check=skip=StageNameCasing` turns them off here, too: at the top of the file for all of it, above an instruction\n\
         for that one, or as the build argument `BUILDKIT_DOCKERFILE_CHECK`. With `# check=error=true` BuildKit fails the build at\n\
         any of its checks; xsim says so and reports the graph all the same.\n\n\
         | rule | severity | fix | build check |\n| --- | --- | --- | --- |\n",
    );
    for rule in rules::lints() {
        let check = rule.build_check.unwrap_or("");
        writeln!(page, "| [{0}](#{0}) | {1} | {2} | {check} |", rule.code, rule.severity, kind_of_fix(rule))
            .unwrap();
    }
    for rule in rules::lints() {
        section(&mut page, rule, "dockerfile");
    }
    page.push_str(
        "\n# Findings in workflows\n\n\
         What is found in the workflows of a repository, by `xsim check .`, `xsim builds` and `xsim analyze WORKFLOW`, with what a change saves of\n\
         the whole workflow. A comment above a step, or above the line in it, leaves a rule out: `# xsim: ignore=RULE reason`. `xsim fix WORKFLOW`\n\
         applies a fix only if the repository builds the same with it. The examples build a Dockerfile whose first stage installs packages and\n\
         compiles, and `pinned.Dockerfile`, whose first stage makes a bundle on the platform of the machine.\n\n\
         | rule | severity | fix |\n| --- | --- | --- |\n",
    );
    for rule in rules::workflow_lints() {
        let fix = if rule.doc.unwrap().no_fix.is_none() { "yes" } else { "" };
        writeln!(page, "| [{0}](#{0}) | {1} | {fix} |", rule.code, rule.severity).unwrap();
    }
    for rule in rules::workflow_lints() {
        section(&mut page, rule, "yaml");
    }
    page
}

/// How the rule's own example is fixed.
fn kind_of_fix(rule: &Rule) -> &'static str {
    let found = findings(rule.doc.unwrap().before, &nodes_for(rule.code, &["linux/amd64", "linux/arm64"]));
    match found.iter().find(|finding| finding.rule == rule).and_then(|finding| finding.fix.as_ref()) {
        Some(fix) if fix.applicability == Applicability::Always => "yes",
        Some(_) => "on request",
        None => "",
    }
}

fn section(page: &mut String, rule: &Rule, language: &str) {
    let doc = rule.doc.unwrap();
    let summary = capital(rule.summary);
    write!(page, "\n## {}\n\n{summary}.\n\n", rule.code).unwrap();
    paragraph(page, doc.what);
    paragraph(page, doc.why);
    writeln!(page, "```{language}\n{}```\n", doc.before).unwrap();
    writeln!(page, "Instead:\n\n```{language}\n{}```\n", doc.after).unwrap();
    paragraph(page, &format!("Silent: {}", lower(doc.silent)));
    if let Some(why) = doc.no_fix {
        paragraph(page, &format!("Nothing is changed: {why}"));
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn lower(text: &str) -> String {
    let proper = text.starts_with("QEMU") || text.starts_with('`');
    let mut letters = text.chars();
    let first = letters.next().filter(|_| !proper);
    first.map_or_else(|| text.to_owned(), |first| first.to_lowercase().chain(letters).collect())
}

/// Words in lines of at most 120 characters.
fn paragraph(page: &mut String, text: &str) {
    let mut width = 0;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 120 {
            page.push('\n');
            width = 0;
        }
        if width > 0 {
            page.push(' ');
            width += 1;
        }
        page.push_str(word);
        width += length;
    }
    page.push_str("\n\n");
}

#[test]
fn the_page_is_current() {
    golden::check("docs/findings.md", &page());
}
