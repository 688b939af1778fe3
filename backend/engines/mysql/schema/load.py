"""A schema text run into a scratch database: mysqldump's and phpMyAdmin's output, Workbench scripts, files by hand.

It never leaves the scratch database: USE is not obeyed, and the databases that the text itself makes, uses or writes to
all mean the scratch one. Rows, accounts and server settings are not schema. What only this server lacks (a collation, an
engine, a definer) is mapped or left out, and said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.core.context import stop_if_cancelled
from backend.core.errors import SqlFailed
from backend.engine import sqltext
from backend.engine.schema.port import Loaded
from backend.engine.target import Statement, Target
from backend.engines.mysql.connect import rows, run, writing
from backend.engines.mysql.errors import from_driver

from .events import put_to_sleep
from .lexing import tokens, unquoted, without_databases
from .scratch import words
from .server import Server

if TYPE_CHECKING:
    from pymysql.connections import Connection

_EXECUTABLE = re.compile(r"/\*M?!\d*|\*/")
_SKIPPED = re.compile(
    r"(?:INSERT|REPLACE|UPDATE|DELETE|LOAD|TRUNCATE|LOCK|UNLOCK|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|START|GRANT|REVOKE|FLUSH|"
    r"ANALYZE|OPTIMIZE|CHECK|CHECKSUM|REPAIR|SHOW|SELECT|WITH|DESCRIBE|DESC|EXPLAIN|HELP|KILL|PURGE|RESET|CHANGE|"
    r"(?:CREATE|ALTER|DROP|RENAME)\s+(?:OR\s+REPLACE\s+)?(?:USER|ROLE)|DROP\s+(?:DATABASE|SCHEMA)|USE|SET\s+PASSWORD|"
    r"SET\s+(?:@@)?GLOBAL|SET\s+@@(?:GLOBAL|SESSION)\.(?:GTID|SQL_LOG)|SET\s+(?:SQL_LOG_BIN|DEFAULT\s+ROLE|ROLE)|"
    r"INSTALL|UNINSTALL|SET\s+(?:TRANSACTION|AUTOCOMMIT))\b",
    re.IGNORECASE,
)
_CLIENT = re.compile(
    r"(?:SOURCE\s|\\\.|CONNECT\s|WARNINGS\b|NOWARNING\b|TEE\s|NOTEE\b|PROMPT\b)", re.IGNORECASE
)
_KEYS = re.compile(r"ALTER\s+TABLE\s+\S+\s+(?:DISABLE|ENABLE)\s+KEYS\s*$", re.IGNORECASE)
# Without a name it speaks of the database it runs in.
_DATABASE = re.compile(
    r"(?:CREATE|ALTER)\s+(?:DATABASE|SCHEMA)\b(?!\s+(?:DEFAULT\s+)?(?:CHARACTER\s+SET|CHARSET|COLLATE|COMMENT)\b)",
    re.IGNORECASE,
)
_DEFAULTS = re.compile(
    r"(?:DEFAULT\s+)?(?:(?:CHARACTER\s+SET|CHARSET)\s*=?\s*[`']?(\w+)|COLLATE\s*=?\s*[`']?(\w+))",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:USE|(?:CREATE|ALTER|DROP)\s+(?:DATABASE|SCHEMA)(?:\s+IF\s+(?:NOT\s+)?EXISTS)?)\s+", re.IGNORECASE
)
_NAMES_AN_OBJECT = frozenset("""
    TABLE TABLES VIEW TRIGGER PROCEDURE FUNCTION EVENT SEQUENCE INDEX INTO EXISTS
""".split())  # fmt: skip # noqa: SIM905
_DEFINER = re.compile(
    r"\bDEFINER\s*=\s*(?:CURRENT_USER(?:\(\))?|[^\s@]+@(?:`[^`]*`|'[^']*'|\"[^\"]*\"|\S+))\s?", re.IGNORECASE
)
_LETTERS = re.compile(
    r"SET\s+(?:NAMES|CHARACTER\s+SET|(?:@@)?(?:SESSION\.|SESSION\s+)?(?:character_set_(?:client|results|connection)|collation_connection))"
    r"\s*+=?+\s*+['\"]?+(?!@|utf8|binary|default)",
    re.IGNORECASE,
)
_SYSTEM = frozenset(("mysql", "sys", "performance_schema", "information_schema"))
_UNKNOWN_COLLATION, _UNKNOWN_CHARSET, _UNKNOWN_ENGINE = 1273, 1115, 1286
_NEEDS_RIGHTS = frozenset((1227, 1370, 1044, 1142))
_IS_THERE = 1050
_NOT_THERE = frozenset((1051, 1091, 1305, 1360, 1539, 4091, 4092))
_STRICTNESS = frozenset((1067, 1101, 1071, 1074, 1118, 1170, 1231, 1265, 1292, 1364, 1629, 1709, 1478, 1005))
_NOT_TRUSTED = 1418


def load(target: Target, text: str, source: str) -> Loaded:
    """Statement by statement, as the mysql client reads them. Raises SqlFailed with the line."""
    statements = sqltext.split(text, "mysql")
    with writing(target) as connection:
        return _Loading(connection, statements, source).run()


class _Loading:
    def __init__(self, connection: Connection[Any], statements: list[Statement], source: str) -> None:
        self._connection = connection
        self._statements = statements
        self._source = source
        self._server = Server.of(connection)
        self._skipped: list[str] = []
        self._notes: list[str] = []
        self._collations: dict[str, str] = {}
        self._in_system = False
        self._names = _databases(statements)
        self._real = sorted(name for name in self._names if name.lower() not in _SYSTEM)
        self._doubtful = {name for name in self._names if _is_used_otherwise(name, statements)}

    def run(self) -> Loaded:
        run(self._connection, "SET SESSION foreign_key_checks = 0, unique_checks = 0")
        if len(self._real) > 1:
            self._notes.append(f"The databases {', '.join(self._real)} are loaded into one.")
        count = 0
        for statement in self._statements:
            stop_if_cancelled()
            head = _head(statement.text)
            if named := _NAMED.match(f"{head} "):
                following = head[named.end() :].split() or [""]
                self._in_system = unquoted(following[0]).lower() in _SYSTEM
            if _DATABASE.match(head):
                self._note_defaults(head, statement)
            elif not self._in_system and not self._is_left_out(head, statement):
                count += self._make(statement, head)
        return Loaded(count, tuple(dict.fromkeys(self._skipped)), tuple(dict.fromkeys(self._notes)))

    def _is_left_out(self, head: str, statement: Statement) -> bool:
        if _CLIENT.match(head):
            self._skipped.append(f"line {statement.line}: {head.split()[0]} is a command of the mysql client")
            return True
        if head.upper().startswith("SET") and _LETTERS.match(head):
            # The text is read as UTF-8 and goes to the server as that.
            return True
        return not head or _SKIPPED.match(head) is not None or _KEYS.match(head) is not None

    def _note_defaults(self, head: str, statement: Statement) -> None:
        """Which database it is, is not the text's to say, and neither are its defaults: tables without a character set of
        their own take those of the database they are loaded into."""
        found = _DEFAULTS.findall(head)
        here = rows(self._connection, "SELECT @@character_set_database, @@collation_database")[0]
        asked = [one or other for one, other in found]
        others = [name for name in asked if name.lower().replace("utf8mb3", "utf8") not in _spellings(here)]
        if others:
            self._notes.append(
                f"line {statement.line}: the database's own {others[0]} is not taken over; tables without a character set "
                f"of their own have {here[0]}."
            )

    def _make(self, statement: Statement, head: str) -> int:
        import pymysql

        sql = self._mapped(without_databases(statement.text, self._names, self._doubtful))
        is_setting = head.upper().startswith("SET")
        for _ in range(5):
            try:
                self._connection.query(sql)
                put_to_sleep(self._connection, _EXECUTABLE.sub(" ", sql))
                if is_setting and "foreign_key_checks" in head.lower():
                    run(self._connection, "SET SESSION foreign_key_checks = 0")
                return 1
            except pymysql.err.MySQLError as error:
                number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
                if is_setting:
                    self._notes.append(f"line {statement.line}: {words(error)} (a setting this server lacks)")
                    return 0
                changed = self._answer(number, words(error), sql, statement)
                if changed == sql:
                    if self._with_less_strictness(number, sql, statement):
                        return 1
                    raise self._failed(error, statement) from None
                if changed is None:
                    return 0
                sql = changed
        return 0

    def _answer(self, number: int, said: str, sql: str, statement: Statement) -> str | None:
        """The statement as this server takes it, None to leave it out, the same where nothing helps."""
        where = f"line {statement.line}: "
        if number == _UNKNOWN_COLLATION and (match := re.search(r"collation: '(\w+)'", said)):
            return self._other_collation(match[1], sql, where)
        if number == _UNKNOWN_ENGINE and (match := re.search(r"engine '(\w+)'", said)):
            self._notes.append(f"{where}there is no engine {match[1]} here, so the usual one is taken")
            return re.sub(rf"\b(?:ENGINE|TYPE)\s*=\s*{match[1]}\b", "", sql, flags=re.IGNORECASE)
        if number in _NEEDS_RIGHTS and _DEFINER.search(sql[:600]):
            self._notes.append(f"{where}made without its DEFINER, which this user may not set")
            return _DEFINER.sub("", sql, count=1)
        if number in _NOT_THERE and _head(sql).upper().startswith("DROP"):
            self._notes.append(f"{where}{said}")
            return None
        is_twice = number == _IS_THERE and len(self._real) > 1
        if number == _NOT_TRUSTED or number in _NEEDS_RIGHTS or is_twice:
            self._skipped.append(f"{where}{said}")
            return None
        return sql

    def _other_collation(self, collation: str, sql: str, where: str) -> str:
        if collation not in self._collations:
            there = {
                str(name).lower()
                for (name,) in rows(
                    self._connection,
                    "SELECT collation_name FROM information_schema.collations WHERE collation_name IS NOT NULL",
                )
            }
            other = next(
                (one for one in _likely(collation) if one in there or f"utf8mb4_{one}" in there), None
            )
            if other is None:
                return sql
            self._collations[collation] = f"utf8mb4_{other}" if other.startswith("uca1400") else other
        other = self._collations[collation]
        self._notes.append(f"The collation {collation} is not known here: {other} stands for it.")
        return self._mapped(sql)

    def _mapped(self, sql: str) -> str:
        for unknown, known in self._collations.items():
            sql = re.sub(rf"\b{unknown}\b", known, sql)
        return sql

    def _with_less_strictness(self, number: int, sql: str, statement: Statement) -> bool:
        """Old schemas were made under no SQL mode: a row too long for strict InnoDB, a default it refuses today."""
        import pymysql

        if number not in _STRICTNESS:
            return False
        before, strict = rows(self._connection, "SELECT @@sql_mode, @@innodb_strict_mode")[0]
        try:
            run(self._connection, "SET SESSION sql_mode = '', innodb_strict_mode = 0")
            self._connection.query(sql)
        except pymysql.err.MySQLError:
            return False
        finally:
            run(self._connection, "SET SESSION sql_mode = %s, innodb_strict_mode = %s", (before, strict))
        self._notes.append(f"line {statement.line}: taken only without strict SQL mode")
        return True

    def _failed(self, error: Exception, statement: Statement) -> SqlFailed:
        told = from_driver(error)
        inner = re.search(r"at line (\d+)\s*\.?$", told.message)
        line = statement.line + (int(inner[1]) - 1 if inner else 0)
        return SqlFailed(
            f"{self._source or 'The schema'}, line {line}: {told.message}",
            hint=told.hint, file=self._source, line=line, statement=statement.text[:500],
        )  # fmt: skip


def _head(text: str) -> str:
    """The statement's beginning as the server reads it: comments gone, what stands in `/*!40101 … */` kept."""
    begin = _EXECUTABLE.sub(" ", text[:600])
    kept = (" " if token.kind in ("space", "comment") else token.text for token in tokens(begin))
    return " ".join("".join(kept).split())


def _databases(statements: list[Statement]) -> set[str]:
    """The databases that the text makes, uses, or puts objects into."""
    found: set[str] = set()
    for statement in statements:
        begin = _EXECUTABLE.sub(" ", statement.text[:600])
        solid = [one for one in tokens(begin) if one.kind not in ("space", "comment")]
        if not solid:
            continue
        first = solid[0].upper
        if first == "USE" and len(solid) > 1:
            found.add(unquoted(solid[1].text))
            continue
        if first not in ("CREATE", "ALTER", "DROP", "RENAME", "INSERT", "REPLACE", "LOCK", "TRUNCATE"):
            continue
        for place, token in enumerate(solid[:12]):
            after = solid[place + 1 : place + 4]
            if token.upper in ("DATABASE", "SCHEMA") and place == 1:
                name = next((one for one in after if one.upper not in ("IF", "NOT", "EXISTS")), None)
                if name is None:
                    name = solid[place + 4] if len(solid) > place + 4 else None
                if name is not None and name.kind in ("name", "word") and first == "CREATE":
                    found.add(unquoted(name.text))
                break
            is_object = token.upper in _NAMES_AN_OBJECT and len(after) == 3 and after[1].text == "."
            if is_object and after[0].kind in ("name", "word"):
                found.add(unquoted(after[0].text))
                break
    return found


def _spellings(names: tuple[Any, ...]) -> set[str]:
    return {str(name).lower().replace("utf8mb3", "utf8") for name in names}


def _is_used_otherwise(database: str, statements: list[Statement]) -> bool:
    """Whether a table, or an alias, may be called like the database."""
    name = rf"[`\"]?{re.escape(database)}[`\"]?"
    pattern = re.compile(
        rf"CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:[`\w]+\.)?{name}[\s(]|\bAS\s+{name}(?![\w.])|"
        rf"\b(?:FROM|JOIN|UPDATE)\s+[`\w.]+\s+{name}(?![\w.])",
        re.IGNORECASE,
    )
    return any(pattern.search(statement.text) for statement in statements)


def _likely(collation: str) -> Iterator[str]:
    """Collations that sort alike, likeliest first: MySQL 8's for MariaDB, MariaDB's for MySQL 8."""
    strength = "as_cs" if collation.endswith("as_cs") else "ai_ci"
    if collation.endswith(("0900_bin", "_nopad_bin")):
        yield "utf8mb4_bin"
    if "0900" in collation:
        yield from (f"uca1400_{strength}", "utf8mb4_unicode_520_ci")
    if "uca1400" in collation:
        yield from (f"utf8mb4_0900_{strength}", "utf8mb4_unicode_520_ci")
    if collation.startswith("utf8mb3_"):
        yield collation.replace("utf8mb3_", "utf8_", 1)
    if "_nopad_" in collation:
        yield collation.replace("_nopad_", "_")
    charset = collation.partition("_")[0]
    yield f"{charset}_unicode_ci"
    yield f"{charset}_general_ci"
