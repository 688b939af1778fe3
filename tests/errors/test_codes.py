"""Every code of the catalogue, met through the app's channels on a real SQLite file; and no entry is without its test."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.core.catalogue import actions, entries, error_classes
from backend.core.paths import storage_errors
from backend.drivers import process
from backend.drivers.mysql_tools import DumpTool, dump
from tests.errors import clickhouse_cases, mongodb_cases, mysql_cases, postgres_cases, sqlite_cases
from tests.errors.case import Case
from tests.errors.test_connecting import CONNECTING, REASONS_HERE, RECORDED
from tests.faults.stories import Background, eventually, job
from tests.kit import ChannelFailed, Shop, Toolkit

CASES: list[Case] = [
    *postgres_cases.CASES,
    *mysql_cases.CASES,
    *sqlite_cases.CASES,
    *clickhouse_cases.CASES,
    *mongodb_cases.CASES,
    *mongodb_cases.SCRIPTS,
]


def file(shop: Shop, name: str, up: str, down: str | None = "SELECT 1;") -> str:
    half = "" if down is None else f"-- migrate:down\n{down}\n"
    shop.write(name, f"-- migrate:up\n{up}\n{half}")
    return name


def internal(toolkit: Toolkit, shop: Shop) -> None:
    toolkit.services.about.info = lambda: {"no": "such field"}  # type: ignore[method-assign]
    toolkit.call("app:info")


def missing_request(toolkit: Toolkit, shop: Shop) -> None:
    toolkit.call("migration:read")


def unknown_folder(toolkit: Toolkit, shop: Shop) -> None:
    toolkit.call("app:folders", path="/nowhere/at/all")


def other_connection(toolkit: Toolkit, shop: Shop) -> None:
    toolkit.call("migration:list", connection="nobody")


def other_url(toolkit: Toolkit, shop: Shop) -> None:
    toolkit.call("connection:test", url="oracle://x/y")


def needs_password(toolkit: Toolkit, shop: Shop) -> None:
    vault = toolkit.connect("postgres://app@127.0.0.1:1/vault?sslmode=disable", "vault", secret="ask")
    vault.call("connection:test")


def unknown_migration(toolkit: Toolkit, shop: Shop) -> None:
    shop.call("migration:read", version="42")


def applied_is_deleted(toolkit: Toolkit, shop: Shop) -> None:
    name = file(shop, "1_a.sql", "CREATE TABLE a (x);")
    shop.up()
    shop.agree("migration:delete", version=name)


def fails(toolkit: Toolkit, shop: Shop) -> None:
    file(shop, "1_a.sql", "DROP TABLE nope;")
    shop.up()


def is_invalid(toolkit: Toolkit, shop: Shop) -> None:
    shop.write("1_a.sql", "SELECT 1;")
    shop.up()


def is_late(toolkit: Toolkit, shop: Shop) -> None:
    file(shop, "2_a.sql", "SELECT 1;")
    shop.up()
    file(shop, "1_a.sql", "SELECT 1;")
    shop.up()


def edited_meanwhile(toolkit: Toolkit, shop: Shop) -> None:
    name = file(shop, "1_a.sql", "SELECT 1;")
    shop.call("migration:update", version=name, content="-- migrate:up\n", expected_sha256="0" * 64)


def asks(toolkit: Toolkit, shop: Shop) -> None:
    file(shop, "1_a.sql", "CREATE TABLE a (x);", "DROP TABLE a;")
    shop.up()
    file(shop, "2_b.sql", "INSERT INTO a VALUES (1);", "DELETE FROM a;")
    shop.up()
    shop.call("migration:down", count=2)


def is_read_only(toolkit: Toolkit, shop: Shop) -> None:
    file(shop, "1_a.sql", "SELECT 1;")
    shop.call("connection:update", read_only=True)
    shop.call("migration:up")


def runs_already(toolkit: Toolkit, shop: Shop) -> None:
    many = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 400000000) SELECT count(*) FROM c"
    file(shop, "1_slow.sql", f"CREATE TABLE n AS {many};")
    run = Background(shop, "migration:up", "first")
    eventually(lambda: "Applying" in job(shop, "first")["message"])
    try:
        shop.up()
    finally:
        toolkit.call("job:cancel", job_id="first")
        run.join(20)


def unreadable_schema(toolkit: Toolkit, shop: Shop) -> None:
    sides = {
        "from": {"text": "CREATE TABEL x (id INT);", "engine": "sqlite"},
        "to": {"text": "", "engine": "sqlite"},
    }
    toolkit.call("schema:compare", **sides)


def not_supported(toolkit: Toolkit, shop: Shop) -> None:
    shop.call("collection:create", name="x")


THROUGH_CHANNELS: dict[str, Callable[[Toolkit, Shop], None]] = {
    "internal_error": internal,
    "invalid_request": missing_request,
    "not_found": unknown_folder,
    "connection_not_found": other_connection,
    "invalid_url": other_url,
    "password_needed": needs_password,
    "migration_not_found": unknown_migration,
    "migration_applied": applied_is_deleted,
    "migration_failed": fails,
    "migration_invalid": is_invalid,
    "out_of_order": is_late,
    "edited_on_disk": edited_meanwhile,
    "confirmation_required": asks,
    "read_only": is_read_only,
    "busy": runs_already,
    "not_supported": not_supported,
    "schema_invalid": unreadable_schema,
}
BELOW = {"tool_missing", "storage_failed", "disk_full", "backup_failed"}
# The first is raised by the front end (components/error/error.test.tsx); of the others each has its own test.
ELSEWHERE = {
    "rehearsal_required": "tests/rehearsal/test_demanded.py",
    "down_does_nothing": "tests/failures/test_rollback.py",
    "down_unparsable": "tests/failures/test_rollback.py",
    "damaged": "tests/backups/test_backups.py",
    "not_equal": "tests/backups/test_proof.py",
    "backend_unreachable": "ui/src/components/error/error.test.tsx",
    "invalid": "tests/services/runs/test_plan.py",
    "duplicate_version": "tests/services/runs/test_plan.py",
    "no_down": "tests/services/runs/test_plan.py",
    "missing_file": "tests/batches/test_rolling_back.py",
    "missing_file_above": "tests/batches/test_rolling_back.py",
    "applied_out_of_order": "tests/batches/test_rolling_back.py",
    "stays_between": "tests/batches/test_rolling_back.py",
    "schema_changed": "tests/schema/test_channels.py",
    "too_large": "tests/history/test_export.py",
}


@pytest.mark.parametrize("code", THROUGH_CHANNELS)
def test_a_code_is_met_through_the_channels(toolkit: Toolkit, sqlite_shop: Shop, code: str) -> None:
    with pytest.raises(ChannelFailed) as caught:
        THROUGH_CHANNELS[code](toolkit, sqlite_shop)
    assert caught.value.code == code


def test_a_code_of_files_and_programs(tmp_path: Path) -> None:
    met = set()

    def meets(act: Callable[[], object], code: str) -> None:
        with pytest.raises(Exception) as caught:  # noqa: PT011 - its code is looked at
            act()
        assert getattr(caught.value, "code", None) == code, caught.value
        met.add(code)

    def write(path: Path, text: str) -> None:
        with storage_errors(path, "write"), path.open("w") as opened:
            opened.write(text)
            opened.flush()

    meets(lambda: process.run(process.Command(["/nowhere/at/all"])), "tool_missing")
    meets(lambda: write(tmp_path / "no" / "a.txt", "x"), "storage_failed")
    meets(lambda: write(Path("/dev/full"), "x"), "disk_full")
    false = DumpTool(path=Path("/bin/false"), mariadb=True, version=10.11)
    meets(lambda: dump(false, connection=[], options=[], password=None, database="x"), "backup_failed")
    assert met == BELOW


def test_no_entry_is_without_a_test_that_meets_it() -> None:
    met = {one.reason for one in CASES} | {one.code for one in CASES} | REASONS_HERE
    met |= {part for _, code, reason in CONNECTING for part in (code, reason)}
    met |= {part for _, _, code, reason in RECORDED for part in (code, reason)}
    met |= {*THROUGH_CHANNELS, *BELOW, *ELSEWHERE}
    assert sorted(set(entries()) - met) == []
    root = Path(__file__).parents[2]
    assert not [place for place in ELSEWHERE.values() if not (root / place).is_file()]


def test_every_code_of_the_error_tree_has_its_entry_and_each_entry_is_whole() -> None:
    codes = {one.key for one in entries().values() if one.is_code}
    assert {one.code for one in error_classes()} <= codes
    for one in entries().values():
        assert one.title and one.means.endswith(".") and one.causes and one.advice.endswith(".")
        assert set(one.fixes) <= set(actions()), one.key
    used = {fix for one in entries().values() for fix in one.fixes}
    assert set(actions()) == used
    fixes = (Path(__file__).parents[2] / "ui/src/components/error/fixes.ts").read_text()
    assert set(re.findall(r"^  (\w+):", fixes, re.MULTILINE)) >= set(actions())
