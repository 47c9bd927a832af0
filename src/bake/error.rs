//! What is wrong with a definition, and where.

use std::sync::Arc;

use crate::source::{Source, Span};

/// Why a definition means nothing.
#[derive(Debug, Clone)]
pub struct Error {
    /// What is wrong, as a sentence without its point.
    pub message: String,
    /// Where: the file, and the bytes in it.
    pub place: Option<(Arc<Source>, Span)>,
}

/// How it is said that a target is not defined.
const NO_TARGET: &str = "there is no target ";

/// What is said of a target that is not defined.
pub(super) fn no_target(name: &str) -> String {
    format!("{NO_TARGET}{name:?}")
}

impl Error {
    /// The target that is not defined, if that is wrong.
    pub(crate) fn missing_target(&self) -> Option<&str> {
        self.message.strip_prefix(NO_TARGET)?.strip_prefix('"')?.strip_suffix('"')
    }

    /// An error of no place in a file.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), place: None }
    }

    pub(super) fn at(message: impl Into<String>, file: &Arc<Source>, span: Span) -> Self {
        // An expression's span may reach to what follows it; blanks are no part of what is wrong.
        let blanks = file.slice(span).len() - file.slice(span).trim_end().len();
        let span = Span::new(span.start, span.end - blanks as u32);
        Self { message: message.into(), place: Some((Arc::clone(file), span)) }
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// An error in a file that is known where it is caught.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) span: Span,
    pub(super) file: Arc<Source>,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self::at(fault.message, &fault.file, fault.span)
    }
}
