"""The cheap look at dbmate's table in BigQuery: its metadata and its number of rows, which cost nothing.

A query would be billed each time, ten megabytes at least.
"""

from __future__ import annotations

from backend.engine.pulse import Look, Pulse
from backend.engine.target import Target

from . import errors
from .connect import Api
from .errors import ApiError


class BigQueryPulse(Pulse):
    """Looked at less often than others: an answer takes a good part of a second, and calls are counted per user."""

    every_s = 5.0

    def __init__(self, target: Target) -> None:
        self._target = target
        self._api: Api | None = None

    def look(self) -> Look:
        try:
            api = self._api = self._api or Api(self._target)
            path = f"{api.dataset_path}/tables/{self._target.migrations_table}"
            told = api.call("GET", path)
            # What was streamed in lately is in neither; dbmate inserts by a statement, which both show at once.
            rows = api.call("GET", f"{path}/data", params={"maxResults": "0"}).get("totalRows")
        except ApiError as error:
            if error.is_missing:
                return Look("no table")
            raise errors.translate(error) from None
        return Look(f"{told.get('lastModifiedTime')} {rows}")

    def close(self) -> None:
        api, self._api = self._api, None
        if api is not None:
            api.close()
