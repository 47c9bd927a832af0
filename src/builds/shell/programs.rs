//! Programs: those that build images, those that set up what builds, and those that run other definitions.

use super::super::definition::{Builder, Place, Tool};
use super::super::docker::{self, BuildCall};
use super::super::path::join;
use super::super::text::{is_known, unsplit};
use super::{Script, Shell, State};

impl Shell<'_, '_> {
    /// A program: docker and its like, a script of the repository, or one without meaning here.
    pub(super) fn program(&mut self, words: &[String], at: &Place, input: Option<&str>) {
        let Some(first) = words.first() else { return };
        if let Some(call) = self.build_call(words) {
            if call.dry {
                return;
            }
            let mut at = at.clone();
            let mut inner = None;
            if let Some(outer) = self.calls.last() {
                inner = Some(std::mem::replace(&mut at, outer.clone()));
            }
            let environment = self.state.environment();
            let folder = self.state.folder.clone();
            let outer = if self.runs_arguments && inner.is_none() { self.site.via.pop() } else { None };
            let tool = self.site.tool;
            if let Some(outer) = &outer {
                // A script that runs its arguments: what counts is who gives them.
                self.site.tool = Tool::of_file(&outer.file);
                inner = Some(std::mem::replace(&mut at, outer.clone()));
            }
            self.world.build(self.site, &call, &folder, &environment, at, inner, input);
            self.site.tool = tool;
            self.site.via.extend(outer);
            return;
        }
        let plain: Vec<String> = words.iter().map(|word| unsplit(word)).collect();
        let rest = &plain[1..];
        match plain[0].as_str() {
            "docker" if rest.first().is_some_and(|word| word == "buildx") => self.buildx(&rest[1..]),
            "docker" | "podman"
                if rest.iter().any(|word| word.contains("binfmt") || word.contains("qemu-user-static")) =>
            {
                self.site.qemu = true;
            }
            "goreleaser" => {
                let folder = self.state.folder.clone();
                super::super::goreleaser::run(self.world, self.site, rest, &folder, at.clone());
            }
            "npm" | "yarn" | "pnpm" => self.package_script(rest, at),
            _ if is_known(first) && first.contains('/') => {
                let first = plain[0].clone();
                self.run_file(&first, rest, at);
            }
            _ => self.wrapped_build(words, at, input),
        }
    }

    /// The build that words are, in whatever way the run goes.
    fn build_call(&self, words: &[String]) -> Option<BuildCall> {
        let ways = self.world.choices.ways(words);
        docker::merged(ways.iter().filter_map(|words| docker::parse(words)).collect())
    }

    /// A program that is not known and is given the command of a build, as programs that try again are.
    fn wrapped_build(&mut self, words: &[String], at: &Place, input: Option<&str>) {
        const NO_WRAPPERS: &[&str] = &[
            "echo", "printf", "cat", "grep", "egrep", "which", "type", "ssh", "kubectl", "log", "info",
            "docker", "podman",
        ];
        let name = words.first().map(|word| unsplit(word)).unwrap_or_default();
        if NO_WRAPPERS.contains(&name.rsplit('/').next().unwrap_or_default()) {
            return;
        }
        let starts =
            |word: &String| matches!(word.as_str(), "docker" | "podman" | "buildah" | "depot" | "make");
        let Some(start) = words.iter().skip(1).position(starts) else { return };
        let inner = &words[start + 1..];
        if inner.first().is_some_and(|word| word == "make") {
            self.make(&inner[1..], at);
        } else if self.build_call(inner).is_some() {
            self.program(inner, at, input);
        }
    }

    /// `docker buildx create`, which makes a builder.
    fn buildx(&mut self, words: &[String]) {
        if words.first().is_some_and(|word| word == "create") {
            let driver = words.iter().find_map(|word| word.strip_prefix("--driver="));
            let driver = driver.or_else(|| {
                let at = words.iter().position(|word| word == "--driver")?;
                words.get(at + 1).map(String::as_str)
            });
            let builder = match driver {
                None | Some("docker-container") => Builder::DockerContainer,
                Some("docker") => Builder::Docker,
                Some("cloud") => Builder::Cloud,
                Some(_) => Builder::Remote,
            };
            self.site.made_builder = Some(builder);
            if words.iter().any(|word| word == "--use") {
                self.site.builder = builder;
            }
        } else if words.first().is_some_and(|word| word == "use")
            && let Some(builder) = self.site.made_builder
        {
            self.site.builder = builder;
        }
    }

    /// `npm run docker:build`.
    fn package_script(&mut self, words: &[String], at: &Place) {
        let mut names = words
            .iter()
            .filter(|word| !word.starts_with('-'))
            .skip_while(|word| matches!(word.as_str(), "run" | "run-script"));
        let Some(name) = names.next() else { return };
        let Some(path) = self.site.inside(&join(&self.state.folder, "package.json")) else { return };
        let Some(text) = self.world.repo.text(&path) else { return };
        let Ok(package) = serde_json::from_str::<serde_json::Value>(&text) else { return };
        let Some(script) =
            package.get("scripts").and_then(|scripts| scripts.get(name)).and_then(|s| s.as_str())
        else {
            return;
        };
        let key = format!("\"{name}\"");
        let row = text.lines().position(|line| line.trim_start().starts_with(&key)).unwrap_or_default();
        let line = u32::try_from(row + 1).unwrap_or(u32::MAX);
        let script = Script::new(script.to_owned(), &path, line);
        let state = State::new(&self.state.folder, &self.state.environment());
        self.site.via.push(at.clone());
        let tool = std::mem::replace(&mut self.site.tool, Tool::Script);
        Shell::run(self.world, self.site, &script, state, self.depth + 1);
        self.site.tool = tool;
        self.site.via.pop();
    }
}
