"""Restores into the database itself, in one transaction: what is there goes and what the backup holds comes, or neither."""

from __future__ import annotations

import queue
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.errors import AppError
from backend.drivers import pg_archive
from backend.drivers.pgwire.connect import rows, session
from backend.engines.postgres.catalog import USER_SCHEMAS

from . import described, making, refusals
from .dumping import parameters

if TYPE_CHECKING:
    from psycopg import Connection

    from .restoring import Work

_NOT_OF_EXTENSION = (
    "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = '{}'::regclass AND d.objid = {}.oid"
    " AND d.deptype IN ({}))"
)
# In this order each is still there when its turn comes, or was dropped with what it hung on (IF EXISTS).
_DROPS = f"""
SELECT step FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace,
 format('ALTER DEFAULT PRIVILEGES FOR ROLE %I %s', pg_get_userbyid(a.defaclrole),
        'IN SCHEMA ' || quote_ident(n.nspname)) AS start,
 (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES'), ('n', 'SCHEMAS')) AS kind (letter, name),
 LATERAL (
   SELECT format('%s REVOKE ALL ON %s FROM %s', start, kind.name,
                 CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(e.grantee)) END)
   FROM (SELECT DISTINCT grantee FROM aclexplode(a.defaclacl)) e
   UNION ALL SELECT format('%s GRANT ALL ON %s TO %I', start, kind.name, pg_get_userbyid(a.defaclrole))
   WHERE n.nspname IS NULL
   UNION ALL SELECT format('%s GRANT ALL ON %s TO PUBLIC', start, kind.name)
   WHERE n.nspname IS NULL AND kind.letter IN ('f', 'T')) AS steps (step)
WHERE kind.letter = a.defaclobjtype::text AND pg_has_role(a.defaclrole, 'MEMBER')
UNION ALL
SELECT format('DROP EVENT TRIGGER IF EXISTS %I CASCADE', evtname) FROM pg_event_trigger
UNION ALL SELECT format('DROP PUBLICATION IF EXISTS %I', pubname) FROM pg_publication
UNION ALL SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', n.nspname) FROM pg_namespace n
 WHERE {USER_SCHEMAS} AND n.nspname <> 'public' AND {_NOT_OF_EXTENSION.format("pg_namespace", "n", "'e', 'i'")}
UNION ALL (SELECT format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW'
   WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END,
   n.nspname, c.relname)
 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT c.relispartition
   AND {_NOT_OF_EXTENSION.format("pg_class", "c", "'e'")}
 AND NOT (c.relkind = 'S' AND EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
   AND d.objid = c.oid AND d.deptype IN ('a', 'i'))))
UNION ALL SELECT format('DROP %s IF EXISTS %s CASCADE',
   CASE p.prokind WHEN 'a' THEN 'AGGREGATE' WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END, p.oid::regprocedure)
 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'public' AND {_NOT_OF_EXTENSION.format("pg_proc", "p", "'e', 'i'")}
UNION ALL SELECT format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname = 'public' AND t.typelem = 0 AND (t.typtype IN ('e', 'd', 'r', 'b')
   OR (SELECT c.relkind = 'c' FROM pg_class c WHERE c.oid = t.typrelid))
   AND {_NOT_OF_EXTENSION.format("pg_type", "t", "'e', 'i'")}
UNION ALL SELECT format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, c.collname)
 FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
 WHERE n.nspname = 'public' AND {_NOT_OF_EXTENSION.format("pg_collation", "c", "'e', 'i'")}
UNION ALL SELECT format('SELECT pg_catalog.lo_unlink(%s)', oid) FROM pg_largeobject_metadata
UNION ALL SELECT format('DROP EXTENSION IF EXISTS %I CASCADE', extname) FROM pg_extension e WHERE extname <> 'plpgsql'
   AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) IS NOT FALSE
"""
_AHEAD = 32
_CLOSED = "transaction_timeout"


def restore(work: Work, reason: str) -> list[str]:
    notes = [f"It was restored into the database itself, in one transaction, because {reason}."]
    with session(work.target, work.url, application_name=work.tag) as connection:
        drops = [statement for (statement,) in rows(connection, _DROPS, {})]
        roles = {role for (role,) in rows(connection, "SELECT rolname FROM pg_roles")}
        mine = {
            role
            for (role,) in rows(
                connection, "SELECT rolname FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')", {}
            )
        }
        known = {name for (name,) in rows(connection, "SELECT name FROM pg_settings")}
        others = [
            name
            for (name,) in rows(
                connection, "SELECT extname FROM pg_extension WHERE NOT pg_has_role(extowner, 'USAGE')", {}
            )
        ]
    flags, said = _flags(work, roles, mine)
    notes += said
    work.say("everything is replaced in one transaction")
    with _chosen(work, others) as chosen:
        return [*notes, *_replaced(work, drops, [*flags, *chosen], known)]


def _replaced(work: Work, drops: list[str], flags: list[str], known: set[str]) -> list[str]:
    from .restoring import failed

    script = _Script(work, drops, flags, known)
    words = pg_archive.run_script(
        parameters(work.target, work.url.without("search_path"), work.tag),
        script,
        cwd=work.folder,
        cancel=work.cancel,
    )
    script.end()
    if script.error is not None:
        raise script.error
    if words is not None:
        raise failed(work, words)
    like, _ = described.kept(work.folder)
    with session(work.target, work.url, application_name=work.tag) as connection:
        notes = _properties(connection, work, like)
        connection.execute(b"ANALYZE")
    return notes


@contextmanager
def _chosen(work: Work, extensions: list[str]) -> Iterator[list[str]]:
    """pg_restore's flag for leaving out the comments on extensions that are not the user's; none where there are none."""
    if not extensions:
        yield []
        return
    listed = bytearray()
    pg_archive.print_archive(work.archive, cancel=work.cancel, on_chunk=listed.extend, what=("--list",))
    endings = tuple(f" COMMENT - EXTENSION {name} ".encode() for name in extensions)
    lines = [line for line in listed.splitlines() if not any(ending in line + b" " for ending in endings)]
    with tempfile.TemporaryDirectory(prefix="db-toolkit-restore-") as folder:
        file = Path(folder) / "list"
        file.write_bytes(b"\n".join(lines) + b"\n")
        yield [f"--use-list={file}"]


def _properties(connection: Connection[Any], work: Work, like: dict[str, Any]) -> list[str]:
    own = described.database(connection, work.url.database)
    same = all(own.get(key) == like.get(key) for key in ("settings", "comment"))
    return [] if same or not like else making.give(connection, work.url.database, {}, like)


def _flags(work: Work, roles: set[str], mine: set[str]) -> tuple[list[str], list[str]]:
    """In one transaction nothing may be refused, so what this user may not give is left out from the start."""
    schema = bytearray()
    pg_archive.print_archive(
        work.archive, cancel=work.cancel, on_chunk=schema.extend, what=("--schema-only",)
    )
    from backend.engine import sqltext

    statements = [one.text for one in sqltext.split(schema.decode("utf-8", "replace"), "postgres")]
    flags: list[str] = []
    notes: list[str] = []
    owners = {name for text in statements if text.startswith("ALTER ") for name in refusals.owner_in(text)}
    granted = {
        name
        for text in statements
        if text.startswith(("GRANT ", "REVOKE ", "ALTER DEFAULT PRIVILEGES "))
        for name in refusals.missing_roles(text, roles)
    }
    if owners - mine:
        flags.append("--no-owner")
        notes.append(
            f"Everything belongs to you: you may not give objects to {', '.join(sorted(owners - mine))}."
        )
    if granted or owners - mine:
        flags.append("--no-acl")
        notes.append("Grants on its objects were left out.")
    return flags, notes


class _Script:
    """The drops, then the archive's SQL, as pieces of bytes; at most a few are kept ahead of the one who reads."""

    def __init__(self, work: Work, drops: list[str], flags: list[str], known: set[str]) -> None:
        self._work = work
        self._drops = drops
        self._flags = flags
        self._known = known
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._over = threading.Event()
        self.error: AppError | None = None
        self._thread = threading.Thread(target=self._print, name="pg-restore-print", daemon=True)

    def __iter__(self) -> Iterator[bytes]:
        yield b"SET client_min_messages = warning;\nSET lock_timeout = '30s';\n"
        yield ";\n".join([*self._drops, "CREATE SCHEMA IF NOT EXISTS public"]).encode() + b";\n"
        self._thread.start()
        first = True
        while (piece := self._pieces.get()) is not None:
            if first:
                piece, first = self._for_this_server(piece), False
            yield piece
        if self.error is not None:
            # Half of it must never be committed.
            yield b"\nSELECT 1/0;\n"

    def _for_this_server(self, piece: bytes) -> bytes:
        return piece if _CLOSED in self._known else piece.replace(f"SET {_CLOSED} = 0;\n".encode(), b"")

    def _print(self) -> None:
        try:
            pg_archive.print_archive(
                self._work.archive, cancel=self._work.cancel, on_chunk=self._put, what=self._flags
            )
        except AppError as error:
            self.error = error
        self._put(None)

    def _put(self, piece: bytes | None) -> None:
        while not self._over.is_set():
            try:
                return self._pieces.put(piece, timeout=0.2)
            except queue.Full:
                continue

    def end(self) -> None:
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
