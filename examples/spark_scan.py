"""Analyses a table of Dockerfiles in Parquet on Spark: one row a Dockerfile.

    spark-submit examples/spark_scan.py dockerfiles.parquet rows.parquet

Needs xsim-build[arrow] on the driver and on every executor, and Spark 3.5 or later. Spark divides the work and repeats what an
executor loses; a row depends on its text alone, so that what is repeated is the same.
"""

import sys
from collections.abc import Iterable, Iterator

import pyarrow as pa
import xsim
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

PLATFORMS = ["linux/amd64", "linux/arm64"]


def analyzed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        yield xsim.analyze_batch(batch, column="content", key="hexsha", platforms=PLATFORMS)


def scan(texts: DataFrame) -> DataFrame:
    """The rows of a table with the columns `content` and `hexsha`."""
    return texts.select("content", "hexsha").mapInArrow(analyzed, from_arrow_schema(xsim.schema()))


if __name__ == "__main__":
    spark = SparkSession.builder.appName("xsim").getOrCreate()
    scan(spark.read.parquet(sys.argv[1])).write.mode("overwrite").parquet(sys.argv[2])
    spark.stop()
