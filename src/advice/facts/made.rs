//! What commands make, and where they put it, as their words say.

use crate::advice::facts::configured;
use crate::advice::facts::origin::is_below;
use crate::advice::facts::sight::Sight;
use crate::advice::facts::tools::Compiler;
use crate::model::path::clean;
use crate::shell::interpret::{Call, Seen};

/// Where a command puts what it makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::advice) enum Place {
    /// There, or below it.
    At(String),
    /// Its words do not tell.
    Anywhere,
}

impl Place {
    /// Whether a path may name what is put there, or hold it.
    pub(in crate::advice) fn may_be(&self, path: &str) -> bool {
        match self {
            Self::At(place) => is_below(path, place) || is_below(place, path),
            Self::Anywhere => true,
        }
    }
}

/// The first words of a call that are no options, the program aside.
pub(in crate::advice) fn plain(call: &Call) -> impl Iterator<Item = &str> {
    call.arguments().filter(|word| !word.starts_with('-') && !word.starts_with('+'))
}

/// The value of an option: `-o x`, `-ox`, `--out x`, `--out=x`.
pub(in crate::advice) fn option<'c>(call: &'c Call, names: &[&str]) -> Option<&'c str> {
    let mut words = call.arguments();
    while let Some(word) = words.next() {
        for rest in names.iter().filter_map(|name| word.strip_prefix(name)) {
            if rest.is_empty() {
                return words.next();
            }
            if let Some(value) = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':')) {
                return Some(value);
            }
        }
    }
    None
}

/// A path of a call, from the root; `None` where it is not known.
pub(in crate::advice) fn path_of(call: &Call, path: &str) -> Option<String> {
    let dir = call.dir.with_gaps();
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{dir}/{path}") };
    // What is before a gap names a folder.
    let known = match whole.find('\0') {
        Some(gap) => whole[..gap].rsplit_once('/')?.0,
        None => &whole,
    };
    known.starts_with('/').then(|| clean(known).into_owned())
}

fn at(call: &Call, path: &str) -> Place {
    path_of(call, path).map_or(Place::Anywhere, Place::At)
}

/// Which compiler a call is, if it makes programs for one architecture.
pub(in crate::advice) fn compiler(call: &Call) -> Option<Compiler> {
    let first = plain(call).next();
    let has = |words: &[&str]| call.arguments().any(|word| words.contains(&word));
    let asks = || has(&["--version", "-version", "--help", "-V", "-vV", "-Vv", "--print"]);
    let compiler = match (call.program(), first) {
        ("go" | "xx-go", Some("build" | "install")) => Compiler::Go,
        // Its `--version` says which one to install.
        ("cargo" | "xx-cargo", Some("install")) => Compiler::Rust,
        ("cargo" | "xx-cargo", Some("build" | "b" | "rustc")) | ("rustc", _) if !asks() => Compiler::Rust,
        ("gcc" | "g++" | "cc" | "c++" | "clang" | "clang++", Some(_)) if !asks() && links(call) => {
            Compiler::C
        }
        (program, Some(_)) if cross_architecture(program).is_some() && !asks() && links(call) => Compiler::C,
        (program, _) if configured::configures(program, call.arguments()) => Compiler::C,
        (program, Some("build")) if is_bazel(program) && !is_told_bazel(call) => Compiler::Other,
        ("dotnet", Some("publish")) if is_native_dotnet(call) => Compiler::Dotnet,
        _ => return None,
    };
    let is_portable = |word: &str| ["wasm32", "wasm64", "wasi"].iter().any(|kind| word.contains(kind));
    let portable = call.arguments().any(|word| word.contains("was") && is_portable(word));
    (!portable).then_some(compiler)
}

/// Whether a program is Bazel or its like.
pub(in crate::advice) fn is_bazel(program: &str) -> bool {
    matches!(program, "bazel" | "bazelisk" | "buck2")
}

/// Whether Bazel's words may say for which platform it builds.
fn is_told_bazel(call: &Call) -> bool {
    const WORDS: [&str; 6] =
        ["--platforms", "--cpu", "--config", "--bazelrc", "--extra_toolchains", "--target-platforms"];
    call.arguments().any(|word| word.contains('\0') || WORDS.iter().any(|told| word.starts_with(told)))
}

/// The architecture, in Docker's words, for which a program whose name begins with a triple makes programs: `aarch64-linux-gnu-gcc`.
pub(in crate::advice) fn cross_architecture(program: &str) -> Option<&'static str> {
    let (triple, tool) = program.rsplit_once('-')?;
    let is_compiler = matches!(tool, "gcc" | "g++" | "cc" | "c++" | "clang");
    of_triple(triple).filter(|_| is_compiler && triple.contains("linux"))
}

/// The architecture, in Docker's words, for which a call is told to have C compiled: by the name of the compiler, or of the one that
/// a build system gets.
pub(in crate::advice) fn c_told(call: &Call) -> Option<&'static str> {
    let by_argument = || {
        call.arguments().find_map(|word| match word.split_once('=')? {
            ("CC" | "CXX", compiler) => cross_architecture(compiler.rsplit('/').next()?),
            (define, compiler)
                if ["-DCMAKE_C_COMPILER", "-DCMAKE_CXX_COMPILER"].contains(&define.split(':').next()?) =>
            {
                cross_architecture(compiler.rsplit('/').next()?)
            }
            ("CROSS_COMPILE", prefix) => cross_architecture(&format!("{prefix}gcc")),
            ("--host", triple) => of_triple(triple),
            _ => None,
        })
    };
    let by_variable = || match call.environment.get("CC") {
        Seen::Is(text) => cross_architecture(text.known()?),
        _ => None,
    };
    cross_architecture(call.program()).or_else(by_argument).or_else(by_variable)
}

/// The architecture, in Docker's words, that a target triple is for; `None` for none that is known.
pub(in crate::advice) fn of_triple(triple: &str) -> Option<&'static str> {
    Some(match triple.split('-').next()? {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv7" | "arm" | "armv5te" | "thumbv7neon" => "arm",
        "i686" | "i586" => "386",
        "riscv64gc" | "riscv64" => "riscv64",
        "powerpc64le" => "ppc64le",
        "s390x" => "s390x",
        _ => return None,
    })
}

/// Whether a C compiler makes a program or library: it is told where to put one, and not to stop before that.
fn links(call: &Call) -> bool {
    let stops = |word: &str| {
        matches!(word, "-c" | "-S" | "-E" | "-M" | "-MM" | "-fsyntax-only") || word.contains("bpf")
    };
    option(call, &["-o"]).is_some() && !call.arguments().any(stops)
}

/// Whether a call is a wrapper that learns the target by itself, from the variables of the build: one of tonistiigi/xx.
pub(in crate::advice) fn is_xx(call: &Call) -> bool {
    call.program().starts_with("xx-")
}

/// The value that `make` is told for a variable among its arguments: it goes before all others, and recipes have it in their environment.
pub(in crate::advice) fn make_told<'c>(call: &'c Call, name: &str) -> Option<&'c str> {
    let is_make = matches!(call.program(), "make" | "gmake");
    let values = call.arguments().filter_map(|word| word.strip_prefix(name)?.strip_prefix('='));
    values.last().filter(|_| is_make)
}

/// The system other than Linux that a compile is told to make programs for, in Go's words.
pub(in crate::advice) fn other_system(call: &Call, sight: &Sight) -> bool {
    let is_other = |text: &str| {
        const OTHERS: [&str; 10] =
            ["windows", "darwin", "freebsd", "openbsd", "netbsd", "android", "apple", "js", "wasip1", "win"];
        text.split(['-', '_']).any(|part| OTHERS.contains(&part))
    };
    let told = match call.program() {
        "go" | "xx-go" => sight.go_told(call, "GOOS").value().map(str::to_owned),
        "cargo" | "rustc" | "clang" | "clang++" => option(call, &["--target"])
            .map(str::to_owned)
            .or_else(|| call.environment.get("CARGO_BUILD_TARGET").known().map(str::to_owned)),
        "dotnet" => option(call, &["-r", "--runtime", "-p:RuntimeIdentifier", "/p:RuntimeIdentifier"])
            .map(|rid| rid.replace("osx", "darwin").replace("win10", "win")),
        _ => None,
    };
    told.is_some_and(|told| is_other(&told))
}

/// Whether what .NET publishes has a launcher beside the library that `dotnet` starts: a program of one architecture.
pub(in crate::advice) fn has_launcher(call: &Call) -> bool {
    call.program() == "dotnet"
        && plain(call).next() == Some("publish")
        && !call.arguments().any(|word| word.to_lowercase().contains("useapphost=false"))
}

/// Whether what .NET publishes is a program of one architecture, not a library that `dotnet` starts.
pub(in crate::advice) fn is_native_dotnet(call: &Call) -> bool {
    let set = |name: &str| call.arguments().any(|word| word.to_lowercase().contains(&format!("{name}=true")));
    let off = call
        .arguments()
        .any(|word| word.to_lowercase().contains("selfcontained=false") || word == "--no-self-contained");
    let on = call.arguments().any(|word| word == "--self-contained" || word == "--sc");
    let next = option(call, &["--self-contained", "--sc"]) == Some("false");
    (on && !next || set("selfcontained") || set("publishsinglefile") || set("publishaot")) && !off
}

/// The architecture that .NET is told, in its own words; `None` for that of the machine.
pub(in crate::advice) fn dotnet_told(call: &Call) -> Option<String> {
    let rid = option(call, &["-r", "--runtime", "-p:RuntimeIdentifier", "/p:RuntimeIdentifier"]);
    rid.map(|rid| rid.rsplit('-').next().unwrap_or(rid).to_owned())
        .or_else(|| option(call, &["-a", "--arch"]).map(str::to_owned))
}

/// Whether a call packs a program of JavaScript together with a runtime for the platform that it is told.
pub(in crate::advice) fn is_packer(call: &Call) -> bool {
    let first = plain(call).next();
    match call.program() {
        "pkg" | "nexe" => true,
        "npx" | "bunx" | "pnpx" => first
            .is_some_and(|word| ["pkg", "@yao-pkg/pkg", "nexe"].iter().any(|name| word.starts_with(name))),
        "bun" => call.arguments().any(|word| word == "--compile"),
        "deno" => first == Some("compile"),
        _ => false,
    }
}

/// Whether a call installs packages of npm's.
pub(in crate::advice) fn installs_node(call: &Call) -> bool {
    matches!(call.program(), "npm" | "pnpm" | "yarn" | "bun")
        && plain(call).next().is_some_and(|word| matches!(word, "install" | "i" | "add"))
}

/// Whether a call installs packages of Debian's.
pub(in crate::advice) fn installs_debian(call: &Call) -> bool {
    matches!(call.program(), "apt-get" | "apt") && call.arguments().any(|word| word == "install")
}

/// Whether a call installs a program of somebody else, by name and version.
pub(in crate::advice) fn installed_tool(call: &Call) -> Option<String> {
    let first = plain(call).next();
    match (call.program().trim_start_matches("xx-"), first) {
        ("go", Some("install")) => {
            // `tool` stands for those that go.mod lists as such.
            let package = plain(call).find(|word| word.contains('@') || *word == "tool")?;
            installed_tool_name(package).map(str::to_owned)
        }
        ("cargo", Some("install")) => {
            if option(call, &["--path"]).is_some() {
                return None;
            }
            let with_value = [
                "--version",
                "--vers",
                "--root",
                "--git",
                "--tag",
                "--rev",
                "--branch",
                "--features",
                "-j",
                "--jobs",
                "--target",
                "--index",
                "--registry",
                "--profile",
                "--bin",
            ];
            let words: Vec<&str> = call.arguments().collect();
            let at = words.iter().position(|word| *word == "install")?;
            let mut rest = words[at + 1..].iter().peekable();
            while let Some(word) = rest.next() {
                if with_value.contains(word) {
                    rest.next();
                } else if !word.starts_with('-') {
                    return Some(word.split('@').next().unwrap_or(word).to_owned());
                }
            }
            None
        }
        _ => None,
    }
}

/// The name of the program that Go makes of a package: `yq` of `github.com/mikefarah/yq/v4@latest`.
pub(in crate::advice) fn installed_tool_name(package: &str) -> Option<&str> {
    let path = package.split('@').next().unwrap_or(package);
    let mut parts = path.rsplit('/');
    let last = parts.next()?;
    let is_version = last.len() > 1 && last.starts_with('v') && last[1..].bytes().all(|b| b.is_ascii_digit());
    if is_version { parts.next() } else { Some(last) }
}

/// The programs of the project's own that `go install` puts into the path.
pub(in crate::advice) fn installed_by_go(call: &Call) -> impl Iterator<Item = String> {
    let is_install = call.program() == "go" && plain(call).next() == Some("install");
    let packages = plain(call).skip(1).filter(move |word| is_install && !word.contains(['@', '\0']));
    packages
        .filter_map(|word| word.rsplit('/').next())
        .filter(|name| !name.starts_with('.'))
        .map(str::to_owned)
}

/// Where a compile puts its program.
pub(in crate::advice) fn outputs(call: &Call) -> Vec<Place> {
    let seen = |name: &str| match call.environment.get(name) {
        Seen::Is(text) => text.known().map(str::to_owned),
        _ => None,
    };
    let first = plain(call).next();
    match (call.program().trim_start_matches("xx-"), first) {
        ("go", Some("build")) => {
            vec![option(call, &["-o"]).map_or_else(|| at(call, "."), |path| at(call, path))]
        }
        ("go", Some("install")) => {
            let mut places: Vec<Place> =
                ["/go/bin", "/root/go/bin"].map(|path| Place::At(path.to_owned())).into();
            places.extend(seen("GOBIN").map(|path| at(call, &path)));
            places.extend(seen("GOPATH").map(|path| at(call, &format!("{path}/bin"))));
            places
        }
        ("cargo", Some("install")) => {
            let root = option(call, &["--root"]).map(str::to_owned).or_else(|| seen("CARGO_INSTALL_ROOT"));
            if let Some(root) = root {
                return vec![at(call, &format!("{root}/bin"))];
            }
            let mut places: Vec<Place> =
                ["/usr/local/cargo/bin", "/root/.cargo/bin"].map(|path| Place::At(path.to_owned())).into();
            places.extend(seen("CARGO_HOME").map(|path| at(call, &format!("{path}/bin"))));
            places
        }
        ("cargo", _) => {
            let target = option(call, &["--target-dir", "--artifact-dir", "--out-dir"]).map(str::to_owned);
            vec![at(
                call,
                &target.or_else(|| seen("CARGO_TARGET_DIR")).unwrap_or_else(|| "target".to_owned()),
            )]
        }
        ("dotnet", _) => {
            vec![option(call, &["-o", "--output"]).map_or_else(|| at(call, "."), |path| at(call, path))]
        }
        ("bazel" | "bazelisk", _) => vec![at(call, "bazel-bin"), at(call, "bazel-out")],
        ("cmake", _) => vec![at(call, option(call, &["-B"]).unwrap_or("."))],
        ("meson", _) => vec![at(call, plain(call).nth(1).unwrap_or("."))],
        ("configure", _) => vec![at(call, ".")],
        (program, _)
            if matches!(program, "gcc" | "g++" | "cc" | "c++" | "clang" | "clang++")
                || cross_architecture(program).is_some() =>
        {
            vec![option(call, &["-o"]).map_or(Place::Anywhere, |path| at(call, path))]
        }
        _ => vec![Place::Anywhere],
    }
}

/// Whether what was put somewhere may be at a path after further calls have moved files about.
pub(in crate::advice) fn reaches<'c>(
    mut places: Vec<Place>,
    calls: impl Iterator<Item = &'c Call>,
    path: &str,
) -> bool {
    calls.for_each(|call| moves(&mut places, call));
    places.iter().any(|place| place.may_be(path))
}

/// Adds where a call moves what may be at these places to.
pub(in crate::advice) fn moves(places: &mut Vec<Place>, call: &Call) {
    let is_known =
        |path: Option<String>| path.is_some_and(|path| places.iter().any(|known| known.may_be(&path)));
    match call.program() {
        "cp" | "mv" | "install" | "ln" | "rsync" | "upx" => {
            let words: Vec<&str> = plain(call).collect();
            let Some((to, from)) = words.split_last() else { return };
            let is_moved =
                from.iter().any(|word| path_of(call, word).is_none_or(|path| is_known(Some(path))));
            if is_moved {
                places.push(at(call, to));
            }
        }
        "tar" | "find" | "xargs" | "strip" | "objcopy"
            if plain(call).any(|word| is_known(path_of(call, word))) =>
        {
            places.push(Place::Anywhere);
        }
        _ => {}
    }
}

/// The files that a call copies, moves or unpacks, and where to.
pub(in crate::advice) fn moved(call: &Call) -> Option<(Vec<&str>, Place)> {
    let mut words: Vec<&str> = plain(call).collect();
    match call.program() {
        "cp" | "mv" | "install" => {
            let to = option(call, &["-t", "--target-directory"]).or_else(|| words.pop())?;
            Some((words, at(call, to)))
        }
        "tar" | "unzip" => {
            words.retain(|word| [".tar", ".tgz", ".txz", ".zip"].iter().any(|end| word.contains(end)));
            Some((words, unpacked_to(call)?))
        }
        _ => None,
    }
}

/// Where a call unpacks an archive.
pub(in crate::advice) fn unpacked_to(call: &Call) -> Option<Place> {
    let folder = match call.program() {
        "tar" => option(call, &["-C", "--directory"]),
        "unzip" => option(call, &["-d"]),
        _ => return None,
    };
    path_of(call, folder.unwrap_or(".")).map(Place::At)
}

/// The URLs that a call fetches, and where it puts what comes; `None` where that goes elsewhere, through a pipe.
pub(in crate::advice) fn fetched(call: &Call) -> Option<(Vec<&str>, Option<Place>)> {
    const INSTALLERS: [&str; 14] = [
        "pip", "pip3", "pipx", "uv", "dnf", "microdnf", "yum", "zypper", "rpm", "apk", "apt", "apt-get",
        "npm", "conda",
    ];
    let program = call.program();
    let urls: Vec<&str> =
        call.arguments().filter(|word| word.contains("://") && !word.starts_with('-')).collect();
    if INSTALLERS.contains(&program) {
        return (!urls.is_empty()).then_some((urls, Some(Place::Anywhere)));
    }
    if !matches!(program, "curl" | "wget" | "aria2c") {
        return None;
    }
    let named = |names: &[&str]| {
        let words: Vec<&str> = call.arguments().collect();
        words.iter().enumerate().find_map(|(at, word)| {
            let long = names.iter().any(|name| word == name);
            // Letters of several options in one word: `-fsSLo`.
            let short = word.starts_with('-')
                && !word.starts_with("--")
                && names.iter().any(|name| name.len() == 2 && word.ends_with(&name[1..]));
            if long || short { words.get(at + 1).copied() } else { None }
        })
    };
    let to = if program == "curl" { named(&["-o", "--output"]) } else { named(&["-O", "--output-document"]) };
    let folder = named(&["-P", "--directory-prefix", "--output-dir"]);
    let place = match (to.filter(|to| *to != "-"), folder) {
        (Some(to), Some(folder)) if program == "curl" => Some(at(call, &format!("{folder}/{to}"))),
        (Some(to), _) => Some(at(call, to)),
        (None, Some(folder)) => Some(at(call, folder)),
        (None, None)
            if program == "wget" && to.is_none()
                || call
                    .arguments()
                    .any(|word| word.starts_with('-') && !word.starts_with("--") && word.contains('O')) =>
        {
            Some(at(call, "."))
        }
        _ => None,
    };
    Some((urls, place))
}
