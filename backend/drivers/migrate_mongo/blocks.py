"""The text of up and down: taken out of a file for the editor, written back, and new files. Pure text work.

What is shown is the function's body without its indentation. Lines that belong to a template string keep theirs, since
there it is part of a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .grammar import captured, named, parse
from .script import Function, Script

if TYPE_CHECKING:
    from tree_sitter import Node

INDENT = "  "
_TEMPLATES = "(template_string) @template"
_OPEN = "async function f(db, client) {\n"

UP_HINT = '// For example: await db.collection("users").createIndex({ email: 1 }, { unique: true });'
DOWN_HINT = '// Undo what up does, for example: await db.collection("users").dropIndex("email_1");'


def body_text(function: Function, source: bytes, *, typescript: bool) -> str:
    """The body as it is shown: lines joined by \\n, common indentation gone."""
    start, end = function.span
    inner = source[start:end].decode("utf-8", "replace").replace("\r\n", "\n")
    if function.body is None:
        return inner
    if not function.is_block:
        return f"return {inner};"
    return _dedent(inner, _protected_rows(function, typescript) if "`" in inner else set())


def _protected_rows(function: Function, typescript: bool) -> set[int]:
    """Rows of the body (0 = that of the opening brace) that begin inside a template string."""
    body = function.body
    if body is None:
        return set()
    first = body.start_point[0]
    rows: set[int] = set()
    for node in captured(body, _TEMPLATES, typescript=typescript).get("template", ()):
        rows.update(range(node.start_point[0] - first + 1, node.end_point[0] - first + 1))
    return rows


def _dedent(inner: str, protected: set[int]) -> str:
    lines = inner.split("\n")
    shared = _shared_indent(
        [line for row, line in enumerate(lines) if row > 0 and row not in protected and line.strip()]
    )
    shown = [
        line if row in protected else line.removeprefix(shared) if row > 0 else line.lstrip()
        for row, line in enumerate(lines)
    ]
    shown = ["" if not line.strip() and row not in protected else line for row, line in enumerate(shown)]
    while shown and not shown[0].strip():
        shown.pop(0)
    while shown and not shown[-1].strip():
        shown.pop()
    return "\n".join(shown).rstrip(" \t")


def _shared_indent(lines: list[str]) -> str:
    if not lines:
        return ""
    shared = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    for line in lines[1:]:
        while not line.startswith(shared):
            shared = shared[:-1]
    return shared


def _indented(body: str, indent: str, *, typescript: bool) -> str:
    """The body with each line indented, but for those inside template strings and empty ones."""
    body = body.replace("\r\n", "\n").strip("\n").rstrip()
    root = parse((_OPEN + body + "\n}").encode(), typescript=typescript).root_node
    protected: set[int] = set()
    for node in captured(root, _TEMPLATES, typescript=typescript).get("template", ()):
        protected.update(range(node.start_point[0], node.end_point[0]))  # row 0 is the line of _OPEN
    return "\n".join(
        line if row in protected or not line.strip() else indent + line
        for row, line in enumerate(body.split("\n"))
    )


def compose(up: str, down: str, *, esm: bool, typescript: bool = False) -> str:
    """A new file. An empty half becomes a comment that says what belongs there."""
    halves = {"up": up if up.strip() else UP_HINT, "down": down if down.strip() else DOWN_HINT}
    if typescript:
        pieces = [
            f"export async function {name}(db: Db, client: MongoClient): Promise<void> {{\n"
            f"{_indented(body, INDENT, typescript=True)}\n}}\n"
            for name, body in halves.items()
        ]
        return 'import type { Db, MongoClient } from "mongodb";\n\n' + "\n".join(pieces)
    if esm:
        pieces = [
            f"export async function {name}(db, client) {{\n{_indented(body, INDENT, typescript=False)}\n}}\n"
            for name, body in halves.items()
        ]
        return "\n".join(pieces)
    methods = [
        f"{INDENT}async {name}(db, client) {{\n{_indented(body, INDENT * 2, typescript=False)}\n{INDENT}}},\n"
        for name, body in halves.items()
    ]
    return "module.exports = {\n" + "\n".join(methods) + "};\n"


def replace(source: bytes, script: Script, bodies: dict[str, str], *, typescript: bool) -> str:
    """The file with bodies replaced (and missing functions added), everything else as it was."""
    edits: list[tuple[int, int, str]] = []
    for name, body in bodies.items():
        function = script.functions.get(name)
        if function is None:
            if body.strip():
                edits += _added(source, script, name, body, typescript)
        elif body_text(function, source, typescript=typescript) != body:
            edits.append(_edit(source, function, body, typescript))
    newline = b"\r\n" if b"\r\n" in source else b"\n"
    for start, end, text in sorted(edits, reverse=True):
        source = source[:start] + text.encode().replace(b"\n", newline) + source[end:]
    return source.decode("utf-8", "replace")


def _edit(source: bytes, function: Function, body: str, typescript: bool) -> tuple[int, int, str]:
    start, end = function.span
    outer = _indent_at(source, function.node.start_byte)
    block = (
        f"\n{_indented(body, outer + _unit(source), typescript=typescript)}\n{outer}" if body.strip() else ""
    )
    if function.is_block:
        return start, end, block
    if function.body is None:
        return start, end, f"async (db, client) => {{{block}}}"
    # `=> expression` becomes `=> { … }`; parentheses around an object literal belong to the expression.
    return start, end, f"{{{block}}}"


def _added(
    source: bytes, script: Script, name: str, body: str, typescript: bool
) -> list[tuple[int, int, str]]:
    """Where a missing function goes: into the object beside its sibling, or after the last export."""
    unit, container = _unit(source), script.container
    if script.shape == "object" and container is not None and container.type == "object":
        return _added_member(source, container, name, body, typescript)
    inner = _indented(body, unit, typescript=typescript)
    at = container.end_byte if container is not None else len(source.rstrip())
    if script.shape == "esm":
        return [(at, at, f"\n\nexport async function {name}(db, client) {{\n{inner}\n}}")]
    target = "exports" if script.shape == "assignments" else "module.exports"
    return [(at, at, f"\n\n{target}.{name} = async (db, client) => {{\n{inner}\n}};")]


def _added_member(
    source: bytes, container: Node, name: str, body: str, typescript: bool
) -> list[tuple[int, int, str]]:
    unit, outer = _unit(source), _indent_at(source, container.start_byte)
    inner = _indented(body, outer + unit * 2, typescript=typescript)
    method = f"{outer}{unit}async {name}(db, client) {{\n{inner}\n{outer}{unit}}},\n{outer}"
    close = container.end_byte - 1
    at = container.start_byte + 1 + len(source[container.start_byte + 1 : close].rstrip())
    members = list(named(container))
    if not members:
        return [(at, close, f"\n{method}")]
    # The comma follows the last member itself: after it there may be a comment to the end of the line.
    last = members[-1]
    has_comma = any(child.type == "," and child.start_byte >= last.end_byte for child in container.children)
    comma = [] if has_comma else [(last.end_byte, last.end_byte, ",")]
    return [*comma, (at, close, f"\n\n{method}")]


def _indent_at(source: bytes, offset: int) -> str:
    line_start = source.rfind(b"\n", 0, offset) + 1
    line = source[line_start:offset].decode("utf-8", "replace")
    return line[: len(line) - len(line.lstrip())]


def _unit(source: bytes) -> str:
    """The file's own step of indentation: the first indented line tells."""
    for line in source.split(b"\n"):
        stripped = line.lstrip(b" \t")
        if stripped.strip() and not stripped.startswith(b"*") and len(stripped) < len(line):
            return line[: len(line) - len(stripped)].decode()
    return INDENT
