//! Packages of a language that were installed on another platform than that of the image they get into.

use crate::advice::facts::context::Context;
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::origin::{self, fits, is_below};
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
        what: "Finds `node_modules`, virtual environments, site-packages and gems that one platform's package manager chose, \
               and that are copied into an image, or used in a stage, of another.",
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
const WORDS: [&str; 29] = [
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
    "native-image",
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
    let trees: Vec<Tree> = graph.vertices().filter_map(|(vertex, _)| tree(context, vertex)).collect();
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
            let holds = tree.places.iter().any(|place| match place {
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

/// `pnpm deploy /path`, which copies the modules there.
fn deploys_to(call: &Call, path: &str) -> bool {
    let mut words = made::plain(call);
    call.program() == "pnpm"
        && words.any(|word| word == "deploy")
        && words.last().and_then(|word| made::path_of(call, word)).is_some_and(|place| is_below(path, &place))
}

/// Packages in whose names there is native code.
const NATIVE: [&str; 36] = [
    "numpy",
    "pandas",
    "scipy",
    "cryptography",
    "psycopg2",
    "psycopg2-binary",
    "lxml",
    "pillow",
    "grpcio",
    "torch",
    "tensorflow",
    "scikit-learn",
    "uvloop",
    "orjson",
    "pydantic",
    "pydantic-core",
    "cffi",
    "bcrypt",
    "mysqlclient",
    "pyyaml",
    "aiohttp",
    "ruff",
    "sharp",
    "sqlite3",
    "better-sqlite3",
    "canvas",
    "esbuild",
    "argon2",
    "node-sass",
    "grpc",
    "swc",
    "nokogiri",
    "pg",
    "bootsnap",
    "ffi",
    "psycopg",
];

/// Whether a package of npm's is native code that programs load, and no tool to build with.
fn is_addon(name: &str) -> bool {
    NATIVE.contains(&name) && !matches!(name, "esbuild" | "swc" | "node-sass" | "ruff")
}

/// What the package manager that a step calls leaves.
fn tree(context: &Context<'_>, vertex: VertexIx) -> Option<Tree> {
    let graph = &context.node.graph;
    let sight = context.sight(vertex)?;
    let line = graph.vertex(vertex).line()?;
    let calls = &sight.outcome.calls;
    let told = |call: &Call| {
        const WORDS: [&str; 8] = [
            "--platform",
            "--target_arch",
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
    let (call, manager, places) = calls.iter().find_map(|call| {
        let (manager, places) = places(call)?;
        (!told(call)).then_some((call, manager, places))
    })?;
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
    let is_native = named
        || locked
        || builds
        || is_full
        || matches!(manager, "pip" | "java" | "mix" | "program" | "php" | "conda" | "r");
    Some(Tree { manager, places, is_native, line, vertex })
}

/// Where a package manager puts packages.
fn places(call: &Call) -> Option<(&'static str, Vec<Place>)> {
    let at = |path: &str| made::path_of(call, path).map_or(Place::Anywhere, Place::At);
    let words: Vec<&str> = made::plain(call).collect();
    let first = words.first().copied();
    let global = call.arguments().any(|word| matches!(word, "-g" | "--global"));
    let site =
        || vec![at("/usr/local/lib"), at("/usr/lib/python3"), at("/root/.local"), at("/usr/local/bin")];
    match call.program() {
        "jlink" => Some(("java", vec![made::option(call, &["--output"]).map_or(Place::Anywhere, at)])),
        "jpackage" => Some(("java", vec![made::option(call, &["--dest", "-d"]).map_or_else(|| at("."), at)])),
        "native-image" => Some(("java", vec![made::option(call, &["-o"]).map_or_else(|| at("."), at)])),
        "deno" if first == Some("compile") => {
            Some(("program", vec![made::option(call, &["-o", "--output"]).map_or_else(|| at("."), at)]))
        }
        "bun" if first == Some("build") && call.arguments().any(|word| word == "--compile") => {
            Some(("program", vec![made::option(call, &["--outfile"]).map_or_else(|| at("."), at)]))
        }
        "dart" if words.starts_with(&["compile", "exe"]) => {
            Some(("program", vec![made::option(call, &["-o", "--output"]).map_or_else(|| at("."), at)]))
        }
        "conda" | "mamba" | "micromamba"
            if words.iter().any(|word| matches!(*word, "create" | "install" | "update")) =>
        {
            let to = made::option(call, &["-p", "--prefix"]);
            Some((
                "conda",
                to.map_or_else(
                    || vec![at("/opt/conda"), at("/root/.conda"), at("/opt/miniconda")],
                    |to| vec![at(to)],
                ),
            ))
        }
        "cpanm" | "carton" | "cpm" => {
            let local = made::option(call, &["-L", "-l", "--local-lib", "--local-lib-contained"]);
            let own = || if call.program() == "cpanm" { "/usr/local/lib/perl5" } else { "local" };
            Some(("perl", vec![at(local.unwrap_or_else(own))]))
        }
        "luarocks" if first == Some("install") => {
            let tree = made::option(call, &["--tree"]);
            Some((
                "lua",
                tree.map_or_else(
                    || vec![at("/usr/local/lib/lua"), at("/usr/local/lib/luarocks")],
                    |tree| vec![at(tree)],
                ),
            ))
        }
        "install2.r" | "installr" => Some(("r", vec![at("/usr/local/lib/R"), at("/usr/lib/R")])),
        "R" | "Rscript"
            if call
                .arguments()
                .any(|word| word.contains("install.packages") || word.contains("install_")) =>
        {
            let library =
                call.arguments().find_map(|word| word.split_once("lib").and_then(|(_, rest)| quoted(rest)));
            Some((
                "r",
                library.map_or_else(|| vec![at("/usr/local/lib/R"), at("/usr/lib/R")], |path| vec![at(path)]),
            ))
        }
        "pyinstaller" => {
            Some(("program", vec![made::option(call, &["--distpath"]).map_or_else(|| at("dist"), at)]))
        }
        "docker-php-ext-install" | "pecl" | "install-php-extensions" => {
            Some(("php", vec![at("/usr/local/lib/php")]))
        }
        "mix" if first == Some("release") => {
            Some(("mix", vec![made::option(call, &["--path"]).map_or_else(|| at("_build"), at)]))
        }
        name if base(name).starts_with("pip") && matches!(first, Some("wheel" | "download")) => {
            let to = made::option(call, &["-w", "--wheel-dir", "-d", "--dest"]);
            Some(("pip", vec![to.map_or_else(|| at("."), at)]))
        }
        "npm" | "pnpm" | "bun" if matches!(first, Some("install" | "ci" | "i" | "add")) => {
            Some(("npm", vec![if global { at("/usr/local/lib/node_modules") } else { at("node_modules") }]))
        }
        "yarn" if matches!(first, None | Some("install" | "add" | "workspaces")) => {
            Some(("npm", vec![at("node_modules")]))
        }
        name if base(name).starts_with("pip") && first == Some("install") => {
            let program = call.words.first().map_or("", |word| word.text.with_gaps());
            let target = made::option(call, &["--target", "-t"])
                .or_else(|| made::option(call, &["--prefix", "--root"]));
            let venv = program.strip_suffix("/bin/pip").or_else(|| program.strip_suffix("/bin/pip3"));
            let active = match call.environment.get("VIRTUAL_ENV") {
                crate::shell::interpret::Seen::Is(text) => text.known().map(str::to_owned),
                _ => None,
            };
            let places = match (target, venv, active) {
                (Some(target), _, _) => vec![at(target)],
                (None, Some(venv), _) if venv != "/usr/local" && venv != "/usr" => vec![at(venv)],
                (None, _, Some(active)) => vec![at(&active)],
                _ if call.arguments().any(|word| word == "--user") => vec![at("/root/.local")],
                _ => in_path(call).map_or_else(site, |venv| vec![at(&venv)]),
            };
            Some(("pip", places))
        }
        name if name.starts_with("python")
            && call.arguments().take(2).eq(["-m", "pip"])
            && words.contains(&"install") =>
        {
            let target = made::option(call, &["--target", "-t", "--prefix"]);
            Some((
                "pip",
                target.map_or_else(
                    || in_path(call).map_or_else(site, |venv| vec![at(&venv)]),
                    |target| vec![at(target)],
                ),
            ))
        }
        "uv" if first == Some("sync") => {
            let told = match call.environment.get("UV_PROJECT_ENVIRONMENT") {
                crate::shell::interpret::Seen::Is(text) => text.known().map(str::to_owned),
                _ => None,
            };
            Some(("pip", vec![told.map_or_else(|| at(".venv"), |told| at(&told))]))
        }
        "uv" if first == Some("pip") && words.contains(&"install") => {
            let target = made::option(call, &["--target", "--prefix"]);
            Some((
                "pip",
                target.map_or_else(
                    || vec![at(".venv"), at("/opt/venv"), at("/venv"), at("/usr/local/lib")],
                    |target| vec![at(target)],
                ),
            ))
        }
        "poetry" | "pdm" | "pipenv" if matches!(first, Some("install" | "sync")) => Some((
            "pip",
            vec![at(".venv"), at("__pypackages__"), at("/usr/local/lib"), at("/venv"), at("/opt/venv")],
        )),
        "bundle" if matches!(first, Some("install")) => {
            let path = made::option(call, &["--path"]).map(at);
            Some((
                "gem",
                path.map_or_else(
                    || vec![at("/usr/local/bundle"), at("vendor/bundle"), at("/bundle")],
                    |path| vec![path],
                ),
            ))
        }
        "gem" if first == Some("install") => {
            Some(("gem", vec![at("/usr/local/bundle"), at("/usr/local/lib/ruby"), at("/var/lib/gems")]))
        }
        _ => None,
    }
}

/// The value behind `=` that begins a text, between its quotes.
fn quoted(text: &str) -> Option<&str> {
    let value = text.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The virtual environment that comes first in `PATH`.
fn in_path(call: &Call) -> Option<String> {
    let crate::shell::interpret::Seen::Is(path) = call.environment.get("PATH") else { return None };
    let first = path.with_gaps().split(':').next()?.strip_suffix("/bin")?.to_owned();
    (!matches!(&*first, "" | "/usr" | "/usr/local" | "/usr/local/go" | "/root/.local")).then_some(first)
}
