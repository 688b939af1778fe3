"""A scratch made like a database: collections with their options and rules, views, indexes, and documents byte by byte."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend.core.errors import Cancelled
from backend.engine.rehearsal.port import Copied, CopySize
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb.connect import database, visible_collections, writable
from backend.engines.mongodb.schema import SCHEMA
from backend.models.rehearsal import RowsWanted

if TYPE_CHECKING:
    from pymongo.collection import Collection

_AT_ONCE = 500


def size(source: Target) -> CopySize:
    with database(source) as found:
        stats = found.command("dbStats")
        tables = [name for name in visible_collections(found) if name != source.migrations_table]
    used = stats.get("dataSize")
    free = None
    if stats.get("fsTotalSize") is not None and stats.get("fsUsedSize") is not None:
        free = int(stats["fsTotalSize"]) - int(stats["fsUsedSize"])
    rows = stats.get("objects")
    return CopySize(
        len(tables),
        None if rows is None else int(rows),
        None if used is None else int(used) + int(stats.get("indexSize") or 0),
        free,
    )


def copy(
    source: Target, scratch: Target, wanted: RowsWanted, sample_rows: int, cancel: CancelToken
) -> Copied:
    """Raises Cancelled."""
    found = SCHEMA.snapshot(source)
    _stop_if(cancel)
    missing = [*found.problems, *SCHEMA.restore(scratch, found).skipped]
    names = [one.name for one in found.objects if one.kind == "collection"]
    copied = 0
    if wanted is not RowsWanted.NONE:
        limit = 0 if wanted is RowsWanted.ALL else sample_rows
        done, lost = _documents(source, scratch, names, limit, cancel)
        copied, missing = done, [*missing, *lost]
    return Copied(len(names), copied, missing=tuple(missing))


def _stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("The copy was cancelled.")


def _documents(
    source: Target, scratch: Target, names: list[str], limit: int, cancel: CancelToken
) -> tuple[int, list[str]]:
    from bson.raw_bson import RawBSONDocument
    from pymongo.errors import PyMongoError

    from backend.engines.mongodb.errors import translate

    copied = 0
    missing: list[str] = []
    with database(source) as found, writable(scratch) as made:
        raw: Any = found.codec_options.with_options(document_class=RawBSONDocument)
        for name in names:
            try:
                copied += _move(found.get_collection(name, codec_options=raw), made[name], limit, cancel)
            except PyMongoError as error:
                missing.append(f"documents of {name}: {translate(error).message}")
    return copied, missing


def _move(source: Collection[Any], scratch: Collection[Any], limit: int, cancel: CancelToken) -> int:
    done = 0
    batch: list[Any] = []
    for document in source.find(batch_size=_AT_ONCE).limit(limit):
        batch.append(document)
        if len(batch) == _AT_ONCE:
            _stop_if(cancel)
            done += _put(scratch, batch)
            batch = []
    _stop_if(cancel)
    return done + (_put(scratch, batch) if batch else 0)


def _put(scratch: Collection[Any], batch: list[Any]) -> int:
    # As they are: older ones than today's rule would be refused. Raw documents tell no ids, so they are counted here.
    scratch.insert_many(batch, ordered=False, bypass_document_validation=True)
    return len(batch)
