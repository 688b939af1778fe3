"""PostgreSQL's statements as changes: what is made, dropped and renamed. ALTER TABLE is in `alter`. Pure, given `PgLive`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.undo.dialect import Dialect
from backend.engine.undo.model import (
    AnyChange,
    Create,
    Drop,
    Free,
    Piece,
    Ref,
    Rename,
    Thing,
    Undone,
    cannot,
    nothing,
    undone,
)
from backend.engines.postgres.lint.expressions import name_of_range
from backend.engines.postgres.lint.names import quote

from . import alter, others, rows
from .live import PgLive, qualified
from .nodes import Made, enum_of, kind_of, made_by, name_in, name_of_list, signature_of

NO_LIVE = "What was there before shows only in the live schema"
NOT_THERE = "The live schema does not have it"
RELATIONS = frozenset({"table", "view", "materialized_view", "index", "sequence", "foreign_table"})
ON_TABLE = frozenset({"trigger", "policy", "rule"})
# (kind, words of its DROP and ALTER)
KINDS: dict[str, tuple[str, str]] = {
    "OBJECT_TABLE": ("table", "TABLE"), "OBJECT_VIEW": ("view", "VIEW"), "OBJECT_INDEX": ("index", "INDEX"),
    "OBJECT_MATVIEW": ("materialized_view", "MATERIALIZED VIEW"), "OBJECT_SEQUENCE": ("sequence", "SEQUENCE"),
    "OBJECT_FOREIGN_TABLE": ("foreign_table", "FOREIGN TABLE"), "OBJECT_TYPE": ("type", "TYPE"),
    "OBJECT_DOMAIN": ("domain", "DOMAIN"), "OBJECT_SCHEMA": ("schema", "SCHEMA"),
    "OBJECT_FUNCTION": ("function", "FUNCTION"), "OBJECT_PROCEDURE": ("function", "PROCEDURE"),
    "OBJECT_ROUTINE": ("function", "ROUTINE"), "OBJECT_AGGREGATE": ("function", "AGGREGATE"),
    "OBJECT_TRIGGER": ("trigger", "TRIGGER"), "OBJECT_POLICY": ("policy", "POLICY"), "OBJECT_RULE": ("rule", "RULE"),
    "OBJECT_EXTENSION": ("extension", "EXTENSION"), "OBJECT_EVENT_TRIGGER": ("event_trigger", "EVENT TRIGGER"),
    "OBJECT_PUBLICATION": ("publication", "PUBLICATION"), "OBJECT_STATISTIC_EXT": ("statistics", "STATISTICS"),
    "OBJECT_COLLATION": ("collation", "COLLATION"), "OBJECT_FOREIGN_SERVER": ("server", "SERVER"),
    "OBJECT_FDW": ("fdw", "FOREIGN DATA WRAPPER"), "OBJECT_TSCONFIGURATION": ("ts_configuration", "TEXT SEARCH CONFIGURATION"),
    "OBJECT_TSDICTIONARY": ("ts_dictionary", "TEXT SEARCH DICTIONARY"),
}  # fmt: skip


def parts_of(node: Any) -> list[str]:
    """The parts of an object's name, whichever way the parser holds it."""
    which = node.WhichOneof("node")
    if which == "list":
        return [item.string.sval for item in node.list.items]
    if which == "string":
        return [node.string.sval]
    if which == "type_name":
        return [item.string.sval for item in node.type_name.names]
    return []


class PgDialect(Dialect):
    dialect: ClassVar[str | None] = "postgres"
    joins_actions: ClassVar[bool] = True
    spaces: ClassVar[dict[str, str]] = {
        "view": "table", "materialized_view": "table", "sequence": "table", "foreign_table": "table", "index": "table",
        "domain": "type",
    }  # fmt: skip
    live: PgLive | None

    def __init__(self, live: PgLive | None = None) -> None:
        super().__init__(live)
        self._functions: list[Name] = []
        """Functions the up makes, for a DROP or COMMENT that names one without its arguments."""
        self.taken: set[str] = set()
        """Names the up has given to indexes and constraints."""

    @property
    def default_schema(self) -> str | None:
        return self.live.default_schema if self.live else "public"

    # -- names ---------------------------------------------------------------------------------------------------

    def sql(self, thing: Thing, name: Name | None = None) -> str:
        """A thing's name as SQL, as it is called when this runs."""
        name = name or thing.now
        if thing.kind == "function":
            return f"{quote(name.schema)}.{name.name}" if name.schema else name.name
        return qualified(name)

    def ref(self, kind: str, node: Any) -> Ref | None:
        """What an object node of DROP, COMMENT or ALTER names."""
        if kind == "function" and node.HasField("object_with_args"):
            return Ref("function", self._function(signature_of(node.object_with_args)))
        parts = parts_of(node)
        if not parts:
            return None
        if kind in ON_TABLE and len(parts) > 1:
            return Ref(kind, Name(parts[-1]), Ref("table", name_in(parts[:-1])))
        return Ref(kind, name_in(parts))

    def _function(self, name: Name) -> Name:
        if "(" in name.name:
            return name
        made = [one for one in self._functions if one.name.startswith(f"{name.name}(")]
        return made[-1] if made else name

    # -- statements ----------------------------------------------------------------------------------------------

    def changes(self, statement: Stmt) -> Iterable[AnyChange]:
        node: Any = statement.node
        if node is None:
            return [Free(nothing())]
        made = list(made_by(node))
        if made:
            return [self._create(one, node, statement) for one in made] + self._inside(node)
        match kind_of(node):
            case "IndexStmt":
                return [self._create_index(node)]
            case "DropStmt":
                return list(self._drops(node))
            case "RenameStmt":
                return [self._rename(node)]
            case "AlterObjectSchemaStmt":
                return [self._set_schema(node)]
            case "AlterTableStmt":
                return list(alter.changes(self, node))
            case "InsertStmt" | "UpdateStmt" | "DeleteStmt" | "TruncateStmt" | "CopyStmt" | "MergeStmt":
                return list(rows.changes(self, node))
        return list(others.changes(self, node, statement))

    def _inside(self, node: Any) -> list[AnyChange]:
        """What CREATE SCHEMA makes in one statement."""
        if kind_of(node) != "CreateSchemaStmt":
            return []
        found: list[AnyChange] = []
        for element in node.schema_elts:
            inner = getattr(element, str(element.WhichOneof("node")))
            for one in made_by(inner):
                name = replace(one.name, schema=one.name.schema or node.schemaname)
                found.append(self._create(replace(one, name=name), inner, None))
        return found

    def _create(self, made: Made, node: Any, statement: Stmt | None) -> AnyChange:
        if made.temporary:
            return Free(nothing("It ends with its session"))
        parent = Ref("table", made.table) if made.table else None
        if made.kind == "function":
            self._functions.append(made.name)

        def undo(thing: Thing) -> Undone:
            note = None
            if made.or_replace and self.live is None:
                note = "Where there was an older definition, it does not come back"
            on = f" ON {qualified(thing.table.now)}" if made.table else ""
            return undone(f"DROP {made.words} {self.sql(thing)}{on}", note=note)

        return Create(
            ref=Ref(made.kind, made.name, parent), undo=undo, if_not_exists=made.if_not_exists,
            or_replace=made.or_replace, replaced=lambda thing: self._replaced(made, thing),
        )  # fmt: skip

    def _replaced(self, made: Made, thing: Thing) -> Undone:
        if made.words in ("FUNCTION", "PROCEDURE"):
            text = self.live.function_text(thing.before) if self.live else None
            return Undone((Piece(text),), source="schema", as_before=True) if text else cannot(NOT_THERE)
        on = f" ON {qualified(thing.table.before)}" if made.table else ""
        drop = Piece(f"DROP {made.words} {self.sql(thing, thing.before)}{on}")
        back = self.object_back(made.kind, thing)
        if back.problem is not None:
            return back
        return Undone((drop, *back.pieces), back.late, "schema", as_before=True)

    def _create_index(self, node: Any) -> AnyChange:
        table = name_of_range(node.relation)
        name, note = node.idxname, None
        if not name:
            name, note = self.free_name(alter.index_name(table, node), table.schema)
        self.taken.add(name)
        concurrently = "CONCURRENTLY " if node.concurrent else ""
        return Create(
            ref=Ref("index", Name(name, table.schema)), owner=Ref("table", table), if_not_exists=node.if_not_exists,
            undo=lambda index: undone(Piece(f"DROP INDEX {concurrently}{qualified(index.now)}"), note=note),
        )  # fmt: skip

    def free_name(self, wanted: str, schema: str | None) -> tuple[str, str | None]:
        """The name PostgreSQL gives where the text gives none: the first that is free."""
        if self.live is None:
            return wanted, "The text does not name it: this is the name PostgreSQL gives where it is free"
        for number in ("", *map(str, range(1, 1000))):
            name = wanted + number
            if name not in self.taken and not self.live.has("index", Name(name, schema)):
                return name, None
        return wanted, None

    # -- dropping ------------------------------------------------------------------------------------------------

    def _drops(self, node: Any) -> Iterator[AnyChange]:
        kind, _ = KINDS.get(enum_of(node, "remove_type"), ("", ""))
        cascade = enum_of(node, "behavior") == "DROP_CASCADE"
        for one in node.objects:
            ref = self.ref(kind, one) if kind else None
            if ref is None:
                yield Free(cannot("What it drops is not looked up here"))
                continue
            owner = None
            if kind == "index" and self.live is not None:
                table = self.live.table_of_index(ref.name)
                owner = (
                    Ref("table", Name(table.name, ref.name.schema or self._unless_default(table)))
                    if table
                    else None
                )
            yield Drop(
                ref=ref,
                undo=self._back(kind, cascade, node.concurrent),
                if_exists=node.missing_ok,
                owner=owner,
            )

    def _unless_default(self, name: Name) -> str | None:
        return None if name.schema == self.default_schema else name.schema

    def _back(self, kind: str, cascade: bool, concurrent: bool) -> Callable[[Thing], Undone]:
        def undo(thing: Thing) -> Undone:
            if kind == "index":
                return self.index_back(thing, concurrent)
            found = self.object_back(kind, thing)
            if cascade and found.problem is None and self.live is not None and kind in RELATIONS:
                return self._with_dependents(found, thing)
            if cascade and found.problem is None:
                return replace(found, problem="What CASCADE took along is not all known")
            return found

        return undo

    def _with_dependents(self, found: Undone, thing: Thing) -> Undone:
        """The views and foreign keys that CASCADE took along."""
        assert self.live is not None
        more: list[str] = []
        for view in self.live.dependent_views(thing.before):
            for kind in ("view", "materialized_view"):
                more += self.live.dumped.object(kind, view) if self.live.dumped else []
            more += self.live.rights(view)
        if self.live.dumped is not None:
            more += self.live.dumped.referring(thing.before)
        return replace(found, late=(*found.late, *(Piece(one) for one in more)))

    def index_back(self, index: Thing, concurrent: bool = False) -> Undone:
        if self.live is None:
            return cannot(NO_LIVE)
        text = self.live.index(index.before)
        if text is None:
            return cannot(NOT_THERE)
        comments = self.live.comment("index", alter.address(index.before))
        pieces = [
            Piece(
                f"{text[: text.index('INDEX') + 5]} CONCURRENTLY{text[text.index('INDEX') + 5 :]}"
                if concurrent
                else text
            )
        ]
        if comments:
            pieces.append(Piece(f"COMMENT ON INDEX {qualified(index.before)} IS {literal(comments)}"))
        # It waits for its table, which may come back by a statement further up.
        return (
            Undone((), tuple(pieces), "schema") if not concurrent else Undone(tuple(pieces), source="schema")
        )

    def object_back(self, kind: str, thing: Thing) -> Undone:
        """A dropped thing as the dump has it."""
        if self.live is None:
            return cannot(NO_LIVE)
        body = self.live.function_text(thing.before) if kind == "function" else None
        if body is not None:
            return Undone((Piece(body), *self._function_extras(thing)), source="schema", as_before=True)
        dumped = self.live.dumped
        if dumped is None:
            return cannot(f"pg_dump, which would tell, does not work here: {self.live.dump_problem}")
        if kind in ("table", "foreign_table"):
            first, late = dumped.table(thing.before)
            if not first:
                return cannot(NOT_THERE)
            rights = self.live.rights(thing.before)
            note = f"The rows of {qualified(thing.before)} do not come back"
            return Undone(_pieces(first), _pieces([*late, *rights]), "schema", note)
        table = thing.parent.before if thing.parent else None
        found = dumped.object(kind, thing.before, table)
        if not found:
            return cannot(NOT_THERE)
        if kind in RELATIONS:
            found = found + self.live.rights(thing.before)
        lost = "What the schema held does not come back with it" if kind == "schema" else None
        return Undone(_pieces(found), source="schema", note=lost, as_before=True)

    def _function_extras(self, thing: Thing) -> Iterator[Piece]:
        assert self.live is not None
        oid = self.live.function(thing.before)
        found = self.live.ask(
            "SELECT oid::regprocedure::text, obj_description(oid, 'pg_proc'), prokind = 'p', "
            "CASE WHEN proowner <> (SELECT oid FROM pg_roles WHERE rolname = current_user) THEN pg_get_userbyid(proowner) END "
            "FROM pg_proc WHERE oid = %s",
            (oid,),
        )
        for name, comment, is_procedure, owner in found:
            words = "PROCEDURE" if is_procedure else "FUNCTION"
            if owner:
                yield Piece(f"ALTER {words} {name} OWNER TO {quote(owner)}")
            if comment:
                yield Piece(f"COMMENT ON {words} {name} IS {literal(comment)}")

    # -- renaming ------------------------------------------------------------------------------------------------

    def _rename(self, node: Any) -> AnyChange:
        what = enum_of(node, "rename_type")
        relation = name_of_range(node.relation) if node.HasField("relation") else None
        parent = Ref("table", relation) if relation else None
        words = {
            "OBJECT_VIEW": "VIEW",
            "OBJECT_MATVIEW": "MATERIALIZED VIEW",
            "OBJECT_FOREIGN_TABLE": "FOREIGN TABLE",
        }.get(enum_of(node, "relation_type"), "TABLE")
        if what in ("OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_ATTRIBUTE") and relation is not None:
            kind = "constraint" if what == "OBJECT_TABCONSTRAINT" else "column"
            word = {"OBJECT_ATTRIBUTE": "ATTRIBUTE", "OBJECT_TABCONSTRAINT": "CONSTRAINT"}.get(what, "COLUMN")
            if what == "OBJECT_ATTRIBUTE":
                words, parent = "TYPE", Ref("type", relation)
            self.taken.add(node.newname)
            return _renaming(
                Ref(kind, Name(node.subname), parent), Name(node.newname),
                lambda thing, old: f"ALTER {words} {qualified(thing.table.now)} RENAME {word} {quote(thing.now.name)} TO {quote(old.name)}",  # noqa: E501
            )  # fmt: skip
        if what in ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE") and parent is not None:
            kind, word = KINDS[what]
            return _renaming(
                Ref(kind, Name(node.subname), parent), Name(node.newname),
                lambda thing, old: f"ALTER {word} {quote(thing.now.name)} ON {qualified(thing.table.now)} RENAME TO {quote(old.name)}",  # noqa: E501
            )  # fmt: skip
        kind, word = KINDS.get(what, ("", ""))
        if what == "OBJECT_SCHEMA":
            return _renaming(
                Ref("schema", Name(node.subname)), Name(node.newname),
                lambda thing, old: f"ALTER SCHEMA {quote(thing.now.name)} RENAME TO {quote(old.name)}",
            )  # fmt: skip
        ref = (
            Ref(kind, relation)
            if relation is not None and kind
            else self.ref(kind, node.object)
            if kind
            else None
        )
        if ref is None or (kind == "function" and "(" not in ref.name.name):
            return Free(cannot("Which object it renames is not looked up here"))
        if kind == "function":
            types = ref.name.name[ref.name.name.index("(") :]
            back = node.object.object_with_args.objname[-1].string.sval
            self._functions.append(Name(quote(node.newname) + types, ref.name.schema))
            return _renaming(
                ref, Name(quote(node.newname) + types, ref.name.schema),
                lambda thing, old: f"ALTER {word} {self.sql(thing)} RENAME TO {quote(back)}",
            )  # fmt: skip
        return _renaming(
            ref,
            Name(node.newname, ref.name.schema),
            lambda thing, old: f"ALTER {word} {qualified(thing.now)} RENAME TO {quote(old.name)}",
        )

    def _set_schema(self, node: Any) -> AnyChange:
        kind, word = KINDS.get(enum_of(node, "object_type"), ("", ""))
        relation = name_of_range(node.relation) if node.HasField("relation") else None
        ref = (
            Ref(kind, relation)
            if relation is not None and kind
            else self.ref(kind, node.object)
            if kind
            else None
        )
        if ref is None:
            return Free(cannot("Which object it moves is not looked up here"))
        if ref.name.schema is None and self.live is None:
            return Free(cannot("The schema it came from is not in the text"))
        old_schema = ref.name.schema or self.default_schema
        return _renaming(
            ref, replace(ref.name, schema=node.newschema),
            lambda thing, old: f"ALTER {word} {self.sql(thing)} SET SCHEMA {quote(old_schema or 'public')}",
        )  # fmt: skip

    def rename_table(self, old: Name, new: Name) -> Piece | None:
        return Piece(f"ALTER TABLE {qualified(old)} RENAME TO {quote(new.name)}")

    def copy_rows(
        self, to: Name, to_columns: Sequence[str], source: Name, columns: Sequence[str]
    ) -> Piece | None:
        here, there = (", ".join(quote(one) for one in part) for part in (to_columns, columns))
        return Piece(f"INSERT INTO {qualified(to)} ({here})\nSELECT {there} FROM {qualified(source)}")

    # -- the whole down ------------------------------------------------------------------------------------------

    def transaction(self, pieces: Sequence[Piece], wanted: bool) -> tuple[list[Piece], bool]:
        """What runs CONCURRENTLY must be alone in its block, outside a transaction; among others it runs as they do."""

        def is_concurrent(text: str) -> bool:
            head = text.split(None, 4)[:4]
            return "CONCURRENTLY" in head

        concurrent = [is_concurrent(one.text) for one in pieces]
        if not any(concurrent):
            return list(pieces), True
        if len(pieces) == 1:
            return list(pieces), False
        return [
            Piece(one.text.replace("CONCURRENTLY ", "", 1)) if flag else one
            for one, flag in zip(pieces, concurrent, strict=True)
        ], True


def _renaming(ref: Ref, new: Name, back: Callable[[Thing, Name], str]) -> Rename:
    return Rename(
        ref=ref, new=new, undo=lambda _: nothing(), undo_to=lambda thing, old: undone(back(thing, old))
    )


def _pieces(texts: Sequence[str]) -> tuple[Piece, ...]:
    return tuple(Piece(one) for one in texts)


def literal(text: str) -> str:
    """A string as SQL, the same with standard_conforming_strings on and off."""
    quoted = "'" + text.replace("'", "''") + "'"
    return "E" + quoted.replace("\\", "\\\\") if "\\" in text else quoted


__all__ = ["KINDS", "NOT_THERE", "NO_LIVE", "PgDialect", "literal", "name_of_list", "parts_of"]
