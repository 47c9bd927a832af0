//! Targets, and how they are put together from blocks and from those they inherit from.

use std::collections::BTreeMap;

use super::entries::{
    Attest, CacheEntry, Export, Policy, Resources, Secret, Ssh, last_by_key, without_duplicates,
};

/// A build that a definition defines. What is not set is `None`; an empty list is set.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Names of those it takes from. Of a resolved target, nothing.
    pub inherits: Option<Vec<String>>,
    /// Annotations of the image.
    pub annotations: Option<Vec<String>>,
    /// Attestations of the build.
    pub attest: Option<Vec<Attest>>,
    /// The build context.
    pub context: Option<String>,
    /// Named contexts.
    pub contexts: Option<BTreeMap<String, String>>,
    /// The Dockerfile, from the context.
    pub dockerfile: Option<String>,
    /// The text of the Dockerfile, in place of a file.
    pub dockerfile_inline: Option<String>,
    /// Build arguments.
    pub args: Option<BTreeMap<String, Option<String>>>,
    /// Labels of the image.
    pub labels: Option<BTreeMap<String, Option<String>>>,
    /// Names of the image.
    pub tags: Option<Vec<String>>,
    /// Caches that are read.
    pub cache_from: Option<Vec<CacheEntry>>,
    /// Caches that are written.
    pub cache_to: Option<Vec<CacheEntry>>,
    /// The stage that is built.
    pub target: Option<String>,
    /// Secrets.
    pub secrets: Option<Vec<Secret>>,
    /// Keys.
    pub ssh: Option<Vec<Ssh>>,
    /// Target platforms.
    pub platforms: Option<Vec<String>>,
    /// What becomes of the result.
    pub outputs: Option<Vec<Export>>,
    /// Base images are looked up anew.
    pub pull: Option<bool>,
    /// Nothing cached is used.
    pub no_cache: Option<bool>,
    /// The network of steps.
    pub network: Option<String>,
    /// Stages for which nothing cached is used.
    pub no_cache_filter: Option<Vec<String>>,
    /// The size of `/dev/shm`.
    pub shm_size: Option<String>,
    /// Limits of processes.
    pub ulimits: Option<Vec<String>>,
    /// Limits of steps.
    pub resources: Option<Resources>,
    /// What is done in place of building.
    pub call: Option<String>,
    /// What the build is allowed.
    pub entitlements: Option<Vec<String>>,
    /// Hosts that steps know.
    pub extra_hosts: Option<BTreeMap<String, Option<String>>>,
    /// Policies.
    pub policy: Option<Vec<Policy>>,
    /// Only built because another target uses it as a context.
    pub linked: bool,
    pub(super) bases: Bases,
}

/// The folders that paths of a target are relative to, where files decide that.
#[derive(Debug, Clone, Default)]
pub(super) struct Bases {
    pub(super) default: Option<String>,
    pub(super) use_default: bool,
    pub(super) context: Option<String>,
    /// The target whose context this one takes.
    pub(super) context_of: Option<String>,
    pub(super) contexts: BTreeMap<String, String>,
}

/// A group of targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Names of targets and groups.
    pub targets: Vec<String>,
    /// It was never given any: that of Compose files without a build. Prints as null.
    pub(super) without_list: bool,
}

fn replace<T: Clone>(own: &mut Option<T>, other: Option<&T>) {
    if other.is_some() {
        *own = other.cloned();
    }
}

fn append<T: Clone>(own: &mut Option<Vec<T>>, other: Option<&Vec<T>>) {
    if let Some(other) = other {
        own.get_or_insert_default().extend(other.iter().cloned());
    }
}

/// Adds the entries that have a value.
fn merge_known(
    own: &mut Option<BTreeMap<String, Option<String>>>,
    other: Option<&BTreeMap<String, Option<String>>>,
) {
    for (name, value) in other.into_iter().flatten() {
        if value.is_some() {
            own.get_or_insert_default().insert(name.clone(), value.clone());
        }
    }
}

impl Target {
    /// Takes over what another one sets. Lists that add up are appended, the others replaced.
    pub(super) fn merge(&mut self, other: &Self) {
        if other.bases.default.is_some() {
            self.bases.default.clone_from(&other.bases.default);
            self.bases.use_default = other.bases.use_default;
        }
        if other.context.is_some() {
            self.context.clone_from(&other.context);
            self.bases.context.clone_from(&other.bases.context);
            self.bases.context_of.clone_from(&other.bases.context_of);
        }
        replace(&mut self.dockerfile, other.dockerfile.as_ref());
        replace(&mut self.dockerfile_inline, other.dockerfile_inline.as_ref());
        merge_known(&mut self.args, other.args.as_ref());
        for (name, value) in other.contexts.iter().flatten() {
            self.contexts.get_or_insert_default().insert(name.clone(), value.clone());
            match other.bases.contexts.get(name) {
                Some(base) => self.bases.contexts.insert(name.clone(), base.clone()),
                None => self.bases.contexts.remove(name),
            };
        }
        merge_known(&mut self.labels, other.labels.as_ref());
        replace(&mut self.tags, other.tags.as_ref());
        replace(&mut self.target, other.target.as_ref());
        replace(&mut self.call, other.call.as_ref());
        append(&mut self.annotations, other.annotations.as_ref());
        append(&mut self.attest, other.attest.as_ref());
        append(&mut self.policy, other.policy.as_ref());
        append(&mut self.secrets, other.secrets.as_ref());
        append(&mut self.ssh, other.ssh.as_ref());
        replace(&mut self.platforms, other.platforms.as_ref());
        if other.cache_from.is_some() {
            append(&mut self.cache_from, other.cache_from.as_ref());
            self.cache_from = self.cache_from.take().map(without_duplicates);
        }
        replace(&mut self.cache_to, other.cache_to.as_ref());
        replace(&mut self.outputs, other.outputs.as_ref());
        replace(&mut self.pull, other.pull.as_ref());
        replace(&mut self.no_cache, other.no_cache.as_ref());
        replace(&mut self.network, other.network.as_ref());
        append(&mut self.no_cache_filter, other.no_cache_filter.as_ref());
        replace(&mut self.shm_size, other.shm_size.as_ref());
        append(&mut self.ulimits, other.ulimits.as_ref());
        if let Some(resources) = &other.resources {
            self.resources.get_or_insert_default().merge(resources);
        }
        if !other.description.is_empty() {
            self.description.clone_from(&other.description);
        }
        append(&mut self.entitlements, other.entitlements.as_ref());
        merge_known(&mut self.extra_hosts, other.extra_hosts.as_ref());
        append(&mut self.inherits, other.inherits.as_ref());
    }

    /// Takes out duplicates and what is empty.
    pub(super) fn normalize(&mut self) {
        unique(&mut self.annotations);
        self.attest = some(self.attest.take(), |entries| last_by_key(entries, |attest| attest.kind.clone()));
        unique(&mut self.tags);
        self.secrets = some(self.secrets.take(), |entries| last_by_key(entries, |secret| secret.id.clone()));
        self.ssh = some(self.ssh.take(), |entries| last_by_key(entries, |ssh| ssh.id.clone()));
        unique(&mut self.platforms);
        self.cache_from = some(self.cache_from.take(), without_duplicates);
        self.cache_to = some(self.cache_to.take(), without_duplicates);
        self.outputs = some(self.outputs.take(), without_duplicates);
        unique(&mut self.no_cache_filter);
        unique(&mut self.ulimits);
        if self.network.as_deref() == Some("host") {
            self.entitlements.get_or_insert_default().push("network.host".to_owned());
        }
        unique(&mut self.entitlements);
        if let Some(contexts) = &mut self.contexts {
            contexts.retain(|_, value| !value.is_empty());
        }
        self.contexts = self.contexts.take().filter(|contexts| !contexts.is_empty());
    }
}

/// The entries that stay, unless there are none.
fn some<T>(entries: Option<Vec<T>>, keep: impl Fn(Vec<T>) -> Vec<T>) -> Option<Vec<T>> {
    entries.filter(|entries| !entries.is_empty()).map(keep)
}

/// Keeps the first of each string, and no empty one.
fn unique(strings: &mut Option<Vec<String>>) {
    if let Some(strings) = strings {
        let mut seen = std::collections::BTreeSet::new();
        strings.retain(|text| !text.is_empty() && seen.insert(text.clone()));
    }
}

/// The first of each.
pub(super) fn deduplicated(strings: &[String]) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    strings.iter().filter(|text| seen.insert(text.as_str())).cloned().collect()
}
