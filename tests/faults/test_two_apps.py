"""Two apps on one database: the second is told that it is busy, whether they share a home or not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.child import Child
from tests.faults.fault import quiet_environment
from tests.faults.model import Subject
from tests.faults.stories import a_shop, eventually, first_file, slow_file, write
from tests.kit import ChannelFailed, Toolkit


def test_a_run_elsewhere_keeps_the_database_busy(toolkit: Toolkit, subject: Subject, tmp_path: Path) -> None:
    quiet_environment()
    with a_shop(subject, toolkit) as (shop, url):
        write(shop, first_file(subject), slow_file(subject))
        stranger = Toolkit(tmp_path / "another home")
        theirs = stranger.connect(url)
        write(theirs, first_file(subject))
        child = Child(toolkit.home, "migration:up", connection=shop.id, confirm=shop.connection["name"])
        try:
            child.wait_until_it_runs()
            eventually(lambda: subject.versions(url))
            for other in (shop, theirs):
                with pytest.raises(ChannelFailed) as failure:
                    other.up()
                assert failure.value.code == "busy"
            assert len(subject.versions(url)) == 1
        finally:
            child.kill()
            child.end()
        subject.wait_quiet(url)
        subject.age_lock(url)
        assert theirs.status()["reachable"]
        theirs.new("after", *_harmless(subject))
        assert theirs.up(versions=[theirs.status()["migrations"][-1]["version"]], allow_out_of_order=True)[
            "ok"
        ]
        stranger.close()


def _harmless(subject: Subject) -> tuple[str, str]:
    if subject.name == "mongodb":
        return "    await db.createCollection('after');", "    await db.collection('after').drop();"
    return "CREATE TABLE after_it (id INTEGER);", "DROP TABLE after_it;"
