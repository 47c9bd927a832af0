"""Columns of texts, through the Arrow C data interface."""

import json

import pytest
import xsim

pa = pytest.importorskip("pyarrow")

BOTH = ["linux/amd64", "linux/arm64"]


def texts(count):
    return [f"FROM debian\nRUN make step{at % 7}\n" if at % 5 else f"NONSENSE {at}" for at in range(count)]


def batch(count, kind=None):
    return pa.record_batch(
        {
            "content": pa.array(texts(count), kind or pa.string()),
            "hexsha": pa.array([f"k{at}" for at in range(count)]),
            "repo": pa.array([f"o/{at % 3}" for at in range(count)]).dictionary_encode(),
        }
    )


def test_a_batch_gives_a_batch_and_a_table_a_table():
    given = batch(100)
    rows = xsim.analyze_batch(given, key="hexsha", repository="repo", platforms=BOTH)
    assert isinstance(rows, pa.RecordBatch)
    assert rows.schema == xsim.schema()
    table = pa.Table.from_batches([given.slice(0, 30), given.slice(30)])
    made = xsim.analyze_batch(table, key="hexsha", repository="repo", platforms=BOTH, threads=3)
    assert isinstance(made, pa.Table)
    assert made.combine_chunks().to_batches()[0] == rows
    assert xsim.analyze_batch(table.to_reader(), key="hexsha", repository="repo", platforms=BOTH) == made


def test_rows_are_those_of_analyze():
    given = batch(20)
    for row, text in zip(xsim.analyze_batch(given, platforms=BOTH).to_pylist(), texts(20)):
        build = xsim.analyze(text, BOTH, key="")
        row["findings"] = [xsim.Finding(**found) for found in row["findings"]]
        assert xsim.Build(**row) == build


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.dictionary(pa.int32(), pa.string())],
    ids=str,
)
def test_every_layout_of_texts_is_read(kind):
    given = batch(20)
    column = given.column("content")
    other = column.dictionary_encode() if pa.types.is_dictionary(kind) else column.cast(kind)
    assert xsim.analyze_batch(pa.record_batch({"content": other})) == xsim.analyze_batch(given)


def test_texts_are_not_copied():
    """What a table of texts takes is there once: analysing it does not add its size to what Arrow has allocated."""
    text = "FROM debian\n" + "# a comment\n" * 50_000
    given = pa.record_batch({"content": pa.array([text] * 100)})
    size = given.nbytes
    before = pa.total_allocated_bytes()
    rows = xsim.analyze_batch(given)
    assert pa.total_allocated_bytes() - before < size / 100
    assert rows.num_rows == 100


def test_bad_texts_are_rows():
    given = pa.record_batch({"content": pa.array([None, b"\xff\xfe", b"FROM a\n", b"\0" * 100], pa.binary())})
    rows = xsim.analyze_batch(given).to_pylist()
    assert rows[0]["error"] == "the text is missing"
    assert rows[2]["error"] is None
    assert rows[3]["error"] is not None
    assert xsim.analyze_batch(given.slice(0, 0)).num_rows == 0


def test_a_column_that_is_not_there_raises():
    with pytest.raises(ValueError, match='no column "text"; there are content, hexsha, repo'):
        xsim.analyze_batch(batch(1), column="text")
    with pytest.raises(ValueError, match="holds no texts"):
        xsim.analyze_batch(pa.record_batch({"content": pa.array([1])}))


def test_the_program_writes_the_same_table(tmp_path):
    import subprocess

    import pyarrow.parquet as pq
    from test_xsim import program

    given = batch(50)
    pq.write_table(pa.Table.from_batches([given]), tmp_path / "t.parquet")
    options = ["--key", "hexsha", "--repository", "repo", "--platform", ",".join(BOTH), "--format", "parquet"]
    command = [program(), "scan", "t.parquet", *options, "--output", "rows.parquet"]
    subprocess.run(command, cwd=tmp_path, check=True)
    written = pq.read_table(tmp_path / "rows.parquet")
    rows = xsim.analyze_batch(given, key="hexsha", repository="repo", platforms=BOTH)
    assert written.schema.names == rows.schema.names

    def comparable(table):
        # Where a text stands differs: the program names the table.
        return json.dumps([row | {"place": ""} for row in table.to_pylist()], sort_keys=True)

    assert comparable(written) == comparable(rows)


def test_others_that_speak_arrow():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("SELECT 'FROM a' || chr(10) || 'RUN x' AS content, range AS hexsha FROM range(5)")
    assert xsim.analyze_batch(relation.arrow() if hasattr(relation, "arrow") else relation).num_rows == 5
