"""Rows for a proof: put into every table that takes them, and told apart by digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows, session
from backend.drivers.pgwire.url import PgUrl
from backend.engine.schema.port import Seeded
from backend.engine.target import Target

if TYPE_CHECKING:
    from psycopg import Connection

_TABLES = """
SELECT c.oid::bigint, n.nspname || '.' || c.relname,
       CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = ANY(%s) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relname <> %s
  AND (%s::text[] IS NULL OR n.nspname || '.' || c.relname = ANY(%s::text[]))
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY c.oid
"""
_COLUMNS = """
SELECT a.attrelid::bigint, a.attname, quote_ident(a.attname), t.typcategory::text, t.typname,
       format_type(a.atttypid, a.atttypmod),
       a.attgenerated::text,
       (SELECT array_agg(quote_literal(e.enumlabel) ORDER BY e.enumsortorder) FROM pg_enum e
        WHERE e.enumtypid = coalesce(nullif(t.typbasetype, 0), t.oid)), a.atttypmod, coalesce(b.typname, t.typname)
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE a.attrelid = ANY(%s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
"""
_FLAVOURS = 5


def seed(target: Target, url: PgUrl, number: int, own: str) -> Seeded:
    """The same keys everywhere, so that references hold; triggers and foreign keys sleep meanwhile where they may."""
    import psycopg

    filled: dict[str, int] = {}
    skipped: list[str] = []
    with session(target, url) as connection:
        with suppress(psycopg.Error):
            connection.execute(b"SET session_replication_role = replica")
        for table, name, columns in tables(connection, own):
            usable = [column for column in columns if not column[5]]
            done = sum(
                _insert(connection, table.removeprefix("ONLY "), usable, one) for one in range(1, number + 1)
            )
            if done:
                filled[f"table {name}"] = done
            else:
                skipped.append(f"{name}: its rules refuse every row tried")
    return Seeded(filled, tuple(skipped))


def row_digest(target: Target, url: PgUrl, own: str) -> Mapping[str, Mapping[str, str]]:
    """Per column a sum of hashes of the values' text, so that order does not count."""
    with session(target, url) as connection:
        return digests(
            connection,
            {
                f"table {name}": (quoted, columns)
                for quoted, name, columns in tables(connection, own, ("r", "p"))
            },
        )


def digests(
    connection: Connection[Any], asked: Mapping[str, tuple[str, Sequence[Any]]]
) -> dict[str, Mapping[str, str]]:
    """By the ids that were asked for: (the table as SQL, its columns), in one query."""
    if not asked:
        return {}
    selects = []
    for number, (table, columns) in enumerate(asked.values()):
        parts = [
            f"sum(('x' || left(md5(coalesce({column[1]}::text, '~null~')), 15))::bit(60)::bigint::numeric)::text"
            for column in columns
        ]
        selects.append(f"SELECT {number}, ARRAY[{', '.join(['count(*)::text', *parts])}] FROM {table}")
    found: dict[str, Mapping[str, str]] = {}
    ids = list(asked)
    for number, values in connection.execute(" UNION ALL ".join(selects).encode()).fetchall():
        columns = asked[ids[number]][1]
        found[ids[number]] = {
            "*": values[0],
            **{column[0]: str(value) for column, value in zip(columns, values[1:], strict=True)},
        }
    return found


def tables(
    connection: Connection[Any], own: str, kinds: Sequence[str] = ("r",), only: Sequence[str] | None = None
) -> list[tuple[str, str, list[Any]]]:
    """(as SQL, schema.name, columns) of every table, or of those named `only`, without the tool's own."""
    chosen = list(only) if only is not None else None
    found = rows(connection, _TABLES, (list(kinds), own.rpartition(".")[2], chosen, chosen))
    columns: dict[int, list[Any]] = {oid: [] for oid, _, _ in found}
    for oid, *column in rows(connection, _COLUMNS, (list(columns),)):
        columns[oid].append(column)
    return [(quoted, name, columns[oid]) for oid, name, quoted in found]


def _insert(connection: Connection[Any], table: str, columns: list[Any], number: int) -> int:
    import psycopg

    for flavour in range(_FLAVOURS):
        names = ", ".join(column[1] for column in columns)
        values = ", ".join(_value(column, number, flavour) for column in columns)
        sql = (
            f"INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE VALUES ({values})"
            if columns
            else f"INSERT INTO {table} DEFAULT VALUES"
        )
        try:
            connection.execute(sql.encode())
            return 1
        except psycopg.Error:
            continue
    return 0


def _value(column: Any, number: int, flavour: int) -> str:
    _, _, category, name, full, _, labels, modifier, base = column
    if flavour == 4:
        return "DEFAULT"
    if flavour == 3 and category not in ("N", "S"):
        return "NULL"
    if labels:
        return f"{labels[(number - 1) % len(labels)]}::{full}"
    if category == "N":
        top = (number, number % 2, 1, number * 10)[flavour]
        return f"{top}::{full}"
    if category == "B":
        return "true" if (number + flavour) % 2 else "false"
    if category == "D":
        return (
            f"('2026-01-0{number % 9 + 1} 00:00:00')::{full}"
            if "time" not in name or "timestamp" in name
            else f"'0{number % 9}:00'::{full}"
        )
    if category == "T":
        return f"'{number} hours'::interval"
    if category == "A":
        return f"'{{}}'::{full}"
    if base in ("json", "jsonb"):
        return f"""'{{"n": {number}}}'::{full}"""
    if base == "uuid":
        return f"'00000000-0000-0000-0000-00000000000{number % 10}'::{full}"
    if base == "bytea":
        return f"'\\x0{number % 10}'::{full}"
    if category == "I":
        return f"'10.0.0.{number}'::{full}"
    if category == "S":
        text = (f"{number}", f"row {number}", f"a{number}@example.org", "x")[flavour]
        if modifier > 4:
            text = text[: modifier - 4]
        return f"'{text}'::{full}"
    return "NULL"
