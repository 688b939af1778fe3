"""What a run would do, read and rehearsed: the panel in its states, few and rich. The sheets of runs show it too."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from backend.services.rehearsal import sizes
from tests.ui.scenes import Scene, Stage, _full, _list
from tests.ui.user import User


def _opened(user: User, stage: Stage) -> None:
    """A file that is only looked at, its first statement opened."""
    _full(user, stage)
    user.chooses("create_reviews", "Preview")
    statement = user.dialog().get_by_role("button", name=re.compile("CREATE TABLE")).first
    statement.click()
    expect(user.dialog().get_by_role("region", name=re.compile("Statement at line"))).to_be_visible()


def _options(user: User, stage: Stage) -> None:
    _full(user, stage)
    user.chooses("create_reviews", "Rehearse…")
    expect(user.dialog().get_by_role("radio", name="A sample")).to_be_checked()


def _reversible(user: User, stage: Stage) -> None:
    """All that is pending, one of its statements opened."""
    _full(user, stage)
    user.press("Apply 2 to Sample shop")
    user.dialog().get_by_role("button", name="Rehearse…").click()
    user.dialog().get_by_role("button", name="Rehearse now").click()
    expect(user.dialog().get_by_role("region", name="Verdict")).to_be_visible(timeout=30_000)
    user.dialog().get_by_role("region", name=re.compile(r"^Up: ")).get_by_role("button").first.click()
    expect(user.dialog().get_by_text("Locks held")).to_be_visible()


def _lossy(user: User, stage: Stage) -> None:
    """What is applied, rolled back and applied again: the rows that are then gone."""
    _full(user, stage)
    user.chooses("create_products", "Rehearse…")
    user.dialog().get_by_role("button", name="Rehearse now").click()
    expect(user.dialog().get_by_role("region", name="Verdict")).to_be_visible(timeout=30_000)
    user.dialog().get_by_role("tab", name=re.compile("^Schema")).click()


def _running(user: User, stage: Stage) -> None:
    stage.cancel_runs()
    (stage.folder / "slow.db").touch()
    _list(user, "slow")
    user.chooses("count_them_all", "Rehearse…")
    user.dialog().get_by_role("button", name="Rehearse now").click()
    expect(user.dialog().get_by_role("button", name="Cancel the rehearsal")).to_be_visible()


def _postgres(user: User, stage: Stage) -> None:
    """Locks and a rewrite as the server tells them, on the bundled PostgreSQL."""
    local = stage.toolkit.services.sample._local_postgres
    shop = stage.toolkit.connect(local.new_database("shop"), "shop on PostgreSQL", environment="staging")
    shop.new(
        "orders",
        "CREATE TABLE orders (id integer PRIMARY KEY, total integer);"
        "INSERT INTO orders SELECT i, i FROM generate_series(1, 500) i;",
        "DROP TABLE orders;",
    )
    shop.up()
    shop.new(
        "widen totals",
        "ALTER TABLE orders ALTER COLUMN total TYPE bigint;\nCREATE INDEX orders_total ON orders (total);",
        "DROP INDEX orders_total;\nALTER TABLE orders ALTER COLUMN total TYPE integer;",
    )
    _list(user, shop.id)
    user.chooses("widen_totals", "Rehearse…")
    user.dialog().get_by_role("button", name="Rehearse now").click()
    expect(user.dialog().get_by_role("region", name="Verdict")).to_be_visible(timeout=60_000)
    user.dialog().get_by_role("region", name=re.compile(r"^Up: ")).get_by_role("button").first.click()
    expect(user.dialog().get_by_text("Locks held")).to_be_visible()


def _demanded(user: User, stage: Stage) -> None:
    """A connection that takes only rehearsed migrations."""
    shop = stage.toolkit.connect(f"sqlite:{stage.folder / 'strict.db'}", "strict", environment="staging")
    shop.new("notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY);", "DROP TABLE notes;")
    shop.call("connection:update", require_rehearsal=True)
    _list(user, shop.id)
    user.press("Apply 1 to strict")
    expect(user.dialog().get_by_role("alert").get_by_role("button", name="Rehearse now")).to_be_visible()


def _large(user: User, stage: Stage) -> None:
    """All rows of what counts as large here: asked first, with what it takes and what is free."""
    usual, sizes.ASKS_FROM_BYTES = sizes.ASKS_FROM_BYTES, 1_000
    try:
        _full(user, stage)
        user.chooses("create_reviews", "Rehearse…")
        user.dialog().get_by_text("All", exact=True).click()
        user.dialog().get_by_role("button", name="Rehearse now").click()
        expect(user.dialog().get_by_role("button", name="Take a sample instead")).to_be_visible()
        user.page.mouse.move(0, 0)
    finally:
        sizes.ASKS_FROM_BYTES = usual


SCENES = [
    Scene("rehearsal-postgres", _postgres),
    Scene("rehearsal-demanded", _demanded),
    Scene("preview-opened", _opened),
    Scene("rehearsal-options", _options),
    Scene("rehearsal-large", _large),
    Scene("rehearsal-reversible", _reversible),
    Scene("rehearsal-lossy", _lossy),
    Scene("rehearsal-running", _running),
]
