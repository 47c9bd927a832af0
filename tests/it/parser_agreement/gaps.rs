//! Where the other parsers are known to go another way: a construct, an example, and the three answers.

use xsim::dockerfile::Dockerfile;
use xsim::dockerfile::ast::{CommandLine, Escape, Kind};

use super::view::View;

/// What a parser makes of a text, held against what BuildKit makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Reads it as BuildKit does, or refuses it as BuildKit does.
    Agrees,
    /// Refuses what BuildKit reads.
    Refuses,
    /// Reads something else.
    Differs,
    /// Reads what BuildKit refuses.
    Accepts,
}

impl Verdict {
    /// The verdict over `other`, `buildkit` being the right answer.
    pub(crate) fn over(other: &View, buildkit: &View) -> Self {
        match (buildkit, other) {
            (Err(()), Ok(_)) => Self::Accepts,
            (Ok(_), Err(())) => Self::Refuses,
            (Ok(buildkit), Ok(other)) if buildkit != other => Self::Differs,
            _ => Self::Agrees,
        }
    }
}

/// Whether BuildKit reads a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BuildKit {
    Reads,
    Refuses,
}

/// A construct that a parser takes otherwise than BuildKit.
#[derive(Clone, Copy)]
pub(crate) struct Gap {
    /// What it is.
    pub(crate) name: &'static str,
    /// A file that shows it; `FROM a` and a line end go in front of one that does not begin so.
    pub(crate) text: &'static str,
    pub(crate) buildkit: BuildKit,
    pub(crate) dockerfile_parser: Verdict,
    pub(crate) parse_dockerfile: Verdict,
    /// Whether a file has the construct; given where a file of the corpus does.
    pub(crate) is_in: Option<fn(&Dockerfile<'_>) -> bool>,
}

use BuildKit::{Reads, Refuses as Error};
use Verdict::{Accepts, Agrees, Differs, Refuses};

const fn gap(
    name: &'static str,
    text: &'static str,
    buildkit: BuildKit,
    dockerfile_parser: Verdict,
    parse_dockerfile: Verdict,
) -> Gap {
    Gap { name, text, buildkit, dockerfile_parser, parse_dockerfile, is_in: None }
}

const fn seen(gap: Gap, is_in: fn(&Dockerfile<'_>) -> bool) -> Gap {
    Gap { is_in: Some(is_in), ..gap }
}

#[rustfmt::skip]
pub(crate) const GAPS: &[Gap] = &[
    // Inline documents.
    gap("a script as inline document", "RUN <<EOF\necho a\nEOF", Reads, Refuses, Agrees),
    seen(gap("an inline document after a word", "RUN bash -ex <<EOF\necho a\nEOF", Reads, Refuses, Refuses), has_document),
    gap("an inline document in the middle", "RUN cat <<EOF > /x\nb\nEOF", Reads, Refuses, Refuses),
    gap("two inline documents", "RUN <<A cat && cat <<B\n1\nA\n2\nB", Reads, Refuses, Refuses),
    gap("an inline document with a descriptor", "RUN python3 3<<EOF\n1\nEOF", Reads, Refuses, Refuses),
    gap("inline documents as sources", "COPY <<one <<-\"two\" /dst/\n1\none\n2\n\ttwo", Reads, Refuses, Agrees),
    gap("an inline document of instructions", "ADD <<\"END x\" /f\nCOPY x /y\nEND x", Reads, Differs, Refuses),
    gap("an inline document that a child runs", "ONBUILD RUN <<EOF\necho a\nEOF", Reads, Refuses, Agrees),
    gap("an inline document without an end", "RUN <<EOF\necho a", Error, Accepts, Agrees),
    // Flags.
    seen(gap("a flag without value", "COPY --link a b", Reads, Differs, Agrees), has_bare_flag),
    gap("a flag with a dash in its name", "ADD --keep-git-dir=true a b\nCOPY --from=a --exclude=x --parents a b", Reads, Differs, Agrees),
    gap("a flag with an empty value", "COPY --from= a b", Reads, Differs, Agrees),
    gap("the end of the flags", "COPY -- a b", Reads, Differs, Agrees),
    gap("a flag that does not exist", "RUN --bogus=1 x", Error, Accepts, Accepts),
    gap("a flag given twice", "COPY --chown=a --chown=b x y", Error, Accepts, Accepts),
    gap("a mount without options", "RUN --mount= a", Error, Accepts, Accepts),
    // Lines.
    gap("an empty line inside an instruction", "RUN a \\\n\n b", Reads, Refuses, Agrees),
    gap("an escaped escape character at the end of a line", "RUN echo a\\\\\nCOPY b c", Reads, Differs, Differs),
    gap("a file of comments", "# FROM a\n# nothing", Error, Accepts, Agrees),
    seen(gap("a backtick as escape character", "# escape=`\nFROM a\nCOPY `\n b c", Reads, Differs, Agrees), has_backtick),
    gap("a repeated directive", "# escape=`\n# escape=`\nFROM a", Error, Accepts, Accepts),
    gap("a byte order mark", "\u{feff}FROM a", Reads, Refuses, Agrees),
    gap("an instruction word on two lines", "RU\\\nN a", Reads, Refuses, Agrees),
    // Instructions.
    gap("an unknown instruction", "BOGUS a", Error, Accepts, Agrees),
    gap("an instruction before the first stage", "RUN a\nFROM b", Error, Accepts, Agrees),
    seen(gap("an empty array", "ENTRYPOINT []", Reads, Agrees, Refuses), has_empty_command),
    seen(gap("a command that is not there", "ENTRYPOINT", Reads, Refuses, Refuses), has_no_command),
    gap("an array of something else than strings", "CMD [\"a\", 1]", Error, Accepts, Accepts),
    gap("sources and destination as an array", "COPY [\"a b\", \"/c d/\"]", Reads, Refuses, Agrees),
    gap("an array that goes on as a command", "RUN [\"a\"] && b", Reads, Refuses, Agrees),
    gap("a copy without a source", "COPY a", Error, Accepts, Agrees),
    gap("a variable without a value", "ENV A=1 B", Error, Agrees, Accepts),
    gap("a blank after a backslash in a value", "ENV E=a\\ b", Reads, Refuses, Agrees),
    gap("a variable with an empty value", "ENV A=", Reads, Refuses, Agrees),
    gap("several arguments on a line", "ARG A=1 B C=\"x y\"", Reads, Refuses, Agrees),
    gap("a health check's duration that is none", "HEALTHCHECK --interval=soon CMD a", Error, Accepts, Accepts),
    // Stages.
    seen(gap("two stages of one name", "FROM a AS x\nFROM b AS x", Reads, Agrees, Refuses), has_namesakes),
    gap("a stage name of all signs it may have", "FROM a AS b.u-i_ld", Reads, Refuses, Agrees),
    gap("a stage name it may not have", "FROM a AS 1", Error, Accepts, Accepts),
    gap("a variable with a modifier as base", "FROM ${A##*/}", Reads, Refuses, Agrees),
];

fn has_backtick(file: &Dockerfile<'_>) -> bool {
    file.escape == Escape::Backtick
}

fn has_document(file: &Dockerfile<'_>) -> bool {
    file.instructions.iter().any(|instruction| !instruction.heredocs.is_empty())
}

fn has_bare_flag(file: &Dockerfile<'_>) -> bool {
    let mut copies = file.instructions.iter().filter(|instruction| matches!(instruction.kind, Kind::Copy(_)));
    copies.any(|copy| {
        copy.flags.iter().any(|flag| flag.value.is_none_or(str::is_empty) || flag.name.contains('-'))
    })
}

fn command<'f, 'a>(kind: &'f Kind<'a>) -> Option<&'f CommandLine<'a>> {
    match kind {
        Kind::Cmd(command) | Kind::Entrypoint(command) => Some(command),
        Kind::Run(run) => Some(&run.command),
        _ => None,
    }
}

fn has_empty_command(file: &Dockerfile<'_>) -> bool {
    let mut commands = file.instructions.iter().filter_map(|instruction| command(&instruction.kind));
    commands.any(|command| matches!(command, CommandLine::Exec(words) if words.is_empty()))
}

fn has_no_command(file: &Dockerfile<'_>) -> bool {
    let mut commands = file.instructions.iter().filter_map(|instruction| command(&instruction.kind));
    commands.any(|command| matches!(command, CommandLine::Shell(line) if line.text.is_empty()))
}

fn has_namesakes(file: &Dockerfile<'_>) -> bool {
    let names = file.instructions.iter().filter_map(|instruction| match &instruction.kind {
        Kind::From(from) => from.name.map(|name| name.text),
        _ => None,
    });
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.windows(2).any(|pair| pair[0] == pair[1])
}
