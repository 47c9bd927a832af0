#!/usr/bin/env python3
"""What xsim says of projects by the command line, from their checkouts: predict.py XSIM PROJECTS.tsv PREDICTED.tsv --work DIR
[--mirror DIR] [--rows ROWS.tsv]

PROJECTS.tsv is that of measure.py. Each project is brought as measure.py brings it and put before xsim as the build context of a
Dockerfile that copies it and runs its steps, one `RUN` each; nothing in it is run. PREDICTED.tsv gets a line a step: project, half,
class, core-seconds, what they rest on. With --rows the commits are those of the rows, and what was measured is compared.
"""
import argparse, importlib.util, json, math, os, shutil, subprocess, sys
from pathlib import Path

spec = importlib.util.spec_from_file_location("measure", Path(__file__).with_name("measure.py"))
measure = importlib.util.module_from_spec(spec)
spec.loader.exec_module(measure)

def predict(xsim, folder, steps):
    """(core-seconds, basis, size) of each step."""
    lines = ["FROM debian:13", "WORKDIR /src", "COPY . ."] + [f"RUN {command}" for _, command in steps]
    file = folder.parent / "Dockerfile"
    file.write_text("\n".join(lines) + "\n")
    asked = [xsim, "analyze", str(file), "--context", str(folder), "--platform", "linux/amd64", "--build-platform", "linux/amd64", "--format", "json"]
    report = json.loads(subprocess.run(asked, capture_output=True, text=True).stdout)
    by_line = {next(iter(vertex["lines"]), 0): vertex["time"] for vertex in report["vertices"] if vertex.get("time")}
    times = [by_line[at] for at in range(4, 4 + len(steps))]
    return [(time["core_s"], time.get("basis", ""), time.get("size", "")) for time in times]

def main():
    parser = argparse.ArgumentParser()
    for name in ("xsim", "projects", "predicted"):
        parser.add_argument(name)
    parser.add_argument("--work", required=True, type=Path)
    parser.add_argument("--mirror"), parser.add_argument("--rows", type=Path)
    args = parser.parse_args()
    measured, sources = {}, {}
    for line in args.rows.read_text().splitlines() if args.rows else []:
        name, source, _, kind, command, core, *_ = line.split("\t")
        measured[name, kind, command] = float(core)
        sources[name] = source
    off = {"fit": [], "judge": []}
    with open(args.predicted, "w") as out:
        for line in Path(args.projects).read_text().splitlines():
            _, name, source, steps = line.split("\t")
            if args.rows and name not in sources:
                continue
            folder = args.work / "src"
            shutil.rmtree(args.work, ignore_errors=True)
            args.work.mkdir(parents=True)
            try:
                measure.get(sources.get(name, source), folder, args, dict(os.environ))
            except (subprocess.CalledProcessError, OSError, StopIteration) as error:
                print(f"{name}: not to be had: {error}", file=sys.stderr)
                continue
            steps = [step.partition(": ")[::2] for step in steps.split(" ;; ")]
            for (kind, command), (core, basis, size) in zip(steps, predict(args.xsim, folder, steps)):
                if kind == "skip":
                    continue
                half = measure.half(name)
                truth = measured.get((name, kind, command))
                if truth and basis != "default":
                    off[half].append(max(core / truth, truth / core))
                out.write("\t".join([name, half, kind, f"{core:.2f}", basis, size]) + "\n")
    for half, factors in off.items():
        if factors:
            within = sum(factor <= 2 for factor in factors) / len(factors)
            print(f"{half}: {len(factors)} steps, within a factor of 2: {within:.0%}, median {sorted(factors)[len(factors) // 2]:.2f}")

if __name__ == "__main__":
    main()
