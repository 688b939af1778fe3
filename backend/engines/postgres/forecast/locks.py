"""The locks each statement of PostgreSQL takes on tables, by its parse tree and the live foreign keys. Pure.

`tests/preview/test_postgres_locks.py` runs every form here in an open transaction and compares with pg_locks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from backend.engine.forecast.locks import once
from backend.engine.forecast.port import Locks, Place
from backend.engine.lint import ops
from backend.engine.lint.ops import Name
from backend.engines.postgres.lint.expressions import messages_in, name_of_range
from backend.models.preview import ExpectedLock

from .altering import alter_locks
from .modes import AE, ALTER_TABLE, AS, EXPLICIT_LOCKING, LOCK_TABLE, ORDER, RE, RS, SRE, SUE, E, S
from .tables import enum_of, held, names_in, parts_of, ranges_in
from .taking import Taking

_NEITHER = frozenset(
    """CreateSchemaStmt CreateEnumStmt CreateRangeStmt CompositeTypeStmt CreateDomainStmt CreateFunctionStmt AlterFunctionStmt
    CreateRoleStmt AlterRoleStmt AlterRoleSetStmt GrantRoleStmt DropRoleStmt AlterEnumStmt DefineStmt CreateCastStmt
    VariableSetStmt VariableShowStmt TransactionStmt NotifyStmt ListenStmt UnlistenStmt CreateEventTrigStmt
    AlterDefaultPrivilegesStmt CreateSeqStmt GrantStmt CreatedbStmt AlterDatabaseStmt AlterDatabaseSetStmt
    CreateOpClassStmt CreateOpFamilyStmt CreatePlangStmt CheckPointStmt DiscardStmt CreateFdwStmt CreateForeignServerStmt
    CreateUserMappingStmt AlterTypeStmt PrepareStmt DeallocateStmt AlterSystemStmt CreateConversionStmt CreateTransformStmt
    CreateTableSpaceStmt AlterEventTrigStmt AlterOperatorStmt ConstraintsSetStmt AlterTsdictionaryStmt
    AlterTsconfigurationStmt CreateSubscriptionStmt AlterCollationStmt""".split()  # noqa: SIM905
)
"""What takes no lock on a table."""


def locks(place: Place) -> Locks:
    statement = place.statement
    if statement.problem is not None:
        return Locks(unknown="The statement was not understood, so what it locks is not known.")
    node = statement.node
    if node is None:
        return Locks()
    kind = type(node).__name__
    if kind in _NEITHER:
        return Locks()
    reader = _READERS.get(kind)
    if reader is None:
        return Locks(unknown=_UNKNOWN.get(kind, "What this statement locks is not known here."))
    return Locks(once(reader(Taking(place), node), ORDER), _also_unknown(kind, node))


_UNKNOWN = {
    "DoStmt": "A DO block runs code; what it locks shows only when it runs.",
    "CallStmt": "A procedure runs code; what it locks shows only when it runs.",
    "ExecuteStmt": "What the prepared statement locks is not looked up here.",
    "CreateExtensionStmt": "An extension runs its own script; what that locks is not known here.",
    "AlterExtensionStmt": "An extension runs its own script; what that locks is not known here.",
    "AlterDomainStmt": "Every table that has a column of this domain may be locked; which these are is not looked up.",
    "DropOwnedStmt": "Everything the role owns is locked; what that is, is not looked up.",
    "ReassignOwnedStmt": "Everything the role owns is locked; what that is, is not looked up.",
}


def _also_unknown(kind: str, node: Any) -> str:
    if kind == "DropStmt" and enum_of(node, "behavior") == "DROP_CASCADE":
        return "CASCADE locks what depends on it as well: views and functions are not followed here."
    if kind == "SelectStmt" and any(type(one).__name__ == "FuncCall" for one in messages_in(node)):
        return "What the functions it calls lock is not looked at."
    return ""


# -- data --------------------------------------------------------------------------------------------------------


def _insert(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    table = name_of_range(node.relation)
    yield take(table, RE)
    yield from _parents(take, table)
    yield from take.reads(node.select_stmt)


def _parents(take: Taking, table: Name) -> Iterator[ExpectedLock]:
    for parent, _ in take.known.references(table):
        why = f"Each row's foreign key is looked up in {parent}. {EXPLICIT_LOCKING}"
        yield take(parent, RS, why, certain=False)


def _children_of_keys(take: Taking, table: Name, columns: Iterable[str] | None) -> Iterator[ExpectedLock]:
    """What a changed key makes the server look at: None is a delete."""
    for child, relation in take.known.referenced_by(table):
        changed = {one.casefold() for one in columns} if columns is not None else None
        if changed is not None and changed.isdisjoint(one.casefold() for one in relation.to_columns):
            continue
        action = relation.on_delete if columns is None else relation.on_update
        mode = RS if action in ("NO ACTION", "RESTRICT", "") else RE
        why = f"Rows of {child} point at {table} (ON {'DELETE' if columns is None else 'UPDATE'} {action}). {EXPLICIT_LOCKING}"
        yield take(child, mode, why, certain=False)


def _update(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    table = name_of_range(node.relation)
    columns = [one.res_target.name for one in node.target_list]
    yield take(table, RE)
    for child in take.known.children(table):
        yield take(child, RE)
    own = {
        column.casefold()
        for _, relation in take.known.references(table)
        for column in relation.columns
    }  # fmt: skip
    if own & {one.casefold() for one in columns}:
        yield from _parents(take, table)
    yield from _children_of_keys(take, table, columns)
    yield from take.reads(node.from_clause)
    yield from take.reads(node.where_clause)


def _delete(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    table = name_of_range(node.relation)
    yield take(table, RE)
    for child in take.known.children(table):
        yield take(child, RE)
    yield from _children_of_keys(take, table, None)
    yield from take.reads(node.using_clause)
    yield from take.reads(node.where_clause)


def _merge(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    table = name_of_range(node.relation)
    yield take(table, RE)
    yield from _parents(take, table)
    yield from _children_of_keys(take, table, None)
    yield from take.reads(node.source_relation)


def _select(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    locking = len(node.locking_clause) > 0
    for table in ranges_in(node):
        yield take(table, RS if locking else AS)


def _copy(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    if node.HasField("relation"):
        table = name_of_range(node.relation)
        yield take(table, RE if node.is_from else AS)
        yield from _parents(take, table) if node.is_from else ()
    else:
        yield from take.reads(node.query)


def _lock(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    for one in node.relations:
        yield from take.with_children(name_of_range(one.range_var), LOCK_TABLE.get(node.mode, AE))


# -- made --------------------------------------------------------------------------------------------------------


def _create_table(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    if hasattr(node, "base_stmt"):
        node = node.base_stmt
    op = next(one for one in take.place.statement.ops if isinstance(one, ops.CreateTable))
    yield _own(take, op.name)
    for constraint in (*op.constraints, *(one for column in op.columns for one in column.constraints)):
        if constraint.references is not None and not constraint.references.same(op.name):
            why = f"The foreign key puts triggers on {constraint.references}. {EXPLICIT_LOCKING}"
            yield take(constraint.references, SRE, why)
    for one in node.inh_relations:
        is_partition = node.HasField("partbound")
        page = (
            "PostgreSQL docs, CREATE TABLE (sql-createtable.html): PARTITION OF"
            if is_partition
            else EXPLICIT_LOCKING
        )
        yield take(name_of_range(one.range_var), AE if is_partition else SUE, page)
    for element in node.table_elts:
        if element.WhichOneof("node") == "table_like_clause":
            yield take(name_of_range(element.table_like_clause.relation), AS)


def _own(take: Taking, table: Name) -> ExpectedLock:
    return ExpectedLock(
        object=str(table),
        mode=AE,
        held=held(take.place),
        because="It is new: nobody else sees it before the transaction ends.",
    )


def _create_as(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    yield _own(take, name_of_range(node.into.rel))
    yield from take.reads(node.query)


def _view(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    name = name_of_range(node.view)
    is_there = take.known.entry(name) is not None
    if node.replace and (is_there or not take.known.is_read):
        yield take(name, AE, certain=is_there)
    else:
        yield _own(take, name)
    yield from take.reads(node.query)


def _index(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    table = name_of_range(node.relation)
    page = "PostgreSQL docs, CREATE INDEX (sql-createindex.html)"
    if node.concurrent:
        yield take(table, SUE, page, how="while it works")
    else:
        yield from take.with_children(table, S, page)


def _trigger(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    yield from take.with_children(name_of_range(node.relation), SRE)


def _on_table(mode: str, field: str = "relation") -> Callable[[Taking, Any], Iterator[ExpectedLock]]:
    def taken(take: Taking, node: Any) -> Iterator[ExpectedLock]:
        yield take(name_of_range(getattr(node, field)), mode)

    return taken


def _statistics(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    yield from take.all(names_in(node.relations), SUE)


def _publication(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    for one in node.pubobjects:
        table = one.publication_obj_spec.pubtable
        if table.HasField("relation"):
            yield take(name_of_range(table.relation), SUE)


# -- dropped, emptied, renamed -----------------------------------------------------------------------------------


def _drop(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    kind = enum_of(node, "remove_type")
    cascade = enum_of(node, "behavior") == "DROP_CASCADE"
    for one in node.objects:
        parts = parts_of(one)
        name = Name(parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None)
        if kind in ("OBJECT_TABLE", "OBJECT_FOREIGN_TABLE"):
            yield from _drop_table(take, name, cascade)
        elif kind in ("OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE"):
            yield take(name, AE)
        elif kind == "OBJECT_INDEX":
            table = take.known.index_table(name) or _made_index(take, name)
            page = "PostgreSQL docs, DROP INDEX (sql-dropindex.html)"
            if table is None:
                table, page = Name(f"the table of {name}"), page + "; which table it is on is not known"
            if node.concurrent:
                yield take(table, SUE, page, how="while it works")
            else:
                yield take(table, AE, page)
        elif kind in ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE") and len(parts) > 1:
            yield take(Name(parts[-2], parts[-3] if len(parts) > 2 else None), AE)


def _made_index(take: Taking, name: Name) -> Name | None:
    made = take.place.scene.index_named(name.name)
    return made.table if made is not None else None


def _drop_table(take: Taking, name: Name, cascade: bool) -> Iterator[ExpectedLock]:
    yield from take.with_children(name, AE)
    for parent, _ in take.known.references(name):
        yield take(parent, AE, f"The foreign key's triggers go from {parent} as well. {EXPLICIT_LOCKING}")
    for child, _ in take.known.referenced_by(name) if cascade else ():
        yield take(child, AE, f"CASCADE drops the foreign key of {child}. {EXPLICIT_LOCKING}")
    detail = take.known.detail(name)
    if detail is not None and detail.parent is not None:
        schema, _, bare = detail.parent.rpartition(".")
        yield take(Name(bare, schema or None), AE, f"It is a part of {bare}. {EXPLICIT_LOCKING}")


def _truncate(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    page = "PostgreSQL docs, TRUNCATE (sql-truncate.html)"
    pending = [name_of_range(one.range_var) for one in node.relations]
    cascade, seen = enum_of(node, "behavior") == "DROP_CASCADE", set[str]()
    while pending:
        table = pending.pop(0)
        if table.key in seen:
            continue
        seen.add(table.key)
        yield from take.with_children(table, AE, page)
        pending += [child for child, _ in take.known.referenced_by(table)] if cascade else []


_OF_RELATION = frozenset(
    """OBJECT_TABLE OBJECT_VIEW OBJECT_MATVIEW OBJECT_FOREIGN_TABLE OBJECT_SEQUENCE OBJECT_COLUMN OBJECT_TABCONSTRAINT
    OBJECT_TRIGGER OBJECT_RULE OBJECT_POLICY OBJECT_ATTRIBUTE""".split()  # noqa: SIM905
)


def _rename(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    kind = enum_of(node, "rename_type")
    if kind == "OBJECT_INDEX":
        # Of the index alone; its table is not locked.
        yield take(name_of_range(node.relation), SUE, "PostgreSQL docs, ALTER INDEX (sql-alterindex.html)")
    elif kind in _OF_RELATION and node.HasField("relation"):
        table = name_of_range(node.relation)
        tree = kind in ("OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER")
        yield from take.with_children(table, AE, ALTER_TABLE) if tree else [take(table, AE, ALTER_TABLE)]


def _schema_change(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    if node.HasField("relation"):
        yield take(name_of_range(node.relation), AE, ALTER_TABLE)


# -- upkeep ------------------------------------------------------------------------------------------------------


def _refresh(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    page = "PostgreSQL docs, REFRESH MATERIALIZED VIEW (sql-refreshmaterializedview.html)"
    yield take(name_of_range(node.relation), E if node.concurrent else AE, page)


def _cluster(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    if node.HasField("relation"):
        yield take(name_of_range(node.relation), AE)
    else:
        yield take(Name("every clustered table"), AE)


def _vacuum(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    names = {one.def_elem.defname.lower() for one in node.options}
    mode = AE if node.is_vacuumcmd and "full" in names else SUE
    for one in node.rels:
        yield take(
            name_of_range(one.vacuum_relation.relation),
            mode,
            how="while it works" if node.is_vacuumcmd else "",
        )
    if not node.rels:
        yield take(Name("every table, one after the other"), mode, how="while it works")


def _reindex(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    page = "PostgreSQL docs, REINDEX (sql-reindex.html)"
    concurrently = any(one.def_elem.defname == "concurrently" for one in node.params)
    mode, how = (SUE, "while it works") if concurrently else (S, "")
    kind = enum_of(node, "kind")
    if kind == "REINDEX_OBJECT_TABLE":
        yield take(name_of_range(node.relation), mode, page, how=how)
    elif kind == "REINDEX_OBJECT_INDEX":
        index = name_of_range(node.relation)
        table = take.known.index_table(index) or Name(f"the table of {index}")
        yield take(table, mode, page, how=how)
    else:
        yield take(Name("every table of it, one after the other"), mode, page, how=how)


def _comment(take: Taking, node: Any) -> Iterator[ExpectedLock]:
    kind = enum_of(node, "objtype")
    parts = parts_of(node.object)
    if kind in ("OBJECT_COLUMN", "OBJECT_TABCONSTRAINT", "OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"):
        parts = parts[:-1]
    elif kind not in (
        "OBJECT_TABLE",
        "OBJECT_VIEW",
        "OBJECT_MATVIEW",
        "OBJECT_SEQUENCE",
        "OBJECT_INDEX",
        "OBJECT_FOREIGN_TABLE",
    ):
        return
    if parts:
        yield take(Name(parts[-1], parts[-2] if len(parts) > 1 else None), SUE)


_READERS: dict[str, Callable[[Taking, Any], Iterator[ExpectedLock]]] = {
    "InsertStmt": _insert,
    "UpdateStmt": _update,
    "DeleteStmt": _delete,
    "MergeStmt": _merge,
    "SelectStmt": _select,
    "CopyStmt": _copy,
    "LockStmt": _lock,
    "CreateStmt": _create_table,
    "CreateForeignTableStmt": _create_table,
    "CreateTableAsStmt": _create_as,
    "ViewStmt": _view,
    "IndexStmt": _index,
    "CreateTrigStmt": _trigger,
    "RuleStmt": _on_table(AE),
    "CreatePolicyStmt": _on_table(AE, "table"),
    "AlterPolicyStmt": _on_table(AE, "table"),
    "AlterSeqStmt": _on_table(SRE, "sequence"),
    "CreateStatsStmt": _statistics,
    "CreatePublicationStmt": _publication,
    "AlterPublicationStmt": _publication,
    "DropStmt": _drop,
    "TruncateStmt": _truncate,
    "RenameStmt": _rename,
    "AlterObjectSchemaStmt": _schema_change,
    "AlterOwnerStmt": _schema_change,
    "AlterTableStmt": alter_locks,
    "RefreshMatViewStmt": _refresh,
    "ClusterStmt": _cluster,
    "VacuumStmt": _vacuum,
    "ReindexStmt": _reindex,
    "CommentStmt": _comment,
    "SecLabelStmt": _comment,
}
