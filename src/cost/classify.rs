//! From a command to the kind of work it does.
//!
//! Looks at the program's name and, where one program does several kinds of work, at its first arguments. Knows no costs.

use crate::shell::SimpleCommand;

use super::class::Class;

/// The class of a command.
pub fn classify(command: &SimpleCommand<'_>) -> Class {
    if asks_version(command) {
        return Class::Builtin;
    }
    let name = plain_name(command.base_name());
    let verb = command.args.iter().find(|arg| !arg.starts_with('-')).map_or("", |arg| &**arg);
    by_verb(name, verb, command)
        .or_else(|| by_name(name))
        .or_else(|| compiler(name))
        .unwrap_or_else(|| if command.name.contains('/') { local(command) } else { Class::Unknown })
}

/// Whether a command prints its version or usage and ends.
fn asks_version(command: &SimpleCommand<'_>) -> bool {
    let [only] = &command.args[..] else { return false };
    !command.wraps && matches!(&**only, "--version" | "-version" | "-V" | "version" | "--help" | "-h")
}

/// `python3.11`, `gcc-12`, `pip3`: the name without a version.
fn plain_name(name: &str) -> &str {
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let bare = bare.strip_suffix('-').unwrap_or(bare);
    // Names that are nothing without their digits stay.
    if bare.len() < 2 || matches!(name, "sha1sum" | "b2sum" | "7z") { name } else { bare }
}

/// Programs whose first argument decides.
fn by_verb(name: &str, verb: &str, command: &SimpleCommand<'_>) -> Option<Class> {
    let has = |flag: &str| command.args.iter().any(|arg| arg == flag);
    Some(match (name, verb) {
        ("go", "test" | "vet")
        | ("cargo", "test" | "nextest" | "clippy")
        | (
            "meson" | "bazel" | "bazelisk" | "mvn" | "mvnw" | "gradle" | "gradlew" | "mix" | "stack"
            | "cabal" | "dotnet" | "swift",
            "test",
        ) => Class::Test,
        ("apt" | "apt-get" | "aptitude", "update") => Class::AptUpdate,
        ("apt" | "apt-get" | "aptitude", "clean" | "autoclean") => Class::Files,
        ("apt" | "apt-get" | "aptitude", _) => Class::AptInstall,
        ("go", "mod" | "get" | "work") => Class::GoDownload,
        ("go", "build" | "install" | "run" | "generate") => Class::GoBuild,
        ("go", _) => Class::Builtin,
        ("cargo", "fetch" | "vendor" | "update" | "search") => Class::CargoFetch,
        ("npm" | "yarn" | "pnpm" | "bun", verb) => javascript(verb, command),
        (
            "pip" | "uv" | "poetry" | "pipenv" | "pipx" | "conda" | "mamba" | "micromamba" | "pdm",
            "build" | "wheel",
        ) => Class::PythonBuild,
        ("python" | "pypy", _) => python(command),
        ("cmake", _) => {
            if has("--build") || has("--install") {
                Class::Make
            } else {
                Class::Configure
            }
        }
        ("meson", "setup") => Class::Configure,
        ("tar", _) => tar(command),
        ("xz" | "gzip" | "zstd" | "bzip", _) if has("-d") || has("--decompress") || has("-dc") => {
            Class::Unpack
        }
        ("git", "clone" | "fetch" | "pull" | "submodule" | "lfs") => Class::Git,
        ("git", _) => Class::Files,
        _ => return None,
    })
}

fn javascript(verb: &str, command: &SimpleCommand<'_>) -> Class {
    match verb {
        "run" | "build" | "exec" | "dlx" | "x" | "run-script" => {
            let script = command.args.iter().any(|arg| arg.contains("test"));
            if script { Class::Test } else { Class::NodeBuild }
        }
        "test" | "t" => Class::Test,
        "config" | "cache" | "set" | "prune" | "version" | "pkg" => Class::Node,
        // `yarn` alone installs; `yarn build` runs a script.
        "" | "ci" | "install" | "i" | "add" | "global" | "workspaces" | "fetch" | "rebuild" | "update" => {
            Class::NpmInstall
        }
        _ => Class::NodeBuild,
    }
}

fn python(command: &SimpleCommand<'_>) -> Class {
    let module = command.args.iter().skip_while(|arg| *arg != "-m").nth(1).map_or("", |arg| &**arg);
    match module {
        "pip" | "pipenv" | "poetry" | "ensurepip" => Class::PipInstall,
        "build" | "cibuildwheel" => Class::PythonBuild,
        "pytest" | "unittest" | "tox" | "nox" => Class::Test,
        _ if command.args.iter().any(|arg| arg.ends_with("setup.py")) => Class::PythonBuild,
        _ => Class::Python,
    }
}

fn tar(command: &SimpleCommand<'_>) -> Class {
    let mode = command.args.iter().find(|arg| !arg.starts_with("--")).map_or("", |arg| &**arg);
    let creates = mode.contains('c') || command.args.iter().any(|arg| arg == "--create");
    match (creates, mode) {
        (true, mode) if mode.contains('J') => Class::Xz,
        (true, mode) if mode.contains(['z', 'j']) => Class::Gzip,
        (true, _) => Class::Files,
        (false, _) => Class::Unpack,
    }
}

/// Programs that do one kind of work.
fn by_name(name: &str) -> Option<Class> {
    Some(match name {
        "cd" | "echo" | "printf" | "set" | "true" | "false" | ":" | "exit" | "test" | "[" | "read"
        | "shift" | "unset" | "trap" | "umask" | "export" | "eval" | "exec" | "command" | "type"
        | "which" | "pwd" | "hash" | "ulimit" | "source" | "." | "shopt" | "local" | "return" | "break"
        | "continue" | "wait" | "env" | "sudo" | "doas" | "xargs" | "nice" | "nohup" | "time" | "timeout"
        | "uname" | "id" | "whoami" | "date" | "nproc" | "arch" | "basename" | "dirname" | "sh" | "bash"
        | "dash" | "ash" | "printenv" | "getconf" | "hostname" => Class::Builtin,
        "cp" | "mv" | "rm" | "mkdir" | "rmdir" | "chmod" | "chown" | "chgrp" | "ln" | "touch" | "find"
        | "install" | "ls" | "stat" | "file" | "du" | "df" | "dd" | "sync" | "rsync" | "truncate"
        | "mktemp" | "readlink" | "realpath" | "strip" | "cat" | "tee" | "head" | "tail" | "fallocate"
        | "setcap" | "objcopy" | "patchelf" | "upx" | "ar" | "ranlib" => Class::Files,
        "sed" | "awk" | "gawk" | "mawk" | "grep" | "egrep" | "sort" | "uniq" | "cut" | "tr" | "wc"
        | "diff" | "patch" | "jq" | "yq" | "envsubst" | "base64" | "xxd" | "paste" | "column" => Class::Text,
        "gzip" | "pigz" | "bzip" | "zip" | "lzma" => Class::Gzip,
        "xz" => Class::Xz,
        "zstd" | "brotli" => Class::Zstd,
        "gunzip" | "zcat" | "unxz" | "bunzip" | "unzip" | "unzstd" | "xzcat" | "zstdcat" | "7z" | "cpio"
        | "bsdtar" | "uncompress" => Class::Unpack,
        "sha1sum" | "sha256sum" | "sha512sum" | "sha224sum" | "sha384sum" | "md5sum" | "b2sum" | "cksum"
        | "shasum" | "gpg" | "gpgv" | "openssl" | "minisign" | "cosign" => Class::Checksum,
        "curl" | "wget" | "aria" | "scp" | "ssh" | "nc" | "gsutil" | "aws" | "oras" | "http" | "axel"
        | "ping" => Class::Download,
        "apt-key" | "apt-cache" | "apt-mark" | "add-apt-repository" | "dpkg" | "dpkg-reconfigure" => {
            Class::AptInstall
        }
        "apk" => Class::Apk,
        "dnf" | "yum" | "microdnf" | "tdnf" | "zypper" | "pacman" | "rpm" | "emerge" | "xbps-install"
        | "opkg" | "nix" | "nix-env" | "brew" => Class::Dnf,
        "cargo" | "rustc" | "cross" | "trunk" | "wasm-pack" => Class::CargoBuild,
        "rustup" | "rustup-init" | "cargo-binstall" => Class::CargoFetch,
        "npx" | "tsc" | "webpack" | "vite" | "rollup" | "esbuild" | "next" | "ng" | "nx" | "turbo"
        | "gulp" | "grunt" | "parcel" | "hugo" | "swc" | "terser" | "lerna" => Class::NodeBuild,
        "node" | "nodejs" | "deno" | "corepack" | "nvm" | "n" | "fnm" | "volta" => Class::Node,
        "pip" | "uv" | "poetry" | "pipenv" | "pipx" | "conda" | "mamba" | "micromamba" | "pdm"
        | "easy_install" => Class::PipInstall,
        "mvn" | "mvnw" | "gradle" | "gradlew" | "sbt" | "ant" | "lein" | "mill" => Class::JvmBuild,
        "java" | "javac" | "jlink" | "jar" | "kotlinc" | "scala" | "native-image" | "keytool" => Class::Jvm,
        "dotnet" | "msbuild" | "nuget" => Class::Dotnet,
        "bundle" | "bundler" | "gem" => Class::Bundler,
        "composer"
        | "pecl"
        | "docker-php-ext-install"
        | "docker-php-ext-configure"
        | "install-php-extensions" => Class::Composer,
        "mix" | "rebar" | "elixir" | "erl" => Class::Mix,
        "cabal" | "stack" | "ghc" | "ghcup" => Class::Haskell,
        "make" | "gmake" | "ninja" | "samu" | "bazel" | "bazelisk" | "meson" | "scons" | "buck" | "b2"
        | "bjam" => Class::Make,
        "configure" | "config" | "autoconf" | "autoreconf" | "automake" | "libtoolize" | "autogen.sh"
        | "bootstrap.sh" | "qmake" | "autogen" | "buildconf" => Class::Configure,
        "pytest" | "tox" | "nox" | "ctest" | "jest" | "vitest" | "mocha" | "rspec" | "phpunit"
        | "shellcheck" => Class::Test,
        "sleep" => Class::Sleep,
        "useradd"
        | "adduser"
        | "groupadd"
        | "addgroup"
        | "usermod"
        | "groupmod"
        | "ldconfig"
        | "locale-gen"
        | "update-ca-certificates"
        | "update-alternatives"
        | "chpasswd"
        | "passwd"
        | "localedef"
        | "update-locale"
        | "debconf-set-selections"
        | "systemctl"
        | "crontab"
        | "deluser"
        | "userdel"
        | "fc-cache"
        | "su" => Class::System,
        "perl" | "ruby" | "php" | "lua" | "tclsh" | "R" | "Rscript" | "julia" | "guile" | "rake"
        | "rails" => Class::Interpreter,
        _ => return None,
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
            (Class::Bundler, &["bundle install", "gem install x"]),
            (Class::Composer, &["composer install", "docker-php-ext-install pdo"]),
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
