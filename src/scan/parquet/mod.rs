//! Tables in Parquet: texts read from them, rows written to them, both in bounded memory.
//!
//! By the columns of the file format alone, without Arrow's own: docs/decisions/0010-parquet.md.

mod read;
mod write;

pub use self::read::{Texts, TextsBatch};
pub use self::write::RowWriter;

/// A file or a table that is not what it should be, or a writer that refuses.
pub use parquet::errors::ParquetError;
