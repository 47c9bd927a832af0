//! The page: one HTML file that shows file, graph and timeline beside each other and re-times the build as its reader asks.
//!
//! `page.html` is the template, in `base.html`, which all pages are in; the style sheets and the scripts are real files; they stand in the page itself, and its policy
//! lets nothing else run and nothing be fetched. What the settings do was simulated before
//! ([`crate::explore`]); the script only shows it. Every text reaches the page through the template or the picture's
//! writer, both of which escape it.

mod build;
mod comparison;
mod data;
mod listing;
mod policy;
mod steps;

use askama::Template;

use self::build::BuildView;
use self::comparison::ComparisonView;
pub(super) use self::policy::{policy, style_policy};
use super::ComparisonSubject;
use super::picture::view::{BoxKind, Mode};
use super::picture::{STYLE, sign, signs};
use super::workflow::in_markup;
use crate::analysis::{Analysis, Build};
use crate::diagnostic::Diagnostic;
use crate::explore::Exploration;
use crate::pricing::Timing;

/// A build whose settings were explored: what a page shows.
#[derive(Debug, Clone, Copy)]
pub struct Explored<'a> {
    /// The build.
    pub build: &'a Build,
    /// What became of it.
    pub analysis: &'a Analysis,
    /// How long it takes.
    pub timing: &'a Timing<'a>,
    /// How long it takes under other settings.
    pub found: &'a Exploration,
    /// What is wrong with it or costs it time, in the order of its lines.
    pub findings: &'a [Diagnostic],
}

/// The style sheet that all pages have.
pub(super) const BASE_STYLE: &str = include_str!("base.css");
/// The page's own style sheet.
const PAGE_STYLE: &str = include_str!("page.css");

/// The scripts, in the order in which they need each other.
const SCRIPT: &str = concat!(
    include_str!("script/words.js"),
    include_str!("script/links.js"),
    include_str!("script/timeline.js"),
    include_str!("script/table.js"),
    include_str!("script/changes.js"),
    include_str!("script/settings.js"),
    include_str!("script/build.js"),
    include_str!("script/page.js"),
);

#[derive(Template)]
#[template(path = "page.html", config = "src/report/page/askama.toml")]
struct Page<'a> {
    title: String,
    policy: String,
    style: &'a str,
    script: &'a str,
    builds: Vec<BuildView>,
    comparison: Option<ComparisonView>,
    legend: Vec<(String, &'static str)>,
    signs: String,
}

/// The page of a build.
///
/// # Errors
/// None in practice: only where memory refuses to be written to.
pub fn analysis_html(explored: &Explored<'_>) -> Result<String, askama::Error> {
    let build = BuildView::new(explored, 0, 0, 0);
    page(build.name.clone(), vec![build], None)
}

/// The page of a comparison of builds, explored under the same grid and in the order of the comparison.
///
/// # Errors
/// None in practice: only where memory refuses to be written to.
pub fn comparison_html(
    subject: &ComparisonSubject<'_>,
    explored: &[Explored<'_>],
) -> Result<String, askama::Error> {
    let mut builds: Vec<BuildView> = Vec::with_capacity(explored.len());
    let (mut step, mut picture) = (0, 0);
    for (number, explored) in explored.iter().enumerate() {
        let build = BuildView::new(explored, number, step, picture);
        step += build.steps;
        picture += build.graphs.len();
        builds.push(build);
    }
    let comparison = ComparisonView::new(subject, &builds);
    let names: Vec<&str> = builds.iter().map(|build| build.name.as_str()).collect();
    page(names.join(", "), builds, Some(comparison))
}

fn page(
    title: String,
    builds: Vec<BuildView>,
    comparison: Option<ComparisonView>,
) -> Result<String, askama::Error> {
    let style = Style { base: BASE_STYLE, page: PAGE_STYLE, picture: STYLE }.render()?;
    let legend = Mode::VALUES.iter().map(|mode| (sign(BoxKind::Command, Some(*mode)), mode.meaning()));
    let policy = policy(&style, SCRIPT);
    let legend = legend.collect();
    let page =
        Page { title, policy, style: &style, script: SCRIPT, builds, comparison, legend, signs: signs() };
    Ok(in_markup(&page.render()?).into_owned())
}

/// The page's style sheet with that of the pictures in it, so that colours have one place.
#[derive(Template)]
#[template(path = "style.css", escape = "none", config = "src/report/page/askama.toml")]
struct Style<'a> {
    base: &'a str,
    page: &'a str,
    picture: &'a str,
}
