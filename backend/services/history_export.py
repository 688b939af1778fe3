"""History as CSV and JSON: one row a file, read and written row by row.

CSV is RFC 4180: UTF-8, CRLF, every cell quoted, quotes doubled. A spreadsheet runs a cell that begins with `=`, `+`, `-`,
`@`, a tab or a carriage return as a formula; such a cell gets a `'` in front, which spreadsheets take as "this is text".
"""

from __future__ import annotations

import csv
import io
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any

from backend.core.clock import utc_now
from backend.core.errors import Conflict, InvalidRequest
from backend.core.paths import given_path, storage_errors
from backend.models.history import Exported
from backend.store.ledger_queries import LedgerQueries, RunFilter

from .history import clock_of, measured

TEXT_BYTES = 8_000_000
"""More than this is only written to a file."""
COLUMNS = (
    "run_id", "started_at", "finished_at", "clock", "connection", "connection_name", "environment", "engine", "kind",
    "direction", "run_state", "version", "filename", "status", "duration_ms", "waited_ms", "author", "os_user", "host",
    "tool", "tool_version", "app_version", "git_commit", "backup_id", "sha256", "error_code", "error_message",
    "error_line", "partial", "landed",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_CHUNK = 500


class HistoryExport:
    def __init__(self, queries: LedgerQueries) -> None:
        self._queries = queries

    def export(
        self,
        wanted: RunFilter,
        form: str,
        path: str | None,
        *,
        newest_first: bool = True,
        overwrite: bool = False,
    ) -> Exported:
        """Write `csv` or `json` to `path`, whole or not at all, or answer it as text.

        Raises Conflict where the file is there already (unless `overwrite`), InvalidRequest where the text would be
        larger than 8 MB.
        """
        counted = [0]
        rows = _counting(self._queries.stream(wanted, newest_first=newest_first), counted)
        chunks = _csv(rows) if form == "csv" else _json(rows)
        name = f"history-{utc_now():%Y%m%d-%H%M%S}.{form}"
        if path is not None:
            written, size = write_stream(given_path(path), chunks, overwrite=overwrite)
            return Exported(
                format=form, filename=written.name, path=str(written), rows=counted[0], size_bytes=size
            )
        text = collect(chunks)
        return Exported(
            format=form,
            filename=name,
            text=text,
            rows=counted[0],
            size_bytes=len(text.encode("utf-8", "replace")),
        )


def safe_cell(value: object) -> str:
    """A cell that no spreadsheet runs. Numbers are ours and stay numbers."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    # Some programs trim a cell before they look at it.
    risky = text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA[:4])
    return f"'{text}" if risky else text


def csv_line(cells: list[object]) -> str:
    """One RFC 4180 line with its CRLF."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow([safe_cell(one) for one in cells])
    return out.getvalue()


def collect(chunks: Iterator[str], most: int = TEXT_BYTES) -> str:
    """The text, refused as soon as it is too large."""
    parts, size = [], 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise InvalidRequest(
                "That is more than fits into one answer.",
                hint="Choose a file to write it to (path), or narrow the filters.",
                reason="too_large",
            )
        parts.append(chunk)
    return "".join(parts)


def write_stream(path: Path, chunks: Iterator[str], *, overwrite: bool) -> tuple[Path, int]:
    """Write the chunks to a file that is there whole or not at all. Returns the path and the size in bytes."""
    if path.is_dir():
        raise InvalidRequest(f"{path} is a folder.", hint="Give the path of the file to write.")
    if path.exists() and not overwrite:
        raise Conflict(
            f"{path} is there already.", hint="Choose another name, or overwrite it.", path=str(path)
        )
    with storage_errors(path, "write"):
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="") as stream:
                for chunk in chunks:
                    stream.write(chunk)
                stream.flush()
                os.fsync(stream.fileno())
            size = Path(temporary).stat().st_size
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
    return path, size


# -- formats -----------------------------------------------------------------------------------------------------


def _csv(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield csv_line(list(COLUMNS))
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for number, row in enumerate(rows, 1):
        flat = _flat(row)
        writer.writerow([safe_cell(flat[name]) for name in COLUMNS])
        if number % _CHUNK == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


_AS_KEPT = (
    "run_id", "started_at", "finished_at", "connection", "environment", "engine", "kind", "direction", "author",
    "os_user", "host", "tool", "tool_version", "app_version", "git_commit", "backup_id",
)  # fmt: skip


def _run_part(row: dict[str, Any]) -> dict[str, Any]:
    part = {name: row[f"run_{name}"] for name in _AS_KEPT}
    part["connection_name"] = (row["run_database_key"] or "").partition("/")[2] or row["run_connection"]
    part["clock"] = str(clock_of(row["run_started_at"], row["run_finished_at"]))
    return part


def _json(rows: Iterator[dict[str, Any]]) -> Iterator[str]:
    """An array of runs, each with its files."""
    first = True
    for _, group in groupby(rows, key=lambda row: row["run_run_id"]):
        files = list(group)
        run = _run_part(files[0])
        run["state"] = files[0]["run_state"]
        run["duration_ms"] = measured(files[0]["run_duration_ms"])
        run["error"] = _loaded(files[0]["run_error"])
        run["files"] = [
            {
                **{name: one[name] for name in ("version", "filename", "status", "sha256")},
                "duration_ms": measured(one["duration_ms"]),
                "waited_ms": measured(one["waited_ms"]),
                "partial": bool(one["partial"]),
                "landed": _loaded(one["landed"]) or [],
                "error": _loaded(one["error"]),
                "server": _loaded(one["server"]),
            }
            for one in files
            if one["id"] is not None
        ]
        yield ("[\n" if first else ",\n") + json.dumps(run, ensure_ascii=False)
        first = False
    yield "[]\n" if first else "\n]\n"


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    error = _loaded(row["error"]) or _loaded(row["run_error"]) or {}
    return {
        **_run_part(row),
        "run_state": row["run_state"],
        **{name: row[name] for name in ("version", "filename", "status", "sha256")},
        "duration_ms": measured(row["duration_ms"]),
        "waited_ms": measured(row["waited_ms"]),
        "error_code": error.get("code"),
        "error_message": error.get("message"),
        "error_line": (error.get("details") or {}).get("line"),
        "partial": bool(row["partial"]),
        "landed": "; ".join(_loaded(row["landed"]) or []),
    }


def _loaded(text: str | None) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None


def _counting(rows: Iterator[dict[str, Any]], counted: list[int]) -> Iterator[dict[str, Any]]:
    for row in rows:
        counted[0] += 1
        yield row
