"""Where things are kept, and the one function through which a name becomes a path."""

from __future__ import annotations

import errno
import os
import re
import socket
import sys
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import psutil

from .errors import AppError, DiskFull, InvalidRequest, PermissionDenied, StorageFailed

_MOST_BYTES_OF_A_NAME = 255
_HALF = re.compile(r"\.(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-[^.]*\.tmp$")
_RESERVED = {"con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))}


def app_root() -> Path:
    """The folder that holds bin/ and ui/: the checkout, or the unpacked bundle."""
    bundled = getattr(sys, "_MEIPASS", None)
    return Path(bundled) if bundled else Path(__file__).resolve().parents[2]


def app_home(chosen: Path | None = None) -> Path:
    """The app's own data: `chosen`, DB_TOOLKIT_HOME, else ~/DB-Toolkit. Created, readable by its owner alone."""
    home = chosen or Path(os.environ.get("DB_TOOLKIT_HOME") or Path.home() / "DB-Toolkit")
    home = home.expanduser().absolute()
    with storage_errors(home, "create the app's folder"):
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def slug(name: str) -> str:
    """A name as a folder name: lower-case ASCII letters, digits and dashes; never empty, never reserved."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    cleaned = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:60].strip("-")
    if not cleaned or cleaned in _RESERVED:
        cleaned = f"c-{cleaned}" if cleaned else "connection"
    return cleaned


def inside(folder: Path, name: str) -> Path:
    """`folder/name` for a name that came from outside. Raises InvalidRequest unless it is one plain file name."""
    if (
        not name
        or name in {".", ".."}
        or any(char in name for char in "/\\\0")
        or any(ord(char) < 32 for char in name)
        or (os.name == "nt" and ":" in name)
    ):
        raise InvalidRequest(
            f"{name[:80]!r} is not a file name.", hint="A name may not hold / or \\ or be .. or empty."
        )
    if len(os.fsencode(name)) > _MOST_BYTES_OF_A_NAME:
        raise InvalidRequest(
            f"{name[:80]!r}… is too long for a file name.", hint="File systems take 255 bytes."
        )
    return folder / name


def given_path(text: str, *, base: Path | None = None) -> Path:
    """A path as a user typed it, absolute: `~` filled in, a relative one taken from `base` (the working folder).

    Raises InvalidRequest where it is empty or no path can look like that; whether it exists is not asked.
    """
    if not text.strip() or any(ord(char) < 32 for char in text):
        raise InvalidRequest(f"{text[:80]!r} is not a path.", hint="Give the path of a file or folder.")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise InvalidRequest(
            f"{text[:80]!r} begins with the home of a user that is not known here."
        ) from None
    path = (base or Path.cwd()) / path
    try:
        path.lstat()
    except FileNotFoundError:
        pass
    except (ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno not in {errno.ENAMETOOLONG, errno.EINVAL, errno.ELOOP}:
            return path
        raise InvalidRequest(f"{text[:80]!r} is not a path this system can use.") from None
    return path


def is_text(name: str) -> bool:
    """Whether a file's name is text at all: a name of other bytes cannot be shown or sent back."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def shown(path: Path | str) -> str:
    """A path as text that can be shown and sent; bytes of a name that are no text become U+FFFD."""
    return os.fsencode(path).decode("utf-8", errors="replace")


def new_file(path: Path) -> BinaryIO:
    """A file that was not there, which others may at most read. Raises FileExistsError."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb")


def write_atomically(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Write a file so that it is the old one or the new one, never half: temporary name, fsync, rename.

    Keeps the mode of a file that is there unless `mode` is given; writes through a symbolic link.
    """
    target = path.resolve() if path.is_symlink() else path
    with storage_errors(path, "write"):
        handle, temporary = tempfile.mkstemp(
            prefix=f".{target.name[:80]}.{this_process()}-", suffix=".tmp", dir=target.parent
        )
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            if mode is not None:
                os.chmod(temporary, mode)
            else:
                os.chmod(temporary, target.stat().st_mode & 0o777 if target.exists() else 0o644 & ~_umask())
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def sweep_halves(folder: Path) -> list[Path]:
    """Remove the temporary files that killed apps of this machine left in `folder`; returns them.

    A file of a process that lives, or of another machine on a shared folder, may still become the real one and stays.
    """
    host, _, _ = this_process().partition("-")
    swept: list[Path] = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _HALF.search(entry.name) if entry.name.startswith(".") else None
            if found is None or found["host"] != host or psutil.pid_exists(int(found["pid"])):
                continue
            with suppress(OSError):
                os.unlink(entry.path)
                swept.append(Path(entry.path))
    return swept


def this_process() -> str:
    """This machine and process, as part of the name of what is half done: `sweep_halves` tells by it whose it is."""
    return f"{zlib.crc32(socket.gethostname().encode()):08x}-{os.getpid()}"


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current


@contextmanager
def storage_errors(path: Path, doing: str) -> Iterator[None]:
    """Turn an OSError into StorageFailed, DiskFull or PermissionDenied that names the path."""
    try:
        yield
    except OSError as error:
        raise storage_error(error, path, doing) from error


def storage_error(error: OSError, path: Path, doing: str) -> AppError:
    reason = error.strerror or str(error)
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return DiskFull(
            f"There is no space left to {doing} {path}.",
            hint="Free some space and try again.",
            path=str(path),
        )
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return PermissionDenied(
            f"{path} may not be used to {doing}: {reason}.",
            hint="Check the folder's owner and permissions.",
            path=str(path),
        )
    return StorageFailed(f"Cannot {doing} {path}: {reason}.", path=str(path))
