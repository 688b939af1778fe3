"""What is no table: types, functions, sequences, extensions, and the rarer kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows
from backend.drivers.pgwire.errors import translated
from backend.drivers.pgwire.url import PgUrl
from backend.engine.browse import Problems
from backend.models.schema_detail import DetailObject

from . import others, queries

if TYPE_CHECKING:
    from psycopg import Connection

_TYPES = {"e": "enum", "d": "domain", "r": "range", "c": "composite"}
_ROUTINES = {"f": "function", "p": "procedure", "w": "window function"}


def objects(connection: Connection[Any], url: PgUrl, problems: Problems) -> list[DetailObject]:
    """In the order in which people look for them; without what extensions brought."""

    def asked(what: str, query: str) -> list[Any]:
        def question() -> list[Any]:
            with translated(url):
                return rows(connection, query)

        nothing: list[Any] = []
        return problems.ask(what, question, nothing)

    found = [
        DetailObject(kind=_TYPES[kind], schema_name=schema, name=name, detail=detail, comment=comment)
        for schema, name, kind, detail, comment in asked("Types", queries.TYPES)
    ]
    found += [
        DetailObject(
            kind=_ROUTINES.get(kind, "function"),
            schema_name=schema,
            name=f"{name}({arguments})",
            detail=f"{'→ ' + result + ', ' if result else ''}{language}",
            definition=definition,
            comment=comment,
        )
        for schema, name, kind, arguments, result, language, definition, comment in asked(
            "Functions", queries.FUNCTIONS
        )
    ]
    found += [
        DetailObject(
            kind="sequence",
            schema_name=schema,
            name=name,
            detail=", ".join(
                part
                for part in (
                    type_,
                    f"by {increment}" if increment != 1 else "",
                    f"of {owner}" if owner else "",
                )
                if part
            ),
            comment=comment,
        )
        for schema, name, type_, increment, owner, comment in asked("Sequences", queries.SEQUENCES)
    ]
    found += [
        DetailObject(kind="extension", schema_name=schema, name=name, detail=version, comment=comment)
        for schema, name, version, comment in asked("Extensions", queries.EXTENSIONS)
    ]
    for kind, what, query in others.kinds(connection.info.server_version):
        found += [
            DetailObject(
                kind=kind,
                schema_name=schema,
                name=name,
                detail=detail,
                definition=definition,
                comment=comment,
            )
            for schema, name, detail, definition, comment in asked(what, query)
        ]
    return found
