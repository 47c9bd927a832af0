from typing import Any

import pyarrow

__all__ = ["__version__", "analyze", "analyze_batch", "main", "report", "schema"]
__version__: str

def analyze(
    text: bytes,
    platforms: list[str],
    key: str,
    target: str | None,
    build_args: dict[str, str] | None,
    build_platform: str | None,
    machine: str | None,
    timeout: float | None,
) -> str: ...
def report(
    text: bytes,
    platforms: list[str],
    key: str,
    target: str | None,
    build_args: dict[str, str] | None,
    build_platform: str | None,
    machine: str | None,
    timeout: float | None,
) -> str: ...
def analyze_batch(
    data: Any,
    column: str,
    key: str | None,
    repository: str | None,
    platforms: list[str],
    threads: int,
    target: str | None,
    build_args: dict[str, str] | None,
    build_platform: str | None,
    machine: str | None,
    timeout: float | None,
) -> Any: ...
def schema() -> pyarrow.Schema: ...
def main(arguments: list[str]) -> int: ...
