"""The desktop window. Imports webview late: a browser or command-line start must not pay for it."""

from __future__ import annotations

import ctypes
import logging
import os
import sys
from collections.abc import Callable
from typing import Any

from backend.rpc.dispatch import Dispatcher
from backend.store.settings import SettingsStore

from . import eval_free
from .bridge import Bridge

_log = logging.getLogger(__name__)
_DEFAULT_SIZE = (1280, 800)
_MIN_SIZE = (1024, 700)
# What Qt loads for X11 and an ordinary system may lack.
_X11_LIBRARIES = ("libxcb.so.1", "libEGL.so.1", "libxkbcommon-x11.so.0", "libxcb-cursor.so.0", "libnss3.so")


class NoWindow(Exception):
    """There is no display or no webview here; the message says which."""


def check_possible() -> None:
    """Raise NoWindow where a window cannot be shown, before anything heavy is loaded.

    Qt does not raise where it finds no display or a library is missing: it aborts the process. So this looks first.
    """
    if not sys.platform.startswith("linux"):
        return
    if os.environ.get("WAYLAND_DISPLAY"):
        return
    if not os.environ.get("DISPLAY"):
        raise NoWindow("there is no display")
    missing = [name for name in _X11_LIBRARIES if not _can_load(name)]
    if missing:
        raise NoWindow(f"{', '.join(missing)} is not installed; as root, `make setup` installs it")
    if not _answers_x11():
        raise NoWindow(f"the display {os.environ['DISPLAY']} does not answer")


def _can_load(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _answers_x11() -> bool:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed


def show(
    link: str, dispatcher: Dispatcher, settings: SettingsStore, on_open: Callable[[Any], None] | None = None
) -> None:
    """Open the window and stay until it is closed; `on_open` gets the window, on a thread of its own.

    Raises NoWindow where the webview does not start.
    """
    if sys.platform.startswith("linux"):
        os.environ.setdefault("PYWEBVIEW_GUI", "qt")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Chromium refuses its sandbox to root, and then shows nothing.
            os.environ.setdefault("QTWEBENGINE_DISABLE_SANDBOX", "1")
    try:
        import webview
    except ImportError as error:
        raise NoWindow(f"no webview is installed ({error})") from error
    eval_free.install()

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

    eval_free.answer_without_eval(window)

    def remember() -> None:
        width, height = int(window.width), int(window.height)
        if width > 0 and height > 0:
            settings.update({"ui": {"window": {"width": width, "height": height}}})

    window.events.closing += remember
    try:
        webview.start(
            on_open,
            (window,) if on_open else None,
            private_mode=True,
            gui="qt" if sys.platform.startswith("linux") else None,
        )
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
