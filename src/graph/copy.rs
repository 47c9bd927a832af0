//! `COPY` and `ADD`: sources of every kind, inline documents, and `--link`.
//!
//! Follows BuildKit's `dockerfile2llb/convert_copy.go`.

use std::sync::Arc;

use smallvec::SmallVec;

use super::intern::PlaceIx;
use super::lower::{Lowering, Step};
use super::state::Run;
use super::vertex::{Action, CopyAction, FileOp, Op, Owner, Source};
use crate::budget::{self, Part};
use crate::diagnostic::{Code, Diagnostic};
use crate::dockerfile::ast::{Copy, Document, Word};
use crate::model::git::{self, GitRef, Origin};
use crate::model::path;
use crate::model::resolve::Link;
use crate::model::values;
use crate::source::Line;
use crate::symbols::Symbol;

/// The work of a source of an instruction: it is normalized, and becomes part of what identifies the vertex.
const WORD: u64 = 1_000;

/// The work of an excluded pattern for each source.
const EXCLUDED: u64 = 40;

/// What all actions of one instruction share.
struct Common {
    to: Symbol,
    owner: Owner,
    mode: Symbol,
    exclude: Arc<[Symbol]>,
    is_add: bool,
    /// The file system that paths are looked up in.
    from: Option<PlaceIx>,
    rules: path::PathRules,
}

/// The actions of one instruction and the places of their inputs.
#[derive(Default)]
struct Actions {
    list: Vec<Action>,
    inputs: SmallVec<[PlaceIx; 8]>,
    carried: Carried,
}

/// What BuildKit carries from one source of an `ADD` to the next: the flags, and what a git URL says in their place.
#[derive(Debug, Clone, Copy, Default)]
struct Carried {
    checksum: Symbol,
    keep_git_dir: Option<bool>,
}

impl Lowering<'_, '_> {
    /// Makes the vertices of a `COPY` or `ADD`.
    pub(super) fn copy(
        &mut self,
        copy: &Copy<'_>,
        is_add: bool,
        link: Link<'_>,
        line: Line,
        run: &mut Run,
        resolution: usize,
    ) -> Step<()> {
        // Where that is too much, the walk ends.
        let sources = copy.sources.len() + copy.documents.len();
        budget::spend(Part::Graph, sources as u64 * (WORD + EXCLUDED * copy.exclude.len() as u64));
        let flag = |text| Word { text, span: copy.destination.span };
        let chown = self.expand(flag(copy.chown), run, line)?;
        let chmod = self.expand(flag(copy.chmod), run, line)?;
        let checksum = self.expand(flag(copy.checksum), run, line)?;
        let sources: SmallVec<[Symbol; 8]> =
            copy.sources.iter().map(|source| self.expand(*source, run, line)).collect::<Step<_>>()?;
        let destination = self.expand(copy.destination, run, line)?;
        let documents: SmallVec<[Symbol; 4]> = copy
            .documents
            .iter()
            .map(|document| self.content(document, copy, run, line))
            .collect::<Step<_>>()?;
        let from = self.copied_from(copy, link, run, resolution)?;
        let rules = run.state.paths();
        let common = Common {
            to: self.destination(destination, copy, run)?,
            owner: self.owner(chown),
            mode: self.mode(chmod, copy)?,
            exclude: copy.exclude.iter().map(|pattern| self.model.symbols.intern(pattern)).collect(),
            is_add,
            from,
            rules,
        };
        self.check_checksum(checksum, &sources)
            .map_err(|diagnostic| diagnostic.span(copy.destination.span))?;
        let carried = Carried { checksum, keep_git_dir: copy.keep_git_dir };
        let mut actions = Actions { carried, ..Actions::default() };
        actions.list.reserve_exact(copy.sources.len() + copy.documents.len());
        for (source, word) in sources.iter().zip(copy.sources) {
            self.action(*source, copy, &common, &mut actions)
                .map_err(|diagnostic| diagnostic.span(word.span))?;
        }
        for (document, data) in copy.documents.iter().zip(documents) {
            self.document(document, data, &common, &mut actions)?;
        }
        self.finish_copy(actions, copy.link && chmod == Symbol::EMPTY, line, run);
        Ok(())
    }

    fn content(&mut self, document: &Document<'_>, copy: &Copy<'_>, run: &Run, line: Line) -> Step<Symbol> {
        if !document.expand {
            return Ok(self.model.symbols.intern(document.content));
        }
        self.expand_document(Word { text: document.content, span: copy.destination.span }, run, line)
    }

    /// The file system that paths are looked up in.
    fn copied_from(
        &mut self,
        copy: &Copy<'_>,
        link: Link<'_>,
        run: &Run,
        resolution: usize,
    ) -> Step<Option<PlaceIx>> {
        let Link::Copy(state) = link else {
            let needs_context = copy.sources.iter().any(|source| !source.text.contains("://"));
            return Ok(if needs_context || !copy.sources.is_empty() { Some(self.context()) } else { None });
        };
        self.source(state, run, resolution).map_err(|stage| {
            let message = format!(
                "the stage {} must come before the stage that copies from it",
                self.stage_name(stage)
            );
            Diagnostic::error(Code::StageOrder, message)
        })
    }

    fn destination(&mut self, destination: Symbol, copy: &Copy<'_>, run: &Run) -> Step<Symbol> {
        let symbols = &mut self.model.symbols;
        let path = run.state.paths().destination(symbols.text(run.state.dir), symbols.text(destination));
        match path {
            Ok(path) => Ok(symbols.intern(&path)),
            Err(reason) => Err(bad_path(symbols.text(destination), reason).span(copy.destination.span)),
        }
    }

    fn mode(&mut self, chmod: Symbol, copy: &Copy<'_>) -> Step<Symbol> {
        if chmod == Symbol::EMPTY {
            return Ok(chmod);
        }
        let text = self.model.symbols.text(chmod);
        match values::mode(text) {
            Ok(values::Mode::Symbolic) => Ok(chmod),
            Ok(values::Mode::Octal(bits)) => Ok(self.model.symbols.intern(&format!("{bits:04o}"))),
            Err(reason) => {
                let message = format!("--chmod={text} is refused: {reason}");
                Err(Diagnostic::error(Code::BadValue, message).span(copy.destination.span))
            }
        }
    }

    fn check_checksum(&self, checksum: Symbol, sources: &[Symbol]) -> Step<()> {
        if checksum == Symbol::EMPTY {
            return Ok(());
        }
        let [source] = sources else {
            return Err(Diagnostic::error(Code::BadCopy, "--checksum goes with one source only"));
        };
        let source = self.model.symbols.text(*source);
        match git::origin(source) {
            Ok(Origin::Path) if git::is_github(source) != Ok(true) => {
                Err(Diagnostic::error(Code::BadCopy, "--checksum goes with a URL or a git repository only"))
            }
            _ => Ok(()),
        }
    }

    fn action(
        &mut self,
        source: Symbol,
        copy: &Copy<'_>,
        common: &Common,
        actions: &mut Actions,
    ) -> Step<()> {
        let text = self.model.symbols.text(source);
        let origin = git::origin(text).map_err(|reason| Diagnostic::error(Code::BadCopy, reason))?;
        match origin {
            Origin::Git(_) | Origin::Http if !common.is_add => {
                let diagnostic = Diagnostic::error(Code::BadCopy, format!("COPY cannot fetch {text:?}"));
                Err(diagnostic.help("use ADD for URLs and git repositories"))
            }
            Origin::Git(git) => self.git(git, common, actions),
            Origin::Http => self.http(source, copy, common, actions),
            Origin::Path => self.path(source, copy, common, actions),
        }
    }

    fn git(&mut self, mut git: GitRef, common: &Common, actions: &mut Actions) -> Step<()> {
        let carried = &mut actions.carried;
        if let (Some(before), Some(url)) = (carried.keep_git_dir, git.keep_git_dir)
            && before != url
        {
            let message = "--keep-git-dir and the URLs of the repositories contradict each other";
            return Err(Diagnostic::error(Code::BadCopy, message));
        }
        carried.keep_git_dir = git.keep_git_dir.or(carried.keep_git_dir);
        git.keep_git_dir = Some(carried.keep_git_dir.unwrap_or(false));
        git.submodules = Some(git.submodules.unwrap_or(true));
        let checksum = self.model.symbols.text(carried.checksum);
        if !checksum.is_empty() && !git.checksum.is_empty() && checksum != git.checksum {
            let message = "--checksum and the URLs of the repositories contradict each other";
            return Err(Diagnostic::error(Code::BadCopy, message));
        }
        if git.checksum.is_empty() {
            checksum.clone_into(&mut git.checksum);
        } else {
            carried.checksum = self.model.symbols.intern(&git.checksum);
        }
        let place = self.shared.interner.place(Op::Source(Source::Git(Box::new(git))), [], None);
        let from = self.model.symbols.intern("/");
        self.push(Some(place), from, None, false, false, common, actions);
        Ok(())
    }

    fn http(&mut self, url: Symbol, copy: &Copy<'_>, common: &Common, actions: &mut Actions) -> Step<()> {
        let carried = actions.carried.checksum;
        let checksum = self.model.symbols.text(carried);
        if !checksum.is_empty() && !is_digest(checksum) {
            let diagnostic =
                Diagnostic::error(Code::BadValue, format!("the checksum {checksum:?} is no digest"));
            return Err(diagnostic.help("write `--checksum=sha256:` and 64 hexadecimal digits"));
        }
        let op = Op::Source(Source::Http { url, checksum: carried });
        let place = self.shared.interner.place(op, [], None);
        let path = self.model.symbols.text(url).split(['?', '#']).next().unwrap_or_default();
        let path =
            path.split_once("://").and_then(|(_, rest)| rest.split_once('/')).map_or("", |(_, path)| path);
        let name = match path::base(path) {
            "." | "/" => "__unnamed__",
            name => name,
        };
        let name = format!("/{name}");
        let from = self.model.symbols.intern(&name);
        self.push(Some(place), from, None, copy.unpack.unwrap_or(false), false, common, actions);
        Ok(())
    }

    fn path(&mut self, source: Symbol, copy: &Copy<'_>, common: &Common, actions: &mut Actions) -> Step<()> {
        let rules = common.rules;
        let normal = |path: &str| rules.normalize("/", path, false).map_err(|reason| bad_path(path, reason));
        let text = self.model.symbols.text(source);
        let (from, pattern) = if copy.parents {
            let (from, pattern) = text.split_once("/./").unwrap_or(("/", text));
            (from, Some(normal(pattern)?.trim_start_matches('/').to_owned()))
        } else {
            (text, None)
        };
        let from = normal(from)?;
        let from = self.model.symbols.intern(&path::clean(&from));
        let pattern = pattern.map(|pattern| self.model.symbols.intern(&pattern));
        self.push(common.from, from, pattern, copy.unpack.unwrap_or(common.is_add), true, common, actions);
        Ok(())
    }

    fn document(
        &mut self,
        document: &Document<'_>,
        data: Symbol,
        common: &Common,
        actions: &mut Actions,
    ) -> Step<()> {
        let name = common.rules.document(document.name).map_err(|reason| bad_path(document.name, reason))?;
        let path = self.model.symbols.intern(&path::join(&["/", &name]));
        let file = FileOp { base: None, actions: vec![Action::Mkfile { path, mode: 0o644, data }] };
        let place = self.shared.interner.place(Op::File(file), [], None);
        self.push(Some(place), path, None, false, false, common, actions);
        Ok(())
    }

    #[allow(clippy::too_many_arguments)] // one call for each kind of source, each argument differs between them
    fn push(
        &self,
        source: Option<PlaceIx>,
        from: Symbol,
        pattern: Option<Symbol>,
        unpack: bool,
        is_lookup: bool,
        common: &Common,
        actions: &mut Actions,
    ) {
        actions.inputs.extend(source);
        actions.list.push(Action::Copy(CopyAction {
            source: source.map(|source| self.shared.interner.vertex(source)),
            from,
            pattern,
            to: common.to,
            exclude: common.exclude.clone(),
            owner: common.owner,
            mode: common.mode,
            unpack,
            is_lookup,
        }));
    }

    /// Puts the actions on the stage; with `--link` into a layer of their own, which needs nothing of the stage.
    fn finish_copy(&mut self, actions: Actions, link: bool, line: Line, run: &mut Run) {
        let owner = Some(self.owned_by(line));
        let Actions { list: actions, inputs, .. } = actions;
        let below = run.state.root.filter(|_| !link);
        let base = below.map(|below| self.shared.interner.vertex(below));
        let place = self.shared.interner.place(
            Op::File(FileOp { base, actions }),
            below.into_iter().chain(inputs),
            owner,
        );
        run.state.root = Some(match run.state.root.filter(|_| link) {
            None => place,
            Some(lower) => {
                let op = Op::Merge {
                    lower: self.shared.interner.vertex(lower),
                    upper: self.shared.interner.vertex(place),
                };
                self.shared.interner.place(op, [lower, place], owner)
            }
        });
    }
}

fn bad_path(path: &str, reason: &str) -> Diagnostic {
    Diagnostic::error(Code::BadValue, format!("the path {path:?} is refused: {reason}"))
}

/// A digest as `opencontainers/go-digest` takes it.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
