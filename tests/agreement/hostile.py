#!/usr/bin/env python3
"""Measures what input made to hurt takes: hostile.py XSIM [--only TEXT] [--all] [--fold] [DOCKERFILE...]

Makes an input of every kind that is known to hurt, runs every command in every format on it, and holds each run to 2 s of processor
time, 256 MB of memory and an exit code that says what happened. Further Dockerfiles are measured likewise. Prints a table of kinds
with their worst runs; exits 1 where a run took more. `--all` prints every run. Linux only.
"""
import json, os, resource, subprocess, sys, tempfile
from pathlib import Path

SECONDS, MEGABYTES = 2.0, 256
TWO = "linux/amd64,linux/arm64"

def measured(xsim, args, folder):
    """Processor seconds, megabytes, and how it ended."""
    with open(f"{folder}/out", "wb") as out, open(f"{folder}/err", "wb") as err:
        def limits():
            resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        child = subprocess.Popen([xsim, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, preexec_fn=limits)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = 0
    code = os.waitstatus_to_exitcode(status)
    said = Path(folder, "err").read_bytes()[:20_000] + Path(folder, "out").read_bytes()[:20_000]
    how = "limit" if b"limit" in said and code == 3 else str(code)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, code, how

def main():
    xsim, *rest = sys.argv[1:]
    xsim = str(Path(xsim).resolve())
    only = rest.pop(rest.index("--only") + 1) if "--only" in rest else ""
    files = [f"file: {Path(file).resolve()}" for file in rest if not file.startswith("--")]
    maker = subprocess.Popen([sys.executable, __file__, "--maker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    chosen = [kind for kind in files + json.loads(maker.stdout.readline()) if only in kind]
    failed = total = 0
    print("| input | runs | most seconds | at | most MB | at | ends |\n| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    for kind in chosen:
        with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
            maker.stdin.write(json.dumps([folder, kind]) + "\n")
            maker.stdin.flush()
            found = []
            for args in json.loads(maker.stdout.readline()):
                seconds, megabytes, code, how = measured(xsim, args, folder)
                total += 1
                short = " ".join(a if len(a) < 60 else "30" for a in args).replace(f" --platform {TWO}", "")
                found.append((seconds, megabytes, how, short))
                bad = seconds > SECONDS or megabytes > MEGABYTES or code not in range(5)
                if args[0] == "check" and "other" in args and code != 2 and b"other/Dockerfile" not in Path(folder, "out").read_bytes():
                    bad, how = True, how + " without the other file"
                failed += bad
                if bad or "--all" in rest:
                    print(f"{'!!' if bad else '  '} {kind}: {short}: {seconds:.2f} s {megabytes:.0f} MB {how}", file=sys.stderr, flush=True)
        by_time, by_memory = max(found), max(found, key=lambda f: f[1])
        ends = sorted({f[2] for f in found})
        print(f"| {kind} | {len(found)} | {by_time[0]:.2f} | {by_time[3]} | {by_memory[1]:.0f} | {by_memory[3]} | {', '.join(ends)} |", flush=True)
    print(f"\n{total} runs, {failed} beyond {SECONDS} s, {MEGABYTES} MB or with no report")
    return 1 if failed else 0

if __name__ == "__main__":
    if sys.argv[1:] == ["--maker"]:
        import hostile_inputs
        hostile_inputs.serve()
    else:
        sys.exit(main())
