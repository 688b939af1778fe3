"""Snapshots as plain data, for keeping one until it is needed."""

from __future__ import annotations

from typing import Any

from .model import SchemaObject, Snapshot


def as_data(snapshot: Snapshot) -> dict[str, Any]:
    """JSON's own types only."""
    return {
        "engine": snapshot.engine,
        "server_version": snapshot.server_version,
        "default_schema": snapshot.default_schema,
        "problems": list(snapshot.problems),
        "facts": dict(snapshot.facts),
        "objects": [
            [
                one.id, one.kind, one.name, one.sql, one.schema, one.parent, list(one.needs), one.compared,
                dict(one.facts),
            ]
            for one in snapshot.objects
        ],
    }  # fmt: skip


def from_data(data: dict[str, Any]) -> Snapshot:
    """The same snapshot again."""
    return Snapshot(
        engine=data["engine"],
        objects=tuple(SchemaObject(*one) for one in data["objects"]),
        server_version=data["server_version"],
        default_schema=data["default_schema"],
        problems=tuple(data["problems"]),
        facts=data["facts"],
    )
