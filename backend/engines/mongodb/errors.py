"""MongoDB's errors, from pymongo and from the migration runner, in plain words. No secret leaves here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    Conflict,
    ConnectionFailed,
    ConstraintViolation,
    InternalError,
    InvalidUrl,
    LockTimeout,
    PermissionDenied,
    SqlFailed,
    SyntaxProblem,
    TimedOut,
)

from .reasons import reason_of, reason_of_silence
from .refusals import duplicate_text, refusal_text
from .url import scrub

if TYPE_CHECKING:
    from pymongo.errors import PyMongoError

_AUTHENTICATION = {18, 8000, 11, 334}
_DUPLICATE = {11000, 11001, 12582}
_VALIDATION = 121
_NOT_PRIMARY = {10107, 13435, 11602, 189, 91, 10058, 13436}
_LOCKED = {24, 112, 46}
_TIMEOUT = {50, 262, 89}
_INTERRUPTED = {11601, 11600, 237}
_TAKEN = {48, 85, 86, 68}
_UNREADABLE = {2, 9, 14, 15, 40, 31325, 40324, 16436, 168, 40353, 28, 56, 57, 67, 52, 59, 197}


def is_drivers(error: Exception) -> bool:
    """Is it the driver's, if only a plain ValueError as its login code raises?"""
    from pymongo.errors import PyMongoError

    return isinstance(error, PyMongoError | UnicodeError) or "SASLprep" in str(error)


def translate(error: PyMongoError | Exception) -> AppError:
    """A pymongo error as an AppError; one of ours stays as it is."""
    from pymongo import errors

    if isinstance(error, AppError):
        return error
    text = scrub(str(error))
    if "SASLprep" in text:
        return AuthenticationFailed(
            "User or password hold a character that MongoDB's login does not allow.",
            hint="Emoji and unassigned or control characters are not allowed (RFC 4013). Letters of any language are.",
            reason="wrong_password",
        )
    if isinstance(error, errors.ConfigurationError | errors.InvalidURI | UnicodeError):
        return _configuration(text)
    if isinstance(error, errors.WTimeoutError | errors.ExecutionTimeout):
        return because(
            TimedOut("The server did not finish in time.", cause=text), "statement_timeout", "mongodb"
        )
    if isinstance(error, errors.BulkWriteError):
        return from_server(first_write_error(dict(error.details or {})))
    if isinstance(error, errors.OperationFailure):
        details: dict[str, Any] = dict(error.details or {})
        return from_server({"message": details.get("errmsg", text), **details, "code": error.code})
    if isinstance(error, errors.CollectionInvalid):
        return because(Conflict(f"{text[:1].upper()}{text[1:]}."), "table_exists", "mongodb")
    if isinstance(error, errors.ConnectionFailure):
        return unreachable(text)
    return InternalError(f"The MongoDB driver failed: {text}")


def first_write_error(details: dict[str, Any]) -> dict[str, Any]:
    """The first of a bulk write's errors, as the server gave it."""
    found = details.get("writeErrors") or details.get("writeConcernErrors") or [{}]
    first: dict[str, Any] = dict(found[0])
    return {"message": first.get("errmsg", "A write failed."), **first}


def unreachable(text: str) -> AppError:
    """No server answers: says which ones were tried, without the driver's own long description."""
    if re.search(r"(?i)certificate|\bssl\b|\btls\b", text):
        unsafe = ConnectionFailed(
            "The encrypted connection to the MongoDB server could not be made.",
            hint="Check the TLS options of the URL (tls, tlsCAFile) and the server's certificate.",
            cause=_short(text),
        )
        return because(unsafe, reason_of_silence(_short(text)), "mongodb")
    silent = ConnectionFailed(f"No MongoDB server answers: {_short(text)}")
    return because(silent, reason_of_silence(_short(text)), "mongodb")


def _short(text: str) -> str:
    return (
        re.split(r",? ?\(configured timeouts|, Timeout: |, Topology Description", text)[0].strip().rstrip(".")
        + "."
    )


def _configuration(text: str) -> AppError:
    if re.search(r"(?i)dns|resolution|resolve", text):
        unknown = ConnectionFailed(
            f"The server's name cannot be resolved: {_short(text)}",
            hint="mongodb+srv:// looks the servers up in DNS. Check the name, and that this machine has a network.",
        )
        return because(unknown, "host_unknown", "mongodb")
    return InvalidUrl(f"The driver does not accept this URL: {_short(text)}")


def from_server(answer: dict[str, Any], **details: Any) -> AppError:
    """What the server said (code, message, errInfo, keyValue, …) as an AppError; `details` are added to its own."""
    code = answer.get("code") if isinstance(answer.get("code"), int) else None
    message = scrub(str(answer.get("message") or answer.get("errmsg") or "The server refused the command."))
    if code is not None:
        details["errno"] = code
    if answer.get("codeName"):
        details["code_name"] = answer["codeName"]
    made = because(_by_code(code, message, answer), reason_of(code, message), "mongodb")
    made.details.update({key: value for key, value in details.items() if value is not None})
    return made


def _by_code(code: int | None, message: str, answer: dict[str, Any]) -> AppError:
    if code in _DUPLICATE:
        return ConstraintViolation(
            duplicate_text(message, answer),
            hint="Find and merge the documents that share this value, or leave it out of the unique index.",
            server_message=message,
        )
    if code == _VALIDATION:
        return ConstraintViolation(
            refusal_text(answer.get("errInfo")),
            hint="Change the document, or the collection's validator (Collection → Validator).",
            server_message=message,
        )
    if code in _AUTHENTICATION:
        return AuthenticationFailed(
            "The MongoDB server refused the user or password.",
            hint="Check user and password, and authSource: the database the user was created in, often admin.",
        )
    if code == 13:
        return PermissionDenied(
            f"The user may not do this: {message}",
            hint="Grant the role readWrite on this database (dbAdmin for validators), or check authSource in the URL.",
        )
    if code in _NOT_PRIMARY:
        return ConnectionFailed(
            f"This server takes no writes now: it is not the replica set's primary ({message}).",
            hint="Name the whole replica set in the URL (…?replicaSet=name) so that the primary is found, then try again.",
        )
    if code in _LOCKED:
        return LockTimeout(
            f"Another operation got in the way: {message}", hint="Try again; keep transactions short."
        )
    if code in _TIMEOUT:
        return TimedOut(f"The operation took longer than allowed: {message}")
    if code in _INTERRUPTED:
        return SqlFailed(f"The operation was ended on the server: {message}")
    if code in _TAKEN:
        return Conflict(_sentence(message))
    if code == 20 and "ransaction" in message:
        return SqlFailed(
            "Transactions need a replica set, and this server is not part of one.",
            hint="Start mongod with --replSet (one member is enough), or write the migration without a transaction.",
        )
    if code in _UNREADABLE:
        return SyntaxProblem(f"The server cannot read this command: {message}")
    return SqlFailed(_sentence(message))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else text + "."
