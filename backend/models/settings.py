"""settings.json as a model. Every setting has a default; unknown keys of a newer version are kept aside, not lost."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .backup import BackupSettings
from .base import Model


class EditorSettings(Model):
    font_size: int = Field(13, ge=8, le=32)
    word_wrap: bool = False
    minimap: bool = False
    tab_size: int = Field(2, ge=1, le=8)
    format_on_save: bool = False
    layout: Literal["split", "single"] = "split"


class SafetySettings(Model):
    lock_timeout_s: float | None = Field(30.0, gt=0)
    """How long a statement waits for a lock during a run; null waits for ever."""
    connect_timeout_s: float = Field(10.0, gt=0, le=120)
    allow_out_of_order: bool = False
    dump_schema_after_run: bool = True


class LintSettings(Model):
    disabled: list[str] = Field(default_factory=list)
    """Codes of risk rules that are switched off everywhere."""


class Settings(Model):
    theme: Literal["system", "light", "dark"] = "system"
    keychain: Literal["auto", "off"] = "auto"
    author: str | None = None
    """Who runs are attributed to; absent: git's user.name, else the OS user."""
    editor: EditorSettings = Field(default_factory=EditorSettings)
    safety: SafetySettings = Field(default_factory=SafetySettings)
    lint: LintSettings = Field(default_factory=LintSettings)
    backups: BackupSettings = Field(default_factory=BackupSettings)
    ui: dict[str, Any] = Field(default_factory=dict)
    """What the UI remembers: last page and connection, widths, collapsed rail, hints seen."""
