//! All integration tests, as one program: a module for each subject.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on should stop

mod action;
mod advice;
mod architecture;
mod bake;
mod builds;
mod cases;
mod check;
mod cli;
mod completions;
mod conformance;
mod diagnostics;
mod docs;
mod fuzz_corpus;
mod golden;
#[cfg(feature = "cli")]
mod group_reports;
mod groups;
mod hostile;
mod judgements;
mod learning;
mod letters;
mod library;
mod logs;
mod mistakes;
mod observe;
mod one_lint;
mod page;
mod parser_agreement;
mod pictures;
mod policy;
mod projects;
mod published;
mod reasons;
mod reports;
mod scan;
mod stages_together;
mod timing;
mod timing_data;
mod translate;
#[cfg(feature = "report")]
mod truth;
mod verdicts;
mod words;
mod workflows;
mod written;
