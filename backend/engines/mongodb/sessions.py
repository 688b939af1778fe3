"""The server's own list of what a run is doing, and ending it. A run is known by its application name.

Everyone may see and end operations of their own user, so no administrator's rights are needed.
"""

from __future__ import annotations

import re
import time
import uuid
from contextlib import suppress
from typing import Any

from backend.engine.target import Activity, Blocker, ServerSession, Target

from .connect import Document, connected

_GONE_WITHIN_S = 5.0
_UNTOLD = "MongoDB does not say who holds a lock. Shown are the open transactions, and those who work on this collection."
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


def end_in(server: Target, database: str) -> None:
    """End the user's own operations in a database, once."""
    with connected(server, application_name="db-toolkit-watch") as client:
        running = client.admin.aggregate([{"$currentOp": {"allUsers": False}}])
        found = [dict(item) for item in running if str(item.get("ns") or "").startswith(f"{database}.")]
    if found:
        _kill(server, found)


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
    found = [item for item in operations(target, run_tag) if item.get("active") or "transaction" in item]
    if not found:
        return []
    others = []
    if any(item.get("waitingForLock") or _name(item) == "createIndexes" for item in found):
        others = everybody(target, run_tag)
    return [_activity(item, others) for item in found]


def everybody(target: Target, run_tag: str) -> list[Document]:
    """The operations and open transactions of all others, the server's own included; empty where that may not be seen."""
    from pymongo.errors import OperationFailure

    with connected(target, application_name="db-toolkit-watch") as client:
        stage = {"$currentOp": {"allUsers": True, "idleSessions": True}}
        try:
            return [dict(item) for item in client.admin.aggregate([stage]) if _application(item) != run_tag]
        except OperationFailure:
            return []


def _activity(item: Document, others: list[Document]) -> Activity:
    waits = bool(item.get("waitingForLock"))
    # An index is built by an operation of the server's own; the command only waits for it.
    builds = next((one for one in others if _is_build_of(one, item)), item)
    done, total = _counted(builds)
    return Activity(
        session_id=_id(item),
        state=_state(builds) if builds is not item else _state(item),
        query=_command(item),
        waiting=waits,
        blockers=tuple(_blocker(one) for one in others if _may_hold(one, item)) if waits else (),
        progress=_progress(builds),
        since_s=_seconds(item),
        object=str(item.get("ns") or "") or None,
        phase=_phase(builds),
        done=done,
        total=total,
        unit="documents" if total else None,
        note=_UNTOLD if waits else None,
    )


def _is_build_of(other: Document, item: Document) -> bool:
    return (
        _name(item) == "createIndexes"
        and bool(other.get("progress"))
        and "index build" in str(other.get("msg", "")).lower()
        and other.get("ns") == item.get("ns")
    )


def _may_hold(other: Document, item: Document) -> bool:
    """Has a transaction open, or works on the same collection, and does not wait itself."""
    if other.get("waitingForLock") or _application(other) == "db-toolkit-watch":
        return False
    if "transaction" in other:
        return True
    works = bool(other.get("active")) and other.get("op") not in (None, "none")
    return works and bool(item.get("ns")) and other.get("ns") == item.get("ns")


def _blocker(item: Document) -> Blocker:
    users = item.get("effectiveUsers") or [{}]
    transaction = item.get("transaction") or {}
    micros = transaction.get("timeOpenMicros")
    opid = item.get("opid")
    return Blocker(
        session_id=_id(item),
        user=users[0].get("user"),
        application=_application(item) or None,
        query=_command(item) or None,
        since_s=float(micros) / 1_000_000 if micros is not None else _seconds(item),
        host=str(item.get("client") or "") or None,
        state=(
            "has a transaction open and does nothing in it"
            if "transaction" in item and not item.get("active")
            else "is running an operation"
        ),
        is_certain=False,
        end_statement=_end_statement(item, opid),
    )


def _end_statement(item: Document, opid: object) -> str | None:
    if item.get("active") and opid is not None:
        return f"db.killOp({opid!r})"
    lsid = item.get("lsid") or {}
    if "id" not in lsid:
        return None
    return f"db.adminCommand({{killSessions: [{{id: UUID('{uuid.UUID(bytes=bytes(lsid['id']))}')}}]}})"


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
    return _phase(item) or f"running {_name(item)}"


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


def _counted(item: Document) -> tuple[float | None, float | None]:
    progress = item.get("progress") or {}
    done, total = progress.get("done"), progress.get("total")
    return (float(done), float(total)) if done is not None and total else (None, None)


def _progress(item: Document) -> float | None:
    done, total = _counted(item)
    return min(1.0, done / total) if done is not None and total else None


def _phase(item: Document) -> str | None:
    """`Index Build: scanning collection Index Build: scanning collection: 61200/100000 61%` without the numbers."""
    said = str(item.get("msg") or "")
    short = re.sub(r":?\s*\d+/\d+\s*\d*%?$", "", said).strip()
    half = short[: len(short) // 2].strip()
    return (half if half and short == f"{half} {half}" else short) or None
