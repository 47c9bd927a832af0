//! Bake definitions: what `docker buildx bake` would build, and with what.
//!
//! Files in HCL, JSON and Compose's YAML become resolved targets, exactly as buildx resolves them. Nothing in a
//! definition is run, and no file is written.

mod compose;
mod config;
mod csv;
mod definition;
mod entries;
mod error;
mod eval;
mod files;
mod flags;
mod functions;
mod glob;
mod json;
mod limits;
mod outside;
mod overrides;
mod paths;
mod print;
mod remote;
mod syntax;
mod target;
mod units;
mod value;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::source::Source;

pub use self::entries::{Attest, CacheEntry, Export, Policy, Resources, Secret, Ssh};
pub use self::error::Error;
pub use self::files::{Files, Kind, MemoryFiles, ReadError, Stat};
pub use self::flags::Shorthands;
pub use self::limits::{
    MAX_CALLS, MAX_DEPTH, MAX_FILE_BYTES, MAX_INCLUDED, MAX_MATRIX, MAX_VALUE_SIZE, MAX_WORK,
};
pub use self::remote::is_remote;
pub use self::target::{Group, Target};

use self::definition::{Defined, Surroundings};
use self::syntax::Body;

/// The files that are read where none is named: each that exists, in this order.
pub const DEFAULT_FILES: [&str; 8] = [
    "compose.yaml",
    "compose.yml",
    "docker-compose.yml",
    "docker-compose.yaml",
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
];

/// What bake is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// `--file`: definitions in order. Without any, those of [`DEFAULT_FILES`] that exist.
    pub files: Vec<String>,
    /// Targets, groups and patterns. Without any, `default`.
    pub targets: Vec<String>,
    /// `--set`: `TARGET.FIELD=VALUE`.
    pub set: Vec<String>,
    /// `--var`: values of variables.
    pub variables: BTreeMap<String, String>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// The platform of this machine, as in `linux/amd64`.
    pub local_platform: String,
    /// The time, in seconds since 1970.
    pub now: i64,
    /// Targets have no policy but the one that disables all.
    pub disable_policy: bool,
    /// Also checks what lies outside of the definition: files of secrets, agents, destinations.
    pub look_outside: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            files: Vec::new(),
            targets: Vec::new(),
            set: Vec::new(),
            variables: BTreeMap::new(),
            env: BTreeMap::new(),
            local_platform: "linux/amd64".to_owned(),
            now: 0,
            disable_policy: false,
            look_outside: false,
        }
    }
}

/// What a definition means: all targets that are built, with nothing left to resolve.
#[derive(Debug, Clone, Default)]
pub struct Resolved {
    /// Groups by name. `default` lists what was asked for.
    pub groups: BTreeMap<String, Group>,
    /// Targets by name.
    pub targets: BTreeMap<String, Target>,
    /// Functions that were called and whose results change from run to run: values that they give cannot be known.
    pub volatile: Vec<String>,
    /// The files that were read.
    pub files: Vec<String>,
}

impl Resolved {
    /// What `docker buildx bake --print` prints.
    pub fn to_json(&self) -> serde_json::Value {
        print::json(self)
    }

    /// Paths of contexts and Dockerfiles that lead out of the folder that bake runs in, with their targets.
    pub fn leaving(&self) -> Vec<(&str, &str)> {
        let mut found = Vec::new();
        for (name, target) in &self.targets {
            let local = |path: &&String| !is_remote(path) && !path.contains(':');
            let contexts = target.context.iter().chain(target.contexts.iter().flat_map(BTreeMap::values));
            found.extend(
                contexts.filter(local).filter(|path| paths::leaves(path)).map(|path| (&**name, &**path)),
            );
        }
        found
    }
}

/// Reads and resolves a definition.
///
/// # Errors
///
/// What buildx refuses, with the file and the place where there is one; definitions that are too large; and
/// definitions that lie elsewhere.
pub fn resolve(files: &dyn Files, options: &Options) -> Result<Resolved, Error> {
    if let Some(url) = options.targets.first().filter(|target| is_remote(target)) {
        return Err(Error::new(format!(
            "{url:?} is a definition that lies elsewhere, and xsim fetches nothing; clone it, and name its files by --file"
        )));
    }
    // Docker's command line turns whatever DEBUG holds into 1 before plugins see it.
    let debugging = options.env.get("DEBUG").is_some_and(|value| !value.is_empty() && value != "1");
    if debugging {
        let mut options = options.clone();
        options.env.insert("DEBUG".to_owned(), "1".to_owned());
        return resolve(files, &options);
    }
    let sources = read(files, options)?;
    if sources.is_empty() {
        return Err(Error::new(format!("there is no definition: none of {}", DEFAULT_FILES.join(", "))));
    }
    let relative = match options.env.get("BUILDX_BAKE_FILE_RELATIVE_PATHS").map(|text| text.trim()) {
        None | Some("") => false,
        Some(text) => entries::parse_bool(text)
            .map_err(|error| Error::new(format!("BUILDX_BAKE_FILE_RELATIVE_PATHS: {error}")))?,
    };
    let defined = define(files, options, &sources, relative)?;
    let targets: Vec<String> =
        if options.targets.is_empty() { vec!["default".to_owned()] } else { options.targets.clone() };
    let lookup = |name: &str| options.env.get(name).cloned();
    let overrides =
        overrides::parse(&options.set, &defined.targets, &lookup, looks_up(options)).map_err(Error::new)?;
    let mut shared = overrides::Shared::default();
    let chosen = config::choose(&defined, &targets, &overrides, &mut shared).map_err(Error::new)?;
    let mut resolved = Resolved {
        groups: chosen.groups,
        targets: chosen.targets,
        volatile: defined.volatile.iter().map(|&name| name.to_owned()).collect(),
        files: sources.iter().map(|source| source.name().to_owned()).collect(),
    };
    let epoch = options.env.get("SOURCE_DATE_EPOCH").filter(|epoch| !epoch.is_empty());
    for (name, target) in &mut resolved.targets {
        share(target, &shared);
        if options.disable_policy {
            target.policy = Some(vec![Policy { disabled: true, ..Policy::default() }]);
        }
        if let Some(epoch) = epoch {
            let args = target.args.get_or_insert_default();
            args.entry("SOURCE_DATE_EPOCH".to_owned()).or_insert_with(|| Some(epoch.clone()));
        }
        outside::check(target, files, &options.env, options.look_outside)
            .map_err(|error| Error::new(format!("target {name}: {error}")))?;
    }
    Ok(resolved)
}

/// Gives entries that targets share what was set on any of them.
fn share(target: &mut Target, shared: &overrides::Shared) {
    for output in target.outputs.iter_mut().flatten() {
        if let Some(push) = shared.push.get(&output.origin) {
            output.attributes.insert("push".to_owned(), push.clone());
        }
    }
    for secret in target.secrets.iter_mut().flatten() {
        if let Some((variable, source)) = shared.secrets.get(&secret.origin) {
            secret.variable.clone_from(variable);
            secret.source.clone_from(source);
        }
    }
}

/// Whether variables take their values from the environment.
fn looks_up(options: &Options) -> bool {
    let disabled = options.env.get("BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP");
    disabled.and_then(|text| entries::parse_bool(text).ok()) != Some(true)
}

/// The files of the definition.
fn read(files: &dyn Files, options: &Options) -> Result<Vec<Arc<Source>>, Error> {
    let mut names: Vec<String> = options.files.clone();
    if names.is_empty()
        && let Some(given) = options.env.get("BUILDX_BAKE_FILE")
    {
        let separator = options.env.get("BUILDX_BAKE_PATH_SEPARATOR").filter(|text| !text.is_empty());
        let given = given.split(separator.map_or(":", String::as_str)).map(str::trim);
        names = given.filter(|name| !name.is_empty()).map(str::to_owned).collect();
    }
    let default = names.is_empty();
    if default {
        names = DEFAULT_FILES.iter().map(|&name| name.to_owned()).collect();
    }
    let mut sources = Vec::new();
    for name in &names {
        let name = name.strip_prefix("cwd://").unwrap_or(name);
        if is_remote(name) {
            return Err(Error::new(format!("{name:?} lies elsewhere, and xsim fetches nothing")));
        }
        match files.read(name) {
            Ok(bytes) if bytes.len() > MAX_FILE_BYTES => {
                let message = format!("{name} is larger than {MAX_FILE_BYTES} bytes, which is the limit");
                return Err(Error::new(message));
            }
            Ok(bytes) => {
                let source =
                    Source::new(name, bytes).map_err(|error| Error::new(format!("{name}: {error}")))?;
                sources.push(Arc::new(source));
            }
            Err(ReadError::Missing) if default => {}
            Err(error) => return Err(Error::new(format!("{name}: {error}"))),
        }
    }
    Ok(sources)
}

/// All that the files define: Compose first, HCL and JSON over it.
fn define(
    files: &dyn Files,
    options: &Options,
    sources: &[Arc<Source>],
    relative: bool,
) -> Result<Defined, Error> {
    let allowed = looks_up(options);
    let environment = compose::environment(files, options, allowed)?;
    let mut composes: Vec<&Arc<Source>> = Vec::new();
    let mut bodies: Vec<Body> = Vec::new();
    for source in sources {
        let suffix = Suffix::of(source.name());
        if suffix == Suffix::Yaml {
            compose::validate(files, source, &environment)?;
            composes.push(source);
        } else if suffix == Suffix::Other && compose::validate(files, source, &environment).is_ok() {
            composes.push(source);
        } else {
            bodies.push(parse(source)?);
        }
    }
    let mut defined = Defined::default();
    if !composes.is_empty() {
        defined = compose::define(files, &composes, &environment, relative)?;
        config::deduplicate(&mut defined);
    }
    if !bodies.is_empty() {
        let lookup = |name: &str| {
            let own = options.variables.get(name).or_else(|| options.env.get(name).filter(|_| allowed));
            own.cloned()
        };
        let builtin = BTreeMap::from([
            ("BAKE_CMD_CONTEXT", "cwd://".to_owned()),
            ("BAKE_LOCAL_PLATFORM", options.local_platform.clone()),
        ]);
        let home = options.env.get("HOME").cloned();
        let around = Surroundings { lookup: &lookup, builtin: &builtin, now: options.now, home };
        defined = definition::evaluate(&bodies, defined, &around)?;
    }
    config::deduplicate(&mut defined);
    if relative {
        config::rebase(&mut defined.targets);
    }
    Ok(defined)
}

/// What a file's name says of its language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Suffix {
    Yaml,
    /// Of HCL or JSON in letters of any case: no Compose file.
    NoCompose,
    Other,
}

impl Suffix {
    fn of(name: &str) -> Self {
        match name.rsplit_once('.').map(|(_, suffix)| suffix.to_lowercase()).as_deref() {
            Some("yml" | "yaml") => Self::Yaml,
            Some("hcl" | "json") => Self::NoCompose,
            _ => Self::Other,
        }
    }
}

/// Reads a file in HCL or JSON; which of both, its name says, or else what it can be read as.
fn parse(source: &Arc<Source>) -> Result<Body, Error> {
    match source.name().rsplit_once('.') {
        Some((_, "json")) => Ok(syntax::parse_json(source)?),
        Some((_, "hcl")) => Ok(syntax::parse(source)?),
        _ => match syntax::parse(source) {
            Ok(body) => Ok(body),
            Err(fault) => syntax::parse_json(source).map_err(|_| fault.into()),
        },
    }
}
