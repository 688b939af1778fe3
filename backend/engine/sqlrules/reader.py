"""Reads a half's SQL into statements with operations, for every dialect but PostgreSQL's own. Pure.

    LINT = EngineLint(EngineName.SQLITE, "sqlite", read=reader("sqlite"), rules=RULES)

A statement the token reader does not know goes to sqlglot; where that refuses it too, its risk is unknown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from backend.engine import sqltext
from backend.engine.lint import ops
from backend.engine.lint.engine_lint import Reader
from backend.engine.lint.ops import Op
from backend.engine.lint.source import Half, Stmt, Unparsed

from . import alter, ddl, dml
from .inserts import SimpleInserts
from .tokens import Cursor, ReadError, Token, tokenize, words

_HEAD = 8_000
"""Of a long INSERT only so much is read: its rows need no reading."""
_TRANSACTION = frozenset({"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"})
_KNOWN = words(
    "GRANT REVOKE COMMENT ANALYZE VACUUM OPTIMIZE EXPLAIN CALL DO LOCK UNLOCK USE REINDEX CLUSTER ATTACH DETACH SYSTEM "
    "MERGE LOAD EXPORT ASSERT DECLARE EXECUTE EXEC SHOW DESCRIBE DESC KILL COPY REFRESH NOTIFY LISTEN CHECK REPAIR "
    "FLUSH EXCHANGE UNDROP VALUES IF WHILE LOOP FOR CASE REPEAT RAISE RETURN HANDLER CHECKSUM PREPARE DEALLOCATE "
    "RESET TABLE IMPORT BACKUP RESTORE"
)


def reader(dialect: str) -> Reader:
    """The reader of a dialect of `sqltext`."""
    return partial(read_half, dialect=dialect)


def read_half(half: Half, *, dialect: str) -> list[Stmt]:
    inserts = SimpleInserts(dialect)
    return [
        inserts.read(one.text, one.start) or inserts.learn(read_statement(one.text, one.start, dialect))
        for one in sqltext.split(half.body, dialect)
    ]


def read_statement(text: str, start: int, dialect: str) -> Stmt:
    """One statement. Never raises on bad SQL: `problem` tells. `node` holds its tokens (of a long INSERT, the head's;
    None for one that was read by its shape, see `inserts`): ask `tokens_of`."""
    cut = _is_long_insert(text)
    tokens = tokenize(text, dialect, _HEAD if cut else None)
    statement = Stmt(text, start, start + len(text), node=tokens)
    if not tokens:
        return statement
    cursor = Cursor(text, tokens, dialect)
    try:
        statement.ops = tuple(_read(cursor, cut=cut))
    except ReadError as error:
        statement.problem = Unparsed(error.message, error.offset, certain=False)
    except RecursionError:
        statement.problem = Unparsed("It is nested too deeply", None, certain=False)
    return statement


def tokens_of(statement: Stmt, dialect: str) -> list[Token]:
    """All its tokens, comments left out, without a semicolon: those it was read by, or (a long INSERT) read now."""
    found = statement.node
    if not isinstance(found, list) or _is_long_insert(statement.text):
        found = tokenize(statement.text, dialect)
    return [token for token in found if token.upper != ";"]


def _is_long_insert(text: str) -> bool:
    return len(text) > _HEAD and text[:12].lstrip("(").upper().startswith(("INSERT", "REPLACE", "COPY"))


def _read(cursor: Cursor, *, cut: bool) -> list[Op]:
    if cursor.word == "(":
        return dml.read_query(cursor)
    read = _READERS.get(cursor.word)
    if cursor.word in ("INSERT", "REPLACE"):
        return dml.read_insert(cursor, cut=cut)
    if read is not None:
        return read(cursor)
    if cursor.word in _TRANSACTION:
        return [_transaction(cursor)]
    if cursor.word in _KNOWN:
        return [ops.Other(keyword=cursor.word)]
    return _by_sqlglot(cursor)


def _transaction(cursor: Cursor) -> Op:
    word = cursor.next().upper
    if word == "START" and cursor.word != "TRANSACTION":
        return ops.Other(keyword="START")
    if word == "BEGIN" and cursor.word not in (
        "",
        ";",
        "TRANSACTION",
        "WORK",
        "DEFERRED",
        "IMMEDIATE",
        "EXCLUSIVE",
        "ISOLATION",
        "READ",
    ):
        return ops.Other(keyword="BEGIN")  # a block of statements
    if word == "ROLLBACK" and any(token.upper == "TO" for token in cursor.tokens):
        word = "ROLLBACK TO"
    return ops.TransactionControl(word="BEGIN" if word == "START" else word)


def _with(cursor: Cursor) -> list[Op]:
    """A CTE: by the first verb outside its parentheses."""
    begin = cursor.at
    cursor.until("SELECT", "INSERT", "UPDATE", "DELETE", "MERGE")
    rest = Cursor(cursor.sql, cursor.tokens[cursor.at :], cursor.dialect)
    found = _read(rest, cut=False) if not rest.done else []
    inner = Cursor(cursor.sql, cursor.tokens[begin : cursor.at], cursor.dialect)
    return [*found, *dml.null_comparisons(inner.tokens)]


def _set(cursor: Cursor) -> list[Op]:
    word = cursor.next().upper
    local = bool(cursor.take_any("LOCAL"))
    cursor.take_any("SESSION", "GLOBAL", "PERSIST")
    found: list[Op] = []
    for item in cursor.items():
        tokens: list[Token] = [token for token in item.tokens if token.upper not in ("@", ";")]
        if not tokens:
            continue
        if word == "PRAGMA" and len(tokens) > 2 and tokens[1].upper == ".":
            tokens = tokens[2:]
        value = [token.text for token in tokens[1:] if token.upper not in ("=", "TO", ":=", "(", ")")]
        name = tokens[0].text.lower()
        if name in ("session", "global") and len(tokens) > 2 and tokens[1].upper == ".":
            name, value = tokens[2].text.lower(), [token.text for token in tokens[4:]]
        found.append(ops.Setting(name=name, value=" ".join(value), local=local))
    return found


_READERS: dict[str, Callable[[Cursor], list[Op]]] = {
    "CREATE": ddl.read_create,
    "ALTER": alter.read_alter,
    "DROP": ddl.read_drop,
    "TRUNCATE": ddl.read_truncate,
    "RENAME": ddl.read_rename,
    "UPDATE": dml.read_update,
    "DELETE": dml.read_delete,
    "SELECT": dml.read_query,
    "WITH": _with,
    "SET": _set,
    "PRAGMA": _set,
}


def _by_sqlglot(cursor: Cursor) -> list[Op]:
    tree = parse_sqlglot(cursor.sql, cursor.dialect)
    if tree is None or type(tree).__name__ in ("Column", "Alias", "Identifier"):
        raise ReadError(f"{cursor.peek().text!r} begins no statement known here", cursor.peek().start)
    return [ops.Other(keyword=cursor.word or type(tree).__name__.upper())]


def parse_sqlglot(text: str, dialect: str) -> Any:
    """sqlglot's tree of one statement, or None where it refuses it. A second a 300 kB: for rules that need it."""
    import sqlglot

    with _quiet():
        try:
            return sqlglot.parse_one(text, dialect="postgres" if dialect == "spanner" else dialect)
        except (sqlglot.errors.SqlglotError, RecursionError):
            return None


@contextmanager
def _quiet() -> Iterator[None]:
    """sqlglot logs what it gives up on; here that is an answer, no event."""
    logger = logging.getLogger("sqlglot")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


__all__ = ["parse_sqlglot", "read_half", "read_statement", "reader", "tokens_of"]
