#!/usr/bin/env python3
"""Whether fixed scripts call what they called before: fixes.py < PAIRS, a JSON object a line.

Each has `id`, `before`, `after` (Dockerfiles), `args` (platforms, as on xsim's command line), `may` (variables that the rules may
give, take or change) and `recipe`. Every RUN that was changed is run before and after by a real shell with programs that only record
how they are called, for each target, and compared call for call. A recipe calls other compilers with more options, and calls more
besides: of its scripts is asked whether a shell can read them, and whether every call of before is there still, by
its own program or the one for the target in its place, with all of its arguments in their order and all of its environment. Prints
what differs; exit code 1 if anything does.
"""
import json, re, subprocess, sys, tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "data" / "judgements"))
import check
from check import calls_of, instructions, script_of, targets_of

# What recipes call besides.
check.STUBS += ["g++", "c++", "clang", "clang++", "xx-clang++", "cross"]
check.STUBS += [f"{cpu}-linux-gnu-{tool}" for cpu in ("x86_64", "aarch64") for tool in ("gcc", "g++", "strip")]

# Each run has a folder of its own, which its environment names.
FOLDER = re.compile(re.escape(tempfile.gettempdir()) + r"/tmp\w+")

def kept(env, may):
    return {name: FOLDER.sub("", value) for name, value in env.items() if name not in may}

def same(a, b, may):
    (program, argv, env), (other, words, seen) = a, b
    return (program, argv) == (other, words) and kept(env, may) == kept(seen, may)

def unreadable(pair):
    scripts = [script_of(rest, docs) for _, _, word, rest, docs in instructions(pair["after"]) if word == "RUN"]
    check = lambda script: subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True)
    read = [(script, check(script)) for script in scripts if not script.startswith("[")]
    return [f"{pair['id']}: {run.stderr.strip()}: {script}" for script, run in read if run.returncode]

# Which programs a recipe may have do the work of one: those of tonistiigi/xx, and Debian's, which are called by the target's triple.
def stands_for(program, other):
    compilers = {"gcc": "gcc", "cc": "gcc", "clang": "gcc", "g++": "g++", "c++": "g++", "clang++": "g++", "strip": "strip"}
    clang = {"gcc": "xx-clang", "cc": "xx-clang", "clang": "xx-clang", "g++": "xx-clang++", "c++": "xx-clang++", "clang++": "xx-clang++"}
    # Its name is what xx-info prints.
    if (program, other) == ("strip", "xx-info"):
        return True
    by_triple = program in compilers and other.endswith("-" + compilers[program])
    return other in (program, clang.get(program), "xx-" + program) or by_triple

def words_of(program, argv):
    # A build takes the place of an installation, since go puts what it installs for another platform elsewhere.
    return ["build", *argv[1:]] if program.removeprefix("xx-") == "go" and argv[:1] == ["install"] else argv

def holds(more, words):
    rest = iter(more)
    return all(word in rest for word in words)

# What a recipe sets: the target, in the words of each toolchain.
OF_RECIPES = re.compile(r"GO(OS|ARCH|ARM)|CGO_ENABLED|TARGET\w+|CARGO_TARGET_\w+_LINKER|CC|CXX")

def kept_by(now, was):
    (program, argv, env), (other, words, seen) = was, now
    may = [name for name in {*env, *seen} if OF_RECIPES.fullmatch(name)]
    same_env = kept(env, may).items() <= kept(seen, may).items()
    spelt = [re.sub(r"amd64|x86_64|aarch64|arm64|x64", "@", word) for word in words_of(other, words)]
    plain = [re.sub(r"amd64|x86_64|aarch64|arm64|x64", "@", word) for word in words_of(program, argv)]
    is_named = (program, other) == ("strip", "xx-info") or holds(spelt, plain)
    return stands_for(program, other) and is_named and same_env

# The steps that a recipe puts before those of the file.
SETUP = re.compile(r"apt-get update && apt-get install -y (crossbuild-essential|clang lld)|apk add --no-cache clang lld|xx-(apt-get|apk) ")

def runs_of(text):
    return [(first, rest, docs) for first, _, word, rest, docs in instructions(text) if word == "RUN"]

def paired(old, new):
    """Steps with what became of them. A stage that was split stands there twice: up to the compile, and again without it."""
    if len(old) == len(new):
        return list(zip(old, new))
    plain = lambda runs: [run[1:] for run in runs]
    length = len(new) - len(old) + 1
    for start in range(len(old) - length + 1):
        end = start + length
        if plain(old[:start]) == plain(new[:start]) and plain(old[start:end - 1] + old[end:]) == plain(new[end:]):
            return list(zip(old[start:end], new[start:end]))
    return None

def lost(pair):
    wrong, after = [], pair["after"]
    old, new = runs_of(pair["before"]), [run for run in runs_of(after) if not SETUP.match(run[1])]
    pairs = paired(old, new)
    if pairs is None:
        return [f"{pair['id']}: {len(old)} steps became {len(new)}"]
    for (first, rest, docs), (line, changed, written) in pairs:
        if (rest, docs) == (changed, written):
            continue
        for target in targets_of(pair["args"]):
            was = calls_of(pair["before"], first, pair["before"], target, pair["args"])
            now = calls_of(after, line, after, target, pair["args"])
            left = list(now)
            for call in was:
                # Programs of a pipe are recorded as they happen to start.
                own = next((at for at, other in enumerate(left) if kept_by(other, call)), None)
                if own is not None:
                    del left[own]
                else:
                    brief = [" ".join([p, *a])[:160] for p, a, _ in now]
                    wrong.append(f"{pair['id']}: line {first} for {target}: {' '.join([call[0], *call[1]])[:160]} is not among {brief}")
                    break
    return wrong

def of_recipe(pair):
    return unreadable(pair) or lost(pair)

def changed(pair):
    after, wrong = pair["after"], []
    unchanged = {rest for _, _, word, rest, _ in instructions(after) if word == "RUN"}
    for first, _, word, rest, docs in instructions(pair["before"]):
        if word != "RUN" or (rest in unchanged and not docs):
            continue
        for target in targets_of(pair["args"]):
            was, now = (calls_of(text, first, pair["before"], target, pair["args"]) for text in (pair["before"], after))
            if len(was) != len(now) or not all(same(a, b, pair["may"]) for a, b in zip(was, now)):
                brief = lambda calls: [" ".join([p, *a])[:120] for p, a, _ in calls]
                wrong.append(f"{pair['id']}: line {first} for {target}: {brief(was)} became {brief(now)}")
    return wrong

def main():
    pairs = [json.loads(line) for line in sys.stdin if line.strip()]
    wrong = [text for pair in pairs for text in (of_recipe if pair["recipe"] else changed)(pair)]
    print(*wrong, f"{len(pairs)} files compared, {len(wrong)} scripts differ", sep="\n")
    return bool(wrong)

if __name__ == "__main__":
    sys.exit(main())
