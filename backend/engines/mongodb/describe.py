"""MongoDB collections described for people: options, validators, indexes, and the fields of a sample of documents.

Relations are not described: MongoDB keeps none, and a guess by names would look like knowledge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from backend.core.errors import NotFound
from backend.engine.browse import missing
from backend.engine.tableids import parse_table_id, table_id
from backend.engine.target import Target
from backend.models.schema_detail import (
    DetailColumn,
    DetailIndex,
    DetailTable,
    OutlineTable,
    Property,
    SchemaDdl,
    SchemaDetail,
    SchemaOutline,
    TypeShare,
)

from .catalog import bson_type, collections_of, fields_of, for_each, index_options, indexes_of
from .connect import database

if TYPE_CHECKING:
    from pymongo.database import Database

Document = dict[str, Any]

SAMPLE_DOCUMENTS = 100
_SAMPLE_TIME_MS = 3000
_MOST_SAMPLED = 300
"""Collections; a database of more is described without fields unless they are asked for by name."""
_DEPTH = 4
_MOST_FIELDS = 500
_KINDS = {"view": "view", "timeseries": "time_series"}
_OWN_SECTIONS = {"validator", "viewOn", "pipeline"}


def outline(target: Target) -> SchemaOutline:
    """Collections and views by name; their estimated counts."""
    with database(target) as found:
        described = collections_of(found, hidden={target.migrations_table})
        plain = [item for item in described if item["type"] != "view"]
        counts = for_each(plain, lambda item: _count(found, item["name"]))
    return SchemaOutline(
        engine="mongodb",
        tables=[
            OutlineTable(
                id=table_id(None, item["name"]),
                name=item["name"],
                kind=_KINDS.get(item["type"], "collection"),
                rows=counts.get(item["name"]),
            )
            for item in described
        ],
    )


def describe(target: Target, only: Sequence[str] | None) -> SchemaDetail:
    """All collections and views, or those with these ids."""
    names = None if only is None else {parse_table_id(one)[1] for one in only}
    problems: list[str] = []
    with database(target) as found:
        described = [
            item
            for item in collections_of(found, hidden={target.migrations_table})
            if names is None or item["name"] in names
        ]
        samples = len(described) <= _MOST_SAMPLED
        if not samples:
            problems.append(
                f"The fields of {len(described):,} collections were not read; open one to see its fields."
            )
        told = for_each(described, lambda item: _described(found, item, samples))
    tables = [told[item["name"]] for item in described]
    return SchemaDetail(
        engine="mongodb",
        tables=tables,
        missing=missing(only, (one.id for one in tables)),
        problems=problems,
    )


def table_ddl(target: Target, table: str) -> SchemaDdl:
    """The calls that make the collection with its options and indexes. Raises NotFound."""
    _, name = parse_table_id(table)
    with database(target) as found:
        item = next((one for one in collections_of(found) if one["name"] == name), None)
        if item is None:
            raise NotFound(f"There is no collection {table}.")
        specs = indexes_of(found, name) if item["type"] != "view" else []
    calls = [f"db.createCollection({_json(name)}, {_json(item.get('options', {}))});"]
    for spec in specs:
        if spec["name"] != "_id_":
            options = {"name": spec["name"], **index_options(spec)}
            calls.append(
                f"db.getCollection({_json(name)}).createIndex({_json(dict(spec['key']))}, {_json(options)});"
            )
    return SchemaDdl(
        table=table,
        text="\n\n".join(calls) + "\n",
        source="listCollections, listIndexes",
        language="javascript",
    )


def _described(found: Database[Document], item: Document, samples: bool) -> DetailTable:
    name, options = item["name"], item.get("options", {})
    is_view = item["type"] == "view"
    problems: list[str] = []
    documents = _sample(found, name, is_view, problems) if samples else []
    return DetailTable(
        id=table_id(None, name),
        name=name,
        kind=_KINDS.get(item["type"], "collection"),
        rows=None if is_view else _count(found, name),
        size_bytes=None,
        columns=_columns(options, documents),
        indexes=[] if is_view else _indexes(found, name, problems),
        properties=[
            Property(name=key, value=value if isinstance(value, str) else _json(value, indent=None))
            for key, value in options.items()
            if key not in _OWN_SECTIONS
        ],
        definition=f"db.getCollection({_json(options.get('viewOn'))}).aggregate({_json(options.get('pipeline'))})"
        if is_view
        else None,
        validator=_json(options["validator"]) if options.get("validator") else None,
        sampled=len(documents) if samples else None,
        problem=" ".join(problems) or None,
    )


def _sample(found: Database[Document], name: str, is_view: bool, problems: list[str]) -> list[Document]:
    """Random documents; the first ones of a view, or where the server does not sample."""
    from pymongo.errors import OperationFailure

    if not is_view:
        try:
            stages = [{"$sample": {"size": SAMPLE_DOCUMENTS}}]
            return list(found[name].aggregate(stages, maxTimeMS=_SAMPLE_TIME_MS))
        except OperationFailure:
            pass  # No right to aggregate, or too slow: reading the first ones may still work.
    try:
        return list(found[name].find().limit(SAMPLE_DOCUMENTS).max_time_ms(_SAMPLE_TIME_MS))
    except OperationFailure as error:
        problems.append(f"Its documents could not be read: {_said(error)}")
        return []


def _indexes(found: Database[Document], name: str, problems: list[str]) -> list[DetailIndex]:
    from pymongo.errors import OperationFailure

    try:
        specs = indexes_of(found, name)
    except OperationFailure as error:
        problems.append(f"Its indexes could not be read: {_said(error)}")
        return []
    return [_index(spec) for spec in specs]


def _index(spec: Document) -> DetailIndex:
    options = index_options(spec)
    unique, where = options.pop("unique", False), options.pop("partialFilterExpression", None)
    keys = dict(spec["key"])
    kinds = {str(kind) for kind in keys.values() if isinstance(kind, str)}
    return DetailIndex(
        name=spec["name"],
        columns=[_key(field, kind) for field, kind in keys.items()],
        unique=bool(unique) or spec["name"] == "_id_",
        primary=spec["name"] == "_id_",
        method=", ".join(sorted(kinds)) or None,
        where=_json(where, indent=None) if where is not None else None,
        definition=_json({"key": keys, "name": spec["name"], **index_options(spec)}),
        notes=[_note(key, value) for key, value in options.items()],
    )


def _key(field: str, kind: Any) -> str:
    if kind == 1:
        return field
    return f"{field} DESC" if kind == -1 else f"{field} {kind}"


def _note(key: str, value: Any) -> str:
    if value is True:
        return key
    if key == "expireAfterSeconds":
        return f"expires after {value} s"
    return f"{key} {value if isinstance(value, str) else _json(value, indent=None)}"


def _count(found: Database[Document], name: str) -> int | None:
    """The estimate from the collection's metadata; None where it may not be asked."""
    from pymongo.errors import OperationFailure

    try:
        return found[name].estimated_document_count()
    except OperationFailure:
        return None


def _columns(options: Document, documents: list[Document]) -> list[DetailColumn]:
    """The fields a validator names and those seen, with how many of the documents have them."""
    present: Counter[str] = Counter()
    types: dict[str, Counter[str]] = {}
    for document in documents:
        seen: dict[str, set[str]] = {}
        _collect(document, "", seen, _DEPTH)
        for path, kinds in seen.items():
            if path not in types and len(types) >= _MOST_FIELDS:
                continue
            present[path] += 1
            types.setdefault(path, Counter()).update(kinds)
    found = []
    for column in fields_of(options, documents):
        count = present[column.name]
        found.append(
            DetailColumn(
                name=column.name,
                type=column.type,
                nullable=column.nullable and not (documents and count == len(documents)),
                primary_key=column.primary_key,
                comment=column.comment,
                share=count / len(documents) if documents else None,
                types=[
                    TypeShare(type=kind, share=number / count)
                    for kind, number in sorted(types.get(column.name, Counter()).items(), key=_by_count)
                ],
            )
        )
    return found


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _collect(document: Document, prefix: str, seen: dict[str, set[str]], depth: int) -> None:
    """Every path of a document with the types it has there; inside lists too."""
    for name, value in document.items():
        seen.setdefault(prefix + name, set()).add(bson_type(value))
        if depth > 1:
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    _collect(one, f"{prefix}{name}.", seen, depth - 1)


def _json(value: Any, indent: int | None = 2) -> str:
    from bson import json_util

    return str(
        json_util.dumps(value, json_options=json_util.RELAXED_JSON_OPTIONS, indent=indent, ensure_ascii=False)
    )


def _said(error: Exception) -> str:
    return str((getattr(error, "details", None) and error.details.get("errmsg")) or error)  # type: ignore[attr-defined]
