"""The module as a dependent sees it."""

import dataclasses
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import xsim

ROOT = Path(__file__).resolve().parent.parent.parent
BOTH = ["linux/amd64", "linux/arm64"]
SLOW = "FROM debian\nARG A=0\nRUN make $A\n"
HOSTILE = [
    "",
    "RUN before FROM",
    "FROM a\n" * 2000,
    "\0\x1b[31m\u202e",
    "FROM a AS b\n" + "RUN " + "$(" * 5000,
    "FROM a\nONBUILD " + "ONBUILD " * 500,
    "FROM \ud800",
]


def test_a_build_in_numbers():
    build = xsim.analyze(SLOW, BOTH, key="k")
    assert (build.file, build.platforms, build.runs, build.emulated) == ("k", BOTH, 2, 1)
    assert build.error is None
    assert build.p10_s < build.p50_s < build.p90_s
    assert 0 < build.emulation_s <= build.lost_s
    assert isinstance(build.findings[0], xsim.Finding)
    assert build == xsim.analyze(SLOW.encode(), BOTH, key="k"), "the same text, the same build"
    native = xsim.analyze(SLOW, BOTH, machine="native-pair")
    assert native.emulated == 0
    assert xsim.analyze("FROM a AS b\nRUN x\nFROM c\n", target="b").runs == 1


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_raises(text):
    build = xsim.analyze(text, BOTH, timeout=10)
    assert isinstance(build.error, (str, type(None)))


def test_what_is_asked_for_wrongly_raises():
    for wrong in [
        {"platforms": ["no/such/thing/at/all"]},
        {"platforms": "linux/amd64"},
        {"machine": "nobody's"},
        {"timeout": -1.0},
        {"build_platform": "*"},
    ]:
        with pytest.raises(ValueError):
            xsim.analyze(SLOW, **wrong)


def test_the_whole_report_is_that_of_the_program(tmp_path):
    (tmp_path / "Dockerfile").write_text(SLOW)
    command = ["analyze", "Dockerfile", "--platform", ",".join(BOTH), "--build-platform", "linux/amd64", "--format", "json"]
    said = subprocess.run([program(), *command], cwd=tmp_path, check=True, capture_output=True).stdout
    assert xsim.report(SLOW, BOTH) == json.loads(said)
    assert "error" in json.dumps(xsim.report("RUN before FROM"))


def program():
    return str(Path(sys.executable).parent / "xsim")


def test_the_wheel_carries_the_program():
    said = subprocess.run([program(), "--version"], check=True, capture_output=True, text=True).stdout
    assert said == f"xsim {xsim.__version__}\n"
    assert subprocess.run([program(), "analyze", "no/such/file"], capture_output=True).returncode == 4


def test_versions_are_one():
    versions = [
        next(line for line in (ROOT / path).read_text().splitlines() if line.startswith("version"))
        for path in ["Cargo.toml", "python/Cargo.toml"]
    ]
    assert versions[0] == versions[1] == f'version = "{xsim.__version__}"'


def test_the_lock_is_released():
    """A thread that only counts goes on while another analyses."""
    counted = []
    done = threading.Event()

    def count():
        while not done.is_set():
            counted.append(time.perf_counter())
            time.sleep(0.0005)

    counter = threading.Thread(target=count)
    counter.start()
    text = "FROM debian\n" + "".join(f"RUN make step{at}\n" for at in range(300))
    begun = time.perf_counter()
    xsim.analyze(text, BOTH, timeout=20)
    ended = time.perf_counter()
    done.set()
    counter.join()
    assert sum(begun < at < ended for at in counted) >= 2


def test_rows_are_dataclasses_that_compare():
    build = xsim.analyze(SLOW)
    assert dataclasses.replace(build, file="other") != build
