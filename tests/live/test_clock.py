"""The system's clock is set back while a run goes on: times are measured by another, and the order stays."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from backend.services import jobs
from backend.services.runs import service
from backend.store import ledger
from tests.kit import Shop


def test_a_clock_set_back_makes_no_time_negative_and_no_run_older(
    sqlite_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    backwards = itertools.count()

    def an_hour_earlier_each_time() -> datetime:
        return datetime.now(UTC) - timedelta(hours=next(backwards))

    for module in (jobs, service, ledger):
        monkeypatch.setattr(module, "utc_now", an_hour_earlier_each_time)
    runs = []
    for name in ("first", "second"):
        sqlite_shop.new(name, f"CREATE TABLE {name} (id INTEGER);", f"DROP TABLE {name};")
        runs.append(sqlite_shop.up())
    for run in runs:
        assert 0 < run["duration_ms"] < 600_000 and run["finished_at"] >= run["started_at"]
    listed = sqlite_shop.toolkit.call("job:list")["jobs"]
    assert all(0 <= job["duration_ms"] < 600_000 for job in listed)
    assert listed[0]["finished_at"] < listed[0]["started_at"], "the clock did jump"
    known = sqlite_shop.toolkit.services.ledger_health._ledger.runs(sqlite_shop.id)
    assert [run["run_id"] for run in known] == [run["run_id"] for run in reversed(runs)]
    assert all(run["duration_ms"] > 0 for run in known)
