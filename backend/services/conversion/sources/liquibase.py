"""Liquibase formatted SQL: changesets with author:id, rollback lines, runInTransaction:false; the rest is named."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from backend.services.conversion.model import Found, Note, Options, Reading, Row, Source, SourceFile, There
from backend.services.conversion.sections import sections, trimmed

from .placeholders import filled

_HEAD = re.compile(r"\s*--\s*liquibase\s+formatted\s+sql.*", re.IGNORECASE)
_SET = re.compile(r'\s*--\s*changeset\s+("[^"]+"|[^\s:]+):("[^"]+"|\S+)(.*)', re.IGNORECASE)
_ROLLBACK = re.compile(r"\s*--\s*rollback\s?(.*)", re.IGNORECASE)
_OTHER = re.compile(
    r"\s*--\s*(preconditions?|precondition-\S+|property|include\S*|validchecksum:?|ignoreLines\S*)\b.*", re.I
)
_PROPERTY = re.compile(r"(?im)^\s*--\s*property\s+name[:=](\S+)\s+value[:=](\S+)")
_ATTRIBUTE = re.compile(r'(\w+):("[^"]*"|\S+)')
_BLOCK = re.compile(r"(?is)/\*\s*liquibase\s+rollback\s*\n(.*?)\*/")


class Liquibase(Source):
    name = "liquibase"
    label = "Liquibase"
    table = "databasechangelog"

    def evidence(self, files: Sequence[SourceFile]) -> tuple[int, str]:
        for file in files:
            if (
                file.name.endswith(".sql")
                and file.text
                and _HEAD.match(file.text.lstrip().splitlines()[0] if file.text.strip() else "")
            ):
                return 98, f"`--liquibase formatted sql` at the head of {file.path}"
        for file in files:
            if file.name.endswith((".xml", ".yaml", ".yml", ".json")) and "databaseChangeLog" in file.text:
                return 50, f"a databaseChangeLog in {file.path}"
        return 0, ""

    def read(self, files: Sequence[SourceFile], options: Options) -> Reading:
        reading = Reading()
        for file in files:
            if not file.name.endswith(".sql"):
                if "databaseChangeLog" in file.text:
                    reading.left_out.append(
                        Note(file.path, "A changelog that is no SQL is not carried over. Where it includes the SQL files "
                                        "in another order than their names', mind that order.")
                    )  # fmt: skip
                continue
            first = file.text.lstrip().splitlines()[0] if file.text.strip() else ""
            if not _HEAD.match(first):
                reading.left_out.append(
                    Note(file.path, "It does not begin with `--liquibase formatted sql`.")
                )
                continue
            parts = sections(file.text, _SET)
            values = {**_properties(file.text), **options.placeholders}
            for section in parts:
                if section.marker is not None:
                    reading.migrations.append(
                        _changeset(file, section.marker, section.text, section.line, values)
                    )
                else:
                    reading.left_out += [
                        Note(file.path, f"`{row.strip()[:80]}` is not carried over.", number)
                        for number, row in enumerate(section.text.splitlines(), section.line)
                        if _OTHER.fullmatch(row) and not _PROPERTY.search(row)
                    ]
        seen: dict[str, Found] = {}
        for one in reading.migrations:
            if one.key in seen and seen[one.key].files != one.files:
                # The same author and id in two files are two changesets.
                one.key = f"{one.key} {one.files[0]}"
            elif one.key in seen:
                one.problems.append(
                    Note(one.files[0], f"{seen[one.key].files[0]} has the changeset {one.key} too.")
                )
            seen.setdefault(one.key, one)
        reading.notes.append(
            Note("", "Changesets run in the order of the files' names and of the lines in them.")
        )
        return reading

    def state(self, table: str, rows: Sequence[Row], migrations: Sequence[Found]) -> There:
        there = There(table)
        known = {one.key for one in migrations}
        by_key: dict[str, list[Found]] = {}
        for one in migrations:
            by_key.setdefault(one.key.removesuffix(f" {one.files[0]}"), []).append(one)
        for row in sorted(rows, key=lambda one: int(one.get("orderexecuted") or 0)):
            key = _among(by_key, f"{row.get('author')}:{row.get('id')}", row.get("filename") or "")
            kind = (row.get("exectype") or "EXECUTED").upper()
            if kind in {"FAILED", "SKIPPED"}:
                if kind == "FAILED" and key in known:
                    there.failed.add(key)
            elif key in known:
                there.failed.discard(key)
                there.applied.add(key)
            elif key not in there.unknown:
                there.unknown.append(key)
        return there


def _changeset(
    file: SourceFile, head: re.Match[str], text: str, line: int, values: Mapping[str, str]
) -> Found:
    author, number = head[1].strip('"'), head[2].strip('"')
    one = Found(key=f"{author}:{number}", version="", name=f"{number} {author}", files=[file.path], up="")
    attributes = {name.lower(): value.strip('"') for name, value in _ATTRIBUTE.findall(head[3])}
    if attributes.pop("runintransaction", "true").lower() == "false":
        one.transaction = one.transaction_down = False
    delimiter = attributes.pop("enddelimiter", ";")
    attributes.pop("splitstatements", None)
    attributes.pop("stripcomments", None)
    for name, value in attributes.items():
        said = f"{name}:{value} is not carried over: the changeset runs once, everywhere."
        if name not in {"failonerror", "logicalfilepath"}:
            one.notes.append(Note(file.path, said, line))
    rollback: list[str] = []
    for block in _BLOCK.findall(text):
        rollback.append(block)
    text = _BLOCK.sub("", text)
    kept: list[str] = []
    for number_of, row in enumerate(text.splitlines(keepends=True), line + 1):
        back, other = _ROLLBACK.fullmatch(row.rstrip("\r\n")), _OTHER.fullmatch(row.rstrip("\r\n"))
        if back is not None:
            rollback.append(back[1] + "\n")
        elif other is not None:
            one.notes.append(Note(file.path, f"`{row.strip()[:80]}` is not carried over.", number_of))
        else:
            kept.append(row)
    up, notes, missing = filled("".join(kept), values, file.path, first_line=line + 1)
    # Liquibase leaves a parameter without a value as it stands.
    notes += [Note(file.path, "`${…}` without a value stays as it is.", at.line) for at in missing]
    down, _, _ = filled("".join(rollback).strip(), values, file.path)
    if down.lower() in {"empty", "not required", "none"}:
        down = ""
    elif down.lower().startswith("changesetid:"):
        one.notes.append(
            Note(file.path, "A rollback that names another changeset is not carried over.", line)
        )
        down = ""
    if delimiter != ";":
        up, down = (_delimited(part, delimiter) for part in (up, down))
        one.notes.append(
            Note(file.path, f"The delimiter {delimiter} was replaced by what dbmate takes.", line)
        )
    one.up, one.notes, one.problems = trimmed(up), [*one.notes, *notes], []
    one.down = down if rollback else None
    return one


def _properties(text: str) -> dict[str, str]:
    """Parameters the file sets itself: `--property name:table value:users`."""
    return {hit[1]: hit[2] for hit in _PROPERTY.finditer(text)}


def _among(by_key: Mapping[str, list[Found]], key: str, filename: str) -> str:
    """The changeset's key; where several files have it, that of the file the table names."""
    found = by_key.get(key, [])
    name = filename.rpartition("/")[2]
    named = [one for one in found if one.files[0].rpartition("/")[2] == name] or found
    return named[0].key if named else key


def _delimited(text: str, delimiter: str) -> str:
    """Statements that ended with another delimiter (or `/`, `GO` on a line of its own) end with `;`."""
    pattern = delimiter.replace("\\n", "\n")
    if re.fullmatch(r"\w+|/", pattern.strip()):
        parts = re.split(rf"(?im)^\s*{re.escape(pattern.strip())}\s*$", text)
    else:
        parts = text.split(pattern)
    return "\n".join(
        part.rstrip() if part.rstrip().endswith(";") else part.rstrip() + ";"
        for part in parts
        if part.strip()
    )


SOURCE = Liquibase()
