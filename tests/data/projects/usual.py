#!/usr/bin/env python3
"""What usual projects are: how much work the commands of public Dockerfiles are by the size of their contexts. usual.py XSIM USUAL.tsv
--mirror DIR --work DIR

Goes through the repositories in --mirror, OWNER+NAME/repo, at their newest commit, and through at most eight Dockerfiles of each, the
nearest to the root first, none of tests, examples or templates. The context is the root of the repository or the folder of the Dockerfile,
whichever has more of the files that it copies. Nothing of a repository is run. USUAL.tsv gets a line a repository and class: the repository,
the class, and the geometric mean of the core-seconds of its commands of which the context tells the size, natively.
"""
import argparse, collections, json, math, re, shutil, subprocess
from pathlib import Path

MOST = 8
NAME = re.compile(r"(^|/)(Dockerfile|[^/]*\.Dockerfile|Dockerfile\.[^/]+)$")
NOT = re.compile(r"test|example|\.j2|\.tmpl|\.template|vendor/|fixture", re.I)
COPIES = re.compile(r"^\s*(?:COPY|ADD)\s+((?:(?!--from).)*)$", re.M | re.I)

def git(repository, *words, **more):
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", str(repository), *words], capture_output=True, timeout=300, **more)

def context(root, dockerfile):
    """The folder of the repository that has more of what a Dockerfile copies."""
    text = (root / dockerfile).read_text(errors="replace")
    words = [word for line in COPIES.findall(text) for word in [w for w in line.split() if not w.startswith("--")][:-1]]
    copied = [word.lstrip("/") for word in words if not re.search(r"[$*]|^https?:", word) and word not in (".", "./")]
    own = Path(dockerfile).parent
    has = lambda folder: sum((root / folder / word).exists() for word in copied)
    return Path() if has(Path()) > has(own) else own

def sized(xsim, root, dockerfile):
    """(class, core-seconds) of each command of which the context tells the size."""
    asked = [xsim, "analyze", str(root / dockerfile), "--context", str(root / context(root, dockerfile)), "--platform", "linux/amd64", "--build-platform", "linux/amd64", "--format", "json"]
    try:
        report = json.loads(subprocess.run(asked, capture_output=True, text=True, timeout=60).stdout)
    except (ValueError, OSError, subprocess.TimeoutExpired):
        return
    for vertex in report.get("vertices", []):
        time = vertex.get("time") or {}
        if time.get("basis") == "sized":
            yield time["class"], max(time["core_s"], 0.01)

def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("xsim"), parser.add_argument("usual")
    parser.add_argument("--mirror", required=True, type=Path), parser.add_argument("--work", required=True, type=Path)
    args = parser.parse_args()
    with open(args.usual, "w") as out:
        for folder in sorted(args.mirror.iterdir()):
            repository = folder / "repo"
            if not repository.is_dir():
                continue
            names = git(repository, "ls-tree", "-r", "--name-only", "HEAD", text=True).stdout.splitlines()
            dockerfiles = sorted((n for n in names if NAME.search(n) and not NOT.search(n)), key=lambda n: (n.count("/"), n))[:MOST]
            if not dockerfiles:
                continue
            root = args.work / "usual"
            shutil.rmtree(root, ignore_errors=True)
            root.mkdir(parents=True)
            # A snapshot may lack its largest files: the archive ends there.
            subprocess.run(["tar", "x", "-C", str(root)], input=git(repository, "archive", "HEAD").stdout, capture_output=True)
            found = collections.defaultdict(list)
            for dockerfile in dockerfiles:
                if (root / dockerfile).is_file():
                    for kind, core in sized(args.xsim, root, dockerfile):
                        found[kind].append(math.log(core))
            for kind, logs in sorted(found.items()):
                out.write(f"{folder.name.replace('+', '/')}\t{kind}\t{math.exp(sum(logs) / len(logs)):.2f}\n")
            out.flush()
    shutil.rmtree(args.work / "usual", ignore_errors=True)

if __name__ == "__main__":
    main()
