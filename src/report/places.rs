//! Lines in words: with the name of their Dockerfile where a build has several.

use super::brief::short_digests;
use super::escape::visible;
use crate::analysis::Build;
use crate::graph::StageInfo;
use crate::graph::split::Reason;
use crate::source::{FileLine, Source};

/// The Dockerfiles of a build, as reports speak of their lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'b> {
    build: &'b Build,
}

impl<'b> Places<'b> {
    pub(super) const fn of(build: &'b Build) -> Self {
        Self { build }
    }

    /// Whether there is one Dockerfile, which then needs no name.
    pub(super) fn is_one_file(self) -> bool {
        self.build.files().len() == 1
    }

    /// A line in a sentence: `line 5`, or `web/Dockerfile:5`. Safe to show.
    pub(super) fn line(self, place: FileLine) -> String {
        if self.is_one_file() { format!("line {}", place.line) } else { self.short(place) }
    }

    /// A line in a table: `5`, or `web/Dockerfile:5`. Safe to show.
    pub(super) fn short(self, place: FileLine) -> String {
        let name = self.build.text(place.file).map_or("", Source::name);
        if self.is_one_file() { place.line.to_string() } else { format!("{}:{}", visible(name), place.line) }
    }

    /// Lines as a list; `line 3`, `lines 3, 5`, or with their files.
    pub(super) fn lines(self, places: &[FileLine]) -> String {
        let list = places.iter().map(|place| self.short(*place)).collect::<Vec<_>>().join(", ");
        match places.len() {
            _ if !self.is_one_file() => list,
            1 => format!("line {list}"),
            _ => format!("lines {list}"),
        }
    }

    /// Why a stage parts. Not safe to show.
    pub(super) fn reason(self, reason: &Reason) -> String {
        short_digests(&reason.text_at(|place| self.line(place))).into_owned()
    }
}

/// The line of the `FROM` of a stage.
pub(super) const fn from_line(stage: &StageInfo) -> FileLine {
    FileLine { file: stage.file, line: stage.line }
}
