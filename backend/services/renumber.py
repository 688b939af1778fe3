"""A new filename for a migration that is to come after all that are there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from backend.core.clock import utc_now
from backend.core.errors import InvalidRequest
from backend.engine.tool import MigrationTool

_STAMP = "%Y%m%d%H%M%S"
_STAMP_DIGITS = 14


def after_all(tool: MigrationTool, filename: str, taken: Sequence[str]) -> str:
    """`filename` with a version behind every one of `taken`, in the way those are numbered: by moment, or 0001, 0002, ….

    Raises InvalidRequest where the folder's numbering leaves no room behind its last file.
    """
    last = max(taken, key=lambda one: tool.sort_key(one), default=None)  # type: ignore[arg-type,return-value]
    if last is None:
        return filename
    counted = _counted(filename, taken, last)
    moment = utc_now()
    found = counted or tool.new_filename(tool.name_of(filename) or "migration", moment, taken)
    if not _is_after(tool, found, last):
        moment = max(moment, (_moment_of(last) or moment) + timedelta(seconds=1))
        found = tool.new_filename(tool.name_of(filename) or "migration", moment, taken)
    if not _is_after(tool, found, last):
        raise InvalidRequest(
            f"No version comes after {last} in this folder's order of names.",
            hint="Rename the file by hand, or leave it out.",
            filename=filename,
        )
    return _with_extension_of(filename, found)


def _is_after(tool: MigrationTool, one: str, other: str) -> bool:
    return bool(tool.sort_key(one) > tool.sort_key(other))  # type: ignore[operator]


def _counted(filename: str, taken: Sequence[str], last: str) -> str | None:
    """The next number, where every file is numbered with as many digits and none is a moment."""
    widths = {len(found[0]) if (found := re.match(r"\d+", one)) else 0 for one in taken}
    if len(widths) != 1 or (width := widths.pop()) in (0, _STAMP_DIGITS):
        return None
    number = str(int(last[:width]) + 1).zfill(width)
    rest = re.sub(r"^\d+", "", filename)
    return number + rest if len(number) == width else None


def _moment_of(filename: str) -> datetime | None:
    try:
        return datetime.strptime(filename[:_STAMP_DIGITS], _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _with_extension_of(old: str, new: str) -> str:
    """MongoDB's files may be .ts, .mjs or .cjs; a new name is .js."""
    old_end, new_end = old.rpartition(".")[2], new.rpartition(".")[2]
    return new if old_end == new_end else f"{new.rpartition('.')[0]}.{old_end}"
