//! Texts in columns of Arrow, and rows as such columns.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Float64Builder, ListBuilder, StringBuilder, StructBuilder, Int32Builder,
};
use arrow_array::cast::AsArray as _;
use arrow_array::{Array, ArrayRef, Float64Array, RecordBatch, StringArray, Int32Array};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use xsim::scan::Row;

/// A column of texts, whatever its layout. Borrows what it is made of.
pub(crate) enum Texts<'a> {
    Small(&'a arrow_array::StringArray),
    Large(&'a arrow_array::LargeStringArray),
    View(&'a arrow_array::StringViewArray),
    SmallBytes(&'a arrow_array::BinaryArray),
    LargeBytes(&'a arrow_array::LargeBinaryArray),
    Dictionary(Vec<usize>, &'a dyn Array, Box<Texts<'a>>),
}

impl<'a> Texts<'a> {
    /// The texts of a column; `None` where it has none.
    pub(crate) fn of(column: &'a dyn Array) -> Option<Self> {
        Some(match column.data_type() {
            DataType::Utf8 => Self::Small(column.as_string()),
            DataType::LargeUtf8 => Self::Large(column.as_string()),
            DataType::Utf8View => Self::View(column.as_string_view()),
            DataType::Binary => Self::SmallBytes(column.as_binary()),
            DataType::LargeBinary => Self::LargeBytes(column.as_binary()),
            DataType::Dictionary(..) => {
                let dictionary = column.as_any_dictionary_opt()?;
                let values = Box::new(Self::of(dictionary.values())?);
                Self::Dictionary(dictionary.normalized_keys(), dictionary.keys(), values)
            }
            _ => return None,
        })
    }

    /// The bytes of a text; `None` where there is none.
    pub(crate) fn get(&self, at: usize) -> Option<&[u8]> {
        let array: &dyn Array = match self {
            Self::Small(array) => *array,
            Self::Large(array) => *array,
            Self::View(array) => *array,
            Self::SmallBytes(array) => *array,
            Self::LargeBytes(array) => *array,
            Self::Dictionary(_, keys, _) => *keys,
        };
        if at >= array.len() || array.is_null(at) {
            return None;
        }
        Some(match self {
            Self::Small(array) => array.value(at).as_bytes(),
            Self::Large(array) => array.value(at).as_bytes(),
            Self::View(array) => array.value(at).as_bytes(),
            Self::SmallBytes(array) => array.value(at),
            Self::LargeBytes(array) => array.value(at),
            Self::Dictionary(keys, _, values) => return values.get(*keys.get(at)?),
        })
    }

    /// A text as a name; empty where there is none.
    pub(crate) fn name(&self, at: usize) -> String {
        self.get(at).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
    }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", item, false)))
}

fn finding() -> Fields {
    Fields::from(vec![
        Field::new("rule", DataType::Utf8, false),
        Field::new("severity", DataType::Utf8, false),
        Field::new("line", DataType::Int32, true),
        Field::new("message", DataType::Utf8, false),
        Field::new("saving_s", DataType::Float64, true),
        Field::new("is_fixable", DataType::Boolean, false),
    ])
}

/// The columns of a row, in the order of its fields.
pub(crate) fn schema() -> Schema {
    let text = |name| Field::new(name, DataType::Utf8, false);
    let count = |name| Field::new(name, DataType::Int32, false);
    let seconds = |name, is_optional| Field::new(name, DataType::Float64, is_optional);
    Schema::new(vec![
        text("repository"),
        text("file"),
        text("place"),
        Field::new("target", DataType::Utf8, true),
        Field::new("platforms", list_of(DataType::Utf8), false),
        text("hash"),
        count("steps"),
        count("runs"),
        count("emulated"),
        seconds("p10_s", true),
        seconds("p50_s", true),
        seconds("p90_s", true),
        seconds("emulation_s", false),
        seconds("repeated_s", false),
        seconds("lost_s", false),
        Field::new("findings", list_of(DataType::Struct(finding())), false),
        count("wrong_images"),
        Field::new("unknown", list_of(DataType::Utf8), false),
        Field::new("error", DataType::Utf8, true),
    ])
}

/// Rows as columns.
pub(crate) fn table(rows: &[Row]) -> Result<RecordBatch, ArrowError> {
    let texts =
        |of: fn(&Row) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(of))) };
    let maybe =
        |of: fn(&Row) -> Option<&str>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<StringArray>()) };
    let counts =
        |of: fn(&Row) -> u32| -> ArrayRef { Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| signed(of(row))))) };
    let seconds =
        |of: fn(&Row) -> f64| -> ArrayRef { Arc::new(Float64Array::from_iter_values(rows.iter().map(of))) };
    let times =
        |of: fn(&Row) -> Option<f64>| -> ArrayRef { Arc::new(rows.iter().map(of).collect::<Float64Array>()) };
    let columns = vec![
        texts(|row| &row.repository),
        texts(|row| &row.file),
        texts(|row| &row.place),
        maybe(|row| row.target.as_deref()),
        lists(rows, |row| &row.platforms),
        texts(|row| &row.hash),
        counts(|row| row.steps),
        counts(|row| row.runs),
        counts(|row| row.emulated),
        times(|row| row.p10_s),
        times(|row| row.p50_s),
        times(|row| row.p90_s),
        seconds(|row| row.emulation_s),
        seconds(|row| row.repeated_s),
        seconds(|row| row.lost_s),
        findings(rows),
        counts(|row| row.wrong_images),
        lists(rows, |row| &row.unknown),
        maybe(|row| row.error.as_deref()),
    ];
    RecordBatch::try_new(Arc::new(schema()), columns)
}

/// A count as engines know it, of which not all have unsigned numbers.
fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn lists(rows: &[Row], of: fn(&Row) -> &Vec<String>) -> ArrayRef {
    let field = Field::new("element", DataType::Utf8, false);
    let mut builder = ListBuilder::new(StringBuilder::new()).with_field(field);
    for row in rows {
        for text in of(row) {
            builder.values().append_value(text);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

fn findings(rows: &[Row]) -> ArrayRef {
    let field = Field::new("element", DataType::Struct(finding()), false);
    let mut builder = ListBuilder::new(StructBuilder::from_fields(finding(), rows.len())).with_field(field);
    for row in rows {
        for found in &row.findings {
            let values = builder.values();
            for (at, text) in [(0, &found.rule), (1, &found.severity), (3, &found.message)] {
                if let Some(texts) = values.field_builder::<StringBuilder>(at) {
                    texts.append_value(text);
                }
            }
            if let Some(lines) = values.field_builder::<Int32Builder>(2) {
                lines.append_option(found.line.map(signed));
            }
            if let Some(savings) = values.field_builder::<Float64Builder>(4) {
                savings.append_option(found.saving_s);
            }
            if let Some(fixable) = values.field_builder::<BooleanBuilder>(5) {
                fixable.append_value(found.is_fixable);
            }
            values.append(true);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}
