"""pg_dump's verbose schema dump cut into its entries: one object each, with its class, OID and canonical SQL. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Entry:
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
        schema = match["schema"]
        yield Entry(
            number=int(match["number"]),
            class_oid=int(match["class"]),
            oid=int(match["oid"]),
            needs=tuple(int(one) for one in (match["needs"] or "").split()),
            name=match["name"],
            type=match["type"],
            schema=None if schema == "-" else schema,
            sql=body,
        )
