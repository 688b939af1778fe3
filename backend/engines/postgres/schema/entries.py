"""pg_dump's verbose schema dump cut into its entries: one object each, with its class, OID and canonical SQL. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_HEADER = re.compile(
    r"^--\n-- TOC entry (?P<number>\d+) \(class (?P<class>\d+) OID (?P<oid>\d+)\)\n"
    r"(?:-- Dependencies: (?P<needs>[\d ]+)\n)?"
    r"-- Name: (?P<name>.*); Type: (?P<type>[A-Z][A-Z ]*); Schema: (?P<schema>.*); Owner: ?.*\n--\n\n",
    re.MULTILINE,
)
_FOOTER = re.compile(
    r"(?:\n-- Completed on [^\n]*\n|\n--\n-- PostgreSQL database dump complete\n--\n|\n\\unrestrict [^\n]*\n)"
)
# Settings pg_dump changes between entries; they belong to no object.
_SETTING = re.compile(
    r"(?:^|\n)SET (?:default_tablespace|default_table_access_method|default_with_oids) = [^\n]*;\n"
)


class Entry(NamedTuple):
    number: int
    class_oid: int
    oid: int
    needs: tuple[int, ...]
    """Numbers of other entries, as far as pg_dump prints them (comments and grants name their object)."""
    name: str
    type: str
    schema: str | None
    sql: str


def entries(dump: str) -> Iterator[Entry]:
    """The dump's entries, in its order."""
    found = list(_HEADER.finditer(dump))
    for number, match in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(dump)
        body = dump[match.end() : end]
        if number + 1 == len(found):
            footer = _FOOTER.search(body)
            body = body[: footer.start()] if footer else body
        if "SET default_" in body:
            body = _SETTING.sub("\n", body)
        body = body.strip("\n")
        if not body:
            continue
        entry, class_oid, oid, needs, name, kind, schema = match.groups()
        yield Entry(
            number=int(entry),
            class_oid=int(class_oid),
            oid=int(oid),
            needs=tuple(map(int, needs.split())) if needs else (),
            name=name,
            type=kind,
            schema=None if schema == "-" else schema,
            sql=body,
        )
