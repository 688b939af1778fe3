"""The driver's calls in plain words: kind, sentence, affected objects, locks, work. Reads a tree."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from backend.engine.forecast.describe import affected, joined, rows
from backend.engine.forecast.locks import Blocks, expected
from backend.engine.forecast.port import Described, Locks, Place, Work
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Half, Stmt
from backend.engines.mongodb.lint.calls import DATA_WRITES, SCHEMA_CHANGES, Call
from backend.engines.mongodb.lint.meaning import meaning
from backend.engines.mongodb.undo.dialect import derived_name
from backend.models.preview import AffectedObject, ExpectedLock

_LOCKS = "MongoDB manual, FAQ: Concurrency (faq/concurrency)"
_INDEXES = "MongoDB manual, Index Builds on Populated Collections (core/index-creation)"
_MANY = ("updateMany", "deleteMany")
_WRITES = DATA_WRITES | SCHEMA_CHANGES
_COMMANDS = frozenset({"command", "runCommand", "adminCommand"})
UNKNOWN = "(unknown)"


def calls_of(statement: Stmt) -> list[Call]:
    return [one for one in statement.ops if isinstance(one, Call)]


def writes_of(statement: Stmt) -> list[Call]:
    return [
        one
        for one in calls_of(statement)
        if one.method in _WRITES or one.method in _COMMANDS or writes_out(one)
    ]


def writes_out(call: Call) -> bool:
    """An aggregation that ends in $out or $merge."""
    return call.method == "aggregate" and ("$out" in call.source or "$merge" in call.source)


def verb_of(call: Call) -> str:
    """The command's own word for `db.command({ collMod: … })`, else the method."""
    if call.method in _COMMANDS:
        return next(iter(call.code.members(call.argument(0)) or {}), call.method)
    return call.method


def collection_of(call: Call) -> Name:
    if call.method in _COMMANDS:
        members = call.code.members(call.argument(0)) or {}
        written = call.code.string(members.get(next(iter(members), "")))
        return Name(written) if written is not None else Name(UNKNOWN)
    return call.collection


def kind_of(call: Call) -> str:
    name = collection_of(call)
    if call.method in _COMMANDS:
        return f"db.command({verb_of(call)})"
    if call.owner == "db":
        return f"db.{call.method}"
    return f"db.{name if name.name != UNKNOWN else '…'}.{call.method}"


def described(place: Place) -> Described:
    statement = place.statement
    if statement.problem is not None:
        return Described("JavaScript", f"Not understood: {statement.problem.message.rstrip('.')}")
    found = writes_of(statement) or [
        one for one in calls_of(statement) if one.owner not in ("session", "client")
    ]
    if not found and calls_of(statement):
        return Described("JavaScript", "Opens or ends a session")
    if not found:
        return Described("JavaScript", "Calls nothing of the database that is seen here")
    objects: dict[tuple[str, str, str, str | None], AffectedObject] = {}
    by_span: dict[tuple[int, int] | None, list[ops.Op]] = {}
    for op in meaning(place.half, statement):
        by_span.setdefault(op.span, []).append(op)
    start = place.half.offset + statement.start
    for call in found:
        span = (call.place[0] - start, call.place[1] - start)
        for one in _objects(call, by_span.get(span, [])):
            objects.setdefault((one.change, one.kind, one.name, one.parent), one)
    kinds = list(dict.fromkeys(kind_of(one) for one in found))
    sentences = list(dict.fromkeys(_sentence(one) for one in found))
    kind = kinds[0] if len(kinds) == 1 else f"{kinds[0]}, {len(kinds) - 1} more"
    return Described(kind, joined(sentences), tuple(objects.values()))


def _sentence(call: Call) -> str:
    said = _plain_sentence(call, str(collection_of(call)))
    return f"{said}, again and again in a loop" if call.in_loop else said


def _plain_sentence(call: Call, name: str) -> str:
    if name == UNKNOWN:
        name = "a collection whose name shows only when it runs"
    every = is_whole(call)
    match verb_of(call):
        case "createCollection" | "create":
            return f"Creates the collection {name}"
        case "drop" | "dropCollection":
            return f"Drops the collection {name} with its documents"
        case "dropDatabase":
            return "Drops the whole database"
        case "rename" | "renameCollection":
            new = call.code.string(call.argument(0 if call.method == "rename" else 1))
            return f"Renames the collection {name} to {new or 'a name that shows only when it runs'}"
        case "createIndex":
            keys = ", ".join(call.code.members(call.argument(0)) or {})
            return f"Builds an index on {name}" + (f" ({keys})" if keys else "")
        case "createIndexes":
            return f"Builds indexes on {name}"
        case "dropIndex":
            return f"Drops the index {call.code.string(call.argument(0)) or ''} of {name}".replace("  ", " ")
        case "dropIndexes":
            return f"Drops the indexes of {name}"
        case "collMod":
            return f"Changes the options of {name} (validator, TTL, …)"
        case "insertOne":
            return f"Adds a document to {name}"
        case "insertMany":
            many = documents_in(call)
            listed = rows(many).replace("row", "document") if many is not None else "documents"
            return f"Adds {listed} to {name}"
        case "updateMany":
            return f"Changes {'every document of' if every else 'the documents that match in'} {name}"
        case "updateOne" | "replaceOne" | "findOneAndUpdate" | "findOneAndReplace":
            return f"Changes one document of {name}"
        case "deleteMany":
            return f"Deletes {'every document of' if every else 'the documents that match in'} {name}"
        case "deleteOne" | "findOneAndDelete":
            return f"Deletes one document of {name}"
        case "bulkWrite":
            return f"Writes to {name} in bulk"
        case "aggregate" if writes_out(call):
            return f"Writes the result of an aggregation over {name} into a collection"
        case verb if call.method in _COMMANDS:
            return f"Runs the command {verb}"
        case _:
            return f"Reads {name}"


def documents_in(call: Call) -> int | None:
    """How many documents an insertMany lists; None where some come from elsewhere."""
    given = call.code.value(call.argument(0))
    if given is None or given.type != "array":
        return None
    items = [one for one in given.named_children if one.type != "comment"]
    return None if any(one.type == "spread_element" for one in items) else len(items)


def is_whole(call: Call) -> bool:
    """`{}` or nothing as its filter."""
    given = call.argument(0)
    if given is None:
        return True
    found = call.code.value(given)
    return (
        found is not None
        and found.type == "object"
        and not any(one.type != "comment" for one in found.named_children)
    )


def _objects(call: Call, meant: list[ops.Op]) -> list[AffectedObject]:
    name = str(collection_of(call))
    found: list[AffectedObject] = []
    for op in meant:
        match op:
            case ops.CreateTable():
                found.append(affected("add", "collection", str(op.name)))
            case ops.Drop(kind="collection"):
                found.append(affected("remove", "collection", str(op.name)))
            case ops.Rename(kind="collection"):
                found.append(affected("change", "collection", str(op.old), None, f"renamed to {op.new}"))
            case ops.CreateIndex():
                label = op.name or "_".join(op.columns)
                found.append(affected("add", "index", label, str(op.table)))
            case ops.Drop(kind="index"):
                found.append(affected("remove", "index", op.name.name, str(op.table)))
            case ops.AlterOther():
                found.append(affected("change", "collection", str(op.table), None, "options"))
            case ops.AddColumn():
                found.append(affected("change", "field", op.column.name, str(op.table), "set"))
            case ops.DropColumn():
                found.append(affected("remove", "field", op.column, str(op.table)))
            case ops.Rename(kind="column"):
                found.append(affected("change", "field", op.old.name, name, f"renamed to {op.new}"))
            case _:
                pass
    if call.method in DATA_WRITES or writes_out(call):
        found.append(affected("rows", "document", name, name, call.method))
    return found


def meant(half: Half, statement: Stmt) -> list[ops.Op]:
    """In shared words: a collection is a table, an index has the name that the driver gives it."""
    start = half.offset + statement.start
    by_span = {(one.place[0] - start, one.place[1] - start): one for one in calls_of(statement)}
    found: list[ops.Op] = []
    for op in meaning(half, statement):
        if isinstance(op, ops.CreateIndex) and op.name is None and op.span in by_span:
            call = by_span[op.span]
            name = derived_name(call, call.argument(0)) if call.method == "createIndex" else None
            op = replace(op, name=name)
        elif isinstance(op, ops.Drop | ops.Rename) and op.kind == "collection":
            op = replace(op, kind="table")
        found.append(op)
    for call in calls_of(statement):
        if call.method in ("deleteMany", "deleteOne", "findOneAndDelete") and call.known:
            found.append(ops.Delete(table=call.collection, has_where=not is_whole(call)))
        elif call.method in ("updateMany", "updateOne", "replaceOne", "findOneAndUpdate") and call.known:
            found.append(ops.Update(table=call.collection, has_where=not is_whole(call)))
        elif call.method in _COMMANDS and verb_of(call) not in ("create", "drop", "collMod", "ping"):
            found.append(ops.Other(keyword=f"command {verb_of(call)}"))
        elif (call.method in _WRITES and not call.known) or writes_out(call) or call.method == "dropDatabase":
            found.append(ops.Other(keyword=call.method))
    return found


# -- locks and work ----------------------------------------------------------------------------------------------


def locks(place: Place) -> Locks:
    if place.statement.problem is not None:
        return Locks(unknown="The statement was not understood, so what it locks is not known.")
    found: dict[tuple[str, str, str], ExpectedLock] = {}
    unknown = ""
    for call in writes_of(place.statement):
        name = collection_of(call)
        if name.name == UNKNOWN and verb_of(call) != "dropDatabase":
            unknown = "Which collection it is shows only when it runs."
            continue
        for one in _of(place, call, name):
            found.setdefault((one.object, one.mode, one.held), one)
    return Locks(tuple(found.values()), unknown)


def _of(place: Place, call: Call, name: Name) -> list[ExpectedLock]:
    until = "until the transaction ends" if call.in_transaction else "while it works"
    everything: tuple[Blocks, ...] = ("reads", "writes", "schema changes")
    verb = verb_of(call)
    if verb in DATA_WRITES or writes_out(call):
        why = f"Two writers of one document wait for each other; others do not. {_LOCKS}"
        return [expected(place, name, "intent exclusive", ("schema changes",), until, why)]
    if verb in ("createIndex", "createIndexes"):
        return [
            expected(place, name, "exclusive", everything, "for a moment at its start and end", _INDEXES),
            expected(place, name, "intent exclusive", ("schema changes",), "while it works", _INDEXES),
        ]
    if verb == "dropDatabase":
        return [
            expected(place, Name("the whole database"), "exclusive", everything, "while it works", _LOCKS)
        ]
    if verb in ("create", "createCollection"):
        return [expected(place, name, "exclusive", (), "for a moment", f"It is new. {_LOCKS}")]
    if verb in SCHEMA_CHANGES or verb in ("drop", "collMod", "convertToCapped", "compact", "reIndex"):
        found = [expected(place, name, "exclusive", everything, "while it works", _LOCKS)]
        new = (
            call.code.string(call.argument(0 if call.method == "rename" else 1))
            if verb.startswith("rename")
            else None
        )
        if new:
            found.append(expected(place, Name(new), "exclusive", everything, "while it works", _LOCKS))
        return found
    return []


def work(place: Place) -> list[Work]:
    if place.statement.problem is not None:
        return [Work("unknown", why="it was not understood")]
    found = [_work(place, call) for call in writes_of(place.statement)]
    if not found:
        return [Work("unknown", why="what it reads or calls shows only when it runs")]
    return [one for one in found if one.kind != "catalog"] or found[:1]


Kind = Literal["index", "rows", "rows_in", "catalog"]


def _work(place: Place, call: Call) -> Work:
    name = collection_of(call)
    if call.in_loop:
        return Work("unknown", name, "how often its loop goes round shows only when it runs")
    verb = verb_of(call)
    kind: Kind = "catalog"
    rows_in: int | None = None
    why = "changes the catalog only"
    if verb in ("createIndex", "createIndexes"):
        kind, why = "index", f"builds an index over {name}"
    elif verb in _MANY:
        kind, why = "rows", f"{'changes' if verb == 'updateMany' else 'deletes'} documents of {name}"
    elif verb in (
        "insertOne",
        "updateOne",
        "replaceOne",
        "deleteOne",
        "findOneAndUpdate",
        "findOneAndDelete",
        "findOneAndReplace",
    ):
        if verb != "insertOne":
            return (
                Work("scan", name, f"looks for one document of {name}")
                if name.name != UNKNOWN
                else Work("unknown")
            )
        kind, rows_in, why = "rows_in", 1, f"adds a document to {name}"
    elif verb == "insertMany":
        many = documents_in(call)
        if many is None:
            return Work("unknown", name, "how many documents it adds shows only when it runs")
        kind, rows_in, why = "rows_in", many, f"adds documents to {name}"
    elif (
        verb in ("bulkWrite", "aggregate", "compact", "reIndex", "convertToCapped")
        or call.method == "execute"
    ):
        return Work("unknown", name, f"how much {verb} has to do shows only when it runs")
    elif call.method in _COMMANDS and verb not in (
        "collMod",
        "create",
        "drop",
        "renameCollection",
        "dropIndexes",
        "ping",
    ):
        return Work("unknown", name, f"what the command {verb} costs is not known here")
    if kind in ("index", "rows") and place.scene.rows(name).is_empty:
        return Work("catalog", name, f"{name} has no documents")
    if name.name == UNKNOWN and kind != "catalog":
        return Work("unknown", name, "which collection it is shows only when it runs")
    return Work(kind, name, why, rows_in)
