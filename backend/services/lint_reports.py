"""Reports of the risk rules, each worked out once: kept in memory and, across processes, in the lint cache.

A report depends on the file's bytes and name, the rules (their own code), what is switched off, the state of the file,
the modules its folder lacks, and what is known of the database. All of it is in the key; so a hit is the report that
would be worked out again.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from backend import __version__
from backend.engine.lint.facts import Absence, Facts
from backend.engine.lint.linter import Options, Report, lint_file
from backend.engine.lint.source import of_parsed
from backend.engine.syntax import Answer
from backend.engine.tool import ParsedFile
from backend.models.connection import EngineName
from backend.models.migration import MigrationFlag
from backend.store.lint_cache import LintCache

_log = logging.getLogger(__name__)
_KEPT_IN_MEMORY = 20_000
_REPORT = TypeAdapter(Report)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the database. `digest` changes whenever any of it does."""

    facts: Facts | None = None
    version: tuple[int, ...] | None = None
    note: str | None = None
    digest: str = ""


NOTHING_KNOWN = Known()


@dataclass(frozen=True, slots=True)
class Asked:
    """One file to be judged."""

    parsed: ParsedFile
    engine: EngineName
    flags: frozenset[MigrationFlag] = frozenset()
    disabled: frozenset[str] = frozenset()
    known: Known = NOTHING_KNOWN
    new_tables: tuple[str, ...] = ()
    answer: Answer | None = None
    """What the engine's own parser said, where a server or scratch was asked."""
    absent_modules: tuple[tuple[str, Absence], ...] = ()
    """Those the file asks for and its folder does not have now."""

    @property
    def key(self) -> str:
        parts = (
            rules_version(),
            self.parsed.sha256,
            self.parsed.filename,
            str(self.engine),
            sorted(self.flags),
            sorted(self.disabled),
            self.known.digest,
            self.known.version,
            sorted({name.casefold() for name in self.new_tables}),
            self.answer,
            self.absent_modules,
        )
        return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


class LintReports:
    def __init__(self, cache: LintCache | None = None) -> None:
        self._cache = cache
        self._lock = threading.Lock()
        self._reports: OrderedDict[str, Report] = OrderedDict()
        self._unwritten: dict[str, bytes] = {}

    def load(self, asked: Sequence[Asked]) -> None:
        """Fetch in one go what the cache has of these."""
        if self._cache is None:
            return
        with self._lock:
            wanted = [key for one in asked if (key := one.key) not in self._reports]
        for key, body in self._cache.read(wanted).items():
            try:
                self._keep(key, _REPORT.validate_json(body))
            except ValidationError:
                _log.info("A cached report cannot be read; it is worked out again")

    def of(self, asked: Asked) -> Report:
        """The report, worked out where it is not known yet."""
        key = asked.key
        known = self.known(key)
        if known is not None:
            return known
        report = self._work_out(asked)
        self._learn(key, report)
        return report

    def _work_out(self, asked: Asked) -> Report:
        facts = asked.known.facts
        if facts is not None and asked.new_tables:
            facts = replace(facts, new_tables=frozenset(name.casefold() for name in asked.new_tables))
        options = Options(
            facts,
            asked.known.version,
            asked.disabled,
            answer=asked.answer,
            absent_modules=dict(asked.absent_modules),
        )
        return lint_file(of_parsed(asked.parsed, asked.flags), asked.engine, options)

    def _learn(self, key: str, report: Report) -> None:
        self._keep(key, report)
        if self._cache is not None and not any(one.code == "rule-failed" for one in report.findings):
            with self._lock:
                self._unwritten[key] = _REPORT.dump_json(report)

    def of_live(self, asked: Asked, answer: Answer | None) -> Report:
        """The report with what a server or scratch said just now; a parser that objects to nothing changes nothing."""
        return self.of(replace(asked, answer=answer) if answer is not None and answer.refusals else asked)

    def of_folder(self, asked: Asked, answer: Answer | None) -> Report:
        """The report of a file without a database, its parser's answer included and kept under the file's own key."""
        if answer is None or not answer.refusals:
            return self.of(asked)
        report = self._work_out(replace(asked, answer=answer))
        self._learn(asked.key, report)
        return report

    def known(self, key: str) -> Report | None:
        with self._lock:
            found = self._reports.get(key)
            if found is not None:
                self._reports.move_to_end(key)
            return found

    def save(self) -> None:
        """Write what is new into the cache, in one transaction."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, {}
        if self._cache is not None:
            self._cache.write(unwritten)

    def _keep(self, key: str, report: Report) -> None:
        with self._lock:
            self._reports[key] = report
            while len(self._reports) > _KEPT_IN_MEMORY:
                self._reports.popitem(last=False)


@cache
def rules_version() -> str:
    """Of the app, and in a checkout of the rules' own files: a rule that changes makes every report anew."""
    backend = Path(__file__).resolve().parents[1]
    folders = [backend / "engine" / "lint", backend / "engine" / "sqlrules"]
    folders += sorted((backend / "engines").glob("*/lint"))
    stamps = []
    for folder in folders:
        for path in sorted(folder.glob("*.py")):
            stat = path.stat()
            stamps.append((path.name, stat.st_mtime_ns, stat.st_size))
    return f"{__version__} {hashlib.sha256(repr(stamps).encode()).hexdigest()}"


__all__ = ["NOTHING_KNOWN", "Asked", "Known", "LintReports", "rules_version"]
