#!/usr/bin/env python3
"""Whether fixed scripts call what they called before: fixes.py < PAIRS, a JSON object a line.

Each has `id`, `before`, `after` (Dockerfiles), `args` (platforms, as on xsim's command line), `may` (variables that the rules may
give, take or change) and `recipe`. Every RUN that was changed is run before and after by a real shell with programs that only record
how they are called, for each target, and compared call for call. A recipe calls other compilers with more options, so of its scripts
is only asked whether a shell can read them. Prints what differs; exit code 1 if anything does.
"""
import json, re, subprocess, sys, tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "data" / "judgements"))
from check import calls_of, instructions, script_of, targets_of

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
    wrong = [text for pair in pairs for text in (unreadable if pair["recipe"] else changed)(pair)]
    print(*wrong, f"{len(pairs)} files compared, {len(wrong)} scripts differ", sep="\n")
    return bool(wrong)

if __name__ == "__main__":
    sys.exit(main())
