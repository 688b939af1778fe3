"""The failure channels."""

from __future__ import annotations

from backend.core.errors import NotSupported
from backend.models.failure import Failure, Repaired, ResolveRequest


class Failures:
    def show(self, connection: str, version: str) -> Failure:
        raise NotSupported("Not in this version.")

    def resolve(self, request: ResolveRequest) -> Repaired:
        raise NotSupported("Not in this version.")

    def list(self, connection: str) -> list[Failure]:
        raise NotSupported("Not in this version.")
