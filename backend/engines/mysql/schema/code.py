"""Views, triggers, routines, events, sequences: dropped, replaced and made, each under the mode it was made in. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step
from backend.engines.mysql.connect import quoted

from .server import Server
from .snapshot import DEFINER

CODE = frozenset(("procedure", "function", "package", "package body", "trigger", "event"))
_PACKAGES = ("package", "package body")
SAVED_MODE = "@dbtoolkit_sql_mode"
_SEQUENCE = re.compile(
    r"start with (?P<start>\S+) minvalue (?P<min>\S+) maxvalue (?P<max>\S+) increment by (?P<by>\S+)"
    r" (?P<cache>cache \d+|nocache) (?P<cycle>cycle|nocycle)",
    re.IGNORECASE,
)


def dropped(one: SchemaObject) -> Iterator[Step]:
    """DROP; of a package in Oracle's mode, which alone knows the word."""
    drop = Step(f"DROP {one.kind.upper()} {quoted(one.name)}", (one.id,))
    yield from _under(one.facts["sql_mode"], one, drop) if one.kind in _PACKAGES else (drop,)


def _under(mode: str, one: SchemaObject, step: Step) -> Iterator[Step]:
    yield Step(f"SET {SAVED_MODE} = @@sql_mode", (one.id,))
    yield Step(f"SET sql_mode = '{mode}'", (one.id,), note=f"What {one.name} is read and run under.")
    yield step
    yield Step(f"SET sql_mode = {SAVED_MODE}", (one.id,))


def made(
    one: SchemaObject, server: Server, *, was: SchemaObject | None = None, after: str | None = None
) -> Iterator[Step]:
    """CREATE, or CREATE OR REPLACE where `was` is there and the server can. `after`: the trigger it fires after."""
    text = one.facts.get("body") or one.sql
    hazards = tuple(_hazards(one, was))
    replaces = was is not None and (one.kind == "view" or (one.kind in CODE and server.replaces_code))
    if was is not None and not replaces:
        yield from dropped(was)
    if replaces:
        text = re.sub(r"^CREATE(?! OR REPLACE)\b", "CREATE OR REPLACE", text, count=1)
    if after:
        text = re.sub(
            r"(\bFOR\s+EACH\s+ROW\b)", lambda match: f"{match[0]} FOLLOWS {quoted(after)}", text, count=1, flags=re.IGNORECASE
        )  # fmt: skip
    mode = one.facts.get("sql_mode", server.sql_mode)
    make = Step(text, (one.id,), hazards)
    is_usual = one.kind not in CODE or mode == server.sql_mode
    yield from (make,) if is_usual else _under(mode, one, make)


def _hazards(one: SchemaObject, was: SchemaObject | None) -> Iterator[Hazard]:
    definer = DEFINER.search(one.sql[:600])
    before = DEFINER.search(was.sql[:600]) if was is not None else None
    if (definer and definer[1]) != (before and before[1]) and (definer or before):
        message = (
            f"{one.name} runs with the rights of another user than before, or than the one who makes it."
        )
        yield Hazard(HazardKind.AUTHORITY, message)


def sequence_changed(old: SchemaObject, new: SchemaObject) -> list[Step] | None:
    """ALTER SEQUENCE, which goes on from where it is; None where the text is not known here."""
    was, becomes = _SEQUENCE.search(old.sql), _SEQUENCE.search(new.sql)
    if was is None or becomes is None or old.sql[was.end() :] != new.sql[becomes.end() :]:
        return None
    words = {"start": "START WITH", "min": "MINVALUE", "max": "MAXVALUE", "by": "INCREMENT BY"}
    parts = [f"{word} {becomes[key]}" for key, word in words.items() if was[key] != becomes[key]]
    parts += [becomes[key].upper() for key in ("cache", "cycle") if was[key].lower() != becomes[key].lower()]
    hazards: tuple[Hazard, ...] = ()
    if not _reaches(was, becomes):
        # The server refuses bounds that where it stands is outside of.
        parts.append(f"RESTART WITH {becomes['start']}")
        hazards = (Hazard(HazardKind.DATA_LOSS, f"{new.name} starts again."),)
    return [Step(f"ALTER SEQUENCE {quoted(new.name)} {' '.join(parts)}", (new.id,), hazards)]


def _reaches(old: re.Match[str], new: re.Match[str]) -> bool:
    """Whether the sequence can go on: the same direction, and where it began lies within the new bounds."""
    same_way = old["by"].startswith("-") == new["by"].startswith("-")
    return same_way and int(new["min"]) <= int(old["start"]) <= int(new["max"])


def triggers_to_make(
    old: Sequence[SchemaObject], new: Sequence[SchemaObject], chosen: Iterable[str]
) -> list[str]:
    """Ids of the new triggers that are made: those that differ, and all that fire after one of these, since the order of
    firing is the order of making."""
    wanted = set(chosen)
    before = {one.id: one for one in old}
    found: list[str] = []
    broken: set[str] = set()
    for one in new:
        group = one.facts.get("group", "")
        was = before.get(one.id)
        differs = was is None or was.text != one.text or was.facts.get("group") != group
        if (differs and one.id in wanted) or (group in broken and was is not None):
            broken.add(group)
            found.append(one.id)
    return found
