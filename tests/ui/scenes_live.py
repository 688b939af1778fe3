"""The moments when a run is long or waits for somebody else: a run that really goes on, with what a server would tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.ui.scenes import Scene, Stage, _running
from tests.ui.user import User

STATEMENT = "ALTER TABLE orders\n  ADD COLUMN note text NOT NULL DEFAULT '';"
HELD: dict[str, Any] = {
    "session_id": "4711", "user": "app", "application": "billing-worker", "host": "10.0.4.17",
    "query": "SELECT id, total FROM orders WHERE state = 'open' FOR UPDATE",
    "state": "has a transaction open and does nothing in it", "since_s": 247.0, "object": "orders",
    "mode": "ROW SHARE", "waits_for": [], "is_certain": True,
    "end_statement": "SELECT pg_terminate_backend(4711);",
}  # fmt: skip
BETWEEN: dict[str, Any] = {
    "session_id": "4722", "user": "report", "application": "metabase", "host": "10.0.4.30",
    "query": "SELECT date_trunc('day', made_at), sum(total) FROM orders GROUP BY 1", "state": "waits for a lock itself",
    "since_s": 31.0, "object": "orders", "mode": None, "waits_for": ["4711"], "is_certain": True,
    "end_statement": "SELECT pg_terminate_backend(4722);",
}  # fmt: skip
WAITING: dict[str, Any] = {
    "session_id": "4730", "state": "Waiting for a lock on orders, held by billing-worker (4711)", "query": STATEMENT,
    "waiting": True, "blockers": [HELD], "progress": None, "since_s": 14.0, "object": "orders", "phase": None,
    "done": None, "total": None, "unit": None, "note": None,
}  # fmt: skip
GUESSED: dict[str, Any] = {
    **WAITING, "since_s": 4.0,
    "blockers": [{**HELD, "mode": None, "is_certain": False, "end_statement": "KILL 4711;", "application": None}],
    "note": "This server does not say who holds the lock. The session shown is the oldest open one in this database, "
    "so it is likely the one.",
}  # fmt: skip
BUILDING: dict[str, Any] = {
    "session_id": "4731", "state": "Building an index on orders: building index: scanning table",
    "query": "CREATE INDEX orders_made_at_idx ON orders (made_at);", "waiting": False, "blockers": [],
    "progress": 0.412, "since_s": 83.0, "object": "orders", "phase": "building index: scanning table",
    "done": 50_622.0, "total": 122_868.0, "unit": "blocks", "note": None,
}  # fmt: skip


def _told(*sessions: dict[str, Any], ends: Callable[[User], None]) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        _running(user, stage)
        [job] = [one for one in stage.toolkit.call("job:list")["jobs"] if one["state"] == "running"]
        events = stage.toolkit.services.events
        events.publish("job:activity", job_id=job["job_id"], sessions=list(sessions))
        ends(user)

    return show


def _sees_blocker(user: User) -> None:
    expect(user.page.get_by_role("list", name="Blocked by")).to_be_visible()


def _sees_how_to_end(user: User) -> None:
    user.page.get_by_text("How to end the other session").click()
    expect(user.button("Copy the statement")).to_be_visible()
    user.press("Go on waiting")


def _sees_progress(user: User) -> None:
    user.sees("50,622 of 122,868 blocks")


SCENES = [
    Scene("run-waiting", _told(WAITING, ends=_sees_blocker)),
    Scene("run-waiting-chain", _told({**WAITING, "blockers": [BETWEEN, HELD]}, ends=_sees_blocker)),
    Scene("run-waiting-likely", _told(GUESSED, ends=_sees_blocker)),
    Scene("run-waiting-on", _told(WAITING, ends=_sees_how_to_end)),
    Scene("run-building", _told(BUILDING, ends=_sees_progress)),
]
