"""Home, dashboard and timeline in every state worth looking at: empty, full, failing, away, long, hostile."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from tests.kit import Shop
from tests.timeline.past import write_history
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User

HOSTILE = "<img src=x onerror=alert(1)>"


def busy(stage: Stage) -> Shop:
    """Three environments that share a folder: production is behind, and has a long past. Made once."""
    if "busy" in stage.shops:
        return stage.shops["busy"]
    folder = stage.folder / "billing" / "db" / "migrations"
    folder.mkdir(parents=True)
    shops = {
        environment: stage.toolkit.connect(
            f"sqlite:{(stage.folder / f'billing_{environment}.db').as_posix()}",
            f"billing-{environment}",
            environment=environment,
            migrations_dir=str(folder),
        )
        for environment in ("development", "staging", "production")
    }
    for number in range(1, 13):
        table = f"table_{number}"
        down = f"DROP TABLE {table};" if number != 11 else ""
        (folder / f"202601{number:02d}090000_create_{table}.sql").write_text(
            f"-- migrate:up\nCREATE TABLE {table} (id INTEGER PRIMARY KEY, name TEXT);\n\n-- migrate:down\n{down}\n"
        )
    shops["development"].up()
    shops["staging"].up(to="20260110090000")
    for version in ("20260104090000", "20260107090000"):
        shops["production"].up(to=version)
    (folder / "20260103090000_create_table_3.sql").write_text(
        "-- migrate:up\nCREATE TABLE table_3 (id INTEGER PRIMARY KEY, title TEXT);\n\n-- migrate:down\nDROP TABLE table_3;\n"
    )
    (folder / "20251224090000_late_one.sql").write_text(
        "-- migrate:up\nCREATE TABLE late (id INTEGER);\n\n-- migrate:down\nDROP TABLE late;\n"
    )
    (folder / "20260113090000_drop_names.sql").write_text(
        "-- migrate:up\nALTER TABLE table_1 DROP COLUMN name;\n\n-- migrate:down\nALTER TABLE table_1 ADD COLUMN name TEXT;\n"
    )
    write_history(stage.toolkit, shops["production"].id, 260, 120)
    write_history(stage.toolkit, shops["staging"].id, 60, 60, seed=3)
    stage.shops["busy"] = shops["production"]
    return shops["production"]


def hostile(stage: Stage) -> Shop:
    """Names that a careless page would run."""
    if "hostile" not in stage.shops:
        url = f"sqlite:{(stage.folder / 'hostile.db').as_posix()}"
        shop = stage.shops["hostile"] = stage.toolkit.connect(url, "<b>bold</b> & 'quoted'")
        shop.write(
            f"20260101000000_{HOSTILE.replace('/', '')}.sql",
            "-- migrate:up\nCREATE TABLE x (id INTEGER);\n\n-- migrate:down\nDROP TABLE x;\n",
        )
        shop.up()
        shop.write(
            "20260102000000_=cmd().sql", "-- migrate:up\nCREATE TABLE;\n\n-- migrate:down\nSELECT 1;\n"
        )
        stage.toolkit.envelope("migration:up", connection=shop.id)
    return stage.shops["hostile"]


def many(stage: Stage) -> Shop:
    """Three thousand files, half of them applied."""
    if "many" not in stage.shops:
        url = f"sqlite:{(stage.folder / 'many.db').as_posix()}"
        shop = stage.shops["many"] = stage.toolkit.connect(url, "warehouse", environment="staging")
        for number in range(3000):
            day = datetime(2018, 1, 1, tzinfo=UTC) + timedelta(days=number)
            shop.write(
                f"{day:%Y%m%d}090000_step_{number}.sql",
                f"-- migrate:up\nCREATE TABLE t{number} (id INTEGER);\n\n-- migrate:down\nDROP TABLE t{number};\n",
            )
        shop.agree("migration:baseline", to=f"{datetime(2018, 1, 1) + timedelta(days=1499):%Y%m%d}090000")
    return stage.shops["many"]


def bare(stage: Stage) -> Shop:
    """Applied by the bare tool alone: the table keeps no time."""
    if "bare" not in stage.shops:
        path = stage.folder / "bare.db"
        shop = stage.shops["bare"] = stage.toolkit.connect(f"sqlite:{path.as_posix()}", "by hand")
        database = sqlite3.connect(path)
        with database:
            database.execute("CREATE TABLE schema_migrations (version varchar(128) primary key)")
            for number in range(1, 20):
                version = f"202501{number:02d}000000"
                shop.write(
                    f"{version}_by_hand_{number}.sql",
                    f"-- migrate:up\nCREATE TABLE h{number} (id INTEGER);\n\n-- migrate:down\nDROP TABLE h{number};\n",
                )
                database.execute("INSERT INTO schema_migrations VALUES (?)", (version,))
        database.close()
    return stage.shops["bare"]


def shows(user: User, path: str, heading: str, *texts: str) -> None:
    user.open(path)
    expect(user.page.get_by_role("heading", name=heading, level=1)).to_be_visible()
    for text in texts:
        user.sees(text)


def _dashboard(make: Callable[[Stage], Shop] | str, *texts: str) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        shop = stage.shops[make] if isinstance(make, str) else make(stage)
        shows(user, f"/c/{shop.id}/dashboard", "Dashboard", *texts)

    return show


def _timeline(
    make: Callable[[Stage], Shop] | str, *texts: str, query: str = ""
) -> Callable[[User, Stage], None]:
    def show(user: User, stage: Stage) -> None:
        shop = stage.shops[make] if isinstance(make, str) else make(stage)
        shows(user, f"/c/{shop.id}/timeline{query}", "Timeline", *texts)

    return show


def _away(path: str, heading: str, *texts: str) -> Callable[[User, Stage], None]:
    return lambda user, _: shows(user, path, heading, *texts)


def _home(user: User, stage: Stage) -> None:
    busy(stage)
    shows(user, "/home", "Home", "billing-production", "Locked")


def _unfolded(user: User, stage: Stage) -> None:
    _timeline(busy)(user, stage)
    events = user.page.get_by_role("list", name="Events")
    events.get_by_role("button", name="Show the files of").nth(1).click()
    events.get_by_role("button", name="Show the files of").first.click()
    expect(events.get_by_role("button", name="Hide the files of").first).to_be_visible()


def _details(user: User, stage: Stage) -> None:
    shop = busy(stage)
    runs = stage.toolkit.call("timeline:show", connection=shop.id, statuses=["applied"])["events"]
    with_point = next(one for one in runs if one["rollback_point"])
    shows(user, f"/c/{shop.id}/timeline?event={with_point['id']}", "Timeline")
    expect(user.dialog().get_by_role("button", name="back to here")).to_be_visible()


def _details_failed(user: User, stage: Stage) -> None:
    shop = busy(stage)
    runs = stage.toolkit.call("timeline:show", connection=shop.id, statuses=["failed"])["events"]
    shows(user, f"/c/{shop.id}/timeline?event={runs[0]['id']}", "Timeline")
    expect(user.dialog().get_by_role("alert").first).to_be_visible()


def _of_all(user: User, stage: Stage) -> None:
    busy(stage)
    shows(user, "/timeline", "Timeline", "billing-production")


def _home_empty(user: User, _: Stage) -> None:
    shows(user, "/home", "Home", "No connections yet")


SCENES: list[Scene] = [
    Scene("home-empty", _home_empty, needs_home=False),
    Scene("home-full", _home),
    Scene("dashboard-sample", _dashboard("sample", "Next up", "Recent activity")),
    Scene("dashboard-production", _dashboard(busy, "Needs attention", "Recent activity")),
    Scene("dashboard-failing", _dashboard("orders", "Needs attention")),
    Scene("dashboard-first-steps", _dashboard("empty", "First steps on empty")),
    Scene("dashboard-unreachable", _away("/c/crm/dashboard", "Dashboard", "Try again")),
    Scene("dashboard-locked", _away("/c/vault/dashboard", "Dashboard", "Enter the password")),
    Scene("dashboard-many", _dashboard(many, "1,500", "Recent activity")),
    Scene("dashboard-hostile", _dashboard(hostile, "Needs attention")),
    Scene("timeline-sample", _timeline("sample", "Today")),
    Scene("timeline-long", _timeline(busy, "Today")),
    Scene("timeline-unfolded", _unfolded),
    Scene("timeline-details", _details),
    Scene("timeline-details-failed", _details_failed),
    Scene("timeline-failed-only", _timeline(busy, "Failed", query="?status=failed")),
    Scene("timeline-nothing-matches", _timeline(busy, "Nothing matches", query="?q=zebra")),
    Scene("timeline-empty", _timeline("empty", "Nothing has happened yet")),
    Scene("timeline-before-the-ledger", _timeline(bare, "Before the ledger")),
    Scene("timeline-unreachable", _away("/c/crm/timeline", "Timeline", "Try again")),
    Scene("timeline-hostile", _timeline(hostile, "Today")),
    Scene("timeline-of-all", _of_all),
]
