"""What retention removes, over any history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.models.backup import Backup, BackupReason, BackupSettings, BackupState
from backend.services.backups.retention import kept_because, removable

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[Backup]:
    ages = draw(st.lists(st.integers(-5, 400), max_size=12))
    return [
        Backup(
            id=f"b{number}",
            connection="shop",
            connection_name="shop",
            engine="sqlite",
            database="shop.db",
            environment="production",
            reason=draw(st.sampled_from(list(BackupReason))),
            created_at=NOW - timedelta(days=age),
            duration_ms=1,
            host="here",
            app_version="1",
            tool="t",
            format="f",
            size_bytes=1,
            files=[],
            state=draw(st.sampled_from(list(BackupState))),
            pinned=draw(st.booleans()),
        )
        for number, age in enumerate(ages)
    ]


@given(
    histories(),
    st.one_of(st.none(), st.integers(1, 5)),
    st.one_of(st.none(), st.integers(1, 300)),
    st.sets(st.integers(0, 11)),
)
def test_never_one_that_matters_and_never_the_younger_before_the_older(
    backups: list[Backup], count: int | None, days: int | None, numbers: set[int]
) -> None:
    unsettled = {f"b{number}" for number in numbers}
    settings = BackupSettings(keep_count=count, keep_days=days)
    gone = removable(backups, settings, unsettled, NOW)
    stay = [one for one in backups if one not in gone]
    assert not [one for one in gone if one.pinned or one.id in unsettled or one.reason == "manual"]
    good = [one for one in backups if one.state == "good"]
    if good:
        assert max(good, key=lambda one: (one.created_at, one.id)) in stay
    free = [one for one in stay if not kept_because(one, backups, unsettled)]
    if count is not None:
        assert len(free) <= count
    if days is not None:
        assert all(one.created_at >= NOW - timedelta(days=days) for one in free)
    for one in gone:
        assert all(other.created_at >= one.created_at for other in free)
    # Nothing goes without a reason: it is one too many, or too old.
    for one in gone:
        younger = [other for other in free if (other.created_at, other.id) > (one.created_at, one.id)]
        too_old = days is not None and one.created_at < NOW - timedelta(days=days)
        assert too_old or (count is not None and len(younger) >= count)
    assert removable(stay, settings, unsettled, NOW) == []
