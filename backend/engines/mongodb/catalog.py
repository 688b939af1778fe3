"""Collections, views, indexes and the fields seen in a few documents: for completion, browsing and comparing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from backend.engine.target import Target
from backend.models.schema import Catalog, CatalogColumn, CatalogIndex, CatalogTable

from .connect import LOCK_COLLECTION, STAGED, database

if TYPE_CHECKING:
    from pymongo.database import Database

Document = dict[str, Any]
Answer = TypeVar("Answer")

# MongoDB has no command that answers for all collections at once (that of 6.0 needs an administrator's rights), so
# each is asked for its indexes; a few at a time keeps the waiting short.
_PARALLEL = 8
_SAMPLE_DOCUMENTS = 20
_DEPTH = 4
_MOST_FIELDS = 500
_SAMPLED_COLLECTIONS = 500
_NOT_INDEX_OPTIONS = {"v", "ns", "key", "name", "background"}


def read_catalog(target: Target) -> Catalog:
    """Every collection and view but the changelog, with indexes, estimated count and the fields found."""
    with database(target) as found:
        described = collections_of(found, hidden={target.migrations_table})
        samples = len(described) <= _SAMPLED_COLLECTIONS
        plain = [item for item in described if item["type"] != "view"]
        indexes = for_each(plain, lambda item: indexes_of(found, item["name"]))
        counts = for_each(plain, lambda item: estimated_count(found, item["name"]))
        documents = for_each(described, lambda item: sample(found, item["name"]) if samples else [])
    return Catalog(
        tables=[
            CatalogTable(
                name=item["name"],
                kind="view" if item["type"] == "view" else "collection",
                columns=fields_of(item.get("options", {}), documents[item["name"]]),
                indexes=[_index(spec) for spec in indexes.get(item["name"], [])],
                rows=counts.get(item["name"]),
            )
            for item in described
        ],
        default_schema=found.name,
    )


def collections_of(found: Database[Document], *, hidden: Iterable[str] = ()) -> list[Document]:
    """listCollections, sorted by name, without the server's own, our lease, what a restore builds and the `hidden` ones."""
    left_out = {LOCK_COLLECTION, *hidden}
    described = [
        dict(item)
        for item in found.list_collections()
        if item["name"] not in left_out and not item["name"].startswith(("system.", STAGED))
    ]
    return sorted(described, key=lambda item: str(item["name"]))


def for_each(items: list[Document], ask: Callable[[Document], Answer]) -> dict[str, Answer]:
    """The answers by collection name."""
    if not items:
        return {}
    with ThreadPoolExecutor(
        max_workers=min(_PARALLEL, len(items)), thread_name_prefix="mongodb-catalog"
    ) as pool:
        return dict(zip((item["name"] for item in items), pool.map(ask, items), strict=True))


def indexes_of(found: Database[Document], name: str) -> list[Document]:
    """The collection's indexes as the server describes them; none where it vanished meanwhile."""
    from pymongo.errors import OperationFailure

    try:
        return [dict(spec) for spec in found[name].list_indexes()]
    except OperationFailure as error:
        if error.code == 26:  # NamespaceNotFound
            return []
        raise


def estimated_count(found: Database[Document], name: str) -> int:
    return found[name].estimated_document_count()


def sample(found: Database[Document], name: str) -> list[Document]:
    """A few documents, or none where they cannot be read (a broken view, no right)."""
    from pymongo.errors import OperationFailure

    try:
        return list(found[name].find().limit(_SAMPLE_DOCUMENTS).max_time_ms(1000))
    except OperationFailure:
        return []


def index_options(spec: Document) -> Document:
    """What an index is besides its name and keys."""
    return {name: value for name, value in spec.items() if name not in _NOT_INDEX_OPTIONS}


def _index(spec: Document) -> CatalogIndex:
    return CatalogIndex(
        name=spec["name"], columns=list(spec["key"]), unique=bool(spec.get("unique")) or "_id" in spec["key"]
    )


def fields_of(options: Document, documents: list[Document]) -> list[CatalogColumn]:
    """The fields a validator names, then those seen in documents; nested ones as `address.city`."""
    columns: dict[str, CatalogColumn] = {}
    schema = options.get("validator", {}).get("$jsonSchema", {})
    required = set(schema.get("required", []))
    for name, rule, needed in _rules(schema, "", _DEPTH):
        columns[name] = CatalogColumn(
            name=name,
            type=_rule_type(rule),
            nullable=not needed,
            primary_key=name == "_id",
            comment=_described(rule),
        )
    seen: dict[str, set[str]] = {}
    for document in documents:
        _collect(document, "", seen)
    for name, types in seen.items():
        if name not in columns:
            columns[name] = CatalogColumn(
                name=name,
                type=" | ".join(sorted(types)),
                nullable=name not in required and name != "_id",
                primary_key=name == "_id",
            )
    return list(columns.values())


def _rules(schema: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any, bool]]:
    """(path, rule, is it required) of a validator's properties, those inside of objects and of lists of them too."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return
    required = set(schema.get("required") or [])
    for name, rule in properties.items():
        yield prefix + name, rule, name in required
        if depth > 1 and isinstance(rule, dict):
            items = rule.get("items")
            yield from _rules(items if isinstance(items, dict) else rule, f"{prefix}{name}.", depth - 1)


def _described(rule: Any) -> str | None:
    said = rule.get("description") if isinstance(rule, dict) else None
    return said if isinstance(said, str) and said else None


def _rule_type(rule: Any) -> str:
    found = rule.get("bsonType", rule.get("type", "any")) if isinstance(rule, dict) else "any"
    return " | ".join(found) if isinstance(found, list) else str(found)


def _collect(document: Document, prefix: str, seen: dict[str, set[str]], depth: int = _DEPTH) -> None:
    """Every field's path with the types seen: `address.city`, and `items.sku` inside a list of documents."""
    for name, value in document.items():
        if len(seen) >= _MOST_FIELDS and prefix + name not in seen:
            continue
        seen.setdefault(prefix + name, set()).add(bson_type(value))
        if depth > 1:
            inside = value if isinstance(value, list) else [value]
            for one in inside[:_SAMPLE_DOCUMENTS]:
                if isinstance(one, dict):
                    _collect(one, f"{prefix}{name}.", seen, depth - 1)


_TYPES = {
    "str": "string",
    "bool": "bool",
    "float": "double",
    "Int64": "long",
    "datetime": "date",
    "dict": "object",
    "SON": "object",
    "list": "array",
    "NoneType": "null",
    "ObjectId": "objectId",
    "Decimal128": "decimal",
    "bytes": "binData",
    "Binary": "binData",
    "UUID": "binData",
    "Regex": "regex",
    "Timestamp": "timestamp",
}


def bson_type(value: Any) -> str:
    """MongoDB's own name of a value's type."""
    name = type(value).__name__
    if name == "int":
        return "int" if -(2**31) <= value < 2**31 else "long"
    return _TYPES.get(name, name)
