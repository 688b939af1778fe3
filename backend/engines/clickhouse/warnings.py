"""What ClickHouse, or dbmate's way of speaking to it, will trip over in a block. Pure text."""

from __future__ import annotations

import re

from backend.engine import sqltext

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_MUTATION = re.compile(
    r"^ALTER\s+TABLE\b.*\b(UPDATE\b.*\bWHERE|DELETE\s+WHERE|(?:MATERIALIZE|CLEAR)\s+(?:INDEX|PROJECTION|COLUMN|TTL|STATISTICS))\b",
    re.IGNORECASE | re.DOTALL,
)
_SYNC = re.compile(r"\b(?:mutations_sync|alter_sync)\s*=\s*[12]\b", re.IGNORECASE)
_TRANSACTION = re.compile(r"^(?:BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK)\b", re.IGNORECASE)
_POPULATE = re.compile(r"^CREATE\s+MATERIALIZED\s+VIEW\b.*\bPOPULATE\b", re.IGNORECASE | re.DOTALL)


def block_warnings(sql: str) -> list[str]:
    """Plain sentences, one a trap, in the order of importance."""
    if sqltext.is_empty(sql, "clickhouse"):
        return ["The block holds no statement, and ClickHouse refuses an empty query. SELECT 1 does nothing."]
    statements = sqltext.split(sql, "clickhouse")
    found = []
    if len(statements) > 1:
        found.append(
            f"The block holds {len(statements)} statements, and ClickHouse runs one at a time: it will refuse them. "
            "Give each a file of its own, or a pair of up and down of its own."
        )
    for statement in statements:
        # Names and strings are no words of the statement.
        bare = _QUOTED.sub("x", sqltext.strip_comments(statement.text, "clickhouse")).strip()
        if _MUTATION.search(bare) and not _SYNC.search(bare):
            found.append(
                f"Line {statement.line}: a mutation runs in the background, so the migration counts as applied before "
                "the data has changed. Append SETTINGS mutations_sync = 1 (2 for all replicas) to wait for it."
            )
        if _TRANSACTION.search(bare):
            found.append(f"Line {statement.line}: ClickHouse has no transactions here; what ran stays.")
        if _POPULATE.search(bare):
            found.append(
                f"Line {statement.line}: rows that arrive while POPULATE runs are missing from the view. Create it "
                "without, then backfill with INSERT … SELECT."
            )
    return found
