"""What every engine's schema descriptions share: the answer from the light catalog, outlines, and what could not be read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from backend.core.errors import AppError, AuthenticationFailed, Cancelled, ConnectionFailed, LockTimeout
from backend.models.schema import Catalog, CatalogTable
from backend.models.schema_detail import (
    DetailColumn,
    DetailIndex,
    DetailKey,
    DetailObject,
    DetailTable,
    OutlineTable,
    Relation,
    SchemaDetail,
    SchemaOutline,
)

from .tableids import table_id

_log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Problems(list[str]):
    """Sentences on what could not be read. A part that fails is named here and the rest goes on."""

    def ask(self, what: str, question: Callable[[], Answer], instead: Answer) -> Answer:
        """The answer, or `instead` where the server refuses; `what` as in "The triggers could not be read"."""
        try:
            return question()
        except (AuthenticationFailed, Cancelled, ConnectionFailed, LockTimeout):
            raise  # Nothing else would be answered either, or it would have to wait as long.
        except AppError as error:
            _log.info("%s could not be read: %s", what, error.message)
            self.append(f"{what} could not be read: {error.message}")
            return instead


def detail_of(engine: str, catalog: Catalog, only: Sequence[str] | None) -> SchemaDetail:
    """The description of an engine that tells no more than its light catalog does."""
    tables = [_table(one) for one in catalog.tables]
    return SchemaDetail(
        engine=engine,
        default_schema=catalog.default_schema,
        tables=tables if only is None else [one for one in tables if one.id in set(only)],
        objects=[
            *(DetailObject(kind="type", name=name) for name in catalog.types),
            *(DetailObject(kind="function", name=name) for name in catalog.functions),
        ],
        missing=missing(only, (one.id for one in tables)),
    )


def _table(one: CatalogTable) -> DetailTable:
    key = [column.name for column in one.columns if column.primary_key]
    return DetailTable(
        id=table_id(one.schema_name, one.name),
        schema_name=one.schema_name,
        name=one.name,
        kind=one.kind,
        rows=one.rows,
        columns=[DetailColumn(**column.model_dump()) for column in one.columns],
        primary_key=DetailKey(columns=key) if key else None,
        indexes=[
            DetailIndex(name=index.name, columns=index.columns, unique=index.unique) for index in one.indexes
        ],
    )


def outline_of(detail: SchemaDetail) -> SchemaOutline:
    """The same without what is inside of the tables."""
    return SchemaOutline(
        engine=detail.engine,
        default_schema=detail.default_schema,
        tables=[
            OutlineTable(
                id=one.id,
                schema_name=one.schema_name,
                name=one.name,
                kind=one.kind,
                rows=one.rows,
                comment=one.comment,
                parent=one.parent,
                is_partition=one.is_partition,
            )
            for one in detail.tables
        ],
        relations=relations_of(detail.tables),
        problems=detail.problems,
    )


def relations_of(tables: Iterable[DetailTable]) -> list[Relation]:
    """Every foreign key of the tables."""
    return [
        Relation(
            name=key.name,
            table=table.id,
            columns=key.columns,
            to_table=key.table,
            to_columns=key.to_columns,
            on_update=key.on_update,
            on_delete=key.on_delete,
        )
        for table in tables
        for key in table.foreign_keys
    ]


def missing(asked: Sequence[str] | None, found: Iterable[str]) -> list[str]:
    """Ids that were asked for and are not among those found."""
    there: Collection[str] = set(found)
    return [one for one in asked or () if one not in there]
