"""What the live database says to a template: choices for its fields, and how its objects were made. Reads only.

Everything is fetched when it is first asked for, once; a database that cannot be reached has no answers, and
`problem` says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogTable
from backend.models.template import FieldChoice, FieldKind, TemplateField

from . import ddl
from .ddl import Dump
from .quoting import Quoting, javascript
from .types import TYPES
from .values import TableName

_Answer = TypeVar("_Answer")


class Live:
    """One look at a database. `target` is called when something is first asked."""

    def __init__(self, engine: Engine, quoting: Quoting, target: Callable[[], Target]) -> None:
        self._engine = engine
        self._quoting = quoting
        self._get_target = target
        self.problem: str | None = None
        self.is_from_catalog = False
        """Something was made again from the catalog, which lists no foreign keys, checks or generated columns."""

    @cached_property
    def _target(self) -> Target | None:
        return self._asked(self._get_target)

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer | None:
        try:
            return ask()
        except AppError as error:
            self.problem = error.message
            return None

    @cached_property
    def catalog(self) -> Catalog:
        """Tables and columns; empty where the database cannot be reached."""
        target = self._target
        found = self._asked(lambda: self._engine.catalog(target)) if target is not None else None
        return found or Catalog()

    @cached_property
    def _dump(self) -> Dump | None:
        target = self._target
        if target is None or self._engine.dialect is None:
            return None
        if not self._engine.capabilities()["dump_schema"].supported:
            return None
        try:
            text = self._engine.dump_schema(target)
        except AppError:
            return None  # the catalog then has to do
        return Dump(text, self._quoting.dialect, self.catalog.default_schema)

    @cached_property
    def _fingerprint(self) -> Mapping[str, str]:
        target = self._target
        return (self._asked(lambda: self._engine.fingerprint(target)) if target is not None else None) or {}

    # -- choices -------------------------------------------------------------------------------------------------

    @cached_property
    def names(self) -> dict[str, TableName]:
        """Every table and view by the text that stands for it."""
        return {_value(one, self.catalog.default_schema): self._name(one) for one in self.catalog.tables}

    def _name(self, table: CatalogTable) -> TableName:
        schema = table.schema_name
        return TableName(None if schema == self.catalog.default_schema else schema, table.name)

    def find(self, table: TableName) -> CatalogTable | None:
        for one in self.catalog.tables:
            if self._name(one) == table or (one.schema_name == table.schema and one.name == table.name):
                return one
        return None

    def choices(self, field: TemplateField, owner: TableName | None) -> list[FieldChoice]:
        """What the database has for a field; of the table `owner` where it takes parts of one."""
        match field.kind:
            case FieldKind.TABLE | FieldKind.VIEW:
                is_view = field.kind is FieldKind.VIEW
                return [
                    _choice(
                        value, f"{table.rows} rows" if (table := self.find(name)) and table.rows else None
                    )
                    for value, name in self.names.items()
                    if (found := self.find(name)) is not None and ("view" in found.kind) == is_view
                ]
            case FieldKind.COLUMN | FieldKind.COLUMNS | FieldKind.KEYS:
                table = self.find(owner) if owner else None
                return [_choice(one.name, one.type) for one in table.columns] if table else []
            case FieldKind.INDEX:
                table = self.find(owner) if owner else None
                return [_choice(one.name, ", ".join(one.columns)) for one in table.indexes] if table else []
            case FieldKind.ENUM:
                return [_choice(one) for one in self.catalog.types]
            case FieldKind.TYPE:
                return [_choice(one) for one in (*TYPES[self._quoting.dialect], *self.catalog.types)]
        return field.choices

    # -- how things were made ------------------------------------------------------------------------------------

    def table_statements(self, table: TableName) -> list[str] | None:
        """The statements that make a table again, the CREATE TABLE first; None where it is not known."""
        if self._quoting.dialect == "mongodb":
            return self._collection(table.name)
        create = self._dump.table(table.schema, table.name) if self._dump else None
        if create is not None and self._dump is not None:
            return [create, *self._dump.belongings(table.schema, table.name)]
        found = self.find(table)
        if found is None or not found.columns:
            return None
        self.is_from_catalog = True
        return self._from_catalog(found, table)

    def recreated(self, table: TableName, item: str) -> str | None:
        """SQLite's CREATE TABLE with one item changed or added."""
        create = self._dump.table(None, table.name) if self._dump else None
        return ddl.with_item(create, item, "sqlite") if create else None

    def column(self, table: TableName, name: str) -> CatalogColumn | None:
        found = self.find(table)
        return next((one for one in found.columns if one.name == name), None) if found else None

    def column_definition(self, table: TableName, name: str) -> str | None:
        """The column with type, default and constraints, and its place where the dialect can say it."""
        items = self._dump.columns(table.schema, table.name) if self._dump else []
        names = [column for column, _ in items]
        if name in names:
            position = names.index(name)
            return items[position][1] + self._place(names[position - 1] if position else None)
        column = self.column(table, name)
        return self._column_text(column) if column is not None else None

    def _place(self, previous: str | None) -> str:
        if self._quoting.dialect not in {"mysql", "clickhouse"}:
            return ""
        return f" AFTER {self._quoting.name(previous)}" if previous is not None else " FIRST"

    def index_definition(self, table: TableName, name: str) -> str | None:
        """The statement that makes an index again."""
        if self._quoting.dialect == "mongodb":
            return self._mongo_index(table.name, name)
        if self._dump is not None:
            whole = self._dump.index(table.schema, table.name, name)
            if whole is not None:
                return f"{whole};"
            item = self._dump.key_item(table.schema, table.name, name) or self._clickhouse_index(table, name)
            if item is not None:
                return f"ALTER TABLE {self._quoting.qualified(table.schema, table.name)} ADD {item};"
        found = self.find(table)
        index = next((one for one in found.indexes if one.name == name), None) if found else None
        if index is None or "(expression)" in index.columns:
            return None
        columns = ", ".join(self._quoting.name(one) for one in index.columns)
        return (
            f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {self._quoting.name(name)} "
            f"ON {self._quoting.qualified(table.schema, table.name)} ({columns});"
        )

    def _clickhouse_index(self, table: TableName, name: str) -> str | None:
        if self._quoting.dialect != "clickhouse" or self._dump is None:
            return None
        for item in self._dump.items(table.schema, table.name):
            if item.startswith("INDEX ") and ddl.unquoted(item[6:])[:1] == [name]:
                return item
        return None

    def constraint_definition(self, table: TableName, name: str) -> str | None:
        """`ALTER TABLE … ADD CONSTRAINT …`."""
        item = self._dump.constraint(table.schema, table.name, name) if self._dump else None
        target = self._quoting.qualified(table.schema, table.name)
        return f"ALTER TABLE {target} ADD {item};" if item is not None else None

    def view_definition(self, view: TableName) -> str | None:
        if self._quoting.dialect == "mongodb":
            return self._mongo_view(view.name)
        if self._quoting.dialect == "mysql":
            # A dump writes views for its own loader; the server's text is in the fingerprint.
            _, found, query = self._fingerprint.get(f"view {view.name}", "").partition("definition=")
            return f"CREATE VIEW {self._quoting.name(view.name)} AS {query};" if found else None
        text = self._dump.view(view.schema, view.name) if self._dump else None
        if text is None and self._quoting.dialect == "bigquery":
            seen = self._fingerprint.get(f"view {view.name}")
            text = (
                f"CREATE VIEW {self._quoting.qualified(view.schema, view.name)} AS {seen}" if seen else None
            )
        return f"{text.rstrip(';')};" if text else None

    # -- from the catalog ----------------------------------------------------------------------------------------

    def _from_catalog(self, found: CatalogTable, table: TableName) -> list[str]:
        name = self._quoting.qualified(table.schema, table.name)
        lines = [self._column_text(one) for one in found.columns]
        keys = ", ".join(self._quoting.name(one.name) for one in found.columns if one.primary_key)
        tail = ""
        if self._quoting.dialect == "clickhouse":
            tail = f" ENGINE = MergeTree ORDER BY {f'({keys})' if keys else 'tuple()'}"
        elif keys:
            lines.append(
                f"PRIMARY KEY ({keys}){' NOT ENFORCED' if self._quoting.dialect == 'bigquery' else ''}"
            )
        create = f"CREATE TABLE {name} (\n    " + ",\n    ".join(lines) + f"\n){tail}"
        key_columns = {one.name for one in found.columns if one.primary_key}
        made = [
            self.index_definition(table, one.name) for one in found.indexes if set(one.columns) != key_columns
        ]
        return [create, *(one.rstrip(";") for one in made if one is not None)]

    def _column_text(self, column: CatalogColumn) -> str:
        text = f"{self._quoting.name(column.name)} {column.type}"
        if column.default is not None:
            text += (
                f" {column.default}"
                if self._is_clickhouse_kind(column.default)
                else f" DEFAULT {column.default}"
            )
        return text if column.nullable or self._quoting.dialect == "clickhouse" else f"{text} NOT NULL"

    def _is_clickhouse_kind(self, default: str) -> bool:
        return self._quoting.dialect == "clickhouse" and default.split(" ")[0] in {
            "MATERIALIZED",
            "ALIAS",
            "EPHEMERAL",
        }

    # -- MongoDB -------------------------------------------------------------------------------------------------

    def _collection(self, name: str) -> list[str] | None:
        options = self._fingerprint.get(f"collection {name}")
        if options is None:
            return None
        wanted = {key: value for key, value in json.loads(options).items() if key not in {"type", "uuid"}}
        wanted.update(json.loads(self._fingerprint.get(f"validator {name}", "{}")))
        more = f", {javascript(wanted)}" if wanted else ""
        lines = [f"await db.createCollection({javascript(name)}{more})"]
        prefix = f"index {name}."
        for key in self._fingerprint:
            if key.startswith(prefix) and (index := self._mongo_index(name, key.removeprefix(prefix))):
                lines.append(index.rstrip(";"))
        return lines

    def rules(self, collection: TableName) -> dict[str, Any]:
        """The validation of a collection as collMod takes it; none is an empty validator."""
        found: dict[str, Any] = json.loads(self._fingerprint.get(f"validator {collection.name}", "{}"))
        return found or {"validator": {}, "validationLevel": "strict", "validationAction": "error"}

    def _mongo_index(self, collection: str, name: str) -> str | None:
        spec = self._fingerprint.get(f"index {collection}.{name}")
        if spec is None:
            return None
        described = json.loads(spec)
        keys = ", ".join(f"{javascript(key)}: {javascript(value)}" for key, value in described.pop("key"))
        options = javascript({"name": name, **described})
        return f"await db.collection({javascript(collection)}).createIndex({{ {keys} }}, {options});"

    def _mongo_view(self, name: str) -> str | None:
        options = self._fingerprint.get(f"view {name}")
        return (
            f"await db.createCollection({javascript(name)}, {javascript(json.loads(options))});"
            if options
            else None
        )


def _value(table: CatalogTable, default: str | None) -> str:
    return table.name if table.schema_name in {None, default} else f"{table.schema_name}.{table.name}"


def _choice(value: str, detail: str | None = None) -> FieldChoice:
    return FieldChoice(value=value, label=value, detail=detail)
