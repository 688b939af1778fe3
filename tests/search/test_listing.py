"""Search and filters through the channels, on real databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import git
import pytest

from tests.kit import Shop, Toolkit

FILES = {
    "20260101000000_create_users.sql": ("CREATE TABLE app_users (id INTEGER);", "DROP TABLE app_users;"),
    "20260102000000_create_orders.sql": (
        "-- not of users\nCREATE TABLE orders (id INTEGER, note VARCHAR(20) DEFAULT 'users');\n"
        "CREATE INDEX orders_id\n  ON orders (id);",
        "DROP TABLE orders;",
    ),
    "20260103000000_fill_users.sql": ("INSERT INTO app_users VALUES (1);", "DELETE FROM app_users;"),
    "20260104000000_add_items.sql": ('CREATE TABLE "Items" (id INTEGER);', 'DROP TABLE "Items";'),
}


def _table(number: int) -> str:
    """Long enough for git to know it again under another name."""
    up = f"CREATE TABLE t{number} (id INTEGER, a_long_name TEXT);"
    return f"-- migrate:up\n{up}\n-- migrate:down\nDROP TABLE t{number};\n"


def names(shop: Shop, **asked: Any) -> list[str]:
    """What is found, by both channels the same."""
    listed = shop.call("migration:list", **asked)
    found = shop.call("migration:find", **asked)["filenames"]
    assert [one["filename"] for one in listed["migrations"]] == found and listed["total"] == len(found)
    return [one["name"] for one in listed["migrations"]]


@pytest.fixture(params=["sqlite_url", "postgres_url", "mysql_url"])
def shop(toolkit: Toolkit, request: pytest.FixtureRequest) -> Shop:
    shop = toolkit.connect(request.getfixturevalue(request.param))
    for filename, (up, down) in FILES.items():
        if request.param == "mysql_url":
            up, down = up.replace('"', "`"), down.replace('"', "`")
        shop.write(filename, f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n")
    shop.up(count=2)
    return shop


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("users", ["create_users", "create_orders", "fill_users"]),
        ("name:users", ["create_users", "fill_users"]),
        ("users -orders", ["create_users", "fill_users"]),
        ("table:app_users", ["create_users", "fill_users"]),
        ("table:users", []),
        ("table:ITEMS", ["add_items"]),
        ("-table:orders status:applied", ["create_users"]),
        ("status:pending", ["fill_users", "add_items"]),
        ("status:pen table:items", ["add_items"]),
        ("status:nonsense", []),
        ('"create index orders_id on orders"', ["create_orders"]),
        ('"on index"', []),
        ("version:20260103", ["fill_users"]),
        ("after:today", ["create_users", "create_orders"]),
        ("before:2020", []),
        ("INSERT", ["fill_users"]),
        ("flag:out", []),
        ("author:nobody-at-all", []),
        ("sta", []),
    ],
)
def test_what_is_typed(shop: Shop, query: str, found: list[str]) -> None:
    assert names(shop, query=query) == found


def test_filters_combine(shop: Shop) -> None:
    assert names(shop, status="applied") == ["create_users", "create_orders"]
    assert names(shop, status=["applied", "pending"], table=["orders", "items"]) == [
        "create_orders",
        "add_items",
    ]
    assert names(shop, table="app_users", status="pending") == ["fill_users"]
    assert names(shop, name="add", query="items") == ["add_items"]
    at = shop.status()["migrations"][0]["applied_at"]
    assert names(shop, applied_from=at, applied_to=at) == ["create_users", "create_orders"]
    assert names(shop, applied_to="2020-01-01T00:00:00Z") == []


def test_flags(shop: Shop) -> None:
    path = shop.folder / "20260101000000_create_users.sql"
    path.write_text(path.read_text() + "\n-- later\n")
    shop.write("20251231000000_older.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    shop.write("20260105000000_broken.sql", "SELECT 1;\n")
    assert names(shop, flags=["edited"]) == ["create_users"]
    assert names(shop, flags=["edited", "out_of_order"]) == ["older", "create_users"]
    assert names(shop, query="flag:invalid") == ["broken"]
    assert names(shop, query="-flag:invalid status:pending") == ["older", "fill_users", "add_items"]


def test_a_schema_is_only_asked_where_it_is_written(toolkit: Toolkit, postgres_url: str) -> None:
    shop = toolkit.connect(postgres_url)
    for number, table in enumerate(("users", "app.users", "crm.users", '"App"."Users"')):
        shop.write(
            f"{number}_t.sql", f"-- migrate:up\nCREATE TABLE {table} (id int);\n-- migrate:down\nSELECT 1;\n"
        )
    assert len(names(shop, table="users")) == 4
    assert names(shop, table="app.users") == ["t", "t"]
    assert len(names(shop, table=["crm.users"])) == 1


def test_collections_are_read_from_the_syntax_tree(toolkit: Toolkit, mongodb_url: str) -> None:
    shop = toolkit.connect(mongodb_url)
    shop.new(
        "mixed",
        "    // db.collection('commented').drop()\n    const said = \"db.collection('quoted').drop()\";\n"
        "    await db.createCollection('users');\n    await db.collection('orders').updateMany({}, { $set: { a: 1 } });\n"
        "    await db.collection('looked_at').findOne({});",
        "    await db.collection('users').drop();",
    )
    assert shop.status()["migrations"][0]["tables"] == ["users", "orders"]
    assert names(shop, table="orders") == ["mixed"] and names(shop, query="table:quoted") == []


@pytest.mark.parametrize(
    "up",
    [
        "-- CREATE TABLE users (id int);\nSELECT 1;",
        "/* DROP TABLE users; */ SELECT 1;",
        "SELECT 'CREATE TABLE users (id int)';",
        "SELECT $x$ DROP TABLE users; $x$;",
        "CREATE TABLE users_old (id int);",
        'CREATE TABLE "x users" (id int);',
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ DELETE FROM users $$;",
    ],
)
def test_a_name_that_is_only_mentioned_is_no_table(toolkit: Toolkit, postgres_url: str, up: str) -> None:
    shop = toolkit.connect(postgres_url)
    shop.new("one", up, "SELECT 1;")
    assert names(shop, table="users") == []


def test_who_wrote_a_file_is_told_by_git_and_who_ran_it_by_the_ledger(
    toolkit: Toolkit, sqlite_url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "project" / "migrations"
    folder.mkdir(parents=True)
    with git.Repo.init(tmp_path / "project") as repository:

        def commit(author: str, message: str) -> None:
            repository.git.add(all=True)
            repository.index.commit(
                message, author=git.Actor(author, "a@b"), committer=git.Actor("Bot", "b@b")
            )

        for number, author in enumerate(("Ann Lee", "Bea"), 1):
            (folder / f"{number}_t{number}.sql").write_text(_table(number))
            commit(author, f"Table {number}")
        (folder / "1_t1.sql").rename(folder / "1_renamed.sql")
        commit("Carl", "Another name")
        (folder / "1_renamed.sql").write_text((folder / "1_renamed.sql").read_text() + "\n")
        commit("Dora", "Touched")
        shop = toolkit.connect(sqlite_url, migrations_dir=str(folder))
        (folder / "3_t3.sql").write_text("-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
        toolkit.call("settings:update", changes={"author": "Runner"})
        shop.up()
        told = {one["version"]: (one["author"], one["author_source"]) for one in shop.status()["migrations"]}
        assert told == {"1": ("Ann Lee", "git"), "2": ("Bea", "git"), "3": ("Runner", "ledger")}
        assert names(shop, author="ann") == ["renamed"]
        assert names(shop, query='author:"ann lee"') == ["renamed"]
        assert names(shop, author=["bea", "runner"]) == ["t2", "t3"]


def test_files_that_change_are_found_by_what_they_hold_now(shop: Shop) -> None:
    assert names(shop, query="zebra") == []
    path = shop.folder / "20260104000000_add_items.sql"
    before = path.read_text()
    path.write_text(before + "-- zebra\n")
    assert names(shop, query="zebra") == ["add_items"]
    path.write_text(before)
    assert names(shop, query="zebra") == []
    path.unlink()
    assert names(shop, query="items") == []


def test_a_watched_folder_is_searched_as_it_is_now(shop: Shop) -> None:
    shop.toolkit.services.start()
    names(shop, query="zebra")
    shop.write("20260105000000_zebra.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    assert names(shop, query="zebra") == ["zebra"]
    shop.toolkit.services.events.publish("migrations:changed", connection=shop.id)
    (shop.folder / "20260105000000_zebra.sql").write_text(
        "-- migrate:up\nSELECT 2;\n-- migrate:down\nSELECT 'quagga';\n"
    )
    shop.toolkit.services.events.publish("migrations:changed", connection=shop.id)
    assert names(shop, query="quagga") == ["zebra"]


def test_hostile_names_are_text(shop: Shop) -> None:
    for number, name in enumerate(("=cmd()", "<img src=x onerror=alert(1)>", "%27 OR 1=1", "a.*b(")):
        shop.write(f"2027{number}_{name}.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    assert names(shop, query="=cmd()") == ["=cmd()"]
    assert names(shop, query="<img") == ["<img src=x onerror=alert(1)>"]
    assert names(shop, query='"a.*b("') == ["a.*b("]
    assert names(shop, query="a.*z") == []


def test_an_empty_folder_and_one_that_is_gone_list_nothing(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    assert names(shop) == [] and names(shop, query="x") == []
    shop.folder.rmdir()
    assert names(shop) == []


def test_an_unreachable_database_still_lists_its_files(toolkit: Toolkit) -> None:
    shop = toolkit.connect("postgres://app@127.0.0.1:1/shop?sslmode=disable")
    shop.new("users", "CREATE TABLE users (id int);", "DROP TABLE users;")
    assert names(shop, table="users") == ["users"] and names(shop, query="create") == ["users"]
    report = shop.status()
    assert not report["reachable"] and report["total"] == 1


def test_twins_are_both_listed(shop: Shop) -> None:
    shop.write("20260104000000_twin.sql", "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n")
    assert names(shop, query="flag:duplicate") == ["add_items", "twin"]


def test_a_word_far_down_in_a_long_file_is_found(shop: Shop) -> None:
    filler = "-- filler\n" * 60_000
    shop.write(
        "20260105000000_long.sql", f"-- migrate:up\n{filler}SELECT 'needle';\n-- migrate:down\nSELECT 1;\n"
    )
    assert names(shop, query="needle") == ["long"]
