"""A template file: a migration of its tool with a header that declares the fields. Pure: bytes in, `TemplateFile` out.

    -- title: Add a column
    -- group: Columns
    -- description: Adds a column to a table.
    -- name: add_{{column}}_to_{{table}}
    -- field table: table | Table
    -- field column: name | New column
    -- field type: type | Type
    -- field default: expression, optional | Default
    -- example column: nickname
    -- migrate:up
    ALTER TABLE {{table}} ADD COLUMN {{column}} {{type}}{{#default}} DEFAULT {{default}}{{/default}};
    -- migrate:down
    ALTER TABLE {{table}} DROP COLUMN {{column}};

In JavaScript the header stands after `//` and the body is a migrate-mongo file. A line `-- file: step` (`// file:`)
begins a further migration, where one has to be applied before the next.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from backend.engine.sqllex import Kind, Words, lexer, skip_dollar, skip_nested_comment
from backend.engine.tool import MigrationTool
from backend.models.template import FieldChoice, FieldKind, TemplateField, TemplateSource

from . import syntax
from .quoting import Quoting
from .syntax import Malformed, Node, Place, Section

MAX_BYTES = 256 * 1024
_KEYS = ("title", "group", "description", "name", "safe", "destructive", "field", "example")
_NEEDED = ("title", "group", "description", "name")
_HEADER = re.compile(r"([a-z]+)(?:[ \t]+([^\s:]+))?:(?:[ \t]+(.*))?")
_SPEC = re.compile(
    r"(?P<kind>[a-z-]+)(?:\s+of\s+(?P<of>[a-z][a-z0-9_]*))?(?:\s*\((?P<choices>[^)]*)\))?"
    r"(?P<optional>\s*,\s*optional)?(?:\s*=\s*(?P<default>.*))?"
)
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]*")
_OF_A_TABLE = {FieldKind.COLUMN, FieldKind.COLUMNS, FieldKind.KEYS, FieldKind.INDEX}
_TABLES = {FieldKind.TABLE, FieldKind.NEW_TABLE, FieldKind.VIEW}
_LISTS = {
    FieldKind.COLUMNS, FieldKind.KEYS, FieldKind.VALUES, FieldKind.COLUMN_LIST, FieldKind.ROWS, FieldKind.JSON,
}  # fmt: skip
_ANYWHERE = {"comment", "literal"}
FORMS: dict[FieldKind, set[str]] = {
    FieldKind.TABLE: {"definition", "table", "indexes", "columns", "name", "old", "rules"},
    FieldKind.NEW_TABLE: {"name"},
    FieldKind.VIEW: {"definition", "name"},
    FieldKind.ENUM: {"old", "oldname"},
    FieldKind.COLUMN: {"definition", "type", "default", "nullability"},
    FieldKind.NAME: {"definition", "qualified"},
    FieldKind.INDEX: {"definition", "qualified"},
    FieldKind.ROWS: {"columns", "match"},
    FieldKind.COLUMN_LIST: {"key", "names"},
}
"""What may follow a field's name after `|`, besides `comment` and `literal`."""
_MARK = "zq0field0qz"


@dataclass(frozen=True, slots=True)
class Part:
    """One migration of a template."""

    step: str | None
    nodes: list[Node]
    line: int


@dataclass(frozen=True, slots=True)
class TemplateFile:
    id: str
    path: Path
    source: TemplateSource
    title: str
    group: str
    description: str
    name: str
    name_nodes: list[Node]
    parts: list[Part]
    fields: list[TemplateField]
    defaults: dict[str, list[Node]] = field(default_factory=dict)
    """Defaults that hold other fields."""
    safe: str | None = None
    destructive: bool = False

    def field_named(self, name: str) -> TemplateField | None:
        return next((one for one in self.fields if one.name == name), None)


def read(
    path: Path, data: bytes, source: TemplateSource, quoting: Quoting, tool: MigrationTool
) -> TemplateFile:
    """The template in a file's bytes. Raises Malformed with the line."""
    return _Reader(path, source, quoting, tool).read(_text(data))


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise Malformed(f"the file is larger than {MAX_BYTES // 1024} kB", 1)
    if b"\0" in data:
        raise Malformed(
            "the file is not text: it holds a zero byte", data.count(b"\n", 0, data.index(b"\0")) + 1
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Malformed(f"the file is not UTF-8 text: byte {error.start + 1} cannot be read", line) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


class _Reader:
    def __init__(self, path: Path, source: TemplateSource, quoting: Quoting, tool: MigrationTool) -> None:
        self.path = path
        self.source = source
        self.quoting = quoting
        self.tool = tool
        self.values: dict[str, str] = {}
        self.fields: list[TemplateField] = []
        self.lines: dict[str, int] = {}
        self.examples: dict[str, tuple[str, int]] = {}
        self.defaults: dict[str, list[Node]] = {}

    def read(self, text: str) -> TemplateFile:
        lines = text.split("\n")
        end = self._header(lines)
        for key in _NEEDED:
            if key not in self.values:
                raise Malformed(f"the header has no `{self.quoting.comment} {key}: …`", 1)
        self._examples()
        name_nodes = syntax.parse(self.values["name"], self.lines["name"])
        self._check_nodes(name_nodes)
        for field_name, nodes in self.defaults.items():
            self._check_nodes(nodes)
            self._check_default(field_name, nodes)
        parts = self._parts(lines, end)
        return TemplateFile(
            id=self.path.stem,
            path=self.path,
            source=self.source,
            title=self.values["title"],
            group=self.values["group"],
            description=self.values["description"],
            name=self.values["name"],
            name_nodes=name_nodes,
            parts=parts,
            fields=self.fields,
            defaults=self.defaults,
            safe=self.values.get("safe"),
            destructive=self.values.get("destructive") == "yes",
        )

    # -- header --------------------------------------------------------------------------------------------------

    def _header(self, lines: list[str]) -> int:
        """Reads it and answers the number of its lines."""
        comment = self.quoting.comment
        for number, line in enumerate(lines, 1):
            stripped = line.strip()
            if not stripped:
                continue
            if (
                not stripped.startswith(comment)
                or _is_mark(line, comment, "migrate:")
                or _is_mark(line, comment, "file:")
            ):
                return number - 1
            found = _HEADER.fullmatch(stripped[len(comment) :].strip())
            if found:
                self._key(found[1], found[2], (found[3] or "").strip(), number)
        return len(lines)

    def _key(self, key: str, argument: str | None, value: str, line: int) -> None:
        if key not in _KEYS or (argument is not None) != (key in {"field", "example"}):
            said = f"{key} {argument}" if argument else key
            raise Malformed(f"there is no header `{said}:`; known are {', '.join(_KEYS)}", line)
        if key == "field":
            self._field(argument or "", value, line)
        elif key == "example":
            self.examples[argument or ""] = (value, line)
        elif key in self.values:
            raise Malformed(f"`{key}:` stands twice, first on line {self.lines[key]}", line)
        elif not value:
            raise Malformed(f"`{key}:` is empty", line)
        else:
            self.values[key], self.lines[key] = value, line

    def _field(self, name: str, value: str, line: int) -> None:
        if not _FIELD_NAME.fullmatch(name):
            raise Malformed(f"{name!r} is no name for a field: small letters, digits and _", line)
        if any(one.name == name for one in self.fields):
            raise Malformed(f"the field {name} is declared twice", line)
        spec_text, _, rest = value.partition(" | ")
        label, _, help_text = rest.partition(" | ")
        spec = _SPEC.fullmatch(spec_text.strip())
        if spec is None:
            raise Malformed(
                f"the field {name} does not read as `kind[ of table][, optional][ = default] | Label | help`",
                line,
            )
        try:
            kind = FieldKind(spec["kind"])
        except ValueError:
            known = ", ".join(FieldKind)
            raise Malformed(
                f"the field {name} has the unknown kind {spec['kind']!r}; known are {known}", line
            ) from None
        made = TemplateField(
            name=name,
            kind=kind,
            label=label.strip() or name.replace("_", " ").capitalize(),
            help=help_text.strip() or None,
            required=not spec["optional"] and spec["default"] is None,
            of=spec["of"],
            choices=self._choices(name, kind, spec["choices"], line),
        )
        self._check_of(made, line)
        self.lines[f"field {name}"] = line
        self.fields.append(
            made if spec["default"] is None else self._defaulted(made, spec["default"].strip(), line)
        )

    def _choices(self, name: str, kind: FieldKind, text: str | None, line: int) -> list[FieldChoice]:
        if (kind is FieldKind.CHOICE) != (text is not None):
            said = "has no choices: write choice(a, b)" if text is None else "may not have choices"
            raise Malformed(f"the field {name} {said}", line)
        return [
            FieldChoice(value=one.strip(), label=one.strip())
            for one in (text or "").split(",")
            if one.strip()
        ]

    def _check_of(self, made: TemplateField, line: int) -> None:
        if made.of is None:
            if made.kind in _OF_A_TABLE:
                raise Malformed(
                    f"the field {made.name} does not say whose: write `{made.kind} of table`", line
                )
            return
        owner = next((one for one in self.fields if one.name == made.of), None)
        if owner is None or owner.kind not in _TABLES:
            raise Malformed(f"the field {made.name} is of {made.of}, which is no table field above it", line)

    def _defaulted(self, made: TemplateField, text: str, line: int) -> TemplateField:
        if "{{" in text:
            self.defaults[made.name] = syntax.parse(text, line)
            return made.model_copy(update={"default": text})
        return made.model_copy(
            update={"default": _value(made.kind, text, f"the default of {made.name}", line)}
        )

    def _examples(self) -> None:
        known = {one.name: index for index, one in enumerate(self.fields)}
        for name, (text, line) in self.examples.items():
            if name not in known:
                self._unknown(name, line)
            index = known[name]
            value = _value(self.fields[index].kind, text, f"the example of {name}", line)
            self.fields[index] = self.fields[index].model_copy(update={"example": value})

    def _unknown(self, name: str, line: int) -> NoReturn:
        known = ", ".join(one.name for one in self.fields) or "none"
        raise Malformed(f"there is no field {name}; declared are: {known}", line)

    # -- body ----------------------------------------------------------------------------------------------------

    def _parts(self, lines: list[str], end: int) -> list[Part]:
        starts: list[tuple[int, str | None]] = []
        first = next((index for index in range(end, len(lines)) if lines[index].strip()), None)
        if first is None:
            raise Malformed("there is no migration below the header", len(lines))
        for index in range(first, len(lines)):
            if _is_mark(lines[index], self.quoting.comment, "file:"):
                step = lines[index].partition("file:")[2].strip()
                if not step:
                    raise Malformed("`file:` does not say how the step is called", index + 1)
                starts.append((index, step))
        if not starts:
            starts = [(first, None)]
        elif starts[0][0] != first:
            raise Malformed("what stands before the first `file:` belongs to no file", first + 1)
        bounds = [*(index for index, _ in starts), len(lines)]
        return [
            self._part(step, lines, start + (step is not None), bounds[number + 1])
            for number, (start, step) in enumerate(starts)
        ]

    def _part(self, step: str | None, lines: list[str], start: int, end: int) -> Part:
        text = "\n".join(lines[start:end]) + "\n"
        nodes = syntax.parse(text, start + 1)
        self._check_nodes(nodes)
        self._check_form(syntax.sketch(text, _MARK), start)
        return Part(step, nodes, start + 1)

    def _check_form(self, sketch: str, lines_before: int) -> None:
        """The part as a migration, with something in every place."""
        if self.tool.language == "sql":
            self._check_places(sketch, lines_before)
        name = "20260101000000_template.sql" if self.tool.language == "sql" else "20260101000000-template.js"
        parsed = self.tool.parse(Path(name), sketch.encode())
        for problem in parsed.problems:
            if problem.severity == "error":
                raise Malformed(problem.message.replace(_MARK, "{{…}}"), lines_before + (problem.line or 1))
        if parsed.up is None:
            raise Malformed("there is no up", lines_before + 1)

    def _check_places(self, sketch: str, lines_before: int) -> None:
        """Names and values bring their own quotes: a place inside quotes would have them twice."""
        dialect = "postgres" if self.quoting.dialect == "spanner" else self.quoting.dialect
        scan = lexer(dialect, words=Words.NONE, delimiter=";").match
        position = 0
        while position < len(sketch):
            match = scan(sketch, position)
            if match is None or match.lastindex is None:
                return
            kind, end = Kind(match.lastindex), match.end()
            if kind is Kind.DOLLAR:
                end = skip_dollar(sketch, match)
            elif kind is Kind.NESTED_COMMENT:
                end = skip_nested_comment(sketch, end)
            if kind is Kind.QUOTED and _MARK in sketch[position:end]:
                line = lines_before + sketch.count("\n", 0, position) + 1
                raise Malformed(
                    "a field stands inside quotes; fields bring their own, so leave the quotes out", line
                )
            position = end

    def _check_nodes(self, nodes: list[Node]) -> None:
        for node in syntax.walk(nodes):
            found = next((one for one in self.fields if one.name == node.name), None)
            if found is None:
                self._unknown(node.name, node.line)
            if isinstance(node, Place):
                self._check_place(found, node)
            else:
                self._check_section(found, node)

    def _check_place(self, found: TemplateField, place: Place) -> None:
        if place.form is None or place.form in _ANYWHERE:
            return
        known = FORMS.get(found.kind, set())
        if place.form not in known or (found.kind is FieldKind.NAME and found.of is None):
            said = ", ".join(sorted(known | _ANYWHERE))
            raise Malformed(
                f"{found.name} ({found.kind}) has no form {place.form!r}; it has {said}", place.line
            )

    def _check_section(self, found: TemplateField, section: Section) -> None:
        if section.kind == syntax.RECREATE and (
            self.quoting.dialect != "sqlite" or found.kind is not FieldKind.TABLE
        ):
            raise Malformed("`#recreate` is for a table field of SQLite", section.line)
        if section.equals is not None and found.kind is FieldKind.CHOICE:
            known = [one.value for one in found.choices]
            if section.equals not in known:
                raise Malformed(
                    f"{found.name} is never {section.equals!r}; it is one of {', '.join(known)}", section.line
                )

    def _check_default(self, name: str, nodes: list[Node]) -> None:
        order = [one.name for one in self.fields]
        for node in syntax.walk(nodes):
            if order.index(node.name) >= order.index(name):
                raise Malformed(
                    f"the default of {name} uses {node.name}, which does not come before it", node.line
                )


def _is_mark(line: str, comment: str, mark: str) -> bool:
    return line.startswith(comment) and line[len(comment) :].lstrip(" \t").startswith(mark)


def _value(kind: FieldKind, text: str, what: str, line: int) -> Any:
    """A default or example as it would come from outside."""
    if kind is FieldKind.BOOLEAN:
        if text not in {"true", "false"}:
            raise Malformed(f"{what} is neither true nor false", line)
        return text == "true"
    if kind in _LISTS or kind in {FieldKind.NUMBER, FieldKind.VALUE}:
        try:
            return json.loads(text)
        except ValueError as error:
            raise Malformed(f"{what} is not JSON: {error}", line) from None
    return text
