//! What buildx checks before it prints or builds: files of secrets, agents, platforms, limits, annotations, outputs.

use std::collections::BTreeMap;

use super::files::{Files, Kind};
use super::paths;
use super::remote;
use super::target::Target;
use super::units::{check_ulimit, parse_memory};
use crate::architectures::{ARCHITECTURES, SYSTEMS};

/// The largest file of a secret, in bytes.
const MAX_SECRET: u64 = 500 << 10;

/// Checks a target, and cleans what buildx cleans on the way.
pub(super) fn check(
    target: &mut Target,
    files: &dyn Files,
    env: &BTreeMap<String, String>,
    look: bool,
) -> Result<(), String> {
    if target.context.as_deref() == Some("-") {
        return Err("a context from standard input is not allowed in bake".to_owned());
    }
    if target.dockerfile.as_deref() == Some("-") {
        return Err("a Dockerfile from standard input is not allowed in bake".to_owned());
    }
    let context = target.context.as_deref().unwrap_or(".");
    target.context = Some(match context.strip_prefix("cwd://") {
        Some(path) => paths::clean(path),
        None if remote::is_remote(context) => context.to_owned(),
        None => paths::clean(context),
    });
    if let Some(size) = &target.shm_size {
        parse_memory(size).map_err(|error| format!("shm-size: {error}"))?;
    }
    for platform in target.platforms.iter().flatten().flat_map(|platforms| platforms.split(',')) {
        platform_of(platform)?;
    }
    for secret in target.secrets.iter().flatten() {
        if secret.id.is_empty() {
            return Err("a secret has an id".to_owned());
        }
        let by_id = secret.variable.is_empty() && secret.source.is_empty();
        if by_id && env.contains_key(&secret.id) {
            continue;
        }
        let path = if by_id { &secret.id } else { &secret.source };
        if look && !path.is_empty() {
            match files.stat(path) {
                Some(stat) if stat.bytes > MAX_SECRET => {
                    return Err(format!("the secret {path:?} is too large"));
                }
                Some(_) => {}
                None => return Err(format!("the file {path:?} of a secret is missing")),
            }
        }
    }
    if look {
        agents(target, files, env)?;
        outputs(target, files)?;
    }
    annotations(target)?;
    for ulimit in target.ulimits.iter().flatten() {
        check_ulimit(ulimit)?;
    }
    if let Some(resources) = &target.resources {
        let (memory, swap) = resources.memory();
        if let Some(memory) = memory {
            parse_memory(memory.trim())?;
        }
        if let Some(swap) = swap.map(str::trim).filter(|swap| *swap != "-1") {
            parse_memory(swap)?;
        }
    }
    Ok(())
}

/// Whether a platform is written as one.
fn platform_of(text: &str) -> Result<(), String> {
    const OTHER_NAMES: [&str; 7] = ["i386", "x86_64", "x86-64", "aarch64", "armhf", "armel", "macos"];
    if text.eq_ignore_ascii_case("local") {
        return Ok(());
    }
    let wrong = || format!("{text:?} is no platform");
    let word = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|char| char.is_ascii_alphanumeric() || more.contains(char))
    };
    let parts: Vec<&str> = text.split('/').collect();
    let (system, rest) = parts.split_first().ok_or_else(wrong)?;
    let (name, options) = match system.split_once('(') {
        Some((name, options)) => (name, options.strip_suffix(')').ok_or_else(wrong)?),
        None => (*system, ""),
    };
    let fine = word(name, "_-")
        && (options.is_empty() || word(options, "_.%-+"))
        && rest.iter().all(|part| word(part, "_.-"));
    if !fine || parts.len() > 3 {
        return Err(wrong());
    }
    let lower = name.to_lowercase();
    let known = |list: &[&str]| list.contains(&lower.as_str());
    if parts.len() == 1 && !known(&SYSTEMS) && !known(&ARCHITECTURES) && !known(&OTHER_NAMES) {
        return Err(wrong());
    }
    Ok(())
}

fn agents(target: &Target, files: &dyn Files, env: &BTreeMap<String, String>) -> Result<(), String> {
    let mut seen = Vec::new();
    let given = target.ssh.as_deref().unwrap_or_default();
    let implied = given.is_empty() && target.context.as_deref().is_some_and(remote::is_ssh);
    let implied_keys = implied.then(|| super::Ssh { id: "default".to_owned(), paths: Vec::new() });
    for ssh in given.iter().chain(&implied_keys) {
        let id = if ssh.id.is_empty() { "default" } else { &ssh.id };
        if seen.contains(&id) {
            return Err(format!("the agent {id:?} is there twice"));
        }
        seen.push(id);
        let socket = env.get("SSH_AUTH_SOCK").filter(|path| !path.is_empty());
        let default = ssh.paths.is_empty() || matches!(&ssh.paths[..], [path] if path.is_empty());
        let paths: Vec<&String> = if default {
            vec![socket.ok_or("SSH_AUTH_SOCK is not set, so there is no agent for ssh")?]
        } else {
            ssh.paths.iter().collect()
        };
        let mut sockets = 0;
        for path in &paths {
            let stat = files.stat(path).ok_or_else(|| format!("{path:?} of ssh is missing"))?;
            match stat.kind {
                Kind::Socket => sockets += 1,
                Kind::Directory => return Err(format!("{path:?} of ssh is a folder")),
                Kind::File => {
                    let key = files.read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                    if !key.is_some_and(|key| is_key(&key)) {
                        return Err(format!("{path:?} of ssh is no private key"));
                    }
                }
            }
        }
        if sockets > 0 && paths.len() > 1 {
            return Err("ssh takes one socket, or keys".to_owned());
        }
    }
    Ok(())
}

/// Whether a text is a private key in PEM that is not encrypted.
fn is_key(text: &str) -> bool {
    text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") && !text.contains("ENCRYPTED")
}

/// Outputs that need a destination have one, and one at most writes to standard output.
fn outputs(target: &mut Target, files: &dyn Files) -> Result<(), String> {
    let mut printed = false;
    for output in target.outputs.iter_mut().flatten() {
        if output.kind.is_empty() {
            return Err("an output has a type".to_owned());
        }
        let tar = output
            .attributes
            .get("tar")
            .and_then(|text| super::entries::parse_bool(text).ok())
            .unwrap_or(true);
        let (file, folder) = match output.kind.as_str() {
            "local" => (false, true),
            "tar" => (true, false),
            "oci" | "docker" => (tar, !tar),
            _ => (false, false),
        };
        let kind = output.kind.clone();
        if folder {
            match output.destination.as_str() {
                "" => return Err(format!("an output of type {kind} has a destination")),
                "-" => return Err(format!("an output of type {kind} is not written to standard output")),
                path => {
                    if files.stat(path).is_some_and(|stat| stat.kind != Kind::Directory) {
                        return Err(format!("the destination {path:?} is a file"));
                    }
                }
            }
        }
        if file {
            if output.destination.is_empty() && output.kind != "docker" {
                "-".clone_into(&mut output.destination);
            }
            if output.destination == "-" {
                if printed {
                    return Err("two outputs are written to standard output".to_owned());
                }
                printed = true;
            } else if !output.destination.is_empty()
                && files.stat(&output.destination).is_some_and(|stat| stat.kind == Kind::Directory)
            {
                return Err(format!("the destination {:?} is a folder", output.destination));
            }
        }
    }
    Ok(())
}

fn annotations(target: &Target) -> Result<(), String> {
    for annotation in target.annotations.iter().flatten().filter(|text| !text.is_empty()) {
        let key = annotation.split_once('=').map(|(key, _)| key);
        let key = key.ok_or_else(|| format!("the annotation {annotation:?} has no value"))?;
        let Some((kinds, _)) = key.split_once(':') else { continue };
        for kind in kinds.split(',') {
            let (name, platform) = match kind.split_once('[') {
                Some((name, rest)) => (name, Some(rest.strip_suffix(']').unwrap_or("?"))),
                None => (kind, None),
            };
            if !matches!(name, "index" | "index-descriptor" | "manifest" | "manifest-descriptor") {
                return Err(format!("{kind:?} is no type of annotations"));
            }
            if let Some(platform) = platform {
                let plain = platform
                    .chars()
                    .all(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '/' | '-'));
                if !plain || platform.is_empty() {
                    return Err(format!("{kind:?} is no type of annotations"));
                }
                platform_of(platform)?;
            }
        }
    }
    Ok(())
}
