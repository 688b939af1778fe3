"""Every schema object as text that changes whenever the object does, for naming what a failed run left behind."""

from __future__ import annotations

from typing import Any

from backend.engine.target import Target

from .catalog import collections_of, estimated_count, for_each, index_options, indexes_of
from .connect import database

_VALIDATION = ("validator", "validationLevel", "validationAction")


def read_fingerprint(target: Target) -> dict[str, str]:
    """`collection users`, `validator users`, `index users.email_1`, `view adults`, and `documents users` → the count.

    A count tells that documents were added or removed; documents changed in place do not show.
    """
    with database(target) as found:
        described = collections_of(found, hidden={target.migrations_table})
        plain = [item for item in described if item["type"] != "view"]
        indexes = for_each(plain, lambda item: indexes_of(found, item["name"]))
        counts = for_each(plain, lambda item: estimated_count(found, item["name"]))
    prints: dict[str, str] = {}
    for item in described:
        name, options = item["name"], item.get("options", {})
        if item["type"] == "view":
            prints[f"view {name}"] = as_text(options)
            continue
        prints[f"collection {name}"] = as_text(
            {"type": item["type"], **{key: options[key] for key in sorted(options) if key not in _VALIDATION}}
        )
        rules = {key: options[key] for key in _VALIDATION if key in options}
        if rules:
            prints[f"validator {name}"] = as_text(rules)
        for spec in indexes.get(name, []):
            if spec["name"] != "_id_":
                prints[f"index {name}.{spec['name']}"] = as_text(
                    {"key": list(spec["key"].items()), **dict(sorted(index_options(spec).items()))}
                )
        prints[f"documents {name}"] = str(counts.get(name, 0))
    return prints


def as_text(value: Any) -> str:
    """Extended JSON; the order of fields is kept, since in keys and rules it means something."""
    from bson import json_util

    return json_util.dumps(value, json_options=json_util.RELAXED_JSON_OPTIONS)
