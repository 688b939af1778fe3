"""Opens the app's real window, tells what happens in it as JSON lines, does what it is told, and closes it.

Run by the window tests in a process of its own: a webview wants the main thread.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from backend.app import build, dist_folder
from backend.rpc.dispatch import Dispatcher
from backend.shell import window
from backend.shell.guard import Guard
from backend.shell.web import WebServer, create_app

STARTED = time.monotonic()


def say(**fact: Any) -> None:
    print(json.dumps({**fact, "after_s": round(time.monotonic() - STARTED, 2)}), flush=True)


def value(shown: Any, expression: str) -> Any:
    """What the expression is in the page. Not by `evaluate_js`: the page's policy forbids eval."""
    return json.loads(shown.run_js(f"JSON.stringify({expression} ?? null)"))


def resolved(shown: Any, promise: str) -> Any:
    """What the promise resolves to."""
    shown.run_js(
        f"window.testAnswer = undefined; {promise}.then((v) => {{ window.testAnswer = JSON.stringify(v); }}); 0"
    )
    for _ in range(1200):
        answer = value(shown, "window.testAnswer")
        if answer is not None:
            return json.loads(answer)
        time.sleep(0.05)
    raise TimeoutError(promise)


def drive(shown: Any) -> None:
    try:
        shown.events.loaded.wait(30)
        say(event="loaded")
        for _ in range(300):
            if value(shown, "Boolean(window.pywebview?.api?.invoke)"):
                break
            time.sleep(0.05)
        say(event="ready", title=value(shown, "document.title"))
        for line in sys.stdin:
            request = json.loads(line)
            if "script" in request:
                say(answer=value(shown, request["script"]))
            else:
                call = f"window.pywebview.api.invoke({json.dumps(request['channel'])}, {json.dumps(request['payload'])})"
                say(answer=resolved(shown, call))
    except Exception as error:
        say(error=f"{type(error).__name__}: {error}")
    finally:
        shown.destroy()


def main() -> None:
    services = build(window=True)
    dispatcher = Dispatcher(services)
    guard = Guard()
    server = WebServer(create_app(dispatcher, services.events, guard, dist_folder()), guard)
    server.start()
    services.start()
    try:
        window.show(guard.link(seen_in="window"), dispatcher, services.settings, drive)
    finally:
        services.close()
        server.stop()


if __name__ == "__main__":
    main()
