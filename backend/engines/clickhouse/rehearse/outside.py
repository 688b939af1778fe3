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
_PARALLEL = re.compile(r"\bPARALLEL\s+WITH\b", re.IGNORECASE)
_ALL_OF_A_DATABASE = re.compile(
    r"TRUNCATE\s+(?:DATABASE|(?:ALL\s+)?TABLES\s+FROM)\s+(?:IF\s+EXISTS\s+)?(`(?:[^`\\]|\\.)*`|\"(?:[^\"\\]|\\.)*\"|\w+)",
    re.IGNORECASE,
)
_LEADS_OUT = re.compile(
    r"Distributed|URL|File|FileLog|S3\w*|GCS|OSS|COSN|Azure\w*|HDFS|Hive|Iceberg\w*|DeltaLake\w*|Hudi\w*|Paimon\w*|MySQL|PostgreSQL"
    r"|MaterializedPostgreSQL|MongoDB|Redis|SQLite|ODBC|JDBC|YTsaurus|ArrowFlight|ExternalDistributed|Executable\w*|Kafka|NATS"
    r"|RabbitMQ|Remote\w*",
    re.IGNORECASE,
)
"""Engines whose tables are elsewhere: rows written there, or taken from there, are gone for good."""
_USE = re.compile(r"USE\s+(\S+)", re.IGNORECASE)


def outside(sql: str, others: Collection[str]) -> Outside | None:
    """`others`: the server's databases but the scratch and those of the server itself."""
    text = sqltext.strip_comments(sql, "clickhouse").strip()
    parts = _PARALLEL.split(text)
    if len(parts) > 1:
        return next((one for part in parts if (one := outside(part, others)) is not None), None)
    if found := _WHOLE_SERVER.match(text):
        return Outside(whole_server=" ".join(found[0].upper().split()))
    if found := _USE.match(text):
        return Outside(database=_unquoted(found[1].rstrip(";")))
    if found := _ELSEWHERE.match(text):
        return Outside(elsewhere="It would write outside the server's tables")
    if (found := _ALL_OF_A_DATABASE.match(text)) and _unquoted(found[1]) in others:
        return Outside(database=_unquoted(found[1]))
    code = [token for token in TOKEN.findall(text) if not token.isspace()]
    upper = [one.upper() for one in code]
    if engine := _made_elsewhere(code, upper):
        return Outside(elsewhere=f"A table of {engine} is kept elsewhere, and what is written there stays")
    for place, token in enumerate(code[:-1]):
        name = _unquoted(token)
        if name not in others:
            continue
        before = code[place - 1] if place else ""
        if token[0] != "'" and code[place + 1] == "." and before != ".":
            return Outside(database=name)
        # Buffer(database, …), Merge('database', …), dictionary sources
        if before in ("(", ",") and code[place + 1] == "," and "ENGINE" in upper:
            return Outside(database=name)
        if token[0] == "'" and before in ("(", ",") and "ENGINE" in upper:
            return Outside(database=name)
    return None


def _made_elsewhere(code: list[str], upper: list[str]) -> str | None:
    """The engine, or the table function, that a new table is a door to; None where it is the scratch's own."""
    if not upper or upper[0] not in ("CREATE", "ATTACH", "REPLACE"):
        return None
    for place, word in enumerate(upper[:-2]):
        after = place + (2 if code[place + 1] == "=" else 1)
        if word == "ENGINE" and after < len(code) and _LEADS_OUT.fullmatch(code[after]):
            return code[after]
        # CREATE TABLE a AS remote(…)
        is_the_table_s = word == "AS" and "TABLE" in upper[:place] and "SELECT" not in upper[:place]
        is_a_function = code[place + 2] == "(" and re.fullmatch(r"[A-Za-z_]\w*", code[place + 1])
        if is_the_table_s and is_a_function and not _in_brackets(upper[:place]):
            return code[place + 1]
    return None


def _in_brackets(code: list[str]) -> bool:
    return sum((one in "([") - (one in ")]") for one in code if len(one) == 1) > 0


def _unquoted(token: str) -> str:
    return re.sub(r"\\(.)", r"\1", token[1:-1]) if token[0] in "`\"'" and len(token) > 1 else token
