"""PostgreSQL's statements about comments, rights, owners, enums, sequences, domains and policies, as changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import postgast
from postgast import pg_query_pb2

from backend.engine.lint.ops import Name
from backend.engine.lint.source import Stmt
from backend.engine.undo.model import (
    Alter,
    AnyChange,
    Free,
    Piece,
    Ref,
    Thing,
    Undone,
    cannot,
    nothing,
    undone,
)
from backend.engines.postgres.lint.expressions import calls_in, messages_in, name_of_range
from backend.engines.postgres.lint.names import quote

from .alter import address
from .live import granted, qualified
from .nodes import enum_of, kind_of, name_in, name_of_list, type_sql

if TYPE_CHECKING:
    from .dialect import PgDialect

_NO_LIVE = "What was there before shows only in the live schema"
_NOT_THERE = "The live schema does not have it"
_PASSING = frozenset(
    """VariableSetStmt VariableShowStmt TransactionStmt ExplainStmt VacuumStmt ReindexStmt LockStmt NotifyStmt ListenStmt
    UnlistenStmt DiscardStmt CheckPointStmt RefreshMatViewStmt PrepareStmt DeallocateStmt ConstraintsSetStmt LoadStmt
    ClusterStmt FetchStmt ClosePortalStmt DeclareCursorStmt RepackStmt""".split()  # noqa: SIM905
)
_HARMLESS = frozenset(
    {"set_config", "now", "count", "version", "current_setting", "pg_sleep", "current_schema", "max", "min"}
)
_COMMENT_KINDS = {
    "OBJECT_TABLE": "table", "OBJECT_VIEW": "view", "OBJECT_MATVIEW": "materialized view", "OBJECT_INDEX": "index",
    "OBJECT_SEQUENCE": "sequence", "OBJECT_COLUMN": "table column", "OBJECT_TABCONSTRAINT": "table constraint",
    "OBJECT_SCHEMA": "schema", "OBJECT_TYPE": "type", "OBJECT_DOMAIN": "type", "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy", "OBJECT_RULE": "rule", "OBJECT_EXTENSION": "extension", "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure", "OBJECT_ROUTINE": "routine", "OBJECT_AGGREGATE": "aggregate",
    "OBJECT_FOREIGN_TABLE": "foreign table", "OBJECT_STATISTIC_EXT": "statistics object",
}  # fmt: skip
_ALL = {
    "OBJECT_TABLE": "", "OBJECT_SEQUENCE": "USAGE SELECT UPDATE", "OBJECT_SCHEMA": "USAGE CREATE", "OBJECT_FUNCTION": "EXECUTE",
    "OBJECT_PROCEDURE": "EXECUTE", "OBJECT_TYPE": "USAGE", "OBJECT_DOMAIN": "USAGE",
}  # fmt: skip
_GRANT_WORDS = {
    "OBJECT_TABLE": "", "OBJECT_SEQUENCE": "SEQUENCE ", "OBJECT_SCHEMA": "SCHEMA ", "OBJECT_FUNCTION": "FUNCTION ",
    "OBJECT_PROCEDURE": "PROCEDURE ", "OBJECT_TYPE": "TYPE ", "OBJECT_DOMAIN": "DOMAIN ",
}  # fmt: skip


def changes(dialect: PgDialect, node: Any, statement: Stmt) -> Iterator[AnyChange]:
    kind = kind_of(node)
    read = _READERS.get(kind)
    if read is not None:
        yield from read(dialect, node)
    elif kind in _PASSING:
        yield Free(nothing("It leaves nothing behind"))
    else:
        words = statement.keyword
        yield Free(cannot(_WHY.get(kind, f"The way back from this {words} statement is not known here")))


_WHY = {
    "DoStmt": "What a DO block does shows only when it runs",
    "CallStmt": "What the procedure does shows only when it runs",
    "CreateRoleStmt": "Roles belong to the whole server, other databases may use them by then",
    "AlterRoleStmt": "Roles belong to the whole server, and what this one was is not in the text",
    "DropRoleStmt": "Roles belong to the whole server, and what this one was is not in the text",
    "AlterExtensionStmt": "An extension cannot be updated back",
}


def deparsed(node: Any, field: str) -> str:
    """A statement's tree as SQL, by PostgreSQL's own deparser."""
    result = pg_query_pb2.ParseResult()
    getattr(result.stmts.add().stmt, field).CopyFrom(node)
    return str(postgast.deparse(result))


def _copy(node: Any) -> Any:
    other = type(node)()
    other.CopyFrom(node)
    return other


def _select(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    called = set(calls_in(node))
    from_clause = any(type(one).__name__ == "RangeVar" for one in messages_in(node))
    if not from_clause and called - _HARMLESS:
        yield Free(cannot(f"What {sorted(called - _HARMLESS)[0]}() does is not in the text"))
    else:
        yield Free(nothing("It leaves nothing behind"))


def _comment(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    from .dialect import KINDS, literal, parts_of

    what = enum_of(node, "objtype")
    kind = _COMMENT_KINDS.get(what)
    parts = parts_of(node.object)
    if what in ("OBJECT_COLUMN", "OBJECT_TABCONSTRAINT") and len(parts) > 1:
        ref: Ref | None = Ref(
            "column" if what == "OBJECT_COLUMN" else "constraint",
            Name(parts[-1]),
            Ref("table", name_in(parts[:-1])),
        )
    else:
        ref = dialect.ref(KINDS[what][0], node.object) if what in KINDS else None
    if kind is None or ref is None:
        yield Free(cannot("What it said before is not looked up here"))
        return

    def undo(thing: Thing) -> Undone:
        if dialect.live is None:
            return cannot(_NO_LIVE)
        arguments: list[str] = []
        if thing.kind == "function":
            held = node.object.object_with_args
            names = [one.string.sval for one in held.objname]
            arguments = [type_sql(one.type_name) for one in held.objargs]
        elif what in ("OBJECT_TYPE", "OBJECT_DOMAIN"):
            names = [qualified(thing.before)]
        elif thing.parent is not None:
            names = [*address(thing.parent.before), thing.before.name]
        else:
            names = address(thing.before)
        old = dialect.live.comment(kind or "", names, arguments)
        text = "NULL" if old is None else literal(old)
        words = (
            "CONSTRAINT"
            if what == "OBJECT_TABCONSTRAINT"
            else "COLUMN"
            if what == "OBJECT_COLUMN"
            else KINDS[what][1]
        )
        if what == "OBJECT_COLUMN":
            name = f"{qualified(thing.table.now)}.{quote(thing.now.name)}"
        elif thing.parent is not None:
            name = f"{quote(thing.now.name)} ON {qualified(thing.parent.now)}"
        else:
            name = dialect.sql(thing)
        return undone(f"COMMENT ON {words} {name} IS {text}", source="schema")

    yield Alter(ref=ref, what="comment", undo=undo)


def _grant(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    from .dialect import KINDS

    what = enum_of(node, "objtype")
    if enum_of(node, "targtype") != "ACL_TARGET_OBJECT" or what not in _GRANT_WORDS:
        yield Free(cannot("Who had which rights before is not in the text"))
        return
    with_columns = any(one.access_priv.cols for one in node.privileges)
    privileges = [one.access_priv.priv_name.upper() for one in node.privileges if not one.access_priv.cols]
    whole = _ALL[what].split() or [
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "TRUNCATE",
        "REFERENCES",
        "TRIGGER",
        "MAINTAIN",
    ]
    privileges = privileges or ([] if with_columns else whole)
    roles = [_role(one.role_spec) for one in node.grantees]
    for one in node.objects:
        if one.WhichOneof("node") == "range_var":
            ref: Ref | None = Ref("table", name_of_range(one.range_var))
        else:
            ref = dialect.ref(KINDS[what][0], one)
        if ref is None or "" in roles:
            yield Free(cannot("Who had which rights before is not in the text"))
            continue
        words = f"{sorted(privileges)}{roles}{with_columns}"
        yield Alter(
            ref=ref, what=f"rights {words} {node.is_grant}",
            undo=lambda thing: _rights_back(dialect, node, thing, what, privileges, roles, with_columns),
        )  # fmt: skip


def _rights_back(
    dialect: PgDialect,
    node: Any,
    thing: Thing,
    what: str,
    privileges: list[str],
    roles: list[str],
    with_columns: bool,
) -> Undone:
    name = dialect.sql(thing)
    words = _GRANT_WORDS[what]
    if dialect.live is None or with_columns:
        if not node.is_grant and dialect.live is None:
            return cannot("Whether the rights it takes were there is not in the text")
        flipped = _copy(node)
        flipped.is_grant = not node.is_grant
        flipped.grant_option = False
        return undone(
            deparsed(flipped, "grant_stmt"),
            note="Rights that were there before go as well" if node.is_grant else None,
        )
    before = dialect.sql(thing, thing.before)
    kind = {"OBJECT_SCHEMA": "schema", "OBJECT_FUNCTION": "function", "OBJECT_PROCEDURE": "function"}.get(
        what, "type" if what in ("OBJECT_TYPE", "OBJECT_DOMAIN") else "table"
    )
    held = {(who, privilege): passes for who, privilege, passes in dialect.live.acl(kind, before)}
    pieces: list[str] = []
    for role in roles:
        wanted = [one for one in privileges if one != "ALL"] or privileges
        if node.is_grant:
            new = [one for one in wanted if (role, one) not in held]
            if new:
                pieces.append(f"REVOKE {', '.join(new)} ON {words}{name} FROM {role}")
            if node.grant_option:
                passed = [one for one in wanted if held.get((role, one)) is False]
                if passed:
                    pieces.append(f"REVOKE GRANT OPTION FOR {', '.join(passed)} ON {words}{name} FROM {role}")
        else:
            pieces += granted(
                words, name, [(role, one, held[role, one]) for one in wanted if (role, one) in held]
            )
    return undone(*pieces, source="schema") if pieces else nothing("The rights are as they were")


def _role(spec: Any) -> str:
    kind = enum_of(spec, "roletype")
    return {"ROLESPEC_CSTRING": quote(spec.rolename), "ROLESPEC_PUBLIC": "PUBLIC"}.get(kind, "")


def _grant_role(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    yield Free(cannot("Roles belong to the whole server, and who was a member before is not in the text"))


def _default_rights(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    yield Free(cannot("Which default rights were there before is not in the text"))


def _owner(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    from .dialect import KINDS

    kind, words = KINDS.get(enum_of(node, "object_type"), ("", ""))
    relation = name_of_range(node.relation) if node.HasField("relation") else None
    ref = Ref(kind, relation) if relation else dialect.ref(kind, node.object) if kind else None
    sources = {
        "function": ("proowner", "pg_proc", "to_regprocedure(%s)"), "schema": ("nspowner", "pg_namespace", "to_regnamespace(%s)"),  # noqa: E501
        "type": ("typowner", "pg_type", "to_regtype(%s)"), "domain": ("typowner", "pg_type", "to_regtype(%s)"),
    }  # fmt: skip
    if ref is None or (kind not in sources and relation is None):
        yield Free(cannot("Whose it was before is not looked up here"))
        return
    column, catalog, find = sources.get(kind, ("relowner", "pg_class", "to_regclass(%s)"))

    def undo(thing: Thing) -> Undone:
        if dialect.live is None:
            return cannot(_NO_LIVE)
        old = dialect.live.value(
            f"SELECT pg_get_userbyid({column}) FROM {catalog} WHERE oid = {find}",
            dialect.sql(thing, thing.before),
        )
        return (
            undone(f"ALTER {words} {dialect.sql(thing)} OWNER TO {quote(old)}", source="schema")
            if old
            else cannot(_NOT_THERE)
        )

    yield Alter(ref=ref, what="owner", undo=undo)


def _enum(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    from .dialect import literal

    ref = Ref("type", name_of_list(node.type_name))

    def undo(thing: Thing) -> Undone:
        if node.old_val:
            old, new = literal(node.old_val), literal(node.new_val)
            return undone(f"ALTER TYPE {qualified(thing.now)} RENAME VALUE {new} TO {old}")
        if node.skip_if_new_val_exists and dialect.live is not None:
            found = dialect.live.value(
                "SELECT 1 FROM pg_enum WHERE enumtypid = to_regtype(%s) AND enumlabel = %s",
                qualified(thing.before),
                node.new_val,
            )
            if found:
                return nothing("The value is there already")
        return cannot("PostgreSQL cannot take a value out of an enum")

    yield Alter(ref=ref, what=f"value {node.new_val}", undo=undo)


_SEQUENCE = """
SELECT format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache, s.seqcycle,
       (SELECT format('%%s.%%I', d.refobjid::regclass, a.attname) FROM pg_depend d
        JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.objid = s.seqrelid AND d.deptype = 'a')
FROM pg_sequence s WHERE s.seqrelid = to_regclass(%s)
"""


def _sequence(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    names = [one.def_elem.defname for one in node.options]

    def undo(thing: Thing) -> Undone:
        if dialect.live is None:
            return cannot(_NO_LIVE)
        found = dialect.live.ask(_SEQUENCE, (qualified(thing.before),))
        if not found:
            return cannot(_NOT_THERE)
        type_, increment, low, high, start, cache, cycles, owner = found[0]
        words = {
            "as": f"AS {type_}", "increment": f"INCREMENT BY {increment}", "minvalue": f"MINVALUE {low}",
            "maxvalue": f"MAXVALUE {high}", "start": f"START WITH {start}", "cache": f"CACHE {cache}",
            "cycle": "CYCLE" if cycles else "NO CYCLE", "owned_by": f"OWNED BY {owner or 'NONE'}",
        }  # fmt: skip
        if "as" in names:
            names.extend(one for one in ("minvalue", "maxvalue") if one not in names)
        back = [words[one] for one in names if one in words]
        problem = "Where the sequence stood is not brought back" if "restart" in names else None
        pieces = (Piece(f"ALTER SEQUENCE {qualified(thing.now)} {' '.join(back)}"),) if back else ()
        return Undone(pieces, source="schema" if back else "none", problem=problem)

    yield Alter(
        ref=Ref("sequence", name_of_range(node.sequence)),
        what="options " + " ".join(sorted(names)),
        undo=undo,
    )


def _domain(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    ref = Ref("domain", name_of_list(node.type_name))

    def undo(thing: Thing) -> Undone:
        name = qualified(thing.now)
        live = dialect.live
        if node.subtype == "C" and getattr(node, "def").constraint.conname:
            return undone(
                f"ALTER DOMAIN {name} DROP CONSTRAINT {quote(getattr(node, 'def').constraint.conname)}"
            )
        if live is None:
            return {
                "N": undone(f"ALTER DOMAIN {name} SET NOT NULL"), "O": undone(f"ALTER DOMAIN {name} DROP NOT NULL")
            }.get(node.subtype, cannot(_NO_LIVE))  # fmt: skip
        found = live.ask(
            "SELECT typnotnull, typdefault FROM pg_type WHERE oid = to_regtype(%s)",
            (qualified(thing.before),),
        )
        if not found:
            return cannot(_NOT_THERE)
        not_null, default = found[0]
        if node.subtype in ("N", "O"):
            return undone(f"ALTER DOMAIN {name} {'SET' if not_null else 'DROP'} NOT NULL", source="schema")
        if node.subtype == "T":
            what = f"SET DEFAULT {default}" if default is not None else "DROP DEFAULT"
            return undone(f"ALTER DOMAIN {name} {what}", source="schema")
        if node.subtype == "X":
            text = live.value(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contypid = to_regtype(%s) AND conname = %s",
                qualified(thing.before), node.name,
            )  # fmt: skip
            return (
                undone(f"ALTER DOMAIN {name} ADD CONSTRAINT {quote(node.name)} {text}", source="schema")
                if text
                else cannot(_NOT_THERE)
            )
        return cannot("The way back is not known here")

    detail = node.name or (getattr(node, "def").constraint.conname if node.subtype == "C" else "")
    yield Alter(ref=ref, what=f"{'N' if node.subtype == 'O' else node.subtype} {detail}", undo=undo)


def _again(dialect: PgDialect, kind: str, ref: Ref, drop: str) -> AnyChange:
    """An object that is altered: dropped and made again as it was."""

    def undo(thing: Thing) -> Undone:
        back = dialect.object_back(kind, thing)
        if back.problem is not None:
            return back
        on = f" ON {qualified(thing.table.before)}" if thing.parent else ""
        first = [Piece(f"{drop} {dialect.sql(thing, thing.before)}{on}")] if drop else []
        return Undone((*first, *back.pieces), back.late, "schema", as_before=True)

    return Alter(ref=ref, what="definition", undo=undo)


def _policy(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    ref = Ref("policy", Name(node.policy_name), Ref("table", name_of_range(node.table)))
    yield _again(dialect, "policy", ref, "DROP POLICY")


def _function(dialect: PgDialect, node: Any) -> Iterator[AnyChange]:
    from .nodes import signature_of

    yield _again(dialect, "function", Ref("function", dialect._function(signature_of(node.func))), "")


_READERS = {
    "SelectStmt": _select, "CommentStmt": _comment, "GrantStmt": _grant, "GrantRoleStmt": _grant_role,
    "AlterDefaultPrivilegesStmt": _default_rights, "AlterOwnerStmt": _owner, "AlterEnumStmt": _enum,
    "AlterSeqStmt": _sequence, "AlterDomainStmt": _domain, "AlterPolicyStmt": _policy, "AlterFunctionStmt": _function,
}  # fmt: skip
