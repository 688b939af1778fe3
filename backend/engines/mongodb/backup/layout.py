"""The folder as mongodump lays it out: `dump/<database>/<collection>.bson.gz` and `.metadata.json.gz`. Reaches no server.

Names, metadata and the prelude follow mongo-tools (mongodump/prepare.go, metadata_dump.go, mongorestore.go).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from backend.core.errors import BackupFailed
from backend.engines.mongodb.connect import LOCK_COLLECTION, STAGED

Document = dict[str, Any]

ROOT = "dump"
DATA, METADATA, PRELUDE = ".bson.gz", ".metadata.json.gz", "prelude.json.gz"
BUCKETS = "system.buckets."
_LONGEST_NAME = 238
_KEPT_OF_A_LONG_NAME = 208
# Go's url.PathEscape leaves these; Windows takes no colon in a file's name, and reading decodes either way.
_LEFT_AS_IS = "$&+=@" if sys.platform == "win32" else "$&+:=@"
_LARGEST_DOCUMENT = (16 << 20) + (64 << 10)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """One collection, time series or view of a backup."""

    name: str
    type: str
    options: Document
    indexes: list[Document]
    data: Path | None
    """Its documents; None for a view."""
    in_buckets: bool = False
    """A time series whose documents are the server's own buckets."""

    @property
    def is_view(self) -> bool:
        return self.type == "view"

    @property
    def is_series(self) -> bool:
        return "timeseries" in self.options


@dataclass(slots=True)
class Digest:
    """How many documents, and a sum over a hash of each, so that their order does not count."""

    rows: int = 0
    hashed: bool = True
    _total: int = field(default=0, repr=False)

    def add(self, document: bytes | memoryview) -> None:
        self.rows += 1
        if self.hashed:
            self._total += int.from_bytes(hashlib.sha256(document).digest()[:16], "big")

    @property
    def text(self) -> str | None:
        return f"{self._total % 2**128:032x}" if self.hashed else None


def is_backed_up(name: str) -> bool:
    """As mongodump: no `system.` collection but the stored functions; and never our lease or what a crash left."""
    if name == LOCK_COLLECTION or name.startswith(STAGED):
        return False
    return name == "system.js" or not name.startswith("system.")


def file_stem(name: str) -> str:
    """The file's name of a collection, without its ending."""
    escaped = quote(name, safe=_LEFT_AS_IS + "~")
    if len(escaped) <= _LONGEST_NAME:
        return escaped
    digest = base64.urlsafe_b64encode(hashlib.sha1(name.encode(), usedforsecurity=False).digest())
    return escaped[:_KEPT_OF_A_LONG_NAME] + "%24" + digest.decode().rstrip("=")


def metadata_text(name: str, type_: str, options: Document, indexes: list[Document], uuid: str) -> str:
    """Canonical extended JSON, as mongodump writes it."""
    from bson import json_util

    document: Document = {"options": options} if options else {}
    document["indexes"] = indexes
    if uuid:
        document["uuid"] = uuid
    document["collectionName"] = name
    if type_:
        document["type"] = type_
    return json_util.dumps(
        document, json_options=json_util.CANONICAL_JSON_OPTIONS, separators=(",", ":"), ensure_ascii=False
    )


def prelude_text(server_version: str) -> str:
    # Where a single database was dumped, mongodump puts it into that database's folder.
    return json.dumps({"ServerVersion": server_version, "ToolVersion": ""}, separators=(",", ":")) + "\n"


def _from_json(text: str) -> Document:
    """Extended JSON, except that `$regex` stays the operator it is in rules and pipelines."""
    from bson import json_util

    def hook(pairs: list[tuple[str, Any]]) -> Any:
        found = dict(pairs)
        if "$regex" in found or "$ref" in found:
            return found
        return json_util.object_hook(found, json_util.CANONICAL_JSON_OPTIONS)

    made: Document = json.loads(text, object_pairs_hook=hook)
    return made


def damaged(what: str) -> BackupFailed:
    return BackupFailed(
        f"The backup is damaged: {what}.", hint="Use another backup of this database.", reason="damaged"
    )


def collections_in(folder: Path) -> list[Stored]:
    """What the backup holds, by name. Raises BackupFailed where a file has no partner or cannot be read."""
    inside = _database_folder(folder)
    found: list[Stored] = []
    used: set[Path] = set()
    for path in sorted(inside.glob(f"*{METADATA}")):
        stem = path.name.removesuffix(METADATA)
        read = _metadata(path)
        # mongodump before 100.0 did not write the name.
        name = str(read.get("collectionName") or unquote(stem))
        options = dict(read.get("options") or {})
        type_ = str(read.get("type") or ("view" if "viewOn" in options else "collection"))
        buckets = inside / f"{file_stem(BUCKETS + name)}{DATA}"
        in_buckets = "timeseries" in options and buckets.is_file()
        data: Path | None = buckets if in_buckets else inside / f"{stem}{DATA}"
        if type_ == "view":
            data = None
        elif data is not None:
            if not data.is_file():
                raise damaged(f"the documents of {name} are missing")
            used.add(data)
        if is_backed_up(name):
            indexes = [dict(one) for one in read.get("indexes") or []]
            found.append(Stored(name, type_, options, indexes, data, in_buckets))
    for path in inside.glob(f"*{DATA}"):
        if path not in used and is_backed_up(unquote(path.name.removesuffix(DATA))):
            raise damaged(f"{path.name} has no metadata beside it")
    return sorted(found, key=lambda one: one.name)


def _database_folder(folder: Path) -> Path:
    inside = [one for one in (folder / ROOT).glob("*") if one.is_dir()] if (folder / ROOT).is_dir() else []
    if len(inside) != 1:
        raise damaged(f"{ROOT}/ does not hold the folder of one database")
    return inside[0]


def database_in(folder: Path) -> str:
    """The name of the database the backup was made of."""
    return _database_folder(folder).name


def _metadata(path: Path) -> Document:
    try:
        with gzip.open(path, "rb") as file:
            found = _from_json(file.read().decode())
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found
    except (OSError, EOFError, zlib.error, ValueError, TypeError, AttributeError) as error:
        raise damaged(f"{path.name} cannot be read") from error


def documents(path: Path) -> Iterator[memoryview]:
    """Every document's bytes, to the end of the file and its checksum. Raises BackupFailed where it is not whole."""
    buffer = b""
    try:
        with gzip.open(path, "rb") as file:
            while chunk := file.read(_CHUNK):
                buffer += chunk
                view, at, there = memoryview(buffer), 0, len(buffer)
                while there - at >= 4:
                    length = int.from_bytes(view[at : at + 4], "little")
                    if not 5 <= length <= _LARGEST_DOCUMENT:
                        raise damaged(f"{path.name} holds something that is no document")
                    if there - at < length:
                        break
                    if view[at + length - 1] != 0:
                        raise damaged(f"{path.name} holds a document that does not end")
                    yield view[at : at + length]
                    at += length
                buffer = bytes(view[at:])
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged(f"{path.name} ends early or was changed") from error
    if buffer:
        raise damaged(f"{path.name} ends inside a document")


def split(batch: bytes) -> Iterator[memoryview]:
    """The documents of a batch as the server sent it."""
    view, at = memoryview(batch), 0
    while at < len(view):
        length = int.from_bytes(view[at : at + 4], "little")
        if length < 5 or at + length > len(view):
            raise BackupFailed("The server sent a batch of documents that cannot be read.")
        yield view[at : at + length]
        at += length
