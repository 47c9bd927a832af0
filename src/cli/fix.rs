//! `xsim fix`

use std::io::{self, BufRead as _};
use std::path::Path;

use super::args::Fix;
use super::exit::{Exit, Failure};
use super::load;
use super::refusal::{analysed, within_limit};
use super::rules::named;
use super::setup::{Setup, priced};
use super::write;
use super::{definition, locate, output, workflow};
use crate::advice::fix::{fix, fix_as_told};
use crate::advice::{Answer, Fixed, Pricer, Proposal, Wanted, fix_all};
use crate::analysis::Build;
use crate::budget;
use crate::diagnostic::Rule;
use crate::report::escape::visible;
use crate::report::{applied_line, fix_summary, is_applicable, patch_text};

pub(super) fn run(args: &Fix) -> Result<Exit, Failure> {
    let only = known_rules("--only", &args.only)?;
    let recipes = known_rules("--recipe", &args.recipe)?;
    load::one_standard_input(args.input.files())?;
    let mut exit = Exit::Done;
    for path in args.input.files() {
        exit = exit.max(output::or_unread(fix_file(args, path, &only, &recipes))?);
    }
    Ok(exit)
}

fn fix_file(
    args: &Fix,
    path: &Path,
    only: &[&'static Rule],
    recipes: &[&'static Rule],
) -> Result<Exit, Failure> {
    let writes = args.write || args.interactive;
    if path == Path::new("-") && writes {
        return Err(Failure::Usage("standard input cannot be written to: name a file".to_owned()));
    }
    if writes && definition::named(path).is_none() {
        let file = locate::dockerfile(path)?;
        write::is_plain(&file).map_err(|error| Failure::File(file, error))?;
    }
    if definition::named(path).is_some() {
        return fix_definition(args, path, only);
    }
    if workflow::is_workflow(path) {
        return workflow::fix(args, path, only);
    }
    let setup = Setup::in_context(path, args.input.context(), &args.given)?;
    let _run = budget::start(setup.limit);
    let source = load::source(path)?.or_said(args.color)?;
    if !source.is_exact() {
        let message =
            format!("{} is not UTF-8 throughout, so it cannot be written back as it is", source.name());
        return Err(Failure::Text(message));
    }
    let build = Build::new(source, setup.nodes.clone());
    let (machine, pricer) = if let Ok(analysis) = build.outcome() {
        let terms = setup.terms(path, &build, analysis)?;
        (terms.machine.name.clone(), Pricer::as_shown(&priced(analysis, &terms)?))
    } else {
        let terms = setup.terms_without_context()?;
        (terms.machine.name.clone(), Pricer::new(terms))
    };
    within_limit(build.source(), args.color)?;
    let pricer = pricer.worth(setup.worth);
    let wanted = Wanted { only: only.to_vec(), off: setup.project.off(), recipes: recipes.to_vec() };
    let fixed = if args.interactive {
        let judge = &mut |proposal: &Proposal<'_>| ask(proposal, args);
        fix_as_told(build, &wanted, &pricer, judge)
    } else {
        fix(build, &wanted, &pricer)
    };
    let source = &*fixed.before;
    within_limit(source, args.color)?;
    let exit = refusal_left(args, &fixed);
    if !writes {
        let (style, terminal) = output::stdout_style(args.color);
        let patch = fixed.patch();
        output::print(patch_text(&patch, style, terminal).as_bytes())?;
        if !terminal && !is_applicable(&patch) {
            output::warn_raw(&format!(
                "warning: {}: the difference cannot be applied: lines with workflow commands are shown broken; use --write\n",
                visible(source.name())
            ));
        }
    } else if fixed.text() != source.text() {
        let path = locate::dockerfile(path)?;
        write::replace_file(&path, source.text().as_bytes(), fixed.text().as_bytes())
            .map_err(|error| Failure::File(path, error))?;
    }
    // One of several files is named, and only where there is something to say of it.
    let name = (args.input.files().len() > 1).then_some(source.name());
    if name.is_none() || !fixed.is_nothing() {
        output::warn_raw(&fix_summary(&fixed, name, &machine, output::error_style(args.color)));
    }
    Ok(exit)
}

/// Fixes the Dockerfiles of a definition's targets.
fn fix_definition(args: &Fix, path: &Path, only: &[&'static Rule]) -> Result<Exit, Failure> {
    if args.interactive || !args.recipe.is_empty() {
        let message = "--interactive and --recipe take a Dockerfile, not a bake definition";
        return Err(Failure::Usage(message.to_owned()));
    }
    let setup = Setup::of(path, &args.given)?;
    let _run = budget::start(setup.limit);
    let build = setup.read_build(path, args.color)?;
    let analysis = analysed(&build, args.color)?;
    let terms = setup.terms(path, &build, analysis)?;
    let machine = terms.machine.name.clone();
    let pricer = Pricer::as_shown(&priced(analysis, &terms)?).worth(setup.worth);
    let wanted = Wanted { only: only.to_vec(), off: setup.project.off(), recipes: Vec::new() };
    let fixed = fix_all(&build, &wanted, &pricer);
    within_limit(build.source(), args.color)?;
    for (file, fixed) in fixed.iter().filter(|(_, fixed)| !fixed.is_nothing()) {
        let Some(source) = build.text(*file) else { continue };
        if fixed.text() != source.text() {
            let inline = source.name().starts_with("inline:");
            if args.write && !inline && source.is_exact() {
                let path = Path::new(source.name());
                write::is_plain(path).map_err(|error| Failure::File(path.to_owned(), error))?;
                write::replace_file(path, source.text().as_bytes(), fixed.text().as_bytes())
                    .map_err(|error| Failure::File(path.to_owned(), error))?;
            } else {
                let (style, terminal) = output::stdout_style(args.color);
                let patch = fixed.patch();
                output::print(patch_text(&patch, style, terminal).as_bytes())?;
            }
        }
        let summary = fix_summary(fixed, Some(source.name()), &machine, output::error_style(args.color));
        output::warn_raw(&summary);
    }
    Ok(Exit::Done)
}

/// The rules asked for with an option, each of which has to be one.
fn known_rules(option: &str, only: &[String]) -> Result<Vec<&'static Rule>, Failure> {
    let known = |name: &String| named(name).map_err(|why| Failure::Usage(format!("{option} {name}: {why}")));
    only.iter().map(known).collect()
}

/// A file that still cannot be built is refused, though what could be fixed in it was.
fn refusal_left(args: &Fix, fixed: &Fixed) -> Exit {
    analysed(&fixed.build, args.color).map_or_else(|said| said.exit(), |_| Exit::Done)
}

/// Shows a fix on standard error and reads the answer; no answer stops.
fn ask(proposal: &Proposal<'_>, args: &Fix) -> Answer {
    let style = output::error_style(args.color);
    let mut text = String::new();
    applied_line(&mut text, proposal.applied, style);
    let patch = proposal.patch();
    text.push_str(&patch_text(&patch, style, true));
    output::warn_raw(&text);
    loop {
        output::warn_raw("apply it? [y]es, [n]o, [q]uit: ");
        let mut answer = String::new();
        match io::stdin().lock().read_line(&mut answer) {
            Ok(0) | Err(_) => return Answer::Stop,
            Ok(_) => {}
        }
        match answer.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Answer::Apply,
            "n" | "no" => return Answer::Skip,
            "q" | "quit" => return Answer::Stop,
            _ => {}
        }
    }
}
