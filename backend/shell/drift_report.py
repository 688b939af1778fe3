"""The report of `main.py check --drift` as text, JSON, SARIF 2.1.0 and GitHub annotations. Pure.

What differs has no line of its own: it is reported at the schema file, where a reader looks for the schema.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from backend.models.finding import Severity
from backend.models.schema_diff import Drift, DriftState

from .check_report import Item, github_of, sarif_of

_WORDS = {"added": "is not made by any migration", "removed": "is missing", "changed": "differs"}


def items(drift: Drift, file: str) -> list[Item]:
    """One for each object that differs, or one for why it is not known."""
    if drift.state is DriftState.UNKNOWN:
        return [
            _item(
                file, Severity.MEDIUM, "drift-unknown", drift.reason or "It is not known.", drift.hint or ""
            )
        ]
    return [
        _item(
            file,
            Severity.HIGH,
            "drift",
            f"{one.id} {_WORDS.get(one.change, 'differs')}.",
            "Write the migration for it, or bring the database back.",
        )
        for one in drift.changes
    ]


def _item(file: str, severity: Severity, code: str, message: str, advice: str) -> Item:
    return Item(file, 1, 1, 1, 2, severity, code, message, advice, None)


def as_text(drift: Drift, file: str) -> str:
    lines = [f"{one.code}: {one.message}" for one in items(drift, file)]
    if drift.state is DriftState.UNKNOWN and drift.hint:
        lines.append(f"    {drift.hint}")
    lines += [f"note: {note}" for note in drift.notes]
    made = _count(drift.files, "applied migration", "applied migrations")
    summary = {
        DriftState.IN_SYNC: f"In sync: the database is what its {made} made.",
        DriftState.DRIFTED: f"Drift: {_count(drift.total, 'object differs', 'objects differ')} from what {made} made.",
        DriftState.UNKNOWN: "It is not known whether the database has drifted.",
    }
    return "\n".join([*lines, summary[drift.state], ""])


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def as_json(drift: Drift, file: str) -> str:
    return drift.model_dump_json(indent=1) + "\n"


FORMATS: dict[str, Callable[[Drift, str], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": lambda drift, file: sarif_of(items(drift, file)),
    "github": lambda drift, file: github_of(items(drift, file)),
}


def shown(schema_file: str, root: Path) -> str:
    """The schema file's path, relative to `root` where it is below it."""
    path = Path(schema_file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
