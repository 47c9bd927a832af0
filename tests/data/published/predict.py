#!/usr/bin/env python3
"""What xsim says of builds whose durations their authors published: predict.py XSIM BUILDS.tsv PREDICTED.tsv --mirror DIR --work DIR

BUILDS.tsv: name, repository, date, Dockerfile, context, platforms, what (`total`, or a part of the text of a step), seconds,
machine, edit (`s/old/new/`, where what was built differs from what was committed), pair (rows that are before and after, or two
ways of the same), source. The commit is the last one of the default branch before the date. The repository is taken from --mirror,
as measure.py does, its files go to --work and are removed again; nothing in them is run.

PREDICTED.tsv gets a line a row: name, commit, P10, P50, P90 in seconds, and half (`set`, which the pace of hosted runners was set
by, or `judge`, by a hash of the repository), and `unknown` where the report says that what decides it is not understood; of a step P50
alone, that of the longest where it runs for several platforms.
"""
import argparse, hashlib, io, json, shutil, subprocess, sys, tarfile
from pathlib import Path

parser = argparse.ArgumentParser()
for name in ("xsim", "builds", "predicted"):
    parser.add_argument(name)
parser.add_argument("--mirror", required=True, type=Path)
parser.add_argument("--work", required=True, type=Path)
parser.add_argument("--only", default="")
args = parser.parse_args()

def git(repository, *words):
    at = args.mirror / repository.replace("/", "+") / "repo"
    return subprocess.run(["git", "-c", "safe.directory=*", "-C", str(at), *words], capture_output=True, check=True).stdout

lines, folder, last = [], args.work / "published", None
for line in Path(args.builds).read_text().splitlines():
    if line.startswith("#") or args.only not in line:
        continue
    name, repository, date, dockerfile, context, platforms, what, seconds, machine, edit, pair, source = line.split("\t")
    commit = git(repository, "log", "--format=%H", f"--before={date}T23:59:59", "-1").decode().strip()
    if last != (repository, commit):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            # Links to outside of the folder are left out.
            with tarfile.open(fileobj=io.BytesIO(git(repository, "archive", commit)), errorlevel=0) as tar:
                tar.extractall(folder, filter="data")
        except subprocess.CalledProcessError:
            # A snapshot may lack its largest files: all others one by one.
            for entry in git(repository, "ls-tree", "-r", "-z", commit).decode().split("\0")[:-1]:
                (_, _, blob), path = entry.split("\t")[0].split(), entry.split("\t")[1]
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                try:
                    (folder / path).write_bytes(git(repository, "cat-file", "blob", blob))
                except subprocess.CalledProcessError:
                    pass
        last = (repository, commit)
    file = folder / dockerfile
    if not file.is_file():
        # What `.gitattributes` keeps out of archives.
        file.write_bytes(git(repository, "cat-file", "blob", f"{commit}:{dockerfile}"))
    text = file.read_text()
    if edit:
        _, old, new, _ = edit.split("/")
        file.write_text(text.replace(old, new))
    command = [args.xsim, "analyze", str(file), "--context", str(folder / context), "--platform", platforms, "--machine", machine, "--format", "json"]
    command += ["--build-platform", "linux/arm64"] if machine.endswith("-arm") else ["--build-platform", "linux/amd64"]
    run = subprocess.run(command, capture_output=True, text=True)
    file.write_text(text)
    try:
        report = json.loads(run.stdout)
        total = report["timing"]["total"]
        found = [total["p10_s"], total["p50_s"], total["p90_s"]]
        is_unknown = "not_understood" in report["timing"]["basis"]
        if what != "total":
            numbered = (text.replace("\\\n", "\\\0") + "\n").split("\n")
            starts, at = {}, 1
            for instruction in numbered:
                starts[at] = instruction
                at += 1 + instruction.count("\0")
            instruction = lambda vertex: starts.get(next(iter(vertex["lines"]), 0), "")
            steps = [v["time"] for v in report["vertices"] if what in instruction(v)]
            longest = max(steps, key=lambda time: time["duration_s"])
            found, is_unknown = ["", longest["duration_s"], ""], longest.get("basis") == "unknown"
    except (ValueError, KeyError) as error:
        print(f"{name}: {error!r} {run.stderr[:300]}", file=sys.stderr)
        continue
    half = "judge" if hashlib.sha256(repository.encode()).digest()[0] & 1 else "set"
    lines.append("\t".join([name, commit] + [f"{value:.1f}" if value else "" for value in found] + [half, "unknown" if is_unknown else ""]))
    ratio = found[1] / float(seconds)
    print(f"{ratio:6.2f}  {found[1]:8.1f} {seconds:>8}  {name}")
shutil.rmtree(folder, ignore_errors=True)
if not args.only:
    Path(args.predicted).write_text("\n".join(lines) + "\n")
