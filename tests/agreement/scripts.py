#!/usr/bin/env python3
"""Compares xsim's interpreter of scripts with real shells: scripts.py CALLS ROOT FILE...

Runs the script of every RUN in the Dockerfiles under sh and bash, in ROOT, with programs that only record how they are called,
and compares call for call with what the example `calls` (CALLS: its binary) says of the same script. ROOT is made anew; it holds
nothing but the shells, their libraries and the stubs. Needs root (chroot) and a network namespace of its own; says so and exits 2
without. Standard output: a line per kind of disagreement, then the totals as JSON.
"""
import collections, json, os, re, shutil, subprocess, sys
from pathlib import Path

REAL = "cat cut basename dirname env expr head id printf sed seq sort tail test tr uname uniq wc xargs".split()
NAMES = ["GOOS", "GOARCH", "GOARM", "CGO_ENABLED", "TARGET", "ARCH", "CC", "CFLAGS", "PATH_X", "VERSION", "TARGETARCH"]
ENV = {"TARGETPLATFORM": "linux/arm64", "TARGETOS": "linux", "TARGETARCH": "arm64", "TARGETVARIANT": "", "BUILDPLATFORM": "linux/amd64",
       "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": "", "VERSION": "1.2.3", "HOME": "/root"}
STUB = """#!/bin/sh
{ printf '%s\\0' @call "${0##*/}" "$@" @env; /real/env -0; } > /calls/$$
/real/cat /calls/$$ >> /log
case ${0##*/} in mkdir) exec /real/mkdir "$@";; esac
"""

# The folders of an image are not there; a script that goes to one goes on.
PRELUDE = "cd() { :; }; pushd() { :; }; popd() { :; }; "
# What is written in a pipe is called in any order: a call may stand so far from its place.
WINDOW = 8

def scripts_of(path):
    """The scripts of the RUNs in a Dockerfile, as the shell gets them."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError):
        return
    i = 0
    while i < len(lines):
        line = lines[i]
        if not re.match(r"\s*RUN\s", line, re.I):
            i += 1
            continue
        text = re.sub(r"^\s*RUN\s+", "", line, flags=re.I)
        while text.rstrip().endswith("\\"):
            text, i = text.rstrip()[:-1], i + 1
            while i < len(lines) and (not lines[i].strip() or lines[i].lstrip().startswith("#")):
                i += 1
            text += lines[i] if i < len(lines) else ""
        i += 1
        text = re.sub(r"\A(?:--[\w-]+(?:=(?:\"[^\"]*\"|\S)*)?\s+)*", "", text)
        doc = re.match(r"<<-?\s*([\"']?)(\w+)\1\s*$", text)
        if doc:
            start = i
            while i < len(lines) and lines[i].strip() != doc[2]:
                i += 1
            text = "\n".join(lines[start:i]) + "\n"
        elif "<<" in text or text.startswith("["):
            continue
        if text.strip() and not text.startswith("#!"):
            yield text

def make_root(root):
    shutil.rmtree(root, ignore_errors=True)
    for folder in ("bin", "real", "calls", "dev", "tmp", "root", "work", "etc", "usr/local/bin", "usr/sbin", "opt", "var/lib", "app",
                   "src", "out", "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "usr/share/keyrings"):
        (root / folder).mkdir(parents=True)
    def bring(program, to):
        source = shutil.which(program)
        if not source:
            return
        shutil.copy(os.path.realpath(source), to)
        listed = subprocess.run(["ldd", source], capture_output=True, text=True).stdout
        for library in re.findall(r"(/\S+)", listed):
            target = root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy(os.path.realpath(library), target)
    for shell, to in (("dash", "real/sh"), ("bash", "real/bash"), ("env", "real/env"), ("cat", "real/cat"), ("mkdir", "real/mkdir")):
        bring(shell, root / to)
    (root / "bin/sh").symlink_to("../real/sh"), (root / "bin/bash").symlink_to("../real/bash")
    for program in REAL:
        bring(program, root / "bin" / program)
    for device in ("null", "stdout", "stderr", "fd"):
        (root / "dev" / device).touch()

def stub(path):
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(STUB)
            path.chmod(0o755)
    except OSError:
        pass

def stubs_for(root, words):
    """Programs for all that may be called: by name, and by the path that a script says."""
    for word in words:
        if re.fullmatch(r"[A-Za-z0-9_][\w.+-]*", word):
            stub(root / "bin" / word)
        elif re.fullmatch(r"(/[\w.+-]+)+", word) and not word.startswith(("/real", "/bin", "/dev", "/calls", "/log")):
            stub(root / word.lstrip("/"))

def run(root, shell, script, near):
    log = root / "log"
    log.write_bytes(b"")
    shutil.rmtree(root / "work"), (root / "work").mkdir()
    shutil.rmtree(root / "tmp"), (root / "tmp").mkdir()
    for word in near:
        stub(root / "work" / word)
    try:
        subprocess.run([shutil.which("unshare"), "-n", shutil.which("chroot"), str(root), "/real/" + shell, "-c", "cd /work && exec /real/" + shell + ' -c "$0"', PRELUDE + script],
                       env={**ENV, "PATH": "/bin"}, timeout=5, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return None
    calls = []
    for part in log.read_bytes().decode(errors="replace").split("@call\0")[1:]:
        argv, _, env = part.partition("@env\0")
        calls.append((argv.split("\0")[:-1], dict(e.split("=", 1) for e in env.split("\0") if "=" in e)))
    return calls

def fits(known, real):
    """Whether a text with gaps may be a real one."""
    return re.fullmatch(".*".join(map(re.escape, known.split("\0"))), real, re.S) is not None

def same(call, argv, env):
    words = [w for w in call["words"]]
    words[0] = words[0].rsplit("/", 1)[-1]
    if any("\0" in w for w in words):
        # A gap may be several words, or none.
        if not fits(" ".join(words), " ".join(argv)) and not fits("\0".join(w for w in words), " ".join(argv)):
            return "arguments"
    elif words != argv:
        return "arguments"
    for name, value in call["env"].items():
        real = env.get(name)
        if value == "\0":
            continue
        if (value is None) != (real is None) or value is not None and not fits(value, real):
            return f"environment {name}"
    return None

def compare(calls, real):
    """None where the real calls are a way through those that were found; otherwise why not."""
    left = list(calls)
    for argv, env in real:
        why = None
        for at, call in enumerate(left):
            fault = same(call, argv, env)
            if fault is None:
                break
            if call["words"][:2] == argv[:2]:
                why = why or f"{fault}: {call['words']} against {argv} { {k: (v, env.get(k)) for k, v in call['env'].items() if v != env.get(k)} }"
        else:
            return why or f"a call that was not found: {argv}"
        if sum(c["certain"] and not c["repeated"] for c in left[:at]) > WINDOW:
            return f"out of order: {argv}"
        if not left[at]["repeated"]:
            del left[at]
    rest = [c["words"] for c in left if c["certain"] and not c["repeated"]]
    return f"a call that is not made: {rest[0]}" if rest else None

def main():
    calls_binary, root, files = sys.argv[1], Path(sys.argv[2]), [Path(f) for f in sys.argv[3:]]
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("dash"):
        print("scripts.py needs root, unshare and dash", file=sys.stderr)
        return 2
    seen = {}
    for file in files:
        for script in scripts_of(file):
            seen.setdefault(script, file)
    make_root(root)
    lines = "".join(json.dumps({"script": s, "env": {**ENV, "PATH": "/bin"}, "dir": "/work", "names": NAMES}) + "\n" for s in seen)
    found = [json.loads(l) for l in subprocess.run([calls_binary], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()]
    totals, why = collections.Counter(files=len(files), scripts=len(seen)), collections.Counter()
    for script, outcome in zip(seen, found):
        if not outcome["complete"]:
            totals["beyond"] += 1
            continue
        names = {c["words"][0] for c in outcome["calls"]}
        stubs_for(root, names | set(re.findall(r"[A-Za-z0-9_][\w.+-]*", script)))
        near = [name for name in names if "/" in name and not name.startswith("/") and ".." not in name and "\0" not in name]
        base = lambda c: c["words"][0].rsplit("/", 1)[-1]
        stubbed = [c for c in outcome["calls"] if "\0" not in base(c) and base(c) not in REAL + ["sh", "bash"]]
        # What a stub would run, it does not.
        for call in stubbed:
            call["repeated"] |= call["inner"]
        for shell in ("sh", "bash"):
            if shell == "sh" and re.search(r"\[\[|pipefail|<\(|\$'|function |<<<|&>|source ", script):
                continue
            real = run(root, shell, script, near)
            if real is None:
                totals[f"{shell} did not end"] += 1
                continue
            totals[f"{shell} calls"] += len(real)
            fault = compare(stubbed, real)
            totals[f"{shell} scripts"] += 1
            totals[f"{shell} agree"] += fault is None
            if fault:
                why[f"{shell} {seen[script]}: {fault}\n    {script[:int(os.environ.get('SHOW', '0'))]}"] += 1
    for text in why:
        print(text)
    print(json.dumps(totals))
    return 0

if __name__ == "__main__":
    sys.exit(main())
