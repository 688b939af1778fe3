"""The server's own list of what a run is doing, and ending it. A run is known by its application name.

Everyone may see and end operations of their own user, so no administrator's rights are needed.
"""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

from backend.engine.target import Activity, ServerSession, Target

from .connect import Document, connected

_GONE_WITHIN_S = 5.0
_NO_SESSION_COMMANDS = {"endSessions", "hello", "isMaster", "ping"}


def operations(target: Target, run_tag: str) -> list[Document]:
    """The operations, idle connections and idle transactions of the run, as the server gives them.

    The stage $currentOp knows most; servers that only imitate MongoDB answer the older command of that name better.
    """
    from pymongo.errors import OperationFailure

    with connected(target, application_name="db-toolkit-watch") as client:
        stage = {"$currentOp": {"allUsers": False, "idleConnections": True, "idleSessions": True}}
        found = [dict(item) for item in client.admin.aggregate([stage]) if _application(item) == run_tag]
        if found:
            return found
        try:
            told = client.admin.command({"currentOp": 1, "$all": True, "$ownOps": True})
        except OperationFailure:
            return []
        return [dict(item) for item in told.get("inprog", []) if _application(item) == run_tag]


def _application(item: Document) -> str:
    metadata = item.get("clientMetadata") or {}
    return str(item.get("appName") or (metadata.get("application") or {}).get("name") or "")


def list_sessions(target: Target, run_tag: str) -> list[ServerSession]:
    """One entry a connection or idle transaction of the run."""
    found: dict[str, ServerSession] = {}
    for item in operations(target, run_tag):
        key = _id(item)
        if key not in found or item.get("active"):
            found[key] = ServerSession(
                id=key, state=_state(item), query=_command(item), since_s=_seconds(item)
            )
    return list(found.values())


def end(target: Target, run_tag: str) -> int:
    """End the run's operations and sessions on the server and wait until they are gone. Returns how many there were.

    A client that was killed leaves its long operation running until the server next looks, and its open transaction
    for up to a minute; both hold locks.
    """
    first = operations(target, run_tag)
    seen = {_id(item) for item in first}
    ends = time.monotonic() + _GONE_WITHIN_S
    current = first
    while current and time.monotonic() < ends:
        _kill(target, current)
        time.sleep(0.1)
        current = operations(target, run_tag)
        seen |= {_id(item) for item in current}
        # An idle connection belongs to a process that still lives; it holds nothing and cannot be ended from here.
        if not any(item.get("active") or "transaction" in item for item in current):
            break
    return len(seen)


def _kill(target: Target, found: list[Document]) -> None:
    from pymongo.errors import OperationFailure

    with connected(target, application_name="db-toolkit-watch") as client:
        sessions = [{"id": item["lsid"]["id"]} for item in found if isinstance(item.get("lsid"), dict)]
        if sessions:
            # Where it is refused, ending each operation below is the other way.
            with suppress(OperationFailure):
                client.admin.command({"killSessions": sessions})
        for item in found:
            if item.get("opid") is not None and item.get("active"):
                # It may have ended meanwhile, or not be ours to end; the list afterwards tells.
                with suppress(OperationFailure):
                    client.admin.command({"killOp": 1, "op": item["opid"]})


def activity(target: Target, run_tag: str) -> list[Activity]:
    """What the run is doing now. MongoDB says that an operation waits for a lock, never for whose."""
    return [
        Activity(
            session_id=_id(item),
            state=_state(item),
            query=_command(item),
            waiting=bool(item.get("waitingForLock")),
            progress=_progress(item),
        )
        for item in operations(target, run_tag)
        if item.get("active") or "transaction" in item
    ]


def _id(item: Document) -> str:
    for name in ("connectionId", "opid"):
        if item.get(name) is not None:
            return f"{name}:{item[name]}"
    lsid = item.get("lsid") or {}
    return f"session:{bytes(lsid['id']).hex() if 'id' in lsid else item.get('desc', '?')}"


def _state(item: Document) -> str:
    if item.get("waitingForLock"):
        return "waiting for a lock"
    if item.get("type") == "idleSession" or ("transaction" in item and not item.get("active")):
        return "a transaction is open, nothing runs in it"
    if not item.get("active"):
        return "connected, idle"
    return str(item.get("msg") or f"running {_name(item)}")


def _name(item: Document) -> str:
    command = item.get("command") or {}
    return str(next(iter(command), item.get("op", "a command")))


def _command(item: Document) -> str:
    """The operation in short: its command and where, without the documents it carries."""
    if not item.get("active"):
        return ""
    name, where = _name(item), item.get("ns", "")
    return "" if name in _NO_SESSION_COMMANDS else f"{name} {where}".strip()


def _seconds(item: Document) -> float | None:
    micros: Any = item.get("microsecs_running")
    if isinstance(micros, int | float):
        return float(micros) / 1_000_000
    seconds: Any = item.get("secs_running")
    return float(seconds) if isinstance(seconds, int | float) else None


def _progress(item: Document) -> float | None:
    progress = item.get("progress") or {}
    done, total = progress.get("done"), progress.get("total")
    return min(1.0, float(done) / float(total)) if done is not None and total else None
