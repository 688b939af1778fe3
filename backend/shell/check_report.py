"""The report of `main.py check` as text, JSON, SARIF 2.1.0 and GitHub annotations. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend import __version__
from backend.models.finding import Severity
from backend.models.validation import Validation
from backend.services.validation import form_severity

_SARIF_LEVEL = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}
_GITHUB_LEVEL = {"error": "error", "warning": "warning", "note": "notice"}


@dataclass(frozen=True)
class Item:
    """One line of a report, wherever it comes from."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    severity: Severity
    code: str
    message: str
    advice: str
    safe_form: str | None


def items(result: Validation, root: Path) -> Iterator[Item]:
    """Problems of form and findings, by file and place; paths relative to `root` where they are below it."""
    for file in result.files:
        path = Path(file.path)
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        found = [
            Item(
                shown,
                p.line or 1,
                p.column or 1,
                p.line or 1,
                (p.column or 1) + 1,
                form_severity(p.severity),
                f"file-{p.code.replace('_', '-')}",
                p.message,
                "",
                None,
            )
            for p in file.problems
        ]
        found += [
            Item(
                shown,
                f.line,
                f.column,
                f.end_line,
                f.end_column,
                f.severity,
                f.code,
                f.message,
                f.advice,
                f.safe_form,
            )
            for f in file.findings
        ]
        yield from sorted(found, key=lambda one: (one.line, one.column, one.code))


def as_text(result: Validation, root: Path) -> str:
    lines = []
    for item in items(result, root):
        lines.append(f"{item.path}:{item.line}:{item.column}: {item.severity} {item.code}: {item.message}")
        if item.advice:
            lines.append(f"    {item.advice}")
        if item.safe_form:
            lines += [f"    | {line}" for line in item.safe_form.splitlines()]
    lines += [f"note: {note}" for note in result.notes]
    counted = ", ".join(f"{count} {severity}" for severity, count in reversed(result.counts.items()) if count)
    unknown = sum(file.unparsed for file in result.files)
    lines.append(f"{len(result.files)} files of {result.engine}: {counted or 'nothing found'}.")
    if unknown:
        lines.append(f"{unknown} statements were not understood; their risk is unknown.")
    return "\n".join(lines) + "\n"


def as_json(result: Validation, root: Path) -> str:
    return result.model_dump_json(indent=1) + "\n"


def as_sarif(result: Validation, root: Path) -> str:
    return sarif_of(list(items(result, root)))


def sarif_of(found: Sequence[Item]) -> str:
    """Findings of any check as SARIF."""
    rules = {item.code: item for item in found}
    report = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "DB Toolkit",
                        "version": __version__,
                        "rules": [
                            {
                                "id": code,
                                "shortDescription": {"text": item.message[:200]},
                                "help": {"text": item.advice or item.message},
                            }
                            for code, item in sorted(rules.items())
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    {
                        "ruleId": item.code,
                        "level": _SARIF_LEVEL[item.severity],
                        "message": {"text": " ".join(filter(None, [item.message, item.advice]))},
                        "locations": [
                            {
                                "physicalLocation": {
                                    "artifactLocation": {"uri": item.path},
                                    "region": {
                                        "startLine": item.line,
                                        "startColumn": item.column,
                                        "endLine": item.end_line,
                                        "endColumn": item.end_column,
                                    },
                                }
                            }
                        ],
                        "properties": {"severity": str(item.severity)},
                    }
                    for item in found
                ],
            }
        ],
    }
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"


def as_github(result: Validation, root: Path) -> str:
    return github_of(items(result, root))


def github_of(found: Iterable[Item]) -> str:
    """Findings of any check as GitHub annotations."""
    lines = []
    for item in found:
        level = _GITHUB_LEVEL[_SARIF_LEVEL[item.severity]]
        place = f"file={_property(item.path)},line={item.line},col={item.column},endLine={item.end_line}"
        title = _property(f"{item.code} ({item.severity})")
        message = _data(" ".join(filter(None, [item.message, item.advice])))
        lines.append(f"::{level} {place},title={title}::{message}")
    return "".join(f"{line}\n" for line in lines)


def _data(text: str) -> str:
    """A workflow command's message; a newline in it would begin another command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


FORMATS: dict[str, Callable[[Validation, Path], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
}
