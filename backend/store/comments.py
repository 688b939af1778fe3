"""comments.json: one line a comment, so that git merges it line by line.

    {
    "format": "db-toolkit-comments-1",
    "comments": [
    {"id": …},
    {"id": …},
    null]}

Every comment's line ends with a comma and the last line is always the same, so two sides that both added lines are JSON
again when git keeps them all (`comments.json merge=union` in .gitattributes). A comment that was deleted stays as a line
without its text, or a merge would bring it back. Lines of one id, which a merge of two edits leaves, are laid over each
other: the latest text counts, the others are its history. Conflict markers are read through, both sides kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from backend.core.errors import Conflict
from backend.core.paths import storage_errors, write_atomically
from backend.models.base import Moment
from backend.models.comment import Comment, CommentEdit

FILE = "comments.json"
_FORMAT = "db-toolkit-comments-1"
_HEAD, _TAIL = f'{{\n"format": "{_FORMAT}",\n"comments": [\n', "null]}\n"
_MARKER = re.compile(r"^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?$")
_FRAME = re.compile(r'^(?:[\[\]{},\s]|null|"format"\s*:\s*"[^"]*"|"comments"\s*:)*$')
_MOST_BYTES = 50_000_000


class KeptComment(Comment):
    """A line of the file."""

    deleted_at: Moment | None = None


@dataclass
class Read:
    """What the file holds."""

    comments: dict[str, KeptComment] = field(default_factory=dict)
    """By id; deleted ones too."""
    problem: str | None = None
    lost: bool = False
    """Whether something in the file could not be read: then it is not written over."""


def read(path: Path) -> Read:
    """Everything in it that can be read. Raises StorageFailed where the file itself cannot."""
    try:
        with storage_errors(path, "read"):
            if path.stat().st_size > _MOST_BYTES:
                return Read(problem=f"{path.name} is larger than {_MOST_BYTES // 1_000_000} MB.", lost=True)
            data = path.read_bytes()
    except Exception as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return Read()
        raise
    return parse(data, path.name)


def parse(data: bytes, name: str) -> Read:
    """What these bytes of a file called `name` hold."""
    text = data.decode("utf-8-sig", errors="replace")
    if not text.strip():
        return Read()
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _by_lines(text, name)
    return _of_json(found, name)


def write(path: Path, comments: Iterable[KeptComment]) -> None:
    """The whole file. Raises StorageFailed, DiskFull, PermissionDenied."""
    write_atomically(path, text(comments))


def text(comments: Iterable[KeptComment]) -> bytes:
    """The whole file, in the order of the moments they were written."""
    lines = [
        json.dumps(_plain(one), ensure_ascii=False) + ",\n"
        for one in sorted(comments, key=lambda one: (one.at, one.id))
    ]
    return (_HEAD + "".join(lines) + _TAIL).encode()


def must_be_writable(found: Read, path: Path) -> None:
    if found.lost:
        raise Conflict(
            f"{path.name} has lines that cannot be read, and writing it would lose them. {found.problem}",
            hint="Mend the file, or move it away: a new one is begun then.",
            path=str(path),
        )


def laid_over(versions: Sequence[KeptComment]) -> KeptComment:
    """One comment of all lines that have its id."""
    latest = max(versions, key=lambda one: (one.edited_at or one.at, one.text))
    said = {(edit.at, edit.text) for one in versions for edit in one.history}
    said |= {(one.edited_at or one.at, one.text) for one in versions if one.deleted_at is None}
    said.discard((latest.edited_at or latest.at, latest.text))
    deleted = next((one for one in versions if one.deleted_at is not None), None)
    if deleted is not None:
        return deleted
    history = [CommentEdit(at=at, text=text) for at, text in sorted(said)]
    return latest.model_copy(update={"history": history})


# -- inside --------------------------------------------------------------------------------------------------------


def _of_json(found: Any, name: str) -> Read:
    if not isinstance(found, dict) or not isinstance(found.get("comments"), list):
        return Read(problem=f"{name} is not a file of comments.", lost=True)
    kept: list[KeptComment] = []
    strange = 0
    for one in found["comments"]:
        if one is None:
            continue
        comment = _comment(one)
        if comment is None:
            strange += 1
        else:
            kept.append(comment)
    said = f"{strange} of its comments cannot be read." if strange else None
    if found.get("format") != _FORMAT:
        said = f"{name} was written by another version ({str(found.get('format'))[:60]})."
    return Read(_by_id(kept), said, lost=said is not None)


def _by_lines(text: str, name: str) -> Read:
    """A file that is no JSON: after a merge that left its markers, or cut off."""
    kept: list[KeptComment] = []
    strange, conflicted = [], False
    for number, line in enumerate(text.splitlines(), 1):
        if _MARKER.match(line):
            conflicted = True
            continue
        if _FRAME.match(line):
            continue
        try:
            comment = _comment(json.loads(line.strip().rstrip(",")))
        except (ValueError, RecursionError):
            comment = None
        if comment is None:
            strange.append(number)
        else:
            kept.append(comment)
    if strange:
        listed = ", ".join(map(str, strange[:5])) + (" …" if len(strange) > 5 else "")
        return Read(_by_id(kept), f"Line {listed} of {name} cannot be read.", lost=True)
    if conflicted:
        said = "A merge left its conflict markers in it: the comments of both sides are here, and the next one that is"
        return Read(_by_id(kept), f"{said} written joins them.")
    return Read(_by_id(kept), f"{name} was cut off; what is left of it is here.")


def _by_id(kept: Iterable[KeptComment]) -> dict[str, KeptComment]:
    found: dict[str, list[KeptComment]] = {}
    for one in kept:
        found.setdefault(one.id, []).append(one)
    return {key: laid_over(lines) if len(lines) > 1 else lines[0] for key, lines in found.items()}


def _comment(given: Any) -> KeptComment | None:
    if not isinstance(given, dict):
        return None
    try:
        found = KeptComment.model_validate(given)
    except ValidationError:
        return None
    moments = [found.at, found.edited_at, found.deleted_at, *(one.at for one in found.history)]
    # Moments without a zone cannot be put in an order with the others.
    return None if any(one is not None and one.tzinfo is None for one in moments) else found


def _plain(one: KeptComment) -> dict[str, Any]:
    return one.model_dump(mode="json", exclude_defaults=True)


__all__ = ["FILE", "KeptComment", "Read", "laid_over", "must_be_writable", "parse", "read", "text", "write"]
