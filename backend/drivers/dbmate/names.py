"""Names of migration files: which dbmate takes, what their version is, and new ones. Pure.

A new name never becomes a path: everything but letters and digits of any script turns into `_`.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from backend.core.errors import InvalidRequest

MAX_NAME_LENGTH = 100
# With its version and `.sql` a name has to fit the 255 bytes that common file systems give it.
_MAX_NAME_BYTES = 200

_FILE = re.compile(r"([0-9]+).*\.sql")
_DIGITS = re.compile(r"[0-9]*")


def is_migration(filename: str) -> bool:
    """dbmate's `^(\\d+).*\\.sql$`: ASCII digits, case-sensitive."""
    return _FILE.fullmatch(filename) is not None


def version_of(filename: str) -> str:
    """The leading digits, as the migrations table holds them."""
    match = _DIGITS.match(filename)
    return match[0] if match else ""


def sort_key(filename: str) -> bytes:
    """dbmate's order: the filename's bytes, so `10_` comes before `2_`."""
    return os.fsencode(filename)


def name_of(filename: str) -> str:
    """`20260117120000_create_users.sql` → `create_users`."""
    stem = filename[len(version_of(filename)) :]
    while stem.lower().endswith(".sql"):
        stem = stem[:-4]
    return stem.strip("_-. ")


def describe_name(name: str) -> str:
    """The name as it will stand in the filename: letters and digits of any script, words joined by `_`."""
    text = unicodedata.normalize("NFC", name)
    # Marks belong to their letters: without them Hindi or Thai could not be read.
    kept = "".join(
        char if char.isalnum() or unicodedata.category(char) in ("Mn", "Mc") else "_" for char in text
    )
    slug = re.sub(r"_+", "_", kept).strip("_")[:MAX_NAME_LENGTH]
    while len(slug.encode("utf-8")) > _MAX_NAME_BYTES:
        slug = slug[:-1]
    return slug.strip("_")


def new_filename(name: str, moment: datetime, taken: Sequence[str]) -> str:
    """`20260117120000_create_users.sql`, UTC; a second later while the version is taken.

    `taken` holds filenames or versions. A moment without a zone is UTC. Raises InvalidRequest for an empty name.
    """
    slug = describe_name(name)
    if not slug:
        raise InvalidRequest(
            "The name has no letter or digit in it.", hint="Say what it does, for example: create users."
        )
    versions = {version_of(entry) for entry in taken}
    at = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    while (version := at.strftime("%Y%m%d%H%M%S")) in versions:
        at += timedelta(seconds=1)
    return f"{version}_{slug}.sql"
