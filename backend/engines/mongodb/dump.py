"""The schema file of a MongoDB database: collections with options, rules and indexes as extended JSON, in stable order.

dbmate has none for MongoDB; this one reads well in a diff and is loaded back by DB Toolkit.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from backend.core.errors import AppError, Conflict, SqlFailed, SyntaxProblem
from backend.engine.target import Target

from .catalog import collections_of, for_each, index_options, indexes_of
from .connect import Document, database, visible_collections, writable
from .truth import applied

FORMAT = "db-toolkit/mongodb-schema"
VERSION = 1


def dump_schema(target: Target) -> str:
    """The schema as text, the applied files at the end; the same database always gives the same text."""
    from bson import json_util

    with database(target) as found:
        described = collections_of(found, hidden={target.migrations_table})
        plain = [item for item in described if item["type"] != "view"]
        indexes = for_each(plain, lambda item: indexes_of(found, item["name"]))
    document = {
        "format": FORMAT,
        "version": VERSION,
        "collections": [
            {
                "name": item["name"],
                "type": item["type"],
                "options": {key: item.get("options", {})[key] for key in sorted(item.get("options", {}))},
                "indexes": [
                    {
                        "name": spec["name"],
                        "key": dict(spec["key"]),
                        **dict(sorted(index_options(spec).items())),
                    }
                    for spec in sorted(indexes.get(item["name"], []), key=lambda spec: str(spec["name"]))
                    if spec["name"] != "_id_"
                ],
            }
            for item in described
        ],
        "applied": [row.version for row in applied(target)],
    }
    return (
        json_util.dumps(document, json_options=json_util.RELAXED_JSON_OPTIONS, indent=2, ensure_ascii=False)
        + "\n"
    )


def load_schema(target: Target, text: str, source: Path) -> None:
    """Create everything the file names and record its applied files. Refuses before anything where a name is taken.

    Raises SyntaxProblem with the line for what is no JSON, SqlFailed for another kind of file or a refused command.
    """
    document = read(text, source)
    with writable(target) as found:
        taken = sorted(set(visible_collections(found)) & {item["name"] for item in document["collections"]})
        if taken:
            raise Conflict(
                f"The database holds {', '.join(taken[:5])} already, so {source.name} was not loaded.",
                hint="Load it into an empty database.",
            )
        # A view may stand on another view, so views come last, each after what it stands on.
        for item in _in_order(document["collections"]):
            _create(target, found, item, source)
        _record(found[target.migrations_table], document.get("applied", []))


def read(text: str, source: Path) -> Document:
    """The file's document, checked for its form."""
    from bson import json_util

    try:
        json.loads(text)
        document: Any = json_util.loads(text)
    except json.JSONDecodeError as error:
        raise SyntaxProblem(
            f"{source.name} is not valid JSON: {error.msg}.",
            file=str(source),
            line=error.lineno,
            column=error.colno,
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise SyntaxProblem(
            f"{source.name} holds extended JSON that cannot be read.", file=str(source)
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SqlFailed(
            f"{source.name} is not a MongoDB schema file of DB Toolkit.",
            hint="Schema → Dump writes one.",
            file=str(source),
        )
    if document.get("version") != VERSION:
        raise SqlFailed(f"{source.name} was written by a newer DB Toolkit.", file=str(source))
    collections = document.get("collections")
    if not isinstance(collections, list) or not all(
        isinstance(item, dict) and item.get("name") for item in collections
    ):
        raise SqlFailed(f"{source.name} lists no collections.", file=str(source))
    return document


def _in_order(collections: list[Document]) -> list[Document]:
    views = [item for item in collections if item.get("type") == "view"]
    done = [item for item in collections if item.get("type") != "view"]
    waiting = {item["name"] for item in views}
    while views:
        ready = [
            item for item in views if item["options"].get("viewOn") not in waiting - {item["name"]}
        ] or views
        done += ready
        waiting -= {item["name"] for item in ready}
        views = [item for item in views if item["name"] in waiting]
    return done


def _create(target: Target, found: Any, item: Document, source: Path) -> None:
    from pymongo.errors import PyMongoError

    from .errors import translate

    try:
        found.command({"create": item["name"], **item.get("options", {})})
        specs = item.get("indexes", [])
        if specs:
            found.command({"createIndexes": item["name"], "indexes": specs})
    except PyMongoError as error:
        cause = translate(error)
        raise _at(cause, item["name"], source) from error


def _at(cause: AppError, name: str, source: Path) -> SqlFailed:
    return SqlFailed(
        f"{source.name}: {name} could not be created: {cause.message}",
        hint=cause.hint,
        **{**cause.details, "file": str(source), "collection": name},
    )


def _record(changelog: Any, names: list[str]) -> None:
    known = {entry["fileName"] for entry in changelog.find({}, {"fileName": 1}) if "fileName" in entry}
    moment = datetime.now(UTC)
    missing = [name for name in names if name not in known]
    if missing:
        from bson.int64 import Int64

        block = Int64(moment.timestamp() * 1000)
        changelog.insert_many(
            [{"fileName": name, "appliedAt": moment, "migrationBlock": block} for name in missing]
        )
