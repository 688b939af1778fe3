"""Talks to the BigQuery API over REST: requests, with Google's own library for the credentials.

google-cloud-bigquery would cost half a second and forty megabytes for the same dozen calls. Nothing is imported
before the first connection. What the API refuses comes out as `ApiError` and, at the border, as the application's own.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backend.core.errors import ConnectionFailed, ReadOnly, TimedOut
from backend.engine.target import Target

from . import errors, url
from .errors import ApiError

SCOPE = "https://www.googleapis.com/auth/bigquery"
READ_ONLY_SCOPE = "https://www.googleapis.com/auth/bigquery.readonly"
READ_TIMEOUT_S = 60.0
JOB_TIMEOUT_S = 600.0
_WAIT_MS = 10_000
_RETRIES = 3
_CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"

Row = dict[str, Any]


class Api:
    """One client of the API for one dataset. Not for several threads at a time."""

    def __init__(self, target: Target) -> None:
        self.url = url.parse(target.url)
        self._target = target
        self._session = _session(target, self.url.needs_credentials)
        self._session.headers["User-Agent"] = target.application_name
        self._clock_ahead_s = 0.0

    @property
    def dataset_path(self) -> str:
        return f"projects/{self.url.project}/datasets/{self.url.dataset}"

    def now(self) -> datetime:
        """The server's time, as of its last answer: leases must not depend on this machine's clock."""
        return datetime.fromtimestamp(time.time() + self._clock_ahead_s, UTC)

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        reads: bool = False,
    ) -> dict[str, Any]:
        """One request; the answer's JSON. Raises ApiError, ConnectionFailed, AuthenticationFailed, ReadOnly."""
        if self._target.read_only and method != "GET" and not reads:
            raise ReadOnly("The connection is read-only.")
        for attempt in range(_RETRIES):
            answer = self._send(method, path, params, body, headers)
            # 502 to 504 come from the machines in front of the service; only what changes nothing is asked again.
            if answer.status_code not in (502, 503, 504) or not (method == "GET" or reads):
                break
            time.sleep(0.3 * 2**attempt)
        if date := answer.headers.get("Date"):
            self._clock_ahead_s = parsedate_to_datetime(date).timestamp() - time.time()
        if answer.status_code >= 400:
            raise ApiError.from_answer(answer.status_code, answer.text)
        if not answer.content:
            return {}
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise ConnectionFailed("What answers at the endpoint is not the BigQuery API.")
        return found

    def _send(self, method: str, path: str, params: Any, body: Any, headers: Any) -> Any:
        import requests
        from google.auth import exceptions

        try:
            return self._session.request(
                method,
                self.url.endpoint + path,
                params=params,
                json=body,
                headers=headers,
                timeout=(self._target.connect_timeout_s, READ_TIMEOUT_S),
            )
        except exceptions.TransportError:
            raise ConnectionFailed(
                "Google's servers, which issue the credentials, cannot be reached."
            ) from None
        except exceptions.GoogleAuthError as error:
            raise errors.credentials_refused(error) from None
        except requests.exceptions.Timeout:
            raise ConnectionFailed("The BigQuery API did not answer in time.") from None
        except requests.exceptions.RequestException as error:
            raise ConnectionFailed(
                errors.network_words(str(error)),
                hint="Check the network, a proxy, and the endpoint of the URL.",
            ) from None

    def query(self, sql: str, *, reads: bool = True) -> list[Row]:
        """Run one statement as a job and wait for it; all its rows, by column name. Raises ApiError, TimedOut."""
        project = f"projects/{self.url.project}"
        asked: dict[str, Any] = {
            "query": sql,
            "useLegacySql": False,
            "timeoutMs": _WAIT_MS,
            "defaultDataset": {"projectId": self.url.project, "datasetId": self.url.dataset},
        }
        place = {"location": self.url.location} if self.url.location else {}
        answer = self.call("POST", f"{project}/queries", body={**asked, **place}, reads=reads)
        deadline = time.monotonic() + JOB_TIMEOUT_S
        rows: list[Row] = []
        while True:
            rows += _rows(answer)
            token = answer.get("pageToken")
            if answer.get("jobComplete") and not token:
                return rows
            if time.monotonic() > deadline:
                raise TimedOut(f"BigQuery did not finish the statement within {JOB_TIMEOUT_S:.0f} seconds.")
            job = answer["jobReference"]
            where = {"location": job["location"]} if job.get("location") else place
            more = {"timeoutMs": str(_WAIT_MS), **where, **({"pageToken": token} if token else {})}
            answer = self.call("GET", f"{project}/queries/{job['jobId']}", params=more)

    def close(self) -> None:
        self._session.close()


def _rows(answer: Mapping[str, Any]) -> list[Row]:
    names = [one["name"] for one in answer.get("schema", {}).get("fields", [])]
    return [
        dict(zip(names, [cell.get("v") for cell in row["f"]], strict=True)) for row in answer.get("rows", [])
    ]


def _session(target: Target, needs_credentials: bool) -> Any:
    import requests

    if not needs_credentials:
        return requests.Session()
    import google.auth
    from google.auth import exceptions
    from google.auth.transport.requests import AuthorizedSession

    scopes = [READ_ONLY_SCOPE if target.read_only else SCOPE]
    try:
        if file := target.env.get(_CREDENTIALS):
            path = str(target.working_dir / file)
            with warnings.catch_warnings():
                # It warns of files from strangers; this one the user named for his own connection.
                warnings.simplefilter("ignore", DeprecationWarning)
                credentials, _ = google.auth.load_credentials_from_file(path, scopes=scopes)  # type: ignore[no-untyped-call]
        else:
            credentials, _ = google.auth.default(scopes=scopes)
    except (exceptions.GoogleAuthError, OSError, ValueError) as error:
        raise errors.credentials_refused(error) from None
    return AuthorizedSession(credentials)  # type: ignore[no-untyped-call]


@contextmanager
def session(target: Target) -> Iterator[Api]:
    """A client, closed at the end; what the API refuses inside comes out as the application's own errors."""
    api = Api(target)
    try:
        yield api
    except ApiError as error:
        raise errors.translate(error) from None
    finally:
        api.close()
