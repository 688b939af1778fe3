"""What InnoDB can do online: algorithm and lock of each change, by the tables of MySQL's and MariaDB's manuals. Pure.

The server decides at run time and takes the best it can; `is_certain` is false where that hangs on what is not known here.
`tests/preview/test_mysql_online.py` asks MariaDB for each of these by ALGORITHM and LOCK, and for the better one, which
it must refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.engine.forecast.port import Place
from backend.engine.lint import ops
from backend.engine.lint.ops import Name, Op
from backend.engine.sqlrules.reader import tokens_of
from backend.engines.mysql.lint.rebuild import same_storage

Algorithm = Literal["INSTANT", "INPLACE", "COPY"]
Lock = Literal["NONE", "SHARED", "EXCLUSIVE"]
ALGORITHMS: tuple[Algorithm, ...] = ("INSTANT", "INPLACE", "COPY")
LOCKS: tuple[Lock, ...] = ("NONE", "SHARED", "EXCLUSIVE")


@dataclass(frozen=True, slots=True)
class Online:
    algorithm: Algorithm
    lock: Lock
    rebuilds: bool = False
    """Writes every row anew."""
    builds: bool = False
    """Builds an index."""
    certain: bool = True
    why: str = ""

    def with_(self, other: Online) -> Online:
        """Both in one statement: it is done by the worse of them."""
        return Online(
            max(self.algorithm, other.algorithm, key=ALGORITHMS.index),
            max(self.lock, other.lock, key=LOCKS.index),
            self.rebuilds or other.rebuilds,
            self.builds or other.builds,
            self.certain and other.certain,
            self.why or other.why,
        )


INSTANT = Online("INSTANT", "NONE")
IN_PLACE = Online("INPLACE", "NONE")
INDEX = Online("INPLACE", "NONE", builds=True)
REBUILD = Online("INPLACE", "NONE", rebuilds=True)
LOCKED_INDEX = Online("INPLACE", "SHARED", builds=True)
COPY = Online("COPY", "SHARED", rebuilds=True)


class Server:
    """What the version decides."""

    def __init__(self, place: Place) -> None:
        self.is_maria = "mariadb" in place.known.server.lower()
        version = place.known.version
        self.is_known = version is not None

        def at_least(*wanted: int) -> bool:
            return version is None or version >= wanted

        if self.is_maria:
            self.adds_instantly, self.drops_instantly = at_least(10, 3, 2), at_least(10, 4)
            self.adds_anywhere = self.renames_instantly = at_least(10, 4)
        else:
            self.adds_instantly, self.drops_instantly = at_least(8, 0, 12), at_least(8, 0, 29)
            self.adds_anywhere = self.renames_instantly = at_least(8, 0, 29)


def online_of(place: Place) -> Online | None:
    """How the statement's ALTER TABLE or CREATE/DROP INDEX is done; None for any other statement."""
    server = Server(place)
    found: Online | None = None
    for op in place.statement.ops:
        one = _of(op, place, server)
        if one is not None:
            found = one if found is None else found.with_(one)
    if found is None:
        return None
    kinds = {op.kind for op in place.statement.ops if isinstance(op, ops.DropConstraint)}
    adds = any(
        isinstance(op, ops.AddConstraint) and op.constraint.kind == "primary_key"
        for op in place.statement.ops
    )
    if "primary_key" in kinds and adds:
        found = replace(REBUILD, certain=found.certain)
    found = replace(found, certain=found.certain and server.is_known)
    return _as_asked(place, found)


def _as_asked(place: Place, found: Online) -> Online:
    """ALGORITHM and LOCK that the statement names itself: granted, or it fails."""
    asked = {}
    tokens = tokens_of(place.statement, "mysql")
    for index, token in enumerate(tokens[:-1]):
        if token.upper in ("ALGORITHM", "LOCK"):
            value = (
                tokens[index + 2]
                if tokens[index + 1].upper == "=" and index + 2 < len(tokens)
                else tokens[index + 1]
            )
            asked[token.upper] = value.upper
    algorithm, lock = asked.get("ALGORITHM"), asked.get("LOCK")
    said = "The statement asks for it, and fails where the server cannot grant it."
    if algorithm == "NOCOPY":
        algorithm = "INPLACE"
    if algorithm in ALGORITHMS:
        found = replace(found, algorithm=algorithm, certain=True, why=said)
        if algorithm == "COPY":
            found = replace(found, rebuilds=True, lock="SHARED" if found.lock == "NONE" else found.lock)
    if lock in LOCKS:
        found = replace(found, lock=lock, certain=True, why=said)
    return found


def _of(op: Op, place: Place, server: Server) -> Online | None:
    match op:
        case ops.CreateIndex():
            words = [token.upper for token in tokens_of(place.statement, "mysql")[:2]]
            special = op.method in ("fulltext", "spatial") or words[1:] in (["FULLTEXT"], ["SPATIAL"])
            if _made_with(place, op.table):
                return None
            return LOCKED_INDEX if special else INDEX
        case ops.Drop(kind="index"):
            return IN_PLACE
        case ops.Rename(kind="table" | "column"):
            quick = op.kind == "table" or server.renames_instantly
            return INSTANT if quick else IN_PLACE
        case ops.Rename(kind="index"):
            return INSTANT if server.is_maria else IN_PLACE
        case ops.AddColumn():
            return _add_column(op, place, server)
        case ops.DropColumn():
            return INSTANT if server.drops_instantly else REBUILD
        case ops.AlterColumnType():
            return _retype(op, place, server)
        case ops.SetDefault():
            return INSTANT
        case ops.AddConstraint():
            return _constraint(op.constraint, server)
        case ops.DropConstraint():
            return _drop_constraint(op, server)
        case ops.AlterOther():
            return _other(op.what)
        case _:
            return None


def _made_with(place: Place, table: Name) -> bool:
    return any(isinstance(one, ops.CreateTable) and one.name.same(table) for one in place.statement.ops)


def _add_column(op: ops.AddColumn, place: Place, server: Server) -> Online:
    column = op.column
    if column.auto:
        return Online("INPLACE", "SHARED", rebuilds=True)
    if column.generated == "stored":
        return COPY
    if column.generated == "virtual":
        return INSTANT
    if any(one.kind == "check" for one in column.constraints):
        return replace(COPY, certain=False)
    base = INSTANT if server.adds_instantly else REBUILD
    if column.unique or column.primary_key:
        return base.with_(INDEX)
    words = {token.upper for token in tokens_of(place.statement, "mysql")}
    if not server.adds_anywhere and words & {"FIRST", "AFTER"}:
        return REBUILD
    if column.default is not None and ("(" in column.default or "current" in column.default.lower()):
        return replace(
            base, certain=False, why="Whether this default can be added instantly, the server decides."
        )
    return base


def _retype(op: ops.AlterColumnType, place: Place, server: Server) -> Online:
    old = place.scene.column(op.table, op.column)
    before = old.type if old is not None else place.known.column_type(op.table, op.column)
    if before is None or not op.type:
        return replace(COPY, certain=False, why="The column's type now is not known.")
    if not same_storage(before, op.type):
        grows = before.startswith(("enum", "set")) and op.type.startswith(before.rstrip(")"))
        if grows:
            return replace(INSTANT, certain=False)
        return COPY
    # Only the description: NULL, default, comment, place. What of it changes is not compared here.
    nullable = old.nullable if old is not None else None
    definition = op.definition
    if nullable is not None and definition is not None and nullable != (not definition.not_null):
        return replace(REBUILD, certain=False) if definition.not_null else replace(IN_PLACE, certain=False)
    return replace(INSTANT, certain=False)


def _constraint(one: ops.Constraint, server: Server) -> Online:
    if one.kind == "primary_key":
        return replace(REBUILD, builds=True)
    if one.kind == "unique":
        return INDEX
    if one.kind == "foreign_key":
        return replace(COPY, why="With foreign_key_checks = 0 it is done in place, and no row is checked.")
    return COPY


def _drop_constraint(op: ops.DropConstraint, server: Server) -> Online:
    if op.kind == "primary_key":
        return COPY
    if op.kind == "foreign_key":
        return INSTANT if server.is_maria else IN_PLACE
    return replace(IN_PLACE, certain=False)


def _other(what: str) -> Online | None:
    head = what.split(" ")[0].split("=")[0]
    if head in ("ALGORITHM", "LOCK"):
        return None
    if head == "COMMENT":
        return replace(INSTANT, certain=False)
    if head == "ENGINE" and "INNODB" not in what:
        return COPY
    if head in ("ENGINE", "ROW_FORMAT", "KEY_BLOCK_SIZE", "FORCE"):
        return replace(REBUILD, certain=head == "FORCE")
    if head in ("CONVERT", "ORDER"):
        return COPY
    if head in ("AUTO_INCREMENT", "STATS_PERSISTENT", "DEFAULT", "CHARACTER", "CHARSET", "COLLATE"):
        return replace(IN_PLACE, certain=False)
    return replace(COPY, certain=False, why=f"How {what} is done is not known here; the worst is assumed.")


def tables_of(found: Sequence[Op]) -> list[Name]:
    """The tables a statement changes, once each."""
    named: dict[str, Name] = {}
    for op in found:
        table = getattr(op, "table", None)
        if isinstance(op, ops.Rename) and op.kind == "table":
            table = op.old
        if isinstance(op, ops.CreateTable) or (isinstance(op, ops.Drop) and op.kind in ("table", "view")):
            table = op.name
        if isinstance(table, Name):
            named.setdefault(str(table), table)
    return list(named.values())
