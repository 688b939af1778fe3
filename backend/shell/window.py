"""The desktop window. Imports webview late: a browser or command-line start must not pay for it."""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

from backend.rpc.dispatch import Dispatcher
from backend.store.settings import SettingsStore

from .bridge import Bridge

_log = logging.getLogger(__name__)
_DEFAULT_SIZE = (1280, 800)
_MIN_SIZE = (1024, 700)


class NoWindow(Exception):
    """There is no display or no webview here; the message says which."""


def check_possible() -> None:
    """Raise NoWindow where a window cannot be shown, before anything heavy is loaded."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        raise NoWindow("there is no display")


def show(link: str, dispatcher: Dispatcher, settings: SettingsStore) -> None:
    """Open the window and stay until it is closed. Raises NoWindow where the webview does not start."""
    if sys.platform.startswith("linux"):
        os.environ.setdefault("PYWEBVIEW_GUI", "qt")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium refuses its sandbox to root, and then shows nothing.
            os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    try:
        import webview
    except ImportError as error:
        raise NoWindow(f"no webview is installed ({error})") from error

    remembered = settings.current().ui.get("window")
    size = _remembered_size(remembered)
    # Two starts of one app must not share a profile, and nothing of the page is worth keeping: the backend keeps it.
    window = webview.create_window(
        "DB Toolkit",
        link,
        js_api=Bridge(dispatcher),
        width=size[0],
        height=size[1],
        min_size=_MIN_SIZE,
        text_select=True,
        background_color="#101216" if settings.current().theme == "dark" else "#ffffff",
    )
    if window is None:
        raise NoWindow("the webview gave no window")

    def remember() -> None:
        width, height = int(window.width), int(window.height)
        if width > 0 and height > 0:
            settings.update({"ui": {"window": {"width": width, "height": height}}})

    window.events.closing += remember
    try:
        webview.start(private_mode=True, gui="qt" if sys.platform.startswith("linux") else None)
    except Exception as error:
        _log.warning("The window could not be opened", exc_info=True)
        raise NoWindow(f"the webview did not start ({type(error).__name__}: {error})") from error


def _remembered_size(value: Any) -> tuple[int, int]:
    if (
        isinstance(value, dict)
        and isinstance(value.get("width"), int)
        and isinstance(value.get("height"), int)
    ):
        return max(_MIN_SIZE[0], value["width"]), max(_MIN_SIZE[1], value["height"])
    return _DEFAULT_SIZE
