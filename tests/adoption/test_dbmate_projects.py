"""dbmate projects opened in place: everything is listed with what is odd about it, what can run runs, nothing is moved."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from backend.drivers import tools
from tests.adoption.projects import ORDERS, USERS, build, tree
from tests.kit import ChannelFailed, Shop, Toolkit

ENV = "DATABASE_URL=sqlite:db/shop.db\n"
TWO: dict[str, str | bytes] = {
    "db/migrations/20240101000000_users.sql": USERS,
    "db/migrations/20240102000000_orders.sql": ORDERS,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "my project"


def bare_status(root: Path) -> str:
    said = subprocess.run([tools.dbmate_path(), "status"], cwd=root, capture_output=True, text=True, env={})
    assert said.returncode == 0, said.stderr
    return said.stdout


def test_a_plain_project_runs_in_place(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV, "README.md": "hi", "app/main.go": "package main", **TWO})
    before = tree(root)
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert (inspected["tool"], inspected["engine"], inspected["files"]) == ("dbmate", "sqlite", 2)
    assert inspected["migrations_dirs"] == [str(root / "db" / "migrations")] and inspected["warnings"] == []
    assert inspected["url"] == "sqlite:db/shop.db" and inspected["url_source"] == "DATABASE_URL in .env"
    assert inspected["suggested_name"] == "my project"
    shop = toolkit.adopt(root)
    assert shop.connection["adopted"] and shop.connection["folder"] == str(root)
    assert shop.statuses() == {"users": "pending", "orders": "pending"}
    assert tree(root) == before, "looking writes nothing"
    assert shop.up()["ok"]
    assert tree(root, without=("db/shop.db", "db/schema.sql")) == before
    assert "CREATE TABLE" in (root / "db" / "schema.sql").read_text()
    assert "Applied: 2" in bare_status(root)
    assert shop.down()["ok"] and "Pending: 1" in bare_status(root)


def test_every_env_that_dbmate_reads(toolkit: Toolkit, root: Path) -> None:
    build(root, TWO)
    for text in (
        "export DATABASE_URL='sqlite:db/shop.db'",
        '# settings\nNAME=shop\nDATABASE_URL="sqlite:db/${NAME}.db" # the database\n',
        "OTHER=1\r\nDATABASE_URL=sqlite:db/shop.db\r\nLAST=2\r\n",
        "DATABASE_URL: sqlite:db/shop.db\n",
        "\ufeffDATABASE_URL=sqlite:db/shop.db\n",
    ):
        (root / ".env").write_bytes(text.encode())
        inspected = toolkit.call("connection:inspect-folder", path=str(root))
        assert (inspected["url"], inspected["warnings"]) == ("sqlite:db/shop.db", []), text


def test_several_folders_and_everything_elsewhere(toolkit: Toolkit, root: Path) -> None:
    build(root, {
        ".env": "DATABASE_URL=sqlite:data.db\nDBMATE_MIGRATIONS_DIR=./core/sql, ./shop/sql\n"
        "DBMATE_MIGRATIONS_TABLE=versions\nDBMATE_SCHEMA_FILE=./out/structure.sql\nDBMATE_STRICT=true\n",
        "core/sql/001_users.sql": USERS, "shop/sql/002_orders.sql": ORDERS, "shop/sql/notes.txt": "x",
    })  # fmt: skip
    before = tree(root)
    shop = toolkit.adopt(root, name="Both")
    assert [Path(one).relative_to(root).as_posix() for one in shop.connection["migrations_dirs"]] == [
        "core/sql",
        "shop/sql",
    ]
    assert shop.connection["migrations_table"] == "versions"
    assert shop.connection["schema_file"] == str(root / "out" / "structure.sql")
    assert shop.up()["ok"] and shop.tables() == {"users", "orders"}
    assert tree(root, without=("data.db", "out")) == before
    assert (root / "out" / "structure.sql").is_file()
    said = subprocess.run(
        [tools.dbmate_path(), "-d", "core/sql", "-d", "shop/sql", "status"],
        cwd=root,
        capture_output=True,
        text=True,
        env={},
    )
    assert "Applied: 2" in said.stdout, said
    made = shop.new("third", "SELECT 1;", "SELECT 1;")
    assert Path(made["path"]).parent == root / "core" / "sql"


def test_the_migrations_table_in_another_schema(toolkit: Toolkit, root: Path, postgres_url: str) -> None:
    import psycopg

    build(root, {".env": f"DATABASE_URL={postgres_url}\nDBMATE_MIGRATIONS_TABLE=ops.versions\n", **TWO})
    shop = toolkit.adopt(root)
    assert shop.statuses() == {"users": "pending", "orders": "pending"}
    assert shop.up()["ok"] and shop.statuses() == {"users": "applied", "orders": "applied"}
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("SELECT count(*) FROM ops.versions").fetchone() == (2,)
    assert "Applied: 2" in bare_status(root)


@pytest.mark.parametrize("chosen", ["db/migrations", "db", "."])
def test_whichever_of_its_folders_is_chosen(toolkit: Toolkit, root: Path, chosen: str) -> None:
    build(root, {".env": ENV, **TWO})
    shop = toolkit.adopt(root / chosen)
    assert shop.connection["folder"] == str(root) and shop.up()["ok"]
    assert (root / "db" / "shop.db").is_file() and "Applied: 2" in bare_status(root)


def test_without_env_the_url_is_asked_for_and_kept_by_the_app(toolkit: Toolkit, root: Path) -> None:
    build(root, TWO)
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert inspected["url"] is None and inspected["files"] == 2 and "DATABASE_URL" in inspected["warnings"][0]
    with pytest.raises(ChannelFailed, match="DATABASE_URL") as failure:
        toolkit.adopt(root)
    assert failure.value.code == "invalid_request" and failure.value.details["field"] == "url"
    before = tree(root)
    shop = toolkit.adopt(root, url="sqlite:db/own.db")
    assert shop.connection["warnings"] == [] and shop.connection["url"] == "sqlite:db/own.db"
    assert shop.up()["ok"] and (root / "db" / "own.db").is_file()
    assert tree(root, without=("db/own.db", "db/schema.sql")) == before
    with pytest.raises(ChannelFailed):
        toolkit.adopt(root, url="mongodb://127.0.0.1/x")
    assert len(toolkit.call("connection:list")["connections"]) == 1


def test_a_variable_of_the_environment_gives_the_url(
    toolkit: Toolkit, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(root, TWO)
    monkeypatch.setenv("DATABASE_URL", "sqlite:db/from-environment.db")
    assert toolkit.adopt(root).up()["ok"]
    assert (root / "db" / "from-environment.db").is_file()


def test_a_url_with_a_secret_stays_in_the_projects_env(
    toolkit: Toolkit, root: Path, postgres_url: str
) -> None:
    from tests.servers import PASSWORD

    build(root, {".env": f"DATABASE_URL={postgres_url}\nAPI_KEY=key-5512\nPLAIN=text\n", **TWO})
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert ":***@" in inspected["url"] and PASSWORD not in str(inspected)
    shop = toolkit.adopt(root)
    assert PASSWORD not in str(shop.connection) and shop.up()["ok"]
    shown = {one["name"]: one["value"] for one in shop.call("connection:variables")["variables"]}
    assert shown == {"DATABASE_URL": None, "API_KEY": None, "PLAIN": "text"}
    for path in toolkit.home.rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path


def test_several_connections_share_one_folder(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV, **TWO})
    first, second = toolkit.adopt(root, name="Dev"), toolkit.adopt(root, name="Test", url="sqlite:db/test.db")
    assert (first.id, second.id) == ("dev", "test")
    first.up(count=1)
    assert first.statuses() == {"users": "applied", "orders": "pending"}
    assert second.statuses() == {"users": "pending", "orders": "pending"}
    second.up()
    assert first.status()["applied"] == 1 and second.status()["applied"] == 2
    first.call("connection:delete", delete_files=True)
    assert second.status()["applied"] == 2 and (root / "db" / "migrations").is_dir()


def test_odd_files_are_listed_and_the_good_ones_run(toolkit: Toolkit, root: Path) -> None:
    build(root, {
        ".env": ENV,
        "db/migrations/001_users.sql": USERS,
        "db/migrations/002_no_down.sql": "-- migrate:up\nCREATE TABLE nodown (id INTEGER);\n",
        "db/migrations/20240101-add-orders.sql.sql": ORDERS,
        "db/migrations/20240103000000_bom.sql": b"\xef\xbb\xbf" + USERS.encode(),
        "db/migrations/20240104000000_empty_down.sql": "-- migrate:up\nCREATE TABLE e (id INTEGER);\n-- migrate:down\n",
        "db/migrations/20240105000000_comment_only.sql": "-- migrate:up\n-- nothing yet\n-- migrate:down\n-- nothing\n",
        "db/migrations/20240106000000_crlf.sql": USERS.replace("users", "crlf").replace("\n", "\r\n"),
        "db/migrations/20240107000000_indented.sql": "  -- migrate:up\n  CREATE TABLE i (id INTEGER);\n  -- migrate:down\n",
        "db/migrations/seed_data.sql": "INSERT INTO users VALUES (1);",
        "db/migrations/old/000_ancient.sql": USERS,
    })  # fmt: skip
    before = tree(root)
    shop = toolkit.adopt(root)
    flags = shop.flags()
    assert list(flags) == [
        "users", "no_down", "add-orders", "bom", "empty_down", "comment_only", "crlf", "indented",
    ]  # fmt: skip
    assert {name for name, found in flags.items() if "invalid" in found} == {"no_down", "bom", "indented"}
    downs = {one["name"]: one["has_down"] for one in shop.status()["migrations"]}
    assert not downs["empty_down"] and not downs["comment_only"] and downs["crlf"]
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert (
        failure.value.code == "migration_invalid"
        and "002_no_down.sql" in str(failure.value.details) + failure.value.message
    )
    assert shop.tables() == set()
    good = [one["filename"] for one in shop.status()["migrations"] if "invalid" not in one["flags"]]
    assert shop.up(versions=good)["ok"]
    assert shop.tables() == {"users", "orders", "e", "crlf"}
    assert tree(root, without=("db/shop.db", "db/schema.sql")) == before


def test_a_pasted_dump_as_the_first_file(toolkit: Toolkit, root: Path, postgres_url: str) -> None:
    dump = (
        "-- migrate:up\n--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\nSET client_encoding = 'UTF8';\n"
        "SELECT pg_catalog.set_config('search_path', '', false);\nCREATE TABLE public.users (id integer);\n"
        "\n-- migrate:down\nDROP TABLE public.users;\n"
    )
    build(root, {".env": f"DATABASE_URL={postgres_url}\n", "db/migrations/20240101000000_dump.sql": dump})
    before = tree(root)
    shop = toolkit.adopt(root)
    run = shop.toolkit.envelope("migration:up", connection=shop.id)
    # It empties search_path under dbmate's own insert: dbmate may refuse; whatever it did is told as it is.
    applied = shop.statuses() == {"dump": "applied"}
    assert run["ok"] == applied and (applied or run["error"]["code"] == "migration_failed")
    assert tree(root, without=("db/schema.sql",)) == before


def test_delimiter_files_are_named(toolkit: Toolkit, root: Path, mysql_url: str) -> None:
    text = "-- migrate:up\nDELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; END //\nDELIMITER ;\n" + (
        "-- migrate:down\nDROP PROCEDURE p;\n"
    )
    build(root, {".env": f"DATABASE_URL={mysql_url}\n", "db/migrations/001_p.sql": text})
    assert (
        toolkit.call("migration:detect-type", path=str(root / "db/migrations/001_p.sql"))["engine"] == "mysql"
    )
    shop = toolkit.adopt(root)
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code in {"migration_failed", "migration_invalid"}
    assert shop.status()["applied"] == 0


def test_folders_that_are_named_and_missing(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV + "DBMATE_MIGRATIONS_DIR=./nowhere\n", **TWO})
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert inspected["files"] == 0 and "nowhere" in inspected["warnings"][0]
    assert toolkit.adopt(root).status()["total"] == 0


def test_an_env_that_cannot_be_read_is_a_warning(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV.encode("utf-16"), **TWO})
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert inspected["files"] == 2 and "not UTF-8" in inspected["warnings"][0]
    build(root, {".env": "DATABASE_URL=oracle://h/x\n"})
    assert "oracle" in toolkit.call("connection:inspect-folder", path=str(root))["warnings"][0]


def test_a_folder_without_migrations(toolkit: Toolkit, tmp_path: Path) -> None:
    empty = tmp_path / "a" / "b" / "empty"
    empty.mkdir(parents=True)
    assert toolkit.call("connection:inspect-folder", path=str(empty))["tool"] is None
    with pytest.raises(ChannelFailed, match="no dbmate or migrate-mongo") as failure:
        toolkit.adopt(empty)
    assert failure.value.code == "not_found" and failure.value.hint


@pytest.mark.parametrize(
    "more", [{"name": "x" * 101}, {"name": "a\0b"}, {"color": "red"}, {"url": "nonsense"}]
)
def test_what_is_wrong_with_the_request_leaves_no_connection(
    toolkit: Toolkit, root: Path, more: dict[str, str]
) -> None:
    build(root, {".env": ENV, **TWO})
    with pytest.raises(ChannelFailed) as failure:
        toolkit.adopt(root, **more)
    assert failure.value.code in {"invalid_request", "invalid_url"}
    assert toolkit.call("connection:list")["connections"] == []


def test_the_project_moved_away_is_said(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV, **TWO})
    shop = toolkit.adopt(root)
    root.rename(root.with_name("elsewhere"))
    (listed,) = toolkit.call("connection:list")["connections"]
    assert any(str(root) in warning for warning in listed["warnings"])
    with pytest.raises(ChannelFailed) as failure:
        shop.up()
    assert failure.value.code != "internal_error" and failure.value.hint
    assert not root.exists(), "nothing is made in its place"


def test_forgetting_a_project_leaves_it_as_it_is(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV, **TWO})
    before = tree(root)
    toolkit.adopt(root).call("connection:delete", delete_files=True)
    assert tree(root) == before and toolkit.call("connection:list")["connections"] == []


@pytest.mark.parametrize(
    ("name", "content", "engine"),
    [
        ("001_a.sql", "-- migrate:up\nCREATE TABLE a (id BIGSERIAL, d JSONB);\n-- migrate:down\n", "postgres"),
        ("001_a.sql", "-- migrate:up\nCREATE TABLE a (id INT AUTO_INCREMENT) ENGINE=InnoDB;\n-- migrate:down\n", "mysql"),
        ("001_a.sql", "-- migrate:up\nCREATE TABLE a (d DateTime64) ENGINE = MergeTree;\n-- migrate:down\n", "clickhouse"),
        ("001_a.sql", "-- migrate:up\nCREATE TABLE a (id INTEGER PRIMARY KEY AUTOINCREMENT);\n-- migrate:down\n", "sqlite"),
        ("001_a.sql", "-- migrate:up\n-- JSONB in a comment\nSELECT 'AUTO_INCREMENT';\n-- migrate:down\n", None),
        ("data.db", b"SQLite format 3\0rest", "sqlite"),
        ("20240101000000-a.js", "module.exports = {}", "mongodb"),
        ("20240101000000-a.ts", "export const up = 1", "mongodb"),
        (".env", "DATABASE_URL=mysql://h/x\n", "mysql"),
        (".env.local", "OTHER=1\n", None),
        ("notes.txt", "text", None),
        ("001_a.sql", b"\xff\xfe\0\0", None),
    ],
)  # fmt: skip
def test_the_type_of_a_file(
    toolkit: Toolkit, tmp_path: Path, name: str, content: str | bytes, engine: str | None
) -> None:
    build(tmp_path / "alone" / "in" / "here", {name: content})
    found = toolkit.call("migration:detect-type", path=str(tmp_path / "alone" / "in" / "here" / name))
    assert found["engine"] == engine and found["reason"]


@pytest.mark.parametrize(
    ("url", "engine", "tool"),
    [
        ("postgres://h/x", "postgres", "dbmate"), ("postgresql://h/x", "postgres", "dbmate"),
        ("mysql://h/x", "mysql", "dbmate"),
        ("mariadb://h/x", "mysql", "dbmate"), ("sqlite:x.db", "sqlite", "dbmate"), ("clickhouse://h/x", "clickhouse", "dbmate"),
        ("bigquery://p/l/d", "bigquery", "dbmate"), ("mongodb+srv://h/x", "mongodb", "migrate-mongo"),
    ],
)  # fmt: skip
def test_the_type_of_a_url(toolkit: Toolkit, url: str, engine: str, tool: str) -> None:
    found = toolkit.call("migration:detect-type", url=url)
    assert (found["engine"], found["tool"]) == (engine, tool) and found["reason"]


def test_the_type_of_a_folder_and_of_a_connection(toolkit: Toolkit, root: Path) -> None:
    build(root, {".env": ENV, **TWO})
    assert toolkit.call("migration:detect-type", path=str(root))["engine"] == "sqlite"
    (root / ".env").unlink()
    build(
        root,
        {"db/migrations/20240103000000_c.sql": "-- migrate:up\nCREATE TABLE c (d JSONB);\n-- migrate:down\n"},
    )
    found = toolkit.call("migration:detect-type", path=str(root))
    assert (found["engine"], found["tool"]) == ("postgres", "dbmate") and "JSONB" in found["reason"]
    shop: Shop = toolkit.connect("sqlite:a.db")
    assert toolkit.call("migration:detect-type", connection=shop.id)["engine"] == "sqlite"
    for wrong in ({}, {"url": "sqlite:a.db", "path": str(root)}):
        with pytest.raises(ChannelFailed):
            toolkit.call("migration:detect-type", **wrong)
