#!/usr/bin/env python3
"""How many megabytes of source a Go module has that programs compile: modules.py MIRROR > src/cost/modules.rs

`go mod vendor` copies the packages that a project needs and no others, so a vendored tree tells what of a module is compiled: of its
files those whose names and `//go:build` lines let a compiler for Linux on amd64 take them. Goes over all repositories of a folder as
measure.py takes it, except those of the judging half of projects.tsv, and takes the median over those that have the module.
"""
import collections, datetime, hashlib, re, statistics, subprocess, sys
from pathlib import Path

LEAST = 0.4  # megabytes
judging = set()
for line in (Path(__file__).parent / "projects.tsv").read_text().splitlines():
    if line and not line.startswith("#"):
        _, name, source, _ = line.split("\t")
        if hashlib.sha256(name.encode()).digest()[0] & 1:
            judging.add(source.removeprefix("git:").split("@")[0].replace("/", "+"))

SYSTEMS = set("aix android darwin dragonfly freebsd hurd illumos ios js nacl netbsd openbsd plan9 solaris wasip1 windows zos".split())
PROCESSORS = set("386 arm arm64 armbe loong64 mips mips64 mips64le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm".split())

def is_compiled(path, head):
    """Whether Go takes a file for Linux on amd64."""
    ends = path.rsplit("/", 1)[-1].removesuffix(".go").split("_")[1:][-2:]
    if SYSTEMS.intersection(ends) or PROCESSORS.intersection(ends[-1:]):
        return False
    condition = re.search(r"^//go:build (.*)$", head, re.M)
    if not condition:
        return True
    def value(word):
        name = word[0]
        if name in ("linux", "amd64", "unix", "gc", "cgo"):
            return "True"
        return str(bool(re.fullmatch(r"go1\.\d+", name)))
    words = re.sub(r"[\w.]+", value, condition[1]).replace("&&", " and ").replace("||", " or ").replace("!", " not ")
    # Nothing but these words is left.
    return bool(re.fullmatch(r"(True|False|and|or|not|[() ])*", words)) and eval(words, {"__builtins__": {}})

sizes, read, taken = collections.defaultdict(list), 0, 0
for repo in sorted(Path(sys.argv[1]).glob("*/repo")):
    if repo.parent.name in judging:
        continue
    git = ["git", "-c", "safe.directory=*", "-C", str(repo)]
    listing = subprocess.run(git + ["ls-tree", "-r", "HEAD", "vendor/"], capture_output=True, text=True).stdout
    if "vendor/modules.txt" not in listing:
        continue
    text = subprocess.run(git + ["show", "HEAD:vendor/modules.txt"], capture_output=True, text=True).stdout
    modules = set(re.findall(r"^# (\S+) v", text, re.M))
    found = collections.Counter()
    files = [(line.split()[2], line.split("\t")[1]) for line in listing.splitlines()]
    files = [(blob, path) for blob, path in files if path.endswith(".go") and not path.endswith("_test.go")]
    batch = subprocess.Popen(git + ["cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    for blob, path in files:
        batch.stdin.write(f"{blob}\n".encode())
        batch.stdin.flush()
        *_, size = batch.stdout.readline().split()
        if not size.isdigit():
            continue
        source = batch.stdout.read(int(size) + 1)
        parts = path.removeprefix("vendor/").split("/")
        module = next((name for at in range(len(parts), 0, -1) if (name := "/".join(parts[:at])) in modules), None)
        read += int(size)
        if module and is_compiled(path, source[:8192].decode(errors="replace")):
            taken += int(size)
            found[module] += int(size)
    batch.stdin.close()
    for module, size in found.items():
        sizes[module].append(size / 1e6)

print(f"""//! How much source of large Go modules programs compile.
//!
//! A data file in Rust, made from vendored trees by `tests/data/projects/modules.py` on {datetime.date.today()}. Sorted by name.

/// Megabytes of a module that are compiled where it is used; `None` for one that is small or not known.
pub(super) fn megabytes(module: &str) -> Option<f64> {{
    let at = LARGE.binary_search_by(|row| row.0.cmp(module)).ok()?;
    Some(LARGE[at].1)
}}

/// The module, and the median over the trees that have it.
const LARGE: &[(&str, f64)] = &[""")
small, rows = [], []
for module, all in sorted(sizes.items()):
    size = statistics.median(all)
    small.append(min(size, LEAST)) if size < LEAST else rows.append(f'    ("{module}", {size:.1f}),')
print("\n".join(rows))
print("];")
print(f"small modules: {len(small)}, mean {statistics.mean(small):.3f} MB, large {len(rows)}; compiled {taken / read:.2f} of all", file=sys.stderr)
