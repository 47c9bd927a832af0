//! The table of programs. A data file in Rust: edited by hand, checked by the compiler, free to start with.
//!
//! A row is names, what the program does, `values` for options that take the next argument, and its sub-commands: `verbs first` where
//! the first argument is one, `each` where every argument is a goal. Of goals, those higher up are more work. `""` is the
//! program without any argument.

use super::Compiler::{C, Go, Java, Other, Rust};
use super::Ignores::{All, AllButGo, PlatformArguments};
use super::index::{Index, Row};
use super::keeps::{
    ANY_COMPILED, BUNDLES, CABAL, CARGO, CCACHE, COMPOSER, CRATES, DEBIAN, DEBIAN_LISTS, GEMS, GO,
    GO_MODULES, JVM, MIX, NPM, NUGET, PIP,
};
use super::{Behavior, Compiler, Program, Scale, Verbs};
#[allow(clippy::enum_glob_use, reason = "a table of nearly all of them")]
use crate::cost::class::Class::{self, *};

const fn does(class: Class) -> Behavior {
    Behavior::of(class)
}

static INDEX: Index = Index::of(ROWS);

/// The row of a program.
pub(super) fn find(name: &str) -> Option<&'static Program> {
    INDEX.find(ROWS, name)
}

macro_rules! programs {
    ($($($name:literal)|+ => $default:expr $(, values $valued:literal)? $(, verbs $how:ident [
        $($($verb:literal)|+ => $does:expr),* $(,)?
    ])?;)*) => {
        static ROWS: &[Row] = &[$((&[$($name),+], Program {
            default: $default,
            valued: concat!($($valued)?),
            verbs: programs!(@how $($how)?),
            subcommands: &[$($((&[$($verb),+], $does)),*)?],
        })),*];
    };
    (@how) => { Verbs::First };
    (@how first) => { Verbs::First };
    (@how each) => { Verbs::Each };
}

programs! {
    // The shell and programs that end at once.
    "cd" | "echo" | "set" | "true" => does(Builtin).ignores(All).moves_files();
    "printf" | "false" | ":" | "exit" | "test" | "[" | "[[" | "trap" | "command" | "type" | "which" | "pwd" | "shopt"
        | "wait" | "xargs" | "uname" | "id" | "date" | "basename" | "dirname" | "pushd" | "popd"
        => does(Builtin).ignores(All);
    "read" | "shift" | "unset" | "umask" | "export" | "eval" | "exec" | "hash" | "ulimit" | "source" | "." | "local"
        | "return" | "break" | "continue" | "env" | "sudo" | "doas" | "nice" | "nohup" | "time" | "timeout" | "whoami"
        | "nproc" | "arch" | "sh" | "bash" | "dash" | "ash" | "printenv" | "getconf" | "hostname" | "declare"
        | "readonly" | "let" | "alias" | "getopts" | "seq" | "expr" | "xx-info" | "tini" | "dumb-init"
        => does(Builtin);
    "sleep" => does(Sleep).ignores(All);

    // Files and text.
    "mkdir" | "rm" | "mv" | "cp" | "chmod" | "ln" | "touch" => does(Files).ignores(All).moves_files();
    "rmdir" | "chown" | "chgrp" | "find" | "install" | "ls" | "stat" | "du" | "readlink" | "cat" | "tee" | "head" | "tail"
        | "setcap" => does(Files).ignores(All);
    "file" | "df" | "dd" | "sync" | "rsync" | "truncate" | "mktemp" | "realpath" | "strip" | "fallocate" | "objcopy"
        | "patchelf" | "ar" | "ranlib" | "xx-verify" | "install_name_tool" | "readelf" | "ldd" | "nm" => does(Files);
    "sed" | "grep" | "sort" | "uniq" | "cut" | "tr" | "wc" | "diff" | "patch" | "base64" => does(Text).ignores(All);
    "awk" | "gawk" | "mawk" | "egrep" | "jq" | "yq" | "envsubst" | "xxd" | "paste" | "column" | "comm" => does(Text);
    "upx" => does(Xz);
    "gzip" | "zip" => does(Gzip).ignores(All);
    "pigz" | "bzip" | "lzma" => does(Gzip);
    "xz" => does(Xz).ignores(All);
    "zstd" | "brotli" => does(Zstd);
    "tar" | "unzip" | "gunzip" => does(Unpack).ignores(All).moves_files();
    "7z" | "bunzip" => does(Unpack).ignores(All);
    "zcat" | "unxz" | "unzstd" | "xzcat" | "zstdcat" | "cpio" | "bsdtar" | "uncompress" => does(Unpack);
    "sha256sum" => does(Checksum).ignores(All).moves_files();
    "sha512sum" | "md5sum" | "gpg" => does(Checksum).ignores(All);
    "sha1sum" | "sha224sum" | "sha384sum" | "b2sum" | "cksum" | "shasum" | "gpgv" | "openssl" | "minisign" | "cosign"
        => does(Checksum);

    // The network.
    "curl" | "wget" => does(Download).ignores(All).moves_files();
    "aria" | "aria2c" | "scp" | "ssh" | "nc" | "gsutil" | "aws" | "oras" | "http" | "axel" | "ping" => does(Download);
    "git" => does(Files).ignores(All).moves_files(), values "-C -c --git-dir --work-tree", verbs first [
        "clone" | "fetch" | "pull" | "submodule" | "lfs" => does(Git).ignores(All).moves_files(),
    ];

    // Packages of distributions.
    "apt" | "apt-get" | "aptitude" | "xx-apt" | "xx-apt-get" | "goxx-apt-get"
        => does(AptInstall).keeps(DEBIAN).ignores(All), values "-o -t -c --option --target-release", verbs first [
        "update" => does(AptUpdate).keeps(DEBIAN_LISTS).ignores(All),
        "clean" | "autoclean" | "list" | "show" | "search" | "policy" => does(Files).ignores(All),
        "remove" | "purge" | "autoremove" => does(Configure).ignores(All),
    ];
    "apt-key" | "dpkg" | "add-apt-repository" => does(AptInstall).ignores(All);
    "apt-cache" | "apt-mark" | "dpkg-query" | "dpkg-architecture" | "dpkg-divert" | "apt-config" => does(Files);
    "dpkg-reconfigure" => does(System);
    "apk" | "xx-apk" => does(Apk).ignores(All), values "-X --repository -t --virtual -p --root --arch", verbs first [
        "update" | "info" | "search" | "version" | "stats" | "cache" => does(Files).ignores(All),
        "del" => does(System).ignores(All),
    ];
    "dnf" | "yum" | "microdnf" | "zypper" | "pacman" | "rpm" => does(Dnf).ignores(All), values "-c --releasever --setopt", verbs first [
        "clean" => does(Files).ignores(All),
    ];
    "tdnf" | "emerge" | "xbps-install" | "opkg" | "nix-env" | "brew" => does(Dnf);
    "nix" => does(Dnf), values "--extra-experimental-features --experimental-features", verbs first [
        "build" => does(Dnf).compiles(Other),
    ];
    "nix-build" => does(Dnf).compiles(Other);

    // Go.
    "go" | "xx-go" | "goxx-go" | "tinygo" => does(Builtin).ignores(AllButGo),
        values "-C -o -ldflags --ldflags -tags --tags -gcflags --gcflags -asmflags -mod --mod -modfile -p -buildmode --buildmode -installsuffix -pgo -toolexec -exec", verbs first [
        "build" | "install" => does(GoBuild).scale(Scale::Go).compiles(Go).keeps(GO).ignores(AllButGo),
        "run" | "generate" | "tool" => does(GoBuild).scale(Scale::Go).keeps(GO).ignores(AllButGo),
        "test" => does(Test).scale(Scale::Go).keeps(GO).ignores(AllButGo),
        "vet" => does(Test).scale(Scale::Go).keeps(GO).ignores(All),
        "get" | "work" => does(GoDownload).scale(Scale::GoModules).keeps(GO_MODULES).ignores(AllButGo),
        "mod" => does(GoDownload).scale(Scale::GoModules).manifests("go.mod go.sum").keeps(GO_MODULES).ignores(All),
        "version" | "fmt" => does(Builtin).ignores(All),
    ];
    "gox" | "goreleaser" | "garble" | "mage" => does(GoBuild).scale(Scale::Go).keeps(GO);

    // Rust.
    "cargo" | "xx-cargo" | "cross" => does(CargoBuild).scale(Scale::Rust).keeps(CARGO),
        values "--manifest-path --config -C --target-dir --color", verbs first [
        "build" | "b" | "rustc" => does(CargoBuild).scale(Scale::Rust).compiles(Rust).keeps(CARGO),
        "install" => does(CargoBuild).scale(Scale::Rust).compiles(Rust).keeps(CARGO).ignores(PlatformArguments),
        "chef" => does(CargoBuild).scale(Scale::Rust).keeps(CARGO).ignores(PlatformArguments),
        "zigbuild" | "auditable" | "run" | "r" | "leptos" | "xtask" | "make" | "component" | "ndk" | "pgo"
            => does(CargoBuild).scale(Scale::Rust).keeps(CARGO),
        "fetch" => does(CargoFetch).scale(Scale::Crates).manifests("Cargo.toml Cargo.lock").keeps(CRATES)
            .ignores(PlatformArguments),
        "vendor" | "update" | "generate-lockfile" => does(CargoFetch).scale(Scale::Crates).keeps(CRATES),
        "search" | "binstall" => does(CargoFetch),
        "test" | "t" | "nextest" | "clippy" | "check" | "c" | "bench" | "doc"
            => does(Test).scale(Scale::Rust).keeps(CARGO),
        "new" | "init" | "clean" | "metadata" | "tree" | "pkgid" | "version" | "locate-project" | "fmt" | "add" | "remove"
            | "login" | "help" | "verify-project" | "read-manifest" | "set-version" | "uninstall" | ""
            => does(Files),
    ];
    "rustc" => does(CargoBuild).compiles(Rust);
    "trunk" | "wasm-pack" | "cargo-zigbuild" | "maturin" => does(CargoBuild).scale(Scale::Rust).keeps(CARGO);
    "rustup" => does(Files).ignores(PlatformArguments), verbs first [
        "target" | "toolchain" | "install" | "component" | "update" => does(CargoFetch).ignores(PlatformArguments),
    ];
    "rustup-init" | "rustup-init.sh" | "cargo-binstall" => does(CargoFetch);

    // JavaScript.
    "npm" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES),
        values "--prefix -C -w --workspace --loglevel --registry --userconfig --cache --location", verbs first [
        "ci" | "install" | "i" | "clean-install" => does(NpmInstall).scale(Scale::NodePackages)
            .manifests("package.json package-lock.json").keeps(NPM).ignores(PlatformArguments),
        "add" => does(NpmInstall).keeps(NPM).ignores(PlatformArguments),
        "update" | "up" | "dedupe" | "rebuild" => does(NpmInstall).scale(Scale::NodePackages).keeps(NPM),
        "config" | "cache" | "set" | "fetch" | "prepare" => does(Node).ignores(PlatformArguments),
        "prune" | "version" | "pkg" | "link" | "ln" | "unlink" | "ls" | "list" | "view" | "help" | "get" | "root"
            | "bin" | "prefix" | "audit" | "fund" | "pack" | "uninstall" | "rm" | "remove" | "init" | "login" | "whoami"
            | "outdated" | "owner" | "doctor" | "ping" | "shrinkwrap" => does(Node),
        "test" | "t" | "tst" => does(Test).scale(Scale::Scripts),
    ];
    "yarn" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), values "--cwd --network-timeout --registry --modules-folder", verbs first [
        "" | "install" => does(NpmInstall).scale(Scale::NodePackages).manifests("package.json yarn.lock").keeps(NPM)
            .ignores(PlatformArguments),
        "add" | "global" => does(NpmInstall).keeps(NPM).ignores(PlatformArguments),
        "workspaces" => does(NpmInstall).scale(Scale::NodePackages).keeps(NPM),
        "config" | "cache" | "set" => does(Node).ignores(PlatformArguments),
        "version" | "link" | "unlink" | "plugin" | "why" | "list" | "info" | "policies" | "init" | "remove" | "bin" | "audit"
            | "autoclean" => does(Node),
        "test" => does(Test).scale(Scale::Scripts),
    ];
    "pnpm" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), values "-C --dir --filter -F --reporter --loglevel", verbs first [
        "install" | "i" | "fetch" => does(NpmInstall).scale(Scale::PnpmPackages).manifests("package.json pnpm-lock.yaml")
            .keeps(NPM).ignores(PlatformArguments),
        "add" => does(NpmInstall).keeps(NPM).ignores(PlatformArguments),
        "ci" | "update" | "rebuild" | "import" => does(NpmInstall).scale(Scale::PnpmPackages).keeps(NPM),
        "config" | "set" | "store" => does(Node).ignores(PlatformArguments),
        "" | "prune" | "deploy" | "link" | "unlink" | "env" | "setup" | "list" | "ls" | "why" | "pkg" | "remove" | "version"
            => does(Node),
        "test" | "t" => does(Test).scale(Scale::Scripts),
    ];
    "bun" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), values "--cwd", verbs first [
        "install" | "i" | "ci" => does(NpmInstall).scale(Scale::NodePackages).keeps(NPM),
        "add" | "global" => does(NpmInstall).keeps(NPM),
        "pm" | "upgrade" | "remove" | "link" => does(Node),
        "test" => does(Test).scale(Scale::Scripts),
    ];
    "turbo" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), verbs first [
        "prune" | "telemetry" | "login" | "link" | "ls" => does(Node),
        "test" => does(Test).scale(Scale::Scripts),
    ];
    "nx" | "lerna" | "rush" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), verbs first [
        "reset" | "graph" | "list" => does(Node),
        "test" => does(Test).scale(Scale::Scripts),
    ];
    "npx" | "bunx" | "pnpx" => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES), verbs first [
        "prisma" | "playwright" | "browserslist" | "update-browserslist-db" => does(Node),
    ];
    "tsc" | "webpack" | "vite" | "rollup" | "esbuild" | "next" | "ng" | "gulp" | "grunt" | "parcel" | "hugo" | "swc" | "terser"
        | "nuxt" | "nuxi" | "astro" | "svelte-kit" | "svelte-check" | "ember" | "vue-cli-service" | "react-scripts" | "craco" | "gatsby"
        | "vue-tsc" | "tsup" | "microbundle" | "babel" | "sass" | "postcss" | "zola" | "jekyll"
        => does(NodeBuild).scale(Scale::Scripts).keeps(BUNDLES);
    "corepack" => does(Node), verbs first [
        "enable" | "prepare" => does(Node).ignores(PlatformArguments),
    ];
    "node" | "nodejs" | "deno" | "nvm" | "n" | "fnm" | "volta" => does(Node);

    // Python.
    "pip" => does(PipInstall).keeps(PIP).ignores(PlatformArguments), values "--python --cache-dir --proxy --log --cert --no-binary --only-binary -i --index-url --extra-index-url -f --find-links -t --target --prefix --root -c --constraint -r --requirement --platform --python-version", verbs first [
        "install" => does(PipInstall).scale(Scale::Requirements).manifests("requirements.txt").keeps(PIP)
            .ignores(PlatformArguments),
        "run" => does(Python),
        "wheel" => does(PythonBuild).scale(Scale::Requirements).keeps(PIP).ignores(PlatformArguments),
        "build" => does(PythonBuild).ignores(PlatformArguments),
        "config" | "cache" | "list" | "freeze" | "show" | "check" | "uninstall" | "inspect" | "debug" | "hash" | "help"
            => does(Python).ignores(PlatformArguments),
    ];
    "uv" => does(Files).ignores(PlatformArguments), values "--directory --project --python --cache-dir", verbs first [
        "sync" => does(PipInstall).scale(Scale::Requirements).manifests("pyproject.toml uv.lock").keeps(PIP)
            .ignores(PlatformArguments),
        "pip" => does(PipInstall).scale(Scale::Requirements).keeps(PIP).ignores(PlatformArguments),
        "add" | "tool" | "python" => does(PipInstall).keeps(PIP).ignores(PlatformArguments),
        "run" | "export" | "lock" => does(Python).ignores(PlatformArguments),
        "build" => does(PythonBuild).ignores(PlatformArguments),
        "venv" | "cache" | "version" | "self" | "init" | "remove" | "tree" => does(Files).ignores(PlatformArguments),
    ];
    "poetry" => does(PipInstall).keeps(PIP).ignores(PlatformArguments), values "-C --directory -P", verbs first [
        "install" | "sync" => does(PipInstall).scale(Scale::Requirements).manifests("pyproject.toml poetry.lock").keeps(PIP)
            .ignores(PlatformArguments),
        "config" | "version" | "env" | "cache" | "show" | "check" | "self" | "about" | "init" | "new" | "remove" | "source"
            | "export" => does(Python).ignores(PlatformArguments),
        "run" => does(Python),
        "build" => does(PythonBuild).ignores(PlatformArguments),
    ];
    "pipx" => does(PipInstall).keeps(PIP).ignores(PlatformArguments), verbs first [
        "run" => does(Python),
        "ensurepath" | "list" | "environment" => does(Python).ignores(PlatformArguments),
    ];
    "pipenv" | "pdm" | "hatch" | "rye" => does(PipInstall).scale(Scale::Requirements).keeps(PIP), verbs first [
        "run" | "config" | "--venv" | "requirements" | "export" => does(Python),
        "build" | "wheel" => does(PythonBuild),
    ];
    "conda" | "mamba" | "micromamba" => does(PipInstall).keeps(PIP), verbs first [
        "config" | "clean" | "init" | "info" | "list" | "activate" | "run" | "shell" => does(Python),
        "build" => does(PythonBuild),
    ];
    "easy_install" => does(PipInstall).keeps(PIP);
    "python" | "pypy" => does(Python);
    "virtualenv" | "ansible-galaxy" => does(Python);

    // The JVM and .NET.
    "mvn" | "mvnw" => does(JvmBuild).scale(Scale::Java).keeps(JVM), values "-f --file -pl -P -s -gs -T --projects -rf", verbs each [
        "deploy" => does(JvmBuild).scale(Scale::Java).keeps(JVM),
        "dependency:go-offline" | "dependency:resolve" | "dependency:resolve-plugins" => does(JvmBuild).keeps(JVM),
        "install" | "package" | "verify" | "compile" => does(JvmBuild).scale(Scale::Java).compiles(Java).keeps(JVM),
        "test" | "integration-test" => does(Test).keeps(JVM),
        "clean" | "help:evaluate" | "validate" => does(Files),
    ];
    "gradle" | "gradlew" => does(JvmBuild).keeps(JVM), values "-p -b -c --project-dir -x --exclude-task -g --init-script", verbs each [
        "build" | "assemble" | "bootJar" | "bootWar" | "jar" | "war" | "shadowJar" | "fatJar" | "buildFatJar" | "uberJar"
            | "installDist" | "installShadowDist" | "distTar" | "distZip" | "assembleDist" | "quarkusBuild" | "publishToMavenLocal"
            => does(JvmBuild).scale(Scale::Java).compiles(Java).keeps(JVM),
        "test" | "check" => does(Test).keeps(JVM),
        "wrapper" | "tasks" | "help" | "properties" | "projects" => does(Jvm),
        "clean" => does(Files),
    ];
    "sbt" | "ant" | "lein" | "mill" | "clojure" | "clj" => does(JvmBuild).keeps(JVM), verbs each [
        "assembly" | "package" | "stage" | "uberjar" | "dist" => does(JvmBuild).scale(Scale::Java).compiles(Java).keeps(JVM),
        "test" => does(Test).keeps(JVM),
        "clean" => does(Files),
    ];
    "java" | "javac" | "jlink" | "jar" | "kotlinc" | "scala" | "native-image" | "keytool" | "jdeps" => does(Jvm);
    "dotnet" => does(Dotnet).keeps(NUGET), verbs first [
        "publish" | "build" => does(Dotnet).compiles(Compiler::Dotnet).keeps(NUGET),
        "restore" => does(Dotnet).manifests("*.csproj").keeps(NUGET).ignores(PlatformArguments),
        "test" => does(Test).keeps(NUGET),
        "" | "clean" | "nuget" | "dev-certs" | "sln" | "new" | "add" | "list" | "help" | "workload" => does(Node),
    ];
    "msbuild" | "nuget" => does(Dotnet).keeps(NUGET);

    // Other languages.
    "bundle" | "bundler" => does(Bundler).keeps(GEMS), values "--gemfile", verbs first [
        "" | "install" | "update" => does(Bundler).scale(Scale::Gems).manifests("Gemfile Gemfile.lock").keeps(GEMS).ignores(PlatformArguments),
        "config" => does(Interpreter).ignores(PlatformArguments),
        "exec" | "clean" | "list" | "show" | "check" | "platform" | "info" | "init" => does(Interpreter),
        "lock" | "cache" | "package" => does(Interpreter),
    ];
    "gem" => does(Interpreter), verbs first [
        "install" | "update" => does(Bundler).keeps(GEMS).ignores(PlatformArguments),
    ];
    "composer" => does(Composer).keeps(COMPOSER), values "-d --working-dir", verbs first [
        "install" => does(Composer).scale(Scale::ComposerPackages).manifests("composer.json composer.lock").keeps(COMPOSER).ignores(PlatformArguments),
        "config" | "clear-cache" | "self-update" | "diagnose" | "show" | "validate" | "dump-autoload" | "dumpautoload"
            | "run-script" | "global" | "check-platform-reqs" => does(Interpreter),
    ];
    "docker-php-ext-install" | "install-php-extensions" => does(PhpExtension);
    "pecl" => does(Interpreter), verbs first ["install" => does(PhpExtension)];
    "docker-php-ext-configure" | "phpize" => does(Configure);
    "docker-php-ext-enable" | "docker-php-source" => does(Files);
    "mix" | "rebar" => does(Mix).keeps(MIX), verbs first [
        "test" => does(Test).keeps(MIX),
        "local.hex" | "local.rebar" | "hex.repo" => does(Interpreter),
    ];
    "elixir" | "erl" => does(Mix);
    "cabal" | "stack" => does(Haskell).keeps(CABAL), verbs first [
        "build" | "install" | "v2-build" | "v2-install" => does(Haskell).compiles(Other).keeps(CABAL),
        "test" => does(Test).keeps(CABAL),
        "config" | "path" | "user-config" | "check" => does(Files),
    ];
    "ghc" => does(Haskell).compiles(Other);
    "ghcup" => does(Haskell);
    "opam" => does(Haskell), verbs first [
        "init" | "switch" | "install" | "upgrade" => does(Haskell),
        "exec" | "env" | "config" | "var" | "list" | "show" | "clean" | "pin" | "repo" | "repository" | "update" | "depext" => does(Git),
    ];
    "dune" => does(Haskell).compiles(Other), verbs first [
        "test" | "runtest" => does(Test),
        "clean" | "subst" => does(Files),
    ];
    "swift" => does(CargoBuild), verbs first [
        "build" => does(CargoBuild).compiles(Other),
        "test" => does(Test),
        "package" => does(Git),
    ];
    "zig" => does(CCompile), verbs first [
        "build" => does(Make).scale(Scale::C).compiles(Other),
        "cc" | "build-exe" | "build-lib" | "build-obj" => does(CCompile),
        "c++" => does(CxxCompile),
        "ar" | "ranlib" | "objcopy" => does(Files),
    ];
    "crystal" | "shards" | "dub" => does(Make), verbs first [
        "build" => does(Make).compiles(Other),
        "install" => does(Git),
    ];
    "nimble" | "ldc2" => does(Make).compiles(Other);
    "nim" => does(Make), verbs first [
        "c" | "cpp" | "compile" => does(Make).compiles(Other),
    ];
    "perl" | "ruby" | "php" | "lua" | "tclsh" | "R" | "Rscript" | "julia" | "guile" => does(Interpreter);
    "rake" | "rails" => does(Interpreter), verbs first [
        "assets:precompile" => does(NodeBuild).keeps(BUNDLES),
        "test" | "spec" => does(Test),
    ];

    // C and C++.
    "make" | "gmake" | "ninja" | "samu" => does(Make).scale(Scale::C).keeps(ANY_COMPILED),
        values "-C -f -j -l -I -o -W --directory --file --jobs", verbs each [
        "all" => does(Make).scale(Scale::C).keeps(ANY_COMPILED),
        "test" | "check" => does(Test),
        "install" | "install-strip" => does(Make).scale(Scale::C).keeps(ANY_COMPILED),
        "menuconfig" | "defconfig" | "config" | "configure" => does(Configure),
        "clean" | "distclean" | "mrproper" | "maintainer-clean" => does(Files),
        "help" | "version" | "print-version" => does(Builtin),
    ];
    "colcon" | "catkin" | "catkin_make" => does(Make).scale(Scale::C);
    "conan" | "vcpkg" => does(Git), verbs first [
        "install" | "create" | "build" => does(Make),
    ];
    "install2.r" | "installGithub.r" => does(Packages);
    "bazel" | "bazelisk" | "buck" | "scons" | "b2" | "bjam" | "xmake" | "buck2" => does(Make).scale(Scale::C), verbs first [
        "test" => does(Test),
        "clean" | "info" | "version" | "shutdown" => does(Files),
    ];
    "meson" => does(Make).scale(Scale::C).keeps(ANY_COMPILED), values "-C", verbs first [
        "setup" | "configure" => does(Configure).scale(Scale::Meson),
        "install" => does(Make).scale(Scale::C).keeps(ANY_COMPILED),
        "test" => does(Test),
        "introspect" => does(Files),
    ];
    "cmake" => does(Configure).scale(Scale::CMake), values "-B -G -S -D -C -A -T -U --preset --toolchain";
    "just" | "task" | "go-task" => does(Make).scale(Scale::C), verbs each [
        "test" | "check" | "lint" => does(Test),
        "clean" => does(Files),
    ];
    "configure" => does(Configure).scale(Scale::Autoconf);
    "autoconf" | "autoreconf" | "automake" | "aclocal" | "autoheader" | "autopoint" | "libtoolize" | "autogen.sh" | "autogen"
        | "bootstrap.sh" | "bootstrap" | "buildconf" => does(Configure).scale(Scale::Autotools);
    "config" | "Configure" | "qmake" => does(Configure);
    "gcc" | "cc" | "clang" => does(CCompile).compiles(C).keeps(CCACHE);
    "g++" | "c++" | "clang++" => does(CxxCompile).compiles(C).keeps(CCACHE);

    // Tests and the system.
    "pytest" | "tox" | "nox" | "ctest" | "jest" | "vitest" | "mocha" | "rspec" | "phpunit" | "shellcheck" | "golangci-lint"
        | "eslint" | "hadolint" => does(Test);
    "useradd" | "adduser" | "groupadd" | "addgroup" | "usermod" | "ldconfig" | "locale-gen" | "update-ca-certificates" | "fc-cache"
        => does(System).ignores(All);
    "groupmod" | "update-alternatives" | "chpasswd" | "passwd" | "localedef" | "update-locale" | "debconf-set-selections"
        | "systemctl" | "crontab" | "deluser" | "delgroup" | "userdel" | "groupdel" | "su" | "setup-timezone"
        => does(System);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_stands_twice() {
        let mut names: Vec<&str> = ROWS.iter().flat_map(|(names, _)| *names).copied().collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(names.iter().all(|name| find(name).is_some()));
    }
}
