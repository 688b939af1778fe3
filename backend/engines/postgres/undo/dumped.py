"""pg_dump's statements by the object they make or belong to. Pure: by PostgreSQL's own parser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import postgast

from backend.engine.lint.ops import Name
from backend.engines.postgres.lint.expressions import messages_in, name_of_range, names_of

from .nodes import Made, enum_of, kind_of, made_by, name_in

_KEYS = frozenset({"CONSTR_PRIMARY", "CONSTR_UNIQUE"})


@dataclass(frozen=True, slots=True)
class _Statement:
    text: str
    node: Any
    made: Made | None


class Dumped:
    """A dump, read once."""

    def __init__(self, sql: str) -> None:
        data = sql.encode()
        # psql's own lines are no SQL.
        data = b"\n".join(line for line in data.split(b"\n") if not line.startswith(b"\\"))
        self._statements: list[_Statement] = []
        for raw in postgast.parse(data.decode()).stmts:
            end = raw.stmt_location + raw.stmt_len if raw.stmt_len else len(data)
            text = _bare(data[raw.stmt_location : end].decode())
            which = raw.stmt.WhichOneof("node")
            if which:
                node = getattr(raw.stmt, which)
                self._statements.append(_Statement(text, node, next(iter(made_by(node)), None)))

    def table(self, table: Name) -> tuple[list[str], list[str]]:
        """(what makes the table with its keys, the rest: indexes, foreign keys, triggers, …). Partitions come along."""
        first: list[str] = []
        late: list[str] = []
        sequences = self._sequences(table)
        children = self._partitions(table)
        for one in self._statements:
            where = self._place(one, table, sequences)
            if where is not None:
                (late if where else first).append(one.text)
        for child in children:
            made, after = self.table(child)
            first += [text for text in made if text not in first]
            late += [text for text in after if text not in late]
        return first, late

    def _sequences(self, table: Name) -> list[Name]:
        """Those that a column of the table owns."""
        found = []
        for one in self._statements:
            if kind_of(one.node) != "AlterSeqStmt":
                continue
            for option in one.node.options:
                element = option.def_elem
                owner = [part.string.sval for part in element.arg.list.items]
                if element.defname == "owned_by" and len(owner) > 1 and _is(name_in(owner[:-1]), table):
                    found.append(name_of_range(one.node.sequence))
        return found

    def _partitions(self, table: Name) -> list[Name]:
        found = []
        for one in self._statements:
            if kind_of(one.node) == "AlterTableStmt" and _is(name_of_range(one.node.relation), table):
                for cmd in one.node.cmds:
                    command = cmd.alter_table_cmd
                    if (
                        enum_of(command, "subtype") == "AT_AttachPartition"
                        and enum_of(one.node, "objtype") == "OBJECT_TABLE"
                    ):
                        found.append(name_of_range(getattr(command, "def").partition_cmd.name))
        return found

    def _place(self, one: _Statement, table: Name, sequences: list[Name]) -> bool | None:
        """Does it belong to the table: False at once, True late, None no."""
        node, kind = one.node, kind_of(one.node)
        if kind in ("CreateStmt", "CreateForeignTableStmt"):
            base = node.base_stmt if kind == "CreateForeignTableStmt" else node
            return False if _is(name_of_range(base.relation), table) else None
        if kind in ("CreateSeqStmt", "AlterSeqStmt"):
            return False if any(_is(name_of_range(node.sequence), one) for one in sequences) else None
        if kind == "AlterTableStmt":
            if enum_of(node, "objtype") == "OBJECT_INDEX":
                return True if self._is_index_of(name_of_range(_attached(node)), table) else None
            attached = _attached(node)
            if attached is not None:
                return False if _is(name_of_range(attached), table) else None
            return _is_late(node) if _is(name_of_range(node.relation), table) else None
        if kind == "IndexStmt":
            return not node.unique if _is(name_of_range(node.relation), table) else None
        if kind in ("CreateTrigStmt", "RuleStmt"):
            return True if _is(name_of_range(node.relation), table) else None
        if kind == "CreatePolicyStmt":
            return True if _is(name_of_range(node.table), table) else None
        if kind == "CreateStatsStmt":
            return True if any(_is(name_of_range(part.range_var), table) for part in node.relations) else None
        if kind == "CommentStmt":
            return True if self._is_comment_of(node, table) else None
        return None

    def _is_index_of(self, index: Name, table: Name) -> bool:
        for one in self._statements:
            if kind_of(one.node) == "IndexStmt" and one.node.idxname == index.name:
                return _is(name_of_range(one.node.relation), table)
            if kind_of(one.node) == "AlterTableStmt" and _is(name_of_range(one.node.relation), table):
                for part in messages_in(one.node):
                    if type(part).__name__ == "Constraint" and part.conname == index.name:
                        return True
        return False

    def _is_comment_of(self, node: Any, table: Name) -> bool:
        parts = [part.string.sval for part in node.object.list.items]
        kind = enum_of(node, "objtype")
        if kind in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            return _is(name_in(parts), table)
        if kind in (
            "OBJECT_COLUMN",
            "OBJECT_TABCONSTRAINT",
            "OBJECT_TRIGGER",
            "OBJECT_POLICY",
            "OBJECT_RULE",
        ):
            return len(parts) > 1 and _is(name_in(parts[:-1]), table)
        return kind == "OBJECT_INDEX" and self._is_index_of(name_in(parts), table)

    def index_comment(self, index: Name) -> list[str]:
        return [
            one.text for one in self._statements
            if kind_of(one.node) == "CommentStmt" and enum_of(one.node, "objtype") == "OBJECT_INDEX"
            and _is(name_in([part.string.sval for part in one.node.object.list.items]), index)
        ]  # fmt: skip

    def referring(self, table: Name) -> list[str]:
        """The foreign keys of other tables to this one."""
        return [
            one.text for one in self._statements
            if kind_of(one.node) == "AlterTableStmt" and not _is(name_of_range(one.node.relation), table)
            and any(type(part).__name__ == "Constraint" and part.HasField("pktable") and _is(name_of_range(part.pktable), table)
                    for part in messages_in(one.node))
        ]  # fmt: skip

    def object(self, kind: str, name: Name, table: Name | None = None) -> list[str]:
        """What makes an object again, comment and indexes included; nothing where the dump does not have it."""
        return list(self._object(kind, name, table))

    def _object(self, kind: str, name: Name, table: Name | None) -> Iterator[str]:
        is_there = False
        for one in self._statements:
            made = one.made
            if made is not None and made.kind == kind and _is(made.name, name):
                if table is None or (made.table is not None and _is(made.table, table)):
                    is_there = True
                    yield one.text
            elif is_there and kind == "materialized_view" and kind_of(one.node) == "IndexStmt":
                if _is(name_of_range(one.node.relation), name):
                    yield one.text
            elif is_there and kind == "sequence" and kind_of(one.node) == "AlterSeqStmt":
                if _is(name_of_range(one.node.sequence), name):
                    yield one.text
            elif is_there and kind_of(one.node) == "CommentStmt":
                parts = (
                    names_of(one.node.object.list.items)
                    if one.node.object.HasField("list")
                    else _one_name(one.node)
                )
                owner = name_in(parts[:-1]) if len(parts) > 1 else None
                if table is not None:
                    if parts and parts[-1] == name.name and owner is not None and _is(owner, table):
                        yield one.text
                elif parts and _is(name_in(parts), name):
                    yield one.text


def _one_name(node: Any) -> list[str]:
    which = node.object.WhichOneof("node")
    if which == "string":
        return [node.object.string.sval]
    if which == "type_name":
        return [part.string.sval for part in node.object.type_name.names]
    return []


def _is(found: Name, wanted: Name) -> bool:
    # The dump names every schema; what is asked for may not.
    if found.name != wanted.name:
        return False
    return wanted.schema is None or found.schema is None or found.schema == wanted.schema


def _attached(node: Any) -> Any:
    for cmd in node.cmds:
        if enum_of(cmd.alter_table_cmd, "subtype") == "AT_AttachPartition":
            return getattr(cmd.alter_table_cmd, "def").partition_cmd.name
    return None


def _is_late(node: Any) -> bool:
    """Keys, defaults and identities come at once: others lean on them. Foreign keys and checks wait."""
    for cmd in node.cmds:
        command = cmd.alter_table_cmd
        subtype = enum_of(command, "subtype")
        if subtype == "AT_AddConstraint":
            return enum_of(getattr(command, "def").constraint, "contype") not in _KEYS
        if subtype in ("AT_EnableRowSecurity", "AT_ForceRowSecurity", "AT_ClusterOn", "AT_ReplicaIdentity"):
            return True
    return False


def _bare(text: str) -> str:
    """Without the comment lines pg_dump puts above each statement."""
    lines = text.strip().split("\n")
    while lines and (not lines[0].strip() or lines[0].startswith("--")):
        lines.pop(0)
    return "\n".join(lines).strip()
