"""Rows from one database to another by COPY: all, or some of each table with the rows their foreign keys point at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows
from backend.engines.postgres.schema.rows import tables

if TYPE_CHECKING:
    from psycopg import Connection

_KEYS = """
SELECT k.conrelid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
       k.confrelid::bigint, quote_ident(pn.nspname) || '.' || quote_ident(p.relname),
       (SELECT array_agg(quote_ident(a.attname) ORDER BY x.place) FROM unnest(k.conkey) WITH ORDINALITY AS x(num, place)
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = x.num),
       (SELECT array_agg(quote_ident(a.attname) ORDER BY x.place) FROM unnest(k.confkey) WITH ORDINALITY AS x(num, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num),
       (SELECT array_agg(format_type(a.atttypid, a.atttypmod) ORDER BY x.place)
        FROM unnest(k.confkey) WITH ORDINALITY AS x(num, place)
        JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = x.num)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0
"""
_COLUMNS = """
SELECT array_agg(quote_ident(attname) ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


@dataclass(slots=True)
class Mover:
    """From `origin`, in one read-only look at it, to `into`."""

    origin: Connection[Any]
    into: Connection[Any]
    migrations_table: str
    missing: list[str]
    check: Callable[[], None]
    """Raises Cancelled."""

    def move(self, most: int | None) -> int:
        """How many rows were copied; `most` of each table, None for all."""
        self.origin.execute(b"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            there = {quoted for quoted, *_ in tables(self.into, self.migrations_table)}
            done = 0
            for table, name, _ in tables(self.origin, self.migrations_table):
                self.check()
                if table in there:
                    limit = f" LIMIT {most}" if most is not None else ""
                    done += self._copied(table, name, f"SELECT {{columns}} FROM ONLY {table}{limit}")
            if most is not None:
                done += self._with_parents()
            return done
        finally:
            self.origin.execute(b"ROLLBACK")

    def _with_parents(self) -> int:
        """Rows that the rows copied point at, until every foreign key holds."""
        keys = rows(self.origin, _KEYS)
        done, added = 0, 1
        while added:
            added = 0
            for _, child, _, parent, here, there, types in keys:
                self.check()
                added += self._parents(child, parent, here, there, types)
            done += added
        return done

    def _parents(
        self, child: str, parent: str, here: Sequence[str], there: Sequence[str], types: Sequence[str]
    ) -> int:
        import psycopg
        from psycopg import sql

        listed = ", ".join(f"c.{one}::text" for one in here)
        given = " AND ".join(f"c.{one} IS NOT NULL" for one in here)
        same = " AND ".join(f"p.{other} = c.{one}" for one, other in zip(here, there, strict=True))
        try:
            wanted = rows(
                self.into,
                f"SELECT DISTINCT {listed} FROM {child} c WHERE {given}"
                f" AND NOT EXISTS (SELECT FROM {parent} p WHERE {same})",
            )
        except psycopg.Error:
            # One of the two could not be made in the scratch, which is named already.
            return 0
        if not wanted:
            return 0
        arrays = ", ".join(
            f"{sql.Literal([row[place] for row in wanted]).as_string(self.origin)}::{kind}[]"
            for place, kind in enumerate(types)
        )
        names = ", ".join(f"k{place}" for place in range(len(types)))
        match = " AND ".join(f"p.{other} = u.k{place}" for place, other in enumerate(there))
        query = f"SELECT {{columns}} FROM {parent} p JOIN unnest({arrays}) AS u({names}) ON {match}"
        return self._copied(parent, parent, query, of="p")

    def _copied(self, table: str, name: str, query: str, of: str = "") -> int:
        """Rows of a query put into the table of the same name; a table that refuses is named and left empty."""
        import psycopg

        self.origin.execute(b"SAVEPOINT one")
        try:
            columns = rows(self.origin, _COLUMNS, (table,))[0][0]
            if not columns:
                return 0
            chosen = ", ".join(f"{of}.{one}" if of else one for one in columns)
            out = f"COPY ({query.replace('{columns}', chosen)}) TO STDOUT"
            into = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with self.origin.cursor() as reader, self.into.cursor() as writer:
                with reader.copy(out.encode()) as source, writer.copy(into.encode()) as goal:
                    for block in source:
                        self.check()
                        goal.write(block)
                return max(0, writer.rowcount)
        except psycopg.Error as error:
            self.origin.execute(b"ROLLBACK TO SAVEPOINT one")
            words = getattr(error.diag, "message_primary", None) or str(error)
            self.missing.append(f"{name}: its rows could not be copied ({words})")
            return 0
