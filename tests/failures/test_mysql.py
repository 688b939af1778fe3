"""MySQL commits each change of the schema: a file that fails in its middle leaves what ran before. On a real MariaDB."""

from __future__ import annotations

import pytest

from tests.kit import ChannelFailed, Shop, Toolkit

from .kit import counts_of, fails, open_ways, recommended, schema_of, states, ways

UP = """\
CREATE TABLE orders (id int PRIMARY KEY, note varchar(20));
INSERT INTO users (id, name) VALUES (7, 'Ada'), (8, 'Bob');
ALTER TABLE users ADD COLUMN nick varchar(20);
CREATE INDEX users_nick ON users (nick);
ALTER TABLE missing ADD COLUMN x int;
UPDATE users SET nick = name;
"""
DOWN = """\
DROP INDEX users_nick ON users;
ALTER TABLE users DROP COLUMN nick;
DELETE FROM users WHERE id IN (7, 8);
DROP TABLE orders;
"""


@pytest.fixture
def shop(toolkit: Toolkit, mysql_url: str) -> Shop:
    """A table of one user, and a file that fails at its fifth statement."""
    shop = toolkit.connect(mysql_url)
    shop.new(
        "users",
        "CREATE TABLE users (id int PRIMARY KEY, name varchar(20));\nINSERT INTO users VALUES (1, 'Eve');",
        "DROP TABLE users;",
    )
    shop.up()
    return shop


def test_what_landed_is_named_and_each_way_leads_where_it_says(shop: Shop) -> None:
    before = schema_of(shop)
    version = shop.new("grow", UP, DOWN)["version"]
    fails(shop)
    shown = shop.call("failure:show", version=version)
    assert shown["partial"] and states(shown) == ["landed"] * 4 + ["not_landed"] * 2
    assert [one["failed_here"] for one in shown["statements"]].index(True) == 4
    assert shown["statements"][4]["line"] == 6
    assert {"+ table orders", "+ column users.nick", "+ index users.users_nick"} <= set(shown["objects"])
    assert shown["rows"] == [{"table": "users", "before": 1, "after": 3}]
    assert open_ways(shown) == {"run_remainder", "clean_up", "mark_applied"}
    assert recommended(shown) == "clean_up"
    assert "would meet" in ways(shown)["retry"]["reason"]
    (listed,) = shop.call("failure:list")["failures"]
    assert listed["partial"] and listed["ways"] == []

    cleaned = shop.agree("failure:resolve", version=version, way="clean_up")
    assert cleaned["ok"] and cleaned["left"] == []
    assert schema_of(shop) == before and counts_of(shop, "users") == {"users": 1}
    assert shop.flags()["grow"] == [] and shop.statuses()["grow"] == "failed"
    again = shop.call("failure:show", version=version)
    assert not again["partial"] and "retry" in open_ways(again)

    fails(shop)
    shop.call(
        "migration:update", version=version, up=UP.replace("missing ADD COLUMN x", "orders ADD COLUMN x")
    )
    mended = shop.call("failure:show", version=version)
    assert ways(mended)["run_remainder"]["statements"] == [
        "ALTER TABLE orders ADD COLUMN x int",
        "UPDATE users SET nick = name",
    ]
    done = shop.agree("failure:resolve", version=version, way="run_remainder")
    assert done["ok"] and done["status"] == "applied" and done["left"] == []
    assert shop.statuses()["grow"] == "applied" and shop.flags()["grow"] == []
    assert counts_of(shop, "users") == {"users": 3}
    assert shop.call("failure:list")["failures"] == []


def test_a_down_that_stays_half_done_is_brought_to_an_end_or_back(shop: Shop) -> None:
    version = shop.new(
        "grow",
        "CREATE TABLE orders (id int PRIMARY KEY);\nALTER TABLE users ADD COLUMN nick varchar(20);",
        "ALTER TABLE users DROP COLUMN nick;\nDROP TABLE missing;\nDROP TABLE orders;",
    )["version"]
    shop.up()
    before = schema_of(shop)
    fails(shop, "migration:down")
    shown = shop.call("failure:show", version=version)
    assert shown["direction"] == "down" and states(shown) == ["landed", "not_landed", "not_landed"]
    assert "partial" in shop.flags()["grow"] and shop.statuses()["grow"] == "applied"
    assert open_ways(shown) == {"run_remainder", "clean_up", "mark_not_applied"}
    shop.agree("failure:resolve", version=version, way="clean_up")
    assert schema_of(shop) == before and shop.flags()["grow"] == []

    fails(shop, "migration:down")
    content = shop.call("migration:read", version=version)["down"].replace("DROP TABLE missing;\n", "")
    shop.call("migration:update", version=version, down=content)
    done = shop.agree("failure:resolve", version=version, way="run_remainder")
    assert done["status"] == "rolled_back" and shop.statuses()["grow"] == "pending"
    assert shop.tables() == {"users"} and shop.call("failure:list")["failures"] == []


def test_what_somebody_else_changed_since_is_not_undone(shop: Shop) -> None:
    version = shop.new("grow", UP, DOWN)["version"]
    fails(shop)
    shop.new("other", "ALTER TABLE orders ADD COLUMN mine int;", "ALTER TABLE orders DROP COLUMN mine;")
    shop.up(versions=[shop.status()["migrations"][-1]["version"]])
    shown = shop.call("failure:show", version=version)
    assert shown["partial"] and "changed by something else" in ways(shown)["clean_up"]["reason"]
    with pytest.raises(ChannelFailed) as refused:
        shop.agree("failure:resolve", version=version, way="clean_up")
    assert refused.value.code == "invalid_request" and "orders" in shop.tables()


def test_when_all_of_it_landed_only_the_record_is_missing(shop: Shop) -> None:
    """As after a kill between the last statement and the version's row."""
    version = shop.new(
        "two", "CREATE TABLE a (id int);\nCREATE TABLE b (id int);\nINSERT INTO gone VALUES (1);", ""
    )["version"]
    fails(shop)
    shop.call("migration:update", version=version, up="CREATE TABLE a (id int);\nCREATE TABLE b (id int);")
    shown = shop.call("failure:show", version=version)
    assert "no more statements" in ways(shown)["run_remainder"]["reason"]
    shop.agree("failure:resolve", version=version, way="mark_applied")
    assert shop.statuses()["two"] == "applied" and shop.flags()["two"] == []
