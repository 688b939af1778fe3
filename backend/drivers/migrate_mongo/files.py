"""The names of migrate-mongo's files: which it takes, in which order, and what new ones are called. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from backend.core.errors import InvalidRequest

EXTENSIONS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")
_STAMP = re.compile(r"^(\d{8,17})[-_. ]*")
_MAX_NAME_BYTES = 150


def extension_of(filename: str) -> str:
    """Node's `path.extname`: the last dot and what follows; none for `.js`, `.js` for `.hidden.js`."""
    dot = filename.rfind(".")
    return "" if dot <= 0 or not filename[:dot].strip(".") else filename[dot:]


def is_migration(filename: str, extensions: Sequence[str]) -> bool:
    """Would the tool take it? It looks at the extension alone, so helpers, hidden files and configurations count too."""
    extension = extension_of(filename)
    return extension in extensions and filename != f"sample-migration{extension}"


def sort_key(filename: str) -> bytes:
    """JavaScript's order of strings: by UTF-16 units."""
    return filename.encode("utf-16-be", "surrogatepass")


def name_of(filename: str) -> str:
    """The words of a filename: `create-users` of `20260117120000-create-users.js`."""
    stem = filename.removesuffix(extension_of(filename))
    return _STAMP.sub("", stem) or stem


def clean_name(name: str) -> str:
    """A name as typed, as it may stand in a filename: words joined by dashes. Raises InvalidRequest for an empty one."""
    plain = unicodedata.normalize("NFC", name).strip()
    for extension in EXTENSIONS:
        plain = plain.removesuffix(extension)
    words = "-".join(re.findall(r"[^\W_]+", plain)).lower()
    while len(words.encode()) > _MAX_NAME_BYTES:
        words = words[:-1]
    words = words.strip("-")
    if not words:
        raise InvalidRequest(
            "The name holds no letter or digit.",
            hint="Say what the migration does: add index to users",
            field="name",
        )
    return words


def new_filename(name: str, moment: datetime, taken: Sequence[str], extension: str) -> str:
    """`20260117120000-create-users.js`; a second later where a file of that second is there. `moment` is UTC."""
    stamps = {found[1] for file in taken if (found := _STAMP.match(file))}
    while (stamp := moment.strftime("%Y%m%d%H%M%S")) in stamps:
        moment += timedelta(seconds=1)
    return f"{stamp}-{clean_name(name)}{extension}"
