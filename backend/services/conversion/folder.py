"""Reading a folder of another tool: bounded, nothing outside of it, every byte accounted for."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from backend.core.errors import InvalidRequest, NotFound
from backend.core.paths import is_text, storage_errors

from .model import Note, SourceFile

MOST_BYTES = 20_000_000
MOST_FILES = 20_000
MOST_BYTES_IN_ALL = 200_000_000
_DEPTH = 4
_ENDINGS = (".sql", ".conf", ".toml", ".go", ".js", ".mjs", ".cjs", ".ts", ".py", ".rb", ".xml", ".yaml", ".yml",
            ".json", ".java", ".properties")  # fmt: skip
_BESIDE = ("flyway.conf", "flyway.toml")
_USUAL = (
    "migrations",
    "db/migrations",
    "db/migration",
    "sql",
    "prisma/migrations",
    "src/main/resources/db/migration",
)
_MOST_NEAR = 200
_MOST_BYTES_NEAR = 4_000
_SKIPPED = {"node_modules", "__pycache__", "venv"}


@dataclass(frozen=True, slots=True)
class Folder:
    path: Path
    files: list[SourceFile]
    left_out: list[Note]
    sha256: str
    """Of all names and bytes."""


def read_folder(path: Path) -> Folder:
    """Every file that could be a tool's, in order of path. Raises NotFound, InvalidRequest, StorageFailed."""
    if not path.is_dir():
        raise NotFound(f"There is no folder {path}.", hint="Choose the folder that holds the migrations.")
    files: list[SourceFile] = []
    left_out: list[Note] = []
    digest, total = hashlib.sha256(), 0
    paths = _paths(path, left_out)
    paths += [(f"../{name}", path.parent / name) for name in _BESIDE if (path.parent / name).is_file()]
    if len(paths) > MOST_FILES:
        raise InvalidRequest(
            f"{path} holds more than {MOST_FILES:,} files.", hint="Choose the folder of the migrations alone."
        )
    for relative, full in paths:
        with storage_errors(full, "read"):
            size = full.stat().st_size
            if size > MOST_BYTES:
                files.append(
                    SourceFile(relative, "", f"The file is larger than {MOST_BYTES // 1_000_000} MB.")
                )
                digest.update(f"{relative}\0{size}\0".encode())
                continue
            data = full.read_bytes()
        total += len(data)
        if total > MOST_BYTES_IN_ALL:
            raise InvalidRequest(
                f"The files in {path} are more than {MOST_BYTES_IN_ALL // 1_000_000} MB together.",
                hint="Choose the folder of the migrations alone.",
            )
        digest.update(f"{relative}\0{hashlib.sha256(data).hexdigest()}\0".encode())
        files.append(decoded(relative, data))
    return Folder(path, files, left_out, digest.hexdigest())


def near_files(path: Path) -> list[tuple[Path, list[SourceFile]]]:
    """The beginnings of a few files of a folder and of those under it that tools use: enough to tell a tool by."""
    found = []
    for folder in (path, *(path / one for one in _USUAL)):
        try:
            here = [one for one in sorted(folder.iterdir())[:_MOST_NEAR] if not one.name.startswith(".")]
            files = [one for one in here if one.name.endswith(_ENDINGS) and one.is_file()]
            files += [one / "migration.sql" for one in here if (one / "migration.sql").is_file()]
            read = []
            for one in files:
                with one.open("rb") as stream:
                    read.append(decoded(one.relative_to(folder).as_posix(), stream.read(_MOST_BYTES_NEAR)))
        except OSError:
            continue
        if read:
            found.append((folder, read))
    return found


def decoded(relative: str, data: bytes) -> SourceFile:
    """As text; a byte order mark goes. What is not UTF-8 says so, and where."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return SourceFile(relative, data.decode("utf-8", "replace"), "The file is not UTF-8.", line)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        return SourceFile(relative, text, "The file holds NUL bytes, as UTF-16 does.", line)
    return SourceFile(relative, text)


def _paths(root: Path, left_out: list[Note]) -> list[tuple[str, Path]]:
    found: list[tuple[str, Path]] = []
    with storage_errors(root, "read"):
        for folder, folders, names in os.walk(root, followlinks=False):
            here = Path(folder)
            depth = len(here.relative_to(root).parts)
            folders[:] = sorted(
                one for one in folders if not one.startswith(".") and one not in _SKIPPED and depth < _DEPTH
            )
            for name in sorted(names):
                full = here / name
                relative = full.relative_to(root).as_posix()
                if name.startswith(".") or not name.lower().endswith(_ENDINGS):
                    continue
                if not is_text(relative):
                    left_out.append(
                        Note(os.fsencode(relative).decode("utf-8", "replace"), "Its name is no text.")
                    )
                elif not full.is_file():
                    left_out.append(Note(relative, "It is no file."))
                elif full.is_symlink() and not full.resolve().is_relative_to(root.resolve()):
                    left_out.append(Note(relative, "It is a link to a file outside of the folder."))
                else:
                    found.append((relative, full))
            if len(found) > MOST_FILES:
                break
    return sorted(found)
