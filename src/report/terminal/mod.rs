//! Drawings in characters for the text report: the build over time, and the stages as a tree.
//!
//! Unicode or ASCII, as the place that shows them can do. Computes nothing.

pub(super) mod chart;
mod timeline;
mod tree;

use super::picture::view::Mode;
use super::style::{Paint, Style};
use crate::timeline::Timeline;

pub(super) use self::chart::ascii;
pub(super) use self::timeline::timeline;
pub(super) use self::tree::tree;

/// What a text report shows besides its text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Drawings<'a> {
    /// The build over time.
    pub timeline: Option<&'a Timeline>,
    /// Whether to show the stages as a tree.
    pub tree: bool,
    /// Whether to show the whole file, every stage, and what was found at its lines.
    pub source: bool,
}

/// The colour of a way to run.
pub(super) const fn paint(mode: Option<Mode>) -> Paint {
    match mode {
        None => Paint::Dim,
        Some(Mode::Native) => Paint::Good,
        Some(Mode::Cross) => Paint::Notice,
        Some(Mode::Mixed) => Paint::Warn,
        Some(Mode::Emulated | Mode::Unsupported) => Paint::Bad,
    }
}

/// A heading.
pub(super) fn heading(text: &str, style: Style) -> String {
    format!("  {}", style.paint(Paint::Strong, text))
}
