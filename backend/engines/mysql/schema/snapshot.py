"""A MySQL or MariaDB schema as SHOW CREATE prints it, object by object; reads only.

Not schema, and so left out of the texts: the AUTO_INCREMENT counter; the definer where it is the user who reads (whoever
creates it anew becomes it); an event's start where it is only the moment it was made; the name of the database itself.
What code was made under (sql_mode) stands above it where it is not the mode this server starts sessions in.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from backend.core.errors import DatabaseMissing
from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.mysql import url as urls
from backend.engines.mysql.connect import quoted, reading, records, rows, run

from .events import SCRATCH_PREFIX, as_if_awake, scheduler_is_on
from .lexing import tokens, unquoted, without_databases
from .server import Server

if TYPE_CHECKING:
    from pymysql.connections import Connection

_OWN = re.compile(r"dbtoolkit_\w+", re.IGNORECASE)
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
DEFINER = re.compile(
    r"\bDEFINER\s*=\s*((?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")@(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"))\s?"
)
_STARTS = re.compile(r" STARTS '[^']*'")
_CODE = {
    "PROCEDURE": "create procedure", "FUNCTION": "create function", "PACKAGE": "create package",
    "PACKAGE BODY": "create package body",
}  # fmt: skip
_AT_ONCE = 50


def snapshot(target: Target) -> Snapshot:
    """Raises DatabaseMissing. What this user may not read is named in `problems`."""
    with reading(target) as connection:
        return _Reader(connection, urls.parse(target.url).database, target.migrations_table).read()


class _Reader:
    def __init__(self, connection: Connection[Any], database: str, own_table: str) -> None:
        self._connection = connection
        self._database = database
        self._own = own_table
        self._server = Server.of(connection)
        self._problems: list[str] = []
        user = str(rows(connection, "SELECT current_user()")[0][0])
        name, _, host = user.rpartition("@")
        self._user = f"{quoted(name)}@{quoted(host)}".lower()

    def read(self) -> Snapshot:
        default = self._default()
        listed = self._list("table_name, table_type, table_comment", "tables", "table_schema", "table_name")
        broken = self._broken(listed)
        tables = {
            name: kind
            for name, kind, _ in listed
            if kind in ("BASE TABLE", "VIEW", "SEQUENCE", "SYSTEM VERSIONED")
            and name not in broken
            and not is_bookkeeping(name, self._own)
        }
        objects = [default]
        objects += self._sequences([name for name, kind in tables.items() if kind == "SEQUENCE"])
        made = self._tables([name for name, kind in tables.items() if kind not in ("SEQUENCE", "VIEW")])
        objects += _parents_first(made)
        routines = self._routines()
        objects += [one for one in routines if one.kind == "function"]
        objects += [one for one in routines if one.kind != "function"]
        views = self._views([name for name, kind in tables.items() if kind == "VIEW"])
        known = {one.name.lower(): one.id for one in [*objects, *views] if one.kind != "procedure"}
        objects += _needed_first([_with_needs(one, known) for one in views])
        objects += self._triggers()
        objects += self._events()
        return Snapshot(
            engine="mysql", objects=tuple(objects), server_version=self._server.number,
            problems=tuple(self._problems), facts={**self._server.facts(), "broken_views": json.dumps(sorted(broken))},
        )  # fmt: skip

    # -- lists -----------------------------------------------------------------------------------------------------

    def _list(self, columns: str, table: str, schema: str, order: str) -> list[tuple[Any, ...]]:
        sql = f"SELECT {columns} FROM information_schema.{table} WHERE {schema} = %s ORDER BY {order}"
        return rows(self._connection, sql, (self._database,))

    def _broken(self, listed: Sequence[tuple[Any, ...]]) -> set[str]:
        """Views that read what is gone: no statement makes such a view, so they are named and stay as they are."""
        found = {
            str(name) for name, kind, said in listed if kind == "VIEW" and "references invalid" in str(said)
        }
        if any(kind == "VIEW" for _, kind, _ in listed):
            # MariaDB does not say it there; such a view is neither updatable nor not.
            views = self._list("table_name, is_updatable", "views", "table_schema", "table_name")
            found |= {str(name) for name, updatable in views if not updatable}
        self._problems += [
            f"The view {name} reads what is not there any more and is left as it is."
            for name in sorted(found)
        ]
        return found

    def _shown(self, what: str, names: Sequence[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """(name, SHOW CREATE's row), many in one round trip; what cannot be read is named."""
        statements = [f"SHOW CREATE {what} {quoted(name)}" for name in names]
        for start in range(0, len(names), _AT_ONCE):
            part = statements[start : start + _AT_ONCE]
            found = _several(self._connection, part)
            for name, statement, one in zip(names[start:], part, found, strict=False):
                shown = one if one is not None else self._asked_again(what, name, statement)
                if shown is not None:
                    yield name, shown

    def _asked_again(self, what: str, name: str, statement: str) -> dict[str, Any] | None:
        import pymysql

        try:
            return records(self._connection, statement)[0]
        except pymysql.err.MySQLError as error:
            said = error.args[1] if len(error.args) > 1 else error
            self._problems.append(f"{what.lower()} {name} cannot be read: {said}.")
            return None

    # -- kinds -----------------------------------------------------------------------------------------------------

    def _default(self) -> SchemaObject:
        found = self._list(
            "default_character_set_name, default_collation_name", "schemata", "schema_name", "1"
        )
        if not found:
            raise DatabaseMissing(f"There is no database {self._database!r} on this server.")
        charset, collation = found[0]
        sql = f"ALTER DATABASE CHARACTER SET {charset} COLLATE {collation}"
        return SchemaObject("database default", "database", "default", sql)

    def _sequences(self, names: Sequence[str]) -> list[SchemaObject]:
        return [
            SchemaObject(f"sequence {name}", "sequence", name, str(row["create table"]))
            for name, row in self._shown("SEQUENCE", names)
        ]

    def _tables(self, names: Sequence[str]) -> list[SchemaObject]:
        return [
            SchemaObject(
                f"table {name}",
                "table",
                name,
                self._unqualified(without_counter(str(row["create table"])), aliases=False),
            )
            for name, row in self._shown("TABLE", names)
        ]

    def _views(self, names: Sequence[str]) -> list[SchemaObject]:
        return [
            SchemaObject(f"view {name}", "view", name, self._portable(str(row["create view"])))
            for name, row in self._shown("VIEW", names)
        ]

    def _routines(self) -> list[SchemaObject]:
        found: dict[str, list[str]] = defaultdict(list)
        for kind, name in self._list(
            "routine_type, routine_name", "routines", "routine_schema", "routine_type, routine_name"
        ):
            if kind in _CODE:
                found[kind].append(name)
        return [
            one
            for kind, names in found.items()
            for name, row in self._shown(kind, names)
            if (one := self._code(kind.lower(), name, row[_CODE[kind]], row)) is not None
        ]

    def _triggers(self) -> list[SchemaObject]:
        """In the order in which they fire, each group's place beside the text: MariaDB does not print FOLLOWS."""
        listed = self._list(
            "trigger_name, event_object_table, action_timing, event_manipulation",
            "triggers", "trigger_schema", "event_object_table, action_timing, event_manipulation, action_order",
        )  # fmt: skip
        of = {name: rest for name, *rest in listed if not is_bookkeeping(rest[0], self._own)}
        last: dict[tuple[str, ...], str] = {}
        objects = []
        for name, row in self._shown("TRIGGER", list(of)):
            table, timing, event = of[name]
            group = (table, timing, event)
            one = self._code("trigger", name, row["sql original statement"], row, parent=f"table {table}")
            if one is None:
                continue
            after = last.get(group)
            last[group] = name
            compared = f"{one.sql}\n-- fires after {after}" if after else None
            facts = {**one.facts, "group": "\0".join(group), "after": after or ""}
            objects.append(
                SchemaObject(
                    one.id, "trigger", name, one.sql, parent=one.parent, needs=(f"table {table}",), facts=facts,
                    compared=compared,
                )
            )  # fmt: skip
        return objects

    def _events(self) -> list[SchemaObject]:
        listed = self._list("event_name, created, starts", "events", "event_schema", "event_name")
        begun = {name: created is not None and created == starts for name, created, starts in listed}
        sleeps = (
            bool(begun) and self._database.startswith(SCRATCH_PREFIX) and scheduler_is_on(self._connection)
        )
        objects = []
        for name, row in self._shown("EVENT", list(begun)):
            text = row["create event"]
            if text is not None and sleeps:
                text = as_if_awake(str(text))
            if text is not None and begun[name]:
                text = _STARTS.sub("", str(text), count=1)
            one = self._code("event", name, text, row)
            if one is not None:
                objects.append(one)
        return objects

    # -- texts -----------------------------------------------------------------------------------------------------

    def _code(
        self, kind: str, name: str, text: object, row: dict[str, Any], parent: str | None = None
    ) -> SchemaObject | None:
        if text is None:
            self._problems.append(f"{kind} {name} cannot be read: this user may not see its definition.")
            return None
        body = self._portable(str(text))
        mode = str(row.get("sql_mode") or "")
        facts = {"body": body, "sql_mode": mode}
        sql = body if mode == self._server.sql_mode else f"SET sql_mode = '{mode}';\n{body}"
        return SchemaObject(f"{kind} {name}", kind, name, sql, parent=parent, facts=facts)

    def _portable(self, text: str) -> str:
        """Without the database's own name, and without a definer that is the reader."""
        head = text[:400]
        match = DEFINER.search(head)
        if match and match[1].lower().replace('"', "`") == self._user:
            text = text[: match.start()] + text[match.end() :]
        return self._unqualified(text)

    def _unqualified(self, text: str, *, aliases: bool = True) -> str:
        """Code may call a table by the database's name; a table's own text cannot."""
        if self._database.lower() not in text.lower():
            return text
        database = (self._database,)
        return without_databases(text, database, database if aliases else ())


def is_bookkeeping(table: str, migrations_table: str) -> bool:
    """Whether it is the tool's own table of versions, or one of the app's."""
    return table.lower() == migrations_table.lower() or _OWN.fullmatch(table) is not None


def without_counter(sql: str) -> str:
    """A table's text without `AUTO_INCREMENT=17`, which tells of rows, not of the schema."""
    place = sql.rfind("\n) ENGINE=")
    if place < 0:
        return sql
    # It stands before all that is quoted: in a comment the same words are only words.
    options, quote, rest = sql[place:].partition("'")
    return sql[:place] + _COUNTER.sub("", options, count=1) + quote + rest


def _several(connection: Connection[Any], statements: Sequence[str]) -> list[dict[str, Any] | None]:
    """The first row of each statement, all sent at once; None from the first one that fails."""
    import pymysql
    from pymysql.constants import COMMAND

    found: list[dict[str, Any] | None] = []
    # PyMySQL offers several statements at once only when connecting; the protocol allows it at any time.
    protocol: Any = connection
    protocol._execute_command(COMMAND.COM_SET_OPTION, b"\x00\x00")
    protocol._read_packet()
    try:
        with connection.cursor() as cursor:
            cursor.execute(";".join(statements))
            while True:
                names = [str(column[0]).lower() for column in cursor.description or ()]
                row = cursor.fetchone()
                found.append(dict(zip(names, row, strict=True)) if row else None)
                if not cursor.nextset():
                    break
    except pymysql.err.MySQLError:
        run(connection, "DO 0")
    return found + [None] * (len(statements) - len(found))


def _parents_first(tables: Iterable[SchemaObject]) -> list[SchemaObject]:
    """Tables in an order in which foreign keys find what they refer to; a circle is entered anywhere."""
    named = {one.name.lower(): one.id for one in tables}
    found = []
    for one in tables:
        parents = re.findall(r"\bFOREIGN KEY \([^)]*\) REFERENCES `((?:[^`]|``)*)` \(", one.sql)
        needs = {named[unquoted(f"`{parent}`").lower()] for parent in parents if parent.lower() in named}
        needs.discard(one.id)
        found.append(
            SchemaObject(one.id, one.kind, one.name, one.sql, needs=tuple(sorted(needs)), facts=one.facts)
        )
    return _needed_first(found)


def _with_needs(view: SchemaObject, known: dict[str, str]) -> SchemaObject:
    names = {unquoted(token.text).lower() for token in tokens(view.sql) if token.kind == "name"}
    needs = {known[name] for name in names if name in known} - {view.id}
    return SchemaObject(view.id, view.kind, view.name, view.sql, needs=tuple(sorted(needs)), facts=view.facts)


def _needed_first(objects: Sequence[SchemaObject]) -> list[SchemaObject]:
    by_id = {one.id: one for one in objects}
    ordered: dict[str, SchemaObject] = {}
    for start in objects:
        waiting = [(start, iter(start.needs))]
        entered = {start.id}
        while waiting:
            one, needs = waiting[-1]
            other = next(
                (by_id[need] for need in needs if need in by_id and need not in ordered and need not in entered), None
            )  # fmt: skip
            if other is None:
                waiting.pop()
                ordered.setdefault(one.id, one)
            else:
                entered.add(other.id)
                waiting.append((other, iter(other.needs)))
    return list(ordered.values())
