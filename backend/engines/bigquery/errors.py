"""BigQuery's errors, from the API's bodies and from dbmate's text, as the application's own."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    AuthenticationFailed,
    ConnectionFailed,
    DatabaseMissing,
    PermissionDenied,
    SqlFailed,
    SyntaxProblem,
)
from backend.engine import sqltext
from backend.engine.target import FailedBlock

from .reasons import reason_of

NOT_FOUND = 404
CONFLICT = 409
PRECONDITION = 412
LOGIN_HINT = (
    "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a service account's key "
    "file among the connection's variables."
)

# What googleapi prints: the message, and the reason behind the last comma.
_GOOGLE = re.compile(
    r"googleapi: (?:got HTTP response code|Error) (?P<status>\d+)(?: with body)?: (?P<text>.*)", re.S
)
_REASON = re.compile(r",\s*(?P<reason>[a-z][A-Za-z]+)\s*$")
_PLACE = re.compile(r" at \[(\d+):(\d+)\]")
_SYNTAX = re.compile(
    r"Syntax error|Parser Error|Unclosed|Unexpected (?:end|keyword|identifier)|Illegal (?:input|escape)"
)


class ApiError(Exception):
    """The API's refusal: HTTP status, its reason (`invalidQuery`, `notFound`, …) and its words."""

    def __init__(self, status: int, reason: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason
        self.text = text

    @classmethod
    def from_answer(cls, status: int, body: str) -> ApiError:
        """Raises ConnectionFailed instead where the body is not the API's (a proxy's page, a wrong endpoint)."""
        try:
            error = json.loads(body)["error"]
            first = (error.get("errors") or [{}])[0]
            return cls(status, str(first.get("reason") or error.get("status") or ""), str(error["message"]))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConnectionFailed(
                f"What answers at the endpoint is not the BigQuery API (HTTP {status}).",
                hint="An endpoint ends with /bigquery/v2/.",
            ) from None

    @property
    def is_missing(self) -> bool:
        return self.status == NOT_FOUND


def translate(error: ApiError) -> AppError:
    """An error of our own call as the application's."""
    return _from_reason(error.status, error.reason, error.text)


def credentials_refused(error: Exception) -> AppError:
    """Google's library found no credentials, or they are worth nothing (any more). Its words may hold a token."""
    if "default credentials" in str(error).lower() or type(error).__name__ == "DefaultCredentialsError":
        said = "No Google credentials were found on this machine, or their file cannot be read."
    else:
        said = "Google did not accept the credentials."
    return AuthenticationFailed(said, hint=LOGIN_HINT)


def network_words(text: str) -> str:
    """A network error in plain words, without the address."""
    lowered = text.lower()
    if "refused" in lowered:
        return "Nothing listens at the endpoint."
    if "resolve" in lowered or "name or service" in lowered or "getaddrinfo" in lowered:
        return "The endpoint's host name is not known."
    if "ssl" in lowered or "certificate" in lowered:
        return "The endpoint's TLS certificate or protocol was not accepted."
    return "The BigQuery API cannot be reached."


def explain(failure: FailedBlock) -> AppError:
    """dbmate's words about a failed block, with line and column in it where BigQuery gives them."""
    said = failure.tool_text.strip().removeprefix("Error: ")
    match = _GOOGLE.search(said)
    if match is None:
        return _without_status(said)
    text, reason = match["text"].strip(), ""
    if found := _REASON.search(text):
        text, reason = text[: found.start()], found["reason"]
    error = _from_reason(int(match["status"]), reason, text)
    if isinstance(error, SqlFailed):
        error.details.update(_place(failure, text))
    return error


def _without_status(said: str) -> AppError:
    if "could not find default credentials" in said or "constructing client: credentials" in said:
        return AuthenticationFailed("dbmate found no Google credentials.", hint=LOGIN_HINT)
    if "oauth2:" in said or "cannot fetch token" in said:
        return AuthenticationFailed("Google did not accept the credentials.", hint=LOGIN_HINT)
    if re.search(r"dial tcp|connection refused|no such host|i/o timeout|connection reset", said):
        return ConnectionFailed(network_words(said.replace("no such host", "resolve")))
    if "invalid connection string" in said:
        return ConnectionFailed(
            "dbmate cannot read the URL.", hint="It should be bigquery://project/location/dataset."
        )
    if place := _PLACE.search(said):
        return _query_failed(said, {"line": int(place[1]), "column": int(place[2])})
    lines = [line for line in said.splitlines() if line.strip()]
    # What cannot be recognised may hold an address.
    text = re.sub(r"\w+://\S+", "…", lines[-1] if lines else "")
    return SqlFailed(text or "dbmate stopped without saying why.")


def _place(failure: FailedBlock, text: str) -> dict[str, object]:
    """Line and column in the block: BigQuery's `at [line:column]`, or the line of the only statement."""
    if found := _PLACE.search(text):
        return {"line": int(found[1]), "column": int(found[2])}
    statements = sqltext.split(failure.block, "bigquery") if failure.block else []
    return {"line": statements[0].line} if len(statements) == 1 else {}


def _query_failed(text: str, details: dict[str, object] | None = None) -> SqlFailed:
    text = text.removeprefix("Query execution failed: ").strip()
    shown = _PLACE.sub("", text).strip()
    kind = SyntaxProblem if _SYNTAX.search(text) else SqlFailed
    error = kind(shown.rstrip(".") + ".")
    error.details.update(details or {})
    return because(error, reason_of("invalidQuery", text), "bigquery")


def _from_reason(status: int, reason: str, text: str) -> AppError:
    if make := _BY_REASON.get(reason):
        error = make(text)
    elif status == 401:
        error = AuthenticationFailed("Google did not accept the credentials.", hint=LOGIN_HINT)
    elif status == 403:
        error = _denied(text)
    elif status == NOT_FOUND:
        error = _not_found(text)
    elif status == CONFLICT:
        error = _duplicate(text)
    elif status >= 500:
        error = _unwell(text)
    else:
        error = _query_failed(text)
    error.details["api_reason"] = reason or str(status)
    return because(error, reason_of(reason, text), "bigquery")


def _not_found(text: str) -> AppError:
    if re.search(r"Not found: dataset\b", text, re.IGNORECASE):
        return DatabaseMissing(
            f"{text}.", hint="Create the dataset (Database → Create), or correct its name or location."
        )
    if re.search(r"Not found: project\b", text, re.IGNORECASE):
        return ConnectionFailed("The project does not exist, or these credentials may not see it.")
    hint = None
    if "was not found in location" in text:
        hint = "BigQuery looks in one location at a time: does the URL name the dataset's own?"
    return SqlFailed(f"{text}.", hint=hint)


def _duplicate(text: str) -> AppError:
    return SqlFailed(
        f"{text}.",
        hint="An earlier attempt may have made it: BigQuery keeps what ran before a failure. Drop it, or write "
        "CREATE … IF NOT EXISTS.",
    )


def _denied(text: str) -> AppError:
    return PermissionDenied(
        f"{text}.",
        hint="Ask for the role that holds the permission named, such as BigQuery Data Editor and Job User.",
    )


def _quota(text: str) -> AppError:
    return SqlFailed(
        f"{text}.",
        hint="A quota is used up (a table takes five changes of its schema in ten seconds). Wait, then retry.",
    )


def _unwell(text: str) -> AppError:
    return SqlFailed(f"BigQuery had a problem of its own: {text}.", hint="Try again in a moment.")


_BY_REASON: dict[str, Callable[[str], AppError]] = {
    "invalidQuery": _query_failed,
    "notFound": _not_found,
    "duplicate": _duplicate,
    "accessDenied": _denied,
    "billingNotEnabled": _denied,
    "authError": lambda _: AuthenticationFailed("Google did not accept the credentials.", hint=LOGIN_HINT),
    "quotaExceeded": _quota,
    "rateLimitExceeded": _quota,
    "jobRateLimitExceeded": _quota,
    "internalError": _unwell,
    "backendError": _unwell,
    "stopped": lambda text: SqlFailed(
        f"{text}.", hint="Somebody cancelled the job. What it had done by then stays."
    ),
}
