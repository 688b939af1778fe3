"""One file's report as the channels speak of it, its columns in characters or, for an editor, in UTF-16 units. Pure."""

from __future__ import annotations

import re

from backend.engine.lint.linter import Report
from backend.engine.tool import ParsedFile
from backend.models.finding import Finding, Severity, TextEdit
from backend.models.migration import FileProblem, Migration
from backend.models.validation import FileReport

# A problem of the file's form as severe as a finding: what the tool refuses stops the run.
FORM_SEVERITY = {"error": Severity.HIGH, "warning": Severity.LOW}
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


def form_severity(severity: str) -> Severity:
    """A form problem's severity on the findings' scale."""
    return FORM_SEVERITY.get(severity, Severity.INFO)


def file_report(
    parsed: ParsedFile,
    report: Report,
    migration: Migration | None,
    parser: tuple[str, str | None],
    columns: str = "characters",
) -> FileReport:
    """`parser`: who judged the form, and why not all of it. `columns`: `characters`, or `utf16` as editors count."""
    told = FileReport(
        version=parsed.version,
        filename=parsed.filename,
        path=str(parsed.path),
        status=migration.status if migration else None,
        problems=list(parsed.problems),
        findings=list(report.findings),
        suppressed=list(report.suppressed),
        statements=report.statements,
        unparsed=report.unparsed,
        left_out=report.left_out,
        parser=parser[0],
        parser_unknown=parser[1],
    )
    if columns == "utf16" and _ASTRAL.search(parsed.content):
        lines = _Lines(parsed.content)
        told.findings = [lines.finding(one) for one in told.findings]
        told.problems = [lines.problem(one) for one in told.problems]
        told.suppressed = [
            one.model_copy(update={"finding": lines.finding(one.finding)}) for one in told.suppressed
        ]
    return told


class _Lines:
    """Columns of one file: a character outside the basic plane is one to us and two to an editor."""

    def __init__(self, content: str) -> None:
        self._lines = content.split("\n")

    def column(self, line: int, column: int) -> int:
        text = self._lines[line - 1] if 0 < line <= len(self._lines) else ""
        return column + len(_ASTRAL.findall(text[: column - 1]))

    def finding(self, one: Finding) -> Finding:
        return one.model_copy(
            update={
                "column": self.column(one.line, one.column),
                "end_column": self.column(one.end_line, one.end_column),
                "fixes": [
                    fix.model_copy(update={"edits": [self._edit(edit) for edit in fix.edits]})
                    for fix in one.fixes
                ],
            }
        )

    def _edit(self, edit: TextEdit) -> TextEdit:
        return edit.model_copy(
            update={
                "column": self.column(edit.line, edit.column),
                "end_column": self.column(edit.end_line, edit.end_column),
            }
        )

    def problem(self, one: FileProblem) -> FileProblem:
        if one.line is None or one.column is None:
            return one
        return one.model_copy(update={"column": self.column(one.line, one.column)})
