"""What the server was seen doing during a run is kept with it."""

from __future__ import annotations

import threading
import time

import psycopg

from backend.core.events import Subscription
from tests.kit import Toolkit


def test_a_wait_for_a_lock_is_kept_with_its_blocker(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("orders", "CREATE TABLE orders (id integer);", "DROP TABLE orders;")
    shop.up()
    (quick,) = toolkit.call("history:list")["rows"]
    assert quick["files"][0]["waited_ms"] is None, "nobody looked: it was over within a second"
    shop.new("column", "ALTER TABLE orders ADD COLUMN name text;", "ALTER TABLE orders DROP COLUMN name;")
    events = toolkit.services.events.subscribe()
    with psycopg.connect(postgres_url, application_name="nightly-report") as holder:
        holder.execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE")
        run = threading.Thread(target=shop.up)
        run.start()
        try:
            _seen_twice(events)
        finally:
            holder.rollback()
            run.join()
    newest = toolkit.call("history:list")["rows"][0]
    (file,) = toolkit.call("history:get", run_id=newest["run_id"])["files"]
    assert file["status"] == "applied"
    assert file["waited_ms"] > 500 and file["duration_ms"] >= file["waited_ms"] * 0.5
    assert file["server"]["blockers"][0]["by"] == "nightly-report"
    assert "orders" in file["server"]["rows"] or file["server"]["rows"] == {}


def _seen_twice(events: Subscription) -> None:
    """Until the monitor has seen the run wait, twice."""
    seen, until = 0, time.monotonic() + 60
    while seen < 2:
        assert time.monotonic() < until, "the wait is never seen"
        event = events.next(1)
        if event is not None and event[0] == "job:activity":
            seen += any(one["waiting"] for one in event[1]["sessions"])
