"""A rehearsal that is killed leaves nothing after the next start. The long version is `make faults`."""

from __future__ import annotations

from pathlib import Path

from tests.rehearsal.killed import Arena


def test_killed_rehearsals_leave_no_scratch_after_the_next_start(tmp_path: Path) -> None:
    arena = Arena(tmp_path / "killed-home", seed=6)
    try:
        hits = [arena.hit(place) for place in ("bundled", "server") * 3]
    finally:
        arena.close()
    assert [wrong for _, wrong in hits] == [[]] * 6
    assert any(was_there for was_there, _ in hits), "no kill met a scratch: nothing was tested"
