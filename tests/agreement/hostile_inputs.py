"""The inputs made to hurt that hostile.py measures, by group and name, and the runs of each group."""
import gzip, io, json, os, sys, tarfile, zipfile
from pathlib import Path

HOUR = [f"2026-01-01T{s // 3600 % 24:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in range(86400)]
TWO = "linux/amd64,linux/arm64"
MANY = ",".join(f"linux/{a}" for a in ["amd64", "amd64/v2", "amd64/v3", "amd64/v4", "386", "arm64", "arm/v5", "arm/v6", "arm/v7", "riscv64",
                "ppc64le", "s390x", "mips64le", "mips64", "loong64"] + [f"x{n}" for n in range(15)])

DOCKERFILES, CONTEXTS, SETTINGS, LOGS, DEFINITIONS, REPOSITORIES, TABLES = {}, {}, {}, {}, {}, {}, {}

def run(script):
    """A RUN whose script stands in a heredoc; a line goes on behind the 65,535 bytes that BuildKit reads."""
    short = (line[at:at + 60_000] for line in script.split("\n") for at in range(0, len(line) or 1, 60_000))
    return "FROM alpine\nRUN <<END_OF_ALL\n" + "".join(part + ("\\\n" if len(part) == 60_000 else "\n") for part in short) + "END_OF_ALL\n"

def one_line(script):
    return f"FROM alpine\nRUN {script}\n"

def lines(count, line):
    return "".join(line.format(n=n, m=n + 1) for n in range(count))

def cross(stages, copies):
    """Stages on the build platform that each target builds from, every one of them copied."""
    head = "FROM --platform=$BUILDPLATFORM golang AS b\nARG TARGETARCH\n"
    return (head + lines(stages, "FROM b AS s{n}\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build ./c{n}\n")
            + "FROM alpine\n" + lines(copies, "COPY --from=s{n} /a{n} /b{n}\n"))

def nested(open, body, close, depth):
    return open * depth + body + close * depth

K64 = 64_000
DOCKERFILES |= {
    "wrappers: env": one_line("env A=b " * (K64 // 8) + "x"),
    "wrappers: time": one_line("time " * (K64 // 5) + "x"),
    "wrappers: exec, sudo, nice": one_line("exec sudo nice " * (K64 // 15) + "x"),
    "wrappers: xargs": one_line("xargs " * (K64 // 6) + "x"),
    "wrappers: sh -c in heredoc": run("sh -c " * 100_000 + "x"),
    "pipe of 32,000": one_line("a|" * (K64 // 2) + "a"),
    "open pipes": one_line("|" * K64),
    "bars of 240 kB": run("|" * 240_000),
    "parentheses": one_line("(" * K64),
    "substitutions": one_line("$(" * (K64 // 2)),
    "substitutions closed": run(nested("$(a ", "x", ")", 60_000)),
    "backquotes": one_line("`" * K64),
    "quotes": run("'\"" * 250_000),
    "braces of groups": run("{ " * 200_000),
    "if without end": run("if " * 200_000),
    "while without end": run("while a; do " * 80_000),
    "case without end": run("case a in a) " * 60_000),
    "case of 60,000 branches": run("case $A in " + "".join(f"a{n}) X=$X{n} ;; " for n in range(60_000)) + "esac; x $X"),
    "cases in a row": run("case $A in a) B=$B.1;; b) B=$B.2;; *) B=$B.3;; esac\n" * 8_000 + "x $B"),
    "ifs in a row": run(lines(10_000, "if a$X; then B{n}=1; else B{n}=2; fi\n") + "x $B1"),
    "functions that call twice": run(lines(40, "f{n}() {{ f{m}; f{m}; }}\n") + "f40() { x; }; f0"),
    "function that calls itself": run("f() { f; f; f; }; f"),
    "functions of 20,000": run(lines(20_000, "f{n}() {{ a{n}; }}\n") + lines(20_000, "f{n}\n")),
    "loops in loops": run(nested("for i in 1 2 3 4 5 6 7 8 9; do ", "x $i", "; done", 40)),
    "loop over 100,000 words": run("for i in " + "w " * 100_000 + "; do a $i; b $i; done"),
    "loop that doubles": run("A=ab; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do A=$A$A$A; done; x $A"),
    "while true": run("while true; do A=$A$A; x $A; done"),
    "eval in eval": run("eval " * 50_000 + "x"),
    "eval that grows": run("A='eval $A; eval $A'; eval $A"),
    "arithmetic of 200 kB": run("x $((" + "1+" * 100_000 + "1))"),
    "arithmetic nested": run("x $((" + "(" * 100_000 + "1" + ")" * 100_000 + "))"),
    "arithmetic huge": run("x $((9**99999999)) $((1<<99999999)) $((" + "9" * 100_000 + "))"),
    "brace expansion": "FROM alpine\nSHELL [\"/bin/bash\", \"-c\"]\n" + run("x " + "{a,b,c,d}" * 4_000).split("\n", 1)[1],
    "brace expansion of numbers": "FROM alpine\nSHELL [\"/bin/bash\", \"-c\"]\nRUN x {1..999999999} {a..z}{a..z}{a..z}{a..z}{a..z}\n",
    "parameters nested": run("x " + nested("${A:-", "x", "}", 60_000)),
    "patterns of parameters": run("A=" + "a" * 60_000 + "\n" + "B=${A##*" + "a*" * 100 + "b}\n" * 50 + "x $B"),
    "heredocs in heredocs": run("".join(f"sh <<E{n}\n" for n in range(5_000)) + "x\n" + "".join(f"E{n}\n" for n in reversed(range(5_000)))),
    "heredocs of one command": run("cat " + "".join(f"<<E{n} " for n in range(20_000)) + "\n" + "".join(f"E{n}\n" for n in range(20_000))),
    "heredocs of an instruction": "FROM alpine\nRUN " + "".join(f"<<E{n} " for n in range(7_000)) + "\n" + "".join(f"E{n}\n" for n in range(7_000)),
    "aliases and sets": run("alias a='a a'; set -- " + "a " * 100_000 + "\n" + "set -- $@ $@\n" * 40 + "x $@"),
    "sed and printf": run("A=$(printf '%s' " + "aa " * 50_000 + ")\n" + "A=$(echo $A | sed 's/a/aa/g')\n" * 40 + "x $A"),
    "variables of 20,000": run(lines(20_000, "export V{n}=$V{n}a\n") + "x\n" * 20_000),
    "commands of 200,000": run("gcc a\n" * 200_000),
    "RUN of 60,000": "FROM alpine\n" + "RUN x\n" * 60_000,
    "RUN with variables": "FROM alpine\n" + lines(2_000, "ENV V{n}=$V{n}a\n") + "RUN x $V1\n" * 5_000,
    "ENV that doubles": "FROM alpine\nENV A=ab\n" + "ENV A=$A$A\n" * 64,
    "ENV wide": "FROM alpine\nENV A=0123456789abcdef\n" + "ENV A=$A$A$A$A\n" * 8 + "RUN x $A\n" * 3_000,
    "ARG and COPY": "FROM alpine\n" + lines(2_000, "ARG A{n}\nCOPY a$A{n} b\n"),
    "ARG before 2,000 stages": lines(2_000, "ARG A{n}=x\n") + lines(2_000, "FROM alpine:$A{n} AS s{n}\nARG A{n}\nRUN x $A{n}\n"),
    "ONBUILD shared by 400": "FROM alpine AS b\n" + "ONBUILD RUN x\n" * 400 + lines(400, "FROM b AS s{n}\n") + "FROM alpine\n" + lines(400, "COPY --from=s{n} /a /b{n}\n"),
    "ONBUILD shared by 1,000": "FROM alpine AS b\n" + "ONBUILD RUN x\n" * 1_000 + lines(1_000, "FROM b AS s{n}\n") + "FROM alpine\n" + lines(1_000, "COPY --from=s{n} /a /b{n}\n"),
    "stages of 20,000": lines(20_000, "FROM alpine AS s{n}\nRUN x{n}\n") + "FROM alpine\n" + lines(20_000, "COPY --from=s{n} /a /b{n}\n"),
    "stages in a chain": "FROM alpine AS s0\n" + lines(30_000, "FROM s{n} AS s{m}\nRUN x\n"),
    "cross stages of 3,000": cross(3_000, 3_000),
    "stages that all copy all": lines(300, "FROM alpine AS s{n}\nRUN x\n") + "".join("FROM alpine AS t%d\n" % t + lines(300, "COPY --from=s{n} /a /b{n}\n") for t in range(100)),
    "mounts of 3,000": "FROM alpine\nRUN " + " ".join(f"--mount=type=cache,target=/c{n}" for n in range(1_500)) + " x\n",
    "blank lines of 64 MB": "FROM alpine\n" + "\n" * (64_000_000 - 100) + "RUN x\n",
    "comments of 60 MB": "FROM alpine\n" + "# a comment\n" * 5_000_000 + "RUN x\n",
    "one heredoc of 60 MB": run("echo a comment\n" * 4_000_000),
    "heredocs of 1 MB": "FROM alpine\n" + ("RUN <<E\n" + "make a; cc b | d && e || f\n" * 36_000 + "E\n") * 4,
    "labels of 60 MB": "FROM alpine\n" + lines(1_000, "LABEL a{n}=" + "x" * 60_000 + "\n"),
    "instructions unknown": "FROM alpine\n" + "BOGUS x\n" * 1_000_000,
    "instructions of 1,000,000": "FROM alpine\n" + "USER x\n" * 1_000_000,
    "findings of 20,000": "FROM alpine\n" + "RUN echo $U\nCOPY a$W b\nRUN cd /a && apt-get install x\n" * 7_000,
    "findings with fixes": "FROM --platform=$TARGETPLATFORM alpine\n" + lines(2_000, "FROM --platform=$TARGETPLATFORM golang AS s{n}\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /a\n") + "FROM alpine\n" + lines(2_000, "COPY --from=s{n} /a /b{n}\n"),
    "maintainers and stages": "FROM alpine as a\nMAINTAINER x\nENV a b\nWORKDIR a\nCMD a b\n" * 4_000,
    "words of one COPY": "FROM alpine\nCOPY " + "a\\\n " * 200_000 + "b/\n",
    "JSON form of 60 kB": "FROM alpine\nRUN [" + ",".join(['"sh"', '"-c"', '"x"'] * 4_000) + "]\n",
    "zero bytes": "FROM alpine\nRUN " + "\0" * 60_000 + "\n",
    "combining marks": "FROM alpine\nRUN " + "a" + "\u0301" * 30_000 + "\n",
}

STARS = "**/" * 1300 + "b\n"
PATTERNS = {
    "stars": STARS * 12,
    "stars between letters": ("*a" * 2_000 + "b\n") * 20,
    "question marks": ("?" * 5_000 + "\n") * 50,
    "classes": ("[!a-z]*" * 2_000 + "\n") * 20,
    "100,000 patterns": lines(100_000, "a{n}/**/b*c\n"),
    "100,000 exceptions": lines(50_000, "f{n}*\n!f{n}9\n"),
    "60 MB of patterns": "a/b/c*d\n" * 7_500_000,
}
for name, patterns in PATTERNS.items():
    CONTEXTS[f".dockerignore: {name}"] = ("FROM alpine\nCOPY . /\nCOPY a* b/\n", patterns)
CONTEXTS["COPY: 5,000 globs"] = ("FROM alpine\n" + lines(5_000, "COPY *a*b*c{n}* /\n"), "")
CONTEXTS["COPY: stars"] = ("FROM alpine\n" + ("COPY " + "*f" * 2_000 + "z /\n") * 100, "")
CONTEXTS["COPY: words with globs"] = ("FROM alpine\n" + ("COPY " + "f*1 " * 10_000 + "/\n") * 3, "")
CONTEXTS["COPY: excludes"] = ("# syntax=docker/dockerfile:1-labs\nFROM alpine\n" + ("COPY " + "--exclude=**/a*b*c " * 3_000 + ". /\n") * 20, "")
CONTEXTS["COPY: excludes of each source"] = ("# syntax=docker/dockerfile:1-labs\nFROM alpine\nCOPY " + "--exclude=*b " * 5_000 + "f1 " * 10_000 + " /\n", "")
CONTEXTS["COPY: all, 5,000 times"] = ("FROM alpine\n" + "COPY . /a\n" * 5_000, "")

def node(name, more=""):
    return f'[[node]]\nname = "{name}"\ncores = 4\nnative = ["linux/amd64"]\n{more}'

SETTINGS |= {
    "machine: 1 MB of nodes": ("--machine", 'name = "m"\n' + "".join(node(n) for n in range(12_000))),
    "machine: numbers": ("--machine", 'name = "m"\n' + node("a").replace("4", "1e308") + "bandwidth = 1e308\n"),
    "machine: cores": ("--machine", 'name = "m"\n' + node("a").replace("4", "1000000000") + "max-parallelism = 4000000000\n"),
    "machine: platforms": ("--machine", 'name = "m"\n[[node]]\nname = "a"\ncores = 1\nnative = [' + ",".join(f'"linux/a{n}"' for n in range(50_000)) + "]\n"),
    "machine: nested": ("--machine", "a = " + "[" * 400_000),
    "machine: too large": ("--machine", "# x\n" * 20_000_000),
    "profile: steps": ("--profile", 'schema = "xsim.profile/1"\nhost = "amd64"\ncores = 4.0\n' + lines(40_000, '[[run]]\ndoes = "gcc x{n}"\nclass = "compile-c"\ncpu_s = 1.0\nserial = 0.1\nsigma = 0.1\nseen = 1\n')),
    "profile: nested": ("--profile", "a = " + "{a=" * 400_000),
    "profile: too large": ("--profile", "# x\n" * 20_000_000),
    "baseline: 200,000": ("--baseline", 'schema = "xsim.baseline/1"\n' + lines(200_000, '[[accepted]]\nrule = "r{n}"\ntext = "x"\ncount = 1\n')),
    "config: 60 MB": ("--config", "# x\n" * 15_000_000),
    "config: rules": ("--config", "[rules]\n" + lines(100_000, '"r{n}" = "off"\n')),
    "config: gates": ("--config", "[gates]\nno-split-before = [" + '"a",' * 100_000 + "]\n"),
    "config: platforms": ("--config", "platforms = [" + ",".join(f'"linux/a{n}"' for n in range(20_000)) + "]\n"),
    "config: build arguments": ("--config", "[build-args]\n" + lines(100_000, 'A{n} = "x"\n')),
    "image: nested": ("--image-config alpine=", '{"a":' * 1_000_000),
    "image: environment": ("--image-config alpine=", json.dumps({"config": {"Env": [f"A{n}=x" for n in range(100_000)], "OnBuild": ["RUN x"] * 20_000}})),
}

def vertex(n, name, inputs=(), seconds=1):
    at = {"digest": f"sha256:{n:064x}", "name": name, "inputs": [f"sha256:{i:064x}" for i in inputs]}
    return at | {"started": HOUR[n * seconds % 86000], "completed": HOUR[n * seconds % 86000 + 60]}

def rawjson(vertices):
    return "".join(json.dumps({"vertexes": [v]}) + "\n" for v in vertices)

def plain(count):
    return "".join(f"#{n} [{n}/{count}] RUN gcc x{n}\n#{n} 0.1 out\n#{n} DONE 1.{n % 10}s\n" for n in range(1, count))

def statuses(count):
    return rawjson([vertex(1, "[1/1] FROM alpine")]) + "".join(json.dumps({"statuses": [{"id": f"l{n}", "vertex": f"sha256:{1:064x}", "current": n, "total": count,
            "timestamp": HOUR[n % 86000], "started": HOUR[n % 86000], "completed": HOUR[n % 86000 + 9]}]}) + "\n" for n in range(count))

def squeezed(size, line=b'{"vertexes":[]}\n'):
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as file:
        piece = line * 65536
        for _ in range(size // len(piece)):
            file.write(piece)
    return out.getvalue()

def bundle(blobs, size):
    """A .dockerbuild file whose blobs are zeros."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb") as packed, tarfile.open(fileobj=packed, mode="w|") as tar:
        for name, data in [("oci-layout", b'{"imageLayoutVersion":"1.0.0"}'), ("index.json", b'{"manifests":[]}')]:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        class Zeros(io.RawIOBase):
            def read(self, n=-1):
                return b"\0" * n
        for n in range(blobs):
            info = tarfile.TarInfo(f"blobs/sha256/{n:064x}")
            info.size = size
            tar.addfile(info, Zeros())
    return out.getvalue()

def zipped(entries, size):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for n in range(entries):
            file.writestr(f"{n}_build.txt", b"#1 [1/1] RUN x\n" * (size // 15))
    return out.getvalue()

LOGS |= {
    "100,000 steps": lambda: rawjson(vertex(n, f"[a {n}/100000] RUN gcc x{n}") for n in range(100_000)),
    "100,000 steps in a chain": lambda: rawjson(vertex(n, f"[a {n}/100000] RUN gcc x{n}", [n - 1] if n else []) for n in range(100_000)),
    "100,000 steps at once": lambda: rawjson(vertex(n, f"[a {n}/100000] RUN gcc x{n}", [], 0) for n in range(100_000)),
    "300 steps with 300 inputs": lambda: rawjson(vertex(n, f"[a {n}/300] RUN gcc x{n}", range(n)) for n in range(300)) * 40,
    "20,000 steps of one text": lambda: rawjson(vertex(n, "[a 1/1] RUN gcc x") for n in range(20_000)),
    "plain: 100,000 steps": lambda: plain(100_000),
    "plain: 2,000,000 lines": lambda: "#1 [1/1] RUN gcc\n" + "#1 0.1 gcc out out out\n" * 2_000_000 + "#1 DONE 9s\n",
    "plain: a line of 64 MB": lambda: "#1 [1/1] RUN gcc\n#1 0.1 " + "x" * 64_000_000 + "\n#1 DONE 9s\n",
    "plain: 64 MB of blanks": lambda: "#1 [1/1] RUN gcc\n" + "\n" * 64_000_000 + "#1 DONE 9s\n",
    "plain: names of 60 kB": lambda: "".join(f"#{n} [{n}/99] RUN {'a|' * 30_000}\n#{n} DONE 1.1s\n" for n in range(1, 99)),
    "plain: tasks of 100,000": lambda: "#1 [1/1] FROM alpine\n" + "".join(f"#1 sha256:{n:064x} 1MB / 2MB 1s\n" for n in range(100_000)) + "#1 DONE 9s\n",
    "200,000 statuses": lambda: statuses(200_000),
    "scripts of a step": lambda: rawjson(vertex(n, "[1/1] RUN " + "env A=b " * 8_000) for n in range(50)),
    "times": lambda: json.dumps({"vertexes": [{"digest": "sha256:a", "name": "[1/2] RUN x", "started": "0001-01-01T00:00:00Z", "completed": "9999-12-31T23:59:59Z"}]}) + "\n",
    "JSON nested": lambda: '{"vertexes":' + "[" * 4_000_000,
    "JSON: a document of 60 MB": lambda: '{"buildDefinition":{"x":[' + '{"a":[]},' * 6_500_000 + "0]}}",
    "provenance: 100,000 steps": lambda: json.dumps({"buildType": "https://mobyproject.org/buildkit@v1", "buildConfig": {"llbDefinition": [
        {"id": f"step{n}", "op": {"Op": {"exec": {"meta": {"args": ["/bin/sh", "-c", "gcc x"]}}}}, "inputs": [f"step{n - 1}:0"] if n else []} for n in range(100_000)]}}),
    "trace: 100,000 spans": lambda: "".join(json.dumps({"Name": f"[1/2] RUN x{n}", "SpanContext": {"TraceID": "a", "SpanID": f"{n:x}"}, "Parent": {"SpanID": f"{n - 1:x}"},
        "StartTime": HOUR[n % 86000], "EndTime": HOUR[n % 86000 + 9], "Attributes": [{"Key": "vertex", "Value": {"Type": "STRING", "Value": f"sha256:{n:064x}"}}]}) + "\n" for n in range(100_000)),
    "gzip of 4 GB": lambda: squeezed(4 << 30, b"\0" * 16),
    "gzip of lines": lambda: squeezed(1 << 30),
    "dockerbuild: a blob of 4 GB": lambda: bundle(1, 4 << 30),
    "dockerbuild: 100,000 blobs": lambda: bundle(100_000, 2),
    "zip of 2 GB": lambda: zipped(40, 50 << 20),
    "zip of 20,000 entries": lambda: zipped(20_000, 30),
}

def hcl(body):
    return {"docker-bake.hcl": body}

def aliases(head, tail=""):
    return head + "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + lines(40, "a{m}: &a{m} [*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n},*a{n}]\n") + tail

DEFINITIONS |= {
    "HCL: parentheses": hcl("x = " + "(" * 500_000),
    "HCL: lists": hcl("x = " + nested("[", "1", "]", 200_000) + "\n"),
    "HCL: templates": hcl('x = "' + nested('${"', "a", '"}', 60_000) + '"\n'),
    "HCL: operators": hcl("variable \"x\" { default = " + "1+" * 400_000 + "1 }\n"),
    "HCL: for in for": hcl("variable \"x\" { default = [for a in range(1000): [for b in range(1000): [for c in range(1000): c]]] }\ntarget \"default\" { args = { x = \"${x[0][0][0]}\" } }\n"),
    "HCL: function that calls itself": hcl("function \"f\" {\n params = [x]\n result = concat(f(x), f(x))\n}\ntarget \"default\" { tags = f([\"a\"]) }\n"),
    "HCL: functions that call twice": hcl(lines(60, "function \"f{n}\" {{\n params = [x]\n result = concat(f{m}(x), f{m}(x))\n}}\n") + "function \"f60\" {\n params = [x]\n result = x\n}\ntarget \"default\" { tags = f0([\"a\"]) }\n"),
    "HCL: text that doubles": hcl("variable \"v0\" { default = \"ab\" }\n" + lines(60, "variable \"v{m}\" {{ default = \"${{v{n}}}${{v{n}}}\" }}\n") + "target \"default\" { args = { x = v60 } }\n"),
    "HCL: matrix": hcl("target \"default\" {\n name = \"t-${a}-${b}-${c}\"\n matrix = {\n" + "".join(f"  {k} = [{','.join(str(n) for n in range(200))}]\n" for k in "abc") + " }\n}\n"),
    "HCL: 50,000 targets": hcl(lines(50_000, "target \"t{n}\" {{ args = {{ a = \"{n}\" }} }}\n") + "group \"default\" { targets = [" + ",".join(f'"t{n}"' for n in range(50_000)) + "] }\n"),
    "HCL: inherits in a chain": hcl("target \"t0\" {}\n" + lines(20_000, "target \"t{m}\" {{ inherits = [\"t{n}\"] }}\n") + "group \"default\" { targets = [\"t20000\"] }\n"),
    "HCL: inherits that double": hcl("target \"t0\" { tags = [\"a\"] }\n" + lines(60, "target \"t{m}\" {{ inherits = [\"t{n}\", \"t{n}\"] }}\n") + "group \"default\" { targets = [\"t60\"] }\n"),
    "HCL: groups that double": hcl("target \"g0\" {}\n" + lines(60, "group \"g{m}\" {{ targets = [\"g{n}\", \"g{n}\"] }}\n") + "group \"default\" { targets = [\"g60\"] }\n"),
    "HCL: regex": hcl("target \"default\" { tags = [regex_replace(\"" + "a" * 50_000 + "\", \"(a*)*(a*)*(a*)*b\", \"x\"), replace(\"" + "a" * 1000 + "\", \"\", \"" + "b" * 50_000 + "\")] }\n"),
    "HCL: numbers": hcl("target \"default\" { args = { a = \"${pow(9, 999999)}\", b = \"${1e999999999}\", c = \"${" + "9" * 200_000 + "}\" } }\n"),
    "HCL: range": hcl("target \"default\" { args = { a = length(range(999999999)), b = format(\"%999999999d\", 1) } }\n"),
    "HCL: functions of sets": hcl("target \"default\" { args = { a = length(setproduct(range(1000), range(1000), range(1000))), b = length(flatten([range(1000)])) } }\n"),
    "HCL: heredoc of 10 MB": hcl("target \"default\" {\n dockerfile-inline = <<E\n" + "RUN x\n" * 1_700_000 + "E\n}\n"),
    "HCL: variables in a circle": hcl(lines(5_000, "variable \"v{n}\" {{ default = v{m} }}\n") + "variable \"v5000\" { default = v0 }\ntarget \"default\" { args = { a = v0 } }\n"),
    "JSON: nested": {"docker-bake.json": '{"target":' * 1_000_000},
    "JSON: 10 MB of targets": {"docker-bake.json": json.dumps({"target": {f"t{n}": {"args": {"a": "${b}"}} for n in range(100_000)}, "group": {"default": {"targets": ["*"]}}})},
    "Compose: aliases": {"compose.yaml": aliases("x-a:\n").replace("\na", "\n  a") + "services:\n  a: {build: .}\n"},
    "Compose: merges": {"compose.yaml": "x-0: &m0 {a: b}\n" + lines(200, "x-{m}: &m{m}\n  <<: [*m{n}, *m{n}]\n  k{n}: v\n") + "services:\n  a:\n    build: .\n    labels: *m200\n"},
    "Compose: flows": {"compose.yaml": "services: " + "{a: " * 200_000},
    "Compose: indents": {"compose.yaml": "".join(" " * n + "a:\n" for n in range(3_000))},
    "Compose: services": {"compose.yaml": "services:\n" + lines(50_000, "  s{n}: {{build: {{context: ., args: {{a: $B}}}}}}\n")},
    "Compose: values nested": {"compose.yaml": "services:\n  a:\n    build: \"" + nested("${A:-", "x", "}", 100_000) + "\"\n"},
    "Compose: includes": {"compose.yaml": "include:\n" + "  - compose.yaml\n" * 5_000},
    "Compose: extends": {"compose.yaml": "services:\n" + lines(5_000, "  s{n}:\n    build: .\n    extends: {{service: s{m}}}\n") + "  s5000: {build: .}\n"},
}

STEP = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n    - run: |\n"
def workflow(script):
    return {".github/workflows/a.yml": STEP + "".join(f"        {line}\n" for line in script.split("\n"))}

def makefile(text, call="make"):
    return workflow(call) | {"Makefile": text}

def shell(text):
    return workflow("./build.sh") | {"build.sh": "#!/bin/bash\n" + text}

BUILD = "docker buildx build --platform linux/arm64 -t x ."
REPOSITORIES |= {
    "aliases": {".github/workflows/a.yml": aliases("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: x\n      env:\n").replace("\na", "\n        a").replace("        a:\n    runs", "  a:\n    runs")},
    "flows": {".github/workflows/a.yml": "jobs: " + "[" * 500_000},
    "matrix": {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n" + "".join(f"        {k}: [{','.join(str(n) for n in range(256))}]\n" for k in "abcd") + "    steps:\n    - run: " + BUILD + "\n"},
    "matrix with includes": {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    strategy:\n      matrix:\n        a: [" + ",".join(map(str, range(256))) + "]\n        include:\n" + lines(20_000, "        - {{a: {n}, b: x}}\n") + "    steps:\n    - run: " + BUILD + "\n"},
    "expressions nested": {".github/workflows/a.yml": STEP + "        docker build -t ${{ " + nested("format('{0}', ", "1", ")", 30_000) + " }} .\n        docker build -t ${{ " + "(" * 100_000 + " }} .\n"},
    "expressions that grow": {".github/workflows/a.yml": "on: push\nenv:\n  A0: abababab\n" + lines(60, "  A{m}: ${{{{ format('{{0}}{{0}}', env.A{n}) }}}}\n") + STEP[9:] + "        docker build -t ${{ env.A60 }} .\n"},
    "fromJSON": {".github/workflows/a.yml": STEP + "        docker build -t ${{ fromJSON('" + "[" * 200_000 + "') }} .\n"},
    "10,000 jobs": {".github/workflows/a.yml": "on: push\njobs:\n" + lines(10_000, "  j{n}:\n    runs-on: x\n    needs: [j{m}]\n    steps:\n    - run: " + BUILD + "\n")},
    "10,000 steps": {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + "    - run: " + BUILD + "\n" + "    - run: make a\n" * 30_000},
    "2,000 workflows": {f".github/workflows/w{n}.yml": STEP + "        make\n        " + BUILD + "\n" for n in range(2_000)} | {"Makefile": "a:\n\tmake b\nb:\n\t" + BUILD + "\n"},
    "workflows that call": {f".github/workflows/w{n}.yml": "on: workflow_call\njobs:\n" + "".join(f"  {j}:\n    uses: ./.github/workflows/w{n + 1}.yml\n" for j in "abcd") for n in range(40)},
    "actions that call": {f"a{n}/action.yml": "runs:\n  using: composite\n  steps:\n" + f"  - uses: ./a{n + 1}\n" * 9 for n in range(40)} | {".github/workflows/a.yml": STEP.replace("- run: |\n", "- uses: ./a0\n")},
    "make: recursion": makefile("all:\n\t$(MAKE) all\n\t$(MAKE) all\n\t" + BUILD + "\n"),
    "make: variables that double": makefile("A0 = aaaaaaaa\n" + lines(60, "A{m} = $(A{n})$(A{n})\n") + "all:\n\tdocker build -t $(A60) .\n"),
    "make: variables that double at once": makefile("A := aaaaaaaa\n" + "A := $(A)$(A)\n" * 60 + "all:\n\tdocker build -t $(A) .\n"),
    "make: functions that double": makefile("f = $(call f,$(1)$(1))$(call f,$(1))\nall:\n\tdocker build -t $(call f,ab) .\n"),
    "make: foreach": makefile("L := " + "a " * 2_000 + "\nX = $(foreach a,$(L),$(foreach b,$(L),$(foreach c,$(L),$(a)$(b)$(c))))\nall:\n\tdocker build -t $(X) .\n"),
    "make: parentheses": makefile("A = " + "$(" * 300_000 + "\nall:\n\tdocker build -t $(A) .\n"),
    "make: targets": makefile("all: " + " ".join(f"t{n}" for n in range(20_000)) + "\n" + lines(20_000, "t{n}: t{m}\n\t" + BUILD + "\n")),
    "make: targets that double": makefile("all: t0\n" + lines(60, "t{n}:\n\t$(MAKE) t{m}\n\t$(MAKE) t{m}\n") + "t60:\n\t" + BUILD + "\n"),
    "make: eval": makefile("define d\n$(eval $(d))$(eval $(d))\nendef\n$(eval $(d))\nall:\n\t" + BUILD + "\n"),
    "make: include": makefile("include Makefile\n" * 5_000 + "all:\n\t" + BUILD + "\n"),
    "make: patterns": makefile(lines(5_000, "%a{n}: %b{n}\n\t" + BUILD + "\n") + "all: " + " ".join(f"xa{n}" for n in range(5_000)) + "\n"),
    "make: conditions": makefile("ifeq ($(A),$(B))\n" * 30_000 + "all:\n\t" + BUILD + "\n"),
    "make: lines of 1 MB": makefile("A = " + "x\\\n" * 300_000 + "\nall:\n\tdocker build -t $(A) $(A) $(subst x,$(A),$(A)) .\n"),
    "script: loops": shell(nested("for i in 1 2 3 4 5 6 7 8 9; do ", BUILD, "; done", 40)),
    "script: while": shell("while true; do A=$A$A.; " + BUILD + "; done\n"),
    "script: calls itself": shell("./build.sh; ./build.sh\n" + BUILD + "\n"),
    "script: functions": shell(lines(60, "f{n}() {{ f{m}; f{m}; }}\n") + "f60() { " + BUILD + "; }\nf0\n"),
    "script: text that doubles": shell("A=aaaaaaaa\n" + "A=$A$A\n" * 60 + "docker build -t $A .\n"),
    "script: arrays": shell("A=(" + "a " * 100_000 + ")\n" + "A=(\"${A[@]}\" \"${A[@]}\")\n" * 40 + "docker build -t \"${A[@]}\" .\n"),
    "script: braces": shell("docker build -t " + "{a,b}" * 400 + " {1..99999999} .\n"),
    "script: patterns": shell("A=" + "a" * 100_000 + "\n" + "B=${A//a*a*a*a*a*b/x}; C=${A##*" + "a*" * 200 + "b}\n" * 200 + "docker build -t $B$C .\n"),
    "script: cases": shell("case $X in\n" + lines(20_000, "a{n}) T=$T{n} ;;\n") + "esac\ndocker build -t $T .\n"),
    "script: nested": shell("$(" * 200_000),
    "script: ifs": shell("if a; then T=$T.a; else T=$T.b; fi\n" * 3_000 + "docker build -t $T .\n"),
    "script: eval": shell("A='eval $A; eval $A; " + BUILD + "'; eval \"$A\"\n"),
    "script: builds": shell((BUILD + "\n") * 20_000),
    "script: globs": shell("for f in */*/*/*/*/*; do for g in **/*; do docker build -f $f -t $g .; done; done\n") | {f"d{n}/Dockerfile": "FROM a\n" for n in range(3_000)},
    "script: sources": shell("".join(f". ./s{n}.sh\n" for n in range(40))) | {f"s{n}.sh": "".join(f". ./s{m}.sh\n" for m in range(40)) for n in range(40)},
    "GitLab: extends": {".gitlab-ci.yml": lines(5_000, "j{n}:\n  extends: [j{m}, j{m}]\n  script: [" + json.dumps(BUILD) + "]\n")},
    "GitLab: includes": {".gitlab-ci.yml": "include:\n" + "- local: .gitlab-ci.yml\n" * 10_000},
    "GitLab: matrix": {".gitlab-ci.yml": "j:\n  parallel:\n    matrix:\n    - A: [" + ",".join(map(str, range(5_000))) + "]\n      B: [" + ",".join(map(str, range(5_000))) + "]\n  script: [" + json.dumps(BUILD) + "]\n"},
    "Jenkinsfile: blocks": {"Jenkinsfile": "environment {" * 50_000 + "\nwithEnv([" * 20_000 + "'A=b'" + f"\nsh '{BUILD}'\n" * 5_000},
    "Travis: jobs": {".travis.yml": "env:\n  global: [" + ",".join(f"A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 300)) + "]\n  jobs: [" + ",".join(f"B={n}" for n in range(199)) + "]\nscript: " + json.dumps([BUILD] * 300) + "\n"},
    "Azure: variables": {"azure-pipelines.yml": "variables: {" + ",".join(f"A{n}: x" for n in range(20_000)) + "}\nsteps:\n" + f"- script: {BUILD}\n  env: {{B: c}}\n" * 8_000},
    "Jenkinsfile": {"Jenkinsfile": "pipeline { agent any; stages { " + "stage('a') { steps { sh '" + BUILD + "' } }\n" * 10_000 + " } }" + "{" * 300_000},
    "bake in a step": workflow("docker buildx bake") | DEFINITIONS["HCL: matrix"],
    "bake in 300 steps": {".github/workflows/a.yml": "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n" + lines(300, "    - run: docker buildx bake # {n}\n")} | DEFINITIONS["HCL: for in for"],
    "goreleaser": workflow("goreleaser release") | {".goreleaser.yml": "dockers:\n" + lines(20_000, "- goarch: a{n}\n  image_templates: ['{{{{ .Tag }}}}']\n")},
}

def row(content, key="k"):
    return json.dumps({"content": content, "id": key}) + "\n"

TABLES |= {
    "5,000 lines": lambda: "".join(row("FROM alpine\nRUN x\n", n) for n in range(5_000)),
    "a line of 64 MB": lambda: row("FROM alpine\n" + "RUN x\n" * 10_000_000),
    "lines of 15 MB": lambda: row("x" * 15_000_000) * 4,
    "Dockerfile of 15 MB": lambda: row("FROM alpine\n" + "RUN x\n" * 2_000_000),
    "blank lines of 64 MB": lambda: "\n" * 64_000_000,
    "nested": lambda: '{"content":' + "[" * 8_000_000 + "\n",
    "a line of 1,000,000 names": lambda: "{" + ",".join(f'"a{n}":1' for n in range(1_000_000)) + "}\n",
    "no JSON, 1,000,000 lines": lambda: "x\n" * 1_000_000,
    "names of 1 MB": lambda: row("FROM alpine", "k" * 1_000_000) * 20,
    "stages of 20,000": lambda: row(DOCKERFILES["stages of 20,000"]),
}

SCANS = "text jsonl parquet html sarif".split()
GOOD = "FROM --platform=$BUILDPLATFORM golang AS b\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build -o /a\nFROM alpine\nCOPY --from=b /a /a\nCOPY . /b\n"

def on_dockerfile(more=(), wide=True):
    """The runs on a Dockerfile; in `other` something is found, which has to be reported as well."""
    two = ["--platform", TWO, *more]
    yield from (["analyze", "Dockerfile", "--format", f, *two] for f in "text json html svg markdown github".split())
    yield ["analyze", "Dockerfile", "--timeline", "--tree", "--color", "always", *two]
    yield from (["check", "Dockerfile", "other", "--format", f, *two] for f in "text github sarif".split())
    yield from (["graph", "Dockerfile", "--format", f, *two[:2]] for f in "svg dot mermaid json".split())
    yield ["graph", "Dockerfile", "--detail", "stage", *two[:2]]
    yield ["explain", "Dockerfile:2", *two]
    yield from (["compare", "Dockerfile", "good/Dockerfile", "--format", f, *two] for f in "text markdown json svg html".split())
    yield ["compare", "Dockerfile", "Dockerfile", "good/Dockerfile", *two]
    yield ["fix", "Dockerfile", "good", *two]
    yield from (["scan", "Dockerfile", "other", "--format", f, *two[:2]] for f in SCANS)
    if wide:
        many = ["--platform", MANY, *more]
        yield from (["analyze", "Dockerfile", "--format", f, *many] for f in "text json html svg markdown".split())
        yield ["graph", "Dockerfile", *many[:2]]
        yield ["check", "Dockerfile", *many]
        yield ["compare", "Dockerfile", "good/Dockerfile", "--format", "html", *many]
        yield ["explain", "Dockerfile:2", *many]
        yield ["fix", "Dockerfile", *many]

def on_log():
    yield from (["observe", "log", "--format", f] for f in "text json svg html markdown".split())
    yield ["observe", "log", "--dockerfile", "good"]
    yield ["calibrate", "--log", "log", "--output", "profile.toml"]
    yield ["calibrate", "good", "--log", "log", "good.log"]
    yield ["analyze", "log"]

def on_definition(file):
    yield ["bake", "--print"]
    yield ["bake", "--format", "json"]
    yield from (["analyze", file, "--format", f] for f in "text json html svg markdown".split())
    yield ["compare", file, "good/Dockerfile"]
    yield ["check", file]
    yield ["fix", file]
    yield ["builds"]
    yield ["scan", "."]

def on_repository():
    yield ["builds"]
    yield ["builds", "--format", "json"]
    yield from (["check", ".", "--format", f] for f in "text sarif".split())
    yield ["analyze", "."]
    yield from (["scan", ".", "--format", f] for f in SCANS)
    workflow = ".github/workflows/a.yml"
    yield from (["analyze", workflow, "--format", f] for f in "text json".split())
    yield ["fix", workflow]

def on_table():
    yield from (["scan", "table.jsonl", "--format", f, "--key", "id", "--platform", TWO] for f in SCANS)

def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())

GROUPS = {"file": {}, "Dockerfile": DOCKERFILES, "context": CONTEXTS, "settings": SETTINGS, "log": LOGS, "bake": DEFINITIONS, "builds": REPOSITORIES, "table": TABLES}

def kinds():
    return [f"{group}: {name}" for group, table in GROUPS.items() for name in table]

def make(kind):
    """Writes the input of a kind into the present folder; gives its runs."""
    here = Path(".")
    group, name = kind.split(": ", 1)
    if group == "file":
        write(here / "Dockerfile", Path(name).read_bytes())
        beside = Path(name).with_name(".dockerignore")
        if beside.is_file():
            write(here / ".dockerignore", beside.read_bytes())
    elif group == "Dockerfile":
        write(here / "Dockerfile", DOCKERFILES[name])
    elif group == "context":
        file, patterns = CONTEXTS[name]
        write(here / "Dockerfile", file)
        write(here / ".dockerignore", patterns)
        for n in range(2_000):
            write(here / f"f{n % 50}" / f"f{n}", "x")
    elif group == "settings":
        write(here / "Dockerfile", GOOD)
        write(here / "settings.toml", SETTINGS[name][1])
    elif group == "log":
        write(here / "log", LOGS[name]())
        write(here / "good.log", "#1 [1/2] RUN gcc x\n#1 DONE 3.0s\n")
    elif group == "table":
        write(here / "table.jsonl", TABLES[name]())
    else:
        for path, data in (DEFINITIONS if group == "bake" else REPOSITORIES)[name].items():
            write(here / path, data)
        write(here / "Dockerfile", GOOD)
    write(here / "good/Dockerfile", GOOD)
    write(here / "other/Dockerfile", "FROM --platform=$TARGETPLATFORM alpine\nRUN x\n")

def runs(kind):
    group, name = kind.split(": ", 1)
    if group in ("file", "Dockerfile"):
        return on_dockerfile()
    if group == "context":
        return on_dockerfile(["--context", "."], wide=False)
    if group == "settings":
        option = SETTINGS[name][0]
        if option == "--baseline":
            return (r for r in ([c, "Dockerfile", "--platform", TWO, option, "settings.toml"] for c in ("analyze", "check")))
        if option.endswith("="):
            return on_dockerfile(option.split()[:1] + [option.split()[1] + "settings.toml"], wide=False)
        return on_dockerfile([option, "settings.toml"], wide=False)
    if group == "bake":
        return on_definition(next(iter(DEFINITIONS[name])))
    return {"log": on_log, "builds": on_repository, "table": on_table}[group]()

def serve():
    """Reads folders and kinds, writes runs: in a process of its own, as the memory of a parent is taken for that of its children."""
    print(json.dumps(kinds()), flush=True)
    for line in sys.stdin:
        folder, kind = json.loads(line)
        os.chdir(folder)
        make(kind)
        print(json.dumps(list(runs(kind))), flush=True)
        os.chdir("/")
