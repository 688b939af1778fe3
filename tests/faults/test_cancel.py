"""Cancel in mid-run: the tool ends, the server's session ends, and the status says what is so."""

from __future__ import annotations

import time

from tests.faults import verify
from tests.faults.model import Subject
from tests.faults.stories import (
    Background,
    a_shop,
    eventually,
    first_file,
    job,
    slow_file,
    tools_running,
    write,
)
from tests.kit import Toolkit


def test_cancel_ends_the_tool_and_its_session_and_tells_what_stayed(
    toolkit: Toolkit, subject: Subject
) -> None:
    with a_shop(subject, toolkit) as (shop, url):
        files = write(shop, first_file(subject), slow_file(subject))
        run = Background(shop, "migration:up", "the-run")
        states: dict[str, str] = {}

        def is_slow_running() -> bool:
            states.update({one["version"]: one["state"] for one in job(shop, "the-run")["files"]})
            return states.get(list(files)[1]) == "running"

        eventually(is_slow_running)
        time.sleep(0.7)
        assert tools_running()
        asked_at = time.monotonic()
        toolkit.call("job:cancel", job_id="the-run")
        run.join(20)
        took_s = time.monotonic() - asked_at
        assert tools_running() == [] and subject.sessions(url) == []
        assert took_s < 10
        assert run.error is not None and run.error.code == "cancelled"
        assert run.error.details["run"]["cancelled"]
        versions, there = subject.versions(url), subject.objects(url)
        assert versions == {next(iter(files))}
        assert verify.of_status(shop.status(), files, versions, there) == []
        assert verify.of_ledger(toolkit.home, versions) == []
        assert [one["status"] for one in run.error.details["run"]["migrations"]] == ["applied", "failed"]
