"""Spanner's schemas: read from information_schema and compared; nothing is written from them."""

from __future__ import annotations

from backend.engine.schema.compared_only import ComparedOnly
from backend.engine.target import Target


def _read(target: Target) -> dict[str, str]:
    from backend.engines.spanner import ENGINE

    return ENGINE.fingerprint(target)


SCHEMA = ComparedOnly(
    "spanner",
    "Migrations between Spanner schemas are not written: there is no Spanner here to prove them on.",
    _read,
)
