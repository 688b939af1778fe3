"""The migration files of a connection, read once and again only when a file changes.

A changed file is found by its time, size and inode; a scan of 5,000 unchanged files costs one `stat` each.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from backend.core.errors import AppError, MigrationNotFound
from backend.core.paths import is_text, shown, storage_error
from backend.engine.tool import MigrationTool, ParsedFile
from backend.models.migration import FileProblem

from .tables_affected import tables_affected

_log = logging.getLogger(__name__)
_SEARCHED_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What is kept in memory of a file: its form, not its content."""

    version: str
    name: str
    filename: str
    path: Path
    sha256: str
    size_bytes: int
    modified_at: datetime
    has_down: bool
    is_valid: bool
    problems: tuple[FileProblem, ...]
    transaction_up: bool
    transaction_down: bool
    tables: tuple[str, ...]
    search_text: str
    """Lower-case name and content, as far as it is searched."""
    order: tuple[object, str]
    """The tool's order, then the path: what files are sorted by."""


Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scan:
    """One look at the folders. `revision` grows whenever something changed since the look before."""

    files: tuple[FileRecord, ...]
    """In the tool's order."""
    revision: int
    problems: tuple[AppError, ...] = ()
    """Folders that could not be read."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Filename → its name and content in lower case, of very long files the beginning."""
    longer: Mapping[str, Path] = field(default_factory=dict)
    """Those of which there is more than `texts` holds."""

    def rest_of(self, filename: str) -> str:
        """What `texts` leaves out of a very long file, read now; nothing of any other."""
        path = self.longer.get(filename)
        if path is None:
            return ""
        try:
            return path.read_bytes()[_SEARCHED_CHARACTERS:].decode("utf-8", errors="replace").lower()
        except OSError:
            return ""


class FolderIndex:
    """The files of one set of folders for one tool and engine."""

    def __init__(
        self, tool: MigrationTool, dirs: Sequence[Path], dialect: str | None, engine: str = ""
    ) -> None:
        self._tool = tool
        self._dirs = tuple(dirs)
        self._dialect = dialect
        self._engine = engine
        self._lock = threading.Lock()
        self._stamps: dict[str, Stamp] = {}
        self._records: dict[str, tuple[Stamp, FileRecord]] = {}
        self._scan = Scan((), 0)
        self._looked_at: float | None = None
        self._folders_at: list[tuple[int, int] | None] = []
        self._told: set[str] = set()

    def touched(self, names: Iterable[str] | None = None) -> None:
        """Somebody saw a change in the folders: the next scan looks, however young the last one is; at the files of
        these names alone, or at all."""
        if names is None:
            self._looked_at = None
        else:
            self._told.update(names)

    def scan(self, max_age_s: float = 0.0) -> Scan:
        """The files as they are now, in the tool's order. A folder that is missing is empty.

        `max_age_s`: a look so young is good enough, where no file came or went since and nobody `touched` it. Only for
        a caller whose folders are watched: a file that is written in place does not show in its folder's time.
        """
        with self._lock:
            looked_at = self._looked_at
            told, self._told = self._told, set()
            problems: list[AppError] = []
            if (
                max_age_s
                and looked_at is not None
                and time.monotonic() - looked_at < max_age_s
                and self._folders_at == self._folder_times()
            ):
                if not told:
                    return self._scan
                found = self._look_at(told)
            else:
                # Taken before the look: what changes meanwhile is seen by the next one.
                self._looked_at, self._folders_at = time.monotonic(), self._folder_times()
                found = self._look(problems)
            if found == self._stamps and not (problems or self._scan.problems):
                return self._scan
            changed = len(found) != len(self._records) or bool(problems or self._scan.problems)
            self._stamps = dict(found)
            for path, stamp in found.items():
                known = self._records.get(path)
                if known is None or known[0] != stamp:
                    changed = True
                    record = self._read(Path(path), stamp)
                    if record is None:
                        # Gone just now; should it come back as it was, it is to be read then.
                        self._records.pop(path, None)
                        del self._stamps[path]
                    else:
                        self._records[path] = (stamp, record)
            if changed:
                for path in self._records.keys() - found.keys():
                    del self._records[path]
                records = sorted((record for _, record in self._records.values()), key=_order)
                texts = {record.filename: record.search_text for record in records}
                longer = {
                    one.filename: one.path for one in records if len(one.search_text) > _SEARCHED_CHARACTERS
                }
                self._scan = Scan(tuple(records), self._scan.revision + 1, tuple(problems), texts, longer)
            return self._scan

    def find(self, version: str) -> FileRecord:
        """The file by version or filename. Raises MigrationNotFound; a version several files have needs the filename."""
        files = self.scan().files
        by_name = [record for record in files if record.filename == version]
        matches = by_name or [record for record in files if record.version == version]
        if not matches:
            raise MigrationNotFound(
                f"There is no migration {version!r} in {', '.join(map(str, self._dirs))}."
            )
        if len(matches) > 1:
            raise MigrationNotFound(
                f"{len(matches)} files have the version {version}.",
                hint="Name one by its filename: " + ", ".join(record.filename for record in matches),
                filenames=[record.filename for record in matches],
            )
        return matches[0]

    def read(self, record: FileRecord) -> ParsedFile:
        """The file's content now."""
        try:
            data = record.path.read_bytes()
        except FileNotFoundError:
            raise MigrationNotFound(f"{record.filename} is no longer in {record.path.parent}.") from None
        except OSError as error:
            raise storage_error(error, record.path, "read") from error
        return self._tool.parse(record.path, data)

    def _folder_times(self) -> list[tuple[int, int] | None]:
        times: list[tuple[int, int] | None] = []
        for folder in self._dirs:
            try:
                stat = folder.stat()
            except OSError:
                times.append(None)
            else:
                times.append((stat.st_mtime_ns, stat.st_ino))
        return times

    def _look(self, problems: list[AppError]) -> dict[str, Stamp]:
        """Every file; a folder that cannot be read is added to the problems."""
        found: dict[str, Stamp] = {}
        for folder in self._dirs:
            try:
                self._list(folder, found)
            except FileNotFoundError:
                continue
            except OSError as error:
                problems.append(storage_error(error, folder, "read the migrations in"))
        return found

    def _look_at(self, names: Iterable[str]) -> dict[str, Stamp]:
        """Every file as at the last look, but for those of these names."""
        found = dict(self._stamps)
        for name in names:
            if not self._tool.is_migration(name):
                continue
            for folder in self._dirs:
                path = str(folder / name)
                try:
                    stat = os.stat(path)
                except OSError:
                    found.pop(path, None)
                    continue
                if S_ISREG(stat.st_mode):
                    found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return found

    def _list(self, folder: Path, found: dict[str, Stamp]) -> None:
        is_migration, known = self._tool.is_migration, self._stamps
        with os.scandir(folder) as entries:
            for entry in entries:
                # What was a migration at the last look still is one.
                path = entry.path
                if path not in known and not is_migration(entry.name):
                    continue
                try:
                    stat = entry.stat()
                except OSError:
                    # A dangling link, or a file that went between the listing and the look.
                    continue
                if S_ISREG(stat.st_mode):
                    found[path] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _read(self, path: Path, stamp: Stamp) -> FileRecord | None:
        problem: FileProblem | None = None
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            problem = FileProblem(code="unreadable", message=f"The file cannot be read: {error.strerror}.")
            parsed: ParsedFile | None = None
            _log.warning("%s cannot be read", path, exc_info=True)
        else:
            parsed = self._tool.parse(path, data)
        filename, odd_name = shown(path.name), not is_text(path.name)
        if odd_name:
            problem = FileProblem(
                code="odd_name",
                message="The file's name is not text (UTF-8), so it cannot be recorded; rename the file.",
            )
        modified_at = datetime.fromtimestamp(stamp[0] / 1e9, UTC)
        if parsed is None:
            name = filename
            return FileRecord(
                self._tool.version_of(name),
                self._tool.name_of(name),
                name,
                path,
                "",
                stamp[1],
                modified_at,
                False,
                False,
                (problem,) if problem else (),
                True,
                True,
                (),
                name.lower(),
                self._order_of(path),
            )
        return FileRecord(
            version=parsed.version if not odd_name else self._tool.version_of(filename),
            name=parsed.name if not odd_name else self._tool.name_of(filename),
            filename=filename,
            path=path,
            sha256=parsed.sha256,
            size_bytes=stamp[1],
            modified_at=modified_at,
            has_down=parsed.has_down,
            is_valid=parsed.is_valid and not odd_name,
            problems=(*parsed.problems, problem) if problem else parsed.problems,
            transaction_up=parsed.up.transaction if parsed.up else True,
            transaction_down=parsed.down.transaction if parsed.down else True,
            tables=tables_affected(parsed, self._engine, self._dialect),
            search_text=f"{filename}\n{parsed.content[:_SEARCHED_CHARACTERS]}".lower(),
            order=self._order_of(path),
        )

    def _order_of(self, path: Path) -> tuple[object, str]:
        return (self._tool.sort_key(path.name), str(path))


def _order(record: FileRecord) -> tuple[object, str]:
    return record.order
