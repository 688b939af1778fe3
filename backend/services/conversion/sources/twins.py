"""Migrations whose up and down are files of their own, found by their names. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.services.conversion.model import Found, Note, SourceFile

_WORD = r"(?:up|down|do|undo|rollback)"
_TAIL = re.compile(rf"(?P<stem>.+?)[._-](?P<half>{_WORD})\.sql", re.IGNORECASE)
_MIDDLE = re.compile(rf"(?P<number>\d+)\.(?P<half>{_WORD})\.(?P<words>.+)\.sql", re.IGNORECASE)
_FOLDER = re.compile(r"(?P<half>up|down)\.sql", re.IGNORECASE)
_DOWN = {"down", "undo", "rollback"}


def halves_of(file: SourceFile) -> tuple[str, bool] | None:
    """(stem, whether it is a down); a plain NUMBER_name.sql is an up. None: no migration."""
    if (hit := _FOLDER.fullmatch(file.name)) and file.folder:
        return file.folder.rpartition("/")[2], hit["half"].lower() in _DOWN
    if hit := _MIDDLE.fullmatch(file.name):
        return f"{hit['number']}_{hit['words']}", hit["half"].lower() in _DOWN
    if (hit := _TAIL.fullmatch(file.name)) and re.match(r"\d", hit["stem"]):
        return hit["stem"], hit["half"].lower() in _DOWN
    if re.fullmatch(r"\d.*\.sql", file.name):
        return file.name.removesuffix(".sql"), False
    return None


def paired(files: Sequence[SourceFile]) -> tuple[list[Found], list[Note]]:
    """Migrations by number, then name; and what belongs to none. Two ups of one number are a problem of the second."""
    found: dict[str, Found] = {}
    left: list[Note] = []
    downs: list[tuple[str, SourceFile]] = []
    for file in files:
        if not file.name.endswith(".sql"):
            continue
        half = halves_of(file)
        if half is None:
            left.append(Note(file.path, "Its name has no number, or no up and down, to tell what it is."))
        elif half[1]:
            downs.append((half[0], file))
        elif half[0] in found:
            found[half[0]].problems.append(
                Note(file.path, f"{found[half[0]].files[0]} is the same migration.")
            )
        else:
            version = _version(half[0])
            words = re.sub(r"^[\d-]*[_.-]*", "", half[0])
            found[half[0]] = Found(half[0], version, words or half[0], [file.path], file.text)
    for stem, file in downs:
        one = found.get(stem)
        if one is None:
            left.append(Note(file.path, "There is no up beside it."))
        else:
            one.down = file.text
            one.files.append(file.path)
    ordered = sorted(found.values(), key=lambda one: (int(one.version or 0), one.key))
    by_version: dict[int, Found] = {}
    for one in ordered:
        other = by_version.setdefault(int(one.version or 0), one)
        if other is not one:
            one.problems.append(Note(one.files[0], f"{other.files[0]} has this version too."))
    return ordered, left


def _version(stem: str) -> str:
    """The leading number; diesel's 2024-01-01-120000 without its dashes."""
    dated = re.match(r"(\d{4})-(\d{2})-(\d{2})-(\d{4,6})", stem)
    if dated:
        return "".join(dated.groups())
    return (re.match(r"\d*", stem) or [""])[0]
