"""The driver's calls as changes. A call in a loop, a condition or a helper has no down of its own. Pure, given `MongoLive`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from backend.drivers.migrate_mongo.grammar import named, text
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.undo.dialect import Dialect
from backend.engine.undo.model import (
    Alter,
    AnyChange,
    Create,
    Drop,
    Free,
    Piece,
    Ref,
    Rename,
    Rows,
    Thing,
    Undone,
    cannot,
    nothing,
    undone,
)
from backend.engines.mongodb.lint.calls import DATA_WRITES, SCHEMA_CHANGES, Call
from backend.engines.mongodb.lint.code import ancestors, arguments, method_of, walk
from backend.engines.mongodb.lint.reader import Part

from .javascript import NotWritable, javascript, string
from .live import MongoLive

if TYPE_CHECKING:
    from tree_sitter import Node

NO_LIVE = "What was there before shows only in the live database"
NOT_THERE = "The live database does not have it"
_WRITES = DATA_WRITES | SCHEMA_CHANGES | {"command", "runCommand", "adminCommand", "execute"}
_SURROUNDINGS = frozenset(
    """await_expression expression_statement return_statement parenthesized_expression array arguments call_expression
    lexical_declaration variable_declaration variable_declarator""".split()  # noqa: SIM905
)
_VALIDATION = ("validator", "validationLevel", "validationAction")
_NO_VALIDATION = {"validator": {}, "validationLevel": "strict", "validationAction": "error"}
_CONSTANTS = frozenset({"string", "number", "true", "false", "null"})


def collection(name: str) -> str:
    return f"db.collection({string(name)})"


class MongoDialect(Dialect):
    comment = "//"
    labels: ClassVar[dict[str, str]] = {"table": "collection"}
    live: MongoLive | None

    def __init__(self, live: MongoLive | None = None) -> None:
        super().__init__(live)
        self._known: set[str] = set()
        """Collections that are there by now because the up has made them."""

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"await {collection(old.name)}.rename({string(new.name)})")

    # -- statements ----------------------------------------------------------------------------------------------

    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        part = statement.node
        if not isinstance(part, Part):
            return [Free(nothing())]
        calls = [one for one in statement.ops if isinstance(one, Call)]
        writes = [one for one in calls if one.method in _WRITES or _writes_out(one)]
        if not all(_is_plain(one, part.node) for one in writes):
            return [Free(cannot("What it does in a loop, a condition or a function shows only when it runs"))]
        waits = self._unknown_wait(part.node, calls)
        if waits is not None:
            return [Free(cannot(f"What {waits} does is not known here"))]
        found = [change for call in writes for change in self._of(call)]
        return found or [Free(nothing("It leaves nothing behind"))]

    @staticmethod
    def _unknown_wait(statement: Node, calls: list[Call]) -> str | None:
        """Something awaited that is no call of the driver: it may do anything."""
        known = {call.node.id for call in calls}
        for one in walk(statement):
            if one.type != "await_expression":
                continue
            inner = next(named(one), None)
            while inner is not None and inner.type == "parenthesized_expression":
                inner = next(named(inner), None)
            if inner is None or inner.type != "call_expression":
                continue
            target, method = method_of(inner)
            if inner.id in known or (text(target) == "Promise" and method in ("all", "allSettled")):
                continue
            shown = text(inner.child_by_field_name("function"))
            return f"{shown[:40]}()"
        return None

    def _of(self, call: Call) -> Iterator[AnyChange]:
        if call.owner in ("db", "admin") and call.method in ("command", "runCommand", "adminCommand"):
            yield from self._command(call)
        elif call.owner not in ("db", "collection") or (not call.known and call.method != "dropDatabase"):
            yield Free(cannot("Which collection it is shows only when it runs"))
        elif call.owner == "db" and call.method == "dropDatabase":
            yield Free(cannot("Nothing of the database is in the text"))
        else:
            if call.method in ("createIndex", "createIndexes", "insertOne", "insertMany"):
                yield from self._implied(call.collection)
            yield from self._call(call)

    def _implied(self, name: Name) -> Iterator[AnyChange]:
        """MongoDB makes a collection with its first index or document."""
        if name.name in self._known or self.live is None or self.live.has("table", name):
            return
        self._known.add(name.name)
        yield Create(ref=Ref("table", name), undo=_dropped, if_not_exists=True)

    def _call(self, call: Call) -> Iterator[AnyChange]:
        ref = Ref("table", call.collection)
        match call.method:
            case "createCollection":
                self._known.add(call.collection.name)
                yield Create(ref=ref, undo=_dropped)
            case "drop" | "dropCollection":
                self._known.discard(call.collection.name)
                yield Drop(ref=ref, undo=self._collection_back)
            case "rename" | "renameCollection":
                yield self._rename(call, ref)
            case "createIndex":
                yield self._index(call, ref, call.argument(0), call.options())
            case "createIndexes":
                yield from self._indexes(call, ref)
            case "dropIndex":
                yield self._drop_index(call, ref)
            case "dropIndexes":
                yield Rows(ref=ref, undo=self._indexes_back)
            case "insertOne" | "insertMany":
                yield Rows(ref=ref, undo=self._inserted(call))
            case "updateMany" | "updateOne":
                yield Rows(ref=ref, undo=self._updated(call))
            case "deleteOne" | "deleteMany" | "findOneAndDelete":
                yield Rows(ref=ref, undo=lambda _: cannot("The documents it deletes are nowhere in the text"))
            case _:
                yield Rows(ref=ref, undo=lambda _: cannot("The values it overwrites are nowhere in the text"))

    # -- collections ---------------------------------------------------------------------------------------------

    def _rename(self, call: Call, ref: Ref) -> AnyChange:
        new = call.code.string(call.argument(1 if call.method == "renameCollection" else 0))
        if new is None:
            return Free(cannot("The new name shows only when it runs"))
        options = call.code.members(call.options()) or {}
        if "dropTarget" in options and text(options["dropTarget"]) != "false":  # noqa: SIM102
            if self.live is None or self.live.has("table", Name(new)) is not False:
                return Free(cannot("The collection whose name it takes is lost with its documents"))
        self._known.add(new)

        def back(thing: Thing, old: Name) -> Undone:
            piece = self.rename_table(thing.now, old)
            return undone(piece) if piece else nothing()

        return Rename(ref=ref, new=Name(new), undo=lambda _: nothing(), undo_to=back)

    def _collection_back(self, thing: Thing) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        name = thing.before.name
        options = self.live.options(name)
        if options is None:
            return cannot(NOT_THERE)
        try:
            more = f", {javascript(options)}" if options else ""
            pieces = [Piece(f"await db.createCollection({string(name)}{more})")]
            pieces += [
                Piece(self._index_text(name, keys, found)) for _, keys, found in self.live.indexes(name)
            ]
        except NotWritable as error:
            return cannot(f"Its definition holds {error}")
        note = None if self.live.is_view(name) else f"The documents of {name} do not come back"
        return Undone(tuple(pieces), source="schema", note=note)

    # -- indexes -------------------------------------------------------------------------------------------------

    @staticmethod
    def _index_text(name: str, keys: dict[str, Any], options: dict[str, Any]) -> str:
        return f"await {collection(name)}.createIndex({javascript(keys)}, {javascript(options)})"

    def _index(self, call: Call, table: Ref, keys: Node | None, options: Node | None) -> AnyChange:
        members = call.code.members(options) if options is not None else {}
        name = call.code.string((members or {}).get("name"))
        if name is None and (members is None or "name" in members):
            return Rows(ref=table, undo=lambda _: cannot("The index's name shows only when it runs"))
        name = name or derived_name(call, keys)
        if name is None:
            return Rows(ref=table, undo=lambda _: cannot("The index's keys show only when it runs"))

        def undo(index: Thing) -> Undone:
            return undone(f"await {collection(index.table.now.name)}.dropIndex({string(index.now.name)})")

        # The same index once more is no error and no change.
        return Create(ref=Ref("index", Name(name), table), undo=undo, if_not_exists=True)

    def _indexes(self, call: Call, table: Ref) -> Iterator[AnyChange]:
        given = call.code.value(call.argument(0))
        if given is None or given.type != "array":
            yield Rows(ref=table, undo=lambda _: cannot("The indexes show only when it runs"))
            return
        for one in named(given):
            members = call.code.members(one)
            yield self._index(call, table, (members or {}).get("key"), one)

    def _drop_index(self, call: Call, table: Ref) -> AnyChange:
        name = call.code.string(call.argument(0)) or derived_name(call, call.argument(0))
        if name is None:
            return Rows(ref=table, undo=lambda _: cannot("Which index it is shows only when it runs"))

        def undo(index: Thing) -> Undone:
            found = self.live.index(index.table.before.name, index.before.name) if self.live else None
            if found is None:
                return cannot(NO_LIVE if self.live is None else NOT_THERE)
            try:
                return undone(self._index_text(index.table.now.name, *found), source="schema")
            except NotWritable as error:
                return cannot(f"Its definition holds {error}")

        return Drop(ref=Ref("index", Name(name), table), undo=undo)

    def _indexes_back(self, thing: Thing) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        found = self.live.indexes(thing.before.name)
        try:
            return undone(
                *(self._index_text(thing.now.name, keys, more) for _, keys, more in found), source="schema"
            )
        except NotWritable as error:
            return cannot(f"A definition holds {error}")

    # -- validators and commands ---------------------------------------------------------------------------------

    def _command(self, call: Call) -> Iterator[AnyChange]:
        members = call.code.members(call.argument(0))
        word = next(iter(members), "") if members else ""
        name = call.code.string(members[word]) if members and word else None
        if members is None or name is None:
            if word in ("ping", "listCollections", "dbStats", "buildInfo", "hello", "serverStatus"):
                yield Free(nothing("It leaves nothing behind"))
            else:
                yield Free(cannot("What the command does is not known here"))
            return
        ref = Ref("table", Name(name))
        if word == "collMod":
            changed = [key for key in members if key != word]
            if changed and all(key in _VALIDATION for key in changed):
                yield Alter(
                    ref=ref, what=f"validation {sorted(changed)}",
                    undo=lambda thing: self._validation_back(thing, changed),
                )  # fmt: skip
            else:
                yield Rows(
                    ref=ref,
                    undo=lambda _: cannot(f"What {', '.join(changed)} was before is not looked up here"),
                )
        elif word == "create":
            self._known.add(name)
            yield Create(ref=ref, undo=_dropped)
        elif word == "drop":
            yield Drop(ref=ref, undo=self._collection_back)
        elif word == "createIndexes" and "indexes" in members:
            yield from self._implied(Name(name))
            given = call.code.value(members["indexes"])
            for one in named(given) if given is not None and given.type == "array" else ():
                yield self._index(call, ref, (call.code.members(one) or {}).get("key"), one)
        elif word in ("count", "find", "aggregate", "distinct", "collStats", "listIndexes"):
            yield Free(nothing("It leaves nothing behind"))
        else:
            yield Free(cannot("What the command does is not known here"))

    def _validation_back(self, thing: Thing, changed: list[str]) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        options = self.live.options(thing.before.name)
        if options is None:
            return cannot(NOT_THERE)
        # What collMod does not name it sets back to the default, so all that was there is named.
        rules = {
            key: options.get(key, default)
            for key, default in _NO_VALIDATION.items()
            if key in options or key in changed
        }
        try:
            return undone(
                f"await db.command({javascript({'collMod': thing.now.name, **rules})})", source="schema"
            )
        except NotWritable as error:
            return cannot(f"The old rules hold {error}")

    # -- documents -----------------------------------------------------------------------------------------------

    def _inserted(self, call: Call) -> Any:
        given = call.code.value(call.argument(0))
        documents = (
            [given]
            if call.method == "insertOne"
            else list(named(given))
            if given is not None and given.type == "array"
            else []
        )
        ids: list[str] = []
        for one in documents:
            members = call.code.members(one)
            value = call.code.value(members.get("_id")) if members else None
            if value is None or not (value.type in _CONSTANTS or _is_object_id(value)):
                ids = []
                break
            ids.append(text(value))

        def undo(thing: Thing) -> Undone:
            if not ids:
                return cannot("Its documents have no _id in the text to tell them from the others")
            where = f"{{ _id: {ids[0]} }}" if len(ids) == 1 else f"{{ _id: {{ $in: [{', '.join(ids)}] }} }}"
            what = "deleteOne" if len(ids) == 1 else "deleteMany"
            note = 'ObjectId comes from require("mongodb")' if any("ObjectId" in one for one in ids) else None
            return undone(f"await {collection(thing.now.name)}.{what}({where})", note=note)

        return undo

    def _updated(self, call: Call) -> Any:
        members = call.code.members(call.argument(1))
        fields = {operator: call.code.members(value) for operator, value in (members or {}).items()}

        def undo(thing: Thing) -> Undone:
            if (
                not members
                or set(fields) - {"$set", "$rename"}
                or any(found is None for found in fields.values())
            ):
                return cannot("The values it overwrites are nowhere in the text")
            if self.live is None:
                return cannot("Whether the fields were there before shows only in the live database")
            added = list(fields.get("$set") or {})
            renamed = {old: call.code.string(node) for old, node in (fields.get("$rename") or {}).items()}
            if any(new is None for new in renamed.values()):
                return cannot("The new name shows only when it runs")
            for field in [*added, *(new or "" for new in renamed.values())]:
                in_use = self.live.uses_field(thing.before.name, field)
                if in_use is not False:
                    return cannot(
                        f"Some documents have {field} already, and what it held is lost" if in_use
                        else f"Whether documents have {field} already took too long to see"
                    )  # fmt: skip
            return undone(*self._fields_back(thing.now.name, added, renamed), source="schema")

        return undo

    @staticmethod
    def _fields_back(name: str, added: list[str], renamed: dict[str, str | None]) -> Iterator[str]:
        if renamed:
            back = {new or "": old for old, new in renamed.items()}
            where = [{new: {"$exists": True}} for new in back]
            found = javascript(where[0] if len(where) == 1 else {"$or": where})
            yield f"await {collection(name)}.updateMany({found}, {javascript({'$rename': back})})"
        if added:
            where = [{field: {"$exists": True}} for field in added]
            found = javascript(where[0] if len(where) == 1 else {"$or": where})
            yield f"await {collection(name)}.updateMany({found}, {javascript({'$unset': dict.fromkeys(added, '')})})"


def _dropped(thing: Thing) -> Undone:
    return undone(f"await {collection(thing.now.name)}.drop()")


def derived_name(call: Call, keys: Node | None) -> str | None:
    """`a_1_b_-1`, as the driver names an index by its keys."""
    found = call.code.value(keys)
    if found is None:
        return None
    plain = call.code.string(found)
    if plain is not None:
        return f"{plain}_1"
    if found.type == "array":
        pairs: list[tuple[str, str]] = []
        for item in named(found):
            inner = list(named(item)) if item.type == "array" else []
            label = call.code.string(inner[0] if inner else item)
            if label is None or (inner and len(inner) != 2):
                return None
            pairs.append((label, _direction(call, inner[1]) if inner else "1"))
        return "_".join(f"{label}_{direction}" for label, direction in pairs) or None
    members = call.code.members(found)
    if not members:
        return None
    directions = {name: _direction(call, node) for name, node in members.items()}
    if "" in directions.values():
        return None
    return "_".join(f"{name}_{direction}" for name, direction in directions.items())


def _direction(call: Call, node: Node) -> str:
    found = call.code.value(node)
    if found is None:
        return ""
    plain = call.code.string(found)
    if plain is not None:
        return plain
    shown = text(found).replace(" ", "")
    return shown if shown.lstrip("-").isdigit() else ""


def _is_plain(call: Call, statement: Node) -> bool:
    """Runs once, whenever the statement runs: nothing around it but await, Promise.all and a name it is given."""
    if call.in_loop:
        return False
    for parent in ancestors(call.node):
        if parent.id == statement.id:
            return parent.type in _SURROUNDINGS
        if parent.type not in _SURROUNDINGS:
            return False
        if parent.type == "call_expression" and text(parent.child_by_field_name("function")) != "Promise.all":
            return False
    return call.node.id == statement.id


def _writes_out(call: Call) -> bool:
    """An aggregation that ends in $out or $merge."""
    return call.method == "aggregate" and any(
        "$out" in text(one) or "$merge" in text(one) for one in arguments(call.node)[:1]
    )


def _is_object_id(node: Node) -> bool:
    if node.type not in ("new_expression", "call_expression"):
        return False
    maker = text(node.child_by_field_name("constructor") or node.child_by_field_name("function"))
    return maker.rpartition(".")[2] in ("ObjectId", "ObjectID") and all(
        one.type in _CONSTANTS for one in arguments(node)
    )
