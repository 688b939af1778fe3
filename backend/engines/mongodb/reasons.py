"""Why MongoDB or a migration's script failed, by number, words and kind, as a reason of the error catalogue. Tables only."""

from __future__ import annotations

import re
from typing import Any

_NUMBERS: dict[str, tuple[int, ...]] = {
    "bad_command": (2, 9, 15, 52, 56, 57, 67, 72, 197),
    "document_refused": (121,),
    "duplicate_key": (11000, 11001, 12582),
    "immutable_field": (66,),
    "index_conflict": (68, 85, 86),
    "index_missing": (27,),
    "invalid_definition": (20, 73),
    "invalid_value": (241, 51091),
    "lock_wait": (24, 46),
    "not_primary": (189, 10058, 10107, 13435, 13436),
    "path_conflict": (40,),
    "privilege_missing": (13,),
    "row_too_large": (10334, 17280, 17419),
    "serialization": (112,),
    "server_starting": (91, 11602, 11600),
    "statement_cancelled": (11601, 237),
    "statement_timeout": (50, 262),
    "table_exists": (48,),
    "table_missing": (26,),
    "type_mismatch": (14, 28),
    "unknown_command": (59,),
    "unknown_operator": (168, 31325, 40324),
    "wrong_password": (11, 18, 334, 8000),
}
_BY_NUMBER = {number: reason for reason, numbers in _NUMBERS.items() for number in numbers}

_BY_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"[Uu]nknown (?:top level )?operator|Unknown modifier|Unrecognized (?:pipeline|expression)|Unknown expression",
        "unknown_operator",
    ),
    (r"would create a conflict", "path_conflict"),
    (
        r"must be an array but|non-numeric type|Cannot create field|must be of the type|cannot use the part",
        "type_mismatch",
    ),
    (r"divide by zero|\$mod by zero", "division_by_zero"),
    (r"ollection already exists|namespace exists", "table_exists"),
    (r"Regular expression is invalid|Failed to parse number|\$convert", "invalid_value"),
    (r"Transaction numbers are only allowed|ransactions? .*replica set", "needs_replica_set"),
    (r"larger than (?:the )?max|object to insert too large|BSONObj size", "row_too_large"),
)
"""Words that say it finer than the number, which is often the same for many."""

_KINDS = {
    "syntax": "syntax",
    "exit": "process_exit",
    "rejection": "not_awaited",
}
"""What the runner found, where that is the reason."""

_THROWN: tuple[tuple[str, str], ...] = (
    (r"^(?:TypeError|ReferenceError)$", "script_error"),
    (r"^RangeError$", "script_error"),
    (r"^Error$", "raised"),
)
"""By the name of what was thrown."""

_UNREACHABLE: tuple[tuple[str, str], ...] = (
    (r"ECONNREFUSED|[Cc]onnection refused", "connection_refused"),
    (r"ENOTFOUND|getaddrinfo|Name or service not known|name resolution|resolve", "host_unknown"),
    (r"(?i)certificate", "tls_failed"),
    (r"(?i)wrong version number|\bssl\b|\btls\b|handshake", "tls_missing"),
    (r"ETIMEDOUT|timed? ?out", "no_answer"),
    (r"connection closed|ECONNRESET|reset by peer", "session_ended"),
)


def reason_of(code: int | None, message: str) -> str | None:
    """The reason behind the server's number and words; None where there is none finer than the code."""
    words = next((reason for sign, reason in _BY_WORDS if re.search(sign, message)), None)
    return words or (_BY_NUMBER.get(code) if code is not None else None)


def reason_of_script(told: dict[str, Any], message: str) -> str | None:
    """The reason where the script failed and not the server."""
    if told.get("missingModule"):
        return "module_missing"
    if (kind := told.get("kind")) in _KINDS:
        return _KINDS[str(kind)]
    if kind == "changelog" and re.search(r"closed|must be connected", message, re.IGNORECASE):
        return "client_closed"
    name = str(told.get("name") or "")
    if name == "RangeError" and '"offset" is out of range' in message:
        return "row_too_large"  # The driver's own buffer: a document above 16 MB.
    return next((reason for sign, reason in _THROWN if re.search(sign, name)), None)


def reason_of_silence(words: str) -> str | None:
    """The reason why no server answered."""
    return next((reason for sign, reason in _UNREACHABLE if re.search(sign, words)), None)
