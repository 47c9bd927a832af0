//! How much was found in all files of a run.

use crate::diagnostic::{Diagnostic, Severity};
use crate::report::escape::count;

/// What was found, counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    files: usize,
    errors: usize,
    warnings: usize,
    notes: usize,
    suppressed: usize,
}

impl Totals {
    /// Adds what was found in one file.
    pub fn add(&mut self, found: &[Diagnostic]) {
        self.files += 1;
        for diagnostic in found {
            *match diagnostic.severity {
                _ if !diagnostic.counts() => &mut self.suppressed,
                Severity::Error => &mut self.errors,
                Severity::Warning => &mut self.warnings,
                Severity::Note => &mut self.notes,
            } += 1;
        }
    }

    /// The counts in a line.
    pub fn line(&self) -> String {
        let kinds = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let counted: Vec<String> = kinds
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| count(*number, what))
            .collect();
        let found = if counted.is_empty() { "nothing found".to_owned() } else { counted.join(", ") };
        let suppressed = match self.suppressed {
            0 => String::new(),
            number => format!("; {number} suppressed"),
        };
        format!("{found} in {}{suppressed}\n", count(self.files, "file"))
    }
}
