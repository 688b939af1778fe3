"""The template files there are: shipped ones, the user's and the team's. Looked at anew each time, read where changed.

Of several with one name the team's wins, then the user's. One that does not parse is named as a problem and does
not hide the one it would replace.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from backend.engine.tool import MigrationTool
from backend.models.template import TemplateProblem, TemplateSource

from .files import MAX_BYTES, TemplateFile, read
from .quoting import Quoting
from .syntax import Malformed

_MARK = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path
    source: TemplateSource


@dataclass(frozen=True, slots=True)
class Found:
    """The templates by id, the strongest of each name; what it overrides; and what cannot be used."""

    templates: dict[str, TemplateFile]
    overrides: dict[str, TemplateSource]
    problems: list[TemplateProblem]


class Library:
    """Reads folders of templates; keeps what it read while the file's time and size stay the same."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._read: dict[tuple[str, str], tuple[_MARK, TemplateFile | TemplateProblem]] = {}

    def find(self, folders: Sequence[Folder], quoting: Quoting, tool: MigrationTool) -> Found:
        """`folders` are in order of weakness: later ones override."""
        templates: dict[str, TemplateFile] = {}
        overrides: dict[str, TemplateSource] = {}
        problems: list[TemplateProblem] = []
        for folder in folders:
            for path, mark in _files(folder.path, ".sql" if tool.language == "sql" else ".js"):
                one = self._one(path, mark, folder.source, quoting, tool)
                if isinstance(one, TemplateProblem):
                    problems.append(one)
                    continue
                if one.id in templates:
                    overrides[one.id] = templates[one.id].source
                templates[one.id] = one
        return Found(templates, overrides, problems)

    def _one(
        self, path: Path, mark: _MARK, source: TemplateSource, quoting: Quoting, tool: MigrationTool
    ) -> TemplateFile | TemplateProblem:
        key = (str(path), quoting.dialect)
        with self._lock:
            known = self._read.get(key)
            if known is None or known[0] != mark or known[1].source != source:
                known = (mark, _parsed(path, source, quoting, tool))
                self._read[key] = known
            return known[1]


def _parsed(
    path: Path, source: TemplateSource, quoting: Quoting, tool: MigrationTool
) -> TemplateFile | TemplateProblem:
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        return read(path, data, source, quoting, tool)
    except OSError as error:
        return TemplateProblem(path=str(path), message=f"it cannot be read: {error.strerror}", source=source)
    except Malformed as error:
        return TemplateProblem(path=str(path), line=error.line, message=error.message, source=source)


def _files(folder: Path, ending: str) -> Iterator[tuple[Path, _MARK]]:
    """The templates of a folder by name, with their time and size; a folder that is not there has none."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(
                entry.name
                for entry in entries
                if entry.name.endswith(ending) and not entry.name.startswith(".")
            )
    except OSError:
        return
    for name in found:
        path = folder / name
        try:
            stat = path.stat()
        except OSError:
            continue
        if path.is_file():
            yield path, (stat.st_mtime_ns, stat.st_size)
