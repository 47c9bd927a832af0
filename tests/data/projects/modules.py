#!/usr/bin/env python3
"""How many megabytes of source a Go module has that programs compile: modules.py MIRROR > src/cost/modules.rs

`go mod vendor` copies the packages that a project needs and no others, so a vendored tree tells what of a module is compiled. Goes
over all repositories of a folder as measure.py takes it, except those of the judging half of projects.tsv, and takes the
median over those that have the module.
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

sizes = collections.defaultdict(list)
for repo in sorted(Path(sys.argv[1]).glob("*/repo")):
    if repo.parent.name in judging:
        continue
    git = ["git", "-c", "safe.directory=*", "-C", str(repo)]
    listing = subprocess.run(git + ["ls-tree", "-r", "-l", "HEAD", "vendor/"], capture_output=True, text=True).stdout
    if "vendor/modules.txt" not in listing:
        continue
    text = subprocess.run(git + ["show", "HEAD:vendor/modules.txt"], capture_output=True, text=True).stdout
    modules = sorted(re.findall(r"^# (\S+) v", text, re.M), key=len, reverse=True)
    found = collections.Counter()
    for line in listing.splitlines():
        head, path = line.split("\t")
        if path.endswith(".go") and not path.endswith("_test.go"):
            inner = path.removeprefix("vendor/")
            # Of files for other systems one in several is compiled.
            if re.search(r"_(windows|darwin|freebsd|netbsd|openbsd|solaris|plan9|aix|dragonfly|js|wasm|ppc64x?|ppc64le|s390x|riscv64|mips\w*|arm|arm64|loong64|386)\.go$", inner):
                continue
            module = next((m for m in modules if inner.startswith(m + "/")), None)
            if module:
                size = head.split()[3]
                found[module] += int(size) if size.isdigit() else 0
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
print(f"small modules: {len(small)}, mean {statistics.mean(small):.3f} MB, large {len(rows)}", file=sys.stderr)
