"""dbmate's own error text, as lib/pq words it, read into the application's errors. Pure."""

from __future__ import annotations

import re

from backend.core.catalogue import because
from backend.core.errors import AppError, ConnectionFailed, SqlFailed
from backend.engine.sqltext import split, strip_comments, tables_touched
from backend.engine.target import FailedBlock, Statement

from .errors import by_state, connecting

# dbmate 2.37: `line: 3, column: 8, position: 32: pq: … at position 3:8 (42703)`; before, without place and state.
_PQ = re.compile(
    r"(?:line: (?P<line>\d+), column: (?P<column>\d+), position: (?P<position>\d+): )?"
    r"pq: (?P<message>.*?)(?: at (?:position \d+:\d+|column \d+))?(?: \((?P<state>[0-9A-Z]{5})\))?\s*\Z",
    re.DOTALL,
)
_OLD_WORDS = (
    (r"syntax error at or near", "42601"),
    (r"permission denied", "42501"),
    (r"duplicate key value", "23505"),
    (r"violates foreign key", "23503"),
    (r"violates check", "23514"),
    (r"violates not-null|contains null values", "23502"),
    (r"canceling statement due to lock timeout|could not obtain lock", "55P03"),
    (r"canceling statement due to statement timeout", "57014"),
    (r"cannot run inside a transaction block", "25001"),
    (r'^(?:relation|index) ".*" already exists', "42P07"),
    (r'^(?:relation|table) ".*" does not exist', "42P01"),
    (r'^column ".*" does not exist', "42703"),
    (r"password authentication failed", "28P01"),
    (r'^database ".*" does not exist', "3D000"),
)
_LOST = re.compile(
    r"bad connection|unexpected EOF|connection reset|broken pipe|^EOF$|server closed", re.IGNORECASE
)
_CONTROL = re.compile(
    r"(?:COMMIT|ROLLBACK|END|ABORT|BEGIN|START\s+TRANSACTION|PREPARE\s+TRANSACTION)\b", re.IGNORECASE
)


def explain(failure: FailedBlock) -> AppError:
    """The error of a failed block. `line` and `column` count in the block, its directive being line 1."""
    text = failure.tool_text.strip()
    text = text[text.rfind("\nError: ") + 1 :] if "\nError: " in text else text
    text = text.removeprefix("Error: ")
    if "unexpected transaction status" in text:
        return _transaction_ended(failure.block)
    found = _PQ.search(text)
    if found is None:
        return _not_from_the_server(text)
    message = found["message"]
    state = found["state"] or next((state for words, state in _OLD_WORDS if re.search(words, message)), "")
    if not state:
        lost = _LOST.search(message) or "SSL" in message
        return connecting(message) if lost else SqlFailed(message[:1].upper() + message[1:])
    error = by_state(state, message)
    if found["line"]:
        error.details.update(line=int(found["line"]), column=int(found["column"]))
    else:
        statement = _culprit(failure.block, state, message)
        if statement is not None:
            error.details.update(line=statement.line, statement=_shortened(statement.text))
    return error


def _not_from_the_server(text: str) -> AppError:
    if _LOST.search(text):
        lost = ConnectionFailed(
            f"The connection to the server was lost: {text}",
            hint="Look at the server's log. What the file did may have been rolled back; the status shows what counts.",
        )
        return because(lost, "session_ended", "postgres")
    if re.search(r"\bdial (?:tcp|unix)\b|lookup .*no such host|i/o timeout|tls:|x509:", text):
        return connecting(text)
    return SqlFailed(text[:1].upper() + text[1:] if text else "The tool failed without saying why.")


def _transaction_ended(block: str) -> AppError:
    """dbmate finds its transaction gone: the file ended it, and what it did before is committed, version included."""
    statement = next((one for one in split(block, "postgres") if _CONTROL.match(one.text)), None)
    place = {"line": statement.line, "statement": _shortened(statement.text)} if statement else {}
    ended = SqlFailed(
        "The file ends the transaction it runs in; what it did is committed, although the tool reports a failure.",
        hint="Remove COMMIT, ROLLBACK and BEGIN: dbmate wraps the file in a transaction of its own.",
        **place,
    )
    return because(ended, "transaction_ended", "postgres")


def _culprit(block: str, state: str, message: str) -> Statement | None:
    """The statement the server complained about without a place, where the message names it beyond doubt."""
    if state == "25001":
        command = message.partition(" cannot ")[0].upper().split()
        found = [one for one in split(block, "postgres") if _begins_with(one.text, command)]
    elif state in ("42P07", "2BP01") and (name := re.search(r'(?:relation "|table )([^"\s]+)', message)):
        verb = "CREATE" if state == "42P07" else "DROP"
        found = [
            one
            for one in split(block, "postgres")
            if _begins_with(one.text, [verb])
            and any(table.split(".")[-1] == name[1] for table in tables_touched(one.text, "postgres"))
        ]
    else:
        return None
    return found[0] if len(found) == 1 or (found and state == "25001") else None


def _begins_with(statement: str, command: list[str]) -> bool:
    """Whether the words of `CREATE INDEX CONCURRENTLY` stand in this order at the statement's beginning."""
    words = iter(re.findall(r"\w+", strip_comments(statement[:2000], "postgres").upper())[: len(command) + 3])
    return all(word in words for word in command)


def _shortened(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 200 else flat[:199] + "…"
