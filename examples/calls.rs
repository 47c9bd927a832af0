//! Says which programs scripts run, for `tests/agreement/scripts.py`: a JSON object a line, in and out.
//!
//! In: `script`, `env` (what is set), `dir` (where it runs), `answers` (what programs print, by command) and `names` (variables
//! to look at). Out: `calls`, in the order of the text, each with its words, its folder and the variables (NUL for what is not
//! known of a text, `null` for a variable that is not set), and whether all of the script was gone through (`complete`).

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use xsim::shell::interpret::{Call, Environment, Seen, Start, Text, World, interpret};

/// Programs that say the same whenever they are asked.
struct Answers<'a>(&'a Value);

impl World for Answers<'_> {
    fn answer(&self, words: &[&str], _: &Environment) -> Option<String> {
        self.0[words.join(" ")].as_str().map(str::to_owned)
    }
}

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let case: Value = serde_json::from_str(&line?)?;
        let text = |name: &str| case[name].as_str().unwrap_or_default();
        let environment = case["env"].as_object().into_iter().flatten();
        let environment = environment
            .map(|(name, value)| (name.as_str().into(), value.as_str().map_or_else(Text::unknown, Text::new)))
            .collect();
        let start = Start { environment, dir: Text::new(text("dir")), ..Start::default() };
        let names: Vec<&str> =
            case["names"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let outcome = interpret(text("script"), start, &Answers(&case["answers"]));
        let calls: Vec<_> = outcome.calls.iter().map(|call| described(call, &names)).collect();
        writeln!(out, "{}", json!({ "calls": calls, "complete": outcome.is_complete }))?;
    }
    Ok(())
}

fn described(call: &Call, names: &[&str]) -> Value {
    let seen = |name: &str| match call.environment.get(name) {
        Seen::Unset => Value::Null,
        Seen::Is(text) => text.with_gaps().into(),
        Seen::Unknown => "\0".into(),
    };
    let env: serde_json::Map<_, _> = names.iter().map(|name| ((*name).to_owned(), seen(name))).collect();
    let words: Vec<_> = call.words.iter().map(|word| word.text.with_gaps()).collect();
    json!({
        "words": words, "env": env, "dir": call.dir.with_gaps(),
        "certain": call.is_certain, "repeated": call.is_repeated, "inner": call.is_inner,
    })
}
