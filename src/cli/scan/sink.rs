//! Where rows go.

use std::fs::File;
use std::io::{self, BufWriter, Seek as _, Write};
use std::path::{Path, PathBuf};

use super::super::args::{Scan, ScanFormat, Show};
use super::super::exit::{Exit, Failure};
use super::super::{output, write};
use crate::advice::rules;
use crate::report::{Sarif, row_line, scan_html, scan_text};
#[cfg(feature = "parquet")]
use crate::scan::parquet::{ParquetError, RowWriter};
use crate::scan::{Row, Summary};

/// Rows on their way to a format.
pub(super) enum Sink<'a> {
    /// A line each.
    Lines(Stream),
    /// A table.
    #[cfg(feature = "parquet")]
    Table(Box<RowWriter<Stream>>, Option<PathBuf>),
    /// Counted, for people.
    Summary(Box<Summary>, ScanFormat, &'a Show),
    /// As results, and how many rows had no room.
    Sarif(Sarif, u64, &'a Show),
}

/// Bytes that come one after the other.
pub(super) enum Stream {
    Standard(BufWriter<io::Stdout>),
    /// A file without a name, until all of it is there.
    File(BufWriter<File>, PathBuf),
}

impl<'a> Sink<'a> {
    pub(super) fn new(args: &'a Scan) -> Result<Self, Failure> {
        Ok(match args.format {
            ScanFormat::Jsonl => Self::Lines(Stream::new(&args.show)?),
            #[cfg(feature = "parquet")]
            ScanFormat::Parquet => {
                if output::is_terminal(&args.show) {
                    let why = "a table in Parquet is not to be read on a terminal; write it with --output";
                    return Err(Failure::Usage(why.to_owned()));
                }
                let writer = RowWriter::new(Stream::new(&args.show)?);
                let path = args.show.output.clone();
                Self::Table(Box::new(writer.map_err(|error| refused(path.as_ref(), error))?), path)
            }
            ScanFormat::Text | ScanFormat::Html => Self::Summary(Box::default(), args.format, &args.show),
            ScanFormat::Sarif => Self::Sarif(Sarif::default(), 0, &args.show),
        })
    }

    pub(super) fn add(&mut self, row: &Row) -> Result<(), Failure> {
        match self {
            Self::Lines(stream) => {
                let line = row_line(row).map_err(|error| Failure::Stream(error.into()))?;
                stream.write_all(line.as_bytes()).map_err(|error| stream.failure(error))?;
            }
            #[cfg(feature = "parquet")]
            Self::Table(writer, path) => writer.add(row).map_err(|error| refused(path.as_ref(), error))?,
            Self::Summary(summary, ..) => summary.add(row),
            Self::Sarif(sarif, left, _) => *left += u64::from(!sarif.add_row(row)),
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Result<Exit, Failure> {
        match self {
            Self::Lines(stream) => return stream.finish(),
            #[cfg(feature = "parquet")]
            Self::Table(writer, path) => {
                return writer.finish().map_err(|error| refused(path.as_ref(), error))?.finish();
            }
            Self::Summary(summary, ScanFormat::Html, show) => {
                let page = scan_html(&summary).map_err(|error| Failure::Stream(io::Error::other(error)))?;
                output::write(show, page.as_bytes())?;
            }
            Self::Summary(summary, _, show) => {
                output::write(show, &output::text(&scan_text(&summary, output::style(show))))?;
            }
            Self::Sarif(sarif, left, show) => {
                if left > 0 {
                    output::warn(&format!("what is said of {left} builds had no room in the log"));
                }
                let mut bytes = Vec::new();
                sarif.write(rules::all(), &mut bytes).map_err(Failure::Stream)?;
                output::write(show, &bytes)?;
            }
        }
        Ok(Exit::Done)
    }
}

/// That a table could not be written.
#[cfg(feature = "parquet")]
fn refused(path: Option<&PathBuf>, error: ParquetError) -> Failure {
    let error = match error {
        ParquetError::External(error) => match error.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        other => io::Error::other(other),
    };
    match path {
        Some(path) => Failure::File(path.clone(), error),
        None => Failure::Stream(error),
    }
}

/// A reader of standard output that has read enough is no failure.
pub(super) fn or_read_enough(failure: Failure) -> Result<Exit, Failure> {
    match failure {
        Failure::Stream(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
        failure => Err(failure),
    }
}

impl Stream {
    fn new(show: &Show) -> Result<Self, Failure> {
        let Some(path) = show.output.as_deref().filter(|path| *path != Path::new("-")) else {
            return Ok(Self::Standard(BufWriter::new(io::stdout())));
        };
        let file = tempfile::tempfile().map_err(|error| Failure::File(path.to_owned(), error))?;
        Ok(Self::File(BufWriter::with_capacity(1 << 18, file), path.to_owned()))
    }

    fn failure(&self, error: io::Error) -> Failure {
        match self {
            Self::Standard(_) => Failure::Stream(error),
            Self::File(_, path) => Failure::File(path.clone(), error),
        }
    }

    fn finish(mut self) -> Result<Exit, Failure> {
        if let Err(error) = self.flush() {
            return or_read_enough(self.failure(error));
        }
        if let Self::File(writer, path) = self {
            let failed = |error| Failure::File(path.clone(), error);
            let mut file = writer.into_inner().map_err(|error| failed(error.into_error()))?;
            file.rewind().map_err(failed)?;
            write::write_file(&path, file).map_err(failed)?;
        }
        Ok(Exit::Done)
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(out) => out.write(bytes),
            Self::File(out, _) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(out) => out.flush(),
            Self::File(out, _) => out.flush(),
        }
    }
}
