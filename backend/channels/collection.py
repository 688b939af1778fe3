"""collection:* – MongoDB's collections."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from backend.models.base import Model
from backend.models.requests import Done, OfConnection
from backend.rpc.registry import channel
from backend.services import Services


class CreateRequest(OfConnection):
    name: str
    options: dict[str, Any] = Field(default_factory=dict)
    confirm: str | None = None


class IndexKey(Model):
    field: str
    kind: int | str = 1
    """1, -1, "text", "2dsphere", "hashed"."""


class CreateIndexRequest(OfConnection):
    collection: str
    keys: list[IndexKey] = Field(min_length=1)
    options: dict[str, Any] = Field(default_factory=dict)
    confirm: str | None = None


class IndexCreated(Model):
    name: str


class SetValidatorRequest(OfConnection):
    collection: str
    validator: dict[str, Any]
    level: Literal["off", "moderate", "strict"] = "strict"
    action: Literal["error", "warn"] = "error"
    confirm: str | None = None


class CheckValidatorRequest(OfConnection):
    collection: str
    validator: dict[str, Any]


class ValidatorCheck(Model):
    invalid_documents: int


@channel("collection:create")
def create(services: Services, request: CreateRequest) -> Done:
    """Create a collection (MongoDB)."""
    services.collections.create(request.connection, request.name, request.options, confirm=request.confirm)
    return Done()


@channel("collection:create-index")
def create_index(services: Services, request: CreateIndexRequest) -> IndexCreated:
    """Create an index on a collection (MongoDB)."""
    keys = [(key.field, key.kind) for key in request.keys]
    name = services.collections.create_index(
        request.connection, request.collection, keys, request.options, confirm=request.confirm
    )
    return IndexCreated(name=name)


@channel("collection:set-validator")
def set_validator(services: Services, request: SetValidatorRequest) -> ValidatorCheck:
    """Set a collection's validation schema; answers how many documents fail it."""
    count = services.collections.set_validator(
        request.connection,
        request.collection,
        request.validator,
        request.level,
        request.action,
        request.confirm,
    )
    return ValidatorCheck(invalid_documents=count)


@channel("collection:check-validator")
def check_validator(services: Services, request: CheckValidatorRequest) -> ValidatorCheck:
    """How many documents a validation schema would refuse; changes nothing."""
    count = services.collections.count_invalid(request.connection, request.collection, request.validator)
    return ValidatorCheck(invalid_documents=count)
