//! How a text report may look: its width, its colours, its characters.

use std::fmt::Display;

use anstyle::{AnsiColor, Color, Effects};

/// What the place that shows a report can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns; lines of the file that are longer are cut. `None` cuts nothing, as for a pipe.
    pub width: Option<usize>,
    /// Whether ANSI colours may be used.
    pub color: bool,
    /// Whether characters outside ASCII may be used for lines and marks.
    pub unicode: bool,
}

impl Style {
    /// For a pipe or file: no colours, nothing cut.
    pub const PLAIN: Self = Self { width: None, color: false, unicode: true };

    /// `text` in the colour of `paint`, if colours may be used.
    pub fn paint(&self, paint: Paint, text: impl Display) -> String {
        if !self.color || paint == Paint::Plain {
            return text.to_string();
        }
        let style = paint.style();
        format!("{style}{text}{style:#}")
    }

    /// One of two texts, by whether characters outside ASCII may be used.
    pub fn either<'t>(&self, unicode: &'t str, ascii: &'t str) -> &'t str {
        if self.unicode { unicode } else { ascii }
    }

    /// The width for running text.
    pub fn columns(&self) -> usize {
        self.width.unwrap_or(100)
    }
}

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paint {
    /// Runs once, natively.
    Good,
    /// Runs more than once, or crosses.
    Notice,
    /// Runs a foreign program, or splits.
    Warn,
    /// Runs under emulation, or not at all.
    Bad,
    /// Nothing in particular.
    Plain,
    /// Less important.
    Dim,
    /// A heading or name.
    Strong,
}

impl Paint {
    fn style(self) -> anstyle::Style {
        let color = |color| anstyle::Style::new().fg_color(Some(Color::Ansi(color)));
        match self {
            Self::Good => color(AnsiColor::Green),
            Self::Notice => color(AnsiColor::Cyan),
            Self::Warn => color(AnsiColor::Yellow),
            Self::Bad => color(AnsiColor::Red).effects(Effects::BOLD),
            Self::Plain => anstyle::Style::new(),
            Self::Dim => anstyle::Style::new().effects(Effects::DIMMED),
            Self::Strong => anstyle::Style::new().effects(Effects::BOLD),
        }
    }
}
