//! What the pages for people say can be followed: links lead somewhere, commands run, and options exist.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Markdown pages: at the top, in `docs/` and beside the samples.
fn pages() -> Vec<(PathBuf, String)> {
    let mut folders = vec![root().to_owned()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is_top = folder == root();
            let leads_to_pages = ["docs", "samples"].iter().any(|name| path.starts_with(root().join(name)));
            if path.is_dir() && (!is_top || leads_to_pages) {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "md") {
                let text = std::fs::read_to_string(&path).unwrap();
                pages.push((path, text));
            }
        }
    }
    assert!(pages.len() > 20, "the pages are gone");
    pages.sort();
    pages
}

/// A page without its blocks of code.
fn prose(page: &str) -> String {
    page.split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// The targets of links and images.
fn links(page: &str) -> Vec<String> {
    let prose = prose(page);
    let rest = prose.match_indices("](").map(|(at, _)| &prose[at + 2..]);
    rest.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// What GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|char| char.is_alphanumeric() || "-_ ".contains(*char));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

fn anchors(page: &str) -> BTreeSet<String> {
    let prose = prose(page);
    let headings = prose.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn links_lead_somewhere() {
    let mut seen = 0;
    for (path, text) in pages() {
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link} leads nowhere", path.display());
            if !part.is_empty() {
                let page = std::fs::read_to_string(&target).unwrap();
                assert!(anchors(&page).contains(part), "{}: {link} is no heading", path.display());
            }
            seen += 1;
        }
    }
    assert!(seen > 50, "only {seen} links were found");
}

/// The site has every page of `docs/`.
#[test]
fn the_site_lists_every_page() {
    let docs = root().join("docs");
    let listed: BTreeSet<PathBuf> = links(&std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap())
        .into_iter()
        .map(|link| docs.join(link))
        .collect();
    for (path, _) in pages().into_iter().filter(|(path, _)| path.starts_with(&docs)) {
        assert!(
            listed.contains(&path) || path.ends_with("SUMMARY.md"),
            "{} is not in docs/SUMMARY.md",
            path.display()
        );
    }
}

/// The pages that a page leads to: those it links, and those of folders it links.
fn led_to(path: &Path, text: &str) -> BTreeSet<PathBuf> {
    let files = links(text).into_iter().filter(|link| !link.contains("://"));
    let files = files.map(|link| path.parent().unwrap().join(link.split('#').next().unwrap_or_default()));
    files.filter_map(|file| file.canonicalize().ok()).collect()
}

#[test]
fn every_page_is_reached_from_the_readme_and_the_site() {
    let pages: Vec<(PathBuf, String)> =
        pages().into_iter().map(|(path, text)| (path.canonicalize().unwrap(), text)).collect();
    for start in ["README.md", "docs/SUMMARY.md"] {
        let mut reached = BTreeSet::from([root().join(start).canonicalize().unwrap()]);
        let mut before = 0;
        while before < reached.len() {
            before = reached.len();
            let is_reached = |path: &Path, reached: &BTreeSet<PathBuf>| {
                reached.contains(path) || path.parent().is_some_and(|folder| reached.contains(folder))
            };
            for (path, text) in &pages {
                if is_reached(path, &reached) {
                    reached.extend(led_to(path, text));
                }
            }
            let within = pages.iter().map(|(path, _)| path).filter(|path| is_reached(path, &reached));
            let within: Vec<PathBuf> = within.cloned().collect();
            reached.extend(within);
        }
        let lost: Vec<&PathBuf> = pages
            .iter()
            .map(|(path, _)| path)
            .filter(|path| {
                !reached.contains(*path) && path.file_name().is_some_and(|name| name != "SUMMARY.md")
            })
            .filter(|path| {
                start == "README.md" || path.starts_with(root().canonicalize().unwrap().join("docs"))
            })
            .collect();
        assert!(lost.is_empty(), "no way leads from {start} to {lost:?}");
    }
}

#[cfg(feature = "cli")]
fn xsim(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xsim")).current_dir(root()).args(args).output().unwrap()
}

/// Commands on samples, as the samples' pages and the README show them.
#[cfg(feature = "cli")]
#[test]
fn commands_on_samples_run() {
    let mut seen = 0;
    for (path, text) in pages() {
        let text = text.replace("\\\n", " ");
        for line in text.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (["cargo", "run", "--release", "--", args @ ..] | ["xsim", args @ ..]) = words.as_slice()
            else {
                continue;
            };
            if !args.iter().any(|word| word.starts_with("samples/")) {
                continue;
            }
            let output = xsim(args);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{}: {line}: {said}", path.display());
            assert!(!output.stdout.is_empty(), "{}: {line}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 5, "only {seen} commands were found");
}

/// The options in a text: `--name`, whatever follows.
#[cfg(feature = "cli")]
fn options(text: &str) -> BTreeSet<String> {
    let starts = text.match_indices("--").map(|(at, _)| (at, &text[at + 2..]));
    let begins = |at: usize| !text[..at].ends_with(|char: char| char.is_alphanumeric() || char == '-');
    let name = |rest: &str| -> String {
        rest.chars().take_while(|char| char.is_ascii_lowercase() || *char == '-').collect()
    };
    let names = starts.filter(|(at, _)| begins(*at)).map(|(_, rest)| name(rest));
    names.filter(|name| name.len() > 1 && !name.starts_with('-')).collect()
}

#[cfg(feature = "cli")]
#[test]
fn every_option_is_described_and_exists() {
    let commands = [
        "analyze",
        "builds",
        "check",
        "compare",
        "graph",
        "explain",
        "fix",
        "scan",
        "observe",
        "calibrate",
        "translate",
    ];
    let mut known = BTreeSet::from(["help".to_owned(), "version".to_owned()]);
    for command in commands {
        let help = xsim(&[command, "--help"]);
        // What a help text quotes of another tool is no option of xsim.
        let help = String::from_utf8_lossy(&help.stdout).into_owned();
        let own = help.lines().filter(|line| line.trim_start().starts_with('-')).collect::<Vec<_>>();
        let own = own.iter().map(|line| line.split("  ").find(|part| !part.is_empty()).unwrap());
        known.extend(own.flat_map(options));
    }
    let page = |name: &str| std::fs::read_to_string(root().join(name)).unwrap();
    let described = options(&["docs/cli.md", "docs/ci.md", "docs/scale.md"].map(page).concat());
    let missing: Vec<&String> = known.iter().filter(|name| !described.contains(*name)).collect();
    assert_eq!(missing, ["help", "version"], "no page describes these");
    // The first cell of a row is an option of xsim.
    let rows = ["docs/cli.md", "docs/ci.md", "docs/scale.md"].map(page).concat();
    let rows = rows.lines().filter_map(|line| line.strip_prefix("| `--")?.split_once(" | "));
    for (cell, _) in rows {
        for name in options(&format!("--{cell}")) {
            assert!(known.contains(&name), "--{name} does not exist: {cell}");
        }
    }
}
