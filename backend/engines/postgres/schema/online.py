"""The online-safe form of a plan: locks are short, what takes long runs beside the others. A pass over the plain plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from backend.engine.schema.model import HazardKind, Step

_INDEX = re.compile(r"^CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)(?!.* ON ONLY )", re.DOTALL)
_DROP_INDEX = re.compile(r"^DROP INDEX (?!CONCURRENTLY)")
_CHECKED = re.compile(
    r"^(?P<table>ALTER TABLE (?:ONLY )?.+?)\s+"
    r"ADD CONSTRAINT (?P<name>\"(?:[^\"]|\"\")+\"|\S+) (?P<what>FOREIGN KEY|CHECK)\b(?P<rest>.*)$",
    re.DOTALL,
)
_NOT_NULL = re.compile(
    r"^(?P<table>ALTER TABLE .+?) ALTER COLUMN (?P<column>\"(?:[^\"]|\"\")+\"|\S+) SET NOT NULL$"
)


def online(steps: Sequence[Step]) -> list[Step]:
    """Indexes CONCURRENTLY in files of their own, constraints NOT VALID and validated later, NOT NULL by a check."""
    found: list[Step] = []
    number = 0
    last_plain: int | None = None
    for step in steps:
        for part in _safe(step):
            if not part.transaction:
                number += 1
                found.append(replace(part, file=number))
                last_plain = None
            else:
                if last_plain is None or last_plain != step.file:
                    number += 1
                    last_plain = step.file
                found.append(replace(part, file=number))
    validated = [step for step in found if " VALIDATE CONSTRAINT " in step.sql and step.note == _LATER]
    if validated:
        # Validation takes a weaker lock than adding; in one transaction it would inherit the stronger one.
        found = [step for step in found if step not in validated]
        found += [replace(step, file=number + 1, note=None) for step in validated]
    found.sort(key=lambda step: step.file)
    if any(step.transaction for step in found):
        first = min(step.file for step in found if step.transaction)
        guard = Step(
            "SET LOCAL lock_timeout = '5s'", file=first, note="Rather fail than make everybody wait."
        )
        found.insert(next(n for n, step in enumerate(found) if step.file == first), guard)
    return found


_LATER = "later"


def _safe(step: Step) -> Iterator[Step]:
    built = any(hazard.kind is HazardKind.INDEX_BUILD for hazard in step.hazards)
    if built and _INDEX.match(step.sql):
        sql = re.sub(
            r"^CREATE (UNIQUE )?INDEX ", lambda match: f"CREATE {match[1] or ''}INDEX CONCURRENTLY ", step.sql
        )
        yield replace(step, sql=sql, transaction=False)
        return
    if _DROP_INDEX.match(step.sql):
        yield replace(
            step, sql=step.sql.replace("DROP INDEX ", "DROP INDEX CONCURRENTLY ", 1), transaction=False
        )
        return
    match = _CHECKED.match(step.sql)
    if match and step.hazards and not match["rest"].rstrip().endswith("NOT VALID"):
        yield replace(step, sql=f"{step.sql} NOT VALID")
        table = match["table"].replace("TABLE ONLY ", "TABLE ", 1)
        yield Step(f"{table} VALIDATE CONSTRAINT {match['name']}", step.objects, step.hazards, note=_LATER)
        return
    match = _NOT_NULL.match(step.sql)
    if match:
        table, column = match["table"], match["column"]
        name = f'"{column.strip(chr(34))}__not_null"'
        yield Step(f"{table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID", step.objects)
        yield Step(f"{table} VALIDATE CONSTRAINT {name}", step.objects, step.hazards)
        yield step
        yield Step(f"{table} DROP CONSTRAINT {name}", step.objects)
        return
    yield step
