"""Why PostgreSQL refused, by SQLSTATE and by its words, as a reason of the error catalogue. Tables only."""

from __future__ import annotations

import re

_BY_STATE: dict[str, str] = {
    "0A000": "unsupported_feature",
    "21000": "row_count", "P0002": "row_count", "P0003": "row_count",
    "22001": "value_too_long",
    "22003": "out_of_range",
    "22012": "division_by_zero",
    "22021": "encoding", "22P05": "encoding", "54P00": "encoding",
    "22": "invalid_value",
    "23502": "not_null",
    "23503": "foreign_key",
    "23505": "duplicate_key",
    "23514": "check",
    "23P01": "exclusion",
    "25001": "not_in_transaction",
    "25006": "server_read_only",
    "25P02": "transaction_aborted",
    "28P01": "wrong_password",
    "28000": "host_refused",
    "2BP01": "dependent_objects",
    "3F000": "schema_missing",
    "40001": "serialization",
    "40P01": "deadlock",
    "42501": "privilege_missing",
    "42601": "syntax",
    "42622": "name_too_long", "42602": "name_too_long",
    "42701": "column_exists",
    "42702": "ambiguous_name", "42725": "ambiguous_name", "42P09": "ambiguous_name",
    "42703": "column_missing",
    "42704": "object_missing",
    "42710": "object_exists", "42723": "object_exists", "42P06": "object_exists",
    "42803": "grouping", "42P20": "grouping",
    "42804": "type_mismatch", "42846": "type_mismatch", "42P18": "type_mismatch", "42P22": "type_mismatch",
    "42809": "wrong_object",
    "42830": "referenced_key_missing",
    "42883": "unknown_function",
    "42P01": "table_missing",
    "42P04": "database_exists",
    "42P07": "table_exists",
    "42P16": "invalid_definition", "42P17": "invalid_definition", "42611": "invalid_definition",
    "42P10": "invalid_definition",
    "53100": "server_disk_full",
    "53200": "out_of_memory",
    "53300": "too_many_connections",
    "54": "limit_reached",
    "55006": "object_in_use",
    "55P03": "lock_wait",
    "55P04": "enum_value_new",
    "57014": "statement_cancelled",
    "57P01": "session_ended", "57P02": "session_ended",
    "57P03": "server_starting",
    "58P01": "extension_missing",
    "P0001": "raised", "P0004": "raised",
}  # fmt: skip
"""By SQLSTATE, or by its class of two characters."""

_BY_WORDS: tuple[tuple[str, str, str], ...] = (
    ("0A000", r"extension .* is not available", "extension_missing"),
    ("0A000", r"cached plan|cannot alter type of a column used by", "dependent_objects"),
    ("42601", r'at or near "\\"', "client_command"),
    ("42601", r"memory exhausted", "limit_reached"),
    ("42601", r"INSERT has (?:more|fewer)|same number of columns", "column_count"),
    ("42704", r"^role ", "role_missing"),
    ("42704", r"unrecognized configuration parameter", "unknown_setting"),
    ("42704", r"^(?:collation|encoding) ", "charset_unknown"),
    ("42704", r"^index ", "index_missing"),
    ("42P01", r"^schema ", "schema_missing"),
    ("54000", r"index row", "key_too_long"),
    ("54000", r"row is too big", "row_too_large"),
    ("57014", r"statement timeout|transaction timeout", "statement_timeout"),
    ("57014", r"lock timeout", "lock_wait"),
)
"""SQLSTATE and words that say it finer than the SQLSTATE alone."""

_CONNECTING: tuple[tuple[str, str], ...] = (
    (r"no pg_hba\.conf entry|pg_hba\.conf rejects", "host_refused"),
    (r"authentication (?:method|failed)|password authentication|no password supplied|role .* does not exist"
     r"|28P01", "wrong_password"),
    (r"permission denied for database", "privilege_missing"),
    (r"does not support SSL|SSL is not enabled|server refused TLS|SSLRequest", "tls_missing"),
    (r"certificate|SSL error|tls:|x509", "tls_failed"),
    (r"too many (?:clients|connections)|remaining connection slots", "too_many_connections"),
    (r"no such host|could not translate host name|Name or service not known|nodename nor servname|getaddrinfo"
     r"|name resolution|resolve host", "host_unknown"),
    (r"connection refused", "connection_refused"),
    (r"timeout expired|timed out|i/o timeout|no route|unreachable", "no_answer"),
    (r"No such file or directory", "socket_missing"),
    (r"starting up|shutting down|recovery mode", "server_starting"),
    (r"expected authentication request|invalid response|unexpected response|message type|protocol", "wrong_protocol"),
    (r"bad connection|unexpected EOF|\bEOF$|connection reset|broken pipe|server closed|terminating connection",
     "session_ended"),
)  # fmt: skip


def reason_of(state: str, message: str) -> str | None:
    """The reason behind an SQLSTATE and the server's words; None where there is none finer than the code."""
    for its_state, words, reason in _BY_WORDS:
        if its_state == state and re.search(words, message):
            return reason
    return _BY_STATE.get(state) or _BY_STATE.get(state[:2])


def reason_of_connecting(words: str) -> str | None:
    """The reason why no connection came about."""
    return next((reason for pattern, reason in _CONNECTING if re.search(pattern, words, re.IGNORECASE)), None)
