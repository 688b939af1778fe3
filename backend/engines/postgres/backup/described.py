"""What there is of a database besides its objects, as `database.json` beside the archive keeps it; and what to count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.drivers.pgwire.connect import rows
from backend.engine.tableids import table_id
from backend.engines.postgres.catalog import USER_SCHEMAS

if TYPE_CHECKING:
    from psycopg import Connection

ARCHIVE, DESCRIPTION = "database.dump", "database.json"
_DATABASE = """
SELECT to_jsonb(d) - 'datfrozenxid' - 'datminmxid' - 'datacl' || jsonb_build_object(
    'encoding_name', pg_encoding_to_char(d.encoding), 'owner', pg_get_userbyid(d.datdba),
    'tablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace),
    'comment', shobj_description(d.oid, 'pg_database'),
    'granted', (SELECT jsonb_agg(jsonb_build_array(coalesce(r.rolname, ''), a.privilege_type, a.is_grantable))
                FROM aclexplode(d.datacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee),
    'settings', (SELECT jsonb_agg(jsonb_build_array(r.rolname, s.setconfig) ORDER BY r.rolname)
                 FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = d.oid))
FROM pg_database d WHERE d.datname = %s
"""
# pg_dump's choice: what extensions brought has no rows of its own, but for the tables they name as configuration.
_RELATIONS = f"""
WITH configuration AS (
  SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition FROM pg_extension WHERE extconfig IS NOT NULL
)
SELECT c.oid::bigint, n.nspname, c.relname, c.relkind::text, nullif(g.condition, ''),
       c.relkind = 'r' AND NOT c.relispartition AND EXISTS (SELECT 1 FROM pg_inherits i WHERE i.inhrelid = c.oid),
       CASE WHEN c.relkind = 'r' THEN SIZE ELSE 0 END, greatest(c.reltuples, 0)::bigint,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND coalesce(to_jsonb(a) ->> 'attgenerated', '') = '')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN configuration g ON g.oid = c.oid
WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't' AND {USER_SCHEMAS}
  AND (g.oid IS NOT NULL OR NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                                        AND d.objid = c.oid AND d.deptype = 'e'))
ORDER BY n.nspname, c.relname
"""
# Looking at the files waits for whoever holds the table; what the last ANALYZE saw does not.
_MEASURED = "pg_table_size(c.oid)"
_KNOWN = (
    "greatest(1, c.relpages + coalesce((SELECT t.relpages FROM pg_class t WHERE t.oid = c.reltoastrelid), 0))"
    " * current_setting('block_size')::bigint"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """A table with rows of its own, or a sequence (`is_sequence`)."""

    schema: str
    name: str
    is_sequence: bool
    condition: str | None
    """Of an extension's table: which of its rows are the user's."""
    unordered: bool
    """It inherits from another: a restore may put its columns in another order."""
    size_bytes: int
    rows: int
    columns: tuple[str, ...]
    """Without the generated ones."""

    @property
    def id(self) -> str:
        return table_id(self.schema, self.name)


def relations(connection: Connection[Any], *, measured: bool = False) -> list[Relation]:
    """In the order of their names. `measured`: their sizes as they are, for which tables that are locked are waited for."""
    query = _RELATIONS.replace("SIZE", _MEASURED if measured else _KNOWN)
    return [
        Relation(
            schema,
            name,
            kind == "S",
            condition,
            bool(inherits),
            int(size or 0),
            int(count),
            tuple(columns or ()),
        )
        for _, schema, name, kind, condition, inherits, size, count, columns in rows(connection, query, {})
    ]


def database(connection: Connection[Any], name: str) -> dict[str, Any]:
    """The database's encoding, locale, owner, grants, settings and comment; empty where there is none of that name."""
    found = rows(connection, _DATABASE, (name,))
    return dict(found[0][0]) if found else {}


def keep(folder: Path, described: Mapping[str, Any], unordered: list[str]) -> None:
    text = json.dumps({"database": described, "inheriting_tables": unordered}, indent=1, ensure_ascii=False)
    (folder / DESCRIPTION).write_text(text + "\n", "utf-8")


def kept(folder: Path) -> tuple[dict[str, Any], list[str]]:
    """What `keep` wrote; empty where the file is not there, as in an archive somebody else made."""
    try:
        found = json.loads((folder / DESCRIPTION).read_text("utf-8"))
        return dict(found["database"]), [str(one) for one in found["inheriting_tables"]]
    except FileNotFoundError:
        return {}, []
    except (OSError, ValueError, KeyError, TypeError) as error:
        from backend.core.errors import BackupFailed

        raise BackupFailed(
            f"{DESCRIPTION} cannot be read: {type(error).__name__}.",
            hint="Use another backup.",
            reason="damaged",
            path=str(folder / DESCRIPTION),
        ) from None
