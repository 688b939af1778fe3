"""What a statement does, in words every engine shares: `DropColumn`, `CreateIndex`, … Pure.

An engine's reader makes them from its parser's tree. A statement can hold several (`ALTER TABLE a ADD b …, DROP c`).
Names are as the server would keep them: unquoted ones folded as the dialect folds, quotes gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Span = tuple[int, int]
"""Offsets in the statement's text, from and up to."""


@dataclass(frozen=True, slots=True)
class Name:
    """An object's name, with its schema (or database, or dataset) where one is written."""

    name: str
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    @property
    def key(self) -> str:
        """For comparing: schemas are compared only where both are written (`same`)."""
        return self.name.casefold()

    def same(self, other: Name) -> bool:
        if self.key != other.key:
            return False
        return not (self.schema and other.schema) or self.schema.casefold() == other.schema.casefold()


ConstraintKind = Literal["primary_key", "unique", "foreign_key", "check", "exclude", "not_null", "other"]


@dataclass(frozen=True, slots=True)
class Constraint:
    kind: ConstraintKind
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str = ""
    """The SQL text of a CHECK's condition, without its parentheses."""
    not_valid: bool = False
    using_index: str | None = None
    references: Name | None = None
    references_columns: tuple[str, ...] = ()
    on_delete: str = ""
    """Upper case: CASCADE, SET NULL, SET DEFAULT, RESTRICT, NO ACTION or empty."""
    on_update: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is written in CREATE TABLE or ADD COLUMN."""

    name: str
    type: str
    """Lower case, one space between words: `varchar(255)`, `integer`, `timestamp with time zone`."""
    not_null: bool = False
    default: str | None = None
    """The SQL text, None where there is none; `NULL` counts as none."""
    default_volatile: bool = False
    """A different value a row: `random()`, `gen_random_uuid()`; `now()` is not."""
    primary_key: bool = False
    unique: bool = False
    auto: bool = False
    """Numbers itself: serial, identity, AUTO_INCREMENT."""
    generated: Literal["", "stored", "virtual"] = ""
    constraints: tuple[Constraint, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """The base of every operation; `span` is where it stands in the statement, None for the whole."""

    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CreateTable(Op):
    name: Name
    columns: tuple[Column, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    """Table-level ones; a column's own are in the column."""
    if_not_exists: bool = False
    or_replace: bool = False
    temporary: bool = False
    from_query: bool = False
    """CREATE TABLE … AS SELECT: it has rows at once."""
    like: bool = False
    """Takes its columns from elsewhere (LIKE, INHERITS, PARTITION OF, a type)."""
    options: dict[str, str] = field(default_factory=dict)
    """Engine's own: `engine`, `charset`, `order_by`, …"""


@dataclass(frozen=True, slots=True)
class CreateIndex(Op):
    table: Name
    name: str | None
    columns: tuple[str, ...]
    """Plain columns by name; an expression as its SQL text in parentheses."""
    unique: bool = False
    concurrently: bool = False
    if_not_exists: bool = False
    partial: bool = False
    method: str = ""


ObjectKind = Literal[
    "table", "column", "index", "view", "materialized_view", "schema", "database", "sequence", "type", "domain",
    "function", "procedure", "trigger", "extension", "policy", "rule", "constraint", "role", "dictionary", "event",
    "foreign_table", "publication", "collection", "other",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CreateObject(Op):
    """Everything created that is no table and no index."""

    kind: ObjectKind
    name: Name
    if_not_exists: bool = False
    or_replace: bool = False
    temporary: bool = False
    table: Name | None = None
    """Of a trigger, rule or policy."""


@dataclass(frozen=True, slots=True)
class Drop(Op):
    """One object dropped (not a column, not a constraint); a list of names makes several."""

    kind: ObjectKind
    name: Name
    if_exists: bool = False
    cascade: bool = False
    concurrently: bool = False
    table: Name | None = None
    """Of an index (MySQL), trigger, rule or policy."""


@dataclass(frozen=True, slots=True)
class Truncate(Op):
    table: Name
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterTable(Op):
    """The base of what ALTER TABLE does to one table."""

    table: Name


@dataclass(frozen=True, slots=True)
class AddColumn(AlterTable):
    column: Column
    if_not_exists: bool = False


@dataclass(frozen=True, slots=True)
class DropColumn(AlterTable):
    column: str
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class AlterColumnType(AlterTable):
    """A new type; MySQL's MODIFY and CHANGE carry the whole column in `definition`."""

    column: str
    type: str
    using: str = ""
    definition: Column | None = None


@dataclass(frozen=True, slots=True)
class SetNotNull(AlterTable):
    column: str


@dataclass(frozen=True, slots=True)
class DropNotNull(AlterTable):
    column: str


@dataclass(frozen=True, slots=True)
class SetDefault(AlterTable):
    column: str
    default: str | None
    """None: DROP DEFAULT."""


@dataclass(frozen=True, slots=True)
class AddConstraint(AlterTable):
    constraint: Constraint


@dataclass(frozen=True, slots=True)
class DropConstraint(AlterTable):
    name: str
    kind: ConstraintKind = "other"
    """`other` where the statement does not tell (PostgreSQL's DROP CONSTRAINT)."""
    if_exists: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True)
class ValidateConstraint(AlterTable):
    name: str


@dataclass(frozen=True, slots=True)
class AlterOther(AlterTable):
    """Something else ALTER TABLE does; `what` in upper case: ATTACH PARTITION, OWNER, SET TABLESPACE, …"""

    what: str


@dataclass(frozen=True, slots=True)
class Rename(Op):
    kind: ObjectKind
    old: Name
    """The object; for a column its bare name."""
    new: str
    table: Name | None = None
    """Of a column or constraint."""


@dataclass(frozen=True, slots=True)
class Insert(Op):
    table: Name
    columns: tuple[str, ...] | None
    """None: no column list."""
    rows: int | None = None
    """How many rows VALUES holds; None for a query."""
    tolerant: bool = False
    """ON CONFLICT, INSERT IGNORE, WHERE NOT EXISTS: it may run twice."""


@dataclass(frozen=True, slots=True)
class Update(Op):
    table: Name
    has_where: bool
    """False also for a WHERE that is always true (`WHERE 1 = 1`, `WHERE true`)."""
    columns: tuple[str, ...] = ()
    limited: bool = False
    """Takes only some rows: LIMIT, or a key range in a sub-query with LIMIT."""


@dataclass(frozen=True, slots=True)
class Delete(Op):
    table: Name
    has_where: bool
    limited: bool = False


@dataclass(frozen=True, slots=True)
class Query(Op):
    """A SELECT whose rows matter: by itself, in a view or feeding a table. `star`: it lists `*` or `t.*`."""

    star: bool = False
    star_span: Span | None = None


@dataclass(frozen=True, slots=True)
class NullComparison(Op):
    """`= NULL` or `<> NULL`, which is never true."""

    negated: bool = False
    operand: str = ""


@dataclass(frozen=True, slots=True)
class TransactionControl(Op):
    word: str
    """BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK TO, …"""


@dataclass(frozen=True, slots=True)
class Setting(Op):
    """SET, PRAGMA, set_config(): `name` in lower case."""

    name: str
    value: str = ""
    local: bool = False


@dataclass(frozen=True, slots=True)
class Other(Op):
    """Understood by the parser, of no concern to the shared rules; `keyword` in upper case: GRANT, COMMENT, VACUUM."""

    keyword: str


SCHEMA_OPS: tuple[type[Op], ...] = (
    CreateTable, CreateIndex, CreateObject, Drop, Truncate, AlterTable, Rename,
)  # fmt: skip
"""What changes the schema (DDL)."""
