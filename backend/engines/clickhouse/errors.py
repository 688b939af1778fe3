"""ClickHouse's numbered errors, from our own drivers and from dbmate's text, as the application's own."""

from __future__ import annotations

import re
from collections.abc import Callable

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConnectionFailed,
    ConstraintViolation,
    DatabaseMissing,
    DiskFull,
    LockTimeout,
    PermissionDenied,
    ReadOnly,
    SqlFailed,
    SyntaxProblem,
    TimedOut,
)
from backend.engine import sqltext
from backend.engine.target import FailedBlock

from .reasons import reason_of, reason_of_silence

# src/Common/ErrorCodes.cpp; the numbers never change.
TABLE_EXISTS = 57
UNKNOWN_TABLE = 60
UNKNOWN_DATABASE = 81
DATABASE_EXISTS = 82
READONLY = 164
SAME_ID_RUNNING = 216
CANCELLED = 394
SYNTAX_ERROR = 62

# `Code: 62. DB::Exception: text. (NAME)`, `Code: 62, e.displayText() = DB::Exception: text, e.what() = …` before 20.x,
# and clickhouse-go's `code: 62, message: text`.
_SAID = re.compile(
    r"(?:Code: (?P<code>\d+)[.,]\s*(?:e\.displayText\(\) = )?(?:DB::(?:Net)?Exception: )?"
    r"|code: (?P<gocode>\d+), message: )(?P<text>.*)",
    re.DOTALL,
)
_NAME_AND_VERSION = re.compile(r"\s*(?:\(([A-Z][A-Z0-9_]+)\))?\s*(?:\(version [^)]*\))?\s*[\"']?\s*$")
_PLACE = re.compile(r"\(line (\d+), col (\d+)\)")
_EXPECTED = re.compile(r"\. Expected one of: (.*)$", re.DOTALL)
_UNREACHABLE = re.compile(
    r"(connection refused|no such host|i/o timeout|no route to host|network is unreachable|connection reset by peer"
    r"|unexpected packet|\bEOF\b|x509: [^\n]*|tls: [^\n]*|dsn parse[^\n]*|https without TLS|http with TLS specify)"
)


class ServerSaid(Exception):
    """The server's refusal: its number and its words."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


class Unreachable(Exception):
    """No answer of a ClickHouse server. The message says why in plain words, without the address or a secret."""

    @classmethod
    def from_requests(cls, error: Exception) -> Unreachable:
        name = type(error).__name__
        if "Timeout" in name:
            return cls("The server did not answer in time.")
        if "SSL" in name:
            return cls("The TLS certificate or protocol of the server was not accepted.")
        return cls(_plain(str(error)))

    @classmethod
    def from_driver(cls, error: Exception) -> Unreachable:
        if "Timeout" in type(error).__name__ or "timed out" in str(error):
            return cls("The server did not answer in time.")
        return cls(_plain(str(error)))


def _plain(text: str) -> str:
    lowered = text.lower()
    for sign, said in (
        ("connection refused", "Nothing listens at this host and port."),
        ("name or service not known", "The host name is not known."),
        ("name resolution", "The host name is not known."),
        ("nodename nor servname", "The host name is not known."),
        ("certificate", "The server's TLS certificate was not accepted."),
        ("wrong version number", "The server does not speak TLS at this port."),
        ("reset by peer", "The server closed the connection."),
        (
            "remote end closed",
            "The server closed the connection: perhaps the port belongs to another protocol.",
        ),
        ("unexpected eof", "The server closed the connection: perhaps the port belongs to another protocol."),
        ("unexpected packet", "What answers there does not speak ClickHouse's native protocol."),
    ):
        if sign in lowered:
            return said
    return "The server cannot be reached."


def translate(error: ServerSaid | Unreachable, read_only: bool = False, database: str = "") -> AppError:
    """An error of our own connection as the application's."""
    if isinstance(error, Unreachable):
        hint = None
        if "protocol" in str(error):
            hint = (
                "clickhouse:// speaks to port 9000, clickhouse+http:// to 8123, clickhouse+https:// to 8443."
            )
        return because(ConnectionFailed(str(error), hint=hint), reason_of_silence(str(error)), "clickhouse")
    if error.code == READONLY and read_only:
        return ReadOnly("The connection is read-only, so the server refused to write.")
    return _from_code(error.code, _cleaned(error.text)[0], database=database)


def explain(failure: FailedBlock) -> AppError:
    """dbmate's words about a failed block, with line and column in it where they can be known."""
    said = list(_SAID.finditer(failure.tool_text))
    if not said:
        return _without_number(failure.tool_text)
    match = said[0]
    code = int(match["code"] or match["gocode"])
    text, name = _cleaned(match["text"])
    error = _from_code(code, text, name)
    if isinstance(error, SqlFailed):
        error.details.update(_place(failure, match["text"]))
    return error


def _without_number(tool_text: str) -> AppError:
    if found := _UNREACHABLE.search(tool_text):
        silent = ConnectionFailed(
            "dbmate could not talk to the ClickHouse server.",
            hint="Check host, port and protocol: 9000 speaks the native protocol, 8123 HTTP, 8443 HTTPS.",
            server_message=found[1],
        )
        return because(silent, reason_of_silence(found[1]), "clickhouse")
    lines = [line for line in tool_text.strip().splitlines() if line.strip()]
    # What cannot be recognised may hold an address; only the last sentence after `Error:` is shown.
    text = re.sub(r"\w+(?:\+\w+)?://\S+", "…", lines[-1].removeprefix("Error: ") if lines else "")
    return SqlFailed(text or "dbmate stopped without saying why.")


def _cleaned(text: str) -> tuple[str, str | None]:
    """The message without what surrounds it, and the error's name."""
    text = text.split("\nStack trace")[0].split(", e.what() = ")[0].split(" Stack trace:")[0]
    text = re.sub(
        r"^Code: \d+[.,]\s*(?:e\.displayText\(\) = )?(?:DB::(?:Net)?Exception: )?", "", text.strip()
    )
    end = _NAME_AND_VERSION.search(text)
    name = end[1] if end else None
    if end:
        text = text[: end.start()]
    return text.strip().rstrip(".") + ".", name


def _place(failure: FailedBlock, text: str) -> dict[str, object]:
    """Line and column in the block: the server's, or the line of the only statement."""
    if found := _PLACE.search(text):
        return {"line": int(found[1]), "column": int(found[2])}
    statements = sqltext.split(failure.block, "clickhouse") if failure.block else []
    if len(statements) == 1:
        return {"line": statements[0].line}
    return {}


_Make = Callable[[str], AppError]


def _from_code(code: int, text: str, name: str | None = None, *, database: str = "") -> AppError:
    error = _MAKERS.get(code, _plain_failure)(text)
    error.details["errno"] = code
    if name:
        error.details["error_name"] = name
    if database and isinstance(error, DatabaseMissing):
        error.details["database"] = database
    return because(error, reason_of(code, text), "clickhouse")


def _plain_failure(text: str) -> AppError:
    return SqlFailed(text)


def _syntax(text: str) -> AppError:
    if "ulti-statements are not allowed" in text:
        return SyntaxProblem(
            "ClickHouse runs one statement at a time, and this block holds several.",
            hint="Give each statement a migration file of its own, or a pair of up and down of its own in this file.",
            server_message=text,
        )
    if "Empty query" in text:
        return SyntaxProblem(
            "The block holds no statement, and ClickHouse refuses an empty one.",
            hint="Write a statement; SELECT 1 does nothing.",
            server_message=text,
        )
    expected = _EXPECTED.search(text)
    short = (text[: expected.start()] + "." if expected else text).replace(
        "Syntax error: failed", "Syntax error"
    )
    return SyntaxProblem(short, expected=expected[1].rstrip(".") if expected else None)


def _authentication(_: str) -> AppError:
    return AuthenticationFailed("The ClickHouse server does not accept this user name and password.")


def _missing_database(text: str) -> AppError:
    return DatabaseMissing(text)


def _exists(text: str) -> AppError:
    return SqlFailed(
        text,
        hint="An earlier attempt may have made it: ClickHouse keeps what ran before a failure. Drop it, or write "
        "CREATE … IF NOT EXISTS.",
    )


def _unknown_setting(text: str) -> AppError:
    if "client_protocol_version" in text:
        hint = "The server is too old for dbmate's driver; upgrade it."
    else:
        hint = "What the URL's parameters name becomes a setting of every query; check their spelling."
    return SqlFailed(text, hint=hint)


def _hinted(kind: type[AppError], hint: str) -> _Make:
    return lambda text: kind(text, hint=hint)


_MAKERS: dict[int, _Make] = {
    SYNTAX_ERROR: _syntax,
    TABLE_EXISTS: _exists,
    DATABASE_EXISTS: _exists,
    UNKNOWN_DATABASE: _missing_database,
    **dict.fromkeys((192, 193, 194, 516), _authentication),
    **dict.fromkeys(
        (291, 497),
        _hinted(PermissionDenied, "Ask for the grant that the message names, or use another user."),
    ),
    READONLY: _hinted(PermissionDenied, "The user's profile allows reading only; use a user that may write."),
    115: _unknown_setting,
    159: lambda text: TimedOut(text, hint="Raise max_execution_time in the URL, or split the work."),
    202: _hinted(SqlFailed, "Too many queries run at once for this user or server; try again later."),
    241: _hinted(
        SqlFailed, "The statement needs more memory than allowed: split it, or raise max_memory_usage."
    ),
    243: _hinted(DiskFull, "Free some space on the server's disk, then try again."),
    CANCELLED: _hinted(
        SqlFailed, "Somebody ended the statement on the server. What it had done by then stays."
    ),
    469: lambda text: ConstraintViolation(text),
    473: _hinted(
        LockTimeout, "Wait until the other statement on the table is done, or raise the lock timeout."
    ),
}
