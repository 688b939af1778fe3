"""Writes a database out: documents as the server's own bytes, of one moment where the server can."""

from __future__ import annotations

import errno
import gzip
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import BackupFailed, Cancelled, DatabaseMissing, DiskFull
from backend.engine.backup import Progress, SourceSize, Written
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb.catalog import indexes_of
from backend.engines.mongodb.connect import database
from backend.engines.mongodb.fingerprint import read_fingerprint
from backend.models.backup import TableContent

from . import layout

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession
    from pymongo.database import Database

Document = dict[str, Any]

TOOL = "DB Toolkit"
FORMAT = "mongodump folder"
_NO_SNAPSHOT = {20, 72, 123, 239, 246}
"""A single server, a server before 5.0, a snapshot that became too old (five minutes by default)."""
_SNAPSHOT_WIRE_VERSION = 13
_LEVEL = 1
NOT_OF_ONE_MOMENT = "The collections are not all of one moment: {why}. What was written meanwhile may be in some of them only."


def listed(found: Database[Document]) -> list[Document]:
    """The collections, series and views that are backed up, by name."""
    items = [dict(item) for item in found.list_collections() if layout.is_backed_up(item["name"])]
    return sorted(items, key=lambda item: str(item["name"]))


def source_of(found: Database[Document], item: Document) -> str | None:
    """The collection that holds the item's documents; None for a view."""
    if item.get("type") == "view":
        return None
    name = str(item["name"])
    if "timeseries" in (item.get("options") or {}):
        buckets = layout.BUCKETS + name
        # Servers that keep a series without hidden buckets give its measurements themselves.
        return buckets if found.list_collection_names(filter={"name": buckets}) else name
    return name


def size(target: Target) -> SourceSize:
    with database(target) as found:
        items = [item for item in listed(found) if item.get("type") != "view"]
        if not items and not listed(found):
            raise DatabaseMissing(f"The database {found.name} does not exist.")
        stats = found.command("dbStats")
    data = int(stats.get("dataSize") or 0)
    # Documents that do not compress grow by a few bytes in a thousand.
    needed = data + data // 100 + (64 << 10) * (len(items) + 1)
    return SourceSize(tables=len(items), rows=int(stats.get("objects") or 0), bytes=data, needed_bytes=needed)


def write(target: Target, folder: Path, progress: Progress, cancel: CancelToken) -> Written:
    from pymongo.errors import OperationFailure

    with database(target) as found:
        hello = found.client.admin.command("hello")
        total = int(found.command("dbStats").get("dataSize") or 0)
        version = str(found.client.server_info().get("version", "unknown"))
        can = bool(hello.get("setName") or hello.get("msg") == "isdbgrid")
        why = "the server is part of no replica set"
        if can and int(hello.get("maxWireVersion") or 0) < _SNAPSHOT_WIRE_VERSION:
            can, why = False, "that needs MongoDB 5.0"
        work = _Write(target, found, folder, progress, cancel, total, version)
        if can:
            try:
                with found.client.start_session(snapshot=True) as session:
                    return work.go(session, [])
            except OperationFailure as error:
                if error.code not in _NO_SNAPSHOT:
                    raise
                why = "the server gave no snapshot, or kept it for less long than the backup took"
                shutil.rmtree(folder / layout.ROOT, ignore_errors=True)
        return work.go(None, [NOT_OF_ONE_MOMENT.format(why=why)])


class _Write:
    def __init__(
        self, target: Target, found: Database[Document], folder: Path, progress: Progress, cancel: CancelToken,
        total: int, version: str,
    ) -> None:  # fmt: skip
        self._target, self._found, self._folder = target, found, folder
        self._progress, self._cancel = progress, cancel
        self._total, self._version = total or None, version
        self._done = 0

    def go(self, session: ClientSession | None, notes: list[str]) -> Written:
        from bson.codec_options import CodecOptions, DatetimeConversion

        # A date in a rule or a filter may lie outside of what Python's own can be.
        plain: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
        found = self._found.with_options(codec_options=plain)
        self._done = 0
        items = listed(found)
        if not items:
            raise DatabaseMissing(f"The database {found.name} does not exist.")
        objects = read_fingerprint(self._target)
        inside = self._folder / layout.ROOT / found.name
        with disk():
            inside.mkdir(parents=True)
            _put(inside / layout.PRELUDE, layout.prelude_text(self._version))
        tables: list[TableContent] = []
        for item in items:
            stop_if(self._cancel)
            name = str(item["name"])
            source = source_of(found, item)
            indexes = [] if source is None else indexes_of(found, name)
            self._metadata(inside, item, indexes)
            if source is not None:
                path = inside / f"{layout.file_stem(source)}{layout.DATA}"
                tables.append(TableContent(table=name, rows=self._documents(path, name, source, session)))
        notes = [*notes, "Users and roles belong to the server, not to the database; they are not in it."]
        return Written(TOOL, FORMAT, objects, tuple(notes), tables)

    def _metadata(self, inside: Path, item: Document, indexes: list[Document]) -> None:
        name = str(item["name"])
        uuid = (item.get("info") or {}).get("uuid")
        text = layout.metadata_text(
            name, str(item.get("type") or ""), dict(item.get("options") or {}), indexes,
            bytes(uuid).hex() if isinstance(uuid, bytes) else "",
        )  # fmt: skip
        path = inside / f"{layout.file_stem(name)}{layout.METADATA}"
        if path.exists():
            raise BackupFailed(
                f"Two collections are called {name} but for upper and lower case, and this disk cannot tell them apart.",
                hint="Keep the backups in a folder on a disk that tells upper from lower case.",
            )
        with disk():
            _put(path, text)

    def _documents(self, path: Path, name: str, source: str, session: ClientSession | None) -> int:
        rows = 0
        with disk(), gzip.open(path, "xb", compresslevel=_LEVEL) as file:
            for batch in batches(self._found, source, session):
                stop_if(self._cancel)
                rows += sum(1 for _ in layout.split(batch))
                file.write(batch)
                self._done += len(batch)
                self._progress(self._done, self._total, name)
        return rows


def batches(found: Database[Document], source: str, session: ClientSession | None = None) -> Iterator[bytes]:
    """The collection's documents as the server sends them, several a batch."""
    # Without an order of its own it is the natural one, which a capped collection keeps.
    yield from found[source].find_raw_batches({}, session=session)


def contents(target: Target, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    made: list[TableContent] = []
    done = 0
    with database(target) as found:
        for item in listed(found):
            source = source_of(found, item)
            if source is None:
                continue
            sum_ = layout.Digest(hashed=digest)
            for batch in batches(found, source):
                stop_if(cancel)
                for document in layout.split(batch):
                    sum_.add(document)
                done += len(batch)
                progress(done, None, str(item["name"]))
            made.append(TableContent(table=str(item["name"]), rows=sum_.rows, digest=sum_.text))
    return made


def read_back(folder: Path, progress: Progress, cancel: CancelToken, *, digest: bool) -> list[TableContent]:
    made: list[TableContent] = []
    done = 0
    for one in layout.collections_in(folder):
        if one.data is None:
            continue
        stop_if(cancel)
        sum_ = layout.Digest(hashed=digest)
        for document in layout.documents(one.data):
            sum_.add(document)
            done += len(document)
            if sum_.rows % 1000 == 0:
                stop_if(cancel)
                progress(done, None, one.name)
        made.append(TableContent(table=one.name, rows=sum_.rows, digest=sum_.text))
    progress(done, done, "")
    return made


def stop_if(cancel: CancelToken) -> None:
    if cancel.is_cancelled:
        raise Cancelled("It was cancelled.")


def _put(path: Path, text: str) -> None:
    with gzip.open(path, "xb") as file:
        file.write(text.encode())


@contextmanager
def disk() -> Iterator[None]:
    """What the disk refuses, in the application's words."""
    try:
        yield
    except OSError as error:
        if isinstance(error, ConnectionError | TimeoutError):
            raise
        if error.errno in (errno.ENOSPC, errno.EDQUOT if hasattr(errno, "EDQUOT") else errno.ENOSPC):
            raise DiskFull(
                "The disk was full before the backup was written.", hint="Free some space."
            ) from error
        raise BackupFailed(f"The backup's file could not be written: {error.strerror or error}.") from error
