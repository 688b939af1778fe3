"""What the window's page can call. pywebview exposes every public attribute it can reach: there is exactly one."""

from __future__ import annotations

from typing import Any

from backend.rpc.dispatch import Dispatcher


class Bridge:
    """`window.pywebview.api.invoke(channel, payload)` → the envelope."""

    def __init__(self, dispatcher: Dispatcher) -> None:
        self.__dispatcher = dispatcher

    def invoke(self, channel: str, payload: Any = None) -> dict[str, Any]:
        return self.__dispatcher.invoke(channel, payload)
