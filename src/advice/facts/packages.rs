//! Package managers of languages: where they put what they install, and of which packages it is known that they hold native code.

use crate::advice::facts::made::{self, Place};
use crate::model::path::base;
use crate::shell::interpret::{Call, Seen};

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

/// Whether Maven or Gradle is told to make a program by GraalVM.
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
