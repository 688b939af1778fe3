"""What the backend holds while it idles: started, serving, one status of the sample asked."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.bench.measure import Line, alone
from tests.kit import Toolkit

ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = """
import os, sys, time, psutil
from backend.app import build, dist_folder
from backend.rpc.dispatch import Dispatcher
from backend.shell.guard import Guard
from backend.shell.web import WebServer, create_app
services = build(window=False)
dispatcher, guard = Dispatcher(services), Guard()
server = WebServer(create_app(dispatcher, services.events, guard, dist_folder()), guard)
server.start(); services.start()
for channel in ("connection:list", "migration:status", "migration:list"):
    payload = {} if channel == "connection:list" else {"connection": "sample-shop"}
    assert dispatcher.invoke_json(channel, payload).startswith(b'{"ok":true'), channel
time.sleep(1)
print(psutil.Process().memory_info().rss / 2**20)
services.close(); server.stop()
"""


def memory(folder: Path, rounds: int) -> list[Line]:
    toolkit = Toolkit(folder / "home")
    toolkit.call("connection:sample")
    toolkit.close()
    found = []
    for _ in range(min(rounds, 3)):
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            cwd=ROOT,
            env={**os.environ, "DB_TOOLKIT_HOME": str(folder / "home")},
            capture_output=True,
            text=True,
            check=True,
        )
        found.append(float(done.stdout.split()[-1]))
    return [alone("idle memory of the backend", found, 120, "MB")]
