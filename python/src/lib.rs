//! xsim for Python: one text, or columns of texts in Arrow, and the program itself.

mod columns;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::num::NonZero;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_pyarrow::{FromPyArrow as _, Table, ToPyArrow as _};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use xsim::advice::{Pricer, evaluate_timed, lint};
use xsim::budget::{self, Limit, WORK};
use xsim::model::platform::Platform;
use xsim::pricing::price;
use xsim::report::{Subject, analysis_json, refusal_json, row_line};
use xsim::scan::{Asked, Job, Row, Settings, analyze as row_of, build, ordered};
use xsim::sim::built_in;
use xsim::source::Source;

use self::columns::{Texts, schema, table};

/// Texts that a thread takes at once.
const CHUNK: usize = 32;

/// How texts are built, as Python says it; checked once for all texts.
struct Request {
    settings: Settings,
    target: Option<String>,
    arguments: Vec<(String, String)>,
}

impl Request {
    fn new(
        platforms: Vec<String>,
        target: Option<String>,
        build_args: Option<BTreeMap<String, String>>,
        build_platform: Option<&str>,
        machine: Option<&str>,
        timeout: Option<f64>,
    ) -> PyResult<Self> {
        let wrong = |error: &dyn std::fmt::Display| PyValueError::new_err(error.to_string());
        let host = Platform::linux("amd64");
        for text in &platforms {
            Platform::parse(text, &host).map_err(|error| wrong(&error))?;
        }
        let build_platform = build_platform.map(|text| Platform::parse(text, &host)).transpose();
        let machine = machine
            .map(|name| built_in(name).ok_or_else(|| wrong(&format_args!("no machine is called {name:?}"))));
        let limit = timeout.map_or(Ok(Limit::Work(WORK)), |seconds| {
            Duration::try_from_secs_f64(seconds).map(Limit::Time).map_err(|error| wrong(&error))
        });
        let settings = Settings {
            platforms,
            build_platform: build_platform.map_err(|error| wrong(&error))?,
            machine: machine.transpose()?,
            limit: limit?,
            ..Settings::default()
        };
        Ok(Self { settings, target, arguments: build_args.unwrap_or_default().into_iter().collect() })
    }

    fn report(&self, key: &str, text: &[u8]) -> Result<String, String> {
        let _run = budget::start(self.settings.limit);
        let asked = Asked {
            platforms: self.settings.platforms.clone(),
            target: self.target.clone(),
            arguments: self.arguments.clone(),
            ..Asked::default()
        };
        let source = Source::new(key, text.to_vec()).map_err(|error| error.to_string())?;
        let (build, terms) = build(source, &asked, &self.settings)?;
        let mut out = Vec::new();
        let written = match build.outcome() {
            Ok(analysis) => {
                let timing = price(analysis, &terms).map_err(|error| error.to_string())?;
                let findings = evaluate_timed(&build, &Pricer::as_shown(&timing), &timing);
                let subject = Subject {
                    build: &build,
                    analysis,
                    timing: Some(&timing),
                    findings: &findings,
                    sharing: &[],
                };
                analysis_json(&subject, &mut out)
            }
            Err(refused) => {
                let builds = build.nodes().iter().flat_map(|node| &node.builds);
                let targets: Vec<Platform> =
                    builds.flat_map(|build| build.inputs.targets()).cloned().collect();
                refusal_json(build.source(), &refused.refusal, &lint(&build), &targets, &mut out)
            }
        };
        if let Some(exceeded) = budget::exceeded() {
            return Err(exceeded.to_string());
        }
        written.map_err(|error| error.to_string())?;
        String::from_utf8(out).map_err(|error| error.to_string())
    }

    fn row(&self, repository: &str, key: &str, text: &[u8]) -> Row {
        let mut job = Job::of_text(repository, key, key, text.to_vec(), &self.settings);
        job.asked.target.clone_from(&self.target);
        job.asked.arguments.clone_from(&self.arguments);
        row_of(job, &self.settings)
    }
}

/// The row of one text, in JSON.
#[pyfunction]
#[pyo3(signature = (text, platforms, key, target, build_args, build_platform, machine, timeout))]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // what Python gives
fn analyze(
    py: Python<'_>,
    text: Vec<u8>,
    platforms: Vec<String>,
    key: String,
    target: Option<String>,
    build_args: Option<BTreeMap<String, String>>,
    build_platform: Option<String>,
    machine: Option<String>,
    timeout: Option<f64>,
) -> PyResult<String> {
    let request =
        Request::new(platforms, target, build_args, build_platform.as_deref(), machine.as_deref(), timeout)?;
    let line = alone(py, || row_line(&request.row("", &key, &text)))?;
    line.map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// The whole report of one text, in JSON: that of the program, or why the text cannot be built.
#[pyfunction]
#[pyo3(signature = (text, platforms, key, target, build_args, build_platform, machine, timeout))]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // what Python gives
fn report(
    py: Python<'_>,
    text: Vec<u8>,
    platforms: Vec<String>,
    key: String,
    target: Option<String>,
    build_args: Option<BTreeMap<String, String>>,
    build_platform: Option<String>,
    machine: Option<String>,
    timeout: Option<f64>,
) -> PyResult<String> {
    let request =
        Request::new(platforms, target, build_args, build_platform.as_deref(), machine.as_deref(), timeout)?;
    alone(py, || request.report(&key, &text))?.map_err(PyValueError::new_err)
}

/// What comes of one text, without the interpreter's lock.
fn alone<R: Send>(py: Python<'_>, result: impl Fn() -> R + Send + Sync) -> PyResult<R> {
    let made = py.detach(|| in_order(1, NonZero::<usize>::MIN, |_| result())).pop();
    made.ok_or_else(|| PyRuntimeError::new_err("no thread could be started"))
}

/// The columns of a table that hold texts, their keys and their repositories.
struct Names {
    text: String,
    key: Option<String>,
    repository: Option<String>,
}

/// The rows of the texts in a batch or a table.
#[pyfunction]
#[pyo3(signature = (data, column, key, repository, platforms, threads, target, build_args, build_platform, machine, timeout))]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // what Python gives
fn analyze_batch<'py>(
    py: Python<'py>,
    data: Bound<'py, PyAny>,
    column: String,
    key: Option<String>,
    repository: Option<String>,
    platforms: Vec<String>,
    threads: usize,
    target: Option<String>,
    build_args: Option<BTreeMap<String, String>>,
    build_platform: Option<String>,
    machine: Option<String>,
    timeout: Option<f64>,
) -> PyResult<Bound<'py, PyAny>> {
    let request =
        Request::new(platforms, target, build_args, build_platform.as_deref(), machine.as_deref(), timeout)?;
    let names = Names { text: column, key, repository };
    let threads = NonZero::new(threads)
        .or_else(|| std::thread::available_parallelism().ok())
        .unwrap_or(NonZero::<usize>::MIN);
    if data.hasattr("__arrow_c_array__")? {
        let batch = RecordBatch::from_pyarrow_bound(&data)?;
        return py.detach(|| of_batch(&batch, &names, &request, threads))?.to_pyarrow(py);
    }
    let given = Table::from_pyarrow_bound(&data)?;
    let of_batch = |batch: &RecordBatch| of_batch(batch, &names, &request, threads);
    let batches: Vec<RecordBatch> =
        py.detach(|| given.record_batches().iter().map(of_batch).collect::<PyResult<_>>())?;
    let made = Table::try_new(batches, schema().into());
    let made = made.map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok(arrow_pyarrow::PyArrowType(made).into_pyobject(py)?.into_any())
}

fn of_batch(
    batch: &RecordBatch,
    names: &Names,
    request: &Request,
    threads: NonZero<usize>,
) -> PyResult<RecordBatch> {
    let column = |name: &str| {
        let found = batch.column_by_name(name).ok_or_else(|| {
            let fields = batch.schema();
            let known: Vec<&str> = fields.fields().iter().map(|field| field.name().as_str()).collect();
            PyValueError::new_err(format!("there is no column {name:?}; there are {}", known.join(", ")))
        })?;
        let texts = Texts::of(found);
        texts.ok_or_else(|| PyValueError::new_err(format!("the column {name:?} holds no texts")))
    };
    let texts = column(&names.text)?;
    let keys = names.key.as_deref().map(column).transpose()?;
    let repositories = names.repository.as_deref().map(column).transpose()?;
    let row = |at: usize| {
        let key = keys.as_ref().map_or_else(String::new, |keys| keys.name(at));
        let repository = repositories.as_ref().map_or_else(String::new, |names| names.name(at));
        match texts.get(at) {
            Some(text) => request.row(&repository, &key, text),
            None => Row { file: key.clone(), ..Row::failed(&repository, &key, "the text is missing") },
        }
    };
    table(&in_order(batch.num_rows(), threads, row))
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))
}

/// So many results, in order, by threads that have the stack that xsim was tried with.
fn in_order<R: Send>(count: usize, threads: NonZero<usize>, result: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let mut results = Vec::with_capacity(count);
    let chunks = (0..count).step_by(CHUNK);
    let work = |first: usize| (first..count.min(first + CHUNK)).map(&result).collect::<Vec<R>>();
    let taken = ordered(chunks, threads, work, |chunk| {
        results.extend(chunk);
        Ok::<(), std::convert::Infallible>(())
    });
    let Ok(()) = taken;
    results
}

/// The schema of what `analyze_batch` gives.
#[pyfunction]
#[pyo3(name = "schema")]
fn row_schema(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    schema().to_pyarrow(py)
}

/// The program, with its arguments; gives its exit code.
#[pyfunction]
fn main(py: Python<'_>, arguments: Vec<OsString>) -> u8 {
    py.detach(|| xsim::cli::run(arguments) as u8)
}

/// The compiled part of the package.
#[pymodule]
fn _xsim(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(analyze, module)?)?;
    module.add_function(wrap_pyfunction!(report, module)?)?;
    module.add_function(wrap_pyfunction!(analyze_batch, module)?)?;
    module.add_function(wrap_pyfunction!(row_schema, module)?)?;
    module.add_function(wrap_pyfunction!(main, module)?)?;
    Ok(())
}
