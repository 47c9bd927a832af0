//! Rows as a table in Parquet.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::scan::{Found, Row};

/// The columns, in the order of [`Row`]. They are those that Arrow writes of the same rows.
const SCHEMA: &str = "message row {
  required binary repository (STRING);
  required binary file (STRING);
  required binary place (STRING);
  optional binary target (STRING);
  required group platforms (LIST) { repeated group list { required binary element (STRING); } }
  required binary hash (STRING);
  required int32 steps;
  required int32 runs;
  required int32 emulated;
  optional double p10_s;
  optional double p50_s;
  optional double p90_s;
  required double emulation_s;
  required double repeated_s;
  required double lost_s;
  required group findings (LIST) { repeated group list { required group element {
    required binary rule (STRING);
    required binary severity (STRING);
    optional int32 line;
    required binary message (STRING);
    optional double saving_s;
    required boolean is_fixable;
  } } }
  required int32 wrong_images;
  required group unknown (LIST) { repeated group list { required binary element (STRING); } }
  optional binary error (STRING);
}";

/// Rows that are held until they are written, as a row group.
const GROUP: usize = 8_192;

/// Writes rows to a table.
pub struct RowWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    held: Vec<Row>,
}

impl<W: Write + Send> RowWriter<W> {
    /// An empty table.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn new(to: W) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        Ok(Self { file: SerializedFileWriter::new(to, schema, Arc::new(properties))?, held: Vec::new() })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn add(&mut self, row: &Row) -> Result<(), ParquetError> {
        self.held.push(row.clone());
        if self.held.len() < GROUP { Ok(()) } else { self.write() }
    }

    /// Ends the table and gives back what it was written to.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        if !self.held.is_empty() {
            self.write()?;
        }
        self.file.into_inner()
    }

    /// Writes the rows that are held.
    fn write(&mut self) -> Result<(), ParquetError> {
        let rows = std::mem::take(&mut self.held);
        let mut group = Group { writer: self.file.next_row_group()?, rows: &rows };
        group.texts(|row| &row.repository)?;
        group.texts(|row| &row.file)?;
        group.texts(|row| &row.place)?;
        group.optional::<ByteArrayType>(|row| row.target.as_deref().map(bytes))?;
        group.list::<ByteArrayType>(|row| row.platforms.iter().map(|text| bytes(text)).collect())?;
        group.texts(|row| &row.hash)?;
        group.counts(|row| row.steps)?;
        group.counts(|row| row.runs)?;
        group.counts(|row| row.emulated)?;
        group.optional::<DoubleType>(|row| row.p10_s)?;
        group.optional::<DoubleType>(|row| row.p50_s)?;
        group.optional::<DoubleType>(|row| row.p90_s)?;
        group.required::<DoubleType>(|row| row.emulation_s)?;
        group.required::<DoubleType>(|row| row.repeated_s)?;
        group.required::<DoubleType>(|row| row.lost_s)?;
        group.found::<ByteArrayType>(|found| bytes(&found.rule))?;
        group.found::<ByteArrayType>(|found| bytes(&found.severity))?;
        group.optional_found::<Int32Type>(|found| found.line.map(signed))?;
        group.found::<ByteArrayType>(|found| bytes(&found.message))?;
        group.optional_found::<DoubleType>(|found| found.saving_s)?;
        group.found::<BoolType>(|found| found.is_fixable)?;
        group.counts(|row| row.wrong_images)?;
        group.list::<ByteArrayType>(|row| row.unknown.iter().map(|text| bytes(text)).collect())?;
        group.optional::<ByteArrayType>(|row| row.error.as_deref().map(bytes))?;
        group.writer.close().map(drop)
    }
}

/// A count as engines know it, of which not all have unsigned numbers.
fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn bytes(text: &str) -> ByteArray {
    ByteArray::from(text.as_bytes().to_vec())
}

/// Rows that become columns, one after the other.
struct Group<'a, 'w, W: Write + Send> {
    writer: SerializedRowGroupWriter<'w, W>,
    rows: &'a [Row],
}

impl<W: Write + Send> Group<'_, '_, W> {
    fn column<T: DataType>(
        &mut self,
        values: &[T::T],
        defined: Option<&[i16]>,
        repeated: Option<&[i16]>,
    ) -> Result<(), ParquetError> {
        let column = self.writer.next_column()?;
        let mut column = column.ok_or_else(|| ParquetError::General("there is no such column".into()))?;
        column.typed::<T>().write_batch(values, defined, repeated)?;
        column.close()
    }

    fn required<T: DataType>(&mut self, of: impl Fn(&Row) -> T::T) -> Result<(), ParquetError> {
        let values: Vec<T::T> = self.rows.iter().map(of).collect();
        self.column::<T>(&values, None, None)
    }

    fn texts(&mut self, of: impl Fn(&Row) -> &str) -> Result<(), ParquetError> {
        self.required::<ByteArrayType>(|row| bytes(of(row)))
    }

    fn counts(&mut self, of: impl Fn(&Row) -> u32) -> Result<(), ParquetError> {
        self.required::<Int32Type>(|row| signed(of(row)))
    }

    fn optional<T: DataType>(&mut self, of: impl Fn(&Row) -> Option<T::T>) -> Result<(), ParquetError> {
        let each: Vec<Option<T::T>> = self.rows.iter().map(of).collect();
        let defined: Vec<i16> = each.iter().map(|value| i16::from(value.is_some())).collect();
        let values: Vec<T::T> = each.into_iter().flatten().collect();
        self.column::<T>(&values, Some(&defined), None)
    }

    fn list<T: DataType>(&mut self, of: impl Fn(&Row) -> Vec<T::T>) -> Result<(), ParquetError> {
        self.lists::<T>(|row| of(row).into_iter().map(Some).collect(), 1)
    }

    fn found<T: DataType>(&mut self, of: impl Fn(&Found) -> T::T) -> Result<(), ParquetError> {
        self.lists::<T>(|row| row.findings.iter().map(|found| Some(of(found))).collect(), 1)
    }

    fn optional_found<T: DataType>(
        &mut self,
        of: impl Fn(&Found) -> Option<T::T>,
    ) -> Result<(), ParquetError> {
        self.lists::<T>(|row| row.findings.iter().map(&of).collect(), 2)
    }

    /// A list a row. A value that is there has the level `full`, one that is missing in its list 1, an empty list 0.
    fn lists<T: DataType>(
        &mut self,
        of: impl Fn(&Row) -> Vec<Option<T::T>>,
        full: i16,
    ) -> Result<(), ParquetError> {
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for row in self.rows {
            let list = of(row);
            if list.is_empty() {
                defined.push(0);
                repeated.push(0);
            }
            for (at, value) in list.into_iter().enumerate() {
                repeated.push(i16::from(at > 0));
                defined.push(if value.is_some() { full } else { 1 });
                values.extend(value);
            }
        }
        self.column::<T>(&values, Some(&defined), Some(&repeated))
    }
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};

    use super::*;
    use crate::scan::parquet::Texts;
    use crate::scan::{Columns, Settings};

    fn row(at: usize) -> Row {
        let found =
            |line| Found { rule: "r".into(), line, saving_s: line.map(f64::from), ..Found::default() };
        let lists = ["a", "b", "c"].map(str::to_owned);
        Row {
            repository: format!("o/{at}"),
            file: format!("FROM a{at}"),
            target: at.is_multiple_of(2).then(|| "t".to_owned()),
            platforms: lists[..at % 4].to_vec(),
            p50_s: (!at.is_multiple_of(3)).then_some(at as f64),
            findings: [None, Some(7), None].into_iter().take(at % 4).map(found).collect(),
            ..Row::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut writer = RowWriter::new(Vec::new()).unwrap();
        let count = GROUP + 10;
        (0..count).for_each(|at| writer.add(&row(at)).unwrap());
        let table = bytes::Bytes::from(writer.finish().unwrap());
        let reader = SerializedFileReader::new(table.clone()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<String> =
            reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), count);
        assert!(rows[5].contains("platforms: [\"a\"]"), "{}", rows[5]);
        assert!(rows[3].contains("line: null"), "{}", rows[3]);
        let columns =
            Columns { text: "file".into(), key: Some("runs".into()), repository: Some("repository".into()) };
        let texts = Texts::new(table.clone(), &columns).unwrap();
        let jobs: Vec<_> = texts.flat_map(|batch| batch.jobs("t", &Settings::default())).collect();
        assert_eq!(jobs.len(), count);
        let last = jobs.last().unwrap();
        assert_eq!((&*last.repository, &*last.file), ("o/8201", "0"));
        assert_eq!(last.place, "t:8202");
        assert_eq!(last.text.as_deref(), Some(&b"FROM a8201"[..]));
        let none = Columns { text: "nothing".into(), key: None, repository: None };
        let Err(error) = Texts::new(table, &none) else { panic!("there is no such column") };
        assert!(error.to_string().contains("no column \"nothing\"; it has repository, file"), "{error}");
    }
}
