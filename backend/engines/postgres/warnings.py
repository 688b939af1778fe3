"""What PostgreSQL, or dbmate on it, will trip over in a block: by statements and their leading words. Pure."""

from __future__ import annotations

import re

from backend.engine.sqltext import client_commands, split, strip_comments
from backend.engine.target import Statement

_ALONE = re.compile(
    r"(?:CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY|DROP\s+INDEX\s+CONCURRENTLY|REINDEX\b.*?\bCONCURRENTLY"
    r"|VACUUM|(?:CREATE|DROP)\s+(?:DATABASE|TABLESPACE|SUBSCRIPTION)|ALTER\s+SYSTEM"
    r"|ALTER\s+TABLE\b.*\bDETACH\s+PARTITION\b.*\bCONCURRENTLY)\b",
    re.IGNORECASE | re.DOTALL,
)
_CONTROL = re.compile(
    r"(?:COMMIT|ROLLBACK(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)|END|ABORT|BEGIN|START\s+TRANSACTION|PREPARE\s+TRANSACTION)\b",
    re.IGNORECASE,
)
_ADD_VALUE = re.compile(
    r"ALTER\s+TYPE\s+(?P<type>[\w.\"]+)\s+ADD\s+VALUE\s+(?:IF\s+NOT\s+EXISTS\s+)?'(?P<value>(?:[^']|'')*)'",
    re.IGNORECASE,
)
_EMPTY_PATH = re.compile(
    r"set_config\s*\(\s*'search_path'\s*,\s*''\s*,\s*false\s*\)"
    r"|^SET\s+(?:SESSION\s+)?search_path\s*(?:=|TO)\s*''",
    re.IGNORECASE,
)
_COPY = re.compile(r"COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_TRANSACTION_TIMEOUT = re.compile(r"SET\s+(?:SESSION\s+)?transaction_timeout\b", re.IGNORECASE)
_LOOKED_AT = 4000


def block_warnings(sql: str, *, transaction: bool) -> list[str]:
    """One plain sentence for each thing that will go wrong, in the order of the block. `sql` is the block's body."""
    statements = split(sql, "postgres")
    code = [strip_comments(one.text[:_LOOKED_AT], "postgres").strip() for one in statements]
    found: list[tuple[int, str]] = []
    found += _client_lines(sql)
    found += _alone(statements, code, transaction)
    if transaction:
        found += _control(statements, code)
        found += _enum_values(statements, code)
    found += _pasted(statements, code)
    return [sentence for _, sentence in sorted(found, key=lambda item: item[0])]


def _client_lines(sql: str) -> list[tuple[int, str]]:
    return [
        (
            line.line,
            f"Line {line.line}: `{line.text.split()[0]}` is a command of psql. dbmate sends SQL only, and the "
            "server refuses it: delete the line.",
        )
        for line in client_commands(sql, "postgres")
    ]


def _alone(statements: list[Statement], code: list[str], transaction: bool) -> list[tuple[int, str]]:
    found = []
    for statement, text in zip(statements, code, strict=True):
        if not _ALONE.match(text):
            continue
        name = _leading(text)
        if transaction:
            found.append(
                (
                    statement.line,
                    f"Line {statement.line}: {name} cannot run in a transaction. Put it alone in a "
                    "file marked `-- migrate:up transaction:false`.",
                )
            )
        elif len(statements) > 1:
            found.append(
                (
                    statement.line,
                    f"Line {statement.line}: {name} must be the only statement of its block: several "
                    "statements are one transaction to the server, `transaction:false` or not.",
                )
            )
    return found


def _control(statements: list[Statement], code: list[str]) -> list[tuple[int, str]]:
    return [
        (
            statement.line,
            f"Line {statement.line}: {_leading(text, 1)} ends or nests the transaction dbmate runs the file "
            "in: after it the file is committed piece by piece, and dbmate reports a failure.",
        )
        for statement, text in zip(statements, code, strict=True)
        if _CONTROL.match(text)
    ]


def _enum_values(statements: list[Statement], code: list[str]) -> list[tuple[int, str]]:
    """A value that is added and used in one transaction; a type that is itself new there may be used."""
    found = []
    for number, (statement, text) in enumerate(zip(statements, code, strict=True)):
        added = _ADD_VALUE.match(text)
        if added is None:
            continue
        is_new = re.compile(rf"CREATE\s+TYPE\s+{re.escape(added['type'])}\b", re.IGNORECASE)
        if any(is_new.match(earlier) for earlier in code[:number]):
            continue
        literal = f"'{added['value']}'"
        user = next(
            (one for one in statements[number + 1 :] if literal in strip_comments(one.text, "postgres")), None
        )
        if user is not None:
            found.append(
                (
                    statement.line,
                    f"Line {statement.line}: the value {literal} is added to {added['type']} and used "
                    f"in line {user.line}, in the same transaction, which PostgreSQL refuses. Add it in "
                    "a file of its own before.",
                )
            )
    return found


def _pasted(statements: list[Statement], code: list[str]) -> list[tuple[int, str]]:
    """What comes in with a pasted dump."""
    found = []
    for statement, text in zip(statements, code, strict=True):
        where = f"Line {statement.line}: "
        if _EMPTY_PATH.search(text):
            found.append(
                (
                    statement.line,
                    where + "this empties search_path for the rest of the run: the files after this one, "
                    "run together with it, will not find their tables. Delete the line.",
                )
            )
        if _COPY.match(text):
            found.append(
                (
                    statement.line,
                    where + "COPY … FROM stdin needs psql; dbmate cannot send its rows. Write INSERT.",
                )
            )
        if _TRANSACTION_TIMEOUT.match(text):
            found.append(
                (
                    statement.line,
                    where + "transaction_timeout exists from PostgreSQL 17 on; an older server stops "
                    "here. The line, written by pg_dump, can go.",
                )
            )
    return found


def _leading(text: str, words: int = 3) -> str:
    """`CREATE INDEX CONCURRENTLY`: the capital words a sentence names a statement by."""
    kept = [word for word in re.findall(r"[A-Za-z]+", text)[: words + 1] if word.upper() != "UNIQUE"]
    known = {
        "CREATE",
        "DROP",
        "INDEX",
        "CONCURRENTLY",
        "REINDEX",
        "VACUUM",
        "DATABASE",
        "TABLESPACE",
        "SUBSCRIPTION",
        "ALTER",
        "SYSTEM",
        "TABLE",
        "COMMIT",
        "ROLLBACK",
        "END",
        "ABORT",
        "BEGIN",
        "START",
        "PREPARE",
    }
    return " ".join(word.upper() for word in kept[:words] if word.upper() in known)
