"""The report of `main.py check --rehearse` as text, JSON, SARIF 2.1.0 and GitHub annotations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from backend.models.finding import Severity
from backend.models.rehearsal import Rehearsal, RehearsedFile, Verdict

from .check_report import Item, github_of, sarif_of

_SEVERITY = {
    Verdict.FAILED: Severity.HIGH,
    Verdict.BROKEN: Severity.HIGH,
    Verdict.STOPPED: Severity.HIGH,
    Verdict.LOSSY: Severity.MEDIUM,
    Verdict.NO_DOWN: Severity.LOW,
    Verdict.SCHEMA_ONLY: Severity.INFO,
}
_FAILS = {Verdict.FAILED, Verdict.BROKEN, Verdict.STOPPED}
_FAILS_IF_STRICT = {Verdict.LOSSY, Verdict.NO_DOWN}


def fails(rehearsal: Rehearsal, *, strict: bool) -> bool:
    """Whether a pipeline should stop there."""
    bad = _FAILS | _FAILS_IF_STRICT if strict else _FAILS
    return any(one.verdict in bad for one in rehearsal.files)


def items(rehearsal: Rehearsal, paths: Mapping[str, str], *, strict: bool) -> list[Item]:
    """One for each file that is not plainly reversible, at the statement that failed where there is one."""
    found = []
    for file in rehearsal.files:
        severity = _SEVERITY.get(file.verdict)
        if severity is None:
            continue
        if strict and file.verdict in _FAILS_IF_STRICT:
            severity = Severity.HIGH
        line = _line(file)
        found.append(
            Item(
                paths.get(file.filename, file.filename),
                line,
                1,
                line,
                2,
                severity,
                f"rehearsal-{str(file.verdict).replace('_', '-')}",
                file.reasons[0] if file.reasons else f"It is {file.verdict}.",
                " ".join(file.reasons[1:]),
                None,
            )
        )
    return found


def _line(file: RehearsedFile) -> int:
    failed = [one.line for step in file.passes for one in step.statements if not one.ok and one.line]
    return failed[0] if failed else 1


def as_text(rehearsal: Rehearsal, paths: Mapping[str, str], *, strict: bool) -> str:
    lines = []
    told = {one.path: one for one in items(rehearsal, paths, strict=strict)}
    for file in rehearsal.files:
        path = paths.get(file.filename, file.filename)
        up = file.passes[0].duration_ms if file.passes else None
        took = f" ({up:.0f} ms up)" if up is not None else ""
        lines.append(f"{path}: {str(file.verdict).replace('_', ' ')}{took}")
        if path in told:
            lines += [f"    {reason}" for reason in file.reasons]
    lines += [f"missing in the scratch: {one}" for one in rehearsal.scratch.missing]
    lines += [f"note: {one}" for one in [*rehearsal.scratch.notes, *rehearsal.problems]]
    count = len(rehearsal.files)
    lines.append(
        f"{count} file{'s' if count != 1 else ''} rehearsed on {rehearsal.scratch.label}, with "
        f"{rehearsal.scratch.rows} rows: {str(rehearsal.verdict).replace('_', ' ')}."
    )
    return "\n".join([*lines, ""])


def as_json(rehearsal: Rehearsal, paths: Mapping[str, str], *, strict: bool) -> str:
    return rehearsal.model_dump_json(indent=1) + "\n"


def as_sarif(rehearsal: Rehearsal, paths: Mapping[str, str], *, strict: bool) -> str:
    return sarif_of(items(rehearsal, paths, strict=strict))


def as_github(rehearsal: Rehearsal, paths: Mapping[str, str], *, strict: bool) -> str:
    return github_of(items(rehearsal, paths, strict=strict))


FORMATS: dict[str, Callable[..., str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}


def shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
