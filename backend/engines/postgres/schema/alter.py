"""One changed object's statements, where PostgreSQL can change it in place. None: it has to be dropped and made anew."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step
from backend.engine.sqltext import split

from .alterforeign import altered_foreign
from .altersequence import altered_identity, altered_sequence
from .altertable import AlterTable
from .names import literal


@dataclass(slots=True)
class Altered:
    """Statements for one object, and what they cannot do."""

    loosened: list[Step] = field(default_factory=list)
    """Ahead of every drop."""
    before: list[Step] = field(default_factory=list)
    """While what depends on it is out of the way, ahead of everything that is made."""
    steps: list[Step] = field(default_factory=list)
    after: list[Step] = field(default_factory=list)
    """At the end: what the alteration leaves behind."""
    early: list[Step] = field(default_factory=list)
    """In a file of their own, before everything (enum values)."""
    columns: frozenset[str] = frozenset()
    """Columns that lose or change their type: what uses them stands in the way."""
    converted: frozenset[str] = frozenset()
    """Of these, the ones that foreign keys cannot follow."""
    persistence: bool = False
    """Whether a table becomes logged or unlogged: foreign keys on both sides allow neither order."""
    recreated: frozenset[str] = frozenset()
    """Columns that are dropped and added again, as written."""
    readded: frozenset[str] = frozenset()
    """The same by the old, bare names: whatever uses them went as well."""
    comments: frozenset[str] = frozenset()
    """Beginnings of comments that went with a column or constraint that is dropped and added again."""
    cannot: list[str] = field(default_factory=list)


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
            return Altered(steps=[*revoked(old, new), *_granted(old, new)])
        case "type":
            return _type(old, new, one_file, quoted_elsewhere, tables or {}) or _swapped_if_used(
                old, new, tables or {}
            )
        case "domain":
            return _domain(old, new) or _swapped_if_used(old, new, tables or {})
        case "constraint" | "fk constraint" | "check constraint":
            return _constraint(old, new)
        case "function" | "procedure":
            if old.facts.get("signature") and old.facts.get("signature") == new.facts.get("signature"):
                return Altered(steps=[_replaced(new)])
            return None
        case "view":
            return _view(old, new)
        case "table attach":
            return _moved_partition(old, new)
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


# -- grants ------------------------------------------------------------------------------------------------------

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


def _lines(sql: str) -> list[str]:
    return [one.text.rstrip().removesuffix(";") for one in split(sql, "postgres")]


def revoked(old: SchemaObject, new: SchemaObject | None) -> list[Step]:
    """What undoes the grants (and revocations) of `old` that `new` does not have."""
    kept = set(_lines(new.sql)) if new else set()
    steps = []
    for line in reversed(_lines(old.sql)):
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


def _granted(old: SchemaObject, new: SchemaObject) -> list[Step]:
    had = set(_lines(old.sql))
    hazard = Hazard(HazardKind.AUTHORITY, f"Privileges on {new.name} change.")
    return [Step(line, (new.id,), (hazard,)) for line in _lines(new.sql) if line not in had]


# -- types -------------------------------------------------------------------------------------------------------


def _type(
    old: SchemaObject,
    new: SchemaObject,
    one_file: bool,
    elsewhere: Sequence[str],
    tables: Mapping[str, str],
) -> Altered | None:
    if "labels" in old.facts and "labels" in new.facts:
        return _enum(old, new, one_file, elsewhere, tables)
    if " AS (\n" in old.sql and " AS (\n" in new.sql:
        return _composite(old, new)
    return None


def _enum(
    old: SchemaObject,
    new: SchemaObject,
    one_file: bool,
    elsewhere: Sequence[str],
    tables: Mapping[str, str],
) -> Altered:
    was, becomes = json.loads(old.facts["labels"]), json.loads(new.facts["labels"])
    name = _identity(new)
    added = [label for label in becomes if label not in was]
    only_added = [label for label in becomes if label in was] == was
    used = any(literal(label) in text for label in added for text in elsewhere)
    if only_added and not (one_file and used):
        steps = []
        for label in added:
            place = becomes.index(label)
            where = f" BEFORE {literal(becomes[place + 1])}" if place == 0 and len(becomes) > 1 else ""
            if place > 0:
                where = f" AFTER {literal(becomes[place - 1])}"
            if place == 0:
                following = next((one for one in becomes[1:] if one in was), None)
                where = f" BEFORE {literal(following)}" if following else ""
            steps.append(
                Step(f"ALTER TYPE {name} ADD VALUE {literal(label)}{where}", (new.id,), transaction=one_file)
            )
        return Altered(steps=steps) if one_file else Altered(early=steps)
    return _swapped(old, new, tables)


def _swapped_if_used(old: SchemaObject, new: SchemaObject, tables: Mapping[str, str]) -> Altered | None:
    """A type no column has can simply be made anew."""
    return _swapped(old, new, tables) if json.loads(old.facts.get("users", "[]")) else None


def _swapped(old: SchemaObject, new: SchemaObject, tables: Mapping[str, str]) -> Altered:
    """A new type in the place of the old one, and every column that has it cast over by its text."""
    name = _identity(new)
    schema, _, bare = _split_name(name)
    aside = f"{bare[:-1]}__old{bare[-1]}" if bare.startswith('"') else f"{bare}__old"
    defaults = {
        (table, column): default for table, column, _, _, default in json.loads(new.facts.get("users", "[]"))
    }
    columns = [
        # A default that changes as well may name a label that is not there any more: its table sets the new one.
        (
            tables[table],
            quoted,
            is_array,
            default,
            default is not None and default == defaults.get((tables[table], column)),
        )
        for table, column, quoted, is_array, default in json.loads(old.facts.get("users", "[]"))
        if table in tables
    ]
    lost = [
        label
        for label in json.loads(old.facts.get("labels", "[]"))
        if label not in json.loads(new.facts.get("labels", "[]"))
    ]
    hazards = []
    if columns:
        hazards.append(Hazard(HazardKind.REWRITE, f"{len(columns)} columns of type {name} are rewritten."))
    if lost:
        hazards.append(
            Hazard(
                HazardKind.CORRECTNESS,
                f"It fails where a row holds {', '.join(map(literal, lost))} of {name}.",
            )
        )
    word = "DOMAIN" if new.kind == "domain" else "TYPE"
    work = Altered(
        before=[
            Step(f"ALTER {word} {name} RENAME TO {aside}", (new.id,)),
            Step(new.sql.rstrip().removesuffix(";"), (new.id,), tuple(hazards)),
        ]
    )
    for table, column, is_array, default, default_stays in columns:
        brackets = "[]" if is_array else ""
        parts = [f"ALTER COLUMN {column} DROP DEFAULT"] if default else []
        parts.append(
            f"ALTER COLUMN {column} TYPE {name}{brackets} USING {column}::text{brackets}::{name}{brackets}"
        )
        if default_stays:
            parts.append(f"ALTER COLUMN {column} SET DEFAULT {default}")
        work.before.append(Step(f"ALTER TABLE {table} {', '.join(parts)}", (new.id,)))
    work.after.append(Step(f"DROP {word} {schema}{aside}", (new.id,)))
    return work


def _split_name(identity: str) -> tuple[str, str, str]:
    """(schema with its dot, '.', bare name as SQL)"""
    match = re.match(r'(?P<schema>(?:"(?:[^"]|"")*"|[^".]+)\.)?(?P<bare>.+)$', identity, re.DOTALL)
    if match is None:
        return "", "", identity
    return match["schema"] or "", ".", match["bare"]


def _composite(old: SchemaObject, new: SchemaObject) -> Altered | None:
    was, becomes = _attributes(old.sql), _attributes(new.sql)
    parts = [f"DROP ATTRIBUTE {name}" for name in was if name not in becomes]
    for name, text in becomes.items():
        if name not in was:
            parts.append(f"ADD ATTRIBUTE {name} {text}")
        elif was[name] != text:
            parts.append(f"ALTER ATTRIBUTE {name} TYPE {text}")
    stays = [name for name in was if name in becomes]
    if [*stays, *(name for name in becomes if name not in was)] != list(becomes):
        return None
    hazard = (Hazard(HazardKind.DATA_LOSS, f"What the dropped attributes of {new.name} hold is lost."),)
    dropped = any(part.startswith("DROP") for part in parts)
    return (
        Altered(
            steps=[
                Step(f"ALTER TYPE {_identity(new)} {', '.join(parts)}", (new.id,), hazard if dropped else ())
            ]
        )
        if parts
        else None
    )


def _attributes(sql: str) -> dict[str, str]:
    from .createtable import parse

    table = parse(sql.replace(" AS (", " (", 1))
    return table.columns


_DOMAIN = re.compile(
    r"CREATE DOMAIN (?P<name>.+?) AS (?P<type>.+?)(?P<collate> COLLATE \S+)?(?P<not_null>(?: CONSTRAINT \S+)? NOT NULL)?"
    r"(?: DEFAULT (?P<default>.+?))?(?P<checks>(?:\n\tCONSTRAINT .+?)*);$",
    re.DOTALL,
)


def domain_checks(sql: str) -> dict[str, str]:
    """A domain's checks: name as written → what follows it."""
    match = _DOMAIN.match(sql.rstrip())
    return _checks(match["checks"]) if match else {}


def _domain(old: SchemaObject, new: SchemaObject) -> Altered | None:
    was, becomes = _DOMAIN.match(old.sql.rstrip()), _DOMAIN.match(new.sql.rstrip())
    if (
        was is None
        or becomes is None
        or (was["type"], was["collate"]) != (becomes["type"], becomes["collate"])
    ):
        return None
    name, ids, steps = _identity(new), (new.id,), []
    checks_was, checks = _checks(was["checks"]), _checks(becomes["checks"])
    steps += [
        Step(f"ALTER DOMAIN {name} DROP CONSTRAINT {one}", ids)
        for one in checks_was
        if checks_was[one] != checks.get(one)
    ]
    if was["default"] != becomes["default"]:
        value = becomes["default"]
        steps.append(Step(f"ALTER DOMAIN {name} {f'SET DEFAULT {value}' if value else 'DROP DEFAULT'}", ids))
    if bool(was["not_null"]) != bool(becomes["not_null"]):
        steps.append(Step(f"ALTER DOMAIN {name} {'SET' if becomes['not_null'] else 'DROP'} NOT NULL", ids))
    fails = (Hazard(HazardKind.CORRECTNESS, f"It fails where a row breaks the new rule of {name}."),)
    steps += [
        Step(f"ALTER DOMAIN {name} ADD CONSTRAINT {one} {text}", ids, fails)
        for one, text in checks.items()
        if checks_was.get(one) != text
    ]
    return Altered(steps=steps) if steps else None


def _checks(text: str) -> dict[str, str]:
    found = {}
    for part in text.split("\n\tCONSTRAINT ")[1:]:
        match = re.match(r'("(?:[^"]|"")+"|\S+) (.+)', part, re.DOTALL)
        if match:
            found[match[1]] = match[2].strip()
    return found


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
    if len(_lines(old.sql)) > 1 and _lines(old.sql)[1:] != _lines(new.sql)[1:]:
        return None
    return Altered(steps=[_replaced(new)])


def _moved_partition(old: SchemaObject, new: SchemaObject) -> Altered:
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
    was, becomes = _lines(old.sql), _lines(new.sql)
    if not was or not becomes or was[0] != becomes[0]:
        return None
    match = re.match(r"CREATE (?:CONSTRAINT )?TRIGGER (\"(?:[^\"]|\"\")+\"|\S+) ", becomes[0])
    table = _identity(new).rpartition(" on ")[2]
    if match is None:
        return None
    if len(becomes) > 1:
        return Altered(steps=[Step(line, (new.id,)) for line in becomes[1:]])
    return Altered(steps=[Step(f"ALTER TABLE {table} ENABLE TRIGGER {match[1]}", (new.id,))])
