"""Engines give the table that one thread gives, whatever they lose on the way. Run by name: `.ci/run engines`.

Each test says what is missing where it cannot run.
"""

import importlib.util
import json
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path

import pytest
import xsim

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).resolve().parent.parent.parent
COUNT = 20_000
PLATFORMS = ["linux/amd64", "linux/arm64"]

has_java = pytest.mark.skipif(shutil.which("java") is None, reason="SKIPPED: Java is not installed")


def example(name):
    """An example as if it were the program that is run, so that engines take its functions along."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for own in [thing for thing in vars(module).values() if getattr(thing, "__module__", None) == name]:
        own.__module__ = "__main__"
    return module


def dockerfiles():
    """The conformance cases, and variants of them that are all different."""
    cases = [
        json.loads(line)["dockerfile"]
        for path in sorted((ROOT / "tests/data/conformance").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if '"dockerfile"' in line
    ]
    assert len(cases) > 1000
    return [
        text if at < len(cases) else f"{text}\nRUN make part{at // len(cases)} # {at}\n"
        for at, text in zip(range(COUNT), cases * (COUNT // len(cases) + 1))
    ]


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    """The path of a table, with many small groups of rows, so that there is work to divide."""
    texts = dockerfiles()
    keys = [f"k{at:05}" for at in range(len(texts))]
    path = tmp_path_factory.mktemp("engines") / "texts.parquet"
    pq.write_table(pa.table({"content": texts, "hexsha": keys}), path, row_group_size=1000)
    return path


@pytest.fixture(scope="session")
def serial(table):
    return by_key(xsim.analyze_batch(pq.read_table(table), key="hexsha", platforms=PLATFORMS))


def by_key(rows):
    """Rows in the order of their keys, as values: engines divide and store them in ways of their own."""
    found = sorted(rows.to_pylist(), key=lambda row: row["file"])
    assert len(found) == COUNT
    return found


def test_threads(table, serial):
    rows = xsim.analyze_batch(pq.read_table(table), key="hexsha", platforms=PLATFORMS, threads=2)
    assert rows.column("file").to_pylist() == [f"k{at:05}" for at in range(COUNT)], "in the order of the texts"
    assert by_key(rows) == serial


@pytest.fixture(scope="module")
def spark():
    pyspark = pytest.importorskip("pyspark", reason="SKIPPED: pyspark is not installed")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,1024]").appName("xsim")
    for name, value in {
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "768m",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "500",
    }.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def rows_of(spark, table, out, meanwhile=lambda: None):
    texts = spark.read.parquet(str(table)).repartition(40)
    job = example("spark_scan").scan(texts)
    side = threading.Thread(target=meanwhile)
    side.start()
    job.write.parquet(str(out))
    side.join()
    return by_key(pq.read_table(out))


@has_java
def test_spark(spark, table, serial, tmp_path):
    assert rows_of(spark, table, tmp_path / "rows") == serial


def executors(application):
    """The executors of an application, by their process ids."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        is_executor = any(b"CoarseGrainedExecutorBackend" in word for word in words)
        if is_executor and application.encode() in words and b"java" in words[0]:
            found.append(int(folder.name))
    return sorted(found)


@has_java
def test_a_killed_executor_loses_nothing(spark, table, serial, tmp_path):
    application = spark.sparkContext.applicationId
    tracker = spark.sparkContext.statusTracker()
    killed = []

    def kill():
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not killed:
            for stage in tracker.getActiveStageIds():
                about = tracker.getStageInfo(stage)
                running = executors(application)
                if about and about.numTasks == 40 and about.numCompletedTasks >= 3 and running:
                    os.kill(running[0], signal.SIGKILL)
                    killed.append(running[0])
                    return
            time.sleep(0.05)

    assert rows_of(spark, table, tmp_path / "rows", kill) == serial
    assert killed, "the job was done before an executor could be killed"


def test_ray(table, serial):
    ray = pytest.importorskip("ray", reason="SKIPPED: ray is not installed")
    pytest.importorskip("ray.data", reason="SKIPPED: ray[data] is not installed")
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    try:
        texts = ray.data.read_parquet(str(table)).repartition(20)
        rows = example("ray_scan").scan(texts)
        assert by_key(pa.concat_tables(ray.get(rows.to_arrow_refs()))) == serial
    finally:
        ray.shutdown()
