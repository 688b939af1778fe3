"""The runner's events about commands, as statements of a rehearsal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, NotSupported
from backend.engine.rehearsal.port import Heard
from backend.engines.mongodb.errors import from_server
from backend.models.rehearsal import Evidence, RehearsedStatement

_CHANGES = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite"})
_LOCKS = "Which locks it held: MongoDB does not tell of a command that has ended."
_BYTES = "How many bytes it wrote: MongoDB does not tell an ordinary user."
_LATE = "It was sent, or still ran, after the function had returned: put await before this call."


class Commands:
    """`heard` is called with each as soon as it is answered; its plan comes later."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self.statements: list[RehearsedStatement] = []
        self.warnings: list[str] = []
        self.refused = ""
        """The first command that was kept back, and why."""
        self.other_connection = ""
        self.duration_ms: float | None = None
        self._filters: list[Sequence[str]] = []
        self._answered: set[int] = set()

    def hear(self, event: dict[str, Any]) -> None:
        match event.get("event"):
            case "command":
                self._sent(event)
            case "answered":
                self._answer(int(event["id"]), event)
            case "late":
                self._late(int(event["id"]))
            case "done":
                self.duration_ms = event.get("durationMs")
            case "warning":
                self.warnings.append(f"Warning: {event.get('message')}")
                if event.get("code") == "other_connection":
                    self.other_connection = self.other_connection or str(event.get("message"))

    def explained(self) -> Iterator[tuple[RehearsedStatement, Sequence[str]]]:
        """Those that the server answered, with their filters."""
        for number, filters in enumerate(self._filters):
            if number in self._answered and filters:
                yield self.statements[number], filters

    def close(self, stopped: AppError | None) -> None:
        """What was never answered was under way when it was stopped, or when the process ended."""
        for number, one in enumerate(self.statements):
            if number in self._answered or one.error is not None:
                continue
            one.unknown.append("What the server did with it: no answer had come when the process ended.")
            if stopped is not None:
                one.ok, one.error = False, envelope_error(stopped)
            self._heard(one)

    def _sent(self, event: dict[str, Any]) -> None:
        name, collection = str(event["name"]), event.get("collection")
        one = RehearsedStatement(
            index=len(self.statements),
            text=str(event["text"]),
            kind=name,
            collection=str(collection) if collection is not None else None,
            evidence=[Evidence(fact="commands", query="the command as it left the process")],
            unknown=[_LOCKS, _BYTES],
        )
        self.statements.append(one)
        self._filters.append([str(text) for text in event.get("filters") or []])
        if event.get("refused"):
            self.refused = self.refused or str(event["refused"])
            one.ok = False
            one.unknown = []
            one.error = envelope_error(
                NotSupported(f"{event['refused']}: it was not sent.", capability="rehearsal")
            )
            self._heard(one)
        if event.get("late"):
            one.warnings.append(_LATE)

    def _late(self, number: int) -> None:
        self.statements[number - 1].warnings.append(_LATE)

    def _answer(self, number: int, event: dict[str, Any]) -> None:
        one = self.statements[number - 1]
        self._answered.add(number - 1)
        one.duration_ms = event.get("durationMs")
        one.counts = {str(name): int(value) for name, value in (event.get("counts") or {}).items()}
        if one.kind in _CHANGES:
            one.rows = _changed(one.counts)
            one.evidence.append(Evidence(fact="rows", query=f"the server's answer to {one.kind}"))
        if event.get("error") or not event.get("ok", True):
            one.ok = False
            one.error = envelope_error(from_server(dict(event.get("error") or {})))
        self._heard(one)


def _changed(counts: dict[str, int]) -> int | None:
    """Documents made, changed or removed."""
    if "nModified" in counts:
        return (
            counts["nModified"]
            + counts.get("nUpserted", 0)
            + counts.get("nInserted", 0)
            + counts.get("nDeleted", 0)
        )
    return counts.get("n")
