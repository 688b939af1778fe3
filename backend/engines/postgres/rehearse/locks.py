"""What the server says of an open transaction: the locks it holds, the files its tables lie in, the WAL position."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from backend.models.rehearsal import Evidence, HeldLock, Rewrite

Blocked = Literal["reads", "writes", "schema changes"]
# https://www.postgresql.org/docs/current/explicit-locking.html, table 13.2: what of others has to wait.
BLOCKS: Mapping[str, tuple[Blocked, ...]] = {
    "AccessShareLock": ("schema changes",),
    "RowShareLock": ("schema changes",),
    "RowExclusiveLock": ("schema changes",),
    "ShareUpdateExclusiveLock": ("schema changes",),
    "ShareLock": ("writes", "schema changes"),
    "ShareRowExclusiveLock": ("writes", "schema changes"),
    "ExclusiveLock": ("writes", "schema changes"),
    "AccessExclusiveLock": ("reads", "writes", "schema changes"),
}
_READS_ONLY = frozenset({"AccessShareLock", "RowShareLock", "ShareUpdateExclusiveLock"})
_SHOWN_KINDS = frozenset("rpvmSf")
# Ordinary objects begin there; catalogs are locked by everything and block nobody.
_FIRST_OID = 16384
_COLUMNS = """
  l.relation::bigint, l.mode, coalesce(n.nspname || '.' || c.relname, ''), coalesce(c.relkind::text, ''),
  coalesce(c.relfilenode, 0)::bigint
"""
_FROM = """
  pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
"""
OWN = f"""
SELECT {_COLUMNS}, (pg_catalog.pg_current_wal_insert_lsn() - '0/0')::bigint
FROM {_FROM} WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation' AND l.granted
"""
OF_OTHER = f"""
SELECT {_COLUMNS}, 0
FROM {_FROM} WHERE l.pid = %s AND l.locktype = 'relation' AND l.granted
"""
WAL = "SELECT (pg_catalog.pg_current_wal_insert_lsn() - '0/0')::bigint"
RELATIONS = f"""
SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relkind::text, c.relfilenode::bigint
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid >= {_FIRST_OID} AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'i', 'I') AND n.nspname !~ '^pg_toast'
"""
LOCKS_EVIDENCE = Evidence(
    fact="locks",
    query="SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND granted",
)
SAMPLED_EVIDENCE = Evidence(
    fact="locks",
    query="SELECT relation::regclass, mode FROM pg_locks WHERE pid = … AND granted, from a second session",
)
REWRITES_EVIDENCE = Evidence(fact="rewrites", query="SELECT oid, relfilenode FROM pg_class, before and after")
WAL_EVIDENCE = Evidence(fact="bytes", query="SELECT pg_current_wal_insert_lsn(), before and after")
ROWS_EVIDENCE = Evidence(fact="rows", query="the command's status as the server sends it")


@dataclass(frozen=True, slots=True)
class Relation:
    name: str
    """With its schema."""
    kind: str
    file: int


@dataclass(slots=True)
class Transaction:
    """What one transaction was seen holding. `known` are the relations from before it."""

    known: Mapping[int, Relation]
    seen: set[tuple[int, str]] = field(default_factory=set)
    files: dict[int, int] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    """Tables whose rows it may have changed, by name."""

    def locks(self, found: list[Any]) -> list[HeldLock]:
        """Of relations that others can see: what the transaction itself made blocks nobody."""
        shown = []
        for oid, mode, name, kind, *_ in sorted(found, key=lambda row: (row[2], row[1])):
            if oid < _FIRST_OID:
                continue
            before = self.known.get(oid)
            named, of_kind = (before.name, before.kind) if before is not None else (name, kind)
            if mode not in _READS_ONLY and of_kind in ("r", "p", ""):
                self.written.add(named)
            if before is None:
                continue
            is_new = (oid, mode) not in self.seen
            self.seen.add((oid, mode))
            if of_kind in _SHOWN_KINDS or mode not in (*_READS_ONLY, "RowExclusiveLock"):
                shown.append(
                    HeldLock(
                        object=_shown(named), mode=spoken(mode), blocks=list(BLOCKS.get(mode, ())), new=is_new
                    )
                )
        return shown

    def rewrites(self, found: list[Any]) -> list[Rewrite]:
        """Tables that lie in another file than before."""
        rewritten = []
        for oid, _, name, kind, file, *_ in found:
            before = self.known.get(oid)
            if before is None or before.kind not in ("r", "m") or kind not in ("r", "m") or not file:
                continue
            last = self.files.get(oid, before.file)
            if file != last:
                self.files[oid] = file
                rewritten.append(Rewrite(table=_shown(name), detail=f"relfilenode {last} → {file}"))
        return rewritten


def spoken(mode: str) -> str:
    """As LOCK TABLE and the documentation write it: pg_locks says AccessExclusiveLock for ACCESS EXCLUSIVE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()


def _shown(name: str) -> str:
    return name.removeprefix("public.")
