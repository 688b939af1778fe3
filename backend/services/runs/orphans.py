"""Tools that outlived their app. The app's watcher ends them, but it may be late on a busy machine, or killed as well."""

from __future__ import annotations

import contextlib
import logging

import psutil

from backend.drivers.dbmate.stage import PREFIX

_log = logging.getLogger(__name__)
_ASKED_FOR_S = 2.0


def end_tools_of(pid: int) -> int:
    """End what the app with that process id left running, and wait until it is gone. Returns how many there were.

    Only for an app that is dead. dbmate's tools are known by their staged folder, which carries the id; migrate-mongo's
    by their sessions on the server (`Engine.sessions`). Nothing else on the machine is touched.
    """
    if psutil.pid_exists(pid):
        # This very app, or a later one that got the id: these tools are its own.
        return 0
    mark = f"{PREFIX}{pid}-"
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(mark in part for part in process.info["cmdline"] or ()):
            found.append(process)
    if not found:
        return 0
    _log.warning("%d tools of the ended app %d still run and are ended", len(found), pid)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, left = psutil.wait_procs(found, timeout=_ASKED_FOR_S)
    for process in left:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(left, timeout=_ASKED_FOR_S)
    return len(found)
