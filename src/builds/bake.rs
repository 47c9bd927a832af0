//! Builds that a bake definition defines.
//!
//! A variable may be unknown. The definition is then resolved several times, with other values in its place: what comes
//! out the same each time does not depend on it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::alternatives::alternatives;
use super::definition::{Definition, Legs, Platforms, Push};
use super::docker::BuildCall;
use super::path::join;
use super::repo::Repo;
use super::site::Site;
use super::text::{Text, is_known, is_wholly_unknown, readable, unknown, unsplit};
use super::world::{World, is_remote, platforms};
use crate::bake::{DEFAULT_FILES, Files, Kind, Options, ReadError, Resolved, Stat, Target, resolve};

/// Values that stand in for one that is not known, beside the unknown text itself and the texts of the definition.
const STAND_INS: [&str; 6] = ["", "1", "xsim", "true", "linux/amd64", "linux/s390x"];

/// Texts of the definition that stand in for unknown values: an unknown variable may be compared with any of them.
const MAX_TEXTS: usize = 24;

/// Lists of files that a call of bake may be given; of more all is unknown.
const MAX_WAYS: usize = 4;

/// Times that unknown variables are each given values of their own.
const MIXES: usize = 8;

/// Variables that workflows of GitHub have without setting them.
const GITHUB: &[&str] = &[
    "GITHUB_ACTOR",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_HEAD_REF",
    "GITHUB_REF",
    "GITHUB_REF_NAME",
    "GITHUB_REF_TYPE",
    "GITHUB_RUN_ID",
    "GITHUB_RUN_NUMBER",
    "GITHUB_SHA",
    "GITHUB_WORKFLOW",
];

/// Values of `--set`.
#[derive(Default)]
struct Overrides {
    /// Those that are known.
    known: Vec<String>,
    /// Fields that are set to something that is not.
    fields: Vec<String>,
    /// Whether one may set anything.
    hidden: bool,
}

impl Overrides {
    fn of(set: &[String]) -> Self {
        let mut overrides = Self::default();
        for text in set {
            match text.split_once('=') {
                _ if is_known(text) => overrides.known.push(text.clone()),
                Some((key, _)) if is_known(key) => overrides.fields.extend(field(key)),
                _ => match alternatives(&readable(text)) {
                    Some(texts) if is_wholly_unknown(text) => {
                        let keys = texts.iter().filter_map(|text| text.split_once('='));
                        overrides.fields.extend(keys.filter_map(|(key, _)| field(key)));
                    }
                    _ if names_no_build(text) => {}
                    _ => overrides.hidden = true,
                },
            }
        }
        overrides
    }
}

/// The lists of files that a call may be given: a file that is an expression may be any of the texts that it spells, or none.
fn ways(files: &[String]) -> Vec<Vec<String>> {
    let mut lists = vec![Vec::new()];
    for file in files {
        let texts = if is_wholly_unknown(file) { alternatives(&readable(file)) } else { None };
        let texts =
            texts.filter(|texts| lists.len() * texts.len() <= MAX_WAYS).unwrap_or_else(|| vec![file.clone()]);
        lists = lists
            .into_iter()
            .flat_map(|list: Vec<String>| {
                texts.iter().map(move |text| {
                    let more = (!text.is_empty()).then(|| text.clone());
                    list.iter().cloned().chain(more).collect()
                })
            })
            .collect();
    }
    lists
}

/// The field that the key of an override names.
fn field(key: &str) -> Option<String> {
    key.split('.').nth(1).map(str::to_owned)
}

/// Whether an unknown text is called like something that says nothing of what is built.
fn names_no_build(text: &str) -> bool {
    let name = readable(text).to_ascii_uppercase();
    ["TAG", "CACHE", "LABEL", "OUTPUT", "ANNOTATION", "PUSH", "LOAD", "PROGRESS", "PROVENANCE"]
        .iter()
        .any(|part| name.contains(part))
}

/// Makes a field unknown that is set to something unknown.
fn hide(definition: &mut Definition, field: &str) {
    let text = || Text::unknown(&format!("--set *.{field}"));
    match field {
        "platform" | "platforms" => definition.platforms = Platforms::Unknown(text(), Vec::new()),
        "target" => definition.target = Some(text()),
        "dockerfile" => definition.dockerfile = text(),
        "context" => {
            definition.context = text();
            definition.dockerfile = text();
        }
        "args" => definition.more_args = true,
        "output" if matches!(definition.push, Push::No) => definition.push = Push::Unknown,
        _ => {}
    }
}

/// The repository as bake sees it from the folder it runs in.
struct Folder<'a> {
    repo: &'a Repo<'a>,
    site: &'a Site,
    /// The folder that bake runs in, absolute.
    root: &'a str,
    /// Targets that another step defines for the names of images.
    tags: String,
}

/// Stands for the file of such a step.
const TAGS_FILE: &str = "docker-metadata-action-bake.hcl";

/// Targets that are added because nothing that is read defines them.
const MAX_TAGS: usize = 32;

impl Folder<'_> {
    /// Adds the targets that are asked for and come from a file that a step makes.
    fn add_tags(&mut self, options: &mut Options) {
        if options.files.is_empty() {
            options.files = DEFAULT_FILES
                .iter()
                .filter(|file| self.read(file).is_ok())
                .map(ToString::to_string)
                .collect();
        }
        options.files.push(TAGS_FILE.to_owned());
        for _ in 0..MAX_TAGS {
            let missing = match resolve(self, options) {
                Ok(_) => return,
                Err(error) => error.missing_target().map(str::to_owned),
            };
            let Some(name) = missing else { return };
            let _ = writeln!(self.tags, "target {name:?} {{}}");
        }
    }

    fn path(&self, path: &str) -> Option<String> {
        self.site.inside(&join(self.root, path))
    }
}

impl Files for Folder<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        if path == TAGS_FILE {
            return Ok(self.tags.clone().into_bytes());
        }
        let text = self.path(path).and_then(|path| self.repo.text(&path));
        text.map(|text| text.as_bytes().to_vec()).ok_or(ReadError::Missing)
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let path = self.path(path)?;
        if self.repo.has_file(&path) {
            return Some(Stat { kind: Kind::File, bytes: 0 });
        }
        self.repo.has_folder(&path).then_some(Stat { kind: Kind::Directory, bytes: 0 })
    }
}

/// Notes the builds of a call of bake; `definition` has what the call says of all of them.
pub(super) fn command(
    world: &mut World<'_>,
    site: &Site,
    call: &BuildCall,
    folder: &str,
    environment: &BTreeMap<String, String>,
    mut definition: Definition,
) {
    let mut targets: Vec<String> = call.positional.iter().map(|target| unsplit(target)).collect();
    let mut folder = folder.to_owned();
    let mut site = site;
    let mut own_site;
    if let Some(source) =
        targets.first().filter(|target| is_remote(target) || target.starts_with("{{")).cloned()
    {
        targets.remove(0);
        let (context, dockerfile) = world.remote(&source, None);
        let own = source.starts_with("{{") || dockerfile.value().is_some();
        if !own {
            definition.context = context;
            elsewhere(world, call, &source, definition);
            return;
        }
        // The commit itself: paths are those of the repository, or of the folder of it that is named.
        let inner = source.split_once("}}").filter(|_| source.starts_with("{{"));
        let inner = inner.map(|(_, folder)| folder.trim_start_matches(':')).or_else(|| context.value());
        folder = join(super::path::ROOT, inner.unwrap_or("."));
        own_site = site.clone();
        own_site.checkouts.clear();
        site = &own_site;
    }
    // What `docker/metadata-action` writes names images, and no builds.
    let names_images = |file: &&String| {
        let name = readable(file);
        let unread = !is_known(file) && ["bake-file", "meta"].iter().any(|part| name.contains(part));
        unread || name.contains("docker-metadata-action-bake")
    };
    let files: Vec<String> = call.files.iter().filter(|file| !names_images(file)).cloned().collect();
    let is_tagged = files.len() < call.files.len();
    definition.more_args |= is_tagged;
    let lists = ways(&files);
    let set = Overrides::of(&call.set);
    let hidden = targets.iter().chain(lists.iter().flatten()).any(|word| !is_known(word))
        || call.hidden.iter().any(|word| !names_no_build(word))
        || set.hidden;
    if hidden {
        let words: Vec<String> = targets.iter().chain(&call.hidden).map(|word| readable(word)).collect();
        unknown_target(world, &format!("bake {}", words.join(" ")), definition);
        return;
    }
    let options =
        Options { targets: targets.clone(), set: set.known, env: environment.clone(), ..Options::default() };
    let mut runs = Ok(Vec::new());
    for files in lists {
        let way = resolved(world.repo, site, &folder, Options { files, ..options.clone() }, is_tagged);
        runs = runs.and_then(|runs: Vec<Resolved>| way.map(|way| runs.into_iter().chain(way).collect()));
    }
    match runs {
        Ok(runs) => {
            for name in runs[0].targets.keys() {
                let mut target = build(site, &folder, &runs, name, &definition);
                for field in &set.fields {
                    hide(&mut target, field);
                }
                world.add(target);
            }
        }
        Err(error) => {
            world.repo.problem(format!("{}: bake: {error}", definition.place));
            unknown_target(world, &format!("bake {}", targets.join(" ")), definition);
        }
    }
}

/// What the definition comes to with each of the values that stand in for unknown ones. At least one.
fn resolved(
    repo: &Repo<'_>,
    site: &Site,
    folder: &str,
    mut options: Options,
    is_tagged: bool,
) -> Result<Vec<Resolved>, String> {
    if site.leg.is_some() {
        for name in GITHUB {
            options.env.entry((*name).to_owned()).or_insert_with(|| unknown(&format!("${name}")));
        }
        options.env.entry("CI".to_owned()).or_insert_with(|| "true".to_owned());
        options.env.entry("GITHUB_ACTIONS".to_owned()).or_insert_with(|| "true".to_owned());
        if let Some(name) = repo.name() {
            options.env.entry("GITHUB_REPOSITORY".to_owned()).or_insert_with(|| name.to_owned());
        }
    }
    let mut files = Folder { site, repo, root: folder, tags: String::new() };
    if is_tagged {
        files.add_tags(&mut options);
    }
    let text = definitions(&files, &options.files);
    options.env.retain(|name, value| is_known(value) || text.contains(name.as_str()));
    let hidden: Vec<String> =
        options.env.iter().filter(|(_, value)| !is_known(value)).map(|(name, _)| name.clone()).collect();
    let mut runs = Vec::new();
    let mut error = String::new();
    let mut take = |options: &Options| match resolve(&files, options) {
        Ok(resolved) => runs.push(resolved),
        Err(wrong) => wrong.to_string().lines().next().unwrap_or_default().clone_into(&mut error),
    };
    take(&options);
    // The time is unknown, too.
    options.now = 1_000_000_000;
    if hidden.is_empty() {
        take(&options);
    } else {
        let values: Vec<&str> = STAND_INS.into_iter().chain(texts(&text)).collect();
        let mut with = |value: &dyn Fn(usize) -> Option<String>| {
            let mut options = options.clone();
            for (n, name) in hidden.iter().enumerate() {
                match value(n) {
                    Some(value) => options.env.insert(name.clone(), value),
                    None => options.env.remove(name),
                };
            }
            take(&options);
        };
        with(&|_| None);
        for &value in &values {
            with(&|_| Some(value.to_owned()));
        }
        if hidden.len() > 1 {
            for mix in 0..MIXES {
                // Numbers that share no divisor reach other pairs each time.
                with(&|n| {
                    values.get((mix * 7 + n * 13 + mix * n) % values.len()).map(|&value| value.to_owned())
                });
            }
        }
    }
    // One answer of several does not tell on what it depends.
    if runs.is_empty() || !hidden.is_empty() && runs.len() < 2 { Err(error) } else { Ok(runs) }
}

/// The text of the definitions that are read.
fn definitions(files: &Folder<'_>, named: &[String]) -> String {
    let names: Vec<&str> =
        if named.is_empty() { DEFAULT_FILES.to_vec() } else { named.iter().map(String::as_str).collect() };
    let read = |name: &&str| files.read(name.strip_prefix("cwd://").unwrap_or(name)).ok();
    let bytes: Vec<Vec<u8>> = names.iter().filter_map(read).collect();
    String::from_utf8_lossy(&bytes.join(&b'\n')).into_owned()
}

/// Texts in quotes that hold nothing to replace, each once, the first ones.
fn texts(definitions: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    // Only what is compared decides on other fields than those that a variable is written into.
    let compares = |line: &&str| ["==", "!=", "?", "("].iter().any(|sign| line.contains(sign));
    for line in definitions.lines().filter(compares) {
        for text in line.split('"').skip(1).step_by(2) {
            if found.len() < MAX_TEXTS && !text.contains("${") && !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

/// The build of a target that is in all runs.
fn build(site: &Site, folder: &str, runs: &[Resolved], name: &str, common: &Definition) -> Definition {
    let mut definition = common.clone();
    definition.bake_target = is_known(name).then(|| name.to_owned());
    let all: Vec<&Target> = runs.iter().filter_map(|run| run.targets.get(name)).collect();
    let why = |field: &str| format!("{field} of bake target {}", readable(name));
    // A field is known if it is the same in all runs.
    let same = |field: &dyn Fn(&Target) -> Option<String>, what: &str| -> Option<String> {
        let first = all.first().and_then(|target| field(target));
        let known = first.as_deref().is_none_or(is_known);
        let agree = all.len() == runs.len() && all.iter().all(|target| field(target) == first);
        if !known || agree { first } else { Some(unknown(&why(what))) }
    };
    let context = same(&|target| target.context.clone(), "context").unwrap_or_else(|| ".".to_owned());
    let context = context.strip_prefix("cwd://").unwrap_or(&context).to_owned();
    let file = same(&|target| target.dockerfile.clone(), "dockerfile").filter(|file| !file.is_empty());
    let inline = all.first().is_some_and(|target| target.dockerfile_inline.is_some());
    let file = file.unwrap_or_else(|| "Dockerfile".to_owned());
    if is_remote(&context) {
        definition.context = Text::of(context.as_str());
        definition.dockerfile = Text::unknown(&format!("a file of {}", readable(&context)));
    } else {
        let whole = if is_known(&context) { join(folder, &context) } else { format!("/{context}") };
        definition.context = site.located(&whole);
        let file = file.strip_prefix("cwd://").map_or_else(|| join(&whole, &file), |file| join(folder, file));
        definition.dockerfile = site.located(&file);
    }
    if inline {
        definition.dockerfile = Text::known("-");
    }
    let target = same(&|target| target.target.clone(), "target").filter(|target| !target.is_empty());
    definition.target = target.map(Text::of);
    let list = same(&|target| target.platforms.as_ref().map(|list| list.join(",")), "platforms");
    definition.platforms = list.map_or_else(|| Platforms::Known(Vec::new()), |list| platforms(&list));
    definition.args = arguments(&all, runs.len(), &why);
    let contexts = all.first().and_then(|target| target.contexts.clone()).unwrap_or_default();
    definition.build_contexts = contexts.into_iter().map(|(name, value)| (name, Text::of(value))).collect();
    let caches = |list: Option<&Vec<crate::bake::CacheEntry>>| -> Vec<Text> {
        list.into_iter().flatten().map(|entry| Text::of(cache(entry))).collect()
    };
    definition.cache_from = caches(all.first().and_then(|target| target.cache_from.as_ref()));
    definition.cache_to = caches(all.first().and_then(|target| target.cache_to.as_ref()));
    let pushes = |target: &&Target| {
        let kinds = target.outputs.iter().flatten();
        kinds.into_iter().any(|output| {
            output.kind == "registry" || output.attributes.get("push").is_some_and(|push| push == "true")
        })
    };
    if all.first().is_some_and(pushes) {
        definition.push = Push::Yes;
    }
    definition.set_legs();
    definition
}

fn arguments(all: &[&Target], runs: usize, why: &dyn Fn(&str) -> String) -> Vec<(String, Text)> {
    let Some(first) = all.first() else { return Vec::new() };
    let value_of =
        |target: &Target, name: &str| target.args.as_ref().and_then(|args| args.get(name).cloned()).flatten();
    let names = first.args.iter().flat_map(|args| args.keys());
    names
        .map(|name| {
            let value = value_of(first, name);
            let agree = all.len() == runs && all.iter().all(|target| value_of(target, name) == value);
            let text = match value {
                Some(value) if agree || !is_known(&value) => Text::of(value),
                Some(_) => Text::unknown(&why(name)),
                None => Text::unknown(&format!("${name}")),
            };
            (name.clone(), text)
        })
        .collect()
}

/// A cache as on a command line.
fn cache(entry: &crate::bake::CacheEntry) -> String {
    let attributes = entry.attributes.iter().map(|(name, value)| format!(",{name}={value}"));
    format!("type={}{}", entry.kind, attributes.collect::<String>())
}

/// A definition in another repository.
fn elsewhere(world: &mut World<'_>, call: &BuildCall, source: &str, mut definition: Definition) {
    let why = format!("a bake definition of {}", readable(source));
    definition.dockerfile = Text::unknown(&why);
    definition.target = Some(Text::unknown(&why));
    let targets = call.positional.iter().filter(|target| !is_remote(target));
    let names: Vec<&str> = targets.map(String::as_str).chain(["*"]).collect();
    let set = call.set.iter().find_map(|set| {
        let (target, list) = set.split_once(".platform=")?;
        names.contains(&target).then_some(list)
    });
    definition.platforms = set.map_or_else(|| Platforms::Unknown(Text::unknown(&why), Vec::new()), platforms);
    definition.more_args = true;
    definition.legs = Legs::Unknown;
    world.add(definition);
}

/// A target of which nothing is known.
fn unknown_target(world: &mut World<'_>, why: &str, mut definition: Definition) {
    definition.dockerfile = Text::unknown(why);
    definition.context = Text::unknown(why);
    definition.target = Some(Text::unknown(why));
    definition.platforms = Platforms::Unknown(Text::unknown(why), Vec::new());
    definition.more_args = true;
    definition.legs = Legs::Unknown;
    world.add(definition);
}
