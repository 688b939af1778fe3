"""Loads the backup beside the old database; then all tables change places in one statement, which the server does as a
whole or not at all. Views, triggers, routines and events cannot be moved: they are dropped before and made after."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import quoted, rows, run
from backend.engines.mysql.schema.events import SCRATCH_PREFIX
from backend.engines.mysql.schema.scratch import scratch_name

from . import wiping
from .code import Of
from .running import Runner
from .written import Code

if TYPE_CHECKING:
    from pymysql.connections import Connection

    from .restoring import Work

_NO_RIGHT = (1044, 1045, 1142, 1227)
_POINTED_AT = """
SELECT DISTINCT table_schema FROM information_schema.key_column_usage
WHERE referenced_table_schema = %s AND table_schema <> %s
"""


def why_not(connection: Connection[Any], work: Work) -> str | None:
    """Why tables cannot change places, as a clause; None where they can."""
    import pymysql

    others = [str(name) for (name,) in rows(connection, _POINTED_AT, (work.database, work.database))]
    if others:
        return f"foreign keys of {', '.join(others)} point at its tables"
    trial = scratch_name("trial")
    try:
        run(connection, f"CREATE DATABASE {quoted(trial)}")
    except pymysql.err.MySQLError as error:
        if error.args and error.args[0] in _NO_RIGHT:
            return "this user may not make databases"
        raise
    run(connection, f"DROP DATABASE {quoted(trial)}")
    return None


def restore(connection: Connection[Any], work: Work) -> list[str]:
    from .restoring import as_it_was, create, discard, load

    # Not a name that is swept: after a kill in the moment of the change it holds what was there.
    gone = scratch_name("").replace(SCRATCH_PREFIX, "dbtoolkit_replaced_").rstrip("_")
    new = scratch_name("restore")
    made: list[str] = []
    try:
        work.say("a new database beside the old one")
        notes = create(connection, new, work.like)
        made.append(new)
        # An event would fire where it does not belong yet.
        runner = Runner(connection, passes=lambda kind: kind is not Of.EVENT)
        load(connection, work, runner, new)
        create(connection, gone, work.like)
        made.append(gone)
        work.say("the new tables take the old ones' places")
        wiping.drop_code(connection, new)
        _swap(connection, work, runner, new, gone)
    finally:
        for name in made:
            discard(connection, work, name)
    return [*notes, *as_it_was(connection, work), *runner.notes()]


def _swap(connection: Connection[Any], work: Work, runner: Runner, new: str, gone: str) -> None:
    """From here to the end it takes a moment; where it fails, what was done is undone."""
    from .restoring import stated

    database = work.database
    run(connection, f"USE {quoted(database)}")
    old_code = Code(connection, database).pieces()
    moved = False
    try:
        wiping.drop_code(connection, database)
        moved = _move(connection, database, new, gone)
        _counted_here(connection, database, new)
        run(connection, f"USE {quoted(database)}")
        runner.replay(runner.pieces)
    except BaseException:
        if moved:
            with suppress(Exception):
                wiping.drop_code(connection, database)
        with stated(work, "incomplete"):
            if moved:
                _move(connection, database, gone, new)
            run(connection, f"USE {quoted(database)}")
            Runner(connection).replay(old_code)
        raise


def _counted_here(connection: Connection[Any], database: str, new: str) -> None:
    """Columns that count by a sequence still name the database in which they were made."""
    found = rows(
        connection,
        "SELECT table_name, column_name, column_default FROM information_schema.columns WHERE table_schema = %s "
        "AND instr(column_default, %s) > 0",
        (database, f"{quoted(new)}."),
    )
    for table, column, default in found:
        value = str(default).replace(f"{quoted(new)}.", f"{quoted(database)}.")
        run(
            connection,
            f"ALTER TABLE {quoted(database)}.{quoted(table)} ALTER COLUMN {quoted(column)} SET DEFAULT {value}",
        )


def _move(connection: Connection[Any], database: str, new: str, gone: str) -> bool:
    pairs = [(database, gone, name) for name in wiping.tables(connection, database)]
    pairs += [(new, database, name) for name in wiping.tables(connection, new)]
    if pairs:
        run(
            connection,
            "RENAME TABLE "
            + ", ".join(f"{quoted(a)}.{quoted(name)} TO {quoted(b)}.{quoted(name)}" for a, b, name in pairs),
        )
    return True
