//! How much of the work of a usual bundler the tools of JavaScript do.

use super::programs::operands;
use crate::shell::SimpleCommand;

/// The work of a tool beside that of a usual bundler (vite, rollup) on the same sources; `None` for what is no such tool, as
/// a script whose tools are not known.
pub(super) fn bundler(command: &SimpleCommand<'_>) -> Option<f64> {
    let name = command.base_name();
    let mut words = operands(command);
    let tool = match name {
        "npx" | "bunx" | "pnpx" => words.next()?,
        "npm" | "pnpm" | "yarn" | "bun" => match words.next()? {
            "exec" | "x" | "dlx" | "run" | "run-script" => words.next()?,
            word => word,
        },
        own => own,
    };
    let (_, work, light) = TOOLS.iter().find(|(names, ..)| names.contains(&tool))?;
    Some(if words.next().is_some_and(|verb| light.contains(&verb)) { LIGHT } else { *work })
}

/// The same of a sub-command that bundles nothing. Source: a guess.
const LIGHT: f64 = 0.25;

/// Tools by their names, the work, and the sub-commands that bundle nothing.
///
/// Sources: of vite, rollup, tsc and Angular, `tests/data/projects`. Of webpack and what is made of it, projects that went over to vite: in
/// core-seconds 2.3 times as much (`aws-samples/aws-sdk-js-notes-app#37`), by the clock 2.6 to 3.7 times
/// (`plan-player-analytics/Plan#3236`, `rn-versions/rn-versions.github.io#32`, `bestofjs/bestofjs#138`, `docat-org/docat#590`,
/// `bonitoo-io/iot-center-v2#58`). Of Next.js, 10 times (`langbot-app/LangBot#2102`), of which a usual one has less. Nuxt runs vite for the browser
/// and for the server. The others are guesses.
const TOOLS: &[(&[&str], f64, &[&str])] = &[
    (&["next"], 4.0, &["telemetry", "info", "typegen"]),
    (&["nuxt", "nuxi"], 2.5, &["prepare", "info", "cleanup"]),
    (&["ng"], 2.5, &["version", "config"]),
    (&["webpack", "react-scripts", "vue-cli-service", "craco", "parcel", "ember", "gatsby"], 2.5, &["info"]),
    (&["vite", "rollup", "microbundle", "astro", "svelte-kit"], 1.0, &["sync", "info"]),
    (&["tsc", "vue-tsc", "svelte-check"], 0.6, &[]),
    (&["nest"], 0.35, &["info", "new", "generate"]),
    (&["babel", "gulp", "grunt"], 0.5, &[]),
    (&["esbuild", "swc", "tsup", "terser", "sass", "postcss"], 0.2, &[]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[test]
    fn tools_are_told_apart() {
        let work = |script| bundler(&commands(script)[0]);
        assert!(work("next build") > work("vite build"));
        assert!(work("npx tsc -b") < work("pnpm exec webpack"));
        assert_eq!(work("pnpm nuxt prepare"), Some(LIGHT));
        assert_eq!(work("npm run build"), None);
    }
}
