"""Grants, revocations and default privileges: given and taken back line by line. Pure."""

from __future__ import annotations

import re

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step
from backend.engine.sqltext import split

_GRANT = re.compile(
    r"(?P<default>ALTER DEFAULT PRIVILEGES .*? )?"
    r"GRANT (?P<what>.+?) ON (?P<on>.+) TO (?P<to>.+?)(?P<option> WITH GRANT OPTION)?;?$",
    re.DOTALL,
)
_REVOKE = re.compile(
    r"(?P<default>ALTER DEFAULT PRIVILEGES .*? )?"
    r"REVOKE (?P<option>GRANT OPTION FOR )?(?P<what>.+?) ON (?P<on>.+) FROM (?P<to>.+?);?$",
    re.DOTALL,
)


def lines(sql: str) -> list[str]:
    """An entry's statements, without semicolons."""
    return [one.text.rstrip().removesuffix(";") for one in split(sql, "postgres")]


def revoked(old: SchemaObject, new: SchemaObject | None) -> list[Step]:
    """What undoes the grants (and revocations) of `old` that `new` does not have."""
    kept = set(lines(new.sql)) if new else set()
    steps = []
    for line in reversed(lines(old.sql)):
        if line in kept or line.startswith("SET "):
            continue
        grant, revoke = _GRANT.match(line), _REVOKE.match(line)
        hazard = Hazard(HazardKind.AUTHORITY, f"Privileges on {old.name} change.")
        if grant:
            undo = f"{grant['default'] or ''}REVOKE {grant['what']} ON {grant['on']} FROM {grant['to']}"
            steps.append(Step(undo, (old.id,), (hazard,)))
        elif revoke:
            undo = f"{revoke['default'] or ''}GRANT {revoke['what']} ON {revoke['on']} TO {revoke['to']}"
            steps.append(Step(undo, (old.id,), (hazard,)))
    return steps


def granted(old: SchemaObject, new: SchemaObject) -> list[Step]:
    """What gives the grants (and revocations) of `new` that `old` does not have."""
    had = set(lines(old.sql))
    hazard = Hazard(HazardKind.AUTHORITY, f"Privileges on {new.name} change.")
    return [Step(line, (new.id,), (hazard,)) for line in lines(new.sql) if line not in had]
