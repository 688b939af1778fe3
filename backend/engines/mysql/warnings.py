"""What MySQL will trip over in a block, in plain sentences. Pure."""

from __future__ import annotations

import re

from backend.engine import sqltext

_DDL = re.compile(
    r"(CREATE|ALTER|DROP|RENAME|TRUNCATE|ANALYZE|OPTIMIZE|REPAIR|GRANT|REVOKE)\b(?!\s+TEMPORARY)",
    re.IGNORECASE,
)
_DML = re.compile(r"(INSERT|UPDATE|DELETE|REPLACE|LOAD|WITH)\b", re.IGNORECASE)


def block_warnings(sql: str, *, transaction: bool) -> list[str]:
    """Sentences about DELIMITER, implicit commits, LOCK TABLES, USE and own transactions."""
    statements = [
        sqltext.strip_comments(statement.text, "mysql").strip() for statement in sqltext.split(sql, "mysql")
    ]
    found: list[str] = []
    if any(
        re.match(r"DELIMITER\b", one.text, re.IGNORECASE) for one in sqltext.client_commands(sql, "mysql")
    ):
        found.append(
            "DELIMITER is a command of the mysql client; the server refuses it. Leave the DELIMITER lines out: dbmate "
            "sends the whole block, and the server knows where a BEGIN … END body ends."
        )
    found += _commits(statements, transaction)
    if any(re.match(r"LOCK\s+TABLES?\b", text, re.IGNORECASE) for text in statements):
        found.append(
            "LOCK TABLES commits, and while it holds, every table that is not named in it is refused, the migrations "
            "table too: the version could not be recorded. Add UNLOCK TABLES at the end of the block."
            if not any(re.match(r"UNLOCK\s+TABLES?\b", text, re.IGNORECASE) for text in statements)
            else "LOCK TABLES commits what came before it."
        )
    if any(re.match(r"USE\b", text, re.IGNORECASE) for text in statements):
        found.append("USE changes the database for what follows, for dbmate's own version record too.")
    return found


def _commits(statements: list[str], transaction: bool) -> list[str]:
    ddl = [text for text in statements if _DDL.match(text)]
    found: list[str] = []
    if len(ddl) > 1:
        found.append(
            f"{len(ddl)} statements of this block change the schema, and MySQL commits each by itself: if one fails, "
            "the ones before it stay and the file is not recorded. One such statement a file is safest."
        )
    elif ddl and any(_DML.match(text) for text in statements):
        found.append(
            "MySQL commits at the statement that changes the schema: if a later one fails, what came before stays."
        )
    if transaction and any(
        re.match(r"(COMMIT|ROLLBACK|START\s+TRANSACTION|BEGIN)\b", text, re.IGNORECASE) for text in statements
    ):
        found.append(
            "dbmate opens the transaction itself; BEGIN, COMMIT and ROLLBACK in the block end it early."
        )
    return found
