"""Which algorithm and lock the server grants a change of a table: it is asked for the best first, until it takes one.

What it takes is what it uses when it is not asked, so the statement runs once, and the answer is the server's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from backend.engines.mysql.schema.lexing import Token, tokens

_UNSUPPORTED = frozenset({1845, 1846})
_NOT_TAKEN_HERE = frozenset({1064, 1149, 1221})
_WRONG_USAGE = 1221
_REASON = re.compile(r"ALGORITHM=.* Reason: (.+?)\. Try\b", re.DOTALL)
_LADDER = (
    ("INSTANT", "NONE"), ("INSTANT", ""), ("NOCOPY", "NONE"), ("NOCOPY", "SHARED"), ("INPLACE", "NONE"),
    ("INPLACE", "SHARED"), ("INPLACE", "EXCLUSIVE"), ("COPY", "NONE"), ("COPY", "SHARED"), ("COPY", "EXCLUSIVE"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Granted:
    """`algorithm` is None where the server was not asked; `why_not` says why. `reason`: why none better was granted."""

    algorithm: str | None = None
    lock: str = ""
    asked: str = ""
    reason: str = ""
    why_not: str = ""

    @property
    def text(self) -> str | None:
        if self.algorithm is None:
            return None
        return f"{self.algorithm}, LOCK={self.lock}" if self.lock else self.algorithm


def ask(sql: str, execute: Callable[[str], object]) -> Granted | None:
    """Run the statement with the best clause that the server takes. None: it has not run, being of another kind.

    What `execute` raises leaves as it is, where it is no answer to the clause. A statement that takes no clause is run
    as it stands.
    """
    import pymysql

    code = [token for token in tokens(sql) if token.kind not in ("space", "comment", "executable")]
    if not _takes_a_clause(code):
        return None
    if (written := _written(code)) is not None:
        execute(sql)
        return written
    reason = ""
    for algorithm, lock in _LADDER:
        for asked in _with_clause(sql, code, algorithm, lock):
            try:
                execute(asked)
            except pymysql.err.MySQLError as error:
                number = error.args[0] if error.args else 0
                if number == _WRONG_USAGE and "ALGORITHM" in str(error.args[-1]) and lock:
                    continue  # MySQL grants INSTANT without a word about the lock
                if number in _NOT_TAKEN_HERE:
                    execute(sql)
                    return Granted(why_not="The server takes no ALGORITHM clause in this statement.")
                if number == 1800 or _is_unknown_word(error, algorithm):
                    continue  # an older server does not know this one
                if number not in _UNSUPPORTED:
                    raise
                found = _REASON.match(str(error.args[-1]))
                reason = found[1] if found else reason
                continue
            return Granted(
                algorithm, lock, f"ALGORITHM={algorithm}{f', LOCK={lock}' if lock else ''}", reason
            )
    execute(sql)
    return Granted(why_not="The server took none of the algorithms it was asked for.")


def _is_unknown_word(error: Exception, algorithm: str) -> bool:
    return (
        bool(error.args)
        and str(error.args[-1]).startswith("Unknown ALGORITHM")
        and algorithm in str(error.args[-1])
    )


def _takes_a_clause(code: list[Token]) -> bool:
    words = [token.upper for token in code[:6]]
    if not words:
        return False
    if words[0] == "ALTER":
        return "TABLE" in words[1:4]
    return words[0] == "CREATE" and "INDEX" in words[1:6]


def _written(code: list[Token]) -> Granted | None:
    """The clause that the statement has itself."""
    words = [token.upper for token in code]
    found = {"ALGORITHM": "", "LOCK": ""}
    for place, word in enumerate(words[:-1]):
        value = words[place + 2] if words[place + 1] == "=" and place + 2 < len(words) else words[place + 1]
        if word in found and value in (
            "DEFAULT",
            "INSTANT",
            "NOCOPY",
            "INPLACE",
            "COPY",
            "NONE",
            "SHARED",
            "EXCLUSIVE",
        ):
            found[word] = value
    if not any(found.values()):
        return None
    if found["ALGORITHM"] in ("", "DEFAULT"):
        lock = found["LOCK"] or "DEFAULT"
        return Granted(
            why_not=f"The statement itself asks for LOCK={lock}; the server does not tell which algorithm it took."
        )
    return Granted(
        found["ALGORITHM"], found["LOCK"].replace("DEFAULT", ""), "the clause that the statement itself has"
    )


def _with_clause(sql: str, code: list[Token], algorithm: str, lock: str) -> Iterator[str]:
    if code[0].upper == "CREATE":
        # On a line of its own: the text may end in a comment.
        yield f"{sql.rstrip().rstrip(';')}\n ALGORITHM={algorithm}{f' LOCK={lock}' if lock else ''}"
        return
    at = _after_table_name(code)
    yield f"{sql[:at]} ALGORITHM={algorithm},{f' LOCK={lock},' if lock else ''}{sql[at:]}"


def _after_table_name(code: list[Token]) -> int:
    """The offset after `ALTER TABLE [IF EXISTS] name[.name] [WAIT n|NOWAIT]`."""
    place = next(number for number, token in enumerate(code) if token.upper == "TABLE") + 1
    if code[place].upper == "IF" and code[place + 1].upper == "EXISTS":
        place += 2
    if place + 2 < len(code) and code[place + 1].text == ".":
        place += 2
    if place + 2 < len(code) and code[place + 1].upper == "WAIT":
        place += 2
    elif place + 1 < len(code) and code[place + 1].upper == "NOWAIT":
        place += 1
    return code[place].end
