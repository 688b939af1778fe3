"""The Migrations page: filters, completion, batches, refusals with their ways out, a batch to be resumed."""

from __future__ import annotations

import contextlib

from playwright.sync_api import expect

from tests.kit import ChannelFailed, Shop
from tests.ui.scenes import Scene, Stage
from tests.ui.user import User


def _shop(stage: Stage, name: str) -> Shop:
    """A connection of ten files, six of them applied; made once."""
    if name in stage.shops:
        return stage.shops[name]
    shop = stage.toolkit.connect(f"sqlite:{stage.folder / f'{name}.db'}", name)
    stage.shops[name] = shop
    for number, table in enumerate(
        ("users", "orders", "items", "tags", "carts", "logs", "notes", "prices"), 1
    ):
        shop.write(
            f"2026{number:02d}01000000_create_{table}.sql",
            f"-- migrate:up\nCREATE TABLE {table} (id INTEGER);\n\n-- migrate:down\nDROP TABLE {table};\n",
        )
    shop.up(count=6)
    shop.write(
        "20260715000000_=cmd()_<img src=x>.sql",
        "-- migrate:up\nALTER TABLE nothing ADD COLUMN x INTEGER;\n\n-- migrate:down\nSELECT 1;\n",
    )
    return shop


def _filtered(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.open(
        f"/c/{shop.id}/migrations?status=applied&table=users&table=orders&table=items&from=2026-01-01&q=create"
    )
    expect(user.button("Remove the filter Table: users")).to_be_visible()
    expect(user.grid).to_be_visible()


def _completing(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.opens_migrations(shop.id)
    user.page.keyboard.press("/")
    expect(user.page.get_by_role("textbox", name="Search names, versions and text")).to_be_focused()
    user.page.keyboard.type("table:")
    expect(user.page.get_by_role("option").first).to_be_visible()


def _keys(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.opens_migrations(shop.id)
    user.page.keyboard.press("a")
    expect(user.dialog()).to_be_visible()
    user.dialog().press("Escape")
    expect(user.dialog()).to_have_count(0)
    user.opens_menu_of("create_items")


def _saved(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    stage.toolkit.call(
        "settings:update",
        changes={
            "ui": {
                f"saved_filters {shop.id}": [
                    {"name": "Everything of orders", "search": "table=orders"},
                    {"name": "Waiting", "search": "status=pending"},
                ]
            }
        },
    )
    user.open(f"/c/{shop.id}/migrations?flag=out_of_order&status=pending")
    user.press("Saved")
    expect(user.button("Waiting")).to_be_visible()


def _days(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.opens_migrations(shop.id)
    user.press("Applied")
    expect(user.button("7 days")).to_be_visible()


def _comments(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    first = shop.call("migration:list")["migrations"][0]
    if not shop.call("comment:list")["comments"]:
        shop.call(
            "comment:add",
            version=first["version"],
            text="Run this **before** the sale: see `orders`.\n\n- one index at a time\n- watch the locks",
        )
        old = shop.call("comment:add", version=first["version"], text="Is a lock taken?")
        shop.call("comment:edit", id=old["id"], text="Which lock is taken?")
    user.opens_migrations(shop.id)
    user.page.get_by_role("button", name=f"2 comments on {first['name']}").click()
    expect(user.dialog().get_by_role("list", name="Comments").get_by_role("listitem").nth(3)).to_be_visible()


def _roll_back_asks(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.opens_migrations(shop.id)
    user.page.keyboard.press("r")
    count = user.page.get_by_label("How many of the newest")
    count.fill("3")
    expect(
        user.dialog().get_by_role("button", name=f"Roll back 3 on {shop.connection['name']}")
    ).to_be_enabled()


def _refused(user: User, stage: Stage) -> None:
    shop = _shop(stage, "gaps")
    (shop.folder / "20260501000000_create_carts.sql").unlink(missing_ok=True)
    user.opens_migrations(shop.id)
    user.page.keyboard.press("r")
    user.page.get_by_label("How many of the newest").fill("4")
    expect(user.button("Restore the file from what ran")).to_be_visible()


def _between(user: User, stage: Stage) -> None:
    shop = _shop(stage, "lists")
    user.opens_migrations(shop.id)
    for name in ("create_logs", "create_tags"):
        user.row(name).get_by_role("gridcell").first.click()
    user.page.get_by_role("button", name="Roll back 2 chosen on lists").click()
    expect(user.button("Roll these back too")).to_be_visible()


def _resumable(user: User, stage: Stage) -> None:
    shop = _shop(stage, "stopped")
    with contextlib.suppress(ChannelFailed):
        shop.up()
    user.opens_migrations(shop.id)
    expect(user.button("Resume 2 on stopped")).to_be_visible()


def _unknown(user: User, stage: Stage) -> None:
    user.open("/c/crm/migrations")
    expect(user.grid.get_by_text("Unknown").first).to_be_visible()


MIGRATION_SCENES = [
    Scene("migrations-filtered", _filtered),
    Scene("migrations-completing", _completing),
    Scene("migrations-menu", _keys),
    Scene("migrations-saved", _saved),
    Scene("migrations-days", _days),
    Scene("migrations-comments", _comments),
    Scene("migrations-roll-back-asks", _roll_back_asks),
    Scene("migrations-refused", _refused),
    Scene("migrations-between", _between),
    Scene("migrations-resumable", _resumable),
    Scene("migrations-unknown", _unknown),
]
