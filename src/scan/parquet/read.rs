//! Texts of a table in Parquet.

use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader as _, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use crate::scan::{Columns, Job, Settings};

/// Rows that are decoded together: few, as a text may be long.
const DECODED: usize = 64;

/// Rows that are worked on together, and after how many bytes no more are added: what is handed to a thread at once.
const MAX_BATCH: (usize, usize) = (32, 256 << 10);

/// Reads the texts of a table in batches. A table that turns out to be broken ends with a row that says so.
pub struct Texts {
    rows: RowIter<'static>,
    columns: Arc<Columns>,
    count: u64,
    next: u64,
    is_over: bool,
}

/// Some texts of a table.
pub struct TextsBatch {
    /// The number of the first, from 1.
    first: u64,
    texts: Vec<Result<Row, ParquetError>>,
    columns: Arc<Columns>,
    /// Which part of the table is read with them, from 0 to 1.
    pub done: f64,
}

impl Texts {
    /// The texts in some columns of a table.
    ///
    /// # Errors
    /// Where it is no Parquet, or has no such columns.
    pub fn new(from: impl ChunkReader + 'static, columns: &Columns) -> Result<Self, ParquetError> {
        let file = SerializedFileReader::new(from)?;
        let about = file.metadata().file_metadata();
        let names = [Some(&columns.text), columns.key.as_ref(), columns.repository.as_ref()];
        let mut fields: Vec<Arc<Type>> = Vec::new();
        for name in names.into_iter().flatten() {
            let known = about.schema().get_fields();
            let field = known.iter().find(|field| field.name() == name).ok_or_else(|| {
                let known: Vec<&str> = known.iter().take(20).map(|field| field.name()).collect();
                ParquetError::General(format!(
                    "the table has no column {name:?}; it has {}",
                    known.join(", ")
                ))
            })?;
            if !fields.iter().any(|known| known.name() == name) {
                fields.push(Arc::clone(field));
            }
        }
        let wanted = Type::group_type_builder(about.schema().name()).with_fields(fields).build()?;
        let count = u64::try_from(about.num_rows()).unwrap_or_default();
        let rows = RowIter::from_file_into(Box::new(file)).project(Some(wanted))?.with_batch_size(DECODED);
        Ok(Self { rows, columns: Arc::new(columns.clone()), count, next: 1, is_over: false })
    }
}

impl Iterator for Texts {
    type Item = TextsBatch;

    fn next(&mut self) -> Option<TextsBatch> {
        let (first, mut texts, mut bytes) = (self.next, Vec::new(), 0);
        while !self.is_over && texts.len() < MAX_BATCH.0 && bytes < MAX_BATCH.1 {
            match self.rows.next() {
                Some(row) => {
                    self.is_over = row.is_err();
                    bytes += row.as_ref().map_or(0, size);
                    texts.push(row);
                }
                None => self.is_over = true,
            }
        }
        self.next += texts.len() as u64;
        let done = (self.next - 1) as f64 / self.count.max(1) as f64;
        let columns = Arc::clone(&self.columns);
        (!texts.is_empty()).then_some(TextsBatch { first, texts, columns, done })
    }
}

/// About how many bytes a row has.
fn size(row: &Row) -> usize {
    let fields = row.get_column_iter().map(|(_, field)| match field {
        Field::Str(text) => text.len(),
        Field::Bytes(bytes) => bytes.len(),
        _ => 8,
    });
    fields.sum()
}

impl TextsBatch {
    /// The texts as jobs; `table` is what the table is called.
    pub fn jobs(self, table: &str, settings: &Settings) -> Vec<Job> {
        let columns = self.columns;
        let job = |(number, row): (u64, Result<Row, ParquetError>)| {
            let place = format!("{table}:{number}");
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    let error = Some(error.to_string());
                    return Job { file: place.clone(), place, error, ..Job::default() };
                }
            };
            let field =
                |name: &str| row.get_column_iter().find(|(known, _)| *known == name).map(|(_, field)| field);
            let named = |name: &Option<String>| field(name.as_deref()?).and_then(word);
            let key = named(&columns.key).unwrap_or_else(|| place.clone());
            let repository = named(&columns.repository).unwrap_or_default();
            let text = match field(&columns.text) {
                Some(Field::Str(text)) => Ok(text.clone().into_bytes()),
                Some(Field::Bytes(bytes)) => Ok(bytes.data().to_vec()),
                Some(Field::Null) | None => Err("is missing"),
                Some(_) => Err("is no text"),
            };
            match text {
                Ok(text) => Job::of_text(&repository, &key, &place, text, settings),
                Err(what) => {
                    let error = Some(format!("the column {:?} {what}", columns.text));
                    Job { repository, file: key, place, error, ..Job::default() }
                }
            }
        };
        (self.first..).zip(self.texts).map(job).collect()
    }
}

/// A field as a name; nothing for one that has no value.
fn word(field: &Field) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Bytes(bytes) => Some(String::from_utf8_lossy(bytes.data()).into_owned()),
        other => Some(other.to_string()),
    }
}
