//! Package managers of languages: where they put what they install, and of which packages it is known that they hold native code.

use crate::advice::facts::context::Context;
use crate::advice::facts::made::{self, Place};
use crate::advice::facts::origin::{self, Waypoint, is_below};
use crate::context::ManifestKind;
use crate::ids::VertexIx;
use crate::model::path::base;
use crate::shell::interpret::{Call, Seen};
use crate::source::Line;

/// Packages in whose names there is native code.
pub(in crate::advice) const NATIVE: [&str; 37] = [
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
    "@prisma/client",
];

/// Whether a package of npm's is native code that programs load, and no tool to build with.
pub(in crate::advice) fn is_addon(name: &str) -> bool {
    NATIVE.contains(&name) && !matches!(name, "esbuild" | "swc" | "node-sass" | "ruff")
}

/// Packages of a language that a package manager has put somewhere.
#[derive(Debug)]
pub(in crate::advice) struct Packages {
    /// Whose packages, in one word.
    pub(in crate::advice) manager: &'static str,
    /// Where it put them.
    places: Vec<Place>,
    /// Whether it surely holds code of the platform.
    pub(in crate::advice) is_native: bool,
    /// The line of the command.
    pub(in crate::advice) line: Line,
}

/// Whether packages that a vertex left stand on the way of a file: in the folder that is asked for, around it, or as that which was
/// made of them.
pub(in crate::advice) fn holds(context: &Context<'_>, packages: &Packages, way: &Waypoint<'_>) -> bool {
    let path = way.path;
    // Archives of classes lie beside a program that GraalVM makes.
    if packages.manager == "java" && path.ends_with("ar") && path.contains('.') {
        return false;
    }
    let calls = |from: Option<VertexIx>| {
        let mut chain: Vec<VertexIx> = origin::bases(&context.node.graph, way.end).collect();
        chain.reverse();
        let chain = chain.into_iter().filter(move |at| Some(*at) >= from);
        chain.filter_map(|at| context.sight(at)).flat_map(|sight| &sight.outcome.calls)
    };
    let is_around = |place: &Place| match place {
        Place::At(place) => is_below(place, path) && path != "/" || is_below(path, place),
        Place::Anywhere => false,
    };
    let moved =
        || path != "/" && moved_whole(&packages.places, calls(Some(way.vertex))).iter().any(is_around);
    let stands = packages.places.iter().any(is_around) || moved();
    let deployed = || calls(None).any(|call| deploys_to(call, path));
    stands || packages.manager == "npm" && deployed()
}

/// Whether a file may install packages of a language at all.
pub(in crate::advice) fn may_install(text: &str) -> bool {
    WORDS.iter().any(|word| text.contains(word))
}

/// Words without which no file installs packages of a language.
const WORDS: [&str; 27] = [
    "npm",
    "pip",
    "yarn",
    "bundle",
    "gem ",
    "poetry",
    "uv ",
    "bun ",
    "pdm",
    "conda ",
    "mamba ",
    "jlink",
    "jpackage",
    "native",
    "php-ext",
    "pecl",
    "mix ",
    "deno ",
    "dart compile",
    "maturin",
    "pyinstaller",
    "cpanm",
    "carton",
    "cpm ",
    "luarocks",
    "install.packages",
    "install2.r",
];

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

/// What the package managers leave that a step calls: each kind once, by its first call.
pub(in crate::advice) fn left_by(context: &Context<'_>, vertex: VertexIx) -> Vec<Packages> {
    let calls = context.sight(vertex).map_or(&[][..], |sight| &sight.outcome.calls);
    let mut left: Vec<Packages> = Vec::new();
    for call in calls {
        let Some((manager, places)) = places(call) else { continue };
        if left.iter().all(|known| known.manager != manager) {
            left.extend(by_call(context, vertex, call, manager, places));
        }
    }
    left
}

/// What one call of a package manager leaves; `None` where it is told for which platform.
fn by_call(
    context: &Context<'_>,
    vertex: VertexIx,
    call: &Call,
    manager: &'static str,
    places: Vec<Place>,
) -> Option<Packages> {
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
            .any(|name| !matches!(call.environment.get(name), Seen::Unset))
    };
    if told(call) {
        return None;
    }
    let named = call.arguments().any(|word| {
        let name = word.split(['=', '<', '>', '[', '~', '@', '!']).next().unwrap_or(word).to_lowercase();
        NATIVE.contains(&&*name)
    });
    let locked = manager == "npm" && context.has_addons();
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
    Some(Packages { manager, places, is_native, line })
}

/// Whether the project asks for packages of npm that are code of the platform.
pub(super) fn has_addons(files: &crate::context::Context) -> bool {
    let by_lock = files.manifests.of_kind(ManifestKind::NodeLock).any(|package| is_addon(&package.name));
    let asked = files.scripts.paths().filter(|path| path.ends_with("package.json"));
    let mut texts = asked.filter_map(|path| files.scripts.text(path));
    by_lock
        || texts.any(|text| NATIVE.iter().any(|name| is_addon(name) && text.contains(&format!("\"{name}\""))))
}

/// Where a package manager puts packages.
pub(in crate::advice) fn places(call: &Call) -> Option<(&'static str, Vec<Place>)> {
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
        "mvn" | "mvnw" | "gradle" | "gradlew" if makes_native(call) => {
            Some(("java", ["target", "build/native", "build"].map(at).into()))
        }
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
        name if name.starts_with("luarocks") && words.contains(&"install") => {
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
        "maturin" if first == Some("build") => {
            Some(("pip", vec![made::option(call, &["-o", "--out"]).map_or_else(|| at("target/wheels"), at)]))
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
                Seen::Is(text) => text.known().map(str::to_owned),
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
                Seen::Is(text) => text.known().map(str::to_owned),
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

/// Options that tell npm and its like the processor of the machine that packages are for.
pub(in crate::advice) const NPM_OPTIONS: [&str; 3] = ["--cpu", "--arch", "--target_arch"];

/// The one processor that a call of npm is told to install packages for.
pub(in crate::advice) fn npm_told(call: &Call) -> Option<&str> {
    let times =
        call.arguments().filter(|word| NPM_OPTIONS.iter().any(|option| word.starts_with(option))).count();
    let by_variable = || {
        const NAMES: [&str; 3] = ["npm_config_arch", "npm_config_cpu", "npm_config_target_arch"];
        let mut set = call.environment.visible().filter(|(name, _)| NAMES.contains(name));
        set.find_map(|(_, value)| {
            ["x64", "arm64", "arm", "ia32"].into_iter().find(|name| value.known() == Some(name))
        })
    };
    if times > 1 { None } else { made::option(call, &NPM_OPTIONS).or_else(by_variable) }
}

/// Whether Maven or Gradle is told to make a program by `native-image`.
fn makes_native(call: &Call) -> bool {
    call.arguments().any(|word| {
        let task = word.rsplit(':').next().unwrap_or(word);
        let (name, value) = word.split_once('=').unwrap_or((word, "true"));
        matches!(task, "nativeCompile" | "nativeImage" | "nativeBuild")
            || matches!(word, "native:compile" | "native:compile-no-fork" | "native:build" | "-Pnative")
            || matches!(name, "-Dnative" | "-Dquarkus.native.enabled") && value != "false"
            || word == "-Dquarkus.package.type=native"
            || word == "-Dpackaging=native-image"
    })
}

/// The value behind `=` that begins a text, between its quotes.
fn quoted(text: &str) -> Option<&str> {
    let value = text.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

/// The virtual environment that comes first in `PATH`.
fn in_path(call: &Call) -> Option<String> {
    let Seen::Is(path) = call.environment.get("PATH") else { return None };
    let first = path.with_gaps().split(':').next()?.strip_suffix("/bin")?.to_owned();
    (!matches!(&*first, "" | "/usr" | "/usr/local" | "/usr/local/go" | "/root/.local")).then_some(first)
}
