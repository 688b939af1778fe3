"""MySQL's and MariaDB's errors, from PyMySQL and from dbmate's text, as the application's own. No secrets in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    Cancelled,
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
from backend.engine.target import FailedBlock

from .locate import place_of
from .reasons import reason_of, reason_of_network
from .url import MysqlUrl

_Kind = tuple[type[AppError], str | None]

_BY_NUMBER: dict[int, _Kind] = {}


def _numbers(kind: type[AppError], hint: str | None, *numbers: int) -> None:
    _BY_NUMBER.update(dict.fromkeys(numbers, (kind, hint)))


_numbers(AuthenticationFailed, None, 1045, 1698, 1820, 1862, 1251, 2049, 2059, 2061)
_numbers(
    PermissionDenied,
    "Grant the missing privilege to the user of this connection, or use another user.",
    1044, 1142, 1143, 1227, 1370, 1410, 1419, 3530,
)  # fmt: skip
_numbers(DatabaseMissing, None, 1049)
_numbers(ConnectionFailed, None, 2001, 2002, 2003, 2005, 2012, 2014, 2026, 2027)
_numbers(
    ConnectionFailed,
    "The server closed the connection; its log says why.",
    2006,
    2013,
    1053,
    1927,
    1152,
    1158,
)
_numbers(
    ConnectionFailed, "Raise max_connections, or close sessions that are no longer needed.", 1040, 1203, 1226
)
_numbers(ConnectionFailed, "The server refuses this machine: allow its address for the user.", 1129, 1130)
_numbers(
    LockTimeout,
    "Another session holds a lock on the table. Wait until it is done, or end it, then try again.",
    1205, 3572, 1637,
)  # fmt: skip
_numbers(LockTimeout, "Two sessions waited for each other and this one was ended. Try again.", 1213)
_numbers(TimedOut, "The server's time limit for statements was reached.", 1969, 3024)
_numbers(Cancelled, None, 1317)
_numbers(DiskFull, "Free some space on the server, then try again.", 1021, 1114, 1041)
_numbers(ReadOnly, "The server, or this session, takes no writes. Is it a replica?", 1290, 1792, 1836, 3100)
_numbers(SyntaxProblem, None, 1064, 1149, 4161)
_numbers(
    ConstraintViolation,
    "Rows that are there, or that the migration writes, break this rule. Correct them first.",
    1022, 1048, 1062, 1138, 1169, 1216, 1217, 1264, 1265, 1292, 1364, 1366, 1406, 1451, 1452, 1557, 1586, 3819, 4025,
)  # fmt: skip
_numbers(
    SqlFailed,
    "It was made earlier, by another migration, by hand, or by an earlier try of this one: MySQL keeps what ran before "
    "a failure. Remove what is left over, or record this migration as applied (baseline).",
    1007, 1050, 1060, 1061, 1304, 1359, 1537, 1826, 3822,
)  # fmt: skip
_numbers(
    SqlFailed,
    "Check the spelling, and that the migration that makes it comes first.",
    1051, 1054, 1091, 1146, 1072, 1176, 1305, 1360, 1539, 1824,
)  # fmt: skip

_TOOL_ERROR = re.compile(r"Error (?P<number>\d+)(?: \((?P<state>\w{5})\))?: (?P<said>.*)", re.DOTALL)
_NETWORK: tuple[tuple[str, type[AppError], str | None], ...] = (
    (
        r"TLS requested but server does not support TLS",
        ConnectionFailed,
        "Take tls= out of the URL, or switch TLS on.",
    ),
    (
        r"x509:|certificate",
        ConnectionFailed,
        "The server's certificate is not trusted here; tls=skip-verify ignores it.",
    ),
    (
        r"dial (tcp|unix)|no such host|i/o timeout|connection (refused|reset)|broken pipe",
        ConnectionFailed,
        None,
    ),
    (
        r"invalid connection|bad connection|unexpected EOF",
        ConnectionFailed,
        "The connection was lost while it ran.",
    ),
    (r"unknown authentication plugin|old password|cleartext", AuthenticationFailed, None),
)


def from_number(number: int, said: str, state: str | None = None) -> AppError:
    """The application's error for the server's number and words; `details` holds errno and sqlstate."""
    kind, hint = _BY_NUMBER.get(number, (SqlFailed, None))
    if number == 1064 and re.search(r"near 'DELIMITER\b", said, re.IGNORECASE):
        hint = (
            "DELIMITER is a command of the mysql client, which the server does not know. Leave it out: dbmate sends "
            "the whole block."
        )
    error = kind(_sentence(said), hint=hint, errno=number)
    if state:
        error.details["sqlstate"] = state
    return because(error, reason_of(number, said), "mysql")


def from_driver(error: Exception, url: MysqlUrl | None = None) -> AppError:
    """A PyMySQL error as the application's own. `url` is for the host's and database's name only."""
    arguments = error.args
    if len(arguments) >= 2 and isinstance(arguments[0], int):
        number, said = arguments[0], str(arguments[1])
    else:
        number, said = 0, str(error)
    if url is not None and url.password:
        said = said.replace(url.password, "***")
    if number in (2003, 2002) and url is not None:
        place = url.socket or f"{url.host}:{url.port or 3306}"
        silent = ConnectionFailed(
            f"No MySQL or MariaDB server answers at {place}.", errno=number, server_message=_sentence(said)
        )
        return because(silent, reason_of(number, said), "mysql")
    if number == 1049 and url is not None:
        return DatabaseMissing(f"There is no database {url.database!r} on this server.", errno=number)
    if number == 0:
        lost = ConnectionFailed(_sentence(said) if said else "The connection was lost.")
        return because(lost, reason_of_network(said), "mysql")
    return from_number(number, said)


def explain(failure: FailedBlock) -> AppError:
    """dbmate's error text as an AppError; `line` and `column` in the block where the server's words tell them."""
    found = re.findall(r"^Error: (.*(?:\n(?!Error: ).*)*)", failure.tool_text, re.MULTILINE)
    text = (found[-1] if found else failure.tool_text).strip()
    numbered = _TOOL_ERROR.match(text)
    if numbered is None:
        for pattern, kind, hint in _NETWORK:
            if re.search(pattern, text, re.IGNORECASE):
                return because(kind(_sentence(text), hint=hint), reason_of_network(text), "mysql")
        return SqlFailed(_sentence(text))
    error = from_number(int(numbered["number"]), numbered["said"], numbered["state"])
    if isinstance(error, SqlFailed):
        error.details.update(place_of(int(numbered["number"]), numbered["said"], failure.block) or {})
    return error


@contextmanager
def translated(url: MysqlUrl | None = None) -> Iterator[None]:
    """PyMySQL's errors inside leave as AppErrors."""
    import pymysql

    try:
        yield
    except pymysql.err.MySQLError as error:
        # `from None`: the driver's own frames hold the password as an argument.
        raise from_driver(error, url) from None
    except (OSError, RuntimeError) as error:
        unusable = ConnectionFailed(_sentence(str(error)))
        raise because(unusable, reason_of_network(str(error)), "mysql") from None


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."
