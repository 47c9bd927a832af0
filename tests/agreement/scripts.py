#!/usr/bin/env python3
"""Compares xsim's interpreter of scripts with real shells: scripts.py CALLS ROOT FILE|FOLDER...

Runs the script of every RUN in the Dockerfiles under sh (dash) and bash, in a root of their own (ROOT, made anew), with programs
that only record how they are called, and compares call for call with what the example `calls` (CALLS: its binary) says of the
same script. There is no network; runs have user, mount and process namespaces of their own, and a copy of ROOT that is thrown away.

The environment is what the Dockerfile declares: ENV and ARG with their defaults, the platform's arguments for linux/arm64. A
variable that neither the file nor the script sets is the base image's: it gets a value of its own.

What differs from an image, on both sides: programs succeed and print nothing (but for those in REAL, which are run, and ANSWERS), folders
and files that a script goes to, writes and reads are there, and file names with wildcards stay as they are written.

Standard output: each disagreement (with SHOW=N in the environment, N characters of its script), then the totals as JSON, what
was left out by kind included; with MINUTES=N no run begins later. Needs root and Linux; says so and exits 2 without.
"""
import collections, concurrent.futures, json, os, re, shlex, shutil, subprocess, sys, tempfile, time
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

# Records a call in one write, then does what there is for its name in /real/act; without, it succeeds.
STUB = r"""
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
extern char **environ;
static char buffer[1 << 20], act[300] = "/real/act/";
static unsigned used;
static void add(const char *text) {
    unsigned length = strlen(text) + 1;
    if (used + length <= sizeof buffer) memcpy(buffer + used, text, length), used += length;
}
int main(int count, char **words) {
    char *name = strrchr(words[0], '/');
    name = name ? name + 1 : words[0];
    add("@call"), add(name);
    for (int at = 1; at < count; at++) add(words[at]);
    add("@env");
    for (char **at = environ; *at; at++) add(*at);
    int log = open("/log", O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (write(log, buffer, used) < 0 || strlen(name) > 250) return 1;
    strcat(act, name);
    if (access(act, X_OK)) return 0;
    words[0] = act;
    execv(act, words);
    return 1;
}
"""
ACTS = {
    "mkdir": '/real/mkdir -p "$@" 2>/dev/null; exit 0',
    "expr": 'exec /real/expr "$@"',
    "id": 'exec /real/id "$@"',
    "env": 'exec /real/env "$@"',
    "time": 'exec "$@"',
    "nohup": 'exec "$@"',
    "sudo": 'case $1 in -*) exit 0 ;; esac; exec "$@"',
    "su": """while [ $# -gt 0 ]; do
  case $1 in -c) exec /real/bash -c "$(/real/cat /real/prelude)
$2" ;; esac; shift
done""",
    **{name: f'/real/{name} "$@" 2>/dev/null; exit 0' for name in REAL if name not in ("mkdir", "expr", "id", "env")},
    # A shell within a script: the same prelude, and no fault where the file is the image's.
    **{name: f"""case $1 in
  -*c) flags=$1 script=$2; shift 2; exec /real/{name} $flags "$(/real/cat /real/prelude)
$script" "$@" ;;
  -*|'') exec /real/{name} "$@" ;;
esac
read -r first 2>/dev/null < "$1" || exit 0
case $first in *ELF*) exit 0 ;; esac
exec /real/{name} "$@" """ for name in SHELLS},
}
for words, said in ANSWERS.items():
    program, _, arguments = words.partition(" ")
    ACTS[program] = ACTS.get(program, "") + f'[ "$*" != "{arguments}" ] || echo {said}\n'
PRELUDE = r"""set -f; cd() { for _to; do :; done; case ${1-} in ''|-) ;; *) /real/mkdir -p "$_to" 2>/dev/null ;; esac; command cd "$@" 2>/dev/null; return 0; }"""
# Runs in the namespaces: a copy of the root over the real one, then scripts in it, one after the other; the record is printed.
LAUNCH = r"""
mount -t tmpfs -o size=256m tmpfs "$1/.over" && mkdir "$1/.over/up" "$1/.over/work" "$1/.over/root" &&
mount -t overlay -o "userxattr,lowerdir=$1,upperdir=$1/.over/up,workdir=$1/.over/work" overlay "$1/.over/root" || exit 99
mount --bind /dev/null "$1/.over/root/dev/null"
ulimit -f 65536; ulimit -v 2000000
root=$1/.over/root
# What a script leaves running in the background is to be seen, too.
end() {
    status=$?
    [ -z "$1" ] || sleep "$1"
    kill -9 -1 2>/dev/null
    printf '@end\0%s\0' $status >> "$root/log"
}
. "$2"
cat "$root/log"
"""
# Scripts that run one after the other in one copy of the root, and seconds that each may take.
BATCH, SECONDS = 20, 10
# Batches at once: most of their time they wait for processes to start.
WORKERS = 16
# What dash would take for something else.
BASH_ONLY = r"\[\[|pipefail|<\(|\$'|function |<<<|&>|source |pushd|popd|\$\{\w+(//|:[0-9]|\^|,)|echo -e|read -[a-qs-z]"
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
                if name != "PATH" and re.fullmatch(NAME, name):
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
    subprocess.run([shutil.which("cc"), "-O", "-static", "-x", "c", "-o", str(root / "real/stub"), "-"], input=STUB, text=True, check=True)
    (root / "real/prelude").write_text(PRELUDE)
    (root / "real/act").mkdir()
    for name, act in ACTS.items():
        (root / "real/act" / name).write_text(f"#!/real/sh\n{act}\n")
        (root / "real/act" / name).chmod(0o755)
    for shell in SHELLS:
        stub(root, root / "bin" / shell)
    for device in ("null", "stdout", "stderr"):
        (root / "dev" / device).touch()
    # The root of a user namespace is nobody outside of it.
    subprocess.run(["chmod", "-R", "a+rwX", str(root)], check=True)


def stub(root, path):
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(root / "real/stub")
    except OSError:
        pass


def stubs_for(root, script, calls):
    """Programs for all that may be called: by name, and by the path that a script says."""
    for word in {c["words"][0] for c in calls} | set(re.findall(r"[A-Za-z0-9_][\w.+-]*", script)) | set(REAL):
        if re.fullmatch(r"[A-Za-z0-9_][\w.+-]*", word):
            stub(root, root / "bin" / word)
    for call in calls:
        path = os.path.normpath(os.path.join(call["dir"] or "/work", call["words"][0])) if "/" in call["words"][0] else ""
        if re.fullmatch(r"(/[^/\0]+)+", path) and not path.startswith(("/real", "/bin/", "/dev", "/calls", "/log", "/.over")):
            stub(root, root / path.lstrip("/"))


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


def run(root, scripts):
    """What (shell, flags, script, environment) call, and how each ends; None where it does not end."""
    text = ""
    for shell, flags, script, env in scripts:
        words = ["timeout", "-k", "1", str(SECONDS), "chroot", str(root / ".over/root"), "/real/env", "-i", "-C", "/work",
                 *(f"{name}={value}" for name, value in env.items()), f"/real/{shell}", *flags, "-c", f"{PRELUDE}\n{script}"]
        text += " ".join(map(shlex.quote, words)) + " > /dev/null 2>&1 < /dev/null; end " + ("0.3" if re.search(r"(?<![&>|])&(?![&>\d])", script) else "''") + "\n"
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as file:
        file.write(text)
        file.flush()
        command = [shutil.which("unshare"), "-U", "-r", "-m", "-p", "-f", "--kill-child", "/bin/sh", "-c", LAUNCH, "launch", str(root), file.name]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode == 99:
        raise SystemExit("scripts.py: no namespaces here: " + done.stderr.decode(errors="replace"))
    pieces = re.split(r"@end\0(\d+)\0", done.stdout.decode(errors="replace"))
    for log, status in zip(pieces[::2], pieces[1::2]):
        calls = []
        for part in log.split("@call\0")[1:]:
            argv, _, seen = part.partition("@env\0")
            calls.append((argv.split("\0")[:-1], dict(e.split("=", 1) for e in seen.split("\0") if "=" in e)))
        yield None if status in ("124", "137") else (calls, status)


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
    if os.geteuid() != 0 or not shutil.which("unshare") or not shutil.which("dash") or not shutil.which("cc"):
        print("scripts.py needs root, unshare, cc and dash", file=sys.stderr)
        return 2
    if os.environ.get("NETWORK") != "none":
        os.execve(shutil.which("unshare"), ["unshare", "-n", sys.executable, *sys.argv], {**os.environ, "NETWORK": "none"})
    left_out, totals, seen = collections.Counter(), collections.Counter(files=len(files)), {}
    for file in files:
        for script, env, shell in scripts_of(file, left_out):
            # What differs in numbers and digests only is the same script.
            seen.setdefault((re.sub(r"\b[0-9a-fA-F]{8,}\b|\d+", "0", script), repr(shell)), (file, script, env, shell))
            totals["scripts"] += 1
    totals["distinct scripts"] = len(seen)
    make_root(root)
    names = lambda script, env: sorted((set(env) | set(re.findall(rf"\b({NAME})=", script))) - OWN)
    lines = "".join(json.dumps({"script": s, "env": env, "dir": "/work", "answers": ANSWERS, "names": names(s, env)}) + "\n" for _, s, env, _ in seen.values())
    found = [json.loads(l) for l in subprocess.run([calls_binary], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()]
    show = int(os.environ.get("SHOW", "0"))
    cases = []
    for (file, script, env, wanted), outcome in zip(seen.values(), found):
        if not outcome["complete"]:
            totals["beyond the interpreter"] += 1
            continue
        # Which program it is is not known: it is any call, or none.
        calls = [c for c in outcome["calls"] if c["words"]]
        for call in calls:
            # What a stub would run, it does not.
            call["repeated"] |= call["inner"] or "\0" in call["words"][0]
        for shell in SHELLS:
            if wanted and wanted[0] != shell:
                continue
            if shell == "sh" and re.search(BASH_ONLY, script):
                totals["sh: words of bash"] += 1
                continue
            cases.append((file, calls, (shell, wanted[1] if wanted else [], script, env)))
    for _, calls, (_, _, script, env) in cases:
        stubs_for(root, script, calls)
        files_for(root, script, env)
    batches = [cases[start:start + BATCH] for start in range(0, len(cases), BATCH)]
    pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
    done, until = set(), time.monotonic() + float(os.environ.get("MINUTES", "inf")) * 60
    def in_time(batch):
        return list(run(root, [case[2] for case in batch])) if time.monotonic() < until else None
    for batch, ends in zip(batches, pool.map(in_time, batches)):
        if ends is None:
            totals["runs that there was no time for"] += len(batch)
            continue
        done |= {case[0] for case in batch}
        print(f"{len(done)} of {len(files)} files", file=sys.stderr, flush=True)
        totals["runs that were lost"] += len(batch) - len(ends)
        for (file, calls, (shell, _, script, _)), end in zip(batch, ends):
            if end is None:
                totals[f"{shell}: did not end"] += 1
                continue
            # `xargs` alone runs it; of scripts it is no program.
            real, status = [call for call in end[0] if call[0][0] != "echo"], end[1]
            fault = compare([dict(call) for call in calls], real)
            if fault and not parses(shell, script):
                totals[f"{shell}: not its language"] += 1
                continue
            totals[f"{shell}: calls"] += len(real)
            totals[f"{shell}: scripts"] += 1
            # What is certain runs where the build goes on.
            if fault and fault[0] == "not made" and status != "0":
                totals[f"{shell}: fails here, agrees until then"] += 1
                continue
            totals[f"{shell}: agree"] += fault is None
            if fault:
                totals[f"{shell}: {fault[0]}"] += 1
                print(f"{shell} {file.name}: {fault[1]}" + (f"\n    {script[:show]!r}" if show else ""), flush=True)
    totals["files with runs"] = len(done)
    print(json.dumps({**totals, "left out": left_out}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
