//! SYNTAX: the text of a Dockerfile as a tree, by the rules that BuildKit's parser applies.
//!
//! No I/O, no expansion, no platforms. Parsing never fails and never panics: [`parse`] returns what it understood and
//! every problem it met, and says which of them BuildKit would stop at.
//!
//! The way through: `lines` joins physical lines, `flags` and `words` cut them, `instruction` types them.

mod arena;
pub mod ast;
mod csv;
mod directive;
mod duration;
pub mod expand;
mod flags;
mod heredoc;
mod instruction;
mod json;
mod lines;
mod parser;
mod specs;
mod words;

pub use self::arena::Arena;
pub(crate) use self::directive::{CheckOptions, as_directive, check_options, check_value, parse_bool};
pub use self::duration::parse as parse_duration;
pub(crate) use self::heredoc::chomp;
pub use self::lines::MAX_LINE;
pub(crate) use self::parser::parse_trigger;
pub use self::parser::{Dockerfile, MAX_INSTRUCTIONS, Phase, Problem, parse, parse_text};
pub(crate) use self::words::lower;
