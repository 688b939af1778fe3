"""SQLite URLs as dbmate reads them, mended where the meaning is clear and refused where it is not. Pure text.

dbmate decodes the path (more than once), hands everything from the first `?` on to its driver as options, and takes
a host for the first folder: `sqlite://t.db` is `/t.db`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from backend.core.errors import InvalidUrl

SCHEMES = ("sqlite", "sqlite3")

# The options of dbmate's SQLite driver (go-sqlite3); anything else after `?` is taken for a part of the file's name.
_OPTIONS = (
    "_auth _auth_user _auth_pass _auth_crypt _auth_salt _auto_vacuum _vacuum _busy_timeout _timeout _cache_size "
    "_case_sensitive_like _cslike _defer_foreign_keys _defer_fk _foreign_keys _fk _ignore_check_constraints "
    "_journal_mode _journal _loc _locking_mode _locking _mutex _query_only _recursive_triggers _rt _secure_delete "
    "_stmt_cache_size _synchronous _sync _txlock _writable_schema cache immutable mode nolock psow vfs"
)
OPTIONS = frozenset(_OPTIONS.split())
_SECRET_OPTIONS = ("_auth_pass", "_auth_salt")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_WINDOWS = re.compile(r"^/*([A-Za-z]):[\\/]")
_MUST_ENCODE = re.compile(r"[\s\x00-\x1f\x7f%#]")
_ON = frozenset({"1", "true", "on", "yes"})


@dataclass(frozen=True, slots=True)
class SqliteUrl:
    """A URL in parts: `path` decoded (relative or absolute), `options` in their order."""

    path: str
    options: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def text(self) -> str:
        """The URL as dbmate takes it."""
        query = "&".join(f"{name}={_encoded_option(value)}" for name, value in self.options)
        return f"sqlite:{_encoded_path(self.path)}" + (f"?{query}" if query else "")

    def option(self, *names: str) -> str | None:
        """The value of the first option that is there under one of the names."""
        return next((value for name, value in self.options if name in names), None)

    def with_options(self, **values: str) -> SqliteUrl:
        kept = tuple(pair for pair in self.options if pair[0] not in values)
        return SqliteUrl(self.path, kept + tuple(values.items()))

    def file(self, working_dir: Path) -> Path:
        """Where the file is; a relative path starts in `working_dir`."""
        return Path(os.path.normpath(working_dir / self.path))


def parse(url: str) -> SqliteUrl:
    """The URL's parts. Raises InvalidUrl, with the right spelling, for what dbmate would take for another file."""
    scheme, colon, rest = url.strip().partition(":")
    if not colon or scheme.lower() not in SCHEMES:
        raise InvalidUrl("A SQLite URL starts with sqlite:", hint="For example sqlite:db/shop.db")
    raw_path, question, query = rest.partition("?")
    options = _options(query, raw_path) if question else ()
    return SqliteUrl(_path(raw_path), options)


def from_fields(fields: Mapping[str, str]) -> SqliteUrl:
    """A form's fields as a URL. Raises InvalidUrl."""
    path = fields.get("path", "")
    if not path.strip():
        raise InvalidUrl("Choose the database file.", hint="For example db/shop.db, or /data/shop.db")
    options = _options(fields["options"], path) if fields.get("options") else ()
    if fields.get("foreign_keys"):
        options += (("_foreign_keys", fields["foreign_keys"]),)
    return SqliteUrl(_checked(_slashes(path)), options)


def to_fields(url: SqliteUrl) -> dict[str, str]:
    """The inverse of `from_fields`; empty fields are left out."""
    fields = {"path": url.path}
    foreign_keys = url.option("_foreign_keys", "_fk")
    if foreign_keys:
        fields["foreign_keys"] = "on" if foreign_keys.lower() in _ON else "off"
    rest = [
        f"{name}={_encoded_option(value)}"
        for name, value in url.options
        if name not in ("_foreign_keys", "_fk")
    ]
    if rest:
        fields["options"] = "&".join(rest)
    return fields


def redact(url: str) -> str:
    """The URL with the values of secret options as `***`; never raises."""
    for name in _SECRET_OPTIONS:
        url = re.sub(rf"(?i)([?&]{name}=)(?!\$\{{\w+\}}(?:&|$))[^&]*", r"\1***", url)
    return url


def _path(raw: str) -> str:
    if raw.startswith("//"):
        raw = _without_authority(raw)
    path = unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode("utf-8", "replace")
    return _checked(_slashes(path))


def _without_authority(raw: str) -> str:
    after = raw.lstrip("/")
    if not after:
        raise InvalidUrl(
            "The URL names no file.", hint="For example sqlite:db/shop.db, or sqlite:/data/shop.db"
        )
    if _WINDOWS.match(after) or raw.startswith("///"):
        return "/" + after
    first = after.split("/", 1)[0]
    if first.startswith("${"):
        return after if "/" not in after else "/" + after
    # dbmate takes the host for the first folder of an absolute path; other tools read a relative one.
    relative = after[2:] if after.startswith("./") else after
    raise InvalidUrl(
        f"sqlite://{after} is ambiguous: dbmate opens /{after}, other tools open {relative} in the project's folder.",
        hint=f"Write sqlite:{relative} for the file in the project's folder, or sqlite:/{after} for /{after}.",
    )


def _slashes(path: str) -> str:
    if _WINDOWS.match(path):
        return path.lstrip("/").replace("\\", "/")
    if path.startswith("~/"):
        # Neither dbmate nor SQLite knows `~`; they would look for a folder of that name.
        path = str(Path.home()) + path[1:]
    return re.sub(r"^/{2,}", "/", path)


def _checked(path: str) -> str:
    if not path.strip():
        raise InvalidUrl(
            "The URL names no file.", hint="For example sqlite:db/shop.db, or sqlite:/data/shop.db"
        )
    if path.startswith(":memory:"):
        raise InvalidUrl(
            "An in-memory database is gone as soon as dbmate ends, with everything the migrations did.",
            hint="Name a file, for example sqlite:db/shop.db",
        )
    if path.startswith("file:"):
        name = re.sub(r"^file:(//)?(?=/|[^/])", "", path)
        raise InvalidUrl(
            "dbmate does not understand SQLite's own file: URIs here: it looks for a file of that very name.",
            hint=f"Write sqlite:{name}",
        )
    if "?" in path:
        raise InvalidUrl(
            "A file name with ? cannot be used: dbmate takes what follows for options and would open "
            f"{path.split('?', 1)[0]!r} instead.",
            hint="Rename the file.",
        )
    if _ESCAPE.search(path):
        raise InvalidUrl(
            "A file name with a percent sign and two hex digits cannot be used: dbmate decodes it again and opens "
            "another file.",
            hint="Rename the file.",
        )
    if "\x00" in path or "\ufffd" in path or any(0xD800 <= ord(letter) <= 0xDFFF for letter in path):
        raise InvalidUrl("The file's name is not valid text.", hint="Use letters that UTF-8 can hold.")
    if path.endswith("/"):
        raise InvalidUrl(f"{path} is a folder.", hint=f"Name a file in it, for example sqlite:{path}shop.db")
    return path


def _options(query: str, path: str) -> tuple[tuple[str, str], ...]:
    options = tuple(parse_qsl(query.split("#", 1)[0], keep_blank_values=True))
    unknown = [name for name, _ in options if name not in OPTIONS]
    if unknown or not options:
        opened = path.lstrip("/") or path
        raise InvalidUrl(
            f"What follows ? must be options such as _foreign_keys=on; dbmate would open {opened!r} and ignore "
            f"{(unknown or ['it'])[0]!r}.",
            hint="If ? belongs to the file's name, rename the file. Known options: _foreign_keys, _busy_timeout, "
            "_journal_mode, _synchronous, _txlock, …",
        )
    if dict(options).get("mode") == "memory" or dict(options).get("vfs") == "memdb":
        raise InvalidUrl(
            "An in-memory database is gone as soon as dbmate ends, with everything the migrations did.",
            hint="Leave mode=memory out and name a file.",
        )
    return options


def _encoded_path(path: str) -> str:
    return _MUST_ENCODE.sub(lambda found: quote(found.group(), safe=""), path)


def _encoded_option(value: str) -> str:
    return re.sub(r"[\x00-\x20\x7f%#&+]", lambda found: f"%{ord(found.group()):02X}", value)
