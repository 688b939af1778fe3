"""A template with values: the text of its migrations. Every value is quoted here as the dialect needs it.

Looks at the live database only where the template asks how something was made.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.errors import InvalidRequest
from backend.models.template import FieldKind, TemplateField

from .files import TemplateFile
from .live import Live
from .quoting import Quoting, comment_text, javascript
from .syntax import RECREATE, Node, Place, Section
from .values import Checker, ColumnSpec, Key, TableName, is_empty

_DOLLAR_TAG = re.compile(r"\$[A-Za-z_]\w*\$")


_FROM_CATALOG = (
    "-- From the list of columns alone: add foreign keys, checks and generated columns where there were any."
)


class Renderer:
    """One template with one set of values. Raises InvalidRequest, naming the field, for values that do not fit."""

    def __init__(
        self, template: TemplateFile, quoting: Quoting, live: Live, given: Mapping[str, Any]
    ) -> None:
        self._template = template
        self._quoting = quoting
        self._live = live
        self.warnings: list[str] = []
        self.values = self._checked(given)
        self._warn_of_unknown()

    # -- values --------------------------------------------------------------------------------------------------

    def _checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        known = [one.name for one in self._template.fields]
        unknown = [name for name in given if name not in known]
        if unknown:
            raise InvalidRequest(
                f"{self._template.id} has no field {unknown[0]!r}.",
                hint=f"Its fields are: {', '.join(known) or 'none'}.",
                template=self._template.id,
                field=unknown[0],
            )
        needs_tables = any(one.kind in {FieldKind.TABLE, FieldKind.VIEW} for one in self._template.fields)
        checker = Checker(self._template.id, self._quoting, self._live.names if needs_tables else {})
        values: dict[str, Any] = {}
        missing: list[str] = []
        for field in self._template.fields:
            value = checker.check(field, given[field.name]) if field.name in given else None
            if value is None and not (field.kind is FieldKind.VALUE and field.name in given):
                value = checker.check(field, self._default(field, values))
                if value is None and field.required:
                    missing.append(field.name)
            values[field.name] = value
        if missing:
            raise InvalidRequest(
                f"{self._template.id} needs a value for {', '.join(missing)}.",
                template=self._template.id,
                field=missing[0],
                fields=missing,
            )
        empty = [
            f.name
            for f in self._template.fields
            if f.required and isinstance(values[f.name], list) and not values[f.name]
        ]
        if empty:
            raise InvalidRequest(
                f"{self._template.id} needs at least one entry in {empty[0]}.",
                template=self._template.id,
                field=empty[0],
            )
        return values

    def _default(self, field: TemplateField, values: Mapping[str, Any]) -> Any:
        nodes = self._template.defaults.get(field.name)
        if nodes is None:
            return field.default
        text = "".join(
            node if isinstance(node, str) else _plain(values.get(node.name), "_")
            for node in nodes
            if not isinstance(node, Section)
        )
        text = self._fitting(text)
        if field.kind is not FieldKind.NEW_TABLE:
            return text
        # What is made beside a table is made in its schema.
        beside = next((one for one in values.values() if isinstance(one, TableName)), None)
        return {"schema": beside.schema if beside else None, "name": text}

    def _fitting(self, name: str) -> str:
        """A made-up name cut to what the server takes, still telling apart what differs at its end."""
        longest, unit = self._quoting.longest_name
        size = len(name.encode()) if unit == "bytes" else len(name)
        if size <= longest:
            return name
        mark = hashlib.sha256(name.encode()).hexdigest()[:8]
        head = name
        while (len(head.encode()) if unit == "bytes" else len(head)) > longest - 9:
            head = head[:-1]
        return f"{head}_{mark}"

    def _warn_of_unknown(self) -> None:
        if not self._live.names or self._live.problem:
            return
        for field in self._template.fields:
            value = self.values[field.name]
            if (
                field.kind in {FieldKind.TABLE, FieldKind.VIEW}
                and value is not None
                and self._live.find(value) is None
            ):
                self.warnings.append(f"There is no {field.kind} {value} on the live database.")
            if field.kind in {FieldKind.COLUMN, FieldKind.COLUMNS, FieldKind.KEYS} and field.of and value:
                self._warn_of_columns(self.values[field.of], value if isinstance(value, list) else [value])

    def _warn_of_columns(self, table: TableName | None, columns: Sequence[Any]) -> None:
        if table is None or self._quoting.dialect == "mongodb":
            return  # a collection has fields nobody listed
        found = self._live.find(table)
        known = {one.name.lower() for one in found.columns} if found else set()
        self.warnings += [
            f"{table} has no column {one} on the live database."
            for one in columns
            if known and str(one).lower() not in known
        ]

    # -- text ----------------------------------------------------------------------------------------------------

    def name(self) -> str:
        """The migration's name, as words."""
        return self._plain_text(self._template.name_nodes)

    def _plain_text(self, nodes: list[Node]) -> str:
        return "".join(
            node if isinstance(node, str) else _plain(self.values.get(node.name), " ") for node in nodes
        )

    def text(self, nodes: list[Node]) -> str:
        """The nodes with every field filled in."""
        tags = set(_DOLLAR_TAG.findall("".join(node for node in nodes if isinstance(node, str))))
        out: list[str] = []
        for node in nodes:
            if isinstance(node, str):
                out.append(node)
            elif isinstance(node, Place):
                written = self._place(node, _indent("".join(out[-6:])))
                self._keep_bodies_closed(node.name, written, tags)
                out.append(written)
            else:
                out.append(self._section(node))
        return "".join(out)

    def _keep_bodies_closed(self, field: str, written: str, tags: set[str]) -> None:
        for tag in tags:
            if tag in written:
                raise InvalidRequest(
                    f"{self._template.id}: the field {field} holds {tag}, which would end the body it stands in.",
                    template=self._template.id,
                    field=field,
                )

    def _section(self, section: Section) -> str:
        value = self.values[section.name]
        if section.kind == RECREATE:
            made = self._live.recreated(value, self.text(section.nodes).strip())
            return made if made is not None else self._unknown(f"how the table {value} was made")
        is_there = str(value) == section.equals if section.equals is not None else not is_empty(value)
        return self.text(section.nodes) if is_there == (section.kind == "#") else ""

    def _unknown(self, what: str) -> str:
        """A comment where the live database was to say something and could not."""
        why = f" ({self._live.problem})" if self._live.problem else ""
        self.warnings.append(f"The live database does not say {what}{why}: write it into the migration.")
        return f"/* Write here {comment_text(what)}: the live database did not say. */"

    def _place(self, place: Place, indent: str) -> str:
        field = self._template.field_named(place.name)
        assert field is not None, "the file was checked when it was read"
        value = self.values[field.name]
        if place.form == "comment":
            return comment_text(_plain(value, ", "))
        if value is None and field.kind is not FieldKind.VALUE:
            return ""
        if place.form == "literal":
            return self._quoting.literal(
                self._written(field, value, indent) if field.kind is not FieldKind.TEXT else value
            )
        if place.form is not None:
            return self._form(field, value, place.form, indent)
        return self._written(field, value, indent)

    def _written(self, field: TemplateField, value: Any, indent: str) -> str:
        """A value as its kind is written."""
        name = self._quoting.name
        match field.kind:
            case FieldKind.NEW_TABLE | FieldKind.TABLE | FieldKind.VIEW | FieldKind.ENUM:
                return self._quoting.qualified(value.schema, value.name)
            case FieldKind.NAME | FieldKind.COLUMN | FieldKind.INDEX:
                return name(value)
            case FieldKind.COLUMNS:
                return ", ".join(name(one) for one in value)
            case FieldKind.KEYS:
                return self._keys(value)
            case FieldKind.VALUES:
                return ", ".join(self._quoting.literal(one) for one in value)
            case FieldKind.COLUMN_LIST:
                return f",\n{indent}".join(self._column_list(value))
            case FieldKind.ROWS:
                return f",\n{indent}".join(
                    "(" + ", ".join(self._quoting.literal(one) for one in row.values()) + ")" for row in value
                )
            case FieldKind.JSON:
                return javascript(value).replace("\n", f"\n{indent}")
            case FieldKind.TEXT | FieldKind.VALUE | FieldKind.NUMBER:
                return self._quoting.literal(value)
            case FieldKind.BOOLEAN:
                return self._quoting.literal(value)
        return str(value)

    def _keys(self, keys: Sequence[Key]) -> str:
        if self._quoting.dialect == "mongodb":
            return (
                "{ "
                + ", ".join(f"{javascript(one.name)}: {-1 if one.descending else 1}" for one in keys)
                + " }"
            )
        return ", ".join(self._quoting.name(one.name) + (" DESC" if one.descending else "") for one in keys)

    def _column_list(self, columns: Sequence[ColumnSpec]) -> list[str]:
        if self._quoting.dialect == "mongodb":
            return [f"{javascript(one.name)}: {javascript({'bsonType': one.type})}" for one in columns]
        keys = [one for one in columns if one.primary_key]
        lines = [self._column(one, is_key=len(keys) == 1 and one.primary_key) for one in columns]
        if len(keys) > 1 and self._quoting.dialect not in {"clickhouse", "bigquery"}:
            lines.append(f"PRIMARY KEY ({', '.join(self._quoting.name(one.name) for one in keys)})")
        elif keys and self._quoting.dialect == "bigquery":
            lines.append(
                f"PRIMARY KEY ({', '.join(self._quoting.name(one.name) for one in keys)}) NOT ENFORCED"
            )
        return lines

    def _column(self, column: ColumnSpec, *, is_key: bool) -> str:
        dialect = self._quoting.dialect
        written_type = column.type
        if (
            dialect == "clickhouse"
            and column.nullable
            and not column.primary_key
            and _may_be_null(column.type)
        ):
            written_type = f"Nullable({column.type})"
        text = f"{self._quoting.name(column.name)} {written_type}"
        # BigQuery wants the default after NOT NULL's place as well; every dialect takes it before.
        if column.default is not None:
            text += f" DEFAULT {column.default}"
        if dialect == "clickhouse":
            return text
        if is_key and dialect != "bigquery":
            return f"{text} PRIMARY KEY"
        return text if column.nullable and not column.primary_key else f"{text} NOT NULL"

    # -- forms ---------------------------------------------------------------------------------------------------

    def _form(self, field: TemplateField, value: Any, form: str, indent: str) -> str:
        if field.kind in {FieldKind.TABLE, FieldKind.NEW_TABLE, FieldKind.VIEW, FieldKind.ENUM}:
            return self._table_form(field, value, form)
        if field.kind is FieldKind.ROWS:
            return self._rows_form(value, form)
        if field.kind is FieldKind.COLUMN_LIST:
            chosen = [one for one in value if one.primary_key or form == "names"]
            return ", ".join(self._quoting.name(one.name) for one in chosen) or "tuple()"
        table = self.values[field.of] if field.of else None
        if table is None:
            return self._unknown(f"how {value} was made")
        if form == "qualified":
            return self._quoting.qualified(table.schema, value)
        if field.kind is FieldKind.INDEX:
            return self._live.index_definition(table, value) or self._unknown(
                f"how the index {value} was made"
            )
        if field.kind is FieldKind.NAME:
            return self._live.constraint_definition(table, value) or self._unknown(
                f"how the constraint {value} was made"
            )
        return self._column_form(table, value, form)

    def _table_form(self, field: TemplateField, value: TableName, form: str) -> str:
        if form == "name":
            return self._quoting.name(value.name)
        if form in {"old", "oldname"}:
            old = self._fitting(f"{value.name}__old")
            return self._quoting.qualified(value.schema if form == "old" else None, old)
        if form == "rules":
            return javascript(self._live.rules(value))
        if field.kind is FieldKind.VIEW:
            return self._live.view_definition(value) or self._unknown(f"how the view {value} was made")
        if form == "columns":
            found = self._live.find(value)
            if found is None or not found.columns:
                return self._unknown(f"which columns {value} has")
            return ", ".join(self._quoting.name(one.name) for one in found.columns)
        statements = self._live.table_statements(value)
        if statements is None:
            return self._unknown(f"how {value} was made")
        chosen = {"table": statements[:1], "indexes": statements[1:]}.get(form, statements)
        text = "\n".join(f"{one};" for one in chosen)
        if not self._live.is_from_catalog:
            return text
        self.warnings.append(f"{value} is made again without its foreign keys, checks and generated columns.")
        return f"{_FROM_CATALOG}\n{text}"

    def _rows_form(self, rows: Sequence[Mapping[str, Any]], form: str) -> str:
        if form == "columns":
            return ", ".join(self._quoting.name(one) for one in rows[0])
        return "\n   OR ".join(
            "(" + " AND ".join(self._equals(name, item) for name, item in row.items()) + ")" for row in rows
        )

    def _equals(self, name: str, value: Any) -> str:
        return f"{self._quoting.name(name)} " + (
            "IS NULL" if value is None else f"= {self._quoting.literal(value)}"
        )

    def _column_form(self, table: TableName, value: str, form: str) -> str:
        if form == "definition":
            made = self._live.column_definition(table, value)
            return made or f"{self._quoting.name(value)} {self._unknown(f'the type of {value}')}"
        column = self._live.column(table, value)
        if column is None:
            return self._unknown(f"the {form} of {value}")
        is_postgres = self._quoting.dialect in {"postgres", "spanner", "bigquery"}
        if form == "default":
            return f"SET DEFAULT {column.default}" if column.default is not None else "DROP DEFAULT"
        if form == "nullability":
            set_or_drop = "DROP NOT NULL" if column.nullable else "SET NOT NULL"
            return set_or_drop if is_postgres else "NULL" if column.nullable else "NOT NULL"
        return column.type


def _plain(value: object, joint: str) -> str:
    """A value as bare words: for names made of others, and for comments."""
    if value is None:
        return ""
    if isinstance(value, TableName):
        return value.name
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return joint.join(_plain(one, joint) for one in value)
    return str(value)


def _indent(before: str) -> str:
    """The white space the current line begins with."""
    line = before.rpartition("\n")[2]
    return line[: len(line) - len(line.lstrip())]


def _may_be_null(type_name: str) -> bool:
    return not type_name.startswith(
        ("Nullable(", "Array(", "Map(", "Tuple(", "LowCardinality(", "Nested(", "JSON", "Dynamic")
    )
