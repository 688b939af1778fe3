"""Templates that the server at hand cannot run, each with the reason; what they render is looked at instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Exception_:
    reason: str
    pieces: tuple[str, ...]
    """What the rendered files must hold, with plain names and with nasty ones."""


EXCEPTIONS: dict[tuple[str, str], Exception_] = {}
