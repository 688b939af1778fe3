"""A pywebview window with an empty page, for comparison: says so when it is loaded, and closes."""

from __future__ import annotations

import json

import webview


def main() -> None:
    window = webview.create_window(
        "empty", html="<!doctype html><title>empty</title>", width=1280, height=820
    )

    assert window is not None

    def closing() -> None:
        window.events.loaded.wait(30)
        print(json.dumps({"event": "interactive"}), flush=True)
        window.destroy()

    webview.start(closing)


if __name__ == "__main__":
    main()
