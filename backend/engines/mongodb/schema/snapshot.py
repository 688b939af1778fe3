"""A database's collections, views and indexes, each as the JavaScript call that makes it. Reads only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.engine.schema.model import SchemaObject, Snapshot
from backend.engine.target import Target
from backend.engines.mongodb.catalog import collections_of, for_each, index_options, indexes_of
from backend.engines.mongodb.connect import Document, database
from backend.engines.mongodb.undo.javascript import NotWritable, javascript, string

_DEFAULTS: Document = {
    "validator": {},
    "validationLevel": "strict",
    "validationAction": "error",
    "changeStreamPreAndPostImages": {"enabled": False},
}
"""What a collection has that says nothing; the server keeps it once it was said."""
_OF_THE_SERVER = {"textIndexVersion", "2dsphereIndexVersion"}


def snapshot(target: Target) -> Snapshot:
    """Everything but the changelog and the server's own collections."""
    with database(target) as found:
        version = str(found.client.server_info()["version"])
        described = collections_of(found, hidden={target.migrations_table})
        plain = [item for item in described if item["type"] != "view"]
        indexes = for_each(plain, lambda item: indexes_of(found, item["name"]))
    return of_documents([{**item, "indexes": indexes.get(item["name"], [])} for item in described], version)


def of_documents(described: list[Document], version: str = "") -> Snapshot:
    """A snapshot of collections as `listCollections` gives them, their indexes under `indexes`."""
    objects: list[SchemaObject] = []
    problems: list[str] = []
    for item in _in_order(described):
        for one in _objects(item):
            objects.append(one)
            if one.sql.startswith("//"):
                problems.append(
                    f"{one.id} holds {one.sql[3:]}: it is compared, but not written as JavaScript."
                )
    return Snapshot("mongodb", tuple(objects), server_version=version, problems=tuple(problems))


def _in_order(described: list[Document]) -> list[Document]:
    """A view after what it stands on."""
    waiting = sorted(described, key=lambda item: (item.get("type") == "view", str(item["name"])))
    done: list[Document] = []
    while waiting:
        names = {item["name"] for item in waiting}
        ready = next(
            (item for item in waiting if item.get("options", {}).get("viewOn") not in names - {item["name"]}),
            waiting[0],
        )
        waiting.remove(ready)
        done.append(ready)
    return done


def _objects(item: Document) -> Iterator[SchemaObject]:
    name, options = str(item["name"]), clean(dict(item.get("options", {})))
    kind = "view" if item.get("type") == "view" else "collection"
    needs = (f"collection {options['viewOn']}",) if "viewOn" in options else ()
    yield _object(f"{kind} {name}", kind, name, {"create": name, **options}, needs=needs)
    for spec in sorted(item.get("indexes", []), key=lambda spec: str(spec["name"])):
        if spec["name"] == "_id_" or spec.get("clustered"):
            continue
        index = {"key": _key(dict(spec)), "name": spec["name"], **clean(_options(dict(spec)))}
        parent = f"{kind} {name}"
        yield _object(
            f"index {name}.{spec['name']}",
            "index",
            str(spec["name"]),
            {"createIndex": name, **index},
            parent,
            (parent,),
        )


def _object(
    id_: str, kind: str, name: str, spec: Document, parent: str | None = None, needs: tuple[str, ...] = ()
) -> SchemaObject:
    from bson import json_util

    text = json_util.dumps(spec, json_options=json_util.CANONICAL_JSON_OPTIONS)
    try:
        sql, compared = call(spec), None
    except NotWritable as reason:
        sql, compared = f"// {reason}", text
    return SchemaObject(
        id_, kind, name, sql, parent=parent, needs=needs, compared=compared, facts={"spec": text}
    )


def spec_of(one: SchemaObject) -> Document:
    """{create: name, …options} or {createIndex: collection, key, name, …options}."""
    from bson import json_util

    found: Document = json_util.loads(one.facts["spec"])
    return found


def call(spec: Document) -> str:
    """The awaited call. Raises NotWritable for values plain JavaScript has no word for."""
    options = {name: value for name, value in spec.items() if name not in ("create", "createIndex", "key")}
    if "createIndex" in spec:
        key = javascript(dict(spec["key"]))
        return f"await db.collection({string(spec['createIndex'])}).createIndex({key}, {javascript(options)})"
    more = f", {javascript(options)}" if options else ""
    return f"await db.createCollection({string(spec['create'])}{more})"


def clean(options: Document) -> Document:
    """Without what says nothing, in a stable order; the version of a collation is the server's own."""
    found: Document = {}
    for name in sorted(options):
        value: Any = options[name]
        if name in _DEFAULTS and value == _DEFAULTS[name]:
            continue
        if name == "collation" and isinstance(value, dict):
            value = {key: one for key, one in value.items() if key != "version"}
        if name == "clusteredIndex" and isinstance(value, dict):
            value = {key: one for key, one in value.items() if key != "v"}
        if name in ("unique", "sparse", "hidden") and not value:
            continue
        found[name] = value
    return found


def _options(spec: Document) -> Document:
    return {name: value for name, value in index_options(spec).items() if name not in _OF_THE_SERVER}


def _key(spec: Document) -> Document:
    """A text index names its words under `weights`; the key itself holds the server's own names."""
    key: Document = {}
    for field, way in dict(spec["key"]).items():
        if field == "_fts":
            key.update(dict.fromkeys(spec.get("weights", {}), "text"))
        elif field != "_ftsx":
            key[field] = way
    return key
