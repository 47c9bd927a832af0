//! The builds of a repository: a list for people and one for programs.

mod json;
mod text;
mod words;

pub use json::write_json;
pub use text::write_text;
