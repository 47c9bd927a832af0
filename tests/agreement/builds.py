#!/usr/bin/env python3
"""Builds Dockerfiles before and after each fix and recipe, with a real BuildKit: builds.py XSIM [CASE...]

For each case of tests/data/real-builds, the file as it is, as `xsim fix` leaves it, and as `--only RULE` and `--recipe RULE` do
for each rule that it finds there, is built for linux/amd64 and linux/arm64. An image is right where every program file in it is
for its architecture, and the programs print what the case says; those of the other architecture run under QEMU.

Needs root, buildctl and a buildkitd on an amd64 machine ($BUILDKIT_HOST) whose base images `bases.sh` beside this file made, and
QEMU registered for arm64 (binfmt_misc). Says so and exits 2 where that is not there: nothing was tested then.

Standard output: the table of docs/fixes-built.md. Exits 1 if a change makes an image worse, or the rule of the case does not
leave every image right.
"""
import json, os, re, shlex, shutil, subprocess, sys, tempfile, time, tomllib
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "data/real-builds"
PLATFORMS = {"linux/amd64": 62, "linux/arm64": 183}
MACHINES = {3: "i386", 40: "arm", 62: "amd64", 183: "arm64"}
SECONDS = 3600


def missing():
    if os.geteuid() != 0:
        return "root"
    if not shutil.which("buildctl"):
        return "buildctl in PATH"
    if subprocess.run(["buildctl", "debug", "workers"], capture_output=True).returncode:
        return "a buildkitd at $BUILDKIT_HOST"
    if not Path("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists():
        return "QEMU for arm64, registered in binfmt_misc"
    return None


def xsim(binary, *words):
    return subprocess.run([binary, *words, "--platform", ",".join(PLATFORMS)], capture_output=True, text=True)


def changes(binary, folder):
    """What fixes and recipes make of a Dockerfile: by text, what makes it."""
    original = (folder / "Dockerfile").read_text()
    found = json.loads(xsim(binary, "analyze", "--format", "json", "--context", str(folder), str(folder / "Dockerfile")).stdout or "{}")
    rules = sorted({finding["rule"] for finding in found.get("findings", [])})
    texts = {}
    with tempfile.TemporaryDirectory() as copy:
        for words in [[], *([flag, rule] for flag in ("--only", "--recipe") for rule in rules)]:
            shutil.copytree(folder, copy, dirs_exist_ok=True)
            xsim(binary, "fix", "--write", "--context", copy, *words, str(Path(copy) / "Dockerfile"))
            text = (Path(copy) / "Dockerfile").read_text()
            if text != original:
                texts.setdefault(text, []).append(" ".join(["fix", *words]))
    return texts


def build(folder, text):
    """Builds for all platforms. What went wrong, else None and the images; and how long it took."""
    out = Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR"), prefix="built-"))
    (out / "file").mkdir()
    (out / "file/Dockerfile").write_text(text)
    started = time.monotonic()
    try:
        done = subprocess.run(
            ["buildctl", "build", "--progress=plain", "--frontend", "dockerfile.v0", "--local", f"context={folder}", "--local",
             f"dockerfile={out}/file", "--opt", "platform=" + ",".join(PLATFORMS), "--output", f"type=tar,dest={out}/image.tar"],
            capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"takes longer than {SECONDS} s", out, SECONDS
    seconds = time.monotonic() - started
    if os.environ.get("LOGS"):
        Path(os.environ["LOGS"]).mkdir(exist_ok=True)
        (Path(os.environ["LOGS"]) / f"{folder.name}-{abs(hash(text)) % 10**6}.txt").write_text(text + "\n" + done.stderr)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
        return "does not build: " + (lines[-1][7:] if lines else done.stderr[-200:]), out, seconds
    (out / "image").mkdir()
    subprocess.run(["tar", "-xf", out / "image.tar", "-C", out / "image"], check=True)
    (out / "image.tar").unlink()
    return None, out, seconds


def fault(image, machine, prints):
    """What is wrong with an image, if something is."""
    for path in list(image.rglob("*")):
        if path.is_symlink():
            # The exporter puts the folder of the platform before an absolute target.
            target = os.readlink(path)
            if target.startswith(f"/{image.name}/"):
                path.unlink()
                path.symlink_to(target[len(image.name) + 1:])
            continue
        if not path.is_file():
            continue
        with path.open("rb") as file:
            head = file.read(20)
        if head[:4] == b"\x7fELF" and int.from_bytes(head[18:20], "little") != machine:
            return f"/{path.relative_to(image)} is for {MACHINES.get(int.from_bytes(head[18:20], 'little'), 'another machine')}"
    for command, said in prints.items():
        # Java looks in /proc for where it lies itself, and .NET where $TMPDIR says.
        enter = 'mkdir -p "$0/proc" && mount -t proc proc "$0/proc" && exec chroot "$0" "$@"'
        ran = subprocess.run(["unshare", "-n", "-m", "sh", "-c", enter, str(image), *shlex.split(command)],
                             stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, env={"PATH": os.environ["PATH"]})
        if ran.returncode or ran.stdout.strip() != said:
            return f"{command.split()[0]} prints {ran.stdout.strip()!r}: {ran.stderr.strip()[-100:]}"
    return None


def outcome(folder, text, prints):
    """By platform, what is wrong with the image (None: nothing); and how long the build took."""
    why, out, seconds = build(folder, text)
    try:
        if why:
            return dict.fromkeys(PLATFORMS, why), seconds
        return {name: fault(out / "image" / name.replace("/", "_"), machine, prints) for name, machine in PLATFORMS.items()}, seconds
    finally:
        shutil.rmtree(out, ignore_errors=True)


def told(faults):
    short = lambda why: "right" if why is None else "does not build" if why.startswith("does not build") else why
    said = [f"{name.split('/')[1]}: {short(why)}" for name, why in faults.items()]
    return "right" if not any(faults.values()) else short(next(iter(faults.values()))) if len(set(faults.values())) == 1 else "; ".join(said)


def main():
    lacks = missing()
    if lacks:
        print(f"builds.py: SKIPPED, nothing was built: this needs {lacks}", file=sys.stderr)
        return 2
    binary, wanted = os.path.abspath(sys.argv[1]), sys.argv[2:]
    cases = tomllib.loads((DATA / "cases.toml").read_text())
    bad = 0
    print("| Dockerfile | change | before | after |\n| --- | --- | --- | --- |")
    for name, case in cases.items():
        if wanted and name not in wanted:
            continue
        folder = DATA / name
        before, seconds = outcome(folder, (folder / "Dockerfile").read_text(), case["prints"])
        print(f"{name}: as it is {before} {seconds:.0f} s", file=sys.stderr, flush=True)
        mended, texts = not any(before.values()) and case.get("stays", False), changes(binary, folder)
        for text, by in texts.items():
            after, seconds = outcome(folder, text, case["prints"])
            print(f"{name}: {by} {after} {seconds:.0f} s", file=sys.stderr, flush=True)
            print(f"| {name} | {', '.join(f'`{words}`' for words in by)} | {told(before)} | {told(after)} |", flush=True)
            bad += any(after[p] and not before[p] for p in PLATFORMS)
            mended |= not any(after.values()) and any(words == "fix" or words.endswith(case["rule"]) for words in by)
        if case.get("stays") and texts:
            print(f"{name}: was to stay as it is", file=sys.stderr)
        if not mended:
            bad += 1
            print(f"| {name} | none for {case['rule']} | {told(before)} | |", flush=True)
    print(f"{bad} faults", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
