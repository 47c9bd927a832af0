#!/usr/bin/env python3
"""Makes of built programs what a release offers: archives, checksums, npm packages, a Homebrew formula.

    release.py archive --target TRIPLE --program FILE --out DIR    xsim-VERSION-TRIPLE.tar.gz, or .zip for Windows
    release.py checksums DIR                                       SHA256SUMS over the archives
    release.py npm DIR --out DIR                                   the npm packages of the archives
    release.py formula DIR                                         the Homebrew formula, on standard output

Name, version, repository and licence come from Cargo.toml and from nowhere else. Python 3.11 and its standard library.
"""
import argparse
import hashlib
import io
import json
import stat
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]
NAME, VERSION = CARGO["name"], CARGO["version"]
PACKAGE = CARGO["metadata"]["release"]["package"]
ARCHIVED = ["README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"]

# Rust's triples in the words of npm (`os`, `cpu`) and Homebrew (`on_…` blocks; it has no Windows).
NPM = {
    "x86_64-unknown-linux-musl": ("linux", "x64"),
    "aarch64-unknown-linux-musl": ("linux", "arm64"),
    "x86_64-unknown-linux-gnu": ("linux", "x64"),
    "x86_64-apple-darwin": ("darwin", "x64"),
    "aarch64-apple-darwin": ("darwin", "arm64"),
    "x86_64-pc-windows-msvc": ("win32", "x64"),
}
HOMEBREW = {
    "aarch64-apple-darwin": ("macos", "arm"),
    "x86_64-apple-darwin": ("macos", "intel"),
    "aarch64-unknown-linux-musl": ("linux", "arm"),
    "x86_64-unknown-linux-musl": ("linux", "intel"),
}


def program_name(target):
    return f"{NAME}.exe" if "windows" in target else NAME


def archive(target, program, out):
    """Packs a program with its licences. Times and owners are left out, so that equal programs give equal archives."""
    out.mkdir(parents=True, exist_ok=True)
    folder = f"{NAME}-{VERSION}-{target}"
    files = [(program_name(target), program.read_bytes(), 0o755)]
    files += [(name, (ROOT / name).read_bytes(), 0o644) for name in ARCHIVED]
    if "windows" in target:
        path = out / f"{folder}.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, data, _ in files:
                packed.writestr(zipfile.ZipInfo(f"{folder}/{name}"), data, zipfile.ZIP_DEFLATED)
    else:
        path = out / f"{folder}.tar.gz"
        with tarfile.open(path, "w:gz") as packed:
            for name, data, mode in files:
                entry = tarfile.TarInfo(f"{folder}/{name}")
                entry.size, entry.mode = len(data), mode
                packed.addfile(entry, io.BytesIO(data))
    print(path)


def archives(folder):
    """Archives of this version in a folder, with their targets."""
    found = {}
    for path in sorted(folder.glob(f"{NAME}-{VERSION}-*")):
        target = path.name.removeprefix(f"{NAME}-{VERSION}-").removesuffix(".tar.gz").removesuffix(".zip")
        if path.suffix in (".gz", ".zip"):
            found[target] = path
    if not found:
        raise SystemExit(f"{folder} holds no archive of {NAME} {VERSION}")
    return found


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checksums(folder):
    lines = [f"{digest(path)}  {path.name}\n" for path in archives(folder).values()]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def program_in(path, target):
    inner = f"{NAME}-{VERSION}-{target}/{program_name(target)}"
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            return packed.read(inner)
    with tarfile.open(path) as packed:
        return packed.extractfile(inner).read()


def npm(folder, out):
    """One package a platform, which npm installs where it fits, and one that starts whichever is there."""
    shared = {"version": VERSION, "license": CARGO["license"], "repository": CARGO["repository"]}
    platforms = {}
    for target, path in archives(folder).items():
        if target not in NPM:
            continue
        system, cpu = NPM[target]
        name = f"{PACKAGE}-{system}-{cpu}"
        if name in platforms:
            raise SystemExit(f"two archives for {name}")
        platforms[name] = VERSION
        package = out / name
        package.mkdir(parents=True, exist_ok=True)
        program = package / program_name(target)
        program.write_bytes(program_in(path, target))
        program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        about = {"name": name, "description": f"The {NAME} program for {system} on {cpu}", "os": [system], "cpu": [cpu]}
        write_package(package, about | shared | {"files": [program.name]})
    package = out / PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    launcher = (ROOT / "packaging/npm/launch.js").read_text(encoding="utf-8")
    (package / "launch.js").write_text(launcher, encoding="utf-8")
    (package / "README.md").write_bytes((ROOT / "README.md").read_bytes())
    about = {"name": PACKAGE, "description": CARGO["description"], "keywords": CARGO["keywords"]}
    starts = {"bin": {NAME: "launch.js"}, "files": ["launch.js"], "engines": {"node": ">=18"}}
    write_package(package, about | shared | starts | {"optionalDependencies": dict(sorted(platforms.items()))})


def write_package(folder, about):
    (folder / "package.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")


def formula(folder):
    found = archives(folder)
    lines = [
        "class Xsim < Formula",
        f'  desc "{CARGO["description"].split(":")[0]}"',
        f'  homepage "{CARGO["repository"]}"',
        f'  version "{VERSION}"',
        '  license any_of: ["MIT", "Apache-2.0"]',
    ]
    for target, (system, cpu) in HOMEBREW.items():
        if path := found.get(target):
            lines += [
                f"  on_{system} do",
                f"    on_{cpu} do",
                f'      url "{CARGO["repository"]}/releases/download/v{VERSION}/{path.name}"',
                f'      sha256 "{digest(path)}"',
                "    end",
                "  end",
            ]
    lines += [
        "  def install",
        f'    bin.install "{NAME}"',
        f'    generate_completions_from_executable(bin/"{NAME}", "completions")',
        f'    (man1/"{NAME}.1").write Utils.safe_popen_read(bin/"{NAME}", "man")',
        "  end",
        "  test do",
        '    (testpath/"Dockerfile").write "FROM alpine\\n"',
        f'    assert_match "alpine", shell_output("#{{bin}}/{NAME} analyze --no-time")',
        "  end",
        "end",
    ]
    print("\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    packs = commands.add_parser("archive")
    packs.add_argument("--target", required=True)
    packs.add_argument("--program", type=Path, required=True)
    packs.add_argument("--out", type=Path, required=True)
    commands.add_parser("checksums").add_argument("folder", type=Path)
    packages = commands.add_parser("npm")
    packages.add_argument("folder", type=Path)
    packages.add_argument("--out", type=Path, required=True)
    commands.add_parser("formula").add_argument("folder", type=Path)
    given = parser.parse_args()
    match given.command:
        case "archive":
            archive(given.target, given.program, given.out)
        case "checksums":
            checksums(given.folder)
        case "npm":
            npm(given.folder, given.out)
        case "formula":
            formula(given.folder)


if __name__ == "__main__":
    main()
