"""What a statement would do outside its scratch: on another database, or on the whole server. Read before it runs."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from backend.engine.rehearsal.border import Outside
from backend.engines.mysql.connect import rows
from backend.engines.mysql.schema.lexing import Token, tokens, unquoted, without_databases

if TYPE_CHECKING:
    from pymysql.connections import Connection

_WHOLE_SERVER = {
    ("CREATE", "DATABASE"), ("CREATE", "SCHEMA"), ("DROP", "DATABASE"), ("DROP", "SCHEMA"), ("ALTER", "DATABASE"),
    ("ALTER", "SCHEMA"), ("CREATE", "USER"), ("ALTER", "USER"), ("DROP", "USER"), ("RENAME", "USER"), ("CREATE", "ROLE"),
    ("DROP", "ROLE"), ("CREATE", "SERVER"), ("ALTER", "SERVER"), ("DROP", "SERVER"), ("INSTALL", ""), ("UNINSTALL", ""),
    ("GRANT", ""), ("REVOKE", ""), ("FLUSH", ""), ("KILL", ""), ("SHUTDOWN", ""), ("RESTART", ""), ("RESET", ""),
    ("PURGE", ""), ("CHANGE", ""), ("START", "SLAVE"), ("START", "REPLICA"), ("STOP", "SLAVE"), ("STOP", "REPLICA"),
    ("BINLOG", ""), ("CLONE", ""), ("LOAD", "DATA"), ("LOAD", "XML"),
}  # fmt: skip
_BEGINS_A_STATEMENT = frozenset({";", "BEGIN", "THEN", "ELSE", "DO", "LOOP", "REPEAT"})
_FILES = {("INTO", "OUTFILE"), ("INTO", "DUMPFILE")}
_NAMES_OBJECTS_ONLY = frozenset(
    {"DROP", "RENAME", "LOCK", "TRUNCATE", "OPTIMIZE", "ANALYZE", "REPAIR", "ALTER"}
)
_DEFAULTS_OF_A_DATABASE = ("character", "charset", "collate", "default", "comment")
_MAKES_ROUTINES = frozenset({"CREATE", "ALTER", "DROP", "EXECUTE"})
_ROUTINES = "SELECT routine_name, routine_definition FROM information_schema.routines WHERE routine_schema = database()"


class Border:
    """Around the database that a session is in."""

    def __init__(self, connection: Connection[Any]) -> None:
        self._connection = connection
        self._own = str(rows(connection, "SELECT database()")[0][0]).lower()
        # `information_schema` is read by many migrations, and nothing there can be changed.
        self._others = [
            str(name)
            for (name,) in rows(connection, "SHOW DATABASES")
            if str(name).lower() not in (self._own, "information_schema", "performance_schema")
        ]
        self._routines: list[tuple[str, str]] | None = None

    def crossed_by(self, sql: str) -> Outside | None:
        """None where the statement keeps to the session's own database, as far as its text tells."""
        code = _code(sql)
        if not code:
            return None
        first, second = code[0].upper, code[1].upper if len(code) > 1 else ""
        if first == "USE":
            return Outside(database=unquoted(code[1].text)) if len(code) > 1 else None
        if first == "CREATE" and second == "OR" and len(code) > 3:
            second = code[3].upper  # OR REPLACE
        is_own = first == "ALTER" and second in ("DATABASE", "SCHEMA") and _is_own(code, self._own)
        if not is_own and ((first, second) in _WHOLE_SERVER or (first, "") in _WHOLE_SERVER):
            return Outside(whole_server=first if (first, "") in _WHOLE_SERVER else f"{first} {second}")
        if first == "SET" and _is_global(code):
            return Outside(whole_server="SET GLOBAL")
        words = [token.upper for token in code]
        if any(pair in _FILES for pair in pairwise(words)):
            return Outside(elsewhere="The statement writes a file on the server's machine")
        to_come = self._text_to_come(code, sql)
        for text in to_come if first in ("PREPARE", "EXECUTE") else ():
            if found := self.crossed_by(text):
                return found
        for text in [*to_come, *([sql] if "EVENT" in words[:4] else [])]:
            if found := self._inside(text):
                return found
        for text in [sql, *to_come]:
            if named := self.named_in(text, strict=first in _NAMES_OBJECTS_ONLY):
                return Outside(database=named)
        if first in _MAKES_ROUTINES:
            self._routines = None
        return None

    def _inside(self, body: str) -> Outside | None:
        """What a statement in a body does to the server, also one that the body puts together from texts."""
        code = _code(body)
        words = [token.upper for token in code]
        for place, pair in enumerate(pairwise([*words, ""])):
            begins = place == 0 or words[place - 1] in _BEGINS_A_STATEMENT
            if begins and (pair in _WHOLE_SERVER or ((pair[0], "") in _WHOLE_SERVER and pair[1] != "(")):
                return Outside(whole_server=" ".join(pair) if pair in _WHOLE_SERVER else pair[0])
        if "PREPARE" not in words and "IMMEDIATE" not in words:
            return None
        texts = " ".join(token.text for token in code if token.kind == "string")
        for one, two in _WHOLE_SERVER:
            if two and re.search(rf"\b{one}\s+{two}\b", texts, re.IGNORECASE):
                return Outside(whole_server=f"{one} {two}")
        for name in self._others:
            if re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", texts, re.IGNORECASE):
                return Outside(database=name)
        return None

    def named_in(self, sql: str, *, strict: bool = False) -> str | None:
        """The first of the other databases that the text names an object of. `strict`: `a.b` can be no column there."""
        mentioned = {unquoted(token.text).lower() for token in tokens(sql) if token.kind in ("name", "word")}
        for name in self._others:
            if name.lower() not in mentioned:
                continue
            # Where a table here is called like a database, `users.id` may be its column.
            is_unsure = not strict and (self._is_a_table(name) or _is_an_alias(sql, name))
            if without_databases(sql, [name], [name] if is_unsure else []) != sql:
                return name
        return None

    def _is_a_table(self, name: str) -> bool:
        pattern = name.replace("\\", "\\\\").replace("_", "\\_").replace("%", "\\%")
        return bool(rows(self._connection, "SHOW TABLES LIKE %s", (pattern,)))

    def _text_to_come(self, code: list[Token], sql: str) -> list[str]:
        """What else will run: a prepared text, as its variable holds it now, and the bodies of routines that are named."""
        import pymysql

        words = [token.upper for token in code]
        try:
            if words[0] == "PREPARE" and "FROM" in words:
                rest = sql[code[words.index("FROM")].end :]
                return [str(rows(self._connection, f"SELECT {rest}")[0][0])]
            if words[:2] == ["EXECUTE", "IMMEDIATE"]:
                end = code[words.index("USING")].start if "USING" in words else len(sql)
                return [str(rows(self._connection, f"SELECT {sql[code[1].end : end]}")[0][0])]
        except pymysql.err.MySQLError:
            return []  # the statement itself will say what is wrong
        if self._routines is None:
            self._routines = [
                (str(name).lower(), str(body or "")) for name, body in rows(self._connection, _ROUTINES)
            ]
        # One may call another, so that where one is named all are read.
        named = {unquoted(token.text).lower() for token in code}
        return (
            [body for _, body in self._routines] if any(name in named for name, _ in self._routines) else []
        )


def _code(sql: str) -> list[Token]:
    return [token for token in tokens(sql) if token.kind not in ("space", "comment", "executable")]


def _is_own(code: list[Token], own: str) -> bool:
    """ALTER DATABASE of the session's own, named or not."""
    rest = [unquoted(token.text).lower() for token in code[2:]]
    return own in rest or (bool(rest) and rest[0] in _DEFAULTS_OF_A_DATABASE)


def _is_global(code: list[Token]) -> bool:
    words = [token.upper for token in code]
    return any(
        word in ("GLOBAL", "PERSIST", "PERSIST_ONLY", "PASSWORD") and words[place - 1] in ("SET", ",", "@")
        for place, word in enumerate(words)
        if place
    )


def _is_an_alias(sql: str, name: str) -> bool:
    """`FROM orders AS o`, `FROM orders o`: a word, or AS, stands right before it, and no dot after the name it follows."""
    code = _code(sql)
    for place in range(1, len(code)):
        if unquoted(code[place].text).lower() != name.lower() or code[place].kind not in ("name", "word"):
            continue
        is_followed = place + 1 < len(code) and code[place + 1].text == "."
        if not is_followed and (code[place - 1].upper == "AS" or code[place - 1].kind == "name"):
            return True
    return False
