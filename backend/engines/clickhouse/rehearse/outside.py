"""What a statement would do outside its scratch: in another database, elsewhere, or on the whole server."""

from __future__ import annotations

import re
from collections.abc import Collection

from backend.engine import sqltext
from backend.engine.rehearsal.border import Outside
from backend.engines.clickhouse.schema.createtext import TOKEN

_WHOLE_SERVER = re.compile(
    r"(?:(?:CREATE|ALTER|DROP|RENAME|ATTACH|DETACH|UNDROP|EXCHANGE)\s+(?:OR\s+REPLACE\s+)?(?:TEMPORARY\s+)?"
    r"(?:DATABASE|USER|ROLE|FUNCTION|QUOTA|SETTINGS\s+PROFILE|PROFILE|(?:ROW\s+)?POLICY|NAMED\s+COLLECTION|WORKLOAD|RESOURCE|MASKING)"
    r"|GRANT|REVOKE|SYSTEM|KILL|BACKUP|RESTORE|MOVE|SET\s+DEFAULT\s+ROLE)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"INSERT\s+INTO\s+(?:TABLE\s+)?FUNCTION\b|.*\bINTO\s+OUTFILE\b", re.IGNORECASE | re.DOTALL
)
_USE = re.compile(r"USE\s+(\S+)", re.IGNORECASE)


def outside(sql: str, others: Collection[str]) -> Outside | None:
    """`others`: the server's databases but the scratch and those of the server itself."""
    text = sqltext.strip_comments(sql, "clickhouse").strip()
    if found := _WHOLE_SERVER.match(text):
        return Outside(whole_server=" ".join(found[0].upper().split()))
    if found := _USE.match(text):
        return Outside(database=_unquoted(found[1].rstrip(";")))
    if found := _ELSEWHERE.match(text):
        return Outside(elsewhere="It would write outside the server's tables")
    code = [token for token in TOKEN.findall(text) if not token.isspace()]
    for place, token in enumerate(code[:-1]):
        name = _unquoted(token)
        if name not in others:
            continue
        before = code[place - 1] if place else ""
        if token[0] != "'" and code[place + 1] == "." and before != ".":
            return Outside(database=name)
        # Distributed('cluster', 'database', …), Merge('database', …), dictionary sources
        if token[0] == "'" and before in ("(", ",") and "ENGINE" in (one.upper() for one in code):
            return Outside(database=name)
    return None


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "`\"'" and len(token) > 1 else token
