"""Changes of MongoDB collections, by name: (one form, another). Each is tried both ways, all in one database.

Hashed and text indexes are not among them: the server of the tests has neither.
"""

# ruff: noqa: E501 (one change a line reads best)
from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def collection(*indexes: Document, **options: Any) -> Document:
    return {"type": "collection", "options": options, "indexes": list(indexes)}


def view(on: str = "base", *stages: Document, **options: Any) -> Document:
    return {"type": "view", "options": {"viewOn": on, "pipeline": list(stages), **options}, "indexes": []}


def index(name: str = "by_a", key: Document | None = None, **options: Any) -> Document:
    return {"name": name, "key": key or {"a": 1}, **options}


def rule(**properties: Any) -> Document:
    return {"$jsonSchema": {"bsonType": "object", "required": sorted(properties), "properties": properties}}


_PLAIN = collection()
_STRING = rule(a={"bsonType": "string"})
_GERMAN = {"locale": "de", "strength": 2}
_SERIES = {"timeField": "at", "metaField": "of", "granularity": "minutes"}

CHANGES: dict[str, tuple[Document | None, Document | None]] = {
    "collection": (None, _PLAIN),
    "collection with everything": (None, collection(index(unique=True), index("b", {"b": -1, "a": 1}), validator=_STRING)),
    "collection with a rule": (None, collection(validator=_STRING, validationLevel="moderate", validationAction="warn")),
    "rule comes": (_PLAIN, collection(validator=_STRING)),
    "rule with level": (_PLAIN, collection(validator=_STRING, validationLevel="moderate")),
    "rule with action": (_PLAIN, collection(validator=_STRING, validationAction="warn")),
    "rule switched off": (collection(validator=_STRING), collection(validator=_STRING, validationLevel="off")),
    "level changed": (collection(validator=_STRING, validationLevel="moderate"), collection(validator=_STRING, validationLevel="off")),
    "action changed": (collection(validator=_STRING, validationAction="warn"), collection(validator=_STRING)),
    "rule's type": (collection(validator=_STRING), collection(validator=rule(a={"bsonType": ["string", "int"]}))),
    "rule's field": (collection(validator=_STRING), collection(validator=rule(a={"bsonType": "string"}, b={"bsonType": "int", "minimum": 0}))),
    "rule's required": (collection(validator=_STRING), collection(validator={"$jsonSchema": {"properties": {"a": {"bsonType": "string"}}}})),
    "rule's choices": (collection(validator=_STRING), collection(validator=rule(a={"enum": ["it's", 'so "so"', "ü", "a1@example.org"]}))),
    "rule inside a document": (_PLAIN, collection(validator=rule(a={"bsonType": "object", "properties": {"b c": {"bsonType": "int"}}}))),
    "rule with a pattern": (_PLAIN, collection(validator=rule(a={"bsonType": "string", "pattern": "^a\\d+@.*$", "description": "it's `mail` ${x}"}))),
    "rule as a query": (_PLAIN, collection(validator={"note": {"$type": "string"}, "$or": [{"x": {"$exists": False}}, {"x": {"$gt": 5.5}}]})),
    "rule in two ways": (collection(validator=_STRING), collection(validator={"$and": [_STRING, {"note": {"$ne": None}}]})),
    "numbers": (_PLAIN, collection(validator={"n": {"$nin": [1, -2.5, 1e300, 2**40, True, None]}})),
    "pictures before and after": (_PLAIN, collection(changeStreamPreAndPostImages={"enabled": True})),
    "capped": (None, collection(capped=True, size=4096, max=10)),
    "plain to capped": (_PLAIN, collection(index(), capped=True, size=8192)),
    "capped, larger": (collection(capped=True, size=4096), collection(capped=True, size=8192)),
    "collation comes": (collection(index()), collection(index(), collation=_GERMAN)),
    "collation changed": (collection(collation=_GERMAN), collection(collation={"locale": "fr", "backwards": True})),
    "series": (None, collection(timeseries=_SERIES)),
    "series that expires": (None, collection(timeseries=_SERIES, expireAfterSeconds=3600)),
    "clustered": (None, collection(clusteredIndex={"key": {"_id": 1}, "unique": True, "name": "all of it"})),
    "index": (_PLAIN, collection(index())),
    "index, descending": (collection(index()), collection(index(key={"a": -1}))),
    "index, compound": (collection(index()), collection(index(key={"a": 1, "b": -1, "c.d": 1}))),
    "index, in another order": (collection(index(key={"a": 1, "b": 1})), collection(index(key={"b": 1, "a": 1}))),
    "index, unique": (collection(index()), collection(index(unique=True))),
    "index, sparse": (collection(index()), collection(index(sparse=True))),
    "index, unique and sparse": (collection(index(unique=True)), collection(index(unique=True, sparse=True))),
    "index, partial": (collection(index()), collection(index(partialFilterExpression={"a": {"$gt": 5}, "b": {"$exists": True}}))),
    "index, another part": (collection(index(partialFilterExpression={"a": {"$gt": 5}})), collection(index(partialFilterExpression={"a": {"$gt": 6}}))),
    "index, expiring": (collection(index("old", {"at": 1})), collection(index("old", {"at": 1}, expireAfterSeconds=10**8))),
    "index, expiring later": (collection(index(expireAfterSeconds=10**8)), collection(index(expireAfterSeconds=2 * 10**8))),
    "index, hidden from the start": (_PLAIN, collection(index(hidden=True))),
    "index, with a collation": (collection(index()), collection(index(collation=_GERMAN))),
    "index, on a sphere": (_PLAIN, collection(index("place", {"place": "2dsphere"}))),
    "index, flat": (_PLAIN, collection(index("flat", {"place": "2d"}, min=-10, max=10))),
    "index, of everything": (_PLAIN, collection(index("all", {"$**": 1}))),
    "index, of everything but": (collection(index("all", {"$**": 1})), collection(index("all", {"$**": 1}, wildcardProjection={"a": 0}))),
    "index, of a branch": (_PLAIN, collection(index("branch", {"a.$**": 1}))),
    "index's name": (collection(index("by_a")), collection(index("a_1"))),
    "index with an odd name": (_PLAIN, collection(index("it's \"so\" ${x} `y`", {"odd name": 1, "ü.ß": -1}))),
    "one index of three": (collection(index(), index("b", {"b": 1}), index("c", {"c": 1})), collection(index(), index("c", {"c": 1}))),
    "index under a rule": (collection(index(), validator=_STRING), collection(index(unique=True), validator=rule(a={"bsonType": "string", "maxLength": 90}))),
    "index dropped with its collection": (collection(index(), index("b", {"b": 1})), None),
    "index beside a new collation": (collection(index(), index("b", {"b": 1})), collection(index(unique=True), collation=_GERMAN)),
    "view": (None, view("base", {"$match": {"a": {"$gt": 5}}})),
    "view's stages": (view("base", {"$match": {"a": 1}}), view("base", {"$match": {"a": 2}}, {"$project": {"a": 1, "_id": 0}})),
    "view's collection": (view("base"), view("other")),
    "view without stages": (view("base", {"$limit": 5}), view("base")),
    "view's collation": (view("base"), view("base", collation=_GERMAN)),
    "view that joins": (None, view("base", {"$lookup": {"from": "other", "localField": "a", "foreignField": "_id", "as": "o"}})),
    "view over nothing": (None, view("nowhere")),
    "view over a view": (None, view("seen", {"$sort": {"a": -1}})),
    "view with dates": (None, view("base", {"$match": {"$expr": {"$gt": ["$at", {"$dateFromString": {"dateString": "2026-01-01"}}]}}})),
    "view dropped": (view("base", {"$group": {"_id": "$a", "n": {"$sum": 1}}}), None),
    "view becomes a collection": (view("base"), _PLAIN),
    "collection becomes a view": (collection(index()), view("base")),
}  # fmt: skip
BESIDE = [
    {"name": "base", **collection(index())},
    {"name": "other", **collection()},
    {"name": "seen", **view("base", {"$match": {"a": 1}})},
]


def schema(side: int) -> list[Document]:
    """Every change's one form (0) or other (1), as `listCollections` would tell it."""
    found = [dict(one) for one in BESIDE]
    for number, forms in enumerate(CHANGES.values()):
        form = forms[side]
        if form is not None:
            found.append({"name": name_of(number), **form})
    return found


def name_of(number: int) -> str:
    return f"c{number}" if number % 9 else f"odd.näme-{number} `${{x}}'"[:40].replace("$", "%")
