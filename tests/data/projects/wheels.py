#!/usr/bin/env python3
"""Which packages of Python are programs of a machine, for which systems they are built, and what they bring: wheels.py src/cost/wheels UV.LOCK...
writes table.rs and brought.rs there.

A `uv.lock` names every wheel of a package with its size, as the index had them when it was made; of several files the newest version of
a package counts. A row is the name; megabytes of the sources and of the wheel for Linux on amd64; and the systems without
a wheel, in the order of SYSTEMS. Packages that every system has one for are left out: `py3-none-any`, or too small to matter.
"""
import sys, tomllib, datetime
from pathlib import Path
from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName

# Megabytes of a package alone, and packages that it brings, from which on it is one that counts: others are like most.
LEAST_OWN, LEAST_BROUGHT = 2.0, 7

SYSTEMS = [("MUSL_AMD64", "musllinux", "x86_64"), ("GLIBC_ARM64", "manylinux", "aarch64"), ("MUSL_ARM64", "musllinux", "aarch64"),
           ("GLIBC_ARMV7", "manylinux", "armv7l"), ("MUSL_ARMV7", "musllinux", "armv7l"), ("PPC64LE", "manylinux", "ppc64le"),
           ("S390X", "manylinux", "s390x"), ("RISCV64", "manylinux", "riscv64")]

def version(text):
    return [int(part) if part.isdigit() else -1 for part in text.split("+")[0].replace("-", ".").split(".")]

packages = {}
for path in sys.argv[2:]:
    try:
        lock = tomllib.loads(Path(path).read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        continue
    for package in lock.get("package", []):
        if package.get("wheels") and "pypi.org" in package.get("source", {}).get("registry", ""):
            known = packages.get(package["name"])
            if not known or version(known["version"]) < version(package["version"]):
                packages[package["name"]] = package

rows = []
for name, package in sorted(packages.items()):
    wheels = [(wheel["url"].rsplit("/", 1)[-1][:-4].split("-"), wheel.get("size", 0)) for wheel in package["wheels"]]
    if any(parts[-1] == "any" for parts, _ in wheels):
        continue
    # Free-threaded Pythons (`cp313t`) have fewer.
    wheels = [(parts, size) for parts, size in wheels if not parts[-2].endswith("t")]
    lacks = [system for system, libc, machine in SYSTEMS if not any(libc in parts[-1] and machine in parts[-1] for parts, _ in wheels)]
    native = [size for parts, size in wheels if "manylinux" in parts[-1] and "x86_64" in parts[-1]]
    source = package.get("sdist", {}).get("size", 0)
    if native and source and lacks:
        rows.append(f'    ("{name}", {source / 1e6:.1f}, {max(native) / 1e6:.1f}, {" | ".join(lacks)}),')

def size(package, machine):
    """Megabytes of the wheel for Linux, the largest of those that fit; of the sources where there is none."""
    fits = [wheel.get("size", 0) for wheel in package.get("wheels", []) for tag in [wheel["url"].rsplit("/", 1)[-1].rsplit("-", 1)[-1]]
            if tag == "any.whl" or "manylinux" in tag and machine in tag]
    return max(fits, default=package.get("sdist", {}).get("size", 0)) / 1e6

def closure(lock, name, machine):
    """The packages that installing one brings on Linux, by the markers of its lock file."""
    here = {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": machine, "os_name": "posix", "extra": "",
            "python_version": "3.12", "python_full_version": "3.12.0", "implementation_name": "cpython", "platform_python_implementation": "CPython"}
    found, left = {}, [name]
    while left:
        package = lock.get(left.pop())
        if package and package["name"] not in found:
            found[package["name"]] = package
            for needed in package.get("dependencies", []):
                try:
                    applies = "marker" not in needed or Marker(needed["marker"]).evaluate(here)
                except (UndefinedEnvironmentName, InvalidMarker):
                    applies = False
                if applies:
                    left.append(needed["name"])
    return list(found.values())

# The newest version of all files counts, with what its own file says that it brings.
brought = {}
for path in sys.argv[2:]:
    try:
        lock = tomllib.loads(Path(path).read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        continue
    by_name = {package["name"]: package for package in lock.get("package", []) if "pypi.org" in package.get("source", {}).get("registry", "")}
    for name, package in by_name.items():
        if name.startswith("nvidia-") or name in brought and version(brought[name][0]) >= version(package["version"]):
            continue
        brings = {machine: closure(by_name, name, machine) for machine in ("x86_64", "aarch64")}
        sums = [sum(size(one, machine) for one in all) for machine, all in brings.items()]
        brought[name] = (package["version"], len(brings["x86_64"]), size(package, "x86_64"), *sums)
counts = [f'    ("{name}", {count}, {own:.1f}, {amd64:.1f}, {arm64:.1f}),' for name, (_, count, own, amd64, arm64) in sorted(brought.items())
          if own >= LEAST_OWN or count >= LEAST_BROUGHT]

into, made = Path(sys.argv[1]), f"made from lock files by `tests/data/projects/wheels.py` on {datetime.date.today()}. Sorted by name."
(into / "table.rs").write_text(f"""//! Which packages of Python are compiled where their index has no wheel.
//!
//! A data file in Rust, {made}

use super::{{{", ".join(sorted({system for row in rows for system in row.split(", ", 3)[3].rstrip("),").split(" | ")}))}}};

/// The name; megabytes of its sources and of its wheel; the systems that it has no wheel for.
pub(super) const WHEELS: &[(&str, f64, f64, u8)] = &[
{chr(10).join(rows)}
];
""")
(into / "brought.rs").write_text(f"""//! Packages of Python that are large or bring many others.
//!
//! A data file in Rust, {made}

/// The name; how many packages it brings, itself included; megabytes of its wheel; those of all of them on amd64 and on arm64.
pub(super) const BROUGHT: &[(&str, u32, f64, f64, f64)] = &[
{chr(10).join(counts)}
];
""")
