"""What a user sends to somebody about an error: redacted whole, names and file texts included."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from collections.abc import Mapping
from typing import Any

from backend import __version__
from backend.core.catalogue import actions, entries
from backend.core.errors import AppError
from backend.core.redaction import redact
from backend.models.error import ErrorAction, ErrorCatalogue, ErrorEntry, ErrorReport, ErrorReportRequest
from backend.services.connections import Connections

_UNKNOWN = "unknown"
# A file's own text is not sent along; a run's many files say little more than the cause.
_LEFT_OUT = frozenset({"content", "run", "server_output"})
_LONGEST = 6000
_ISSUE_LABELS = ("bug tracker", "issues", "issue tracker")


def catalogue() -> ErrorCatalogue:
    """Every entry and action, as the files have them."""
    return ErrorCatalogue(
        entries=[
            ErrorEntry(
                key=one.key,
                group=one.group,
                title=one.title,
                means=one.means,
                causes=list(one.causes),
                advice=one.advice,
                fixes=list(one.fixes),
                data=one.data,
                engines=dict(one.engines),
            )
            for one in entries().values()
        ],
        actions=[ErrorAction(code=one.code, label=one.label, does=one.does) for one in actions().values()],
    )


class ErrorReports:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def report(self, request: ErrorReportRequest) -> ErrorReport:
        """The texts to copy and to open an issue with. Never raises for what the error holds."""
        error = request.error
        engine, server = self._server(request)
        facts = {
            "DB Toolkit": __version__,
            "System": platform.platform(terse=True),
            "Python": platform.python_version(),
            "Engine": engine,
            "Server": server,
            "Code": _text(error.get("code")),
            "Reason": _text(_reason(error)),
            "Channel": request.channel or _UNKNOWN,
        }
        title = redact(_text(error.get("title")))
        said = redact(_text(error.get("message")))
        kept = json.dumps(_without(error.get("details") or {}), indent=2, ensure_ascii=False, default=str)
        details = redact(kept if len(kept) <= _LONGEST else kept[:_LONGEST] + "\n…")
        lines = redact("\n".join(f"{name}: {value}" for name, value in facts.items()))
        return ErrorReport(
            title=title,
            details=f"{title}\n{said}\n\n{lines}\n\n{details}\n",
            markdown=_markdown(title, said, lines, details),
            url=issues_url(),
        )

    def _server(self, request: ErrorReportRequest) -> tuple[str, str]:
        """Engine and server version; what is not known or cannot be asked is `unknown`."""
        if request.connection is None:
            return _UNKNOWN, _UNKNOWN
        try:
            engine = str(self._connections.get(request.connection).engine)
        except AppError:
            return _UNKNOWN, _UNKNOWN
        if not request.probe:
            return engine, _UNKNOWN
        try:
            found = self._connections.test(connection=request.connection, url=None)
        except AppError as problem:
            return engine, f"{_UNKNOWN} ({problem.title.lower()})"
        return engine, f"{found.product} {found.version}"


def issues_url() -> str | None:
    """Where the package says that issues are opened."""
    try:
        links = importlib.metadata.metadata("db-toolkit").get_all("Project-URL") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    for link in links:
        label, _, url = str(link).partition(",")
        if label.strip().lower() in _ISSUE_LABELS and url.strip().startswith("https://"):
            return url.strip()
    return None


def _reason(error: Mapping[str, Any]) -> Any:
    details = error.get("details") or {}
    cause = details.get("cause")
    inner = (cause.get("details") or {}) if isinstance(cause, Mapping) else {}
    return details.get("reason") or inner.get("reason")


def _without(value: Any) -> Any:
    """Redacted before it becomes JSON, whose escapes would hide a secret; names and paths are no exception here."""
    if isinstance(value, Mapping):
        return {redact(str(key)): _without(item) for key, item in value.items() if key not in _LEFT_OUT}
    if isinstance(value, list | tuple):
        return [_without(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value else _UNKNOWN


def _markdown(title: str, said: str, facts: str, details: str) -> str:
    # Longer than any fence in what is quoted, so that it cannot end the block.
    fence = "`" * max(3, 1 + max((len(run) for run in _runs(said + details)), default=0))
    return "\n".join(
        [
            f"## {title}",
            "",
            fence,
            said,
            fence,
            "",
            "### What I did",
            "",
            "1. ",
            "",
            "### What I expected",
            "",
            "",
            "### Versions",
            "",
            *(f"- {line}" for line in facts.splitlines()),
            "",
            "### Details",
            "",
            f"{fence}json",
            details,
            fence,
            "",
        ]
    )


def _runs(text: str) -> list[str]:
    return [part for part in "".join(char if char == "`" else " " for char in text).split() if part]
