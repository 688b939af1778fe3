"""Templates: migrations with fields to fill in, as the wizard shows them, and what comes out."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from .base import Model


class FieldKind(StrEnum):
    """What a field takes, and so how its value is quoted and where its choices come from."""

    NEW_TABLE = "new-table"
    """The name of a table, view or collection that is to be made; `schema.name` where there are schemas."""
    TABLE = "table"
    VIEW = "view"
    NAME = "name"
    """The name of anything else that is to be made (column, index, constraint), or that the catalog does not list."""
    COLUMN = "column"
    COLUMNS = "columns"
    KEYS = "keys"
    """Columns of an index: names, or `{name, descending}`."""
    INDEX = "index"
    ENUM = "enum"
    """An existing type of the database."""
    TYPE = "type"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    NUMBER = "number"
    TEXT = "text"
    """Always a string."""
    VALUE = "value"
    """A string, number, boolean or null."""
    VALUES = "values"
    EXPRESSION = "expression"
    """SQL or JavaScript, taken as it is."""
    SELECT = "select"
    """A whole query."""
    COLUMN_LIST = "column-list"
    """`[{name, type, nullable, default, primary_key}]`."""
    ROWS = "rows"
    """`[{column: value}]`, every row with the same columns."""
    JSON = "json"
    """A JSON document or list, for MongoDB."""


class FieldChoice(Model):
    value: str
    label: str
    detail: str | None = None
    """A column's type, an index's columns."""


class TemplateField(Model):
    name: str
    kind: FieldKind
    label: str
    help: str | None = None
    required: bool = True
    default: Any = None
    """The value taken where none is given; for names it may hold other fields, as `{{table}}_{{column}}_idx`."""
    example: Any = None
    of: str | None = None
    """The field with the table whose columns or indexes this one takes."""
    choices: list[FieldChoice] = Field(default_factory=list)
    """For `choice` the only values; else what the live database has, and other values are taken as well."""


class TemplateSource(StrEnum):
    SHIPPED = "shipped"
    USER = "user"
    TEAM = "team"


class Template(Model):
    id: str
    """The file's name without its ending."""
    title: str
    group: str
    description: str
    safe: str | None = None
    """Why this is the safe form, or what to watch out for where there is none."""
    destructive: bool = False
    """Data is lost, whatever down does."""
    name: str
    """The migration's name, with fields as `{{table}}`."""
    source: TemplateSource
    path: str
    overrides: TemplateSource | None = None
    steps: list[str] = Field(default_factory=list)
    """The names of the migrations it makes, where it makes several."""
    fields: list[TemplateField] = Field(default_factory=list)
    problem: str | None = None
    """Why the choices of the live database are missing, where they are."""


class TemplateProblem(Model):
    """A template file that cannot be used; the others can."""

    path: str
    line: int | None = None
    message: str
    source: TemplateSource


class TemplateList(Model):
    templates: list[Template]
    problems: list[TemplateProblem] = Field(default_factory=list)
    folders: list[str] = Field(default_factory=list)
    """Where own templates are looked for, the strongest first."""


class RenderedFile(Model):
    name: str
    step: str | None = None
    """What this file does of several; the name ends with it."""
    up: str
    down: str
    transaction: bool = True
    transaction_down: bool = True
    content: str
    """The whole file."""


class RenderedTemplate(Model):
    """What a template makes of its values. `name`, `up`, `down` are those of the first file."""

    template: str
    name: str
    up: str
    down: str
    transaction: bool = True
    transaction_down: bool = True
    content: str
    files: list[RenderedFile]
    warnings: list[str] = Field(default_factory=list)
