//! Steps: what a job does one after the other.

use std::collections::BTreeMap;

use super::super::definition::{Builder, Place, Tool};
use super::super::jobs::{LegIx, Step};
use super::super::path::{ROOT, join};
use super::super::powershell;
use super::super::shell::{Script, Shell, State};
use super::super::site::Site;
use super::super::text::{is_known, readable, unknown};
use super::super::world::World;
use super::expr::interpolate_text;
use super::inputs;
use super::scope::{Scope, native_platform};
use super::value::Value;
use super::{MAX_DEPTH, actions};
use crate::yaml::{Node, Style, Value as Yaml};

/// A job that runs.
pub(super) struct Runner<'w, 'r> {
    pub(super) world: &'w mut World<'r>,
    pub(super) site: Site,
    /// The file whose steps run.
    pub(super) file: String,
    /// `defaults.run` of the job and of the workflow.
    pub(super) defaults: Vec<Node>,
}

/// What an action is given.
pub(super) struct With {
    pub(super) values: Vec<(String, Value)>,
}

impl With {
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The text of an input, if it is given and not empty.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.value(name)
            .map(Value::to_text)
            .filter(|text| !text.trim().is_empty())
            .map(|text| text.trim().to_owned())
    }

    /// The lines of an input that is a list.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        let text = self.text(name).unwrap_or_default();
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }
}

impl Runner<'_, '_> {
    pub(super) fn steps(&mut self, steps: &Node, scope: &Scope, depth: u32) {
        for step in steps.items() {
            if !self.world.spend() {
                return;
            }
            if scope.never(step.get("if")) {
                continue;
            }
            let mut scope = scope.clone();
            scope.add_env(step.get("env"));
            let outer = self.site.condition.clone();
            if let Some(own) = step.str("if").map(str::trim) {
                let both = outer.as_ref().map(|outer| format!("{outer} && {own}"));
                self.site.condition = Some(both.unwrap_or_else(|| own.to_owned()));
            }
            if let Some((key, uses)) = step.entry("uses") {
                let place = Place { file: self.file.clone(), line: key.line };
                let values = step.get("with").into_iter().flat_map(Node::entries);
                let with = With {
                    values: values.map(|(name, node)| (name.to_owned(), scope.value(node))).collect(),
                };
                self.uses(uses.as_str().unwrap_or_default(), &with, &scope, place, depth);
            } else if let Some(run) = step.get("run") {
                self.step(Step::of_script(run.as_str().unwrap_or_default()), |own| {
                    own.run(step, run, &scope);
                });
            }
            self.site.condition = outer;
        }
    }

    /// Does what a step does, and notes it in the leg: a build, if it builds anything.
    fn step(&mut self, kind: Step, does: impl FnOnce(&mut Self)) {
        let leg = self.site.leg.map(LegIx::index);
        let steps = leg.and_then(|leg| self.world.legs.get(leg)).map_or(0, |leg| leg.steps.len());
        self.site.step = u32::try_from(steps).unwrap_or(u32::MAX);
        let found = self.world.found.len();
        does(self);
        let kind = if self.world.found.len() > found { Step::Build } else { kind };
        if let Some(leg) = leg.and_then(|leg| self.world.legs.get_mut(leg)) {
            leg.steps.push(kind);
        }
    }

    fn uses(&mut self, uses: &str, with: &With, scope: &Scope, place: Place, depth: u32) {
        let own = scope.repository.as_deref().and_then(|name| {
            let path = uses.split('@').next()?;
            path.get(..name.len()).filter(|own| own.eq_ignore_ascii_case(name))?;
            path.get(name.len()..).map(|rest| if rest.is_empty() { "/." } else { rest })
        });
        if uses.starts_with("./") || uses.starts_with("../") {
            self.local_action(&join(ROOT, uses), with, scope, place, depth);
            return;
        }
        if let Some(path) = own.filter(|path| path.starts_with('/')) {
            let path = join(ROOT, &path[1..]);
            self.local_action(&path, with, scope, place, depth);
            return;
        }
        let name = uses.split('@').next().unwrap_or_default().to_ascii_lowercase();
        if let Some(script) = actions::wrapped_script(&name, with) {
            self.step(Step::of_script(&script), |own| {
                own.shell_text(&script, &place.file, place.line, ROOT, &scope.env);
            });
            return;
        }
        if name == "wandalen/wretry.action"
            && let Some(inner) = with.text("action")
            && let Ok(node) = crate::yaml::parse(&with.text("with").unwrap_or_default())
        {
            let values = node.entries().map(|(name, value)| (name.to_owned(), scope.value(value))).collect();
            if depth < MAX_DEPTH {
                self.uses(&readable(&inner), &With { values }, scope, place, depth + 1);
            }
            return;
        }
        let kind = Step::of_action(&name);
        let leg = self.site.leg.and_then(|leg| self.world.legs.get_mut(leg.index()));
        if let Some(leg) = leg.filter(|leg| kind == Step::Emulator && leg.emulator.is_none()) {
            leg.emulator = Some(place.clone());
        }
        self.step(kind, |own| actions::step(own.world, &mut own.site, &name, with, scope, place));
    }

    /// A composite action of the repository.
    fn local_action(&mut self, folder: &str, with: &With, scope: &Scope, place: Place, depth: u32) {
        let Some(folder) = self.site.inside(folder).filter(|_| depth < MAX_DEPTH) else { return };
        let file = ["action.yml", "action.yaml"]
            .map(|name| if folder == "." { name.to_owned() } else { format!("{folder}/{name}") });
        let Some(file) = file.into_iter().find(|file| self.world.repo.has_file(file)) else { return };
        let Some(action) = self.world.repo.yaml(&file) else { return };
        if action.at(&["runs", "using"]).and_then(Node::as_str) != Some("composite") {
            return;
        }
        let mut inner = scope.clone();
        inner.inputs = inputs::of_call(action.get("inputs"), &with.values, scope, false);
        inner.matrix = scope.matrix.clone();
        inner.action = Some(folder);
        let Some(steps) = action.at(&["runs", "steps"]) else { return };
        forget_set_variables(steps, &mut inner.env);
        let own = std::mem::replace(&mut self.file, file);
        let defaults = std::mem::take(&mut self.defaults);
        self.site.via.push(place);
        self.steps(steps, &inner, depth + 1);
        self.site.via.pop();
        self.defaults = defaults;
        self.file = own;
    }

    fn run(&mut self, step: &Node, run: &Node, scope: &Scope) {
        let Some(text) = run.as_str() else { return };
        let setting = |name: &str| {
            let of_step = step.get(name).map(|node| scope.text(node));
            of_step.or_else(|| {
                self.defaults.iter().find_map(|defaults| defaults.get(name)).map(|node| scope.text(node))
            })
        };
        let folder =
            setting("working-directory").map_or_else(|| ROOT.to_owned(), |folder| join(ROOT, &folder));
        let windows = native_platform(&scope.runner).is_some_and(|platform| platform.starts_with("windows"));
        let shell =
            setting("shell").unwrap_or_else(|| if windows { "pwsh".to_owned() } else { "bash".to_owned() });
        let program = shell.split_whitespace().next().unwrap_or_default().to_owned();
        let line = match &run.value {
            Yaml::Scalar(_, Style::Literal | Style::Folded) => run.line,
            _ => step.entry("run").map_or(run.line, |(key, _)| key.line),
        };
        let text = interpolate_text(text, scope);
        let file = self.file.clone();
        match program.rsplit('/').next().unwrap_or_default() {
            "pwsh" | "powershell" => {
                powershell::run(self.world, &mut self.site, &text, &file, line, &folder, &scope.env);
            }
            "bash" | "sh" | "zsh" | "dash" | "nix" | "nix-shell" => {
                self.shell_text(&text, &file, line, &folder, &scope.env);
            }
            _ if !is_known(&program) => self.shell_text(&text, &file, line, &folder, &scope.env),
            _ => {}
        }
    }

    fn shell_text(
        &mut self,
        text: &str,
        file: &str,
        line: u32,
        folder: &str,
        env: &BTreeMap<String, String>,
    ) {
        if !may_build(text) {
            return;
        }
        self.site.tool = Tool::BuildxCli;
        self.site.folders.clear();
        let checkouts: Vec<String> =
            self.site.checkouts.iter().map(|checkout| format!("{checkout:?}")).collect();
        let key = (text, file, line, folder, env, checkouts);
        self.world.step(&mut self.site, key, |world, site| {
            let script = Script::new(text.to_owned(), file, line);
            Shell::run(world, site, &script, State::new(folder, env), 0);
        });
    }
}

/// Whether a script has anything in it that may build an image: most have not, and parsing them costs the most.
fn may_build(text: &str) -> bool {
    const SIGNS: &[&str] = &[
        "docker",
        "buildx",
        "make",
        "podman",
        "buildah",
        "depot",
        "goreleaser",
        "nerdctl",
        "/",
        ".sh",
        "npm",
        "yarn",
        "pnpm",
        "DOCKER",
        "CONTAINER",
    ];
    SIGNS.iter().any(|sign| text.contains(sign))
}

/// Makes variables unknown that a step sets by way of `GITHUB_ENV`.
pub(super) fn forget_set_variables(steps: &Node, env: &mut BTreeMap<String, String>) {
    for run in steps.items().iter().filter_map(|step| step.str("run")) {
        if !run.contains("GITHUB_ENV") {
            continue;
        }
        for line in
            run.lines().filter(|line| ["echo", "printf", "GITHUB_ENV"].iter().any(|sign| line.contains(sign)))
        {
            for (at, _) in line.match_indices('=') {
                let head = &line[..at];
                let start =
                    head.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
                let name = &head[start..];
                let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
                if begins && (env.contains_key(name) || head[..start].ends_with(['"', '\'', ' '])) {
                    env.insert(name.to_owned(), unknown(&format!("${{{{ env.{name} }}}}")));
                }
            }
        }
    }
}

/// The builder that `docker/setup-buildx-action` makes.
pub(super) fn setup_buildx(site: &mut Site, with: &With) {
    let builder = match with.text("driver").as_deref() {
        None | Some("docker-container") => Builder::DockerContainer,
        Some("docker") => Builder::Docker,
        Some("cloud") => Builder::Cloud,
        Some("remote" | "kubernetes") => Builder::Remote,
        Some(_) => Builder::Unknown,
    };
    site.builder = if with.text("endpoint").is_some_and(|endpoint| endpoint.contains("://")) {
        Builder::Remote
    } else {
        builder
    };
    // `docker build` uses it, too, with `install`.
    site.made_builder = with.text("install").filter(|install| install == "true").map(|_| site.builder);
}
