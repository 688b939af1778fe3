"""A schema as people read it: tables with everything that belongs to them. For browsing, diagrams and documents only;
whether two schemas are equal is decided by the engine's own text, never by this."""

from __future__ import annotations

from pydantic import Field

from .base import Model


class TypeShare(Model):
    """A type that a document field was seen with."""

    type: str
    share: float
    """0..1 of the sampled documents that have the field."""


class DetailColumn(Model):
    name: str
    type: str
    """With its modifiers, as the engine prints it."""
    nullable: bool = True
    default: str | None = None
    primary_key: bool = False
    generated: str | None = None
    """The expression it is computed by."""
    identity: str | None = None
    """always, by default, auto_increment, autoincrement; null where values are given."""
    collation: str | None = None
    """Only where it is not the database's or table's own."""
    comment: str | None = None
    notes: list[str] = Field(default_factory=list)
    """What else the engine says of it: stored or virtual, a codec, a TTL, invisible, on update …"""
    share: float | None = None
    """0..1 of the sampled documents that have the field; null where nothing was sampled."""
    types: list[TypeShare] = Field(default_factory=list)


class DetailKey(Model):
    """A primary key or unique constraint. `name` is null where the engine gives none."""

    name: str | None = None
    columns: list[str] = Field(default_factory=list)
    comment: str | None = None


class DetailCheck(Model):
    """A check, exclusion or other condition, with the engine's text of it."""

    name: str | None = None
    definition: str
    comment: str | None = None


class DetailForeignKey(Model):
    name: str | None = None
    columns: list[str] = Field(default_factory=list)
    table: str
    """The id of the table it points at, which may be missing or in another database."""
    to_columns: list[str] = Field(default_factory=list)
    """Empty where the engine leaves them to the primary key."""
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"
    notes: list[str] = Field(default_factory=list)
    """deferrable, not validated, …"""
    comment: str | None = None


class DetailIndex(Model):
    name: str
    columns: list[str] = Field(default_factory=list)
    """Columns or expressions, with their order where it is not the usual one."""
    unique: bool = False
    primary: bool = False
    method: str | None = None
    where: str | None = None
    """The condition of a partial index."""
    include: list[str] = Field(default_factory=list)
    definition: str | None = None
    """The engine's own text of it."""
    notes: list[str] = Field(default_factory=list)
    """invalid, invisible, sparse, expires after …"""
    comment: str | None = None


class DetailTrigger(Model):
    name: str
    when: str | None = None
    """`AFTER INSERT OR UPDATE`, for example."""
    definition: str | None = None
    enabled: bool = True
    comment: str | None = None


class Property(Model):
    """One option of a table: engine, row format, order, TTL, capped, …"""

    name: str
    value: str


class DetailTable(Model):
    id: str
    """What other channels call it: `public.users`, or `users` where the engine has no schemas."""
    schema_name: str | None = None
    name: str
    kind: str = "table"
    """table, partitioned_table, foreign_table, view, materialized_view, dictionary, collection, time_series."""
    comment: str | None = None
    rows: int | None = None
    """An estimate from the engine's statistics; null where it has none."""
    size_bytes: int | None = None
    """With indexes, as far as the engine tells without reading the table."""
    columns: list[DetailColumn] = Field(default_factory=list)
    primary_key: DetailKey | None = None
    uniques: list[DetailKey] = Field(default_factory=list)
    checks: list[DetailCheck] = Field(default_factory=list)
    foreign_keys: list[DetailForeignKey] = Field(default_factory=list)
    indexes: list[DetailIndex] = Field(default_factory=list)
    triggers: list[DetailTrigger] = Field(default_factory=list)
    properties: list[Property] = Field(default_factory=list)
    partition_by: str | None = None
    parent: str | None = None
    """The id of the table it is a partition of, or inherits from."""
    is_partition: bool = False
    """It has no life of its own: diagrams draw its parent."""
    children: list[str] = Field(default_factory=list)
    """Ids of its partitions, or names of them where they are not tables."""
    definition: str | None = None
    """The query of a view."""
    validator: str | None = None
    """A collection's validator as JSON."""
    sampled: int | None = None
    """How many documents the fields were read from; null where none were."""
    problem: str | None = None
    """Why something of it is not shown, in a plain sentence."""


class DetailObject(Model):
    """What is no table: an enum, domain, sequence, function, …"""

    kind: str
    schema_name: str | None = None
    name: str
    """With its arguments, where names may be shared."""
    detail: str | None = None
    """An enum's labels, a domain's type, a function's answer."""
    definition: str | None = None
    """The statement that makes it, where the engine tells it."""
    comment: str | None = None


class SchemaDetail(Model):
    engine: str
    default_schema: str | None = None
    tables: list[DetailTable] = Field(default_factory=list)
    objects: list[DetailObject] = Field(default_factory=list)
    missing: list[str] = Field(default_factory=list)
    """Ids that were asked for and are not there."""
    problems: list[str] = Field(default_factory=list)
    """What could not be read, and why. The rest is complete."""


class OutlineTable(Model):
    id: str
    schema_name: str | None = None
    name: str
    kind: str = "table"
    rows: int | None = None
    comment: str | None = None
    parent: str | None = None
    is_partition: bool = False


class Relation(Model):
    """A foreign key between two tables, by their ids."""

    name: str | None = None
    table: str
    columns: list[str] = Field(default_factory=list)
    to_table: str
    to_columns: list[str] = Field(default_factory=list)
    on_update: str = "NO ACTION"
    on_delete: str = "NO ACTION"


class SchemaOutline(Model):
    """Every table by name and how they hang together, without what is inside of them."""

    engine: str
    default_schema: str | None = None
    tables: list[OutlineTable] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)
    problems: list[str] = Field(default_factory=list)


class DiagramColumn(Model):
    name: str
    type: str
    primary_key: bool = False
    foreign_key: bool = False
    nullable: bool = True


class DiagramNode(Model):
    id: str
    schema_name: str | None = None
    name: str
    kind: str = "table"
    rows: int | None = None
    comment: str | None = None
    columns: list[DiagramColumn] = Field(default_factory=list)
    hidden_relations: int = 0
    """Relations to tables that are not in this diagram."""


class DiagramEdge(Relation):
    id: str
    optional: bool = False
    """A column of it may be null."""
    one_to_one: bool = False
    """Its columns are unique: at most one row points at each."""


class DiagramChoice(Model):
    """A table that the diagram could show."""

    id: str
    kind: str = "table"
    relations: int = 0


class Diagram(Model):
    engine: str
    default_schema: str | None = None
    nodes: list[DiagramNode] = Field(default_factory=list)
    edges: list[DiagramEdge] = Field(default_factory=list)
    total: int = 0
    """Tables that there are, shown or not."""
    partial: bool = False
    """Only a part is shown, for there are more than one can read."""
    centre: str | None = None
    """The table whose surroundings are shown, where the part was chosen for the caller."""
    choices: list[DiagramChoice] = Field(default_factory=list)
    """Every table, the most connected first."""
    problems: list[str] = Field(default_factory=list)


class SchemaDdl(Model):
    """A table's own statements, as the engine (or its dump tool) prints them."""

    table: str
    text: str
    source: str
    """What printed it: `pg_dump`, `SHOW CREATE TABLE`, `sqlite_master`, …"""
    language: str = "sql"


class SchemaDocument(Model):
    """The documentation as one file: `text` where no path was given, else the file that was written."""

    filename: str
    format: str
    text: str | None = None
    path: str | None = None
    size_bytes: int
    tables: int
    diagram_tables: int
    """How many the diagram in it shows; 0 where there is none."""


class SavedPicture(Model):
    path: str
    filename: str
    size_bytes: int
