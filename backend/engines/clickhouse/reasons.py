"""Why ClickHouse refused, by its error number and words, as a reason of the error catalogue. Tables only."""

from __future__ import annotations

import re

_NUMBERS: dict[str, tuple[int, ...]] = {
    "ambiguous_name": (179, 207, 352),
    "check": (469,),
    "column_count": (7, 20),
    "column_exists": (15,),
    "column_missing": (8, 10, 16, 47),
    "database_exists": (82,),
    "dependent_objects": (524, 630),
    "division_by_zero": (153,),
    "encoding": (531,),
    "extension_missing": (56,),
    "grouping": (184, 215),
    "invalid_definition": (119, 549),
    "invalid_value": (6, 26, 27, 38, 41, 72, 190, 349, 441, 467, 675, 676, 691),
    "limit_reached": (158, 161, 162, 167, 168, 191, 306, 307, 396),
    "lock_wait": (473,),
    "object_exists": (609,),
    "object_missing": (50, 492, 546),
    "out_of_memory": (241,),
    "out_of_range": (69, 321, 407),
    "privilege_missing": (291, 497),
    "raised": (395,),
    "row_count": (125,),
    "server_disk_full": (243,),
    "server_read_only": (164,),
    "statement_cancelled": (394,),
    "statement_timeout": (159, 160),
    "syntax": (62,),
    "table_exists": (57,),
    "table_missing": (60,),
    "too_many_connections": (202,),
    "type_mismatch": (42, 43, 44, 53, 70, 386),
    "unknown_function": (46, 63),
    "unknown_setting": (115,),
    "unsupported_feature": (1, 48, 344),
    "wrong_password": (192, 193, 194, 516),
}
_BY_NUMBER = {number: reason for reason, numbers in _NUMBERS.items() for number in numbers}

_BY_WORDS: tuple[tuple[int, str, str], ...] = (
    (36, r"index name|find index", "index_missing"),
    (36, r"ORDER BY|PRIMARY KEY|sorting key|partition key|projection", "invalid_definition"),
    (44, r"index with this name already exists", "index_exists"),
    (44, r"[Nn]ullable key|Sorting key|key", "invalid_definition"),
    (62, r"ulti-statements are not allowed", "several_statements"),
    (62, r"Empty query", "empty_block"),
    (524, r"key", "dependent_objects"),
)
"""A number and words that say it finer than the number alone."""

_UNREACHABLE: tuple[tuple[str, str], ...] = (
    (r"connection refused|nothing listens", "connection_refused"),
    (r"no such host|name is not known", "host_unknown"),
    (r"i/o timeout|in time", "no_answer"),
    (r"x509|certificate", "tls_failed"),
    (r"https without TLS|http with TLS|does not speak TLS|tls:", "tls_missing"),
    (r"unexpected packet|\bEOF\b|another protocol|native protocol", "wrong_protocol"),
    (r"reset by peer|closed the connection", "session_ended"),
)


def reason_of(code: int, text: str) -> str | None:
    """The reason behind a number and the server's words; None where there is none finer than the code."""
    for its_code, words, reason in _BY_WORDS:
        if its_code == code and re.search(words, text):
            return reason
    return _BY_NUMBER.get(code)


def reason_of_silence(words: str) -> str | None:
    """The reason why no server answered."""
    return next((reason for sign, reason in _UNREACHABLE if re.search(sign, words, re.IGNORECASE)), None)
