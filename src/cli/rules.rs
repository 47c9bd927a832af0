//! `xsim rules`

use super::args::Rules;
use super::exit::{Exit, Failure};
use super::output;
use crate::advice::rules;
use crate::diagnostic::{Rule, nearest};
use crate::report::{rule_text, rules_text};

pub(super) fn run(args: &Rules) -> Result<Exit, Failure> {
    let style = output::style(&args.show);
    let text = match &args.rule {
        Some(name) => rule_text(named(name).map_err(Failure::Usage)?, style),
        None => rules_text(rules::all(), style),
    };
    output::write(&args.show, text.as_bytes())?;
    Ok(Exit::Done)
}

/// The rule of a name, or what is wrong with the name.
pub(super) fn named(name: &str) -> Result<&'static Rule, String> {
    rules::find(name).ok_or_else(|| {
        let near = nearest(name, rules::all().map(|rule| rule.code));
        let hint = near.map_or_else(String::new, |near| format!("; did you mean {near}?"));
        format!("no rule is called {name:?}{hint}")
    })
}
