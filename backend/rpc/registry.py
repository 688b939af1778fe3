"""Where channels register. A channel is one function: `def up(services, request: UpRequest) -> Run`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter


@dataclass(frozen=True)
class Channel:
    """One documented IPC channel. `job` marks a long one: it gets a job id, progress, cancel."""

    name: str
    handler: Callable[[Any, Any], Any]
    request: type[BaseModel]
    answer: TypeAdapter[Any]
    summary: str
    job: bool

    def schema(self) -> dict[str, Any]:
        """`{channel, summary, job, request, answer}`, the latter two as JSON Schema."""
        return {
            "channel": self.name,
            "summary": self.summary,
            "job": self.job,
            "request": self.request.model_json_schema(mode="validation"),
            "answer": self.answer.json_schema(mode="serialization"),
        }


_F = typing.TypeVar("_F", bound=Callable[..., Any])

_channels: dict[str, Channel] = {}


def channel(name: str, *, job: bool = False) -> Callable[[_F], _F]:
    """Register the decorated function as channel `name`; request and answer types are read from its signature."""

    def register(handler: _F) -> _F:
        hints = typing.get_type_hints(handler)
        parameters = list(inspect.signature(handler).parameters)
        if name in _channels:
            raise ValueError(f"channel {name} is registered twice")
        _channels[name] = Channel(
            name=name,
            handler=handler,
            request=hints[parameters[1]],
            answer=TypeAdapter(hints["return"]),
            summary=(inspect.getdoc(handler) or "").split("\n\n")[0].replace("\n", " "),
            job=job,
        )
        return handler

    return register


@cache
def channels() -> dict[str, Channel]:
    """Every channel by name, in the alphabet's order. Imports `backend.channels.*` once."""
    package = importlib.import_module("backend.channels")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"backend.channels.{module.name}")
    return dict(sorted(_channels.items()))
