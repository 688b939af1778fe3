"""One changed object's statements, where PostgreSQL can change it in place. None: it has to be dropped and made anew."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .altered import Altered
from .alterforeign import altered_foreign
from .altersequence import altered_identity, altered_sequence
from .altertable import AlterTable
from .altertype import altered_domain, altered_type, swapped_if_used
from .grants import granted, lines, revoked


def altered(
    old: SchemaObject,
    new: SchemaObject,
    *,
    one_file: bool,
    quoted_elsewhere: Sequence[str] = (),
    renamed_columns: Mapping[str, str] | None = None,
    inherited: frozenset[str] = frozenset(),
    tables: Mapping[str, str] | None = None,
) -> Altered | None:
    """What takes `old` to `new` without dropping it. `quoted_elsewhere`: the texts of everything else that changes, to see
    whether a new enum value is used at once. `tables`: what each kept table was and is called, as SQL."""
    match new.kind:
        case "table" | "foreign table":
            return _table(old, new, renamed_columns or {}, inherited)
        case "sequence":
            return Altered(steps=altered_sequence(old, new))
        case "identity":
            steps = altered_identity(old, new)
            return Altered(steps=steps) if steps else None
        case "sequence owned by":
            # With its old column it would go.
            free = re.sub(r" OWNED BY .*$", " OWNED BY NONE", old.sql.strip(), flags=re.DOTALL)
            return Altered(loosened=[Step(free, (new.id,))], steps=[_as_is(new)])
        case "default":
            return Altered(steps=[_as_is(new)])
        case "comment":
            return Altered(steps=[_as_is(new)])
        case "grant" | "default grant":
            return Altered(steps=[*revoked(old, new), *granted(old, new)])
        case "type":
            return altered_type(old, new, one_file, quoted_elsewhere, tables or {}) or swapped_if_used(
                old, new, tables or {}
            )
        case "domain":
            return altered_domain(old, new) or swapped_if_used(old, new, tables or {})
        case "constraint" | "fk constraint" | "check constraint":
            return _constraint(old, new)
        case "function" | "procedure":
            if old.facts.get("signature") and old.facts.get("signature") == new.facts.get("signature"):
                return Altered(steps=[_replaced(new)])
            return None
        case "view":
            return _view(old, new)
        case "table attach":
            return moved_partition(old, new)
        case "extension":
            return _moved_extension(old, new)
        case "row security":
            return Altered(steps=[_as_is(new)])
        case "trigger":
            return _only_tail(old, new)
        case "server" | "foreign data wrapper" | "user mapping":
            steps = altered_foreign(old, new)
            return Altered(steps=steps) if steps else None
        case _:
            return None


def _as_is(one: SchemaObject) -> Step:
    return Step(one.sql.rstrip().removesuffix(";"), (one.id,))


def _identity(one: SchemaObject) -> str:
    return one.facts["identity"]


def _replaced(one: SchemaObject) -> Step:
    return Step(
        re.sub(r"^CREATE ", "CREATE OR REPLACE ", one.sql.rstrip().removesuffix(";"), count=1), (one.id,)
    )


def _table(
    old: SchemaObject, new: SchemaObject, renamed: Mapping[str, str], inherited: frozenset[str]
) -> Altered:
    work = AlterTable(old, new, renamed, inherited)
    work.run()
    return Altered(
        loosened=work.loosened,
        before=work.before,
        steps=work.steps,
        columns=frozenset(work.touched),
        converted=frozenset(work.converted),
        persistence=work.persistence,
        recreated=frozenset(work.recreated),
        readded=frozenset(work.readded),
        comments=work.lost_comments(),
        cannot=work.cannot,
    )


# -- constraints, views, triggers --------------------------------------------------------------------------------


def _constraint(old: SchemaObject, new: SchemaObject) -> Altered | None:
    was, becomes = old.sql.rstrip().removesuffix(";"), new.sql.rstrip().removesuffix(";")
    if was.removesuffix(" NOT VALID") == becomes and was != becomes:
        match = re.match(
            r"(ALTER (?:FOREIGN )?TABLE (?:ONLY )?.+?)\s+ADD CONSTRAINT (\"(?:[^\"]|\"\")+\"|\S+) ",
            becomes,
            re.DOTALL,
        )
        if match:
            table = match[1].replace("TABLE ONLY ", "TABLE ", 1)
            hazard = Hazard(HazardKind.CORRECTNESS, f"It fails where a row breaks {match[2]}.")
            return Altered(steps=[Step(f"{table} VALIDATE CONSTRAINT {match[2]}", (new.id,), (hazard,))])
    return None


def _view(old: SchemaObject, new: SchemaObject) -> Altered | None:
    """CREATE OR REPLACE keeps what depends on the view; it takes new columns at the end only."""
    was = [(column[0], column[2], column[7]) for column in json.loads(old.facts.get("columns", "[]"))]
    becomes = [(column[0], column[2], column[7]) for column in json.loads(new.facts.get("columns", "[]"))]
    if not was or becomes[: len(was)] != was:
        return None
    # Later statements of the entry (column defaults) are not undone by replacing.
    if len(lines(old.sql)) > 1 and lines(old.sql)[1:] != lines(new.sql)[1:]:
        return None
    return Altered(steps=[_replaced(new)])


def moved_partition(old: SchemaObject, new: SchemaObject) -> Altered:
    """Other bounds, or another parent."""
    leave = f"ALTER TABLE {old.facts['parent']} DETACH PARTITION {old.facts['child']}"
    # Ahead of every drop: with its old parent it would go.
    return Altered(loosened=[Step(leave, (new.id,))], steps=[_as_is(new)])


def _moved_extension(old: SchemaObject, new: SchemaObject) -> Altered | None:
    pattern = r"(CREATE EXTENSION IF NOT EXISTS .+?) WITH SCHEMA (.+);"
    was, becomes = re.match(pattern, old.sql), re.match(pattern, new.sql)
    if was is None or becomes is None or was[1] != becomes[1]:
        return None
    return Altered(steps=[Step(f"ALTER EXTENSION {_identity(new)} SET SCHEMA {becomes[2]}", (new.id,))])


def _only_tail(old: SchemaObject, new: SchemaObject) -> Altered | None:
    """A trigger that is only switched on or off."""
    was, becomes = lines(old.sql), lines(new.sql)
    if not was or not becomes or was[0] != becomes[0]:
        return None
    match = re.match(r"CREATE (?:CONSTRAINT )?TRIGGER (\"(?:[^\"]|\"\")+\"|\S+) ", becomes[0])
    table = _identity(new).rpartition(" on ")[2]
    if match is None:
        return None
    if len(becomes) > 1:
        return Altered(steps=[Step(line, (new.id,)) for line in becomes[1:]])
    return Altered(steps=[Step(f"ALTER TABLE {table} ENABLE TRIGGER {match[1]}", (new.id,))])
