//! What each instruction does to a stage's state, and which vertices it makes.
//!
//! Follows the `dispatch…` functions of BuildKit's `dockerfile2llb/convert.go`.

use std::borrow::Cow;
use std::rc::Rc;

use smallvec::SmallVec;

use super::lower::{Lowering, Step};
use super::state::Run;
use super::vertex::{Action, FileOp, Op, Owner, OwnerName};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Arg, Instruction, Kind, Pair, Word};
use crate::model::ObservationKind;
use crate::model::path;
use crate::model::resolve::Link;
use crate::model::scope::{Origin, OriginKind};
use crate::model::values;
use crate::source::Line;
use crate::symbols::Symbol;

/// Arguments that steer BuildKit and never reach the environment.
const NOT_IN_ENVIRONMENT: [&str; 2] = ["BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"];

impl Lowering<'_, '_> {
    /// Dispatches one instruction; `line` owns what it makes.
    pub(super) fn dispatch(
        &mut self,
        instruction: &Instruction<'_>,
        link: Link<'_>,
        line: Line,
        run: &mut Run,
        resolution: usize,
    ) -> Step<()> {
        match &instruction.kind {
            Kind::Arg(args) => args.iter().try_for_each(|arg| self.arg(arg, line, run)),
            Kind::Env(pairs) => self.env(pairs, line, run),
            Kind::Label(pairs) => self.expand_pairs(pairs, line, run).map(drop),
            Kind::Workdir(path) => self.workdir(*path, line, run),
            Kind::User(user) => {
                run.state.user = self.expand(*user, run, line)?;
                Ok(())
            }
            Kind::Shell(words) => {
                run.state.shell = Some(words.iter().map(|word| self.model.symbols.intern(word)).collect());
                Ok(())
            }
            Kind::Expose(ports) => ports.iter().try_for_each(|port| self.expose(*port, run)),
            Kind::Volume(volumes) => volumes.iter().try_for_each(|volume| self.volume(*volume, line, run)),
            Kind::StopSignal(signal) => self.stop_signal(*signal, line, run),
            Kind::Run(command) => self.exec(command, instruction, link, line, run, resolution),
            Kind::Copy(copy) => self.copy(copy, false, link, line, run, resolution),
            Kind::Add(copy) => self.copy(copy, true, link, line, run, resolution),
            Kind::From(_)
            | Kind::Onbuild(_)
            | Kind::Cmd(_)
            | Kind::Entrypoint(_)
            | Kind::Healthcheck
            | Kind::Maintainer(_)
            | Kind::Invalid => Ok(()),
        }
    }

    /// A build argument beats the default, the default beats the global value.
    fn arg(&mut self, arg: &Arg<'_>, line: Line, run: &mut Run) -> Step<()> {
        let name = self.model.symbols.intern(arg.name.text);
        let global = || {
            let target = run.targets.iter().next()?;
            self.model.globals.get(name).map(|value| value.of(target))
        };
        let (value, kind) = if let Some(&given) = self.model.build_args.get(&name) {
            (Some(given), OriginKind::Arg)
        } else if let Some(default) = arg.default {
            (Some(self.expand(default, run, line)?), OriginKind::Arg)
        } else {
            (global(), OriginKind::GlobalArg)
        };
        match value {
            Some(value) if !NOT_IN_ENVIRONMENT.contains(&arg.name.text) => {
                run.state.set_env(name, value, Origin { kind, line: Some(line) }, &mut self.shared.log);
            }
            Some(_) => {}
            None => Rc::make_mut(run.state.valueless.get_or_insert_default()).push(name),
        }
        Ok(())
    }

    /// All words of one `ENV` see the variables as they were before it.
    fn env(&mut self, pairs: &[Pair<'_>], line: Line, run: &mut Run) -> Step<()> {
        let origin = Origin { kind: OriginKind::Env, line: Some(line) };
        for (key, value) in self.expand_pairs(pairs, line, run)? {
            run.state.set_env(key, value, origin, &mut self.shared.log);
            run.state.set_config_env(key, value, origin, &mut self.shared.log);
        }
        Ok(())
    }

    fn expand_pairs(
        &mut self,
        pairs: &[Pair<'_>],
        line: Line,
        run: &Run,
    ) -> Step<SmallVec<[(Symbol, Symbol); 8]>> {
        pairs
            .iter()
            .map(|pair| Ok((self.expand(pair.key, run, line)?, self.expand(pair.value, run, line)?)))
            .collect()
    }

    /// Makes the directory, unless it is `/`.
    fn workdir(&mut self, word: Word<'_>, line: Line, run: &mut Run) -> Step<()> {
        let expanded = self.expand(word, run, line)?;
        let text = self.model.symbols.text(expanded);
        let is_of_base = text.is_empty() && run.state.may_hold_variables();
        if !run.state.is_dir_set && !is_of_base && !run.state.paths().is_absolute(text) {
            let kind = ObservationKind::RelativeWorkdir { dir: text.to_owned() };
            self.observe(kind, word.span, line);
        }
        run.state.is_dir_set = true;
        let dir = run.state.enter_dir(expanded, &mut self.model.symbols).map_err(|reason| {
            let text = self.model.symbols.text(expanded);
            Diagnostic::error(Code::BadValue, format!("the directory {text:?} is refused: {reason}"))
                .span(word.span)
        })?;
        if &self.model.symbols[dir] == "/" {
            return Ok(());
        }
        let path = match path::clean(self.model.symbols.text(dir)) {
            Cow::Borrowed(_) => dir,
            Cow::Owned(cleaned) => self.model.symbols.intern(&cleaned),
        };
        let owner = self.owner(run.state.user);
        let epoch = self.model.symbols.find("SOURCE_DATE_EPOCH");
        let time = epoch.and_then(|name| {
            let given = self.model.build_args.get(&name).copied();
            given.or_else(|| Some(self.model.globals.get(name)?.of(run.targets.iter().next()?)))
        });
        let action = Action::Mkdir { path, mode: 0o755, owner, time: time.unwrap_or(Symbol::EMPTY) };
        let base = run.state.root.map(|root| self.shared.interner.vertex(root));
        let op = Op::File(FileOp { base, actions: vec![action] });
        run.state.root = Some(self.shared.interner.place(op, run.state.root, Some(self.owned_by(line))));
        Ok(())
    }

    /// The user and group that `text` names; neither where it is empty.
    pub(super) fn owner(&mut self, text: Symbol) -> Owner {
        if text == Symbol::EMPTY {
            return Owner::default();
        }
        let text = self.model.symbols.text(text).to_owned();
        let (user, group) = values::owner(&text);
        let mut name = |owner| match owner {
            values::Owner::Id(id) => OwnerName::Id(id),
            values::Owner::Name(name) => OwnerName::Name(self.model.symbols.intern(name)),
        };
        Owner { user: Some(name(user)), group: group.map(name) }
    }

    fn expose(&mut self, port: Word<'_>, run: &Run) -> Step<()> {
        let lexer = self.lexer;
        let (words, _) = self.in_scope(run, |scope| lexer.expand_words(port.text, scope));
        let words = words.map_err(|error| self.model.expansion_error(&error, port))?;
        words.iter().try_for_each(|word| {
            values::check_port(word).map_err(|reason| {
                Diagnostic::error(Code::BadValue, format!("EXPOSE refuses {word:?}: {reason}"))
                    .span(port.span)
            })
        })
    }

    fn volume(&mut self, volume: Word<'_>, line: Line, run: &Run) -> Step<()> {
        let is_of_base = volume.text.contains('$') && run.state.may_hold_variables();
        if self.expand(volume, run, line)? == Symbol::EMPTY && !is_of_base {
            return Err(Diagnostic::error(Code::BadValue, "VOLUME cannot be an empty path").span(volume.span));
        }
        Ok(())
    }

    fn stop_signal(&mut self, signal: Word<'_>, line: Line, run: &Run) -> Step<()> {
        let expanded = self.expand(signal, run, line)?;
        let text = self.model.symbols.text(expanded);
        let is_of_base = text.is_empty() && signal.text.contains('$') && run.state.may_hold_variables();
        if is_of_base || values::is_signal(text) {
            return Ok(());
        }
        let message = format!("{text:?} is neither a signal's name nor a number");
        Err(Diagnostic::error(Code::BadValue, message)
            .span(signal.span)
            .help("write a signal such as SIGTERM"))
    }
}
