"""A tool that lies in output and exit code: the status is right all the same, because nobody believed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.drivers import tools
from tests.faults import verify
from tests.faults.model import Subject
from tests.faults.stories import a_shop, write
from tests.kit import ChannelFailed, Shop, Toolkit

# Both answer --help as dbmate does; what they do about files is another matter.
SAYS_ONLY = """#!/bin/sh
case "$*" in *--help*) exec {dbmate} --help ;; esac
folder=
while [ $# -gt 0 ]; do case $1 in --migrations-dir) folder=$2; shift ;; esac; shift; done
for path in "$folder"/*.sql; do
  echo "Applying: ${{path##*/}}"; echo "Applied: ${{path##*/}} in 1ms"
  echo "Rolled back: ${{path##*/}} in 1ms"
done
exit 0
"""
DOES_AND_DENIES = """#!/bin/sh
case "$*" in *--help*) exec {dbmate} --help ;; esac
{dbmate} "$@" >/dev/null 2>&1
echo "Error: everything went wrong" >&2
exit 2
"""


def replace_dbmate(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    liar = tmp_path / "dbmate"
    liar.write_text(script.format(dbmate=tools.dbmate_path()))
    liar.chmod(0o755)
    monkeypatch.setattr(tools, "dbmate_path", lambda: liar)


def agrees(shop: Shop, subject: Subject, url: str, files: dict[str, object]) -> list[str]:
    versions, there = subject.versions(url), subject.objects(url)
    return [
        *verify.of_status(shop.status(), files, versions, there),  # type: ignore[arg-type]
        *verify.of_ledger(shop.toolkit.home, versions),
    ]


def test_applied_and_exit_0_without_having_done_anything(
    toolkit: Toolkit, sql_subject: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with a_shop(sql_subject, toolkit) as (shop, url):
        files = write(shop, *sql_subject.files()[:2])
        with monkeypatch.context() as lying:
            replace_dbmate(lying, tmp_path, SAYS_ONLY)
            with pytest.raises(ChannelFailed) as failure:
                shop.up()
        run = failure.value.details["run"]
        assert [one["status"] for one in run["migrations"]] == ["failed", "not_run"] and not run["ok"]
        assert shop.status()["applied"] == 0 and agrees(shop, sql_subject, url, dict(files)) == []
        assert shop.up()["ok"]
        with monkeypatch.context() as lying:
            replace_dbmate(lying, tmp_path, SAYS_ONLY)
            with pytest.raises(ChannelFailed):
                shop.down()
        assert shop.status()["applied"] == 2 and agrees(shop, sql_subject, url, dict(files)) == []


def test_an_error_and_exit_2_after_having_done_everything(
    toolkit: Toolkit, sql_subject: Subject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with a_shop(sql_subject, toolkit) as (shop, url):
        files = write(shop, *sql_subject.files()[:2])
        replace_dbmate(monkeypatch, tmp_path, DOES_AND_DENIES)
        run = shop.up()
        assert run["ok"] and {one["status"] for one in run["migrations"]} == {"applied"}
        assert shop.status()["applied"] == 2 and agrees(shop, sql_subject, url, dict(files)) == []
        assert shop.down()["ok"]
        assert shop.status()["applied"] == 1 and agrees(shop, sql_subject, url, dict(files)) == []
