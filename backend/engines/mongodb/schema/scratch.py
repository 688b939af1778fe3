"""Scratch databases on a MongoDB server; what is proven there is run by migrate-mongo itself, from the text as written."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from backend.core.context import current_job, ended_by_cancel, stop_if_cancelled
from backend.core.errors import AppError, ReadOnly
from backend.drivers.migrate_mongo import MigrateMongo
from backend.engine.schema.model import Snapshot
from backend.engine.schema.port import Applied, Loaded, Seeded
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engine.tool import ToolRun
from backend.engines.mongodb import url as urls
from backend.engines.mongodb.connect import Document, connected, database, writable
from backend.engines.mongodb.dump import read
from backend.engines.mongodb.engine import MongoEngine
from backend.engines.mongodb.sessions import end_in
from backend.models.migration import Direction

from .snapshot import of_documents, snapshot, spec_of

_PREFIX = "dbtoolkit_scratch_"


def _host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


@contextmanager
def scratch(server: Target, purpose: str) -> Iterator[Target]:
    """An empty database (there is none before something is written); dropped at the end whatever happened."""
    if server.read_only:
        raise ReadOnly("The connection is read-only: nothing is created on its server.")
    name = f"{_PREFIX}{_host()}_{os.getpid()}_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="db-toolkit-proof-") as folder:
        target = replace(server, url=_with_database(server.url, name), working_dir=Path(folder))
        try:
            with ended_by_cancel(lambda: end_in(server, name)):
                yield target
        except BaseException:
            with suppress(AppError):
                end_in(server, name)
            raise
        finally:
            with connected(server) as client:
                client.drop_database(name)


def _with_database(url: str, name: str) -> str:
    parts = urls.parse(urls.check(url))
    query = parts.query
    if parts.user is not None and not any(key.lower() == "authsource" for key, _ in parts.options):
        # The login was looked up in the database that the URL named.
        query = "&".join(one for one in (query, f"authSource={parts.database or 'admin'}") if one)
    login = (
        ""
        if parts.user is None
        else parts.user + (f":{parts.password}" if parts.password is not None else "") + "@"
    )
    return f"{parts.scheme}://{login}{parts.hosts}/{name}" + (f"?{query}" if query else "")


def sweep(server: Target) -> list[str]:
    swept = []
    with connected(server) as client:
        for name in client.list_database_names():
            pid = name.removeprefix(f"{_PREFIX}{_host()}_").split("_")[0]
            if name.startswith(f"{_PREFIX}{_host()}_") and pid.isdigit() and not psutil.pid_exists(int(pid)):
                client.drop_database(name)
                swept.append(name)
    return swept


def load(target: Target, text: str, source: str) -> Loaded:
    """The app's own schema file of MongoDB. Raises SyntaxProblem with the line, SqlFailed for another kind of file."""
    return restore(target, of_documents(read(text, Path(source or "schema.json"))["collections"]))


def restore(target: Target, wanted: Snapshot) -> Loaded:
    """Make everything by the server's own commands. What it refuses is named."""
    from pymongo.errors import PyMongoError

    from backend.engines.mongodb.errors import translate

    done, skipped = 0, []
    with writable(target) as found:
        for one in wanted.objects:
            stop_if_cancelled()
            spec = spec_of(one)
            try:
                if one.kind == "index":
                    collection = spec.pop("createIndex")
                    found.command({"createIndexes": collection, "indexes": [spec]})
                else:
                    found.command({"create": spec.pop("create"), **spec})
                done += 1
            except PyMongoError as error:
                stop_if_cancelled()
                skipped.append(f"{one.id}: {translate(error).message}")
    return Loaded(done, tuple(skipped))


def run(target: Target, body: str, steps: int) -> Applied:
    """Run the body of a half as the file that would hold it."""
    if not body.strip():
        return Applied(True, 0)
    tool = MigrateMongo()
    file = target.working_dir / f"{secrets.token_hex(6)}-proof.js"
    file.write_text(tool.compose(body, ""), "utf-8")
    engine = MongoEngine()
    request = ToolRun(
        target=target,
        setup=engine.tool_setup(target, "db-toolkit-proof"),
        direction=Direction.UP,
        files=[file],
        folders=[target.working_dir],
    )
    stop_if_cancelled()
    job = current_job.get()
    try:
        outcome = tool.run(
            request, lambda event: None, job.cancel_token if job is not None else CancelToken()
        )
    finally:
        file.unlink(missing_ok=True)
    stop_if_cancelled()
    # The changelog is the truth, not what the tool says.
    if file.name in {one.version for one in engine.applied(target)}:
        return Applied(True, steps, order=tuple(range(steps)))
    try:
        said = engine.explain_failure(FailedBlock(outcome.error_text or outcome.output)).message
    except AppError as error:
        said = error.message
    return Applied(False, 0, said)


def seed(target: Target, rows: int) -> Seeded:
    """Documents that keep each collection's rule, different in every field."""
    from pymongo.errors import PyMongoError

    filled: dict[str, int] = {}
    skipped: list[str] = []
    found = snapshot(target)
    with writable(target) as opened:
        for one in found.objects:
            if one.kind != "collection":
                continue
            stop_if_cancelled()
            fields = [
                name for index in found.objects if index.parent == one.id for name in spec_of(index)["key"]
            ]
            try:
                documents = [_document(spec_of(one), fields, number) for number in range(1, rows + 1)]
                opened[one.name].insert_many(documents)
                filled[one.id] = rows
            except (PyMongoError, TypeError, ValueError) as error:
                skipped.append(f"{one.name}: {str(error)[:200]}")
    return Seeded(filled, tuple(skipped))


def _document(spec: Document, fields: list[str], number: int) -> Document:
    series = spec.get("timeseries") or {}
    made: Document = {"_id": number, "note": f"row {number}"}
    for name in fields:
        if "$" not in name and "." not in name:
            made.setdefault(name, number)
    if series:
        made[series["timeField"]] = datetime(2026, 1, number, tzinfo=UTC)
        if "metaField" in series:
            made[series["metaField"]] = number
    rule = (spec.get("validator") or {}).get("$jsonSchema") or {}
    for name, one in (rule.get("properties") or {}).items():
        if name != "_id":
            made[name] = _value(one, number)
    for name in rule.get("required") or []:
        made.setdefault(name, number)
    return made


def _value(rule: Any, number: int) -> Any:
    if not isinstance(rule, dict):
        return number
    if rule.get("enum"):
        return rule["enum"][number % len(rule["enum"])]
    kinds = rule.get("bsonType", rule.get("type", "string"))
    kind = kinds[0] if isinstance(kinds, list) else kinds
    low = max(number, int(rule.get("minimum", number)))
    values: dict[str, Any] = {
        "int": low, "long": low, "number": low, "double": low + 0.5, "bool": True, "boolean": True, "array": [],
        "date": datetime(2026, 1, number, tzinfo=UTC), "null": None,
        "object": {name: _value(one, number) for name, one in (rule.get("properties") or {}).items()},
    }  # fmt: skip
    return values.get(str(kind), f"a{number}@example.org")


def row_digest(target: Target) -> Mapping[str, Mapping[str, str]]:
    """By collection: how many documents (`*`), and a digest of all of them (`documents`), their order not counting."""
    from bson import json_util

    found: dict[str, dict[str, str]] = {}
    with database(target) as opened:
        for one in snapshot(target).objects:
            if one.kind != "collection":
                continue
            total, count = 0, 0
            for document in opened[one.name].find():
                text = json_util.dumps(
                    document, sort_keys=True, json_options=json_util.CANONICAL_JSON_OPTIONS
                )
                total = (total + int.from_bytes(hashlib.sha256(text.encode()).digest()[:16])) % 2**128
                count += 1
            found[one.id] = {"*": str(count), "documents": f"{total:032x}"}
    return found
