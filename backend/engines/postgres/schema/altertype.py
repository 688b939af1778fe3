"""Enums, domains and composite types changed in place, or swapped for new ones of the same name with their columns cast
over. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence

from backend.engine.schema.model import Hazard, HazardKind, SchemaObject, Step

from .altered import Altered
from .createtable import parse
from .names import literal


def altered_type(
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
    name = new.facts["identity"]
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


def swapped_if_used(old: SchemaObject, new: SchemaObject, tables: Mapping[str, str]) -> Altered | None:
    """A type no column has can simply be made anew."""
    return _swapped(old, new, tables) if json.loads(old.facts.get("users", "[]")) else None


def _swapped(old: SchemaObject, new: SchemaObject, tables: Mapping[str, str]) -> Altered:
    """A new type in the place of the old one, and every column that has it cast over by its text."""
    name = new.facts["identity"]
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
                Step(
                    f"ALTER TYPE {new.facts['identity']} {', '.join(parts)}",
                    (new.id,),
                    hazard if dropped else (),
                )
            ]
        )
        if parts
        else None
    )


def _attributes(sql: str) -> dict[str, str]:
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


def altered_domain(old: SchemaObject, new: SchemaObject) -> Altered | None:
    was, becomes = _DOMAIN.match(old.sql.rstrip()), _DOMAIN.match(new.sql.rstrip())
    if (
        was is None
        or becomes is None
        or (was["type"], was["collate"]) != (becomes["type"], becomes["collate"])
    ):
        return None
    name, ids, steps = new.facts["identity"], (new.id,), []
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
