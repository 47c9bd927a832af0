//! Packages of a language that were installed on another platform than that of the image they get into.

use crate::advice::facts::context::Context;
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::origin::{self, fits, is_below};
use crate::advice::facts::packages::{NATIVE, is_addon, places};
use crate::context::ManifestKind;
use crate::diagnostic::{Diagnostic, Doc, Rule, Severity};
use crate::ids::VertexIx;
use crate::model::path::base;
use crate::model::platform::Platform;
use crate::shell::interpret::Call;
use crate::source::Line;

/// The rule.
pub const RULE: Rule = Rule {
    code: "packages-of-another-platform",
    summary: "packages were installed on another platform than that of the image, and may hold programs for it",
    doc: Some(Doc {
        what: "Finds `node_modules`, virtual environments, wheels, gems, environments of conda, releases of Elixir, runtimes of Java \
               and programs that pack a runtime, which one platform's package manager chose or made, and that are copied into an \
               image, installed in one, or used in a stage, of another.",
        why: "Package managers take programs and native add-ons for the machine they run on, or compile them there. On another \
              they fail when they are loaded.",
        before: "FROM --platform=$BUILDPLATFORM python:3.13 AS build\nRUN pip install --target=/deps numpy\n\
                 FROM python:3.13-slim\nCOPY --from=build /deps /deps\n",
        after: "FROM python:3.13 AS build\nRUN pip install --target=/deps numpy\n\
                FROM python:3.13-slim\nCOPY --from=build /deps /deps\n",
        silent: "A package manager that is told the platform; packages of which nothing says that they hold native code: for \
                 those there is a note.",
        no_fix: Some(
            "an unpinned stage is right and slow, one that is told the target is fast: the author decides.",
        ),
    }),
    ..Rule::PLAIN
};

/// What a package manager left.
struct Tree {
    manager: &'static str,
    places: Vec<Place>,
    /// Whether it surely holds code of the platform.
    is_native: bool,
    line: Line,
    vertex: VertexIx,
}

/// Words without which no file installs packages of a language.
const WORDS: [&str; 30] = [
    "maturin",
    "cpanm",
    "carton",
    "cpm ",
    "luarocks",
    "conda ",
    "mamba ",
    "install.packages",
    "install2.r",
    "dart compile",
    "npm",
    "yarn",
    "pnpm",
    "pip",
    "poetry",
    "uv ",
    "bundle",
    "gem ",
    "bun ",
    "pdm",
    "pipenv",
    "jlink",
    "jpackage",
    "native",
    "mix ",
    "deno ",
    "pyinstaller",
    "pecl",
    "docker-php-ext",
    "php-ext",
];

pub(super) fn detect(context: &Context<'_>, found: &mut Vec<Diagnostic>) {
    let graph = &context.node.graph;
    if !WORDS.iter().any(|word| context.text().contains(word)) {
        return;
    }
    let trees: Vec<Tree> = graph.vertices().flat_map(|(vertex, _)| trees_of(context, vertex)).collect();
    if trees.is_empty() {
        return;
    }
    for arrival in origin::arrivals(context) {
        let Some(tree) = holder(context, &trees, arrival.source, &arrival.path) else { continue };
        let own = context.node.nature(tree.vertex);
        let mut targets = arrival.targets.iter().map(|target| &graph.targets()[target.index()]);
        let Some(own) = own else { continue };
        let Some(target) = targets.find(|target| !fits(target, own)) else { continue };
        report(
            context,
            tree,
            own,
            &format!("into the image for {} by line {}", target.short(), arrival.line.0),
            found,
        );
    }
    // A stage of the machine's own that runs what another platform's package manager chose.
    for stage in context.needed() {
        for instruction in stage.body {
            for (vertex, _) in context.vertices(stage.index, instruction.line) {
                let runs =
                    context.sight(vertex).is_some_and(|sight| sight.outcome.calls.iter().any(starts_node));
                let Some(platform) = context.node.nature(vertex).filter(|_| runs) else { continue };
                let brought = origin::bases(graph, vertex)
                    .flat_map(|at| origin::copies_of(graph, at))
                    .find_map(|copy| {
                        let path = crate::model::path::clean(graph.text(copy.from)).into_owned();
                        let tree = holder(context, &trees, copy.source?, &path)?;
                        let own = context.node.nature(tree.vertex)?;
                        (!fits(platform, own) && tree.manager == "npm").then_some((tree, own))
                    });
                if let Some((tree, own)) = brought {
                    let place = format!(
                        "into a stage that runs on {}, where line {} uses them",
                        platform.short(),
                        instruction.line.0
                    );
                    report(
                        context,
                        &Tree { is_native: true, places: tree.places.clone(), ..*tree },
                        own,
                        &place,
                        found,
                    );
                }
            }
        }
    }
}

fn starts_node(call: &Call) -> bool {
    let first = made::plain(call).next();
    match call.program() {
        "node" | "npx" | "vite" | "ng" | "webpack" => true,
        "npm" | "pnpm" | "bun" => matches!(first, Some("run" | "run-script" | "test" | "build" | "exec")),
        "yarn" => first.is_some_and(|word| !matches!(word, "install" | "add" | "config" | "cache" | "set")),
        _ => false,
    }
}

fn report(context: &Context<'_>, tree: &Tree, own: &Platform, place: &str, found: &mut Vec<Diagnostic>) {
    let Some(instruction) = context.instruction_at(tree.line) else { return };
    if found.iter().any(|known| known.rule == &RULE && known.line == Some(tree.line)) {
        return;
    }
    let what = match tree.manager {
        "npm" => "node_modules were chosen",
        "pip" => "Python packages were installed",
        "java" => "a Java runtime or program was made",
        "program" => "a program was made",
        "php" => "PHP's extensions were compiled",
        "conda" => "an environment of conda was made",
        "r" => "packages of R were installed",
        "perl" => "modules of Perl were installed",
        "lua" => "modules of Lua were installed",
        "mix" => "a release was assembled, with the runtime of Erlang that made it,",
        _ => "gems were installed",
    };
    let message = format!("{what} for {} and copied {place}", own.short());
    let help = "Install them in a stage of the platform that uses them (`FROM` without `--platform`), or tell the package manager \
                the target where it can be told; pinning only one of two stages mixes platforms.";
    let diagnostic = context.diagnostic(&RULE, None, instruction, message, help);
    let severity = if tree.is_native { Severity::Warning } else { Severity::Note };
    found.push(Diagnostic { severity, ..diagnostic });
}

/// The packages that stand at a path of a vertex, or below it.
fn holder<'t>(context: &Context<'_>, trees: &'t [Tree], source: VertexIx, path: &str) -> Option<&'t Tree> {
    let graph = &context.node.graph;
    let (mut at, mut path) = (source, path.to_owned());
    // Each round goes to an input, which comes before what uses it.
    loop {
        let bases: Vec<VertexIx> = origin::bases(graph, at).collect();
        let calls = bases
            .iter()
            .rev()
            .filter_map(|vertex| context.sight(*vertex))
            .flat_map(|sight| &sight.outcome.calls);
        let own = trees.iter().rev().filter(|tree| bases.contains(&tree.vertex)).find(|tree| {
            // Archives of classes lie beside a program that GraalVM makes.
            if tree.manager == "java" && path.ends_with("ar") && path.contains('.') {
                return false;
            }
            let moved = || {
                let later = bases.iter().rev().filter(|vertex| **vertex >= tree.vertex);
                let sights = later.filter_map(|vertex| context.sight(*vertex));
                moved_whole(&tree.places, sights.flat_map(|sight| &sight.outcome.calls))
            };
            let places = if path == "/" { Vec::new() } else { moved() };
            let holds = tree.places.iter().chain(&places).any(|place| match place {
                // The folder that holds them, they themselves, or something that was made of them.
                Place::At(place) => is_below(place, &path) && path != "/" || is_below(&path, place),
                Place::Anywhere => false,
            });
            let deployed = tree.manager == "npm" && calls.clone().any(|call| deploys_to(call, &path));
            holds || deployed
        });
        if own.is_some() {
            return own;
        }
        // Through a copy of all of it.
        let through = bases.iter().flat_map(|vertex| origin::copies_of(graph, *vertex)).find_map(|copy| {
            let to = crate::model::path::clean(graph.text(copy.to)).into_owned();
            let from = crate::model::path::clean(graph.text(copy.from)).into_owned();
            let source = copy.source?;
            let is_stage = !matches!(graph.vertex(source).op, crate::graph::vertex::Op::Source(_));
            (is_stage && (is_below(&path, &to) || is_below(&to, &path)) && to != "/")
                .then_some((source, from))
        })?;
        if through.0 == at {
            return None;
        }
        (at, path) = through;
    }
}

/// Where calls move places to, each with all that is in it.
fn moved_whole<'c>(places: &[Place], calls: impl Iterator<Item = &'c Call>) -> Vec<Place> {
    let mut moved: Vec<Place> = Vec::new();
    for call in calls.filter(|call| matches!(call.program(), "cp" | "mv" | "install")) {
        let Some((names, to)) = made::moved(call) else { continue };
        let is_one = |name: &str| {
            let from = made::path_of(call, name).map(Place::At);
            from.is_some_and(|from| places.iter().chain(&moved).any(|place| *place == from))
        };
        if names.into_iter().any(is_one) {
            moved.push(to);
        }
    }
    moved
}

/// `pnpm deploy /path`, which copies the modules there.
fn deploys_to(call: &Call, path: &str) -> bool {
    let mut words = made::plain(call);
    call.program() == "pnpm"
        && words.any(|word| word == "deploy")
        && words.last().and_then(|word| made::path_of(call, word)).is_some_and(|place| is_below(path, &place))
}

/// What the package managers that a step calls leave: each kind once, by its first call.
fn trees_of(context: &Context<'_>, vertex: VertexIx) -> Vec<Tree> {
    let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let mut trees: Vec<Tree> = Vec::new();
    for call in calls {
        let Some((manager, places)) = places(call) else { continue };
        if trees.iter().all(|known| known.manager != manager) {
            trees.extend(tree(context, vertex, call, manager, places));
        }
    }
    trees
}

/// What one call of a package manager leaves; `None` where it is told for which platform.
fn tree(
    context: &Context<'_>,
    vertex: VertexIx,
    call: &Call,
    manager: &'static str,
    places: Vec<Place>,
) -> Option<Tree> {
    let graph = &context.node.graph;
    let line = graph.vertex(vertex).line()?;
    let told = |call: &Call| {
        const WORDS: [&str; 9] = [
            "--platform",
            "--target_arch",
            "--target-arch",
            "--arch",
            "--cpu",
            "--python-platform",
            "--only-binary",
            "--os",
            "--libc",
        ];
        let is_bundle = matches!(call.program(), "deno" | "bun");
        call.arguments().any(|word| {
            WORDS.iter().any(|told| word.starts_with(told)) || is_bundle && word.starts_with("--target")
        }) || ["npm_config_arch", "npm_config_cpu", "npm_config_platform", "TARGETARCH_NPM"]
            .iter()
            .any(|name| !matches!(call.environment.get(name), crate::shell::interpret::Seen::Unset))
    };
    if told(call) {
        return None;
    }
    let named = call.arguments().any(|word| {
        let name = word.split(['=', '<', '>', '[', '~', '@', '!']).next().unwrap_or(word).to_lowercase();
        NATIVE.contains(&&*name)
    });
    let locked = context.files.filter(|_| manager == "npm").is_some_and(|files| {
        let by_lock = files.manifests.of_kind(ManifestKind::NodeLock).any(|package| is_addon(&package.name));
        let asked = files.scripts.paths().filter(|path| path.ends_with("package.json"));
        let mut texts = asked.filter_map(|path| files.scripts.text(path));
        by_lock
            || texts
                .any(|text| NATIVE.iter().any(|name| is_addon(name) && text.contains(&format!("\"{name}\""))))
    });
    let chain = origin::bases(graph, vertex)
        .filter_map(|at| context.sight(at))
        .flat_map(|sight| &sight.outcome.calls);
    let builds = chain.into_iter().any(|call| {
        const TOOLS: [&str; 9] = [
            "build-essential",
            "g++",
            "gcc",
            "build-base",
            "alpine-sdk",
            "gcc-c++",
            "clang",
            "node-gyp",
            "python3-dev",
        ];
        matches!(call.program(), "apt-get" | "apt" | "apk" | "dnf" | "microdnf" | "yum" | "npm")
            && call
                .arguments()
                .any(|word| TOOLS.contains(&word) || word.ends_with("-dev") && word.starts_with("lib"))
    });
    // The full images of Docker's own have compilers; Python's packages are often compiled ones even without.
    let stage = graph.vertex(vertex).stages.first().copied();
    let image = stage.map_or("", |stage| context.root(stage).from.base.text);
    let name = base(image.split([':', '@']).next().unwrap_or_default());
    let is_full = matches!(name, "node" | "ruby" | "python" | "perl")
        && !image.contains("slim")
        && !image.contains("alpine");
    // Next.js brings a compiler and, for pictures, sharp; Prisma an engine.
    let is_framework = manager == "npm"
        && ["/.next", "next start", "prisma generate"].iter().any(|sign| context.text().contains(sign));
    let is_native = named
        || is_framework
        || locked
        || builds
        || is_full
        || matches!(manager, "pip" | "java" | "mix" | "program" | "php" | "conda" | "r");
    Some(Tree { manager, places, is_native, line, vertex })
}
