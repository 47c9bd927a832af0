//! From text to instructions: directives, joined lines, heredocs, and the problems met on the way.

use smallvec::SmallVec;

use super::arena::Arena;
use super::ast::{CommandLine, Directive, DirectiveKind, Escape, Heredoc, Instruction, Kind, Word};
use super::directive::{self, Directives};
use super::heredoc::{self, Opening};
use super::instruction;
use super::lines::{Joiner, Logical, MAX_LINE, Reader, continued};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{Line, Source, Span};

/// The phases in which BuildKit reads a file. It stops at the first error of the first phase that has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The options of `# check=`.
    Check,
    /// The whole file is cut into instructions.
    Syntax,
    /// Each instruction's flags and arguments are checked.
    Instructions,
}

/// An error that BuildKit would stop at, unless an earlier one stopped it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The phase that finds it.
    pub phase: Phase,
    /// What it is.
    pub diagnostic: Diagnostic,
}

/// A parsed Dockerfile.
#[derive(Debug)]
pub struct Dockerfile<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Parser directives, in order.
    pub directives: Vec<Directive<'a>>,
    /// The escape character in force.
    pub escape: Escape,
    /// The instructions, in order; those with problems included.
    pub instructions: Vec<Instruction<'a>>,
    /// Errors, the one BuildKit stops at first.
    pub problems: Vec<Problem>,
    /// Empty lines among those of continued instructions: the line they are met in, and where they are.
    pub empty_continuations: Vec<(Line, Span)>,
    /// Whether the text is what the file holds: bytes that are no UTF-8 were replaced otherwise.
    pub is_exact: bool,
    /// Where they were.
    pub replaced: &'a [u32],
}

impl<'a> Dockerfile<'a> {
    /// Whether an instruction hands bytes on that are not UTF-8: what BuildKit passes as it is written, the script of a `RUN`
    /// and the patterns of `--exclude`, is a string in the messages it sends, which cannot hold them.
    pub(crate) fn hands_on_invalid(&self, instruction: &Instruction<'_>) -> bool {
        let is_replaced = |span: Span| {
            let at = self.replaced.partition_point(|at| *at < span.start);
            self.replaced.get(at).is_some_and(|at| *at < span.end)
        };
        match &instruction.kind {
            Kind::Run(run) if matches!(run.command, CommandLine::Shell(_)) => {
                let documents = instruction.heredocs.iter().map(|document| document.content.span);
                std::iter::once(instruction.arguments.span).chain(documents).any(is_replaced)
            }
            Kind::Copy(_) | Kind::Add(_) => {
                let flags = instruction.flags.iter().filter(|flag| flag.name == "exclude");
                flags.map(|flag| flag.span).any(is_replaced)
            }
            _ => false,
        }
    }

    /// The first directive of a kind.
    pub fn directive(&self, kind: DirectiveKind) -> Option<&Directive<'a>> {
        self.directives.iter().find(|directive| directive.kind == kind)
    }
}

/// Parses a Dockerfile.
pub fn parse<'a>(source: &'a Source, arena: &'a Arena) -> Dockerfile<'a> {
    let mut file = parse_text(source.text(), arena);
    file.is_exact = source.is_exact();
    file.replaced = source.replaced();
    file
}

/// Parses the text of a Dockerfile.
pub fn parse_text<'a>(text: &'a str, arena: &'a Arena) -> Dockerfile<'a> {
    let mut parser = Parser::new(text, arena);
    parser.run();
    parser.finish()
}

pub(super) struct Parser<'a> {
    pub(super) arena: &'a Arena,
    reader: Reader<'a>,
    directives: Directives,
    file: Dockerfile<'a>,
    /// How many problems each phase has met.
    problems: [usize; 3],
    /// A `FROM` was read, or none is needed: the text is a trigger.
    inside_stage: bool,
    /// The first line names a program, so that the parser itself looks for no directive. BuildKit looks for two of them in the
    /// text without that line.
    after_shebang: bool,
    /// The line that was too long continues an instruction. BuildKit then takes what it has of it for one more line.
    too_long_inside: bool,
}

/// The most instructions a file may have.
pub const MAX_INSTRUCTIONS: usize = 1 << 20;

/// How many problems of each phase are kept, and how many empty lines.
const MAX_PROBLEMS: usize = 1000;

const BYTE_ORDER_MARK: char = '\u{feff}';

impl<'a> Parser<'a> {
    fn new(text: &'a str, arena: &'a Arena) -> Self {
        let file = Dockerfile {
            text,
            directives: Vec::new(),
            escape: Escape::default(),
            instructions: Vec::with_capacity((text.len() / 32).min(32)),
            problems: Vec::new(),
            empty_continuations: Vec::new(),
            is_exact: true,
            replaced: &[],
        };
        Self {
            arena,
            reader: Reader::new(text),
            directives: Directives::default(),
            file,
            problems: [0; 3],
            inside_stage: false,
            after_shebang: false,
            too_long_inside: false,
        }
    }

    fn run(&mut self) {
        if self.file.text.is_empty() {
            self.problem(Phase::Check, Diagnostic::error(Code::EmptyFile, "the Dockerfile is empty"));
            return;
        }
        while let Some((raw, start)) = self.reader.next() {
            let (raw, start) = match raw.strip_prefix(BYTE_ORDER_MARK) {
                Some(rest) if start == 0 => (rest, BYTE_ORDER_MARK.len_utf8()),
                _ => (raw, start),
            };
            let line = raw.trim_end_matches(['\r', '\n']);
            let indent = line.len() - line.trim_start().len();
            let (line, start) = (&line[indent..], start + indent);
            if self.reader.line() == Line(1) && indent == 0 && line.starts_with("#!") {
                self.after_shebang = true;
                continue;
            }
            self.directive(line, start);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if self.file.instructions.len() == MAX_INSTRUCTIONS {
                let message = format!("the file exceeds the limit of {MAX_INSTRUCTIONS} instructions");
                let diagnostic = Diagnostic::error(Code::LimitExceeded, message).at(self.reader.line());
                self.problem(Phase::Check, diagnostic);
                return;
            }
            self.logical_line(line, start);
        }
        self.end_of_file();
    }

    fn directive(&mut self, text: &'a str, start: usize) {
        let line = self.reader.line();
        // BuildKit counts a line only after it looked for a directive, so it blames the line before.
        let blamed = |diagnostic: Diagnostic| match line.0 - 1 {
            0 => diagnostic,
            before => diagnostic.at(Line(before)),
        };
        let logical = Logical::one(text, start);
        match self.directives.read(text) {
            directive::Line::Other => {}
            directive::Line::Repeated(..) if self.after_shebang => self.directives.end(),
            directive::Line::Directive(DirectiveKind::Escape, _) if self.after_shebang => {}
            directive::Line::Repeated(kind, value) => {
                let message = format!("the parser directive `{}` is given twice", kind.as_str());
                let diagnostic = Diagnostic::error(Code::Directive, message).span(logical.span(value));
                self.problem(Phase::Syntax, blamed(diagnostic));
            }
            directive::Line::Directive(kind, value) => {
                let value = Word { text: value, span: logical.span(value) };
                self.file.directives.push(Directive { kind, value, line });
                match (kind, directive::escape(value.text)) {
                    (DirectiveKind::Escape, Some(escape)) => self.file.escape = escape,
                    (DirectiveKind::Escape, None) => {
                        let message = format!("{:?} cannot be the escape character", value.text);
                        let diagnostic = Diagnostic::error(Code::Directive, message)
                            .span(value.span)
                            .help("write `# escape=\\` or a backtick in its place");
                        self.problem(Phase::Syntax, blamed(diagnostic));
                    }
                    (DirectiveKind::Check, _) => {
                        if let Err(reason) = directive::check_options(directive::check_value(value.text)) {
                            let message = format!("the options of `# check=` are malformed: {reason}");
                            let diagnostic =
                                Diagnostic::error(Code::BadCheckDirective, message).span(value.span);
                            self.problem(Phase::Check, diagnostic);
                        }
                    }
                    (DirectiveKind::Syntax, _) => {}
                }
            }
        }
    }

    /// An instruction that begins with the physical line `first`.
    fn logical_line(&mut self, first: &'a str, start: usize) {
        let first_line = self.reader.line();
        let escape = self.file.escape.byte();
        let mut end = start + first.len();
        let logical = match continued(first, escape) {
            None => Logical::one(first, start),
            Some(body) => {
                let mut joiner = Joiner::new(self.arena, body, start);
                end = self.continue_line(&mut joiner, end);
                joiner.finish()
            }
        };
        let raw = instruction::split(self.arena, &logical, escape);
        let mut heredocs = &[][..];
        if raw.takes_heredocs() {
            (heredocs, end) = self.heredocs(&logical, first_line, end);
        }
        let keyword = logical.word(raw.keyword);
        let kind = instruction::build(self, &raw, &logical, heredocs, first_line);
        self.inside_stage |= matches!(kind, Kind::From(_));
        if !self.inside_stage && !matches!(kind, Kind::Arg(_) | Kind::Invalid) {
            self.outside(keyword.span, first_line);
        }
        self.file.instructions.push(Instruction {
            keyword,
            span: Span::new(keyword.span.start, end as u32),
            line: first_line,
            last_line: self.reader.line(),
            arguments: logical.word(raw.arguments),
            flags: raw.flags,
            heredocs,
            kind,
        });
    }

    /// Reads the lines that continue an instruction, and returns where it ends.
    fn continue_line(&mut self, joiner: &mut Joiner<'a>, mut end: usize) -> usize {
        let escape = self.file.escape.byte();
        let mut empty = None;
        while let Some((raw, start)) = self.reader.next() {
            let line = raw.trim_end_matches(['\r', '\n']);
            let content = line.trim_start();
            if content.starts_with('#') {
                continue;
            }
            if content.is_empty() {
                empty.get_or_insert(Span::new(start as u32, (start + line.len()) as u32));
                continue;
            }
            end = start + line.len();
            if let Some(body) = continued(line, escape) {
                joiner.push(body, start);
            } else {
                joiner.push(line, start);
                break;
            }
        }
        self.too_long_inside |= self.reader.too_long;
        if let Some(span) = empty.filter(|_| self.file.empty_continuations.len() < MAX_PROBLEMS) {
            self.file.empty_continuations.push((self.reader.line(), span));
        }
        end
    }

    /// The inline documents that an instruction opens, and where the last ends.
    fn heredocs(
        &mut self,
        logical: &Logical<'a>,
        first_line: Line,
        mut end: usize,
    ) -> (&'a [Heredoc<'a>], usize) {
        let blamed = |diagnostic: Diagnostic| diagnostic.at(first_line).span(logical.span(logical.text));
        let openings = match heredoc::openings(logical.text) {
            Ok(openings) => openings,
            Err(error) => {
                let diagnostic = Diagnostic::error(Code::BadExpansion, error.to_string());
                self.problem(Phase::Syntax, blamed(diagnostic));
                return (&[], end);
            }
        };
        let mut heredocs = SmallVec::<[Heredoc<'a>; 4]>::new();
        for opening in openings {
            let from = self.reader.offset();
            let mut to = from;
            let mut closed = false;
            while let Some((raw, start)) = self.reader.next() {
                let line = raw.trim_end_matches(['\r', '\n']);
                let candidate = if opening.chomp { line.trim_start_matches('\t') } else { line };
                end = start + line.len();
                closed = candidate == opening.name;
                if closed {
                    break;
                }
                to = start + raw.len();
            }
            if !closed {
                let message = format!("the heredoc is never closed by a line `{}`", opening.name);
                self.problem(Phase::Syntax, blamed(Diagnostic::error(Code::UnterminatedHeredoc, message)));
            }
            let content = Word { text: &self.file.text[from..to], span: Span::new(from as u32, to as u32) };
            let Opening { chomp, expand, .. } = opening;
            heredocs.push(Heredoc { name: self.arena.keep(&opening.name), expand, chomp, content });
        }
        (self.arena.list(&heredocs), end)
    }

    fn end_of_file(&mut self) {
        let line = self.reader.line();
        if self.file.instructions.is_empty() {
            let diagnostic = Diagnostic::error(Code::EmptyFile, "the file holds no instruction");
            self.problem(Phase::Syntax, if line.0 == 0 { diagnostic } else { diagnostic.at(line) });
        }
        if !self.inside_stage {
            self.problem(Phase::Instructions, Diagnostic::error(Code::NoStage, "no FROM opens a stage"));
        }
        if self.reader.too_long {
            let message =
                format!("line {} is longer than the {} bytes BuildKit reads", line.0 + 1, MAX_LINE - 1);
            let diagnostic = Diagnostic::error(Code::LineTooLong, message);
            let blamed = line.0 + u32::from(self.too_long_inside);
            self.problem(Phase::Syntax, if blamed == 0 { diagnostic } else { diagnostic.at(Line(blamed)) });
        }
    }

    /// Notes an instruction before the first `FROM`: one of them stands for all.
    fn outside(&mut self, keyword: Span, line: Line) {
        if self.file.problems.iter().all(|problem| !problem.diagnostic.is(Code::NoStage)) {
            let message = "an instruction other than ARG before the first FROM";
            let help = "move it below that FROM, or write the one above it that it belongs to";
            let diagnostic = Diagnostic::error(Code::NoStage, message).help(help);
            self.problem(Phase::Instructions, diagnostic.at(line).span(keyword));
        }
    }

    pub(super) fn problem(&mut self, phase: Phase, diagnostic: Diagnostic) {
        let count = &mut self.problems[phase as usize];
        *count += 1;
        if *count <= MAX_PROBLEMS {
            self.file.problems.push(Problem { phase, diagnostic });
        }
    }

    pub(super) fn escape(&self) -> u8 {
        self.file.escape.byte()
    }

    fn finish(mut self) -> Dockerfile<'a> {
        self.file.problems.sort_by_key(|problem| problem.phase);
        self.file
    }
}

/// Reads the text of an `ONBUILD` trigger as BuildKit does when a child stage fires it: as a file of its own, with the
/// default escape character, which must hold one instruction.
pub(crate) fn parse_trigger<'a>(
    text: &'a str,
    arena: &'a Arena,
) -> Result<&'a Instruction<'a>, Box<Diagnostic>> {
    let mut parser = Parser::new(text, arena);
    parser.inside_stage = true;
    parser.run();
    let file = parser.finish();
    if let Some(problem) = file.problems.into_iter().next() {
        return Err(Box::new(problem.diagnostic));
    }
    let mut instructions = file.instructions.into_iter();
    match (instructions.next(), instructions.next()) {
        (Some(only), None) => Ok(arena.node(only)),
        _ => Err(Box::new(Diagnostic::error(Code::BadOnbuild, "an ONBUILD trigger must be one instruction"))),
    }
}
