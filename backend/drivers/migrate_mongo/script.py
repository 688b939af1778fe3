"""Finds the functions up and down in a migration file, in every form JavaScript has for exporting them.

Nothing is run, so what only running would show (exports built by a call, re-exported from another file) is *dynamic*:
there may be an up, but where it is cannot be said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from .grammar import Document, document, named, text
from .names import CLASSES, FUNCTIONS, declared, declared_by, key, keys, path

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPPERS = {
    "parenthesized_expression",
    "as_expression",
    "satisfies_expression",
    "non_null_expression",
    "await_expression",
}
_MAX_DEPTH = 12
Shape = Literal["object", "assignments", "esm", "none"]


@dataclass(frozen=True, slots=True)
class Function:
    """An up or a down. `holder` is the whole piece of code that exports it, `node` its function or, where that is
    built by something else, the expression."""

    holder: Node
    node: Node

    @property
    def body(self) -> Node | None:
        return self.node.child_by_field_name("body") if self.node.type in FUNCTIONS else None

    @property
    def is_block(self) -> bool:
        return self.body is not None and self.body.type == "statement_block"

    @property
    def span(self) -> tuple[int, int]:
        """Where the body stands, in bytes: between the braces, or the expression itself."""
        body = self.body
        if body is None:
            return self.node.start_byte, self.node.end_byte
        if self.is_block:
            return body.start_byte + 1, body.end_byte - 1
        return body.start_byte, body.end_byte

    @property
    def is_empty(self) -> bool:
        """Comments only?"""
        body = self.body
        return body is not None and self.is_block and not any(named(body))

    @property
    def parameters(self) -> list[str]:
        if self.node.type not in FUNCTIONS:
            return []
        single = self.node.child_by_field_name("parameter")
        if single is not None:
            return [text(single)]
        found = self.node.child_by_field_name("parameters")
        return [text(item).partition(":")[0].strip() for item in named(found)] if found is not None else []


@dataclass(slots=True)
class Script:
    """What a file exports. `container` is the object, or the last exporting statement, beside which a missing
    function would be written."""

    document: Document
    shape: Shape = "none"
    functions: dict[str, Function] = field(default_factory=dict)
    is_dynamic: bool = False
    hidden_by_default: bool = False
    """Named exports stand beside a default export, which is all that migrate-mongo then sees."""
    container: Node | None = None

    @property
    def root(self) -> Node:
        return self.document.root


@dataclass(slots=True)
class _Exports:
    members: dict[str, Function] = field(default_factory=dict)
    default: Node | None = None
    is_dynamic: bool = False
    shape: Shape = "none"
    container: Node | None = None


def read(source: bytes, *, typescript: bool = False) -> Script:
    """The script of a file (UTF-8, without a byte order mark)."""
    return _Reader(document(source, typescript=typescript)).read()


class _Reader:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.names = dict(declared(document.root))
        self.found = _Exports()

    def read(self) -> Script:
        for statement in self.document.root.named_children:
            if statement.type == "export_statement":
                self._export(statement)
            elif statement.type == "expression_statement":
                self._expression(statement)
        found = self.found
        script = Script(
            self.document, found.shape, found.members, found.is_dynamic, container=found.container
        )
        if found.default is not None:
            self._take_default(script, found.default)
        return script

    def _take_default(self, script: Script, default: Node) -> None:
        """migrate-mongo takes `module.default` where there is one, and nothing else then."""
        named_ones = script.functions
        members = _Exports()
        self._members(default, members)
        script.functions, script.is_dynamic = members.members, members.is_dynamic
        script.shape, script.container = "object", members.container
        script.hidden_by_default = (
            "up" not in members.members and not members.is_dynamic and "up" in named_ones
        )

    # -- CommonJS ------------------------------------------------------------------------------------------------

    def _expression(self, statement: Node) -> None:
        expression = next(named(statement), None)
        if expression is None:
            return
        if expression.type == "assignment_expression":
            self._assignment(statement, expression)
        elif expression.type == "call_expression":
            self._call(expression)

    def _assignment(self, statement: Node, expression: Node) -> None:
        targets: list[str] = []
        value: Node = expression
        while value.type == "assignment_expression":
            targets.append(path(value.child_by_field_name("left")))
            right = value.child_by_field_name("right")
            if right is None:
                return
            value = right
        if value.type == "unary_expression":
            return  # `exports.up = exports.down = void 0`, as compilers write
        for target in targets:
            if target == "module.exports":
                self.found.members.clear()
                self._members(value, self.found)
                return
        for target in targets:
            name = target.removeprefix("module.").removeprefix("exports.")
            if target in {f"exports.{name}", f"module.exports.{name}"}:
                self._add_assigned(name, statement, value)

    def _add_assigned(self, name: str, statement: Node, value: Node) -> None:
        if name == "default":
            self.found.default = value
            return
        self.found.shape = self.found.shape if self.found.shape == "object" else "assignments"
        if self.found.shape == "assignments":
            self.found.container = statement
        if name in {"up", "down"}:
            self.found.members[name] = self._function(value, statement)

    def _call(self, call: Node) -> None:
        function, arguments = (
            text(call.child_by_field_name("function")),
            call.child_by_field_name("arguments"),
        )
        given = list(named(arguments)) if arguments is not None else []
        if not given or path(given[0]) not in {"module.exports", "exports"}:
            if "exports" in text(call):
                self.found.is_dynamic = True
            return
        if function == "Object.assign":
            for value in given[1:]:
                self._members(value, self.found)
        elif "__esModule" not in text(call):
            self.found.is_dynamic = True

    # -- ES modules ----------------------------------------------------------------------------------------------

    def _export(self, statement: Node) -> None:
        found = self.found
        if found.shape != "object":
            found.shape, found.container = "esm", statement
        words = {child.type for child in statement.children if not child.is_named}
        declaration, value = (
            statement.child_by_field_name("declaration"),
            statement.child_by_field_name("value"),
        )
        if "=" in words:  # TypeScript's `export = {…}`
            node = next(named(statement), None)
            if node is not None:
                self._members(node, found)
        elif "default" in words:
            found.default = value if value is not None else declaration
        elif declaration is not None:
            for name, node in declared_by(declaration):
                if name in {"up", "down"}:
                    found.members[name] = self._function(node, statement)
        else:
            self._export_list(statement)

    def _export_list(self, statement: Node) -> None:
        clause = next((child for child in statement.named_children if child.type == "export_clause"), None)
        is_elsewhere = statement.child_by_field_name("source") is not None
        if clause is None:
            self.found.is_dynamic = self.found.is_dynamic or is_elsewhere  # `export * from …`
            return
        for item in named(clause):
            local = item.child_by_field_name("name")
            name = text(item.child_by_field_name("alias") or local).strip("\"'")
            if local is None or name not in {"up", "down", "default"}:
                continue
            if name == "default":
                self.found.default = local
            elif is_elsewhere or text(local) not in self.names:
                self.found.is_dynamic = True
            else:
                self.found.members[name] = self._function(local, self._holder(local))

    # -- values --------------------------------------------------------------------------------------------------

    def _resolve(self, node: Node) -> Node | None:
        """What a value is in the end: through names, parentheses and TypeScript's annotations; None where unknown."""
        current: Node | None = node
        for _ in range(_MAX_DEPTH):
            if current is None:
                return None
            if current.type in _WRAPPERS:
                current = next(named(current), None)
            elif current.type in {"identifier", "shorthand_property_identifier"}:
                current = self.names.get(text(current))
            elif current.type == "assignment_expression":
                current = current.child_by_field_name("right")
            else:
                return current
        return None

    def _members(self, node: Node, into: _Exports) -> None:
        """Take up and down out of an object, a class or an instance of one."""
        value = self._resolve(node)
        if value is not None and value.type == "object":
            self._object(value, into)
        elif value is not None and value.type in CLASSES:
            self._class(value, into, static=True)
        elif value is not None and value.type == "new_expression":
            made = self._resolve(value.child_by_field_name("constructor") or value)
            if made is not None and made.type in CLASSES:
                self._class(made, into, static=False)
            else:
                into.is_dynamic = True
        elif value is not None and value.type == "call_expression" and self._from_arguments(value, into):
            return
        elif value is None or value.type not in FUNCTIONS:
            into.is_dynamic = True

    def _from_arguments(self, call: Node, into: _Exports) -> bool:
        """`defineMigration({ up, down })`: taken for what it is given."""
        arguments = call.child_by_field_name("arguments")
        for given in named(arguments) if arguments is not None else ():
            value = self._resolve(given)
            if value is not None and value.type == "object" and {"up", "down"} & set(keys(value)):
                self._object(value, into)
                return True
        return False

    def _object(self, node: Node, into: _Exports) -> None:
        into.shape, into.container = "object", node
        for item in named(node):
            if item.type == "spread_element":
                into.is_dynamic = True
                continue
            name = key(item)
            if name == "default" and item.type == "pair":
                into.default = item.child_by_field_name("value")
            if name not in {"up", "down"}:
                continue
            if item.type == "pair":
                value = item.child_by_field_name("value")
                if value is not None:
                    into.members[name] = self._function(value, item)
            elif item.type == "shorthand_property_identifier":
                if name in self.names:
                    into.members[name] = self._function(item, self._holder(item))
                else:
                    into.is_dynamic = True
            else:
                into.members[name] = Function(item, item)

    def _class(self, node: Node, into: _Exports, *, static: bool) -> None:
        body = node.child_by_field_name("body")
        into.shape, into.container = "object", None
        if node.child_by_field_name("heritage") is not None or any(
            c.type == "class_heritage" for c in node.children
        ):
            into.is_dynamic = True
        for item in named(body) if body is not None else ():
            is_static = any(child.type == "static" for child in item.children)
            name = text(item.child_by_field_name("name") or item.child_by_field_name("property"))
            if name not in {"up", "down"} or is_static != static:
                continue
            value = item.child_by_field_name("value")
            into.members[name] = Function(item, item) if value is None else self._function(value, item)

    def _function(self, value: Node, holder: Node) -> Function:
        """The function a value is; where a call makes it (`inTransaction(async (db) => …)`), the one it is given."""
        found = self._resolve(value)
        if found is None:
            return Function(holder, value)
        if found.type in FUNCTIONS:
            is_named = value.type in {"identifier", "shorthand_property_identifier"}
            return Function(self._holder(value) if is_named else holder, found)
        if found.type == "call_expression":
            arguments = found.child_by_field_name("arguments")
            given = (
                [item for item in named(arguments) if item.type in FUNCTIONS] if arguments is not None else []
            )
            if len(given) == 1:
                return Function(holder, given[0])
        return Function(holder, found)

    def _holder(self, name: Node) -> Node:
        """The statement that declares a name."""
        node = self.names.get(text(name), name)
        while node.parent is not None and node.parent.type != "program":
            node = node.parent
        return node
