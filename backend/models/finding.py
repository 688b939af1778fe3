"""What a risk rule found in a migration file. Lines and columns are of the file, both from 1, columns in characters."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from .base import Model
from .connection import EngineName
from .migration import Direction


class Severity(StrEnum):
    """How bad it is where it happens; `info` blocks nothing, `critical` loses data or stops everyone."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class TextEdit(Model):
    """Replace the text from line:column up to (not including) end_line:end_column. Edits of one fix never overlap."""

    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class NewFile(Model):
    """A migration of its own that a fix needs, to be made right after this one."""

    name: str
    """Words for the filename: `index_orders_on_customer_id`."""
    up: str
    down: str = ""
    transaction: bool = True
    """False: its blocks are marked `transaction:false`."""


class Fix(Model):
    """One keystroke: edits to this file and, where the safe form cannot live in it, files to be made after it."""

    title: str
    edits: list[TextEdit] = Field(default_factory=list)
    new_files: list[NewFile] = Field(default_factory=list)


class Finding(Model):
    code: str
    severity: Severity
    title: str
    """The rule's title: `Index built without CONCURRENTLY`."""
    message: str
    """What happens, for this statement, in plain sentences."""
    line: int
    column: int
    end_line: int
    end_column: int
    direction: Direction | None = None
    """The block it stands in; null where it is about the whole file."""
    statement: str = ""
    """The statement's text, at most its first 2,000 characters."""
    safe_form: str | None = None
    """SQL (or JavaScript) that does the same safely, made for this statement; null where there is none."""
    advice: str = ""
    """What to do, in one sentence."""
    fixes: list[Fix] = Field(default_factory=list)
    docs: str = ""
    """The rule's page: `docs/rules/<code>.md`."""
    confirm: bool = False
    """Severe enough to want a typed confirmation."""
    unknown: bool = False
    """The severity is an assumption: the statement was not understood, or the table's size is not known."""
    engine: EngineName
    source: str = ""
    """Of a statement that is refused or not understood, the parser that said so: `postgresql parser`, `sqlite scratch
    copy`, `clickhouse server`, `mysql server`, `sqlglot`, `tree-sitter`, `statement reader`. Empty for the rules."""


class Suppressed(Model):
    """A finding a comment in the file has switched off."""

    finding: Finding
    reason: str
    line: int
    """Of the comment."""


class RuleInfo(Model):
    """A rule as lists and settings show it."""

    code: str
    title: str
    severity: Severity
    engines: list[EngineName]
    harm: str
    advice: str
    origin: list[str] = Field(default_factory=list)
    docs: str
    confirm: bool = False
