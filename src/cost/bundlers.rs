//! How much of the work of a usual bundler the tools of JavaScript do.

use serde_json::Value;

use super::programs::operands;
use crate::context::Named;
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

/// The packages that a `package.json` asks for, those for development too.
pub(super) fn asked_for(package: &Value) -> Vec<Named> {
    let kinds = ["dependencies", "devDependencies", "optionalDependencies"];
    let lists = kinds.iter().filter_map(|kind| package.get(kind)?.as_object());
    lists.flat_map(|list| list.keys()).map(|name| Named { name: name.as_str().into(), built: None }).collect()
}

/// What a package has bundled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct App {
    /// Core-seconds that the large libraries which it names take vite or rollup.
    pub(super) libraries: f64,
    /// Part of the usual work that is left where its version of the bundler is compiled to machine code.
    pub(super) pace: f64,
}

impl Default for App {
    fn default() -> Self {
        Self { libraries: 0.0, pace: 1.0 }
    }
}

/// Of vite since 8, which is built on rolldown. Source: its makers have 3 to 16 times by the clock, but what plugins in JavaScript take stays: drawdb
/// of the fitted half of `tests/data/projects` takes 10.0, thinkwatch of `tests/data/published` no less than others.
const ROLLDOWN: f64 = 0.8;
/// Of Next.js since 16, which bundles by Turbopack. Source: its release notes, 2 to 5 times by the clock.
const TURBOPACK: f64 = 0.5;

impl App {
    /// Of a `package.json`.
    pub(super) fn of(package: &Value) -> Self {
        let named = package.get("dependencies").and_then(Value::as_object);
        let of = |name: &str| LIBRARIES.iter().find(|(names, _)| names.contains(&name)).map(|(_, cpu)| *cpu);
        let libraries = named.into_iter().flat_map(|named| named.keys()).filter_map(|name| of(name)).sum();
        let major = |name: &str| {
            let version = ["dependencies", "devDependencies"]
                .iter()
                .find_map(|kind| package.get(kind)?.get(name)?.as_str())?;
            let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
            digits.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
        };
        let build = package.get("scripts").and_then(|scripts| scripts.get("build")?.as_str());
        let is_webpack = build.is_some_and(|build| build.contains("--webpack"));
        let pace = match (major("next"), major("vite")) {
            (Some(16..), _) if !is_webpack => TURBOPACK,
            (None, Some(8..)) => ROLLDOWN,
            _ => 1.0,
        };
        Self { libraries, pace }
    }
}

/// Libraries that take a bundler as long as hundreds of usual ones, with core-seconds of vite.
///
/// Source: the front end of `bytestash` in the fitted half of `tests/data/projects`, 49 in all with mermaid, the editor Monaco and a highlighter of
/// syntax; the others are guesses beside those by the size of what they ship.
const LIBRARIES: &[(&[&str], f64)] = &[
    (&["monaco-editor", "@elastic/eui", "plotly.js"], 12.0),
    (&["mermaid"], 10.0),
    (
        &[
            "@mui/icons-material",
            "antd",
            "ant-design-vue",
            "element-plus",
            "naive-ui",
            "@douyinfe/semi-ui",
            "swagger-ui-react",
        ],
        6.0,
    ),
    (
        &[
            "react-syntax-highlighter",
            "shiki",
            "@mui/material",
            "vuetify",
            "@cloudscape-design/components",
            "@carbon/react",
        ],
        5.0,
    ),
    (
        &[
            "three",
            "echarts",
            "highlight.js",
            "pdfjs-dist",
            "ag-grid-community",
            "@fluentui/react",
            "@fluentui/react-components",
        ],
        4.0,
    ),
    (
        &[
            "quasar",
            "primevue",
            "primereact",
            "@excalidraw/excalidraw",
            "aws-amplify",
            "maplibre-gl",
            "mapbox-gl",
            "cesium",
        ],
        4.0,
    ),
    (
        &[
            "@mantine/core",
            "@chakra-ui/react",
            "firebase",
            "recharts",
            "video.js",
            "hls.js",
            "@patternfly/react-core",
        ],
        2.0,
    ),
];

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
    (&["rspack", "rsbuild", "rolldown", "tsdown", "farm"], 0.4, &["info"]),
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
