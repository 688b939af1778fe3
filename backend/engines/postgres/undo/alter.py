"""PostgreSQL's ALTER TABLE, action by action, as changes. Pure, given `PgLive`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from backend.engine.lint.ops import Name
from backend.engine.undo.model import (
    Alter,
    AnyChange,
    Create,
    Drop,
    Piece,
    Ref,
    Rows,
    Thing,
    Undone,
    action,
    cannot,
    nothing,
    undone,
)
from backend.engines.postgres.lint.expressions import name_of_range, names_of
from backend.engines.postgres.lint.names import quote

from .live import Column, PgLive, qualified
from .nodes import enum_of

if TYPE_CHECKING:
    from .dialect import PgDialect

_LONGEST_NAME = 63
"""Bytes."""
_NO_LIVE = "What was there before shows only in the live schema"
_NOT_THERE = "The live schema does not have it"
_WORDS = {
    "OBJECT_INDEX": "INDEX", "OBJECT_VIEW": "VIEW", "OBJECT_MATVIEW": "MATERIALIZED VIEW", "OBJECT_SEQUENCE": "SEQUENCE",
    "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE", "OBJECT_TYPE": "TYPE",
}  # fmt: skip
# Switches of a table: (what it is, the action that sets it, the other one, the live value as SQL of pg_class).
_SWITCHES = {
    "AT_EnableRowSecurity": ("rls", True, "relrowsecurity"), "AT_DisableRowSecurity": ("rls", False, "relrowsecurity"),
    "AT_ForceRowSecurity": ("force", True, "relforcerowsecurity"),
    "AT_NoForceRowSecurity": ("force", False, "relforcerowsecurity"),
    "AT_SetLogged": ("logged", True, "relpersistence = 'p'"), "AT_SetUnLogged": ("logged", False, "relpersistence = 'p'"),
}  # fmt: skip
_SWITCH_WORDS = {
    "rls": ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
    "force": ("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"), "logged": ("SET LOGGED", "SET UNLOGGED"),
}  # fmt: skip


def changes(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    table = name_of_range(node.relation)
    words = _WORDS.get(enum_of(node, "objtype"), "TABLE")
    for one in node.cmds:
        yield from _Action(dialect, table, words, one.alter_table_cmd).changes()


def _check_left(live: PgLive, table: Name, child: Name) -> str | None:
    """The check that DETACH CONCURRENTLY leaves in place of the bounds, where its name is certain: PostgreSQL calls it
    after the key's column if that is one, shortens long names and numbers those that are taken."""
    columns = live.ask(
        "SELECT DISTINCT a.attname FROM pg_partitioned_table p, unnest(p.partattrs::int2[]) AS key (number) "
        "LEFT JOIN pg_attribute a ON a.attrelid = to_regclass(%s) AND a.attnum = key.number "
        "WHERE p.partrelid = to_regclass(%s)",
        (qualified(table), qualified(table)),
    )
    names = [name for (name,) in columns]
    if not names or None in names:
        return None
    check = "_".join([child.name, *(names if len(names) == 1 else ()), "check"])
    taken = live.value(
        "SELECT true FROM pg_constraint WHERE conrelid = to_regclass(%s) AND conname = %s",
        qualified(child),
        check,
    )
    return None if taken or len(check.encode()) > _LONGEST_NAME else check


def address(name: Name) -> list[str]:
    """A name as pg_get_object_address takes it."""
    return [name.schema, name.name] if name.schema else [name.name]


def cut(*parts: str) -> str:
    """`table_column_suffix` as PostgreSQL makes it: the longer of table and column loses bytes until it fits 63."""
    *names, suffix = parts
    first, rest = names[0], "_".join(names[1:])
    room = 63 - len(suffix) - 1 - (1 if rest else 0)
    one, two = first.encode(), rest.encode()
    while len(one) + len(two) > room:
        if len(one) > len(two):
            one = one[:-1]
        else:
            two = two[:-1]
    shown = [part.decode("utf-8", "ignore") for part in (one, two) if part]
    return "_".join([*shown, suffix])


def index_name(table: Name, node: Any) -> str:
    parts = []
    for one in node.index_params:
        element = one.index_elem
        if element.name:
            parts.append(element.name)
        elif element.expr.WhichOneof("node") == "func_call":
            parts.append(names_of(element.expr.func_call.funcname)[-1])
        else:
            parts.append("expr")
    seen: dict[str, int] = {}
    unique = []
    for part in parts:
        # Two expressions are `expr` and `expr1`.
        count = seen.get(part, 0)
        unique.append(f"{part}{count}" if count else part)
        seen[part] = count + 1
    return cut(table.name, *unique, "idx")


class _Action:
    """One action on one table."""

    def __init__(self, dialect: PgDialect, table: Name, words: str, cmd: Any) -> None:
        self._dialect = dialect
        self._live: PgLive | None = dialect.live
        self._table = Ref("table" if words != "TYPE" else "type", table)
        self._name = table
        self._words = words
        self._cmd = cmd
        self._kind = enum_of(cmd, "subtype")
        self._def = getattr(cmd, "def")

    def changes(self) -> Iterator[AnyChange]:
        simple = _COLUMN_ACTIONS.get(self._kind)
        if simple is not None:
            what, undo = simple
            yield Alter(ref=self._column(self._cmd.name), what=what, undo=lambda column: undo(self, column))
        elif self._kind in _SWITCHES:
            yield Alter(ref=self._table, what=_SWITCHES[self._kind][0], undo=self._switch)
        elif self._kind in _ACTIONS:
            yield from _ACTIONS[self._kind](self)
        else:
            words = self._kind.removeprefix("AT_")
            yield Rows(ref=self._table, undo=lambda _: cannot(f"The way back from {words} is not known here"))

    def _column(self, name: str) -> Ref:
        return Ref("column", Name(name), self._table)

    def _head(self, thing: Thing) -> str:
        return f"ALTER {self._words} {qualified(thing.table.now)}"

    def _on_column(self, column: Thing, *what: str, source: Any = "schema") -> Undone:
        head = self._head(column)
        return undone(
            *(action(head, f"ALTER COLUMN {quote(column.now.name)} {one}") for one in what), source=source
        )

    # -- columns -------------------------------------------------------------------------------------------------

    def add_column(self) -> Iterator[AnyChange]:
        definition = self._def.column_def
        word = "ATTRIBUTE" if self._words == "TYPE" else "COLUMN"

        def undo(column: Thing) -> Undone:
            return undone(action(self._head(column), f"DROP {word} {quote(column.now.name)}"))

        yield Create(ref=self._column(definition.colname), undo=undo, if_not_exists=self._cmd.missing_ok)

    def drop_column(self) -> Iterator[AnyChange]:
        cascade = enum_of(self._cmd, "behavior") == "DROP_CASCADE"

        def undo(column: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            found = self._live.column(column.table.before, column.before.name)
            if found is None:
                return cannot(_NOT_THERE)
            return self._column_back(column, found, cascade)

        yield Drop(ref=self._column(self._cmd.name), undo=undo, if_exists=self._cmd.missing_ok)

    def _column_back(self, column: Thing, found: Column, cascade: bool) -> Undone:
        assert self._live is not None
        table, name = column.table.before, quote(column.before.name)
        if found.not_null and found.default is None and not found.identity and not found.generated:
            has_rows = self._live.value(f"SELECT EXISTS (SELECT FROM {qualified(table)})")
            if has_rows:
                return cannot(
                    f"{column.before.name} is NOT NULL without a default, and the rows will have lost its values"
                )
        text = f"{name} {found.full_type}"
        owned = self._live.value(
            "SELECT pg_get_serial_sequence(%s, %s)", qualified(table), column.before.name
        )
        first: list[Piece] = []
        late: list[Piece] = []
        if found.generated:
            text += f" GENERATED ALWAYS AS ({found.expression}) {'STORED' if found.generated == 's' else 'VIRTUAL'}"
        elif found.identity:
            text += f" GENERATED {'ALWAYS' if found.identity == 'a' else 'BY DEFAULT'} AS IDENTITY"
        elif found.default is not None:
            text += f" DEFAULT {found.default}"
            if owned:
                options = self._live.value(
                    "SELECT format('AS %%s INCREMENT BY %%s MINVALUE %%s MAXVALUE %%s START WITH %%s CACHE %%s%%s', "
                    "format_type(seqtypid, NULL), seqincrement, seqmin, seqmax, seqstart, seqcache, "
                    "CASE WHEN seqcycle THEN ' CYCLE' ELSE '' END) FROM pg_sequence WHERE seqrelid = to_regclass(%s)",
                    owned,
                )
                first.append(Piece(f"CREATE SEQUENCE {owned} {options}"))
                late.append(Piece(f"ALTER SEQUENCE {owned} OWNED BY {qualified(table)}.{name}"))
        if found.not_null and not found.identity:
            named = self._live.not_null_name(table, found.number)
            text += f" CONSTRAINT {quote(named)} NOT NULL" if named else " NOT NULL"
        head = f"ALTER TABLE {qualified(column.table.now)}"
        pieces = [*first, action(head, f"ADD COLUMN {text}")]
        if found.has_storage:
            pieces.append(action(head, f"ALTER COLUMN {name} SET STORAGE {found.storage}"))
        if found.statistics >= 0:
            pieces.append(action(head, f"ALTER COLUMN {name} SET STATISTICS {found.statistics}"))
        if found.comment is not None:
            pieces.append(Piece(f"COMMENT ON COLUMN {qualified(table)}.{name} IS {_literal(found.comment)}"))
        late += [Piece(one) for one in self._live.of_column(table, found.number, cascade)]
        problem = None
        if cascade:
            problem = "What CASCADE took along is not all known"
        elif found.generated:
            return Undone(tuple(pieces), tuple(late), "schema", as_before=True)
        note = f"The values of {qualified(table)}.{name} do not come back"
        return Undone(tuple(pieces), tuple(late), "schema", note, problem, as_before=True)

    def _live_column(self, column: Thing) -> Column | Undone:
        if self._live is None:
            return cannot(_NO_LIVE)
        return self._live.column(column.table.before, column.before.name) or cannot(_NOT_THERE)

    def type_back(self, column: Thing) -> Undone:
        found = self._live_column(column)
        if isinstance(found, Undone):
            return found
        if self._words == "TYPE":
            return undone(
                action(
                    self._head(column), f"ALTER ATTRIBUTE {quote(column.now.name)} TYPE {found.full_type}"
                ),
                source="schema",
            )
        change = f"TYPE {found.full_type} USING {quote(column.now.name)}::{found.type}"
        if found.default is None:
            return self._on_column(column, change)
        # The default is turned into the new type together with the column, and would come back as a cast of a cast.
        name = quote(column.now.name)
        joined = f",\n  ALTER COLUMN {name} ".join(("DROP DEFAULT", change, f"SET DEFAULT {found.default}"))
        return undone(Piece(f"{self._head(column)}\n  ALTER COLUMN {name} {joined}"), source="schema")

    def set_not_null_back(self, column: Thing) -> Undone:
        if self._live is None:
            return self._on_column(column, "DROP NOT NULL", source="text")
        found = self._live_column(column)
        if isinstance(found, Undone):
            return found
        return (
            nothing("It is NOT NULL already")
            if found.not_null
            else self._on_column(column, "DROP NOT NULL", source="text")
        )

    def drop_not_null_back(self, column: Thing) -> Undone:
        if self._live is None:
            return self._on_column(column, "SET NOT NULL", source="text")
        found = self._live_column(column)
        if isinstance(found, Undone):
            return found
        if not found.not_null:
            return nothing("It is not NOT NULL, so nothing changes")
        named = self._live.not_null_name(column.table.before, found.number)
        if named and named != cut(column.table.now.name, column.now.name, "not_null"):
            return undone(
                action(
                    self._head(column), f"ADD CONSTRAINT {quote(named)} NOT NULL {quote(column.now.name)}"
                ),
                source="schema",
            )
        return self._on_column(column, "SET NOT NULL")

    def default_back(self, column: Thing) -> Undone:
        found = self._live_column(column)
        if isinstance(found, Undone):
            return found
        return self._on_column(
            column, f"SET DEFAULT {found.default}" if found.default is not None else "DROP DEFAULT"
        )

    def storage_back(self, column: Thing) -> Undone:
        found = self._live_column(column)
        return found if isinstance(found, Undone) else self._on_column(column, f"SET STORAGE {found.storage}")

    def statistics_back(self, column: Thing) -> Undone:
        found = self._live_column(column)
        return (
            found
            if isinstance(found, Undone)
            else self._on_column(column, f"SET STATISTICS {found.statistics}")
        )

    def identity_back(self, column: Thing) -> Undone:
        if self._kind == "AT_AddIdentity":
            return self._on_column(column, "DROP IDENTITY", source="text")
        found = self._live_column(column)
        if isinstance(found, Undone):
            return found
        if not found.identity:
            return cannot(_NOT_THERE)
        how = "ALWAYS" if found.identity == "a" else "BY DEFAULT"
        if self._kind == "AT_SetIdentity":
            return self._on_column(column, f"SET GENERATED {how}")
        back = self._on_column(column, f"ADD GENERATED {how} AS IDENTITY")
        return Undone(back.pieces, (), "schema", "The sequence begins again, at 1")

    # -- constraints ---------------------------------------------------------------------------------------------

    def add_constraint(self) -> Iterator[AnyChange]:
        constraint = self._def.constraint
        kind = enum_of(constraint, "contype")
        name, note = constraint.conname or constraint.indexname, None
        if not name:
            name, note = self._dialect.free_name(self._constraint_name(constraint, kind), self._name.schema)
        self._dialect.taken.add(name)
        if constraint.indexname:
            ref = Ref("index", Name(constraint.indexname, self._name.schema))
            yield Drop(ref=ref, owner=self._table, undo=self._dialect.index_back)
        keys = names_of(constraint.keys) if kind == "CONSTR_PRIMARY" and constraint.keys else []

        def undo(thing: Thing) -> Undone:
            head = self._head(thing)
            pieces = [action(head, f"DROP CONSTRAINT {quote(thing.now.name)}")]
            for key in keys:
                column = self._live.column(thing.table.before, key) if self._live else None
                # A primary key makes its columns NOT NULL, and they stay so without it.
                if column is not None and not column.not_null:
                    pieces.append(action(head, f"ALTER COLUMN {quote(key)} DROP NOT NULL"))
            return undone(*pieces, note=note)

        yield Create(ref=Ref("constraint", Name(name), self._table), undo=undo)

    def _constraint_name(self, node: Any, kind: str) -> str:
        table = self._name.name
        columns = (
            names_of(node.fk_attrs) if kind == "CONSTR_FOREIGN" else names_of(node.keys) if node.keys else []
        )
        if kind == "CONSTR_PRIMARY":
            return cut(table, "pkey")
        if kind == "CONSTR_CHECK":
            from backend.engines.postgres.lint.expressions import messages_in

            used = {
                names_of(one.fields)[-1]
                for one in messages_in(node.raw_expr)
                if type(one).__name__ == "ColumnRef"
            }
            columns = sorted(used) if len(used) == 1 else []
        if kind == "CONSTR_EXCLUSION":
            columns = [one.list.items[0].index_elem.name or "expr" for one in node.exclusions]
        suffix = {
            "CONSTR_UNIQUE": "key", "CONSTR_FOREIGN": "fkey", "CONSTR_CHECK": "check", "CONSTR_EXCLUSION": "excl",
            "CONSTR_NOTNULL": "not_null",
        }.get(kind, "key")  # fmt: skip
        return cut(table, *columns, suffix)

    def drop_constraint(self) -> Iterator[AnyChange]:
        name = self._cmd.name
        cascade = enum_of(self._cmd, "behavior") == "DROP_CASCADE"

        def undo(thing: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            text = self._live.constraint(thing.table.before, thing.before.name)
            if text is None:
                return cannot(_NOT_THERE)
            more = self._live.referring(thing.table.before, thing.before.name) if cascade else []
            pieces = [action(self._head(thing), f"ADD CONSTRAINT {quote(thing.before.name)} {text}")]
            names = [*address(thing.table.before), thing.before.name]
            comment = self._live.comment("table constraint", names)
            if comment is not None:
                pieces.append(
                    Piece(
                        f"COMMENT ON CONSTRAINT {quote(thing.before.name)} ON {qualified(thing.table.now)} IS {_literal(comment)}"  # noqa: E501
                    )
                )
            return Undone(tuple(pieces), tuple(Piece(one) for one in more), "schema", as_before=True)

        yield Drop(ref=Ref("constraint", Name(name), self._table), undo=undo, if_exists=self._cmd.missing_ok)

    def validate(self) -> Iterator[AnyChange]:
        def undo(thing: Thing) -> Undone:
            if (
                self._live is None
                or self._live.is_validated(thing.table.before, thing.before.name) is not False
            ):
                return nothing("A validated constraint may stay so")
            name = quote(thing.now.name)
            text = self._live.constraint(thing.table.before, thing.before.name)
            head = self._head(thing)
            return Undone(
                (action(head, f"DROP CONSTRAINT {name}"), action(head, f"ADD CONSTRAINT {name} {text}")),
                source="schema",
                as_before=True,
            )

        yield Alter(ref=Ref("constraint", Name(self._cmd.name), self._table), what="valid", undo=undo)

    # -- the table -----------------------------------------------------------------------------------------------

    def _switch(self, table: Thing) -> Undone:
        what, on, column = _SWITCHES[self._kind]
        if self._live is not None:
            now = self._live.value(
                f"SELECT {column} FROM pg_class WHERE oid = to_regclass(%s)", qualified(table.before)
            )
            if now == on:
                return nothing("It is so already")
        return undone(action(self._head(table), _SWITCH_WORDS[what][1 if on else 0]))

    def _alter_table(self, what: str, undo: Callable[[Thing], Undone]) -> Iterator[AnyChange]:
        yield Alter(ref=self._table, what=what, undo=undo)

    def owner(self) -> Iterator[AnyChange]:
        def undo(table: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            old = self._live.value(
                "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = to_regclass(%s)",
                qualified(table.before),
            )
            return (
                undone(action(self._head(table), f"OWNER TO {quote(old)}"), source="schema")
                if old
                else cannot(_NOT_THERE)
            )

        yield from self._alter_table("owner", undo)

    def options(self) -> Iterator[AnyChange]:
        names = [one.def_elem.defname for one in self._def.list.items]

        def undo(table: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            found = self._live.ask(
                "SELECT o.option_name, o.option_value FROM pg_class c, pg_options_to_table(c.reloptions) o WHERE c.oid = to_regclass(%s)",  # noqa: E501
                (qualified(table.before),),
            )
            old = {name: value for name, value in found if name in names}
            back = (
                [
                    action(
                        self._head(table),
                        f"SET ({', '.join(f'{n} = {_literal(v)}' for n, v in old.items())})",
                    )
                ]
                if old
                else []
            )
            gone = [name for name in names if name not in old]
            if gone and self._kind == "AT_SetRelOptions":
                back.append(action(self._head(table), f"RESET ({', '.join(gone)})"))
            return undone(*back, source="schema")

        yield from self._alter_table("options " + " ".join(sorted(names)), undo)

    def partition(self) -> Iterator[AnyChange]:
        command = self._def.partition_cmd
        child = name_of_range(command.name)

        def undo(table: Thing) -> Undone:
            if self._kind == "AT_AttachPartition":
                return undone(Piece(f"{self._head(table)} DETACH PARTITION {qualified(child)}"))
            if self._live is None:
                return cannot(_NO_LIVE)
            bound = self._live.value(
                "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = to_regclass(%s)",
                qualified(child),
            )
            if bound is None:
                return cannot(_NOT_THERE)
            pieces = [Piece(f"{self._head(table)} ATTACH PARTITION {qualified(child)} {bound}")]
            note = None
            if command.concurrent:
                check = _check_left(self._live, table.now, child)
                if check is None:
                    note = f"The check that detaching leaves on {qualified(child)} stays"
                else:
                    head = f"ALTER TABLE {qualified(child)}"
                    pieces.append(Piece(f"{head} DROP CONSTRAINT IF EXISTS {quote(check)}"))
            return undone(*pieces, source="schema", note=note)

        # The partition's own thing: where it is made here, it goes with its own DROP.
        yield Alter(ref=Ref("table", child), what="partition", undo=lambda thing: undo(self._as_table(thing)))

    def _as_table(self, thing: Thing) -> Thing:
        parent = Thing("table", self._name, origin=self._name)
        parent.now = self._name
        return parent

    def inherit(self) -> Iterator[AnyChange]:
        other = qualified(name_of_range(self._def.range_var))
        word = "NO INHERIT" if self._kind == "AT_AddInherit" else "INHERIT"
        yield from self._alter_table(
            f"inherit {other}", lambda table: undone(Piece(f"{self._head(table)} {word} {other}"))
        )

    def replica_identity(self) -> Iterator[AnyChange]:
        def undo(table: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            found = self._live.value(
                "SELECT CASE relreplident WHEN 'd' THEN 'DEFAULT' WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL' "
                "ELSE 'USING INDEX ' || (SELECT quote_ident(i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid "
                "WHERE x.indrelid = c.oid AND x.indisreplident) END FROM pg_class c WHERE oid = to_regclass(%s)",
                qualified(table.before),
            )
            return (
                undone(action(self._head(table), f"REPLICA IDENTITY {found}"), source="schema")
                if found
                else cannot(_NOT_THERE)
            )

        yield from self._alter_table("replica identity", undo)

    def trigger(self) -> Iterator[AnyChange]:
        on = self._kind == "AT_EnableTrig"

        def undo(trigger: Thing) -> Undone:
            if self._live is not None:
                state = self._live.value(
                    "SELECT tgenabled FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgname = %s",
                    qualified(trigger.table.before), trigger.before.name,
                )  # fmt: skip
                if state == ("O" if on else "D"):
                    return nothing("It is so already")
                if state in ("R", "A"):
                    word = {"R": "REPLICA", "A": "ALWAYS"}[state]
                    return undone(
                        action(self._head(trigger), f"ENABLE {word} TRIGGER {quote(trigger.now.name)}"),
                        source="schema",
                    )
            return undone(
                action(
                    self._head(trigger), f"{'DISABLE' if on else 'ENABLE'} TRIGGER {quote(trigger.now.name)}"
                )
            )

        yield Alter(ref=Ref("trigger", Name(self._cmd.name), self._table), what="enabled", undo=undo)

    def cluster(self) -> Iterator[AnyChange]:
        def undo(table: Thing) -> Undone:
            if self._live is None:
                return cannot(_NO_LIVE)
            old = self._live.value(
                "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass(%s) "
                "AND i.indisclustered", qualified(table.before),
            )  # fmt: skip
            what = f"CLUSTER ON {quote(old)}" if old else "SET WITHOUT CLUSTER"
            return undone(action(self._head(table), what), source="schema")

        yield from self._alter_table("cluster", undo)


_COLUMN_ACTIONS: dict[str, tuple[str, Callable[[_Action, Thing], Undone]]] = {
    "AT_AlterColumnType": ("type", _Action.type_back), "AT_SetNotNull": ("null", _Action.set_not_null_back),
    "AT_DropNotNull": ("null", _Action.drop_not_null_back), "AT_ColumnDefault": ("default", _Action.default_back),
    "AT_SetStorage": ("storage", _Action.storage_back), "AT_SetStatistics": ("statistics", _Action.statistics_back),
    "AT_AddIdentity": ("identity", _Action.identity_back), "AT_SetIdentity": ("identity", _Action.identity_back),
    "AT_DropIdentity": ("identity", _Action.identity_back),
}  # fmt: skip
_ACTIONS: dict[str, Callable[[_Action], Iterator[AnyChange]]] = {
    "AT_AddColumn": _Action.add_column, "AT_DropColumn": _Action.drop_column, "AT_AddConstraint": _Action.add_constraint,
    "AT_DropConstraint": _Action.drop_constraint, "AT_ValidateConstraint": _Action.validate, "AT_ChangeOwner": _Action.owner,
    "AT_SetRelOptions": _Action.options, "AT_ResetRelOptions": _Action.options, "AT_AttachPartition": _Action.partition,
    "AT_DetachPartition": _Action.partition, "AT_AddInherit": _Action.inherit, "AT_DropInherit": _Action.inherit,
    "AT_ReplicaIdentity": _Action.replica_identity, "AT_EnableTrig": _Action.trigger, "AT_DisableTrig": _Action.trigger,
    "AT_ClusterOn": _Action.cluster, "AT_DropCluster": _Action.cluster,
}  # fmt: skip


def _literal(text: str) -> str:
    from .dialect import literal

    return literal(text)
