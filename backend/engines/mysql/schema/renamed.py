"""Confirmed renames: the statements that make them, and the old schema as it reads once they have run. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from backend.engine.schema.model import SchemaObject, Snapshot, Step
from backend.engines.mysql.connect import quoted

from .lexing import replaced_names
from .server import Server
from .tabletext import parse


@dataclass
class Renamed:
    old: Snapshot
    new: Snapshot
    asked: Mapping[str, str]
    tables: dict[str, str] = field(default_factory=dict)
    """Old table id → new."""
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    """By new table id: old column name → new."""

    def __post_init__(self) -> None:
        before, after = self.old.by_id(), self.new.by_id()
        for was, becomes in self.asked.items():
            if was in before and becomes in after and becomes not in before and was not in after:
                self.tables[was] = becomes
        for one in before.values():
            becomes = self.tables.get(one.id, one.id)
            if one.kind != "table" or becomes not in after:
                continue
            old, new = parse(one.sql), parse(after[becomes].sql)
            for column in old.columns:
                asked = self.asked.get(f"column {one.id}.{column.name}", "").removeprefix(
                    f"column {becomes}."
                )
                if asked and new.column(asked) is not None and new.column(column.name) is None:
                    self.columns.setdefault(becomes, {})[column.name] = asked

    def objects(self) -> dict[str, SchemaObject]:
        """The old schema's objects by their new ids, with texts as the server prints them after the renames."""
        if not self.tables and not self.columns:
            return self.old.by_id()
        return {self.tables.get(one.id, one.id): self._as_renamed(one) for one in self.old.objects}

    def _as_renamed(self, one: SchemaObject) -> SchemaObject:
        parent = self.tables.get(one.parent or "", one.parent or "") or None
        if one.kind != "table":
            return replace(one, parent=parent)
        id_ = self.tables.get(one.id, one.id)
        name = _bare(id_)
        sql = replaced_names(one.sql, self.columns.get(id_, {}))
        names = {_bare(was): _bare(becomes) for was, becomes in self.tables.items()}
        sql = _references(sql, names, self.columns)
        if name != one.name:
            sql = sql.replace(f"CREATE TABLE {quoted(one.name)}", f"CREATE TABLE {quoted(name)}", 1)
            # The server renames the foreign keys that it named after the table.
            sql = re.sub(
                rf"CONSTRAINT `{re.escape(one.name)}_ibfk_(\d+)`", rf"CONSTRAINT `{name}_ibfk_\1`", sql
            )
        needs = tuple(self.tables.get(need, need) for need in one.needs)
        return replace(one, id=id_, name=name, sql=sql, needs=needs)

    def steps(self, server: Server) -> Iterator[Step]:
        for was, becomes in self.tables.items():
            yield Step(f"RENAME TABLE {quoted(_bare(was))} TO {quoted(_bare(becomes))}", (was, becomes))
        before = self.objects() if self.columns else {}
        for table, columns in self.columns.items():
            name = _bare(table)
            if server.renames_columns:
                clauses = [f"RENAME COLUMN {quoted(was)} TO {quoted(now)}" for was, now in columns.items()]
            else:
                texts = {one.name: one.text for one in parse(before[table].sql).columns}
                clauses = [f"CHANGE COLUMN {quoted(was)} {texts[now]}" for was, now in columns.items()]
            yield Step(f"ALTER TABLE {quoted(name)} {', '.join(clauses)}", (table,))


def _bare(table: str) -> str:
    return table.removeprefix("table ")


def _references(sql: str, names: dict[str, str], columns: Mapping[str, Mapping[str, str]]) -> str:
    """Foreign keys follow what they refer to."""

    def follow(match: re.Match[str]) -> str:
        table = match["table"].replace("``", "`")
        new = names.get(table, table)
        referred = replaced_names(match["columns"], dict(columns.get(f"table {new}", {})))
        return f"REFERENCES {quoted(new)} ({referred})"

    return re.sub(r"REFERENCES `(?P<table>(?:[^`]|``)*)` \((?P<columns>[^)]*)\)", follow, sql)
