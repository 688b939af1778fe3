# ruff: noqa: E501, SIM905 (files and words as they are written)
"""preview:show on real databases: what it says of a file is what is so, and what it cannot know it says it does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.kit import ChannelFailed, Shop, Toolkit

STORY = """-- migrate:up
CREATE TABLE tags (id integer PRIMARY KEY, name varchar(40)); -- DROP TABLE orders;
/* DELETE FROM orders; */
ALTER TABLE orders
  ADD COLUMN mark integer;
UPDATE orders SET note = 'DROP TABLE; orders' WHERE total > 5;
DELETE FROM orders WHERE note = 'a';
INSERT INTO tags (id, name) VALUES (1, 'DELETE FROM orders');
INSERT INTO tags (id, name) VALUES (2, 'two'), (3, 'three');
CREATE INDEX orders_total ON orders (total);
ALTER TABLE orders DROP COLUMN old;
DROP TABLE gone;
-- migrate:down
DROP TABLE tags;
"""
SEED = (
    "CREATE TABLE orders (id integer PRIMARY KEY, note varchar(40), old varchar(40), total integer);"
    "INSERT INTO orders VALUES (1, 'a', 'x', 1), (2, 'b', NULL, 6), (3, 'a', 'y', 7), (4, NULL, NULL, 8);"
    "CREATE TABLE gone (id integer PRIMARY KEY); INSERT INTO gone VALUES (1), (2), (3);"
)


def _seeded(toolkit: Toolkit, url: str, seed: str = SEED) -> Shop:
    shop = toolkit.connect(url)
    for number, one in enumerate(seed.split(";")):
        if one.strip():
            shop.write(
                f"2024010100{number:04}_seed.sql", f"-- migrate:up\n{one};\n-- migrate:down\nSELECT 1;\n"
            )
    shop.up()
    return shop


def _file(shop: Shop, content: str, name: str = "20250101000000_next.sql", **more: Any) -> dict[str, Any]:
    shop.write(name, content)
    (file,) = shop.call("preview:show", versions=[name], **more)["files"]
    found: dict[str, Any] = file
    return found


@pytest.mark.parametrize("url", ["sqlite_url", "postgres_url", "mysql_url"])
def test_a_file_is_told_statement_by_statement(
    toolkit: Toolkit, request: pytest.FixtureRequest, url: str
) -> None:
    shop = _seeded(toolkit, request.getfixturevalue(url))
    shop.write("20250101000000_next.sql", STORY)
    preview = shop.call("preview:show")
    (file,) = preview["files"]
    told = file["statements"]
    assert [(one["kind"], one["line"], one["end_line"]) for one in told] == [
        ("CREATE TABLE", 2, 2),
        ("ALTER TABLE … ADD COLUMN", 4, 5),
        ("UPDATE", 6, 6),
        ("DELETE", 7, 7),
        ("INSERT", 8, 9),
        ("CREATE INDEX", 10, 10),
        ("ALTER TABLE … DROP COLUMN", 11, 11),
        ("DROP TABLE", 12, 12),
    ]
    counts = {one["kind"]: (one["added"], one["removed"], one["changed"]) for one in preview["counts"]}
    assert counts["column"] == (1, 1, 0) and counts["index"] == (1, 0, 0)
    assert counts["table"] == (1, 1, 2), "orders and tags have rows changed"
    update, delete, inserts = told[2], told[3], told[4]
    assert (update["rows"]["count"], delete["rows"]["count"]) == (3, 2)
    assert "earlier statement" in delete["rows"]["reason"] and "WHERE note = 'a'" in delete["rows"]["query"]
    assert inserts["statements"] == 2 and "3 rows" in inserts["summary"]
    assert [one["exists"] for statement in told for one in statement["objects"]][:3] == [False, False, True]
    assert {one["code"] for one in told[7]["findings"]} >= {"drop-table"} and told[7]["risk"] in (
        "high",
        "critical",
    )
    down = file["down"]
    assert down["verdict"] == "partly"
    assert "The table tags is removed again" in down["restores"]
    assert any("3 rows of gone" in one for one in down["lost"])
    assert any("2 values of orders.old" in one for one in down["lost"])
    assert any("orders.mark stays" in one for one in down["not_undone"])
    assert any("gone" in one for one in preview["losses"]) and preview["needs_confirmation"]
    assert preview["database_read"] and preview["not_understood"] == 0


def test_rolling_back_tells_the_down_and_what_up_brings_back(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = _seeded(toolkit, sqlite_url)
    shop.write(
        "20250101000000_next.sql",
        "-- migrate:up\nCREATE TABLE t (id integer PRIMARY KEY);\nINSERT INTO t VALUES (1), (2);\n-- migrate:down\nDROP TABLE t;\n",
    )
    shop.up()
    preview = shop.call("preview:show", direction="down")
    (file,) = preview["files"]
    assert [one["summary"] for one in file["statements"]] == ["Drops the table t"]
    assert file["statements"][0]["objects"][0]["exists"] is True
    assert file["down"]["lost"] == ["2 rows of t"] and "The table t is made again" in file["down"]["restores"]
    assert "Table t is dropped with 2 rows." in preview["losses"]
    assert shop.call("preview:show", direction="down", count=2)["files"][1]["filename"].endswith("_seed.sql")


def test_a_batch_knows_what_its_earlier_files_make(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = _seeded(toolkit, sqlite_url)
    shop.write(
        "20250101000000_one.sql",
        "-- migrate:up\nCREATE TABLE t (id integer);\n-- migrate:down\nDROP TABLE t;\n",
    )
    shop.write("20250101000001_two.sql", "-- migrate:up\nDELETE FROM t WHERE id = 1;\n-- migrate:down\n")
    preview = shop.call("preview:show")
    one, two = preview["files"]
    assert one["down"]["verdict"] == "restores"
    assert "made by an earlier statement" in two["statements"][0]["rows"]["reason"]
    assert two["statements"][0]["rows"]["count"] is None
    assert [f["filename"] for f in shop.call("preview:show", to="20250101000000")["files"]] == [
        "20250101000000_one.sql"
    ]


def test_a_text_that_is_not_saved_is_told_as_it_would_be(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = _seeded(toolkit, sqlite_url)
    preview = shop.call("preview:show", content="-- migrate:up\nDROP TABLE gone;\n-- migrate:down\n")
    (file,) = preview["files"]
    assert file["down"]["not_undone"] == ["The table gone does not come back"] and file["down"]["lost"] == [
        "3 rows of gone"
    ]
    assert preview["losses"] == ["Table gone is dropped with 3 rows."]
    with pytest.raises(ChannelFailed) as refused:
        shop.call("preview:show", content="x", count=1)
    assert refused.value.code == "invalid_request"


def test_a_down_that_takes_more_than_up_made_is_never_called_good(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = _seeded(toolkit, sqlite_url)
    file = _file(
        shop, "-- migrate:up\nALTER TABLE gone ADD COLUMN x int;\n-- migrate:down\nDROP TABLE gone;\n"
    )
    assert file["down"]["verdict"] == "partly" and file["down"]["lost"] == ["3 rows of gone"]
    assert file["down"]["not_undone"] == ["Down drops the table gone, which was there before"]
    file = _file(
        shop,
        "-- migrate:up\nDROP VIEW IF EXISTS v;\nCREATE VIEW v AS SELECT 1;\n-- migrate:down\nDROP VIEW v;\n",
        "20250101000001_view.sql",
    )
    assert file["down"]["verdict"] == "restores", "the view was not there"


def test_an_applied_file_can_be_looked_at_and_says_why_it_would_not_run(
    toolkit: Toolkit, sqlite_url: str
) -> None:
    shop = _seeded(toolkit, sqlite_url)
    name = shop.status()["migrations"][0]["filename"]
    preview = shop.call("preview:show", versions=[name])
    assert [one["code"] for one in preview["problems"]] == ["migration_applied"] and len(
        preview["files"]
    ) == 1


@pytest.mark.parametrize("url", ["sqlite_url", "postgres_url"])
def test_a_table_nobody_has_counted_yet_still_gives_a_time(
    toolkit: Toolkit, request: pytest.FixtureRequest, url: str
) -> None:
    shop = _seeded(toolkit, request.getfixturevalue(url))
    index = "-- migrate:up\nCREATE INDEX orders_total ON orders (total);\n-- migrate:down\nDROP INDEX orders_total;\n"
    estimate = _file(shop, index)["estimate"]
    assert estimate["source"] == "size" and estimate["low_ms"] == 1 and estimate["high_ms"] < 5_000
    if url == "sqlite_url":
        assert "no larger than the whole database" in estimate["basis"]
    assert shop.call("preview:show", direction="down", count=3)["estimate"]["low_ms"] is not None


def test_statements_are_called_what_postgresql_calls_them(toolkit: Toolkit, postgres_url: str) -> None:
    shop = _seeded(toolkit, postgres_url)
    content = (
        "-- migrate:up\nALTER TABLE orders ALTER note SET STORAGE PLAIN;\n"
        "CREATE AGGREGATE top (integer) (sfunc = int4larger, stype = integer);\n-- migrate:down\nDROP AGGREGATE top (integer);\n"
    )
    kinds = [one["kind"] for one in _file(shop, content)["statements"]]
    assert kinds == ["ALTER TABLE … SET STORAGE", "CREATE AGGREGATE"]


def test_without_the_database_the_text_still_speaks(toolkit: Toolkit) -> None:
    shop = toolkit.connect("postgres://nobody:secret@127.0.0.1:1/none?sslmode=disable")
    shop.write("20250101000000_next.sql", STORY)
    preview = shop.call("preview:show")
    assert preview["database_read"] is False and preview["database_problem"]
    assert "secret" not in str(preview)
    (file,) = preview["files"]
    by_kind = {one["kind"]: one for one in file["statements"]}
    assert by_kind["CREATE INDEX"]["locks"][0]["mode"] == "SHARE"
    assert by_kind["CREATE INDEX"]["estimate"]["source"] == "unknown"
    assert by_kind["DELETE"]["rows"]["count"] is None and "not read" in by_kind["DELETE"]["rows"]["reason"]
    assert by_kind["DROP TABLE"]["objects"][0]["exists"] is None
    assert file["estimate"]["low_ms"] is None and file["estimate"]["source"] == "unknown"
    assert any("unknown number of rows" in one for one in preview["losses"])


def test_what_is_not_understood_is_never_told_as_harmless(toolkit: Toolkit, postgres_url: str) -> None:
    shop = _seeded(toolkit, postgres_url)
    file = _file(
        shop,
        "-- migrate:up\nFROBNICATE TABLE orders;\nDO $$ BEGIN DELETE FROM orders; END $$;\n"
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $tag$ DELETE FROM orders; DROP TABLE gone; $tag$;\n"
        "-- migrate:down\nDROP FUNCTION f();\n",
    )
    unread, block, function = file["statements"]
    assert not unread["understood"] and unread["locks_unknown"] and unread["estimate"]["source"] == "unknown"
    assert block["locks_unknown"] and block["objects"] == [] and block["estimate"]["source"] == "unknown"
    assert [one["kind"] for one in function["objects"]] == ["function"] and function["rows"] is None
    assert file["down"]["verdict"] == "unknown" and len(file["down"]["unknown"]) == 2


UNSAFE = (
    ("DELETE FROM orders WHERE id = nextval('s')", "nextval"),
    ("DELETE FROM orders WHERE pg_sleep(10) IS NULL", "pg_sleep"),
    ("UPDATE orders SET note = 'x' WHERE random() < 0.5", "rand"),
    ("DELETE FROM orders WHERE public.evil(id)", "evil"),
    ("WITH d AS (DELETE FROM gone RETURNING id) DELETE FROM orders USING d WHERE d.id = orders.id", "writes"),
    ("DELETE FROM orders WHERE id IN (SELECT id FROM gone FOR UPDATE)", "locks"),
)


def test_only_harmless_conditions_are_asked_and_the_rest_says_why(
    toolkit: Toolkit, postgres_url: str
) -> None:
    shop = _seeded(toolkit, postgres_url)
    for sql, why in UNSAFE:
        rows = _file(shop, f"-- migrate:up\n{sql};\n-- migrate:down\n")["statements"][0]["rows"]
        assert rows["count"] is None and why in rows["reason"], sql
    for sql, count in (
        ("DELETE FROM orders", 4),
        ("DELETE FROM orders USING gone WHERE gone.id = orders.id", 3),
        ("UPDATE orders SET note = g.id::text FROM gone g WHERE g.id < orders.id", 3),
        ("DELETE FROM orders WHERE lower(note) = 'a' AND id BETWEEN 1 AND 2", 1),
        ("DELETE FROM orders o WHERE NOT EXISTS (SELECT 1 FROM gone WHERE gone.id = o.id)", 1),
        ("WITH x AS (SELECT 2 AS id) UPDATE orders SET total = 1 FROM x WHERE x.id = orders.id", 1),
        ("UPDATE orders SET total = 1 WHERE note = 'it''s -- ; not %s' OR id = 4", 1),
        ("TRUNCATE orders", 4),
    ):  # fmt: skip
        rows = _file(shop, f"-- migrate:up\n{sql};\n-- migrate:down\n")["statements"][0]["rows"]
        assert rows["count"] == count, (sql, rows)
    missing = _file(shop, "-- migrate:up\nDELETE FROM orders WHERE nope = 1;\n-- migrate:down\n")
    assert "did not count" in missing["statements"][0]["rows"]["reason"]


def test_clickhouse_counts_what_a_mutation_matches(toolkit: Toolkit, clickhouse_url: str) -> None:
    shop = _seeded(
        toolkit,
        clickhouse_url,
        "CREATE TABLE events (id Int32, kind String) ENGINE = MergeTree ORDER BY id;"
        "INSERT INTO events VALUES (1, 'a'), (2, 'b'), (3, 'b')",
    )
    file = _file(
        shop,
        "-- migrate:up\nALTER TABLE events DELETE WHERE kind = 'b' SETTINGS mutations_sync = 1;\n-- migrate:down\n",
    )
    (told,) = file["statements"]
    assert told["rows"]["count"] == 2 and [one["blocks"] for one in told["locks"]] == [[]]
    assert file["down"]["lost"] == ["The rows deleted from events: 2 match now"]


def test_mongodb_calls_are_told_and_literal_filters_counted(toolkit: Toolkit, mongodb_url: str) -> None:
    shop = toolkit.connect(mongodb_url)
    shop.write(
        "20240101000000-seed.js",
        "module.exports = { async up(db) { await db.collection('users').insertMany("
        "[{ a: 1, when: new Date('2020-01-01') }, { a: 2 }, { a: 3 }]); }, async down(db) {} };",
    )
    shop.up()
    text = """// db.collection('users').drop()
module.exports = {
  async up(db, client) {
    await db.createCollection('posts');
    await db.collection('users').createIndex({ a: 1 });
    await db.collection('users').deleteMany({ a: { $gte: 2 } });
    await db.collection('users').updateMany({ when: { $lt: new Date('2021-01-01') } }, { $set: { note: 'drop()' } });
    await db.collection('users').deleteMany({ $where: 'sleep(1000)' });
    await db.collection('users').deleteMany({ a: process.env.A });
    for (const name of ['x']) await db.collection(name).deleteMany({});
  },
  async down(db) {
    await db.collection('posts').drop();
    await db.collection('users').dropIndex('a_1');
  },
};
"""
    shop.write("20250101000000-next.js", text)
    preview = shop.call("preview:show")
    (file,) = preview["files"]
    told = file["statements"]
    assert [one["kind"] for one in told[:3]] == [
        "db.createCollection",
        "db.users.createIndex",
        "db.users.deleteMany",
    ]
    assert [one["rows"] and one["rows"]["count"] for one in told] == [None, None, 2, 1, None, None, None]
    assert "JavaScript" in told[4]["rows"]["reason"] and "when it runs" in told[5]["rows"]["reason"]
    assert {one["mode"] for one in told[1]["locks"]} == {"exclusive", "intent exclusive"}
    assert told[6]["locks_unknown"] and told[6]["estimate"]["source"] == "unknown"
    assert {"The collection posts is removed again", "The index a_1 of users is removed again"} <= set(
        file["down"]["restores"]
    )
    assert any("deleted from users: 2 match now" in one for one in file["down"]["lost"])


def test_past_runs_of_a_kind_give_the_range(toolkit: Toolkit, sqlite_url: str) -> None:
    shop = toolkit.connect(sqlite_url)
    for number in range(6):
        shop.write(
            f"2024010100000{number}_t.sql",
            f"-- migrate:up\nCREATE TABLE t{number} (id integer);\n-- migrate:down\nDROP TABLE t{number};\n",
        )
    file = _file(shop, "-- migrate:up\nCREATE TABLE u (id integer);\n-- migrate:down\nDROP TABLE u;\n")
    assert file["estimate"]["source"] == "constant"
    shop.up(to="20240101000005")
    file = _file(shop, "-- migrate:up\nCREATE TABLE u (id integer);\n-- migrate:down\nDROP TABLE u;\n")
    estimate = file["statements"][0]["estimate"]
    assert estimate["source"] == "history" and "6 earlier files" in estimate["basis"]
    assert estimate["low_ms"] <= estimate["high_ms"]


def test_a_large_file_of_inserts_is_one_line_with_a_count(toolkit: Toolkit, postgres_url: str) -> None:
    shop = _seeded(toolkit, postgres_url)
    rows = "\n".join(f"INSERT INTO gone (id) VALUES ({number}); -- {'x' * 30}" for number in range(28_000))
    file = _file(shop, f"-- migrate:up\n{rows}\n-- migrate:down\nDELETE FROM gone WHERE id > 3;\n")
    (told,) = file["statements"]
    assert told["statements"] == 28_000 and "28,000 rows" in told["summary"]
    many = "\n".join(f"ALTER TABLE gone ADD COLUMN c{number} int;" for number in range(1_200))
    file = _file(shop, f"-- migrate:up\n{many}\n-- migrate:down\n", "20250101000001_many.sql")
    assert len(file["statements"]) == 1000 and file["left_out"] == 200
    assert len(file["down"]["not_undone"]) == 201


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Any]]:
    """Answers a preview of any text, for any engine, without a server."""
    home: Path = tmp_path_factory.mktemp("any")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DB_TOOLKIT_HOME", str(home))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        # The driver would look for the server for five seconds, each time.
        patch.setattr("backend.engines.mongodb.connect.SERVER_SELECTION_TIMEOUT_MS", 1)
        toolkit = Toolkit(home / "home")
        urls = {
            "sqlite": f"sqlite:{home / 'a.db'}",
            "postgres": "postgres://a@127.0.0.1:1/a?sslmode=disable",
            "mysql": "mysql://a@127.0.0.1:1/a",
            "clickhouse": "clickhouse+http://127.0.0.1:1/a",
            "mongodb": "mongodb://127.0.0.1:1/a?serverSelectionTimeoutMS=1",
        }
        shops = {name: toolkit.connect(url, name) for name, url in urls.items()}
        yield lambda engine, text: shops[engine].toolkit.envelope(
            "preview:show", connection=shops[engine].id, content=text
        )
        toolkit.close()


_WORDS = st.sampled_from(
    "ALTER TABLE DROP COLUMN ADD CONSTRAINT UPDATE SET WHERE DELETE FROM INSERT INTO VALUES CREATE INDEX ON ( ) , ; ' \" ` $$ "
    "$tag$ -- /* */ = a b.c 1 NULL orders USING IN SELECT * WITH AS TRUNCATE RENAME TO TYPE int CHECK FOREIGN KEY REFERENCES "
    "CASCADE PARTITION OF ATTACH VACUUM FULL REINDEX CONCURRENTLY LOCK COMMENT IS MERGE MODIFY ENGINE \n await db.collection('x') "
    ".deleteMany({ a: 1 }) .updateMany({}, { $set: {} }) .createIndex({ }) .drop() for if => { } é \U0001f600".split(
        " "
    )
)


@pytest.mark.parametrize("engine", ["sqlite", "postgres", "mysql", "clickhouse", "mongodb"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(_WORDS, max_size=25), noise=st.text(max_size=20))
def test_any_text_gets_an_answer(
    speaker: Callable[[str, str], Any], engine: str, words: list[str], noise: str
) -> None:
    body = " ".join(words) + noise
    text = f"-- migrate:up\n{body}\n-- migrate:down\n{' '.join(reversed(words))}"
    if engine == "mongodb":
        text = f"module.exports = {{ async up(db, client) {{ {body} }}, async down(db) {{ {' '.join(reversed(words))} }} }};"
    answer = speaker(engine, text)
    assert answer["ok"], answer["error"]


def test_a_pragma_that_reads_is_not_told_as_one_that_sets(toolkit: Toolkit, sqlite_url: str) -> None:
    told = {
        "PRAGMA foreign_key_check;": "Reads foreign_key_check; changes nothing",
        "PRAGMA main.foreign_key_check(orders);": "Reads foreign_key_check of orders; changes nothing",
        "PRAGMA user_version;": "Reads user_version; changes nothing",
        "PRAGMA user_version = 7;": "Sets user_version to 7",
        "PRAGMA foreign_keys(0);": "Sets foreign_keys to 0",
        "PRAGMA optimize;": "Reads samples for the planner's statistics where they are old",
    }
    file = _file(_seeded(toolkit, sqlite_url), "-- migrate:up\n" + "\n".join(told) + "\n-- migrate:down\n")
    assert [one["summary"] for one in file["statements"]] == list(told.values())
    assert {one["kind"] for one in file["statements"]} == {"PRAGMA"}
