#!/usr/bin/env python3
"""Compares xsim's interpreter of scripts with real shells: scripts.py CALLS ROOT FILE|FOLDER...

Runs the script of every RUN in the Dockerfiles under sh (dash) and bash, in a root of their own (ROOT, made anew), with programs
that only record how they are called, and compares call for call with what the example `calls` (CALLS: its binary) says of the
same script. There is no network; each run has user, mount and process namespaces of its own, and a copy of ROOT that is thrown
away.

The environment is what the Dockerfile declares: ENV and ARG with their defaults, the platform's arguments for linux/arm64. A
variable that neither the file nor the script sets is the base image's: it gets a value of its own.

What differs from an image, on both sides: programs succeed and print nothing (but for those in REAL, which are run, and ANSWERS), folders
and files that a script goes to, writes and reads are there, and file names with wildcards stay as they are written.

Standard output: each disagreement (with SHOW=N in the environment, N characters of its script), then the totals as JSON, what
was left out by kind included. Needs root and Linux; says so and exits 2 without.
"""
import collections, json, os, re, shlex, shutil, subprocess, sys, tempfile
from pathlib import Path

# These are recorded, too, but do their work, and fail only where their answer is meant (`expr`).
REAL = "basename cat chmod cut dirname env expr grep head id mkdir printf sed seq sort tail tr uniq wc xargs".split()
SHELLS = ("sh", "bash")
PLATFORM = {"TARGETPLATFORM": "linux/arm64", "TARGETOS": "linux", "TARGETARCH": "arm64", "TARGETVARIANT": "", "BUILDPLATFORM": "linux/amd64",
            "BUILDOS": "linux", "BUILDARCH": "amd64", "BUILDVARIANT": ""}
ENV = {"HOME": "/root", "PATH": "/bin:/usr/bin:/usr/sbin:/sbin"}
# What programs say of the machine, to both sides.
ANSWERS = {"uname -m": "aarch64", "arch": "aarch64", "uname -s": "Linux", "dpkg --print-architecture": "arm64", "apk --print-arch": "aarch64"}
# Variables that shells set by themselves: they are not the image's.
OWN = set("_ IFS OPTIND OPTARG OPTERR PPID PWD OLDPWD RANDOM SECONDS LINENO UID EUID HOSTNAME HOSTTYPE MACHTYPE OSTYPE SHELLOPTS BASHOPTS "
          "PIPESTATUS FUNCNAME REPLY GROUPS DIRSTACK SHLVL SHELL PS1 PS2 PS4 TERM HOME PATH ENV USER LOGNAME".split())

STUB = r"""#!/real/sh
me=${0##*/}
{ printf '%s\0' @call "$me" "$@" @env; export -p; } > /calls/$$
/real/cat /calls/$$ >> /log
case $me in
  mkdir) /real/mkdir -p "$@" 2>/dev/null ;;
  expr|id) exec /real/$me "$@" ;;
  time|nohup) exec "$@" ;;
  su) while [ $# -gt 0 ]; do
        case $1 in -c) shift; exec /real/bash -c "$(/real/cat /real/prelude)
$1" ;; esac; shift
      done ;;
  sudo) case $1 in -*) ;; *) exec "$@" ;; esac ;;
  env) exec /real/env "$@" ;;
@answers@
  *) if [ -x /real/$me ]; then /real/$me "$@" 2>/dev/null; fi ;;
esac
exit 0
""".replace("@answers@", "\n".join(f'  {words.split()[0]}) [ "$me${{*:+ $*}}" != "{words}" ] || echo {said} ;;' for words, said in ANSWERS.items() if words != "uname -s")
            .replace('  uname) ', '  uname) [ "$*" != -s ] || echo Linux; ', 1))
# A shell within a script: the same prelude, and no fault where the file is the image's.
SHELL_STUB = r"""#!/real/sh
me=/real/${0##*/}
{ printf '%s\0' @call "${0##*/}" "$@" @env; export -p; } > /calls/$$
/real/cat /calls/$$ >> /log
case $1 in
  -*c) flags=$1 script=$2; shift 2; exec $me $flags "$(/real/cat /real/prelude)
$script" "$@" ;;
  -*|'') exec $me "$@" ;;
  *) [ -f "$1" ] || exit 0; exec $me "$@" ;;
esac
"""
PRELUDE = r"""set -f; cd() { for _to; do :; done; case ${1-} in ''|-) ;; *) /real/mkdir -p "$_to" 2>/dev/null ;; esac; command cd "$@" 2>/dev/null; return 0; }"""
# Runs in the namespaces: a copy of the root over the real one, then the shell; the record is printed.
LAUNCH = r"""
mount -t tmpfs -o size=64m tmpfs "$1/.over" && mkdir "$1/.over/up" "$1/.over/work" "$1/.over/root" &&
mount -t overlay -o "userxattr,lowerdir=$1,upperdir=$1/.over/up,workdir=$1/.over/work" overlay "$1/.over/root" || exit 99
mount --bind /dev/null "$1/.over/root/dev/null"
ulimit -f 65536; ulimit -v 2000000
{ chroot "$1/.over/root" "/real/$2" -c 'cd /work; exec "/real/$0" '"$4"' -c "$(/real/cat /real/prelude)
$1"' "$2" "$3"; } >/dev/null 2>&1
printf '%s@end' $?
# What it left running in the background is to be seen, too.
left=0; while kill -0 -1 2>/dev/null && [ $left -lt 20 ]; do sleep 0.05; left=$((left + 1)); done
cat "$1/.over/up/log" 2>/dev/null || :
"""
# What is written in a pipe is called in any order: a call may stand so far from its place.
WINDOW = 8
NAME = r"[A-Za-z_]\w*"


def instructions(lines):
    """The instructions of a Dockerfile, continuation lines joined, each with the index of the line after it."""
    at = 0
    while at < len(lines):
        text = lines[at]
        at += 1
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        while re.search(r"(^|[^\\])\\[ \t]*$", text):
            text = re.sub(r"\\[ \t]*$", "", text)
            while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith("#")):
                at += 1
            text += lines[at] if at < len(lines) else ""
            at += 1
        yield text, at


def expanded(value, env):
    value = value.strip()
    if value[:1] == value[-1:] == '"' or value[:1] == value[-1:] == "'":
        value = value[1:-1]
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: env.get(m[1] or m[2], ""), value)


def scripts_of(path, left_out):
    """The scripts of a Dockerfile's RUNs, as the shell gets them, each with its environment and its shell (None: any)."""
    try:
        lines = path.read_text(encoding="utf-8").replace("\r\n", "\n").split("\n")
    except (OSError, UnicodeDecodeError):
        left_out["files that are not UTF-8"] += 1
        return
    if any(re.match(r"#\s*escape\s*=\s*`", line, re.I) for line in lines[:5]):
        left_out["files with another escape character"] += 1
        return
    top, env, shell, declared, skip_to = {}, dict(ENV), None, set(), 0
    in_stage = False
    for text, after in instructions(lines):
        if after <= skip_to:
            continue
        word, _, rest = text.strip().partition(" ")
        word = word.upper()
        heredoc = re.findall(r"(?<![<])<<-?[\"']?(\w+)[\"']?", rest) if word in ("RUN", "COPY", "ADD") else []
        start = after
        for end in heredoc:
            while after < len(lines) and lines[after].strip() != end:
                after += 1
            after += 1
        skip_to = after if heredoc else skip_to
        if word == "FROM":
            env, shell, in_stage = dict(ENV), None, True
        elif word == "SHELL":
            words = re.findall(r'"([^"]*)"', rest)
            program = words[0].rsplit("/", 1)[-1] if words else ""
            known = program in ("sh", "ash", "dash", "bash") and words[-1].startswith("-")
            shell = ("bash" if program == "bash" else "sh", [w for w in words[1:] if w != "-c"]) if known else ("?", [])
            if known and any(re.fullmatch("-[a-z]*l?c", w) is None and w.endswith("c") for w in words[1:]):
                shell = ("?", [])
            shell = (shell[0], [re.sub(r"^-([a-z]*)c$", r"-\1", w).replace("l", "") if w.startswith("-") else w for w in shell[1]])
        elif word == "ARG":
            for name, value in re.findall(rf"({NAME})(?:=(\"[^\"]*\"|'[^']*'|\S*))?", rest):
                declared.add(name)
                value = PLATFORM.get(name, None) or (expanded(value, env) if value else top.get(name) if in_stage else None)
                if value is not None:
                    (env if in_stage else top)[name] = value
        elif word == "ENV":
            pairs = re.findall(rf"({NAME})=(\"[^\"]*\"|'[^']*'|\S*)", rest) if re.match(rf"\s*{NAME}=", rest) else [rest.strip().partition(" ")[::2]]
            for name, value in pairs:
                declared.add(name)
                if name != "PATH":
                    env[name] = expanded(value, env)
        elif word == "RUN":
            body = re.sub(r"\A(?:--[\w-]+(?:=(?:\"[^\"]*\"|\S)*)?\s+)*", "", rest.lstrip())
            whole = re.match(r"<<-?\s*([\"']?)(\w+)\1\s*$", body)
            if whole:
                body = "\n".join(lines[start:after - 1]) + "\n"
                if body.startswith("#!"):
                    left_out["scripts with an interpreter of their own"] += 1
                    continue
            elif heredoc:
                left_out["scripts with input of their own (heredoc)"] += 1
                continue
            elif body.lstrip().startswith("["):
                left_out["exec form"] += 1
                continue
            if shell and shell[0] == "?":
                left_out["SHELL that is neither sh nor bash"] += 1
                continue
            if body.strip():
                yield body, env_of(body, env, declared), shell


def env_of(script, env, declared):
    env = dict(env)
    used = re.findall(rf"\$\{{?({NAME})", script)
    made = set(re.findall(rf"(?:^|[\s;&|(\"'`])({NAME})\+?=", script)) | set(re.findall(rf"\b(?:for|read|getopts \S+)\s+(?:-\w+\s+)*({NAME})", script))
    for name in used:
        if name not in env and name not in declared and name not in made and name not in OWN and name not in PLATFORM:
            env[name] = f"of_{name.lower()}"
    return env


def make_root(root):
    shutil.rmtree(root, ignore_errors=True)
    for folder in ("bin", "real", "calls", "dev", "tmp", "root", "work", "etc", "usr/local/bin", "usr/sbin", "opt", "var/lib", "app", ".over",
                   "src", "out", "etc/apt/sources.list.d", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "usr/share/keyrings", "etc/profile.d"):
        (root / folder).mkdir(parents=True)
    for program, name in [("dash", "sh"), ("bash", "bash")] + [(p, p) for p in REAL]:
        source = shutil.which(program)
        shutil.copy(os.path.realpath(source), root / "real" / name)
        listed = subprocess.run(["ldd", source], capture_output=True, text=True).stdout
        for library in re.findall(r"(/\S+)", listed):
            target = root / library.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                shutil.copy(os.path.realpath(library), target)
    (root / "real/prelude").write_text(PRELUDE)
    for shell in SHELLS:
        stub(root / "bin" / shell, SHELL_STUB)
    for device in ("null", "stdout", "stderr"):
        (root / "dev" / device).touch()
    # The root of a user namespace is nobody outside of it.
    subprocess.run(["chmod", "-R", "a+rwX", str(root)], check=True)


def stub(path, text=STUB):
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            path.chmod(0o777)
    except OSError:
        pass


def stubs_for(root, script, calls):
    """Programs for all that may be called: by name, and by the path that a script says."""
    for word in {c["words"][0] for c in calls} | set(re.findall(r"[A-Za-z0-9_][\w.+-]*", script)) | set(REAL):
        if re.fullmatch(r"[A-Za-z0-9_][\w.+-]*", word):
            stub(root / "bin" / word)
    for call in calls:
        path = os.path.normpath(os.path.join(call["dir"] or "/work", call["words"][0])) if "/" in call["words"][0] else ""
        if re.fullmatch(r"(/[^/\0]+)+", path) and not path.startswith(("/real", "/bin/", "/dev", "/calls", "/log", "/.over")):
            # In a folder of the programs it is the program of that name.
            stub(root / path.lstrip("/"), SHELL_STUB if path.rsplit("/", 1)[-1] in SHELLS else STUB)


def files_for(root, script, env):
    """The folders of files that a script writes, and files that it reads: an image has them."""
    path = r"\s*([\"']?)(/?(?:[\w.+/-]|\$\{?\w+\}?)+)"
    for sign, _, name in re.findall(r"(?<![<&0-9])(>>?|<|(?<![\w./-])(?:\.|source)(?=\s))" + path, script):
        target = os.path.normpath(os.path.join("/work", expanded(name, env)))
        if target.startswith(("/real", "/bin", "/dev", "/calls", "/log", "/.over")) or target == "/":
            continue
        try:
            (root / target.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
            if not sign.startswith(">"):
                (root / target.lstrip("/")).touch()
        except OSError:
            pass


def parses(shell, script):
    return subprocess.run([{"sh": "dash"}.get(shell, shell), "-n", "-c", script], stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def run(root, shell, flags, script, env):
    """The calls that a shell makes, and how it ends; None where it does not end."""
    command = ["unshare", "-U", "-r", "-m", "-p", "-f", "--kill-child", "/bin/sh", "-c", LAUNCH, "launch", str(root), shell, script, " ".join(flags)]
    command[0] = shutil.which("unshare")
    try:
        done = subprocess.run(command, env=env, timeout=10, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode == 99:
        raise SystemExit("scripts.py: no namespaces here: " + done.stderr.decode(errors="replace"))
    calls = []
    status, _, log = done.stdout.decode(errors="replace").partition("@end")
    for part in log.split("@call\0")[1:]:
        argv, _, seen = part.partition("@env\0")
        calls.append((argv.split("\0")[:-1], exported(seen)))
    return calls, status


def exported(listed):
    """What dash's `export -p` tells of."""
    words = shlex.split(listed) if "'" in listed else []
    return dict(word.split("=", 1) for before, word in zip(words, words[1:]) if before == "export" and "=" in word)


def fits(known, real):
    """Whether a text with gaps may be a real one."""
    return re.fullmatch(".*".join(map(re.escape, known.split("\0"))), real, re.S) is not None


def same(call, argv, env):
    words = list(call["words"])
    words[0] = words[0].rsplit("/", 1)[-1]
    if any("\0" in w for w in words):
        # A gap may be several words, or none.
        if not fits(" ".join(words), " ".join(argv)) and not any(fits(" ".join(words).replace(*at), " ".join(argv)) for at in ((" \0", "\0"), ("\0 ", "\0"))):
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
    """None where the real calls are a way through those that were found; otherwise the kind of fault, and what it is."""
    left = list(calls)
    for argv, env in real:
        why, fitting = None, []
        for at, call in enumerate(left):
            fault = same(call, argv, env)
            if fault is None:
                fitting.append(at)
                if not any("\0" in w for w in call["words"]):
                    break
            elif call["words"][0].rsplit("/", 1)[-1] == argv[0]:
                differs = {k: (v, env.get(k)) for k, v in call["env"].items() if v != env.get(k) and v != "\0"}
                # The nearest is told of: the same arguments, then the same first one.
                if why is None or fault != "arguments" and why[0] == "arguments":
                    why = (fault.split()[0], f"{fault}: {call['words']} against {argv} {differs}"[:600])
        if not fitting:
            return why or ("missed", f"a call that was not found: {argv}")
        # What is known in full, before what any call would fit.
        at = max(fitting, key=lambda at: (not any("\0" in w for w in left[at]["words"]), sum(len(w) - w.count("\0") for w in left[at]["words"]), -at))
        if sum(c["certain"] and not c["repeated"] for c in left[:at]) > WINDOW:
            return "order", f"out of order: {argv}"
        if not left[at]["repeated"]:
            del left[at]
    rest = [c["words"] for c in left if c["certain"] and not c["repeated"]]
    return ("not made", f"a call that is not made: {rest[0]}") if rest else None


def main():
    calls_binary, root = sys.argv[1], Path(sys.argv[2]).resolve()
    files = [file for given in map(Path, sys.argv[3:]) for file in (sorted(given.iterdir()) if given.is_dir() else [given])]
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("dash"):
        print("scripts.py needs root, unshare and dash", file=sys.stderr)
        return 2
    if os.environ.get("NETWORK") != "none":
        os.execve(shutil.which("unshare"), ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, "NETWORK": "none"})
    left_out, totals, seen = collections.Counter(), collections.Counter(files=len(files)), {}
    for file in files:
        for script, env, shell in scripts_of(file, left_out):
            seen.setdefault((script, tuple(sorted(env.items())), repr(shell)), (file, script, env, shell))
    totals["scripts"] = len(seen)
    make_root(root)
    names = lambda script, env: sorted((set(env) | set(re.findall(rf"\b({NAME})=", script))) - OWN)
    lines = "".join(json.dumps({"script": s, "env": env, "dir": "/work", "answers": ANSWERS, "names": names(s, env)}) + "\n" for _, s, env, _ in seen.values())
    found = [json.loads(l) for l in subprocess.run([calls_binary], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()]
    show = int(os.environ.get("SHOW", "0"))
    for number, ((file, script, env, wanted), outcome) in enumerate(zip(seen.values(), found)):
        if number % 200 == 0:
            print(f"{number} of {len(seen)} scripts", file=sys.stderr, flush=True)
        if not outcome["complete"]:
            totals["beyond the interpreter"] += 1
            continue
        calls = outcome["calls"]
        stubs_for(root, script, calls)
        files_for(root, script, env)
        # Which program it is is not known: it is any call, or none.
        calls = [c for c in calls if c["words"]]
        for call in calls:
            # What a stub would run, it does not.
            call["repeated"] |= call["inner"] or "\0" in call["words"][0]
        for shell in SHELLS:
            if wanted and wanted[0] != shell:
                continue
            if not parses(shell, script):
                totals[f"{shell}: not its language"] += 1
                continue
            if shell == "sh" and re.search(r"\[\[|pipefail|<\(|\$'|function |<<<|&>|source |pushd|popd|\$\{\w+(//|:[0-9]|\^|,)|echo -e|read -[a-qs-z]", script):
                totals["sh: words of bash"] += 1
                continue
            ran = run(root, shell, wanted[1] if wanted else [], script, env)
            if ran is None:
                totals[f"{shell}: did not end"] += 1
                continue
            real, status = ran
            # `xargs` alone runs it; of scripts it is no program.
            real = [call for call in real if call[0][0] != "echo"]
            totals[f"{shell}: calls"] += len(real)
            totals[f"{shell}: scripts"] += 1
            fault = compare(calls, real)
            # What is certain runs where the build goes on.
            if fault and fault[0] == "not made" and status != "0":
                totals[f"{shell}: fails here, agrees until then"] += 1
                continue
            totals[f"{shell}: agree"] += fault is None
            if fault:
                totals[f"{shell}: {fault[0]}"] += 1
                print(f"{shell} {file.name}: {fault[1]}" + (f"\n    {script[:show]!r}" if show else ""), flush=True)
    print(json.dumps({**totals, "left out": left_out}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
