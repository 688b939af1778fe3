"""Puts a backup back: every collection is built beside the old one and takes its name only when all are whole.

A rename inside one database is a matter of the catalog: nothing is copied, and no other database's rights are needed.
What is replaced is first moved aside, so that a failure moves it back. Series cannot be renamed on any server; they
come last, and a failure after that is `incomplete`.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError, BackupFailed, Cancelled, Conflict
from backend.engine.backup import Progress
from backend.engine.target import CancelToken, Target
from backend.engines.mongodb import sessions
from backend.engines.mongodb.connect import STAGED, writable
from backend.engines.mongodb.errors import is_drivers, translate

from . import layout
from .layout import Stored
from .write import listed, stop_if

if TYPE_CHECKING:
    from pymongo.database import Database

Document = dict[str, Any]
_log = logging.getLogger(__name__)

BEFORE = "dbtoolkit_before_"
"""Where what is replaced waits. After a crash it is an ordinary collection: shown, backed up, gone with the next restore."""
_KEPT_OF_A_NAME = 60
_VALIDATION = ("validator", "validationLevel", "validationAction")
_NOT_FOR_CREATE_INDEX = {"ns", "background", "buildUUID", "originalSpec"}
_BATCH_BYTES = 8 << 20
_BATCH_DOCUMENTS = 10_000


def restore(
    folder: Path, target: Target, progress: Progress, cancel: CancelToken, *, replace_: bool
) -> list[str]:
    stored = layout.collections_in(folder)
    for one in stored:
        # A series and the functions are replaced in place: they are looked through before anything is.
        if one.data is not None and (one.is_series or one.name == "system.js"):
            for _ in layout.documents(one.data):
                pass
    tag = f"db-toolkit-restore-{secrets.token_hex(6)}"
    marked = replace(target, application_name=tag)
    cancel.on_cancel(lambda: threading.Thread(target=_end, args=(marked, tag), daemon=True).start())
    with writable(marked) as found:
        if not replace_ and listed(found):
            raise Conflict(f"The database {found.name} is not empty.")
        work = _Restore(target, tag, found, stored, progress, cancel)
        with work.failing_truly():
            work.sweep()
            work.build()
            work.swap()
        return work.notes


def _end(target: Target, tag: str) -> None:
    """An index being built goes on after its client has gone; ended on the server."""
    with suppress(AppError):
        sessions.end(target, tag)


def sweep(target: Target) -> list[str]:
    """After a kill: drops what was staged, and gives what was set aside its name back where nothing has it. Where
    something has, it may hold what was written since, and both stay. For the holder of the run lock."""
    swept = []
    with writable(target) as found:
        names = set(found.list_collection_names())
        for aside in sorted(name for name in names if name.startswith(BEFORE)):
            if aside.count("_") < 4:
                continue
            # dbtoolkit_before_<token>_<number>_<name>, the name cut off where it was too long.
            token, _, name = aside.removeprefix(BEFORE).split("_", 2)
            if not any(one.startswith(f"{STAGED}{token}_") for one in names):
                # All that was built took its place: the new one is there, whole.
                continue
            if len(name) < _KEPT_OF_A_NAME and name not in names:
                found[aside].rename(name)
                names.add(name)
        for name in sorted(name for name in names if name.startswith(STAGED)):
            found.drop_collection(name)
            swept.append(name)
    return swept


class _Restore:
    def __init__(
        self, target: Target, tag: str, found: Database[Document], stored: list[Stored],
        progress: Progress, cancel: CancelToken,
    ) -> None:  # fmt: skip
        from bson.codec_options import CodecOptions, DatetimeConversion

        options: CodecOptions[Document] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO)
        self._target, self._tag = target, tag
        self._found = found.with_options(codec_options=options)
        self._views = [one for one in stored if one.is_view]
        self._in_place = [one for one in stored if one.is_series or one.name == "system.js"]
        self._movable = [
            one for one in stored if not one.is_view and not one.is_series and one.name != "system.js"
        ]
        self._progress, self._cancel = progress, cancel
        self._token = secrets.token_hex(4)
        self._total = sum(one.data.stat().st_size for one in stored if one.data) or None
        self._done = 0
        self._aside: list[tuple[str, str]] = []
        self._placed: list[str] = []
        self._old_views: list[Document] = []
        self._old_options: dict[str, Document] = {}
        self._lost = False
        self._finished = False
        self.notes: list[str] = []

    # -- how it fails --------------------------------------------------------------------------------------------

    @contextmanager
    def failing_truly(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            state = self._undo()
            if isinstance(error, AppError):
                failed: AppError = error
            elif isinstance(error, Exception) and is_drivers(error):
                failed = translate(error)
            else:
                raise
            if self._cancel.is_cancelled and not isinstance(failed, Cancelled):
                failed = Cancelled("The restore was cancelled.")
            if isinstance(failed, Cancelled):
                failed.details["state"] = state
                raise failed from error
            raise BackupFailed(
                f"The backup was not restored: {failed.message}",
                hint=failed.hint, **{**failed.details, "state": state, "cause": failed.code},
            ) from error  # fmt: skip

    def _undo(self) -> str:
        """Everything as it was, as far as that can be. What then is the database's state."""
        from pymongo.errors import PyMongoError

        try:
            # By a client of its own: whatever the restore's own still does is being ended where it was cancelled.
            with writable(self._target) as fresh:
                self._found = fresh.with_options(codec_options=self._found.codec_options)
                if self._finished:
                    return "incomplete"
                # What the lost connection's last command still does would come after this.
                _end(self._target, self._tag)
                for name in self._placed:
                    self._found.drop_collection(name)
                waiting = set(self._found.list_collection_names())
                for old, aside in reversed(self._aside):
                    if aside not in waiting:
                        continue  # it never was moved
                    self._found[aside].rename(old, dropTarget=True)
                    if not self._mended(old, self._old_options[old]):
                        self._lost = True
                gone = [one for one in self._old_views if one["name"] not in waiting]
                list(self._make_views([(str(one["name"]), dict(one["options"])) for one in gone]))
                self.sweep()
                there = set(self._found.list_collection_names())
                if any(old not in there or aside in there for old, aside in self._aside):
                    return "unknown"
        except (PyMongoError, AppError) as error:
            _log.warning("An interrupted restore could not be taken back: %s", type(error).__name__)
            return "unknown"
        return "incomplete" if self._lost else "untouched"

    def sweep(self) -> None:
        """What this or a crashed restore built and did not use."""
        for name in self._found.list_collection_names():
            if name.startswith(STAGED):
                self._found.drop_collection(name)

    # -- building ------------------------------------------------------------------------------------------------

    def _staged(self, one: Stored) -> str:
        return f"{STAGED}{self._token}_{self._movable.index(one)}"

    def build(self) -> None:
        for one in self._movable:
            self._make(one, self._staged(one), self._staged(one))

    def _make(self, one: Stored, name: str, data_name: str) -> None:
        """The collection, its documents, then its indexes, then its rule, which older documents may stand against."""
        stop_if(self._cancel)
        options = {key: value for key, value in one.options.items() if key not in _VALIDATION}
        options.pop("autoIndexId", None)
        if isinstance(options.get("clusteredIndex"), dict):
            options["clusteredIndex"] = {
                key: value for key, value in options["clusteredIndex"].items() if key != "v"
            } | {"key": {"_id": 1}, "unique": True}
        self._found.command({"create": name, **options})
        assert one.data is not None
        self._insert(one.data, data_name, one.name)
        if one.is_series and not one.in_buckets:
            indexes = [spec for spec in one.indexes if spec.get("name") != "_id_"]
        else:
            indexes = one.indexes
        self._index(name, indexes, options)
        rule = {key: one.options[key] for key in _VALIDATION if key in one.options}
        if rule:
            self._found.command({"collMod": name, **rule})

    def _insert(self, path: Path, name: str, shown: str) -> None:
        from bson.raw_bson import RawBSONDocument

        collection = self._found[name]
        batch: list[RawBSONDocument] = []
        held, before = 0, path.stat().st_size
        for document in layout.documents(path):
            batch.append(RawBSONDocument(bytes(document)))
            held += len(document)
            if held >= _BATCH_BYTES or len(batch) >= _BATCH_DOCUMENTS:
                stop_if(self._cancel)
                collection.insert_many(batch, ordered=True)
                batch, held = [], 0
                self._progress(self._done, self._total, shown)
        if batch:
            stop_if(self._cancel)
            collection.insert_many(batch, ordered=True)
        self._done += before
        self._progress(self._done, self._total, shown)

    def _index(self, name: str, indexes: list[Document], options: Document) -> None:
        specs = []
        for one in indexes:
            if one.get("name") == "_id_" or one.get("clustered"):
                continue
            spec = {key: value for key, value in one.items() if key not in _NOT_FOR_CREATE_INDEX}
            if "collation" in options and "collation" not in spec:
                # It would take over the collection's; one that has none was made with the simple one.
                spec["collation"] = {"locale": "simple"}
            if "expireAfterSeconds" in spec:
                note = "Documents past their time-to-live go again by themselves once they are restored."
                self.notes += [] if note in self.notes else [note]
            specs.append(spec)
        if specs:
            stop_if(self._cancel)
            self._found.command({"createIndexes": name, "indexes": specs})

    # -- swapping ------------------------------------------------------------------------------------------------

    def swap(self) -> None:
        stop_if(self._cancel)
        there = listed(self._found)
        for item in [item for item in there if item.get("type") == "view"]:
            self._old_views.append(item)
            self._found.drop_collection(item["name"])
        series = [item for item in there if "timeseries" in (item.get("options") or {})]
        stays = {"system.js"} | {item["name"] for item in [*self._old_views, *series]}
        for number, item in enumerate(one for one in there if one["name"] not in stays):
            aside = f"{BEFORE}{self._token}_{number}_{item['name'][:_KEPT_OF_A_NAME]}"
            # Noted first: where the answer is lost, the server may have done it all the same.
            self._aside.append((item["name"], aside))
            self._old_options[item["name"]] = dict(item.get("options") or {})
            self._found[item["name"]].rename(aside)
        in_the_way = {item["name"] for item in series}
        for one in self._movable:
            if one.name in in_the_way:
                self._lost = True
                self._found.drop_collection(one.name)
            # Somebody's write may have made it anew in between; it is replaced like the rest.
            built = self._options(self._staged(one))
            self._placed.append(one.name)
            self._found[self._staged(one)].rename(one.name, dropTarget=True)
            if not self._mended(one.name, built):
                self._found.drop_collection(one.name)
                self._make(one, one.name, one.name)
        self._replace_in_place(series)
        for name in self._make_views([(one.name, one.options) for one in self._views]):
            self._placed.append(name)
        self._finished = True
        asides, self._aside = self._aside, []
        for _, aside in asides:
            self._found.drop_collection(aside)

    def _options(self, name: str) -> Document:
        return next(
            (dict(one.get("options") or {}) for one in self._found.list_collections(filter={"name": name})),
            {},
        )

    def _mended(self, name: str, wanted: Document) -> bool:
        """Does the collection have these options? Servers that imitate MongoDB forget them at a rename."""
        if self._options(name) == wanted:
            return True
        rule = {key: wanted[key] for key in _VALIDATION if key in wanted}
        if rule:
            self._found.command({"collMod": name, **rule})
        return self._options(name) == wanted

    def _replace_in_place(self, old_series: list[Document]) -> None:
        for item in old_series:
            self._lost = True
            self._found.drop_collection(item["name"])
        for one in self._in_place:
            if one.name != "system.js":
                self._placed.append(one.name)
                data = layout.BUCKETS + one.name if one.in_buckets else one.name
                self._make(one, one.name, data)
        functions = [one for one in self._in_place if one.name == "system.js"]
        if functions or self._found["system.js"].find_one({}) is not None:
            self._lost = True
            self._found["system.js"].delete_many({})
        for one in functions:
            assert one.data is not None
            self._insert(one.data, one.name, one.name)

    def _make_views(self, views: list[tuple[str, Document]]) -> Iterator[str]:
        """Each as it is made. A view that is needed by another comes before it; one of a circle is made all the same."""
        waiting = dict(views)
        while waiting:
            ready = [name for name, options in waiting.items() if options.get("viewOn") not in waiting]
            for name in ready or list(waiting):
                self._found.command({"create": name, **waiting.pop(name)})
                yield name
