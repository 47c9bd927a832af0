#!/usr/bin/env python3
"""Builds public projects and records what each step took: measure.py PROJECTS.tsv ROWS.tsv --work DIR [--mirror DIR] [--path DIRS]
[--root DIR]

PROJECTS.tsv: one project a line: language, name, source, steps. A source is `git:OWNER/NAME[@COMMIT]` (cloned, or taken from
--mirror), `crate:NAME[@VERSION]` or `pypi`. Steps are `CLASS: command`, joined by ` ;; `; they run with /bin/sh in the
project's folder, with caches of their own that are empty for each project.

ROWS.tsv gets one line a step: project, its source with the commit or version, half (`fit` or `judge`, by a hash of the name),
class, command, core-seconds (user and system, children included), seconds by the clock, memory of the largest process
in MB, MB that the caches of package managers grew by, what the project holds, as `name=value` joined by spaces, and how many
cores others kept busy meanwhile (absent in old lines). Newer lines have one field more: core-seconds that a small fixed work took
before and after the step, over those that it takes on the quiet machine; what the step took is already divided by that. Projects that have a line already are left out, so it can be stopped and
run again. The crates of a Cargo.lock that are compiled, and the others, go to crates.tsv beside ROWS.tsv. With --root the steps run in that folder as their root, which is how they are measured under emulation: a Debian of
another architecture, made by debootstrap, whose programs Linux hands to qemu-user-static. Core-seconds count; the clock tells how many cores a step keeps busy only where others left them to it.
"""
import argparse, hashlib, json, os, re, shlex, shutil, signal, subprocess, sys, time, tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parents[3]

SOURCES = {
    "go": (".go",), "rs": (".rs",), "c": (".c",), "cxx": (".cc", ".cpp", ".cxx", ".c++"), "h": (".h", ".hh", ".hpp", ".hxx"),
    "js": (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".vue", ".svelte"), "css": (".css", ".scss", ".less", ".sass"), "py": (".py",),
}
SKIP = {".git", "node_modules", "target", "venv", ".venv", "dist", "build-out"}
# What src/cost/sources.rs does not count of C and C++.
SKIP_OF_C = set(re.findall(r'"(.+?)"', re.search(r"SKIPPED_OF_C: .*?\[(.*?)\];", (HERE / "src/cost/sources.rs").read_text().replace("[&str;", ""), re.S)[1])) | {"benches", "examples"}
TESTS_OF_C = ("_test", "_tests", "_unittest", "_perftest", "_bench", "_benchmark", "_fuzzer")
LIMIT = 1500

def half(name):
    return "judge" if hashlib.sha256(name.encode()).digest()[0] & 1 else "fit"

RECIPES = {"CMakeLists.txt", "Makefile", "makefile", "GNUmakefile", "Makefile.am", "Makefile.in", "Makefile.inc", "meson.build", "configure.ac"}

class Recipes:
    """How C and C++ are built, as src/context/recipes.rs has it."""
    def __init__(self, root):
        files = []
        for folder, folders, names in os.walk(root):
            folders[:] = sorted(f for f in folders if f != ".git")
            files += [(Path(folder) / name).relative_to(root) for name in names if name in RECIPES or name.endswith((".cmake", ".mk", ".mak"))]
        files = [file for file in files if not (root / file).is_symlink() and 0 < (root / file).stat().st_size <= 256 << 10]
        # The program reads them in the order of their paths, nearest to the root first.
        files = sorted(files, key=lambda file: (len(file.parts), file.parts))[:128]
        self.cmake, self.named, self.taken, self.taken_by_name = {}, set(), set(), set()
        self.is_twice = self.has_type = False
        for file in files:
            text, folder = (root / file).read_text(errors="replace"), "" if file.parent == Path(".") else str(file.parent)
            self.is_twice |= file.name == "configure.ac" and bool(re.search("LT_INIT|A[CM]_PROG_LIBTOOL", text)) and not re.search("disable-static|disable-shared|DISABLE_STATIC|DISABLE_SHARED", text)
            if file.name == "CMakeLists.txt" or file.suffix == ".cmake":
                self.has_type |= bool(re.search(r"^\s*set\s*\(cmake_build_type", text, re.M | re.I))
                self.cmake[str(file)] = (checks_of_cmake(text), [found for line in text.splitlines() if (found := self.read(line))])
            for word in re.split(r"[\s\"'();,:=\\\\]+", text):
                before, dot, end = word.rpartition(".")
                is_source, last = end in ("c", "cc", "cpp", "cxx", "c++"), re.split(r"[/}$]", before)[-1]
                if not dot or not (is_source or "*" not in last and end in ("o", "lo", "obj")):
                    continue
                if "*" not in last:
                    self.named.add(last)
                elif (part := re.split(r"[/}]", before.removesuffix(last).rstrip("*/"))[-1]) in ("", ".", ".."):
                    self.taken.add(folder)
                else:
                    self.taken_by_name.add(part)

    def read(self, line):
        command, bracket, rest = line.partition("(")
        command = command.strip().lower()
        if not bracket or command not in ("include", "add_subdirectory", "subdirs"):
            return None
        what = re.split(r"[ )\t]", rest.lstrip())[0].strip('"')
        is_test = command != "include" and {"test", "tests", "testing", "unittests", "fuzz", "examples"} & set(what.split("/"))
        return None if is_test else what

    def names(self, file):
        folder, stem = "" if file.parent == Path(".") else str(file.parent), file.name.rpartition(".")[0]
        below = any(not taken or folder == taken or folder.startswith(taken + "/") for taken in self.taken)
        return stem in self.named or below or folder.rpartition("/")[2] in self.taken_by_name

    def checks(self, path):
        seen, open_, checks = {path}, [path], 1
        while open_:
            at = open_.pop()
            own, reads = self.cmake[at]
            checks += own
            here = at.rpartition("/")[0]
            for words in reads:
                to = words.rpartition("}")[2].strip("/")
                file = to if to.endswith(".cmake") else f"{to}/CMakeLists.txt"
                modules = [known for known in sorted(self.cmake, key=lambda known: known) if known == f"{to}.cmake" or known.endswith(f"/{to}.cmake")]
                found = next((known for known in [f"{here}/{file}" if here else file, file, *modules] if known in self.cmake), None)
                if found and found not in seen:
                    seen.add(found)
                    open_.append(found)
        return checks

def checks_of_cmake(text):
    names = [line.split("(")[0].strip().lower() for line in text.splitlines() if "(" in line]
    return sum(bool(re.fullmatch(r"\w*check\w*|\w*compiler_flag\w*|(find_|try_|test_big_endian)\w*", name)) for name in names)

def features(root):
    """What the project holds: files and bytes by language (own and vendored apart), packages of its lock files."""
    out, sources = {}, []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIP)
        inside = Path(folder).relative_to(root).parts
        where = "vendored_" if "vendor" in inside or "third_party" in inside else ""
        for name in files:
            path = Path(folder) / name
            if path.is_symlink():
                continue
            for key, ends in SOURCES.items():
                if name.endswith(ends):
                    is_c, stem = key in ("c", "cxx", "h"), name.rsplit(".", 1)[0]
                    is_test = name.endswith("_test.go") or is_c and key != "h" and (stem.startswith("test_") or stem.endswith(TESTS_OF_C))
                    if is_test or {"test", "tests", "__tests__", "testdata"} & set(inside) or is_c and SKIP_OF_C & set(inside):
                        kind = "test_"
                    else:
                        kind = ""
                    size = path.stat().st_size
                    if key in ("c", "cxx") and not kind:
                        sources.append((path.relative_to(root), f"{where}{key}", size))
                    out[f"{where}{kind}{key}_files"] = out.get(f"{where}{kind}{key}_files", 0) + 1
                    out[f"{where}{kind}{key}_bytes"] = out.get(f"{where}{kind}{key}_bytes", 0) + size
    root = Path(root)
    text = lambda name: (root / name).read_text(errors="replace") if (root / name).is_file() else None
    if sources:
        # What src/cost/survey.rs leaves out.
        recipes = Recipes(root)
        unnamed = [source for source in sources if not recipes.names(source[0])]
        if 2 * sum(size for *_, size in unnamed) <= sum(size for *_, size in sources):
            for _, key, size in unnamed:
                for name, amount in ((f"{key}_files", 1), (f"{key}_bytes", size), (f"unnamed_{key}_files", -1), (f"unnamed_{key}_bytes", -size)):
                    out[name] = out.get(name, 0) - amount
    if sums := text("go.sum"):
        lines = [line.split() for line in sums.splitlines()]
        out["go_modules"] = len({(l[0], l[1]) for l in lines if len(l) == 3 and not l[1].endswith("/go.mod")})
    if mod := text("go.mod"):
        out["go_required"] = len(re.findall(r"^\s+\S+ v\S+", mod, re.M)) + len(re.findall(r"^require \S+ v", mod, re.M))
    if lock := text("Cargo.lock"):
        names = re.findall(r'^name = "(.+)"', lock, re.M)
        out["crates"] = len(names)
        out["sys_crates"] = sum(n.endswith("-sys") for n in names)
    if toml := text("Cargo.toml"):
        for key in ("lto", "codegen-units", "opt-level"):
            if found := re.search(rf"^{key}\s*=\s*(\S+)", toml, re.M):
                out[key] = found[1].strip('"')
    if lock := text("package-lock.json"):
        packages = json.loads(lock).get("packages", {})
        out["npm_packages"] = sum(1 for at in packages if at)
        out["npm_scripts"] = sum(1 for at, p in packages.items() if p.get("hasInstallScript"))
    if lock := text("yarn.lock"):
        out["npm_packages"] = len(re.findall(r"^\S.*:$", lock, re.M))
    if lock := text("pnpm-lock.yaml"):
        part = re.search(r"^packages:\n(.*?)(?=^\S)", lock + "\n.", re.M | re.S)
        out["npm_packages"] = len(re.findall(r"^  \S.*:$", part[1], re.M)) if part else 0
    if package := text("package.json"):
        package = json.loads(package)
        large = set(re.findall(r'"(.+?)"', (HERE / "src/cost/bundlers.rs").read_text().split("const LIBRARIES")[1].split("];")[0]))
        needs = package.get("dependencies", {})
        if bundled := sorted(large & needs.keys()):
            out["bundled"] = ",".join(bundled)
        for tool in ("vite", "next"):
            if major := re.search(r"\d+", (package.get("devDependencies", {}) | needs).get(tool, "")):
                out[tool] = major[0]
    described = Recipes(root)
    if "CMakeLists.txt" in described.cmake:
        out["cmake_checks"] = described.checks("CMakeLists.txt")
    if meson := text("meson.build"):
        out["meson_checks"] = 1 + len(re.findall(r"^.*(?:\.has_|\.compiles\(|\.links\(|\.get_supported|dependency\(|\.find_library\(|\.sizeof\().*$", meson, re.M))
    if sources:
        out.update({"libtool": 1} if described.is_twice else {}, **({"cmake_type": 1} if described.has_type else {}))
    if macros := text("configure.ac") or text("configure.in"):
        out["autoconf_macros"] = len(re.findall(r"^\s*(?:AC|AX|AM|PKG|LT|gl|[A-Z0-9]{4,})_[A-Z0-9_]*(?=[(\[ ]|$)", macros, re.M))
    if script := text("configure"):
        out["configure_kb"] = -(-len(script) // 1000)
    if wanted := text("requirements.txt"):
        out["requirements"] = sum(1 for line in wanted.splitlines() if re.match(r"\s*[\w.-]+", line) and not line.lstrip().startswith("-"))
    return out

def left_out(toml):
    """Crates that a Cargo.toml names and a usual build for Linux leaves out, as src/context/cargo.rs has it."""
    features, on, open_ = toml.get("features", {}), set(), ["default"]
    while open_:
        name = open_.pop().removeprefix("dep:").split("/")[0]
        if not name.endswith("?") and name not in on:
            on.add(name)
            open_ += features.get(name, [])
    others = ("windows", "macos", "ios", "wasm", "android", "redox", "freebsd", "openbsd", "apple")
    targets = [("", toml), *toml.get("target", {}).items()]
    taken, left = set(), set()
    for target, table in targets:
        here = not any(other in target for other in others) or any(word in target for word in ("not(", "linux", "unix"))
        for kind in ("dependencies", "build-dependencies", "dev-dependencies"):
            for key, value in table.get(kind, {}).items():
                value = value if isinstance(value, dict) else {}
                is_taken = here and kind != "dev-dependencies" and (not value.get("optional") or key in on)
                (taken if is_taken else left).add(value.get("package", key))
    return left - taken

def compiled(folder):
    """The crates of a Cargo.lock that a build for Linux compiles, as src/context/crates.rs has it, and the others."""
    elsewhere, tests = [tuple(re.findall(r'^    "(.+)",$', part, re.M)) for part in (HERE / "src/context/crates.rs").read_text().split("const ")[1:3]]
    crates = tomllib.loads((folder / "Cargo.lock").read_text())["package"]
    own, root = {}, None
    for file in sorted(folder.rglob("Cargo.toml")):
        try:
            toml = tomllib.loads(file.read_text(errors="replace"))
        except tomllib.TOMLDecodeError:
            continue
        if name := toml.get("package", {}).get("name"):
            own[name] = left_out(toml)
            root = name if file.parent == folder else root
    by_name = {}
    for crate in crates:
        by_name.setdefault(crate["name"], []).append(crate)
    open_ = [crate for crate in crates if "source" not in crate and root in (None, crate["name"])]
    reached = {(crate["name"], crate["version"]): crate for crate in open_}
    while open_:
        crate = open_.pop()
        for need in crate.get("dependencies", []):
            name, *version = need.split(" ")
            if "source" not in crate and crate["name"] in own:
                if name in own[crate["name"]]:
                    continue
            elif name.startswith(elsewhere) or "source" not in crate and name.startswith(tests):
                continue
            for found in by_name.get(name, []):
                key = (name, found["version"])
                if (not version or version[0] == found["version"]) and key not in reached:
                    reached[key] = found
                    open_.append(found)
    names = sorted(crate["name"] for crate in reached.values() if "source" in crate)
    others = sorted(crate["name"] for crate in crates if "source" in crate and (crate["name"], crate["version"]) not in reached)
    return names, others

TOOLS = {
    "tsc", "vite", "webpack", "rollup", "esbuild", "next", "ng", "nuxt", "react-scripts", "vue-cli-service", "parcel", "tsup", "microbundle",
    "gulp", "grunt", "svelte-kit", "astro", "swc", "babel", "craco",
}

def tools(scripts, name, depth=0):
    """The compilers and bundlers that a script of a package.json calls, through others of its scripts."""
    called = []
    for part in (f"pre{name}", name, f"post{name}"):
        for line in re.split(r"&&|;|\|\|?|&", scripts.get(part, "")):
            for word in (word.strip("'\"") for word in line.split() if "=" not in word):
                base = {"vue-tsc": "tsc", "nuxi": "nuxt"}.get(word.rsplit("/", 1)[-1], word.rsplit("/", 1)[-1])
                if base in TOOLS:
                    called.append(base)
                    break
                starts = word[:-1] if word.endswith("*") else None
                others = [other for other in scripts if other == word or starts and other.startswith(starts)]
                if depth < 4 and others and others != [name]:
                    called += [tool for other in others for tool in tools(scripts, other, depth + 1)]
    return called

def machine_busy():
    """Core-seconds that the machine has worked since it started: user, nice, system, interrupts."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(fields[at] for at in (0, 1, 2, 5, 6)) / os.sysconf("SC_CLK_TCK")

def run(command, folder, env, seconds):
    """(exit code, core-seconds, seconds, MB, cores that others kept busy)"""
    start, busy = time.time(), machine_busy()
    shell = ["/bin/sh", "-c", command]
    if root := env.get("ROOT"):
        inside = "/" + str(folder.relative_to(root))
        shell = ["chroot", root, "/bin/sh", "-c", f"cd {shlex.quote(inside)} && {command}"]
    child = subprocess.Popen(shell, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=open(env["LOG"], "ab"), stderr=subprocess.STDOUT, start_new_session=True)
    def over(*_):
        os.killpg(child.pid, signal.SIGKILL)
    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    _, status, used = os.wait4(child.pid, 0)
    signal.alarm(0)
    core, clock = used.ru_utime + used.ru_stime, time.time() - start
    others = max(0.0, machine_busy() - busy - core) / max(clock, 0.01)
    return os.waitstatus_to_exitcode(status), core, clock, used.ru_maxrss / 1024, others

# Core-seconds of `reference` on the quiet machine that the rows are from.
QUIET = 0.50

def reference():
    """Core-seconds of a small fixed work, of strings, memory and hashes: more of them where others share caches and cores."""
    def once():
        start = os.times()
        for _ in range(2):
            table = {str(i * 7919 % 100003): [i, str(i)] for i in range(120000)}
            text = json.dumps(table)
            json.loads(text)
            digest = hashlib.sha256()
            for _ in range(400):
                digest.update(text[:100000].encode())
            sorted(table.items(), key=lambda pair: pair[1][1])
        end = os.times()
        return end.user + end.system - start.user - start.system
    return sorted(once() for _ in range(3))[1]

def size(folder):
    total = 0
    for at, _, files in os.walk(folder):
        total += sum(os.lstat(os.path.join(at, f)).st_size for f in files)
    return total / 1e6

def get(source, into, args, env):
    """Brings the project's files into a folder; returns its source with the exact commit or version."""
    kind, _, rest = source.partition(":")
    if kind == "git":
        repo, _, commit = rest.partition("@")
        mirror = Path(args.mirror or "/nowhere") / repo.replace("/", "+") / "repo"
        origin = str(mirror) if mirror.exists() else f"https://github.com/{repo}"
        git = ["git", "-c", "safe.directory=*"]
        commit = commit or subprocess.run(git + ["-C", origin, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        into.mkdir(parents=True)
        # A mirror may lack its largest files.
        listed = subprocess.run(git + ["-C", origin, "ls-tree", "-r", "-z", commit], capture_output=True, text=True, check=True).stdout
        blobs = [entry.split("\t") for entry in listed.split("\0") if " blob " in entry]
        asked = "".join(head.split()[2] + "\n" for head, _ in blobs)
        found = subprocess.run(git + ["-C", origin, "cat-file", "--batch-check"], input=asked, capture_output=True, text=True, check=True).stdout.splitlines()
        lacking = [f":(exclude,literal){path}" for (_, path), line in zip(blobs, found) if line.endswith("missing")]
        archive = subprocess.run(git + ["-C", origin, "archive", commit, "--", ".", *lacking], capture_output=True, check=True).stdout
        subprocess.run(["tar", "x", "-C", str(into)], input=archive, check=True)
        return f"git:{repo}@{commit}"
    if kind == "crate":
        crate, _, version = rest.partition("@")
        probe = into.parent / "probe"
        (probe / "src").mkdir(parents=True, exist_ok=True)
        (probe / "src/lib.rs").write_text("")
        (probe / "Cargo.lock").unlink(missing_ok=True)
        (probe / "Cargo.toml").write_text(f'[package]\nname = "probe"\nversion = "0.1.0"\nedition = "2021"\n[dependencies]\n{crate} = "{"=" + version if version else "*"}"\n[workspace]\n')
        home = dict(env, CARGO_HOME=str(into.parent / "probe-home"))
        subprocess.run(["cargo", "-q", "fetch"], cwd=probe, env=home, check=True, capture_output=True)
        version = version or re.search(rf'name = "{re.escape(crate)}"\nversion = "(.+)"', (probe / "Cargo.lock").read_text())[1]
        found = next((into.parent / "probe-home/registry/src").glob(f"*/{crate}-{version}"))
        shutil.copytree(found, into)
        with open(into / "Cargo.toml", "a") as toml:
            if "[workspace]" not in (into / "Cargo.toml").read_text():
                toml.write("\n[workspace]\n")
        return f"crate:{crate}@{version}"
    into.mkdir(parents=True)
    return "pypi"

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("projects"), parser.add_argument("rows"), parser.add_argument("--work", required=True)
    parser.add_argument("--mirror"), parser.add_argument("--path", default="", help="folders to put before PATH")
    parser.add_argument("--root", type=Path, help="run the steps in this folder as their root; --work is inside it")
    args = parser.parse_args()
    rows = Path(args.rows)
    done = {line.split("\t")[0] for line in rows.read_text().splitlines()} if rows.exists() else set()
    work = Path(args.work)
    for line in Path(args.projects).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        language, name, source, steps = line.split("\t")
        if name in done:
            continue
        print(f"{time.strftime('%T')} {name}", flush=True)
        into, home = work / name.replace("/", "+"), work / "home"
        home_inside = Path("/") / home.relative_to(args.root) if args.root else home
        for folder in (into, home):
            shutil.rmtree(folder, ignore_errors=True)
        home.mkdir(parents=True)
        kept = {"HOME": "", "GOCACHE": "go-cache", "CARGO_HOME": "cargo", "npm_config_cache": "npm", "PIP_CACHE_DIR": "pip", "YARN_CACHE_FOLDER": "yarn"}
        env = {**os.environ, **{name: str(home_inside / at) for name, at in kept.items()},
               "GOFLAGS": "-buildvcs=false", "GOPROXY": "off", "GOTOOLCHAIN": "local", "CI": "1", "CARGO_BUILD_JOBS": "2", "NEXT_TELEMETRY_DISABLED": "1", "LOG": str(work / "log"), "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
               "npm_config_manage_package_manager_versions": "false",
               "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup")), "NODE_OPTIONS": "--max-old-space-size=4096"}
        env["PATH"] = ":".join(filter(None, [args.path, env["PATH"]]))
        if args.root:
            env["ROOT"] = str(args.root)
            # As QEMU does by itself since 10.0: before, signing each return address, as programs of Debian 13 do, takes most of the time.
            env["QEMU_CPU"] = "max,pauth-impdef=on"
        Path(env["LOG"]).write_text("")
        try:
            exact = get(source, into, args, env)
        except (subprocess.CalledProcessError, OSError, StopIteration) as error:
            print(f"  not to be had: {error}", flush=True)
            continue
        inside = re.match(r"(?:skip: .* ;; )?[\w-]+: cd (\S+) && ", steps)
        holds = features(into / inside[1] if inside else into)
        lock = into / "Cargo.lock"
        if lock.is_file():
            with open(rows.parent / "crates.tsv", "a") as out:
                out.write("\t".join([name, *(" ".join(names) for names in compiled(into))]) + "\n")
        for step in steps.split(" ;; "):
            kind, _, command = step.partition(": ")
            before, first = size(home), reference()
            code, core, clock, memory, others = run(command, into, env, LIMIT)
            if code:
                print(f"  {kind} failed with {code}: {Path(env['LOG']).read_text(errors='replace')[-300:]!r}", flush=True)
                break
            grew = size(home) - before
            pace = (first + reference()) / 2 / QUIET
            core /= pace
            if kind == "pip-install":
                metadata = [p for p in into.rglob("*.dist-info") if p.is_dir()]
                holds["installed"] = len(metadata)
            if kind == "skip":
                continue
            manifest = (into / inside[1] if inside else into) / "package.json"
            if kind == "node-build" and manifest.is_file():
                called = tools(json.loads(manifest.read_text()).get("scripts", {}), command.split()[-1])
                holds.update({"runs": ",".join(called)} if called else {})
            text = " ".join(f"{key}={value}" for key, value in sorted(holds.items()))
            with open(rows, "a") as out:
                out.write("\t".join([name, exact, half(name), kind, command, f"{core:.2f}", f"{clock:.1f}", f"{memory:.0f}", f"{grew:.1f}", text, f"{others:.2f}", f"{pace:.2f}"]) + "\n")
            print(f"  {kind} {core:.1f}", flush=True)
        for folder in (into, home):
            shutil.rmtree(folder, ignore_errors=True)

if __name__ == "__main__":
    main()
