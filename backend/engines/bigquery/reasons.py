"""Why BigQuery refused, by the API's reason and words, as a reason of the error catalogue. Tables only."""

from __future__ import annotations

import re

_BY_API: dict[str, str] = {
    "accessDenied": "privilege_missing",
    "billingNotEnabled": "privilege_missing",
    "authError": "wrong_password",
    "quotaExceeded": "limit_reached",
    "rateLimitExceeded": "limit_reached",
    "jobRateLimitExceeded": "limit_reached",
    "stopped": "statement_cancelled",
    "duplicate": "table_exists",
}
_BY_WORDS: tuple[tuple[str, str], ...] = (
    (r"Not found: table|Table .* was not found|Not found: view", "table_missing"),
    (r"Function not found|No matching signature", "unknown_function"),
    (r"Type not found", "object_missing"),
    (r"Unrecognized name|Name \S+ not found inside", "column_missing"),
    (r"Already Exists|already exists", "table_exists"),
    (r"[Dd]ivision by zero", "division_by_zero"),
    (r"Bad \w+ value|Invalid (?:date|timestamp)|Could not cast", "invalid_value"),
    (r"is ambiguous", "ambiguous_name"),
    (r"Syntax error|Parser Error|Unclosed|Unexpected (?:end|keyword|identifier)", "syntax"),
)


def reason_of(api_reason: str, text: str) -> str | None:
    """The reason behind the API's; None where there is none finer than the code."""
    words = next((reason for sign, reason in _BY_WORDS if re.search(sign, text)), None)
    return words or _BY_API.get(api_reason)
