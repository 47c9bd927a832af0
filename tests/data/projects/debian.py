#!/usr/bin/env python3
"""What packages of Debian bring with them, from its package index: debian.py NAME... > ROWS

Prints rows for `src/cost/packages.rs`: the name, then packages, megabytes to download and megabytes unpacked, first without and
then with what is recommended, beyond what `debian:12-slim` has. Needs the lists of Debian 12 (`apt-get update`). Run 2026-11-29.
"""
import glob
import re
import subprocess
import sys


def index():
    """Every package by its name, and who provides what."""
    packages, providers = {}, {}
    for path in sorted(glob.glob("/var/lib/apt/lists/*_dists_bookworm_*Packages*")):
        text = subprocess.run(["/usr/lib/apt/apt-helper", "cat-file", path], capture_output=True, text=True, check=True).stdout
        for block in text.split("\n\n"):
            fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", block, re.M))
            if "Package" in fields:
                packages.setdefault(fields["Package"], fields)
    for name, fields in packages.items():
        for provided in re.split(r",\s*", fields.get("Provides", "")):
            providers.setdefault(provided.split(" ")[0], name)
    return packages, providers


def needs(fields, keys):
    for key in keys:
        for group in filter(None, re.split(r",\s*", fields.get(key, ""))):
            yield [re.sub(r"[ :(].*", "", choice.strip()) for choice in group.split("|")]


def closure(packages, providers, names, recommended, base):
    """All that is installed with some packages, the first choice of each alternative."""
    seen, todo = set(), list(names)
    while todo:
        name = todo.pop()
        name = name if name in packages else providers.get(name)
        if name is None or name in seen or name in base:
            continue
        seen.add(name)
        for choices in needs(packages[name], ["Depends", "Pre-Depends"] + ["Recommends"] * recommended):
            if not any(choice in seen or choice in base for choice in choices):
                todo.extend([choice for choice in choices if choice in packages or choice in providers][:1])
    return seen


def main():
    packages, providers = index()
    first = [name for name, fields in packages.items() if fields.get("Essential") == "yes" or fields.get("Priority") == "required"]
    base = closure(packages, providers, first + ["apt"], False, set())
    for name in sorted(set(sys.argv[1:])):
        row = []
        for recommended in (False, True):
            found = closure(packages, providers, [name], recommended, base)
            size = sum(int(packages[one]["Size"]) for one in found) / 1e6
            unpacked = sum(int(packages[one].get("Installed-Size", 0)) for one in found) / 1e3
            row += [f"{len(found)}", f"{size:.1f}", f"{unpacked:.1f}"]
        if row[0] != "0":
            print(f'    ("{name}", {row[0]}, {row[1]}, {row[2]}, {row[3]}, {row[4]}, {row[5]}),')


main()
