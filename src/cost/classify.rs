//! From a command to the kind of work it does.
//!
//! The table of programs tells most; here are the programs of which more than a sub-command decides. Knows no costs.

use crate::shell::SimpleCommand;

use super::class::Class;
use super::programs::{behavior, operands, plain_name, subcommand};

/// The class of a command.
pub fn classify(command: &SimpleCommand<'_>) -> Class {
    if asks_only(command) {
        return Class::Builtin;
    }
    let name = command.base_name();
    by_arguments(plain_name(name), command)
        .or_else(|| behavior(command).map(|found| found.class))
        .or_else(|| compiler(plain_name(name)))
        .unwrap_or_else(|| if command.name.contains('/') { local(command) } else { Class::Unknown })
}

/// Whether a command prints its version, its usage or something of the like and ends.
fn asks_only(command: &SimpleCommand<'_>) -> bool {
    let Some(first) = command.args.first().filter(|_| !command.wraps) else { return false };
    // `cargo auditable --version`: of a sub-command.
    if command.args.len() == 2 && !first.starts_with('-') && command.args[1] == "--version" {
        return true;
    }
    match &**first {
        "--version" | "-version" | "--help" | "--info" => true,
        "-V" | "version" | "-h" | "-v" | "help" => command.args.len() == 1,
        _ => false,
    }
}

/// Programs of which more than the name of a sub-command decides.
fn by_arguments(name: &str, command: &SimpleCommand<'_>) -> Option<Class> {
    let has = |flag: &str| command.args.iter().any(|arg| arg == flag);
    let mut words = operands(command).skip(1);
    Some(match name {
        "npm" | "yarn" | "pnpm" | "bun" | "npx" | "bunx" => javascript(command)?,
        "python" | "pypy" => python(command)?,
        "tar" => tar(command)?,
        "julia" | "R" | "Rscript" if installs_packages(command) => Class::Packages,
        "cmake" if has("--build") || has("--install") => Class::Make,
        "cmake" if has("-E") => Class::Files,
        "cmake" if has("-P") => Class::Script,
        "xz" | "gzip" | "zstd" | "bzip" if has("-d") || has("--decompress") || has("-dc") => Class::Unpack,
        "dpkg" if !has("-i") && !has("--install") && !has("--configure") => Class::Files,
        "cargo" | "xx-cargo" if subcommand(command) == Some("chef") && words.next() == Some("prepare") => {
            Class::Files
        }
        "go" if subcommand(command) == Some("mod") => match words.next()? {
            "init" | "edit" | "graph" | "why" => Class::Builtin,
            _ => return None,
        },
        "uv" if subcommand(command) == Some("pip") => match words.next()? {
            "install" | "sync" | "compile" => return None,
            _ => Class::Files,
        },
        _ => return None,
    })
}

/// Scripts of a project by their names, as far as a name tells.
fn javascript(command: &SimpleCommand<'_>) -> Option<Class> {
    let verb = subcommand(command)?;
    let script = match verb {
        "run" | "run-script" | "exec" | "x" | "dlx" => operands(command).nth(1)?,
        _ if behavior(command)?.class == Class::NodeBuild => verb,
        _ => return None,
    };
    let mut parts = script.split([':', '-', '_']);
    parts
        .any(|part| matches!(part, "test" | "tests" | "lint" | "jest" | "vitest" | "eslint"))
        .then_some(Class::Test)
}

fn python(command: &SimpleCommand<'_>) -> Option<Class> {
    let mut after = command.args.iter().skip_while(|arg| *arg != "-m").skip(1);
    Some(match after.next().map_or("", |arg| &**arg) {
        "pip" | "pipenv" | "poetry" => {
            let installs = after.any(|arg| matches!(&**arg, "install" | "sync" | "wheel" | "download"));
            if installs { Class::PipInstall } else { Class::Python }
        }
        "build" | "cibuildwheel" => Class::PythonBuild,
        "pytest" | "unittest" | "tox" | "nox" => Class::Test,
        "" => {
            let mut args = command.args.iter().skip_while(|arg| !arg.ends_with("setup.py"));
            args.next()?;
            // `setup.py --name` prints.
            let asks = args.next().is_none_or(|arg| arg.starts_with("--"));
            if asks { Class::Python } else { Class::PythonBuild }
        }
        _ => return None,
    })
}

/// Whether a text of R or Julia installs packages.
fn installs_packages(command: &SimpleCommand<'_>) -> bool {
    const INSTALLS: [&str; 9] = [
        "Pkg.add",
        "Pkg.instantiate",
        "Pkg.precompile",
        "Pkg.develop",
        "install.packages",
        "install_github",
        "BiocManager::install",
        "install_deps",
        "renv::restore",
    ];
    let texts = command.args.iter().map(|arg| &**arg).chain(command.input.as_deref());
    texts.into_iter().any(|text| INSTALLS.iter().any(|call| text.contains(call)))
}

fn tar(command: &SimpleCommand<'_>) -> Option<Class> {
    let mode = command.args.iter().find(|arg| !arg.starts_with("--")).map_or("", |arg| &**arg);
    let creates = mode.contains('c') || command.args.iter().any(|arg| arg == "--create");
    creates.then(|| match mode {
        mode if mode.contains('J') => Class::Xz,
        mode if mode.contains(['z', 'j']) => Class::Gzip,
        _ => Class::Files,
    })
}

/// Compilers, also with a target before the name: `aarch64-linux-gnu-gcc`.
fn compiler(name: &str) -> Option<Class> {
    let tool = name.strip_suffix("++").map_or_else(|| name.rsplit('-').next().unwrap_or(name), |_| "g++");
    match tool {
        "gcc" | "cc" | "clang" | "tcc" | "as" | "ld" | "musl" | "xx" | "gfortran" | "nasm" => {
            Some(Class::CCompile)
        }
        "g++" | "c++" | "nvcc" | "emcc" => Some(Class::CxxCompile),
        _ => None,
    }
}

/// A program or script by its path.
fn local(command: &SimpleCommand<'_>) -> Class {
    if command.name.ends_with(".sh") { Class::Script } else { Class::Unknown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::commands;

    #[track_caller]
    fn case(script: &str, class: Class) {
        let commands = commands(script);
        assert_eq!(classify(commands.last().unwrap()), class, "{script}");
    }

    #[test]
    fn programs() {
        case("apt-get -y install x", Class::AptInstall);
        case("apt-get -qq update", Class::AptUpdate);
        case("GOOS=linux go build ./...", Class::GoBuild);
        case("go mod download", Class::GoDownload);
        case("go version", Class::Builtin);
        case("/usr/local/bin/shipyard --version", Class::Builtin);
        case("cargo build --release", Class::CargoBuild);
        case("npm ci --silent", Class::NpmInstall);
        case("yarn", Class::NpmInstall);
        case("yarn build", Class::NodeBuild);
        case("npm run build", Class::NodeBuild);
        case("npm test", Class::Test);
        case("python3.11 -m pip install -r r.txt", Class::PipInstall);
        case("pip3 install x", Class::PipInstall);
        case("python3 setup.py build", Class::PythonBuild);
        case("gcc-12 -c a.c", Class::CCompile);
        case("aarch64-linux-gnu-gcc -c a.c", Class::CCompile);
        case("clang++ a.cc", Class::CxxCompile);
        case("g++ a.cc", Class::CxxCompile);
        case("cmake -B build", Class::Configure);
        case("cmake --build build -j 4", Class::Make);
        case("./configure --prefix=/usr", Class::Configure);
        case("tar -xzf a.tgz", Class::Unpack);
        case("tar cJf a.txz a", Class::Xz);
        case("xz -6 -c", Class::Xz);
        case("xz -d a.xz", Class::Unpack);
        case("sha256sum -c -", Class::Checksum);
        case("./build.sh", Class::Script);
        case("stamp --rounds 60", Class::Unknown);
        case("./gradlew build", Class::JvmBuild);
        case("sleep 4", Class::Sleep);
        case("dnf install -y x", Class::Dnf);
        case("$CC -c x.c", Class::Unknown);
    }

    /// Sub-commands that do nothing much, of programs that mostly do.
    #[test]
    fn light_subcommands_are_light() {
        let light = [
            "cargo new app",
            "cargo init --bin",
            "cargo clean -p app",
            "cargo metadata",
            "cargo chef prepare --recipe-path r.json",
            "make clean",
            "make help",
            "make -C src distclean",
            "npm link",
            "npm config set a b",
            "npm prune --production",
            "yarn config set a b",
            "pnpm config set a b",
            "poetry config a b",
            "poetry --version",
            "cargo auditable --version",
            "bundle config set a b",
            "bundle exec true",
            "gem env",
            "dotnet --info",
            "uv pip uninstall x",
            "uv venv",
            "pip uninstall -y x",
            "pip list",
            "python setup.py --name",
            "python -m pip list",
            "turbo prune web",
            "go env",
            "go mod init x",
            "go version -m x",
            "cmake -E copy a b",
            "mvn clean",
            "composer config a b",
            "apt-mark hold x",
            "apk info",
            "dpkg --print-architecture",
            "rustup show",
            "xx-info arch",
            "xx-verify /out/app",
            "git config a b",
        ];
        let heavy: Vec<String> = light
            .iter()
            .filter_map(|script| {
                let class = classify(commands(script).last().unwrap());
                (crate::cost::priors::prior(class).cpu > 1.0).then(|| format!("{script}: {class}"))
            })
            .collect();
        assert!(heavy.is_empty(), "{heavy:#?}");
    }

    /// Programs that run another one for another platform do what it does.
    #[test]
    fn wrappers_for_other_platforms() {
        for (script, class) in [
            ("xx-go build -o /out ./cmd", Class::GoBuild),
            ("xx-cargo build --release", Class::CargoBuild),
            ("xx-clang -o a a.c", Class::CCompile),
            ("xx-clang++ -o a a.cc", Class::CxxCompile),
            ("xx-apt-get install -y libc6-dev", Class::AptInstall),
            ("xx-apt install -y libc6-dev", Class::AptInstall),
            ("xx-apk add musl-dev", Class::Apk),
            ("cross build --target aarch64-unknown-linux-gnu", Class::CargoBuild),
            ("cargo zigbuild --release", Class::CargoBuild),
            ("zig cc -o a a.c", Class::CCompile),
            ("goxx-go build", Class::GoBuild),
        ] {
            case(script, class);
        }
    }

    /// Every tool that has a class of its own, by a usual command.
    #[test]
    fn tools_and_their_classes() {
        let table: &[(Class, &[&str])] = &[
            (Class::AptUpdate, &["apt-get update", "apt update -qq"]),
            (Class::AptInstall, &["apt-get install -y x", "apt install x", "dpkg -i x.deb"]),
            (Class::Apk, &["apk add --no-cache x"]),
            (
                Class::Dnf,
                &["dnf install x", "yum -y install x", "microdnf install x", "zypper in x", "pacman -S x"],
            ),
            (Class::GoDownload, &["go mod download", "go get x"]),
            (Class::GoBuild, &["go build ./...", "go install x@latest", "go generate ./..."]),
            (Class::CargoFetch, &["cargo fetch", "rustup target add x"]),
            (Class::CargoBuild, &["cargo build --release", "cargo install x", "rustc x.rs"]),
            (
                Class::NpmInstall,
                &["npm ci", "npm install", "yarn install", "pnpm install", "bun install", "yarn"],
            ),
            (
                Class::NodeBuild,
                &["npm run build", "yarn build", "pnpm build", "bun run build", "npx tsc", "vite build"],
            ),
            (Class::Node, &["node x.js", "deno run x.ts", "corepack enable"]),
            (
                Class::PipInstall,
                &["pip install x", "pip3 install x", "uv sync", "uv pip install x", "poetry install"],
            ),
            (
                Class::PythonBuild,
                &["python setup.py build", "python -m build", "poetry build", "pip wheel ."],
            ),
            (Class::Python, &["python x.py", "python3.12 -c pass"]),
            (Class::JvmBuild, &["mvn package", "./mvnw package", "gradle build", "./gradlew build"]),
            (Class::Jvm, &["java -jar x.jar", "javac X.java"]),
            (Class::Dotnet, &["dotnet restore", "dotnet publish -c Release"]),
            (
                Class::Packages,
                &["Rscript -e 'install.packages(\"x\")'", "julia -e 'using Pkg; Pkg.instantiate()'"],
            ),
            (Class::Bundler, &["bundle install", "gem install x"]),
            (Class::Composer, &["composer install"]),
            (Class::PhpExtension, &["docker-php-ext-install pdo", "pecl install redis"]),
            (Class::Configure, &["phpize", "docker-php-ext-configure gd --with-jpeg"]),
            (Class::Mix, &["mix deps.get", "mix release"]),
            (Class::Haskell, &["cabal build", "stack build"]),
            (Class::CCompile, &["gcc -c a.c", "clang a.c", "cc a.c", "x86_64-linux-gnu-gcc-12 a.c"]),
            (Class::CxxCompile, &["g++ a.cc", "clang++ a.cc"]),
            (Class::Make, &["make -j4", "ninja", "cmake --build .", "meson compile", "bazel build //..."]),
            (Class::Configure, &["./configure", "cmake -B build .", "autoreconf -fi", "meson setup build"]),
            (Class::Gzip, &["gzip a", "bzip2 a", "tar -czf a.tgz a", "zip a.zip a"]),
            (Class::Xz, &["xz -9 a", "tar cJf a.txz a"]),
            (Class::Zstd, &["zstd a", "brotli a"]),
            (Class::Unpack, &["gunzip a.gz", "tar xf a.tar", "unzip a.zip", "xz -d a.xz", "gzip -dc a.gz"]),
            (Class::Checksum, &["sha256sum -c a", "md5sum a", "gpg --verify a", "openssl dgst a"]),
            (Class::Download, &["curl -fsSL x", "wget x"]),
            (Class::Git, &["git clone x", "git submodule update"]),
            (
                Class::Files,
                &["cp a b", "rm -rf a", "mkdir -p a", "find . -delete", "chown -R a b", "git config a b"],
            ),
            (Class::Text, &["sed -i s/a/b/ c", "grep a b", "awk 1 a", "jq . a"]),
            (Class::Interpreter, &["perl x.pl", "ruby x.rb", "php x.php", "lua x.lua"]),
            (Class::Test, &["go test ./...", "cargo test", "npm test", "pytest", "ctest", "mvn test"]),
            (Class::System, &["useradd a", "ldconfig", "update-ca-certificates"]),
            (Class::Builtin, &["echo a", "true", "node --version"]),
            (Class::Sleep, &["sleep 3"]),
            (Class::Script, &["./build.sh", "/opt/install.sh"]),
            (Class::Unknown, &["frobnicate", "/usr/local/bin/frobnicate", "$TOOL a"]),
        ];
        let wrong: Vec<String> = table
            .iter()
            .flat_map(|(class, scripts)| scripts.iter().map(move |script| (class, script)))
            .filter_map(|(class, script)| {
                let commands = commands(script);
                let found = classify(commands.last().unwrap());
                (found != *class).then(|| format!("{script}: {found}, not {class}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
        let missing: Vec<_> =
            Class::VALUES.iter().filter(|class| !table.iter().any(|(known, _)| known == *class)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
