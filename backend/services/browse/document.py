"""What the documents of every format say, and in which order. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.models.schema_detail import (
    DetailColumn,
    DetailForeignKey,
    DetailIndex,
    DetailObject,
    DetailTable,
    Diagram,
    SchemaDetail,
)


@dataclass(frozen=True)
class Document:
    title: str
    engine_label: str
    environment: str
    made_at: datetime
    """UTC."""
    detail: SchemaDetail
    diagram: Diagram | None
    """None where there are no tables, or more than a picture can hold."""

    @cached_property
    def tables(self) -> list[DetailTable]:
        """Tables first, then views; each by name."""
        return sorted(
            self.detail.tables, key=lambda one: ("view" in one.kind, one.schema_name or "", one.name)
        )

    @cached_property
    def incoming(self) -> dict[str, list[tuple[DetailTable, DetailForeignKey]]]:
        """By table id, the keys of others that point at it."""
        found: dict[str, list[tuple[DetailTable, DetailForeignKey]]] = defaultdict(list)
        for table in self.tables:
            for key in table.foreign_keys:
                found[key.table].append((table, key))
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """By table id, its name for people."""
        return {one.id: self.name(one) for one in self.tables}

    def name(self, table: DetailTable | DetailObject) -> str:
        """With the schema where it is not the default one."""
        if table.schema_name in (None, self.detail.default_schema):
            return table.name
        return f"{table.schema_name}.{table.name}"

    def objects(self) -> Iterator[tuple[str, list[DetailObject]]]:
        """(kind, objects of it), kinds in the order the engine gave them."""
        found: dict[str, list[DetailObject]] = {}
        for one in self.detail.objects:
            found.setdefault(one.kind, []).append(one)
        yield from found.items()

    @property
    def made(self) -> str:
        return self.made_at.strftime("%Y-%m-%d %H:%M UTC")


def nouns(kind: str) -> str:
    """`text search dictionary` → `text search dictionaries`."""
    word = noun(kind)
    if word.endswith("y"):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith("s") else f"{word}s"


def noun(kind: str) -> str:
    """`materialized_view` → `materialized view`."""
    return kind.replace("_", " ")


def plural(count: int, word: str) -> str:
    if count == 1:
        return f"1 {word}"
    return f"{count:,} {word[:-1] + 'ies' if word.endswith('y') else word + ('es' if word.endswith('x') else 's')}"


def facts(table: DetailTable) -> list[str]:
    """What stands under a table's name."""
    found = [noun(table.kind)]
    if table.rows is not None:
        found.append(f"about {plural(table.rows, 'document' if is_collection(table) else 'row')}")
    if table.size_bytes is not None:
        found.append(size(table.size_bytes))
    if table.sampled is not None:
        found.append(f"fields from a sample of {plural(table.sampled, 'document')}")
    return found


def is_collection(table: DetailTable) -> bool:
    return table.kind in ("collection", "time_series")


def size(size_bytes: int) -> str:
    """`12 kB`, `3.4 MB`: in powers of 1,000."""
    amount = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"


def default_of(column: DetailColumn) -> str:
    """The default, the generating expression or where the value comes from."""
    if column.generated:
        return f"= {column.generated}"
    if column.identity:
        return column.identity if column.identity.startswith("auto") else f"identity, {column.identity}"
    return column.default or ""


def notes_of(column: DetailColumn) -> list[str]:
    found = list(column.notes)
    if column.collation:
        found.append(f"collation {column.collation}")
    if column.share is not None:
        found.append(f"in {column.share:.0%}")
    if len(column.types) > 1:
        found.append(", ".join(f"{one.type} {one.share:.0%}" for one in column.types))
    return found


def index_facts(index: DetailIndex) -> list[str]:
    found = ["primary key"] if index.primary else ["unique"] if index.unique else []
    found += [index.method] if index.method and index.method != "btree" else []
    found += [f"includes {', '.join(index.include)}"] if index.include else []
    found += [f"where {index.where}"] if index.where else []
    return [*found, *index.notes]


def key_text(columns: Sequence[str], table: str, to_columns: Sequence[str]) -> str:
    """`(a, b) → users (id, at)`; the target's columns are left out where the engine gave none."""
    to = f" ({', '.join(to_columns)})" if to_columns else ""
    return f"({', '.join(columns)}) → {table}{to}"


def actions(key: DetailForeignKey) -> str:
    """`on delete cascade`; nothing where nothing happens."""
    found = [
        f"on {event} {action.lower()}"
        for event, action in (("update", key.on_update), ("delete", key.on_delete))
        if action.upper() not in ("NO ACTION", "")
    ]
    return ", ".join([*found, *key.notes])
