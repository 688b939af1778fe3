"""Collections, indexes and validators: what migrate-mongo leaves to JavaScript, as direct commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.errors import Conflict, InvalidRequest, NotFound
from backend.engine.target import Target

from .connect import LOCK_COLLECTION, database, visible_collections, writable

LEVELS = ("off", "strict", "moderate")
ACTIONS = ("error", "warn", "errorAndLog")


def check_name(name: str) -> None:
    """Raise InvalidRequest where the name cannot be a collection's."""
    if not name or "\0" in name or "$" in name or name.startswith(("system.", ".")) or name.endswith("."):
        raise InvalidRequest(
            f"{name!r} cannot be a collection's name.",
            hint="It is not empty, holds no $, starts with no dot and not with system., and ends with no dot.",
        )
    if name == LOCK_COLLECTION:
        raise InvalidRequest(f"{LOCK_COLLECTION} is where DB Toolkit keeps its run lock.")


def create_collection(target: Target, name: str, options: Mapping[str, Any]) -> None:
    """Create a collection, a capped or time series one, or a view. Raises Conflict where the name is taken."""
    check_name(name)
    with writable(target) as found:
        if name in visible_collections(found):
            raise Conflict(f"There is already a collection {name}.")
        # As a plain command: the server checks the options, today's and tomorrow's.
        found.command({"create": name, **options})


def create_index(
    target: Target, collection: str, keys: Sequence[tuple[str, Any]], options: Mapping[str, Any]
) -> str:
    """Create an index and return its name. Raises ConstraintViolation where documents stand against a unique one."""
    check_name(collection)
    if not keys:
        raise InvalidRequest("An index needs at least one field.")
    with writable(target) as found:
        return str(found[collection].create_index(list(keys), **dict(options)))


def set_validator(
    target: Target, collection: str, validator: Mapping[str, Any], level: str, action: str
) -> None:
    """Set the rule new and changed documents must keep; the collection is created where it is missing."""
    check_name(collection)
    if level not in LEVELS:
        raise InvalidRequest(f"The validation level {level!r} is unknown. Known: {', '.join(LEVELS)}.")
    if action not in ACTIONS:
        raise InvalidRequest(f"The validation action {action!r} is unknown. Known: {', '.join(ACTIONS)}.")
    rule = {"validator": dict(validator), "validationLevel": level, "validationAction": action}
    with writable(target) as found:
        if collection in visible_collections(found):
            found.command({"collMod": collection, **rule})
        else:
            found.command({"create": collection, **rule})


def count_invalid(target: Target, collection: str, validator: Mapping[str, Any]) -> int:
    """How many of the collection's documents the validator would refuse. Raises NotFound where it is missing."""
    with database(target) as found:
        if collection not in visible_collections(found):
            raise NotFound(f"There is no collection {collection}.")
        if not validator:
            return 0
        return found[collection].count_documents({"$nor": [dict(validator)]})
