"""Servers, user mappings and foreign-data wrappers, changed in place: tables and mappings stand on them. Pure."""

from __future__ import annotations

import re

from backend.engine.schema.model import SchemaObject, Step

_OPTION = re.compile(r"(?P<name>\"(?:[^\"]|\"\")+\"|\w+) (?P<value>E?'(?:[^'\\]|''|\\.)*')")
_FUNCTION = r" {word} (?P<name>\S+)"


def altered_foreign(old: SchemaObject, new: SchemaObject) -> list[Step] | None:
    """The statements; None where PostgreSQL has none for what differs (a server's type or wrapper)."""
    was, becomes = _parts(old.sql), _parts(new.sql)
    if was["fixed"] != becomes["fixed"]:
        return None
    match new.kind:
        case "server":
            alter = f"ALTER SERVER {new.facts['identity']}"
        case "foreign data wrapper":
            alter = f"ALTER FOREIGN DATA WRAPPER {new.facts['identity']}"
        case _:
            found = re.match(r"CREATE (USER MAPPING FOR .+? SERVER (?:\"(?:[^\"]|\"\")+\"|[^\s;]+))", new.sql)
            if found is None:
                return None
            alter = f"ALTER {found[1]}"
    changes = []
    if was["version"] != becomes["version"]:
        changes.append(f" VERSION {becomes['version'] or 'NULL'}")
    for word in ("handler", "validator"):
        if was[word] != becomes[word]:
            changes.append(f" {word.upper()} {becomes[word]}" if becomes[word] else f" NO {word.upper()}")
    options = changed_options(str(was["options"]), str(becomes["options"]))
    if options:
        changes.append(f" OPTIONS ({options})")
    return [Step(alter + "".join(changes), (new.id,))] if changes else None


def changed_options(old: str, new: str) -> str:
    """What stands in OPTIONS (…) of an ALTER; empty where nothing changes."""
    was = {match["name"]: match["value"] for match in _OPTION.finditer(old)}
    becomes = {match["name"]: match["value"] for match in _OPTION.finditer(new)}
    parts = [f"DROP {name}" for name in was if name not in becomes]
    parts += [
        f"{'SET' if name in was else 'ADD'} {name} {value}"
        for name, value in becomes.items()
        if was.get(name) != value
    ]
    return ", ".join(parts)


def _parts(sql: str) -> dict[str, str]:
    """VERSION, HANDLER, VALIDATOR and OPTIONS of a CREATE; `fixed` is the rest."""
    found = {"version": "", "handler": "", "validator": "", "options": ""}
    rest = sql.strip().removesuffix(";")
    if match := re.search(r" OPTIONS \((.*)\)$", rest, re.DOTALL):
        found["options"] = match[1]
        rest = rest[: match.start()]
    if match := re.search(r" VERSION (E?'(?:[^']|'')*')", rest):
        found["version"] = match[1]
        rest = rest[: match.start()] + rest[match.end() :]
    for word in ("handler", "validator"):
        if match := re.search(_FUNCTION.format(word=word.upper()), rest):
            found[word] = match["name"]
            rest = rest[: match.start()] + rest[match.end() :]
    return {**found, "fixed": rest}
