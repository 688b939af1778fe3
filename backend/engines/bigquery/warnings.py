"""What BigQuery will trip over in a block. Pure text."""

from __future__ import annotations

import re

from backend.engine import sqltext

_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|`(?:[^`\\]|\\.)*`", re.DOTALL)
_TRANSACTION = re.compile(r"^BEGIN\s+TRANSACTION\b", re.IGNORECASE)
_END = re.compile(r"^(?:COMMIT|ROLLBACK)\b", re.IGNORECASE)
_DDL = re.compile(r"^(?:CREATE|ALTER|DROP|TRUNCATE)\b(?!\s+(?:OR\s+REPLACE\s+)?TEMP)", re.IGNORECASE)
_UNBOUNDED = re.compile(r"^(?:UPDATE|DELETE)\b(?!.*\bWHERE\b)", re.IGNORECASE | re.DOTALL)
_INDEX = re.compile(r"^CREATE\s+(?:UNIQUE\s+)?INDEX\b", re.IGNORECASE)


def block_warnings(sql: str) -> list[str]:
    """Plain sentences, one a trap, in the order of the lines."""
    found, in_transaction = [], False
    for statement in sqltext.split(sql, "bigquery"):
        bare = _QUOTED.sub("x", sqltext.strip_comments(statement.text, "bigquery")).strip()
        line = f"Line {statement.line}: "
        if _TRANSACTION.search(bare):
            in_transaction = True
        elif _END.search(bare):
            in_transaction = False
        elif in_transaction and _DDL.search(bare):
            found.append(line + "BigQuery refuses to change permanent tables' schema inside a transaction.")
        if _UNBOUNDED.search(bare):
            found.append(
                line + "BigQuery refuses UPDATE and DELETE without WHERE; write WHERE true for all rows."
            )
        if _INDEX.search(bare):
            found.append(
                line + "BigQuery has no such indexes; cluster the table, or create a SEARCH or VECTOR INDEX."
            )
    return found
