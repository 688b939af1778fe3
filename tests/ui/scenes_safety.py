"""Backups, restores, rollbacks and failures in every state worth looking at."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.kit import ChannelFailed, Shop
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

HALF = """\
-- migrate:up transaction:false
CREATE TABLE parcels (id INTEGER PRIMARY KEY, weight INTEGER NOT NULL);
CREATE INDEX parcels_weight ON parcels (weight);
INSERT INTO parcels VALUES (1, 250), (2, 900);
UPDATE stamps SET colour = 'red';
CREATE TABLE carriers (id INTEGER PRIMARY KEY);

-- migrate:down
DROP TABLE carriers;
DROP TABLE parcels;
"""


def _post(stage: Stage) -> Shop:
    """A production database with backups of every kind, a half-run migration and something to lose."""
    if "post" in stage.shops:
        stage.shops["post"].agree("connection:update", backups={})  # a scene may have left it another folder
        return stage.shops["post"]
    url = f"sqlite:{(stage.folder / 'post.db').as_posix()}"
    shop = stage.shops["post"] = stage.toolkit.connect(url, "post", environment="production")
    shop.new(
        "create letters", "CREATE TABLE letters (id INTEGER PRIMARY KEY, stamp TEXT);", "DROP TABLE letters;"
    )
    shop.up()
    with closing(sqlite3.connect(stage.folder / "post.db")) as database:
        database.execute(
            "INSERT INTO letters WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " LIMIT 1204) SELECT i, 'blue' FROM n"
        )
        database.commit()
    shop.new("create senders", "CREATE TABLE senders (id INTEGER PRIMARY KEY);", "DROP TABLE senders;")
    shop.up()
    damaged = shop.call("backup:create", note="The disk had a bad block")
    file = Path(damaged["path"]) / damaged["files"][0]["name"]
    file.write_bytes(file.read_bytes()[:-9])
    shop.call("backup:verify", backup_id=damaged["id"])
    shop.call("backup:create", note="Before the big clean-up of November", pinned=True)
    shop.write("29990101000000_create_parcels.sql", HALF)
    with suppress(ChannelFailed):
        shop.up()
    return shop


def _backups(user: User, stage: Stage) -> Locator:
    user.open(f"/c/{_post(stage).id}/backups")
    grid = user.page.get_by_role("grid", name="Backups")
    expect(grid.get_by_text("Before the big clean-up of November")).to_be_visible()
    expect(user.page.get_by_text(re.compile("are free")).first).to_be_visible()
    return grid


def _full(user: User, stage: Stage) -> None:
    _backups(user, stage)


def _empty(user: User, _: Stage) -> None:
    user.open("/c/sample-shop/backups")
    user.sees("No backup of Sample shop yet")


def _details(tab: str) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        _backups(user, stage).get_by_role("row").filter(has_text="Before applying create_parcels").click()
        drawer = user.dialog("Before applying create_parcels")
        drawer.get_by_role("tab", name=re.compile(f"^{tab}")).click()
        expect(drawer.get_by_role("tabpanel")).not_to_be_empty()

    return show


def _damaged(user: User, stage: Stage) -> None:
    _backups(user, stage).get_by_role("row").filter(has_text="bad block").click()
    expect(user.dialog("By hand").get_by_role("alert")).to_be_visible()
    user.dialog("By hand").get_by_role("button", name="Delete…").click()


def _restore(user: User, stage: Stage) -> Locator:
    row = _backups(user, stage).get_by_role("row").filter(has_text="Before the big")
    row.get_by_role("button", name=re.compile("^Restore")).click()
    sheet = user.dialog(re.compile("^Restore a backup of post"))
    expect(sheet.get_by_role("button", name=re.compile("^Restore into"))).to_be_enabled()
    return sheet


def _restore_beside(user: User, stage: Stage) -> None:
    _restore(user, stage).get_by_role("radio", name="Into a new database").click()


def _restore_asks(user: User, stage: Stage) -> None:
    sheet = _restore(user, stage)
    sheet.get_by_role("button", name=re.compile("^Restore into")).click()
    expect(sheet.get_by_text("What would be lost")).to_be_visible()


def _proof(user: User, stage: Stage) -> None:
    beside = stage.folder / "post_restored.db"
    beside.unlink(missing_ok=True)
    _restore_beside(user, stage)
    sheet = user.dialog()
    # It leaves no connection behind: other scenes count them.
    sheet.get_by_role("switch", name="Add a connection to it").click()
    sheet.get_by_role("button", name=re.compile("^Restore into the new")).click()
    asked = sheet.get_by_label("Type post to go on")
    done = sheet.get_by_role("region", name="Proof")
    expect(asked.or_(done).first).to_be_visible()
    if asked.is_visible():
        asked.fill("post")
        sheet.get_by_role("button", name=re.compile("^Restore into the new")).click()
    expect(done).to_contain_text("Restored, and proven")


def _failing(user: User, stage: Stage) -> None:
    """No folder can be made where a file stands."""
    shop = _post(stage)
    (stage.folder / "a-file").write_text("")
    shop.agree("connection:update", backups={"folder": str(stage.folder / "a-file" / "backups")})
    user.open(f"/c/{shop.id}/backups")
    expect(user.page.get_by_text("cannot be made")).to_be_visible()


def _running(user: User, stage: Stage) -> None:
    """A backup that waits for somebody who writes."""
    if "held" not in stage.shops:
        url = f"sqlite:{(stage.folder / 'held.db').as_posix()}"
        shop = stage.shops["held"] = stage.toolkit.connect(url, "held")
        shop.new("create boxes", "CREATE TABLE boxes (id INTEGER);", "DROP TABLE boxes;")
        shop.up()
        shop.call("backup:create", note="While nobody writes")
    user.open("/c/held/backups")
    expect(user.page.get_by_text("While nobody writes")).to_be_visible()
    expect(user.page.get_by_text(re.compile("are free"))).to_be_visible()
    _WRITERS.append(writer := sqlite3.connect(stage.folder / "held.db", isolation_level=None))
    writer.execute("BEGIN EXCLUSIVE")
    user.press("Back up held now")
    expect(user.page.get_by_role("region", name="Backing up held")).to_be_visible()


_WRITERS: list[sqlite3.Connection] = []


def _rollback(user: User, stage: Stage) -> None:
    shop = _post(stage)
    user.opens_migrations(shop.id)
    user.chooses("create_letters", "Roll back only this one")
    expect(user.dialog().get_by_label("Type post to go on")).to_be_visible()
    expect(user.dialog().get_by_role("switch", name="Back up post first")).to_be_checked()


def _rolled_back(user: User, stage: Stage) -> None:
    """With a backup from before it, and something that its down left behind."""
    if "undone" not in stage.shops:
        url = f"sqlite:{(stage.folder / 'undone.db').as_posix()}"
        stage.shops["undone"] = stage.toolkit.connect(url, "undone")
        stage.shops["undone"].new(
            "create boxes",
            "CREATE TABLE boxes (id INTEGER);\nCREATE TABLE forgotten (id INTEGER);",
            "DROP TABLE boxes;",
        )
    with suppress(ChannelFailed):  # What was left behind is in its way the second time.
        stage.shops["undone"].up()
    user.opens_migrations("undone")
    user.chooses("create_boxes", "Roll back only this one")
    sheet = user.dialog()
    sheet.get_by_role("switch", name="Back up undone first").click()
    button = sheet.get_by_role("button", name="Roll back 1 on undone")
    asked = sheet.get_by_label("Type undone to go on")
    expect(asked.or_(button).first).to_be_visible()
    if asked.is_visible():
        asked.fill("undone")
    button.click()
    panel = user.sees_outcome("undone", re.compile("^Rolled back 1"))
    expect(panel.get_by_role("list", name="Differences from before")).to_be_visible()


def _refused(user: User, stage: Stage) -> None:
    orders = stage.shops["orders"]
    orders.write(
        "20251101000000_no_down.sql", "-- migrate:up\nCREATE TABLE once (id INTEGER);\n\n-- migrate:down\n"
    )
    with suppress(ChannelFailed):  # It is applied already, where this was looked at before.
        orders.up(versions=["20251101000000_no_down.sql"], allow_out_of_order=True)
    user.opens_migrations(orders.id)
    user.chooses("no_down", "Roll back only this one")
    expect(user.dialog().get_by_role("button", name="Generate the down part").first).to_be_visible()


def _failure(user: User, stage: Stage) -> None:
    shop = _post(stage)
    user.opens_migrations(shop.id)
    user.button("Partly run: what happened to create_parcels, and what now").click()
    expect(user.dialog().get_by_role("region", name="What now")).to_be_visible()


def _ways(user: User, stage: Stage) -> None:
    _failure(user, stage)
    user.dialog().get_by_role("region", name="What now").get_by_role(
        "button"
    ).last.scroll_into_view_if_needed()


def _own_settings(user: User, stage: Stage) -> None:
    user.open(f"/c/{_post(stage).id}/connection?tab=backups")
    expect(user.page.get_by_role("combobox", name="Back up before applying")).to_be_visible()


def _app_settings(user: User, _: Stage) -> None:
    user.open("/settings?section=safety")
    user.page.get_by_role("textbox", name="Where backups are").scroll_into_view_if_needed()


SAFETY = [
    Scene("backups-empty", _empty),
    Scene("backups-full", _full),
    Scene("backups-details", _details("Tables")),
    Scene("backups-by-hand", _details("By hand")),
    Scene("backups-damaged", _damaged),
    Scene("backups-failing", _failing),
    Scene("backups-running", _running),
    Scene("backup-restore", lambda user, stage: (_restore(user, stage), None)[1]),
    Scene("backup-restore-asks", _restore_asks),
    Scene("backup-restore-proof", _proof),
    Scene("rollback-sheet", _rollback),
    Scene("rollback-refused", _refused),
    Scene("rollback-done", _rolled_back),
    Scene("failure-sheet", _failure),
    Scene("failure-ways", _ways),
    Scene("connection-backups", _own_settings),
    Scene("settings-backups", _app_settings),
]
