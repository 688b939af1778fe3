"""Values given for a template's fields: checked by kind, defaults filled in. Pure.

Text that becomes code (expressions, types, queries) must be one whole piece: no second statement, no comment, no open
quote or bracket, so that a field cannot change what the template around it says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from backend.core.errors import InvalidRequest
from backend.engine import sqltext
from backend.models.template import FieldKind, TemplateField

from .quoting import Quoting

_COLUMN_KEYS = {"name", "type", "nullable", "default", "primary_key"}
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class TableName:
    """A table, view or collection; `schema` None for the default one."""

    schema: str | None
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    descending: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    primary_key: bool = False

    def __str__(self) -> str:
        return self.name


def is_empty(value: object) -> bool:
    """What a section takes for no value."""
    return (
        value is None
        or value is False
        or value == ""
        or (isinstance(value, Sequence | Mapping) and not value)
    )


class Checker:
    """Checks the values of one template. Errors are InvalidRequest with `template` and `field`."""

    def __init__(self, template: str, quoting: Quoting, known_tables: Mapping[str, TableName]) -> None:
        self._template = template
        self._quoting = quoting
        self._tables = known_tables
        self._field = ""

    def check(self, field: TemplateField, value: Any) -> Any:
        """The value in the form rendering wants; None stays None."""
        self._field = field.name
        if value is None and field.kind is not FieldKind.VALUE:
            return None
        if value == "" and field.kind not in {FieldKind.TEXT, FieldKind.VALUE}:
            return None
        match field.kind:
            case FieldKind.NEW_TABLE | FieldKind.TABLE | FieldKind.VIEW | FieldKind.ENUM:
                return self._table(value)
            case FieldKind.NAME | FieldKind.COLUMN | FieldKind.INDEX:
                return self._name(value)
            case FieldKind.COLUMNS:
                return [self._name(one) for one in self._list(value)]
            case FieldKind.KEYS:
                return [self._key(one) for one in self._list(value)]
            case FieldKind.CHOICE:
                return self._choice(field, value)
            case FieldKind.BOOLEAN:
                return value if isinstance(value, bool) else self._refuse("true or false", value)
            case FieldKind.NUMBER:
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                return value if is_number else self._refuse("a number", value)
            case FieldKind.TEXT:
                return value if isinstance(value, str) else self._refuse("a text", value)
            case FieldKind.VALUE:
                return self._scalar(value)
            case FieldKind.VALUES:
                return [self._scalar(one) for one in self._list(value)]
            case FieldKind.TYPE | FieldKind.EXPRESSION | FieldKind.SELECT:
                return self._code(value, field.kind)
            case FieldKind.COLUMN_LIST:
                return self._columns(value)
            case FieldKind.ROWS:
                return self._rows(value)
            case FieldKind.JSON:
                return self._json(value)

    # -- names ---------------------------------------------------------------------------------------------------

    def _name(self, value: Any) -> str:
        if not isinstance(value, str):
            self._refuse("a name", value)
        if not value.strip():
            self._fail("the name is empty")
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            self._fail("a name may not hold line breaks or control characters")
        longest, unit = self._quoting.longest_name
        length = len(value.encode()) if unit == "bytes" else len(value)
        if length > longest:
            self._fail(f"the name has {length} {unit}; {longest} are allowed")
        return str(value)

    def _table(self, value: Any) -> TableName:
        if isinstance(value, Mapping):
            if set(value) - {"schema", "name"} or "name" not in value:
                self._fail('a table is a name or {"schema": …, "name": …}')
            schema = value.get("schema")
            return TableName(self._name(schema) if schema else None, self._name(value["name"]))
        name = self._name(value)
        if name in self._tables:
            return self._tables[name]
        schema, dot, rest = name.partition(".")
        if dot and schema and rest and self._quoting.has_schemas:
            return TableName(schema, rest)
        return TableName(None, name)

    def _key(self, value: Any) -> Key:
        if isinstance(value, Mapping):
            if set(value) - {"name", "descending"} or not isinstance(value.get("descending", False), bool):
                self._fail('a column of an index is a name or {"name": …, "descending": true}')
            return Key(self._name(value.get("name")), bool(value.get("descending", False)))
        return Key(self._name(value))

    # -- lists and values ----------------------------------------------------------------------------------------

    def _list(self, value: Any) -> list[Any]:
        if isinstance(value, str | Mapping):
            return [value]
        if not isinstance(value, list | tuple):
            self._refuse("a list", value)
        return list(value)

    def _scalar(self, value: Any) -> Any:
        if self._quoting.dialect != "mongodb" and isinstance(value, list | Mapping):
            self._refuse("one value (text, number, true, false or null)", value)
        if isinstance(value, str) and "\0" in value:
            self._fail("a text may not hold a zero character")
        return value

    def _choice(self, field: TemplateField, value: Any) -> str:
        known = [one.value for one in field.choices]
        if value not in known:
            self._fail(f"{value!r} is not one of {', '.join(known)}")
        return str(value)

    def _columns(self, value: Any) -> list[ColumnSpec]:
        columns = []
        for number, one in enumerate(self._list(value), 1):
            if not isinstance(one, Mapping):
                self._refuse("a list of columns", one)
            unknown = set(one) - _COLUMN_KEYS
            if unknown or "name" not in one or "type" not in one:
                said = f"has no {sorted(unknown)[0]!r}" if unknown else "needs a name and a type"
                self._fail(f"column {number} {said}; a column has {', '.join(sorted(_COLUMN_KEYS))}")
            for key in ("nullable", "primary_key"):
                if not isinstance(one.get(key, False), bool):
                    self._fail(f"column {number}: {key} is true or false")
            default = one.get("default")
            columns.append(
                ColumnSpec(
                    name=self._name(one["name"]),
                    type=self._code(one["type"], FieldKind.TYPE),
                    nullable=one.get("nullable", True),
                    default=None if default in {None, ""} else self._code(default, FieldKind.EXPRESSION),
                    primary_key=one.get("primary_key", False),
                )
            )
        if len({one.name for one in columns}) < len(columns):
            self._fail("two columns have the same name")
        return columns

    def _rows(self, value: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        for number, one in enumerate(self._list(value), 1):
            if not isinstance(one, Mapping) or not one:
                self._refuse("a list of rows, each {column: value}", one)
            row = {self._name(name): self._scalar(item) for name, item in one.items()}
            if rows and list(row) != list(rows[0]):
                if set(row) != set(rows[0]):
                    self._fail(f"row {number} has other columns than the first one")
                row = {name: row[name] for name in rows[0]}
            rows.append(row)
        return rows

    def _json(self, value: Any) -> Any:
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except ValueError as error:
                self._fail(f"this is not JSON: {error}")
        if not isinstance(value, dict | list):
            self._refuse("a JSON document or list", value)
        return value

    # -- code ----------------------------------------------------------------------------------------------------

    def _code(self, value: Any, kind: FieldKind) -> str:
        what = {FieldKind.TYPE: "a type", FieldKind.SELECT: "a query"}.get(kind, "an expression")
        if isinstance(value, bool | int | float) and kind is FieldKind.EXPRESSION:
            return self._quoting.literal(value)
        if not isinstance(value, str):
            self._refuse(what, value)
        text = value.strip().rstrip(";").rstrip()
        if not text:
            self._fail(f"{what} is empty")
        if self._quoting.dialect == "mongodb":
            return str(text)
        dialect = self._quoting.dialect
        bare = sqltext.strip_comments(text, dialect)
        if bare != text:
            self._fail(f"{what} may not hold a comment")
        if len(sqltext.split(text, dialect)) != 1 or sqltext.client_commands(text, dialect):
            self._fail(f"{what} is one piece without a semicolon")
        # An open quote or dollar body would swallow what follows it in the template.
        if len(sqltext.split(f"{text}\n;SELECT 1", dialect)) != 2:
            self._fail(f"{what} has a quote that is not closed")
        if not _is_balanced(text, dialect):
            self._fail(f"{what} has a bracket that is not closed, or one too many")
        return str(text)

    # -- refusing ------------------------------------------------------------------------------------------------

    def _refuse(self, wanted: str, value: Any) -> NoReturn:
        shown = {
            dict: "an object",
            list: "a list",
            bool: "true or false",
            str: "a text",
            int: "a number",
            float: "a number",
        }
        self._fail(f"it takes {wanted}, not {shown.get(type(value), 'nothing')}")

    def _fail(self, message: str) -> NoReturn:
        raise InvalidRequest(
            f"{self._template}: the field {self._field}: {message}.",
            template=self._template,
            field=self._field,
        )


def _is_balanced(text: str, dialect: str) -> bool:
    from backend.engine.sqllex import Kind, Words, lexer, skip_dollar

    scan = lexer("postgres" if dialect == "spanner" else dialect, words=Words.NONE, delimiter=";").match
    open_ones: list[str] = []
    position = 0
    while position < len(text):
        match = scan(text, position)
        if match is None or match.lastindex is None:
            return False
        end = skip_dollar(text, match) if match.lastindex == Kind.DOLLAR else match.end()
        if match.lastindex == Kind.RUN:
            for char in text[position:end]:
                if char in _PAIRS:
                    open_ones.append(_PAIRS[char])
                elif char in _PAIRS.values() and (not open_ones or open_ones.pop() != char):
                    return False
        position = end
    return not open_ones
