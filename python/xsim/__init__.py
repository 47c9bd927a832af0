"""What BuildKit makes of a Dockerfile for many platforms, and what that costs.

    >>> import xsim
    >>> build = xsim.analyze("FROM alpine\\nRUN apk add git\\n", ["linux/amd64", "linux/arm64"])
    >>> build.runs, build.emulated
    (2, 1)

`analyze` says of one text what `xsim scan` says of it, `report` all that `xsim analyze --format json` says, and
`analyze_batch` does the first for a column of texts in Arrow. None of them builds, downloads or runs anything. A text that
cannot be read or built is a result with an `error`; only what is asked for wrongly raises `ValueError`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _xsim

if TYPE_CHECKING:
    import pyarrow

__all__ = ["Build", "Finding", "analyze", "analyze_batch", "report", "schema"]
__version__: str = _xsim.__version__


@dataclass(frozen=True)
class Finding:
    """What a rule finds in a build."""

    rule: str
    severity: str
    """`note`, `warning` or `error`."""
    line: int | None
    message: str
    saving_s: float | None
    """How much shorter the median build is with the change, in seconds; None where that was not simulated."""
    is_fixable: bool
    """Whether `xsim fix` makes the change."""


@dataclass(frozen=True)
class Build:
    """A build in numbers. Times are in seconds; docs/scale.md says what each field means."""

    repository: str
    file: str
    place: str
    target: str | None
    platforms: list[str]
    hash: str
    steps: int
    runs: int
    emulated: int
    p10_s: float | None
    p50_s: float | None
    p90_s: float | None
    emulation_s: float
    repeated_s: float
    lost_s: float
    findings: list[Finding]
    wrong_images: int
    unknown: list[str]
    error: str | None


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)


def analyze(
    text: str | bytes,
    platforms: Sequence[str] = (),
    *,
    key: str = "Dockerfile",
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
    build_platform: str | None = None,
    machine: str | None = None,
    timeout: float | None = None,
) -> Build:
    """What is known of the build of a Dockerfile.

    `platforms` are the target platforms; without any that of the builder, which is `build_platform`, or else linux/amd64.
    `machine` is one that xsim knows by name, such as `ubuntu-latest` or `native-pair`. `timeout` is in seconds; without it the
    work is limited as in the program, whatever the machine. The interpreter's lock is released meanwhile.
    """
    line = _xsim.analyze(
        _bytes(text), _list(platforms), key, target, _dict(build_args), build_platform, machine, timeout
    )
    fields = json.loads(line)
    fields["findings"] = [Finding(**found) for found in fields["findings"]]
    return Build(**fields)


def report(
    text: str | bytes,
    platforms: Sequence[str] = (),
    *,
    key: str = "Dockerfile",
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
    build_platform: str | None = None,
    machine: str | None = None,
    timeout: float | None = None,
) -> dict[str, Any]:
    """All that `xsim analyze --format json` says of a Dockerfile; its schema is in docs/schema.

    Raises `ValueError` where the work exceeds its limit: of that there is no report.
    """
    text = _xsim.report(
        _bytes(text), _list(platforms), key, target, _dict(build_args), build_platform, machine, timeout
    )
    found: dict[str, Any] = json.loads(text)
    return found


def analyze_batch(
    data: Any,
    *,
    column: str = "content",
    key: str | None = None,
    repository: str | None = None,
    platforms: Sequence[str] = (),
    threads: int = 1,
    target: str | None = None,
    build_args: Mapping[str, str] | None = None,
    build_platform: str | None = None,
    machine: str | None = None,
    timeout: float | None = None,
) -> Any:
    """The same for a column of texts: a row for each, in order.

    `data` is anything that gives itself by the Arrow C data interface: a `pyarrow.RecordBatch`, of which a `RecordBatch` is
    made, or a table or a reader of batches, of which a `Table` is made. Its buffers are not copied. `key` and `repository` name
    columns that become the fields `file` and `repository`. `threads` is how many work; 0 is one for each core. The
    interpreter's lock is released meanwhile. Needs pyarrow.
    """
    return _xsim.analyze_batch(
        data,
        column,
        key,
        repository,
        _list(platforms),
        threads,
        target,
        _dict(build_args),
        build_platform,
        machine,
        timeout,
    )


def schema() -> pyarrow.Schema:
    """The schema of what `analyze_batch` makes. Needs pyarrow."""
    return _xsim.schema()


def _list(platforms: Sequence[str]) -> list[str]:
    if isinstance(platforms, str):
        raise ValueError(f"platforms are a list of texts, as in [{platforms!r}]")
    return list(platforms)


def _dict(build_args: Mapping[str, str] | None) -> dict[str, str] | None:
    return None if build_args is None else dict(build_args)
