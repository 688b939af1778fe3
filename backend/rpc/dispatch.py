"""The one dispatch: validate, call, envelope. Serves the window, HTTP and the command line alike."""

from __future__ import annotations

import logging
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, to_json

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, InternalError, InvalidRequest
from backend.core.paths import is_text
from backend.core.redaction import redact
from backend.services import Services

from .registry import Channel, channels

_log = logging.getLogger(__name__)

# Channels whose service keeps its answer while nothing changes.
_KEPT = {"migration:status"}


class Dispatcher:
    """Calls channels by name with JSON-like payloads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._last_json: dict[tuple[str, str], tuple[Any, bytes]] = {}

    def invoke(self, name: str, payload: Any) -> dict[str, Any]:
        """Answer the envelope as JSON-like Python: `{"ok": true, "data": …}` or `{"ok": false, "error": …}`. Never raises."""
        try:
            return {"ok": True, "data": self._answer(name, payload, as_json=False)}
        except Exception as error:
            return {"ok": False, "error": self._caught(name, error)}

    def invoke_json(self, name: str, payload: Any) -> bytes:
        """The same envelope as JSON bytes, without the detour through Python objects."""
        try:
            data: bytes = self._answer(name, payload, as_json=True)
            return b'{"ok":true,"data":' + data + b"}"
        except Exception as error:
            return b'{"ok":false,"error":' + to_json(self._caught(name, error)) + b"}"

    def _answer(self, name: str, payload: Any, *, as_json: bool) -> Any:
        channel = channels().get(name)
        if channel is None:
            raise InvalidRequest(
                f"There is no channel {name!r}.", hint="`python main.py channels` lists them all."
            )
        request = _parse(channel, payload)
        if channel.job:
            answer = self._services.jobs.run(
                channel.name, channel.handler, self._services, request, channel.answer
            )
        else:
            answer = channel.handler(self._services, request)
        if as_json:
            return self._dump(channel, request, answer)
        return channel.answer.dump_python(answer, mode="json")

    def _dump(self, channel: Channel, request: Any, answer: Any) -> bytes:
        """The answer as JSON. A service that answers the very same object again (nothing has changed) is not written
        out again: 5,000 migrations take longer to write than to read."""
        connection = getattr(request, "connection", None)
        if channel.job or not isinstance(connection, str):
            return channel.answer.dump_json(answer)
        key = (channel.name, connection)
        last = self._last_json.get(key)
        if last is not None and last[0] is answer:
            return last[1]
        data = channel.answer.dump_json(answer)
        if channel.name in _KEPT:
            self._last_json[key] = (answer, data)
        return data

    def _caught(self, name: str, error: Exception) -> dict[str, Any]:
        if isinstance(error, AppError) and not isinstance(error, InternalError):
            return envelope_error(error)
        _log.exception("Channel %s failed", name)
        return envelope_error(InternalError(redact(f"{type(error).__name__}: {error}")))


def _parse(channel: Channel, payload: Any) -> Any:
    if payload is None:
        payload = {}
    if not isinstance(payload, dict):
        raise InvalidRequest(f"{channel.name} takes a JSON object, not {type(payload).__name__}.")
    if not _is_text(payload):
        raise InvalidRequest(
            f"{channel.name}: a text holds half a character (a lone surrogate), which cannot be kept.",
            hint="Send valid Unicode.",
        )
    try:
        return channel.request.model_validate(payload)
    except ValidationError as error:
        problems = [_say(item) for item in error.errors(include_url=False, include_input=False)]
        known = ", ".join(channel.request.model_fields) or "none"
        raise InvalidRequest(
            f"{channel.name}: {'; '.join(problems)}.",
            hint=f"Fields of {channel.name}: {known}.",
            problems=problems,
        ) from None


def _is_text(value: Any) -> bool:
    """Whether every text in a JSON-like value is Unicode; JSON can spell lone surrogates, files and databases cannot."""
    if isinstance(value, str):
        # The flag of an ASCII text is kept by Python: nothing is read.
        return value.isascii() or is_text(value)
    if isinstance(value, dict):
        return all(_is_text(key) and _is_text(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_text, value))
    return True


def _say(item: ErrorDetails) -> str:
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "missing":
        return f"{where!r} is missing"
    if item["type"] == "extra_forbidden":
        return f"{where!r} is not a field"
    return f"{where!r}: {item['msg'][:1].lower()}{item['msg'][1:]}"
