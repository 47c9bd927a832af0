//! The builds of a repository and what a workflow costs, for people and for programs.

mod json;
mod text;
mod words;
mod workflow;
mod workflow_json;

#[cfg(feature = "schema")]
pub use json::builds_schema;
pub use json::write_json;
pub use text::write_text;
pub use workflow::{WorkflowSubject, workflow_text};
pub use workflow_json::workflow_json;
#[cfg(feature = "schema")]
pub use workflow_json::workflow_schema;
