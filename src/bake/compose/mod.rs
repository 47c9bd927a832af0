//! Compose files: services with a `build` as targets.

mod canonical;
mod dotenv;
mod load;
mod merge;
mod schema;
mod service;
mod template;
mod value;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;

use self::load::{Loader, optional};
use self::value::{Model, Value};
use super::Options;
use super::definition::Defined;
use super::error::Error;
use super::files::Files;
use crate::source::Source;

/// Variables that Compose files interpolate.
pub(super) type Environment = BTreeMap<String, String>;

/// The environment, with the variables of `.env` that it lacks.
pub(super) fn environment(files: &dyn Files, options: &Options, allowed: bool) -> Result<Environment, Error> {
    let mut env = if allowed { options.env.clone() } else { Environment::new() };
    if let Some(text) = optional(files, ".env").map_err(Error::new)? {
        let mut own = Environment::new();
        let lookup = |name: &str| env.get(name).cloned();
        dotenv::parse(&text, &mut own, &lookup).map_err(|error| Error::new(format!(".env: {error}")))?;
        for (name, value) in own {
            env.entry(name).or_insert(value);
        }
    }
    env.extend(options.variables.clone());
    Ok(env)
}

/// The parts of a model that targets are made of.
struct Project {
    services: BTreeMap<String, Value>,
    secrets: BTreeMap<String, Value>,
    env: Environment,
}

fn load(
    files: &dyn Files,
    sources: &[&Arc<Source>],
    env: &Environment,
    named: bool,
) -> Result<Project, String> {
    let mut env = env.clone();
    let name = project_name(sources, &env)?;
    env.insert("COMPOSE_PROJECT_NAME".to_owned(), name);
    let texts: Vec<(String, String)> = sources
        .iter()
        .map(|source| {
            // A file that is checked alone has no name, and so is never one of those that include one another.
            let name = if named { source.name() } else { "" };
            (name.to_owned(), source.text().to_owned())
        })
        .collect();
    let loader = Loader { files, read: Cell::new(0) };
    let mut model = loader.load(&texts, &env, "", &[])?;
    if model.is_empty() {
        return Err("the Compose file is empty".to_owned());
    }
    service::environment_of_model(&mut model, &env);
    let services = filtered(&mut model);
    let secrets = model.remove("secrets");
    if services.is_none() && secrets.is_none() {
        return Err("the Compose file has no services".to_owned());
    }
    let services = services.unwrap_or_default();
    let secrets = match secrets {
        None | Some(Value::Null) => BTreeMap::new(),
        Some(Value::Map(secrets)) => secrets,
        Some(_) => return Err("`secrets` is a mapping".to_owned()),
    };
    schema::check(&services, &secrets)?;
    Ok(Project { services, secrets, env })
}

/// Services with the fields that matter here.
fn filtered(model: &mut Model) -> Option<BTreeMap<String, Value>> {
    let Some(Value::Map(services)) = model.remove("services") else { return None };
    let keep = |(name, service): (String, Value)| match service {
        Value::Null => Some((name, Value::Map(BTreeMap::new()))),
        Value::Map(mut service) => {
            service
                .retain(|field, _| matches!(field.as_str(), "image" | "build" | "environment" | "env_file"));
            Some((name, Value::Map(service)))
        }
        _ => None,
    };
    Some(services.into_iter().filter_map(keep).collect())
}

/// The name of the project: that of the last file that has one, or that of the environment.
fn project_name(sources: &[&Arc<Source>], env: &Environment) -> Result<String, String> {
    let mut name = env.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()).cloned();
    for source in sources {
        let documents = crate::yaml::documents(source.text()).unwrap_or_default();
        for own in documents.iter().filter_map(|document| document.str("name")).filter(|own| !own.is_empty())
        {
            name = Some(template::substitute(own, &|name| env.get(name).cloned())?)
                .filter(|own| !own.is_empty());
        }
    }
    Ok(name.unwrap_or_else(|| "bake".to_owned()))
}

/// Whether a file can be read as one of Compose.
pub(super) fn validate(files: &dyn Files, source: &Arc<Source>, env: &Environment) -> Result<(), Error> {
    let project = load(files, &[source], env, false).map_err(|error| named(&error, &[source]))?;
    project.resolve(files, false).map(|_| ()).map_err(|error| named(&error, &[source]))
}

/// The targets of Compose files, and their group.
pub(super) fn define(
    files: &dyn Files,
    sources: &[&Arc<Source>],
    env: &Environment,
    relative: bool,
) -> Result<Defined, Error> {
    let project = load(files, sources, env, true).map_err(|error| named(&error, sources))?;
    let mut defined = project.resolve(files, true).map_err(|error| named(&error, sources))?;
    if relative && let Some(first) = sources.first().filter(|source| source.name() != "-") {
        service::set_bases(&mut defined, &super::paths::parent(first.name()));
    }
    Ok(defined)
}

/// An error with the file that it is in, and the line where the error names one.
fn named(error: &str, sources: &[&Arc<Source>]) -> Error {
    if let [source] = sources
        && let Some(line) =
            error.trim_start_matches(source.name()).trim_start_matches(": ").strip_prefix("line ")
        && let Some((number, message)) = line.split_once(": ")
        && let Ok(number) = number.parse()
        && let Some(span) = source.lines().span(crate::source::Line(number), source)
    {
        return Error::at(message, source, span);
    }
    match sources {
        [source] if !error.starts_with(source.name()) => Error::new(format!("{}: {error}", source.name())),
        _ => Error::new(error),
    }
}
