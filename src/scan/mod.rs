//! SCAN: many builds, a row each.
//!
//! One function leads from a text and how it is built to a row ([`analyze`]); it never fails. Around it: the builds of a
//! repository as jobs ([`jobs`]), tables of texts as jobs ([`Lines`]), threads that keep the order ([`ordered`]), and all rows in
//! a few numbers ([`Summary`]). Whatever the number of builds, what is in memory is bounded.
//!
//! ```
//! use xsim::scan::{Job, Settings, analyze};
//!
//! let settings = Settings { platforms: vec!["linux/amd64".into(), "linux/arm64".into()], ..Settings::default() };
//! let text = b"FROM alpine\nRUN apk add git\n".to_vec();
//! let row = analyze(Job::of_text("", "key", "", text, &settings), &settings);
//! assert_eq!((row.runs, row.emulated), (2, 1));
//! let row = analyze(Job::of_text("", "key", "", b"RUN x\n".to_vec(), &settings), &settings);
//! assert!(row.error.is_some());
//! ```

mod job;
mod lines;
#[cfg(feature = "parquet")]
pub mod parquet;
mod pool;
mod repository;
mod row;
mod summary;

pub use self::job::{Asked, Job, Settings, analyze, build};
pub use self::lines::{Batch, Columns, Lines, MAX_LINE};
pub use self::pool::ordered;
pub use self::repository::jobs;
pub use self::row::{Found, Row};
pub use self::summary::{CLASSES, MAX_REPOSITORIES, MAX_ROWS, OfRepository, OfRule, Summary};
