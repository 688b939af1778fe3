"""The text of a template: `{{field}}`, `{{field|form}}` and sections. Pure.

`{{#field}} … {{/field}}` stays where the field has a value, `{{^field}} … {{/field}}` where it has none,
`{{#field=a}} … {{/field}}` where it is `a`; `{{#recreate table}} … {{/recreate}}` is the
table's CREATE TABLE with one column or constraint changed, added or, where only `CONSTRAINT name` stands there, gone.
A line that holds nothing but the beginning or end of a section vanishes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

RECREATE = "recreate"
_TAG = re.compile(r"\{\{(.*?)\}\}")
_ALONE = re.compile(r"^[ \t]*(\{\{[#^/][^{}\n]*\}\})[ \t]*(?:\n|\Z)", re.MULTILINE)
_PLACE = re.compile(r"([a-z][a-z0-9_]*)(?:\|([a-z]+))?")
_SECTION = re.compile(r"([#^])([a-z][a-z0-9_]*)(?:=([^{}]+))?")
_RECREATE = re.compile(r"#recreate\s+([a-z][a-z0-9_]*)")


class Malformed(Exception):
    """The template does not parse. `line` counts from 1 in the file."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


@dataclass(frozen=True, slots=True)
class Place:
    """`{{name}}` or `{{name|form}}`."""

    name: str
    form: str | None
    line: int


@dataclass(slots=True)
class Section:
    """`kind` is `#`, `^` or `recreate`."""

    kind: str
    name: str
    equals: str | None
    line: int
    nodes: list[Node] = field(default_factory=list)


Node = str | Place | Section


def parse(text: str, first_line: int) -> list[Node]:
    """The nodes of a text that begins at that line of its file. Raises Malformed."""
    root: list[Node] = []
    open_ones: list[Section] = []
    position = 0
    alone = {match.start(1): match for match in _ALONE.finditer(text)}
    while (start := text.find("{{", position)) >= 0:
        line = first_line + text.count("\n", 0, start)
        match = _TAG.match(text, start)
        if match is None:
            raise Malformed("this {{ is not closed by }} on the same line", line)
        inner = match[1].strip()
        if "{{" in match[1]:
            raise Malformed("fields cannot be nested: there is a {{ inside {{ }}", line)
        into = open_ones[-1].nodes if open_ones else root
        begin, end = start, match.end()
        if start in alone:
            begin, end = alone[start].start(), alone[start].end()
        into.append(text[position:begin])
        position = end
        if inner.startswith("/"):
            _close(open_ones, inner[1:].strip(), line)
        elif inner[:1] in {"#", "^"}:
            section = _section(inner, line)
            into.append(section)
            open_ones.append(section)
        else:
            into.append(_place(inner, line))
    if open_ones:
        section = open_ones[-1]
        raise Malformed(f"the section {{{{{section.kind}{section.name}}}}} is never closed", section.line)
    root.append(text[position:])
    return root


def _place(inner: str, line: int) -> Place:
    found = _PLACE.fullmatch(inner)
    if found is None:
        raise Malformed(f"{{{{{inner}}}}} is not a field: write {{{{name}}}} or {{{{name|form}}}}", line)
    return Place(found[1], found[2], line)


def _section(inner: str, line: int) -> Section:
    if found := _RECREATE.fullmatch(inner):
        return Section(RECREATE, found[1], None, line)
    found = _SECTION.fullmatch(inner)
    if found is None:
        raise Malformed(
            f"{{{{{inner}}}}} is not a section: write {{{{#name}}}}, {{{{^name}}}} or {{{{#name=value}}}}",
            line,
        )
    return Section(found[1], found[2], found[3].strip() if found[3] else None, line)


def _close(open_ones: list[Section], name: str, line: int) -> None:
    if not open_ones:
        raise Malformed(f"{{{{/{name}}}}} closes a section that was not opened", line)
    section = open_ones.pop()
    expected = RECREATE if section.kind == RECREATE else section.name
    if name != expected:
        raise Malformed(f"{{{{/{name}}}}} should be {{{{/{expected}}}}}, opened on line {section.line}", line)


def walk(nodes: list[Node]) -> Iterator[Place | Section]:
    """Every place and section, outer ones first."""
    for node in nodes:
        if isinstance(node, str):
            continue
        yield node
        if isinstance(node, Section):
            yield from walk(node.nodes)


def sketch(text: str, filler: str) -> str:
    """The text with every place filled alike, `#` sections in and `^` sections out; lines stay where they are.

    The text must be one that `parse` takes.
    """
    parts: list[str] = []
    kinds: list[str] = []
    position = 0
    for match in _TAG.finditer(text):
        piece = text[position : match.start()]
        parts.append("\n" * piece.count("\n") if "^" in kinds else piece)
        position = match.end()
        inner = match[1].strip()
        if inner.startswith("/"):
            kinds.pop()
        elif inner[:1] in {"#", "^"}:
            kinds.append(inner[0])
        elif "^" not in kinds:
            parts.append(filler)
    return "".join([*parts, text[position:]])
