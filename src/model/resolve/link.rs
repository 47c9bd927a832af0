//! The stage or image behind each `COPY --from` and each `from` of a mount.

use foldhash::HashMap;

use super::{Failure, ImplicitImage, Link, Model, Phase, SCRATCH, StateIx};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Copy, Instruction, Kind, Mount, Run};
use crate::dockerfile::expand::{Lexer, NoVariables};
use crate::dockerfile::lower;
use crate::ids::StageIx;
use crate::model::values;
use crate::source::Line;
use crate::symbols::Symbols;

/// Finds the stage or image behind each `--from`.
pub(super) struct Linker<'m> {
    names: HashMap<&'m str, StageIx>,
    stages: usize,
    pub(super) images: Vec<ImplicitImage>,
}

impl Linker<'_> {
    fn named(&mut self, name: &str, line: Option<Line>, symbols: &mut Symbols) -> StateIx {
        if let Some(stage) = self.names.get(&*lower(name)) {
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
        symbols: &mut Symbols,
    ) -> Result<Link, Diagnostic> {
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
            return Ok(Link::Copy(self.named(from, Some(line), symbols)));
        };
        let count = self.stages + self.images.len();
        match u32::try_from(index).ok().filter(|&index| (index as usize) < count) {
            Some(index) => Ok(Link::Copy(StateIx(index))),
            None => Err(Diagnostic::error(Code::UnknownStage, format!("no stage has the index {index}"))
                .help("stages are counted from 0; a name says more")),
        }
    }

    fn mounts(&mut self, run: &Run<'_>, symbols: &mut Symbols) -> Link {
        // A mount without `from` counts as one from scratch, which takes a place in the list of indexes.
        fn from<'a>(mount: &Mount<'a>) -> &'a str {
            mount.from.filter(|from| !from.is_empty()).unwrap_or(SCRATCH)
        }
        if run.mounts.is_empty() {
            return Link::None;
        }
        Link::Mounts(run.mounts.iter().map(|mount| self.named(from(mount), None, symbols)).collect())
    }

    pub(super) fn link(
        &mut self,
        instruction: &Instruction<'_>,
        lexer: Lexer,
        symbols: &mut Symbols,
    ) -> Result<Link, Diagnostic> {
        match &instruction.kind {
            Kind::Copy(copy) => self
                .copy(copy, instruction.line, lexer, symbols)
                .map_err(|diagnostic| diagnostic.at(instruction.line).span(instruction.arguments.span)),
            Kind::Run(run) => Ok(self.mounts(run, symbols)),
            _ => Ok(Link::None),
        }
    }
}

impl<'a> Model<'a, '_> {
    pub(super) fn linker(&self, images: Vec<ImplicitImage>) -> Linker<'a> {
        let named =
            self.stages.iter().enumerate().filter_map(|(at, stage)| Some((stage.name?, StageIx::new(at))));
        Linker { names: named.collect(), stages: self.stages.len(), images }
    }

    pub(super) fn link_all(&mut self) {
        let mut linker = self.linker(Vec::new());
        let lexer = self.lexer();
        let first = self.stages.first().map_or(self.file.instructions.len(), |stage| stage.first);
        let mut links = vec![Link::None; first];
        for instruction in &self.file.instructions[first..] {
            links.push(linker.link(instruction, lexer, &mut self.symbols).unwrap_or_else(|diagnostic| {
                let targets = self.inputs.all_targets();
                self.failures.push(Failure { phase: Phase::References, targets, diagnostic });
                Link::None
            }));
        }
        self.images = linker.images;
        self.links = links;
    }
}
