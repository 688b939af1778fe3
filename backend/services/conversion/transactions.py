"""Whether a half may run in the transaction dbmate opens around it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backend.engine.sqltext import strip_comments
from backend.engine.target import Statement

_CONTROL = re.compile(
    r"(BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK|END)(\s+(WORK|TRANSACTION))?\s*;?", re.IGNORECASE
)
_OPENING = re.compile(r"BEGIN\s+(IMMEDIATE|EXCLUSIVE|DEFERRED|ISOLATION)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"(CREATE\s+(UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY|REINDEX\b.*\bCONCURRENTLY|VACUUM\b"
    r"|(CREATE|DROP)\s+(DATABASE|TABLESPACE)\b|ALTER\s+SYSTEM\b|REFRESH\s+MATERIALIZED\s+VIEW\s+CONCURRENTLY"
    r"|ALTER\s+TYPE\b.*\bADD\s+VALUE\b)",
    re.IGNORECASE | re.DOTALL,
)


def own_transaction(statements: Sequence[Statement], dialect: str) -> int | None:
    """The line of the first statement that begins or ends a transaction itself."""
    for one in statements:
        bare = strip_comments(one.text, dialect).strip()
        if _CONTROL.fullmatch(bare) or _OPENING.match(bare):
            return one.line
    return None


def refused_inside(statements: Sequence[Statement], dialect: str) -> int | None:
    """The line of the first statement PostgreSQL does not take in a transaction."""
    if dialect != "postgres":
        return None
    for one in statements:
        if _REFUSED.match(strip_comments(one.text, dialect).strip()):
            return one.line
    return None
