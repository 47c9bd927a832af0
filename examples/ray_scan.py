"""Analyses a table of Dockerfiles in Parquet on Ray: one row a Dockerfile.

    python examples/ray_scan.py dockerfiles.parquet rows

Needs xsim-build[arrow] and ray[data] on every node. Ray divides the work; a row depends on its text alone.
"""

import sys

import pyarrow as pa
import ray
import xsim

PLATFORMS = ["linux/amd64", "linux/arm64"]


def analyzed(table: pa.Table) -> pa.Table:
    return xsim.analyze_batch(table, column="content", key="hexsha", platforms=PLATFORMS)


def scan(texts: ray.data.Dataset) -> ray.data.Dataset:
    """The rows of a table with the columns `content` and `hexsha`."""
    return texts.map_batches(analyzed, batch_format="pyarrow")


if __name__ == "__main__":
    scan(ray.data.read_parquet(sys.argv[1])).write_parquet(sys.argv[2])
