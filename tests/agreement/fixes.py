#!/usr/bin/env python3
"""Whether fixed scripts call what they called before: fixes.py < PAIRS, a JSON object a line.

Each has `id`, `before`, `after` (Dockerfiles), `args` (platforms, as on xsim's command line), `may` (variables that the rules may
give, take or change) and `recipe` (whether compilers may be others of their kind, with more options). Every RUN that was changed is
run before and after by a real shell with programs that only record how they are called, for each target, and compared call for
call. Prints what differs; exit code 1 if anything does.
"""
import json, sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "data" / "judgements"))
from check import calls_of, instructions, targets_of

# What a recipe may put in a compiler's place, by the end of its name.
KIN = {"gcc": ("gcc", "clang"), "cc": ("gcc", "clang"), "g++": ("g++", "clang++"), "c++": ("g++", "clang++"), "clang": ("gcc", "clang")}

def same(a, b, may, recipe):
    (program, argv, env), (other, words, seen) = a, b
    if {k: v for k, v in env.items() if k not in may} != {k: v for k, v in seen.items() if k not in may}:
        return False
    if not recipe:
        return (program, argv) == (other, words)
    rest = iter(words)
    return other.endswith(KIN.get(program, (program,))) and all(word in rest or word == "install" for word in argv)

def compare(pair):
    after, wrong = pair["after"], []
    kept = {rest for _, _, word, rest, _ in instructions(after) if word == "RUN"}
    for first, _, word, rest, docs in instructions(pair["before"]):
        if word != "RUN" or (rest in kept and not docs):
            continue
        for target in targets_of(pair["args"]):
            was, now = (calls_of(text, first, pair["before"], target, pair["args"]) for text in (pair["before"], after))
            rest_of = iter(now)
            # A recipe may call more than before: it chooses a target, and moves what is made.
            ok = all(any(same(a, b, pair["may"], True) for b in rest_of) for a in was) if pair["recipe"] else (
                len(was) == len(now) and all(same(a, b, pair["may"], False) for a, b in zip(was, now)))
            if not ok:
                brief = lambda calls: [" ".join([p, *a])[:120] for p, a, _ in calls]
                wrong.append(f"{pair['id']}: line {first} for {target}: {brief(was)} became {brief(now)}")
    return wrong

def main():
    pairs = [json.loads(line) for line in sys.stdin if line.strip()]
    wrong = [text for pair in pairs for text in compare(pair)]
    print(*wrong, f"{len(pairs)} files compared, {len(wrong)} scripts differ", sep="\n")
    return bool(wrong)

if __name__ == "__main__":
    sys.exit(main())
