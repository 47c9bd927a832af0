//! The builds of a repository: a list for people and one for programs.

mod json;
mod text;
mod words;

#[cfg(feature = "schema")]
pub use json::builds_schema;
pub use json::write_json;
pub use text::write_text;
