//! `RUN`: the command line, its mounts, its environment.
//!
//! Follows BuildKit's `dockerfile2llb/convert.go` (`dispatchRun`), `convert_runmount.go`, `convert_secrets.go` and
//! `convert_ssh.go`.

use smallvec::SmallVec;

use super::intern::PlaceIx;
use super::lower::{Lowering, Step};
use super::state::Run;
use super::vertex::{Action, Backing, Exec, FileOp, Mount, Op, Owner, OwnerName, Secret};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{self, CommandLine, Instruction, Network};
use crate::dockerfile::chomp;
use crate::model::frontend::takes_devices;
use crate::model::mount::{self, MountSpec, MountType};
use crate::model::path;
use crate::model::resolve::{Link, StateIx};
use crate::model::scope::{Env, EnvId, Origin, OriginKind};
use crate::source::Line;
use crate::symbols::Symbol;

/// Where the script of an inline document with `#!` appears.
const DOCUMENT_FOLDER: &str = "/dev/pipes";

/// Mounts, secrets, and the places of the mounts' inputs.
#[derive(Default)]
struct Mounts {
    files: Vec<Mount>,
    secrets: Vec<Secret>,
    inputs: SmallVec<[PlaceIx; 4]>,
    agents: u32,
}

impl Lowering<'_, '_> {
    /// Makes the vertex of a `RUN`.
    pub(super) fn exec(
        &mut self,
        command: &ast::Run<'_>,
        instruction: &Instruction<'_>,
        link: Link<'_>,
        line: Line,
        run: &mut Run,
        resolution: usize,
    ) -> Step<()> {
        let mut mounts = Mounts::default();
        let args = self.args(command, instruction, run, &mut mounts);
        let states = if let Link::Mounts(states) = link { states } else { &[][..] };
        for (written, state) in command.mounts.iter().zip(states) {
            let spec = self.spec(written, run, line)?;
            self.mount(&spec, *state, run, resolution, &mut mounts).map_err(|diagnostic| match diagnostic
                .span
            {
                Some(_) => diagnostic,
                None => diagnostic.span(written.span),
            })?;
        }
        self.refuse_devices(instruction)?;
        mounts.files.sort_by(|a, b| self.model.symbols[a.target].cmp(&self.model.symbols[b.target]));
        let platform = match run.state.exec_platform {
            Some(platform) => platform,
            // A file system without a platform runs on the target's.
            None => self.model.platform_of(run.targets.iter().next().unwrap_or_default()),
        };
        let env = self.exec_env(run, &mounts);
        let exec = Exec {
            root: run.state.root.map(|root| self.shared.interner.vertex(root)),
            args,
            env,
            dir: run.state.dir,
            user: run.state.user,
            platform,
            network: match command.network {
                Network::Default => self.model.inputs.sandbox.network,
                own => own,
            },
            security: command.security,
            sandbox: self.sandbox,
            mounts: mounts.files,
            secrets: mounts.secrets,
        };
        let inputs = run.state.root.into_iter().chain(mounts.inputs);
        run.state.root =
            Some(self.shared.interner.place(Op::Exec(Box::new(exec)), inputs, Some(self.owned_by(line))));
        Ok(())
    }

    /// Devices do not reach the graph, but only the labs channel of the frontend takes them (BuildKit
    /// `dockerfile2llb/convert_norundevice.go`).
    fn refuse_devices(&self, instruction: &Instruction<'_>) -> Step<()> {
        let Some(flag) = instruction.flags.iter().find(|flag| flag.name == "device") else { return Ok(()) };
        if takes_devices(self.model.file, self.model.inputs) {
            return Ok(());
        }
        let diagnostic = Diagnostic::error(Code::BadFlag, "--device needs the labs channel of the frontend");
        Err(diagnostic.span(flag.span).help("begin the file with `# syntax=docker/dockerfile:1-labs`"))
    }

    /// The stage's environment, and where the first agent listens.
    fn exec_env(&mut self, run: &Run, mounts: &Mounts) -> EnvId {
        let agent = mounts.secrets.iter().find(|secret| secret.is_ssh);
        let Some(socket) = agent.and_then(|agent| agent.target) else { return run.state.env.id() };
        let name = self.model.symbols.intern("SSH_AUTH_SOCK");
        if run.state.env.get(name).is_some() {
            return run.state.env.id();
        }
        let mut env = Env::clone(&run.state.env);
        env.set(name, socket, Origin { kind: OriginKind::BaseImage, line: None }, &mut self.shared.log);
        env.id()
    }

    fn args(
        &mut self,
        command: &ast::Run<'_>,
        instruction: &Instruction<'_>,
        run: &Run,
        mounts: &mut Mounts,
    ) -> Vec<Symbol> {
        let line = match &command.command {
            CommandLine::Exec(words) => {
                return words.iter().map(|word| self.model.symbols.intern(word)).collect();
            }
            CommandLine::Shell(line) => line.text,
        };
        let script = match instruction.heredocs {
            [] => self.model.symbols.intern(line),
            [document, ..] if command.only_document => {
                let text = document.content.text;
                let text = if document.chomp { &chomp(text) } else { text };
                if !run.state.is_windows && text.starts_with("#!") {
                    self.script_file(document.name, text, mounts)
                } else {
                    self.model.symbols.intern(text)
                }
            }
            documents => {
                let mut script = String::from(line);
                for document in documents {
                    script.push('\n');
                    script.push_str(document.content.text);
                    script.push_str(document.name);
                }
                self.model.symbols.intern(&script)
            }
        };
        let mut args = Vec::with_capacity(4);
        if let Some(shell) = &run.state.shell {
            args.extend_from_slice(shell);
        } else {
            let default: &[&str] =
                if run.state.is_windows { &["cmd", "/S", "/C"] } else { &["/bin/sh", "-c"] };
            args.extend(default.iter().map(|word| self.model.symbols.intern(word)));
        }
        args.push(script);
        args
    }

    /// Puts a script into a file of its own and returns the command that runs it.
    fn script_file(&mut self, name: &str, text: &str, mounts: &mut Mounts) -> Symbol {
        let path = self.model.symbols.intern(&path::join(&["/", name]));
        let data = self.model.symbols.intern(text);
        let action = Action::Mkfile { path, mode: 0o755, data };
        let file =
            self.shared.interner.place(Op::File(FileOp { base: None, actions: vec![action] }), [], None);
        mounts.files.push(Mount {
            target: self.model.symbols.intern(&format!("{DOCUMENT_FOLDER}/")),
            input: Some(self.shared.interner.vertex(file)),
            selector: self.model.symbols.intern("/"),
            read_only: true,
            backing: Backing::Input,
        });
        mounts.inputs.push(file);
        self.model.symbols.intern(&path::join(&[DOCUMENT_FOLDER, name]))
    }

    fn spec(&mut self, written: &ast::Mount<'_>, run: &Run, line: Line) -> Step<MountSpec> {
        // The error of an expansion is a diagnostic, that of an option a sentence.
        enum Problem {
            Word(Box<Diagnostic>),
            Option(String),
        }
        impl From<String> for Problem {
            fn from(reason: String) -> Self {
                Self::Option(reason)
            }
        }
        mount::interpret(written, |value| {
            let word = ast::Word { text: value, span: written.span };
            let expanded =
                self.expand(word, run, line).map_err(|diagnostic| Problem::Word(Box::new(diagnostic)))?;
            Ok(self.model.symbols.text(expanded).to_owned())
        })
        .map_err(|problem| match problem {
            Problem::Word(diagnostic) => *diagnostic,
            Problem::Option(reason) => {
                Diagnostic::error(Code::BadMount, format!("--mount is refused: {reason}")).span(written.span)
            }
        })
    }

    fn mount(
        &mut self,
        spec: &MountSpec,
        state: StateIx,
        run: &Run,
        resolution: usize,
        mounts: &mut Mounts,
    ) -> Step<()> {
        let mut input = match (spec.from.as_str(), spec.kind) {
            ("", kind) if kind != MountType::Cache => None,
            _ => self.source(state, run, resolution).map_err(|stage| {
                let message = format!(
                    "the stage {} must come before the RUN that mounts from it",
                    self.stage_name(stage)
                );
                Diagnostic::error(Code::StageOrder, message)
            })?,
        };
        match spec.kind {
            MountType::Secret => {
                mounts.secrets.push(self.secret(spec));
                return Ok(());
            }
            MountType::Ssh => {
                let secret = self.agent(spec, mounts.agents)?;
                mounts.agents += 1;
                mounts.secrets.push(secret);
                return Ok(());
            }
            MountType::Tmpfs => input = None,
            MountType::Bind if spec.from.is_empty() => input = Some(self.context()),
            MountType::Bind | MountType::Cache => {}
        }
        let target = self.target(spec, run)?;
        let source = path::join(&["/", &spec.source]);
        let has_owner = spec.uid.or(spec.gid).or(spec.mode).is_some();
        let selector = match source.as_str() {
            "/" if has_owner => {
                input = Some(self.cache_folder(spec, input));
                "/cache"
            }
            "/" => "",
            path => path,
        };
        mounts.files.push(Mount {
            target,
            input: input.map(|input| self.shared.interner.vertex(input)),
            selector: self.model.symbols.intern(selector),
            read_only: spec.read_only,
            backing: match spec.kind {
                MountType::Cache => {
                    let id = if spec.id.is_empty() { &*path::clean(&spec.target) } else { &spec.id };
                    Backing::Cache { id: self.model.symbols.intern(id), sharing: spec.sharing }
                }
                MountType::Tmpfs => Backing::Tmpfs { size: spec.size },
                _ => Backing::Input,
            },
        });
        mounts.inputs.extend(input);
        Ok(())
    }

    /// Where a mount appears: relative to the working directory, never `/`.
    fn target(&mut self, spec: &MountSpec, run: &Run) -> Step<Symbol> {
        let absolute = spec.target.starts_with('/');
        let target = if absolute {
            spec.target.clone()
        } else {
            path::join(&["/", self.model.symbols.text(run.state.dir), &spec.target])
        };
        let is_open = !absolute && run.state.may_have_dir && !run.state.is_dir_set;
        if target == "/" && !is_open {
            let diagnostic =
                Diagnostic::error(Code::BadMount, "a mount cannot take the place of the whole file system");
            return Err(diagnostic.help(
                "give it a `target`, or, where the base image sets a working directory, its configuration by `--image-config`",
            ));
        }
        Ok(self.model.symbols.intern(&target))
    }

    /// A folder with the owner and permissions that a mount asks for.
    fn cache_folder(&mut self, spec: &MountSpec, base: Option<PlaceIx>) -> PlaceIx {
        let id = |id: Option<u32>| Some(OwnerName::Id(id.unwrap_or(0).cast_signed()));
        let action = Action::Mkdir {
            path: self.model.symbols.intern("/cache"),
            mode: spec.mode.unwrap_or(0o755),
            owner: Owner { user: id(spec.uid), group: id(spec.gid) },
            time: Symbol::EMPTY,
        };
        let op = Op::File(FileOp {
            base: base.map(|base| self.shared.interner.vertex(base)),
            actions: vec![action],
        });
        self.shared.interner.place(op, base, None)
    }

    fn secret(&mut self, spec: &MountSpec) -> Secret {
        let id = match (spec.source.as_str(), spec.id.as_str()) {
            ("", "") => path::base(&spec.target),
            ("", id) => id,
            (source, _) => source,
        };
        let target = match (spec.target.as_str(), &spec.env) {
            ("", Some(_)) => None,
            ("", None) => Some(format!("/run/secrets/{}", path::base(id))),
            (target, _) => Some(target.to_owned()),
        };
        Secret {
            is_ssh: false,
            id: self.model.symbols.intern(id),
            target: target.map(|target| self.model.symbols.intern(&target)),
            env: spec.env.as_deref().map(|name| self.model.symbols.intern(name)),
            optional: !spec.required,
            uid: spec.uid.unwrap_or(0),
            gid: spec.gid.unwrap_or(0),
            mode: spec.mode.unwrap_or(0o400),
        }
    }

    fn agent(&mut self, spec: &MountSpec, number: u32) -> Step<Secret> {
        if !spec.source.is_empty() {
            return Err(Diagnostic::error(Code::BadMount, "a mount of type ssh has no `source`"));
        }
        let target = if spec.target.is_empty() {
            format!("/run/buildkit/ssh_agent.{number}")
        } else {
            spec.target.clone()
        };
        Ok(Secret {
            is_ssh: true,
            id: self.model.symbols.intern(&spec.id),
            target: Some(self.model.symbols.intern(&target)),
            env: None,
            optional: !spec.required,
            uid: spec.uid.unwrap_or(0),
            gid: spec.gid.unwrap_or(0),
            mode: spec.mode.unwrap_or(0o600),
        })
    }
}
