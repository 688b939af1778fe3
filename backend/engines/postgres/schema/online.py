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

_RETYPED = re.compile(r"ALTER TABLE (\S+) ALTER COLUMN (?:\"(?:[^\"]|\"\")+\"|\S+) TYPE ")
_DROPPED = re.compile(
    r"DROP INDEX (?P<schema>(?:\"(?:[^\"]|\"\")+\"|[^\".]+)\.)(?P<bare>\"(?:[^\"]|\"\")+\"|[^\".]+)$"
)
_INDEXED = re.compile(r" ON (?:ONLY )?(\S+) USING ")


def online(steps: Sequence[Step]) -> list[Step]:
    """Indexes CONCURRENTLY in files of their own, constraints NOT VALID and validated later, NOT NULL by a check."""
    found: list[Step] = []
    number = 0
    last_plain: int | None = None
    analyzed = list(
        dict.fromkeys(match[1] for step in steps if (match := _RETYPED.match(step.sql)) and step.hazards)
    )
    for step in _replacing(steps):
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
    if analyzed:
        last = max(step.file for step in found) + 1
        note = "A new type has no statistics yet: plans would be bad."
        found += [Step(f"ANALYZE {table}", file=last, note=note) for table in analyzed]
    found.sort(key=lambda step: step.file)
    return list(_guarded(found))


def _replacing(steps: Sequence[Step]) -> list[Step]:
    """An index that is built anew keeps serving until the new one is there, where nothing else changes its table."""
    made = {step.objects[0]: step for step in steps if step.objects and _INDEX.match(step.sql)}
    found: list[Step] = []
    late: dict[str, Step] = {}
    for step in steps:
        drop = _DROPPED.match(step.sql)
        new = made.get(step.objects[0]) if drop and step.objects else None
        table = _INDEXED.search(new.sql) if new else None
        if drop and new and table and not any(f"TABLE {table[1]} " in one.sql for one in steps):
            aside = f'{drop["bare"][:-1]}__old"' if drop["bare"].endswith('"') else f"{drop['bare']}__old"
            found.append(Step(f"ALTER INDEX {drop['schema']}{drop['bare']} RENAME TO {aside}", step.objects))
            late[step.objects[0]] = replace(step, sql=f"DROP INDEX {drop['schema']}{aside}")
            continue
        found.append(step)
        if step.objects and step is made.get(step.objects[0]) and step.objects[0] in late:
            found.append(late.pop(step.objects[0]))
    return found


def _guarded(steps: Sequence[Step]) -> Iterator[Step]:
    """Every file with a transaction gives up rather than make everybody wait behind it."""
    seen: set[int] = set()
    for step in steps:
        if step.file not in seen:
            seen.add(step.file)
            here = [one for one in steps if one.file == step.file]
            if all(one.transaction for one in here):
                note = "Rather fail than make everybody wait."
                yield Step("SET LOCAL lock_timeout = '5s'", file=step.file, note=note)
                if not any(
                    one.hazards or "VALIDATE" in one.sql or one.sql.startswith("ANALYZE") for one in here
                ):
                    yield Step("SET LOCAL statement_timeout = '60s'", file=step.file)
        yield step


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
