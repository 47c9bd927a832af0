//! The stage or image behind each `COPY --from` and each `from` of a mount.

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Failure, ImplicitImage, Link, Model, Names, Phase, SCRATCH, StateIx};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Copy, Instruction, Kind, Mount, Run};
use crate::dockerfile::expand::{Lexer, NoVariables};
use crate::dockerfile::{Arena, lower};
use crate::model::values;
use crate::source::Line;
use crate::symbols::Symbols;

/// Finds the stage or image behind each `--from`.
pub(super) struct Linker<'a> {
    arena: &'a Arena,
    stages: usize,
    pub(super) images: Vec<ImplicitImage>,
}

impl<'a> Linker<'a> {
    fn named(&mut self, name: &str, line: Option<Line>, names: &Names<'_>, symbols: &mut Symbols) -> StateIx {
        if let Some(stage) = names.get(&*lower(name)) {
            StateIx(stage.0)
        } else {
            self.images.push(ImplicitImage { name: symbols.intern(name), line });
            StateIx((self.stages + self.images.len() - 1) as u32)
        }
    }

    fn copy(
        &mut self,
        copy: &Copy<'_>,
        line: Line,
        lexer: Lexer,
        names: &Names<'_>,
        symbols: &mut Symbols,
    ) -> Result<Link<'a>, Diagnostic> {
        let Some(from) = copy.from else { return Ok(Link::None) };
        match lexer.expand(from, &mut NoVariables) {
            Ok(same) if same == from => {}
            Ok(_) => {
                let diagnostic =
                    Diagnostic::error(Code::VariableInFrom, "variables are not expanded in --from");
                return Err(diagnostic
                    .help("name a stage for it: `FROM image-$VARIABLE AS name`, then `--from=name`"));
            }
            Err(error) => {
                return Err(Diagnostic::error(
                    Code::BadExpansion,
                    format!("--from={from:?} cannot be read: {error}"),
                ));
            }
        }
        let Some(index) = values::go_int(from) else {
            return Ok(Link::Copy(self.named(from, Some(line), names, symbols)));
        };
        let count = self.stages + self.images.len();
        match u32::try_from(index).ok().filter(|&index| (index as usize) < count) {
            Some(index) => Ok(Link::Copy(StateIx(index))),
            None => Err(Diagnostic::error(Code::UnknownStage, format!("no stage has the index {index}"))
                .help("stages are counted from 0; a name says more")),
        }
    }

    fn mounts(&mut self, run: &Run<'_>, names: &Names<'_>, symbols: &mut Symbols) -> Link<'a> {
        // A mount without `from` counts as one from scratch, which takes a place in the list of indexes.
        fn from<'m>(mount: &Mount<'m>) -> &'m str {
            mount.from.filter(|from| !from.is_empty()).unwrap_or(SCRATCH)
        }
        if run.mounts.is_empty() {
            return Link::None;
        }
        let states: SmallVec<[StateIx; 8]> =
            run.mounts.iter().map(|mount| self.named(from(mount), None, names, symbols)).collect();
        Link::Mounts(self.arena.list(&states))
    }

    pub(super) fn link(
        &mut self,
        instruction: &Instruction<'_>,
        lexer: Lexer,
        names: &Names<'_>,
        symbols: &mut Symbols,
    ) -> Result<Link<'a>, Diagnostic> {
        match &instruction.kind {
            Kind::Copy(copy) => self
                .copy(copy, instruction.line, lexer, names, symbols)
                .map_err(|diagnostic| diagnostic.at(instruction.line).span(instruction.arguments.span)),
            Kind::Run(run) => Ok(self.mounts(run, names, symbols)),
            _ => Ok(Link::None),
        }
    }
}

impl<'a> Model<'a> {
    pub(super) fn linker(&self, images: Vec<ImplicitImage>, arena: &'a Arena) -> Linker<'a> {
        Linker { arena, stages: self.layout.stages.len(), images }
    }

    pub(super) fn link_all(&mut self, arena: &'a Arena) {
        let mut linker = self.linker(Vec::new(), arena);
        let lexer = self.lexer();
        let first = self.layout.stages.first().map_or(self.file.instructions.len(), |stage| stage.first);
        let mut links = Vec::with_capacity(self.file.instructions.len());
        links.resize(first, Link::None);
        for instruction in &self.file.instructions[first..] {
            let link = linker.link(instruction, lexer, &self.layout.names, &mut self.symbols);
            links.push(link.unwrap_or_else(|diagnostic| {
                let targets = self.inputs.all_targets();
                self.failures.push(Failure { phase: Phase::References, targets, diagnostic });
                Link::None
            }));
        }
        let layout = Arc::make_mut(&mut self.layout);
        (layout.images, layout.links) = (linker.images, links);
    }
}
