"""What dbmate prints, read. Pure. Nothing here is proof: dbmate up to 2.36 says `Applied` of what failed.

dbmate has no machine-readable output. Standard output carries `Applying: F`, `Applied: F in 1.27ms`, `Rolling back: F`,
`Rolled back: F in …`; standard error carries `Error: …`, which may take several lines.
"""

from __future__ import annotations

import re
import signal
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

_START = re.compile(r"(?:Applying|Rolling back): (.+)")
_DONE = re.compile(r"(?:Applied|Rolled back): (.+) in ([0-9.hmsuµμn]+)")
_UNIT_MS = {
    "h": 3_600_000.0,
    "m": 60_000.0,
    "s": 1000.0,
    "ms": 1.0,
    "us": 1e-3,
    "µs": 1e-3,
    "μs": 1e-3,
    "ns": 1e-6,
}
_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(h|ms|us|µs|μs|ns|m|s)")
_NOTHING_TO_ROLL_BACK = "can't rollback: no migrations have been applied"
_LONGEST_ERROR = 20_000


def duration_ms(text: str) -> float | None:
    """Go's durations: `912µs`, `1.27ms`, `3.1s`, `1m2s`. None for anything else."""
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNIT_MS[unit] for number, unit in parts)


@dataclass(frozen=True, slots=True)
class Progress:
    kind: Literal["start", "done"]
    filename: str
    duration_ms: float | None = None


class OutputReader:
    """Turns lines into progress for the files that are expected; other names are somebody's text.

    A `done` is held back until the next file starts or the process ends well, because dbmate up to 2.36 prints it
    before it tells that the file failed.
    """

    def __init__(self, expected: Collection[str]) -> None:
        self._expected = frozenset(expected)
        self._held: Progress | None = None
        self._open: str | None = None

    def read(self, line: str) -> Iterator[Progress]:
        if (match := _START.fullmatch(line)) and match[1] in self._expected:
            yield from self._release()
            self._open = match[1]
            yield Progress("start", match[1])
        elif (match := _DONE.fullmatch(line)) and match[1] == self._open:
            self._held = Progress("done", match[1], duration_ms(match[2]))

    def end(self, exit_code: int) -> Iterator[Progress]:
        """To be called once, with the exit code."""
        if exit_code == 0:
            yield from self._release()

    @property
    def failed_file(self) -> str | None:
        """After an end that was not well: the file it was at. After `end(0)`: one that started and was not done."""
        return self._open

    def _release(self) -> Iterator[Progress]:
        if self._held is not None:
            yield self._held
            self._held = self._open = None


def error_text(stdout: str, stderr: str, exit_code: int) -> str:
    """The error, all its lines joined, without `Error: ` before it; empty where the exit code is 0."""
    if exit_code == 0:
        return ""
    _, marker, said = ("\n" + stderr).partition("\nError: ")
    text = (said if marker else stderr).strip()
    if text:
        return text[:_LONGEST_ERROR]
    if exit_code < 0:
        return f"dbmate was ended by {_signal_name(-exit_code)}."
    last = [line for line in stdout.splitlines() if line.strip()][-3:]
    return f"dbmate ended with exit code {exit_code}" + (
        ": " + " / ".join(last) if last else " and said nothing."
    )


def is_nothing_to_roll_back(text: str) -> bool:
    """dbmate found none of the files it was given in the migrations table."""
    return _NOTHING_TO_ROLL_BACK in text


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
