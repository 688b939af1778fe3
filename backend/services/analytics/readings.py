"""Reading what was run: a content's kind and tables (kept in the ledger's file) and the rules' findings (kept in memory).

Kinds of many contents are read on a thread of its own, so that an overview never waits for them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import StorageFailed
from backend.engine.lint.linter import Options, lint_file
from backend.engine.lint.registry import lint_of
from backend.engine.lint.source import Half, Source, of_parsed
from backend.models.connection import EngineName, ToolName
from backend.models.finding import Finding
from backend.services.toolbox import tool_named
from backend.store.ledger_queries import LedgerQueries
from backend.store.ledger_stats import LedgerStats

from .kinds import READER, kind_of, tables_of

_log = logging.getLogger(__name__)
_FINDINGS_KEPT = 500
_LARGEST = 2_000_000
_BATCH = 50

Key = tuple[str, str, str]
"""sha256, engine, direction."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules say of one half, as it was run."""

    findings: tuple[Finding, ...]
    kind: str
    tables: tuple[str, ...]


class Readings:
    def __init__(self, queries: LedgerQueries, stats: LedgerStats) -> None:
        self._queries = queries
        self._stats = stats
        self._lock = threading.Lock()
        self._kinds: dict[Key, str] | None = None
        self._judged: OrderedDict[tuple[Key, frozenset[str]], Judged] = OrderedDict()
        self._reader: threading.Thread | None = None
        self._closed = threading.Event()

    def kinds(self, wanted: Iterable[Key], *, within_s: float) -> tuple[dict[Key, str], int]:
        """The kinds of what was wanted as far as they are known after `within_s` seconds, and how many are not yet.

        The others are read meanwhile; ask again.
        """
        known = self._known()
        missing = [key for key in dict.fromkeys(wanted) if key not in known]
        until = time.monotonic() + within_s
        done = self._read(missing, lambda: time.monotonic() > until)
        rest = missing[done:]
        if rest:
            self._read_behind(rest)
        return known, len(rest)

    def judge(self, key: Key, filename: str, disabled: frozenset[str] = frozenset()) -> Judged | None:
        """The rules' findings in the half that ran, judged without a database; None where the text is not known."""
        with self._lock:
            found = self._judged.get((key, disabled))
            if found is not None:
                self._judged.move_to_end((key, disabled))
                return found
        source, half = self._source(key, filename)
        if source is None:
            return None
        report = lint_file(source, key[1], Options(disabled=disabled))
        there = tuple(one for one in report.findings if str(one.direction or key[2]) == key[2])
        judged = Judged(there, kind_of(half), tables_of(half))
        with self._lock:
            self._judged[(key, disabled)] = judged
            while len(self._judged) > _FINDINGS_KEPT:
                self._judged.popitem(last=False)
        return judged

    def close(self) -> None:
        self._closed.set()

    # -- inside --------------------------------------------------------------------------------------------------

    def _known(self) -> dict[Key, str]:
        with self._lock:
            if self._kinds is None:
                self._kinds = dict(self._stats.kinds(READER))
            return self._kinds

    def _read(self, keys: list[Key], is_over: Callable[[], bool]) -> int:
        """Read and keep kinds, in order, until it is over. Returns how many were read."""
        fresh: list[tuple[str, str, str, str, tuple[str, ...]]] = []
        done = 0
        for key in keys:
            if is_over() or self._closed.is_set():
                break
            fresh.append((*key, *self._classify(key)))
            done += 1
            if len(fresh) >= _BATCH:
                self._keep(fresh)
                fresh = []
        self._keep(fresh)
        return done

    def _keep(self, fresh: list[tuple[str, str, str, str, tuple[str, ...]]]) -> None:
        if not fresh:
            return
        with self._lock:
            if self._kinds is not None:
                self._kinds.update({one[:3]: one[3] for one in fresh})
        try:
            self._stats.keep_kinds(fresh, READER)
        except StorageFailed:
            # It is only a shortcut: without it the texts are read again at the next start.
            _log.debug("What was read of the texts cannot be kept", exc_info=True)

    def _read_behind(self, keys: list[Key]) -> None:
        with self._lock:
            if self._reader is not None and self._reader.is_alive():
                return
            self._reader = threading.Thread(
                target=self._read, args=(keys, lambda: False), name="analytics-reader", daemon=True
            )
            self._reader.start()

    def _classify(self, key: Key) -> tuple[str, tuple[str, ...]]:
        source, half = self._source(key, "")
        lint = lint_of(key[1]) if key[1] in list(EngineName) else None
        if source is None or half is None or lint is None:
            return "other", ()
        try:
            if lint.prepare is not None:
                lint.prepare(source)
            half.statements = lint.read(half)
        except Exception:
            # A text that breaks a reader is one that cannot be read, here as in the editor.
            _log.exception("A migration's text could not be read")
            return "unread", ()
        return kind_of(half), tables_of(half)

    def _source(self, key: Key, filename: str) -> tuple[Source | None, Half | None]:
        sha256, engine, direction = key
        size = self._queries.content_size(sha256)
        if size is None or size > _LARGEST:
            return None, None
        text = self._queries.content(sha256) or ""
        is_mongo = engine == EngineName.MONGODB
        tool = tool_named(str(ToolName.MIGRATE_MONGO if is_mongo else ToolName.DBMATE))
        name = filename or ("20000101000000-x.js" if is_mongo else "20000101000000_x.sql")
        source = of_parsed(tool.parse(Path(name), text.encode(errors="surrogateescape")))
        return source, source.up if direction == "up" else source.down
