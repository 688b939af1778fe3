"""A ZIP of migrations with what is known of them; and what importing one would do."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from .base import Model, Moment
from .requests import OfConnection


class ShareExportRequest(OfConnection):
    versions: list[str] | None = None
    """Versions or filenames; null: all files."""
    comments: bool = True
    schema_file: bool = True
    path: str | None = None
    """Where to write it; null: answered as `content`."""
    overwrite: bool = False


class ShareExported(Model):
    filename: str
    path: str | None = None
    content: str | None = None
    """Base64, where no path was given."""
    files: int
    comments: int
    schema_file: bool
    size_bytes: int
    sha256: str


class SharedFile(Model):
    """A migration in a ZIP's metadata."""

    filename: str
    version: str
    sha256: str
    size_bytes: int
    applied: bool | None = None
    """Where it was exported; null: not known."""


class ShareMetadata(Model):
    """`db-toolkit.json` in the ZIP."""

    format: Literal["db-toolkit-share-1"] = "db-toolkit-share-1"
    connection: str
    engine: str
    tool: str
    tool_version: str | None = None
    app_version: str
    exported_at: Moment
    exported_by: str
    migrations: list[SharedFile]


class ImportState(StrEnum):
    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"
    """A file of this name is here with another text."""
    VERSION_TAKEN = "version_taken"
    """Another file here has this version."""
    REFUSED = "refused"
    """It cannot come in; `reason` says why."""


class ImportChoice(StrEnum):
    TAKE = "take"
    """A new file, as it is."""
    KEEP = "keep"
    """What is here stays; theirs is left out."""
    REPLACE = "replace"
    """Theirs instead of the one that is here (which goes to the trash)."""
    RENUMBER = "renumber"
    """Theirs too, with a new version after all that are here."""


class ImportEntry(Model):
    filename: str
    version: str
    state: ImportState
    choices: list[ImportChoice]
    """What may be chosen, the suggested one first."""
    reason: str | None = None
    theirs: str | None = None
    """Its text; null where it is no text or too large to show."""
    mine: str | None = None
    """Of the file that is here, where they differ."""
    mine_filename: str | None = None
    mine_applied: bool = False
    sha256: str
    size_bytes: int
    out_of_order: bool = False
    """New, and older than the newest one that is applied here."""
    problems: list[str] = Field(default_factory=list)
    """What its tool would not take, in plain sentences; it may still come in."""


class ImportInspection(Model):
    """What an import would do; nothing is written."""

    sha256: str
    """Of the ZIP: `share:import` wants it back, so that what was looked at is what comes in."""
    metadata: ShareMetadata | None = None
    """Null for a ZIP of plain files."""
    entries: list[ImportEntry]
    comments_new: int = 0
    comments_known: int = 0
    schema_file: bool = False
    """Whether a schema file is in it; it is shown, never written over yours."""
    notes: list[str] = Field(default_factory=list)
    """What is in it and left out, and what does not fit (another engine, another version of the app)."""


class ShareSource(OfConnection):
    path: str | None = None
    content: str | None = None
    """Base64, where there is no path."""


class ShareImportRequest(ShareSource):
    sha256: str
    choices: dict[str, ImportChoice] = Field(default_factory=dict)
    """By filename; what is not named takes the first of its choices."""
    comments: bool = True
    confirm: str | None = None


class ImportedFile(Model):
    filename: str
    """As it is here now."""
    was: str
    """As it is in the ZIP."""
    choice: ImportChoice
    written: bool


class ShareImported(Model):
    files: list[ImportedFile]
    comments: int
    """How many were added."""
    says: str
    details: dict[str, Any] = Field(default_factory=dict)
