"""migrate-mongo projects opened in place: CommonJS, ES modules, TypeScript, their own packages, their own .env."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.adoption.projects import build, tree
from tests.kit import ChannelFailed, Toolkit

CONFIG = """
module.exports = {
  mongodb: { url: %s, databaseName: %s, options: {} },
  migrationsDir: "migrations", changelogCollectionName: "changelog", migrationFileExtension: "%s",
};
"""
USERS = """module.exports = {
  async up(db) { await db.createCollection("users"); },
  async down(db) { await db.collection("users").drop(); },
};
"""
USERS_ESM = """export const up = async (db) => { await db.createCollection("users"); };
export const down = async (db) => { await db.collection("users").drop(); };
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "shop-service"


def config(url: str, extension: str = ".js", database: str | None = None) -> str:
    return CONFIG % (repr(url), repr(database) if database else "undefined", extension)


def server_and_name(url: str) -> tuple[str, str]:
    """The URL without its database, and the database."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{query}", parts.path.strip("/")


def test_a_commonjs_project_runs_in_place(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {
        "migrate-mongo-config.js": config(mongodb_url), "package.json": "{}", "src/index.js": "// app",
        "migrations/20240101000000-users.js": USERS,
    })  # fmt: skip
    before = tree(root)
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert (inspected["tool"], inspected["engine"], inspected["files"]) == ("migrate-mongo", "mongodb", 1)
    assert inspected["url_source"] == "migrate-mongo-config.js" and inspected["warnings"] == []
    shop = toolkit.adopt(root)
    assert shop.statuses() == {"users": "pending"} and shop.up()["ok"] and shop.tables() >= {"users"}
    assert shop.down()["ok"] and shop.statuses() == {"users": "pending"}
    assert tree(root) == before


def test_the_name_of_the_database_apart_from_the_url(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    server, name = server_and_name(mongodb_url)
    build(root, {
        "migrate-mongo-config.js": config(server, database=name), "migrations/20240101000000-users.js": USERS,
    })  # fmt: skip
    shop = toolkit.adopt(root)
    assert shop.connection["database"] == name and shop.up()["ok"] and "users" in shop.tables()


def test_the_url_from_a_variable_of_env(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    text = "module.exports = { mongodb: { url: process.env.MONGO_URL }, " + (
        "migrationsDir: 'db/scripts', changelogCollectionName: 'done' };"
    )
    build(root, {
        "migrate-mongo-config.js": text, ".env": f"MONGO_URL={mongodb_url}\n", "db/scripts/20240101000000-users.js": USERS,
    })  # fmt: skip
    before = tree(root)
    shop = toolkit.adopt(root)
    assert shop.connection["migrations_dir"] == str(root / "db" / "scripts")
    assert shop.connection["migrations_table"] == "done"
    assert shop.up()["ok"] and "users" in shop.tables()
    assert tree(root) == before
    build(root, {".env": "OTHER=1\n"})
    assert toolkit.call("migration:status", connection=shop.id)["reachable"] is False
    warned = toolkit.call("connection:inspect-folder", path=str(root))["warnings"]
    assert any("URL" in one for one in warned)
    shop.call("connection:set-variable", name="MONGO_URL", value=mongodb_url, secret=True)
    assert shop.status()["applied"] == 1, "a variable of the connection's own serves the config too"


def test_es_modules_and_mjs(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {
        "package.json": '{"type": "module"}',
        "migrate-mongo-config.js": config(mongodb_url).replace("module.exports =", "export default").replace(
            "changelogCollectionName", "moduleSystem: 'esm', changelogCollectionName"
        ),
        "migrations/20240101000000-users.js": USERS_ESM,
    })  # fmt: skip
    shop = toolkit.adopt(root)
    assert shop.up()["ok"] and shop.down()["ok"]
    made = shop.new(
        "more", "    await db.createCollection('more');", "    await db.collection('more').drop();"
    )
    assert "export async function up" in Path(made["path"]).read_text() and shop.up()["ok"]


def test_typescript(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    typed = USERS_ESM.replace("(db)", "(db: any): Promise<void>").replace("async (", "async (", 1)
    build(root, {
        "migrate-mongo-config.js": config(mongodb_url, ".ts"), "migrations/20240101000000-users.ts": typed,
        "migrations/20240101000001-ignored.js": USERS,
    })  # fmt: skip
    shop = toolkit.adopt(root)
    assert shop.statuses() == {"users": "pending"} and shop.up()["ok"] and shop.down()["ok"]


def test_the_projects_own_packages_and_code(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {
        "migrate-mongo-config.js": "require('dotenv').config();\n" + config(mongodb_url),
        "node_modules/dotenv/package.json": '{"name": "dotenv", "main": "index.js"}',
        "node_modules/dotenv/index.js": "exports.config = () => ({});",
        "node_modules/names/index.js": "module.exports = 'users';", "src/collections.js": "module.exports = require('names');",
        "migrations/20240101000000-users.js":
            "const name = require('../src/collections');\n" + USERS.replace('"users"', "name"),
    })  # fmt: skip
    before = tree(root)
    shop = toolkit.adopt(root)
    assert shop.up()["ok"] and "users" in shop.tables() and tree(root) == before


def test_a_package_that_is_missing_is_named_with_the_way_out(
    toolkit: Toolkit, root: Path, mongodb_url: str
) -> None:
    build(root, {
        "migrate-mongo-config.js": "require('left-padder');\n" + config(mongodb_url),
        "migrations/20240101000000-users.js": USERS,
    })  # fmt: skip
    inspected = toolkit.call("connection:inspect-folder", path=str(root))
    assert inspected["files"] == 1 and any("left-padder" in one for one in inspected["warnings"])
    shop = toolkit.adopt(root)
    assert any("left-padder" in one for one in shop.connection["warnings"])
    problem = shop.status()["problem"]
    assert "left-padder" in problem["message"] and "npm install" in problem["hint"]
    build(root, {"node_modules/left-padder/index.js": ""})
    assert shop.up()["ok"], "once it is there, the project works without being adopted again"
    assert not any(
        "left-padder" in one for one in toolkit.call("connection:get", connection=shop.id)["warnings"]
    )


def test_a_package_missing_in_a_migration_stops_only_that_one(
    toolkit: Toolkit, root: Path, mongodb_url: str
) -> None:
    build(root, {
        "migrate-mongo-config.js": config(mongodb_url), "migrations/20240101000000-users.js": USERS,
        "migrations/20240102000000-lib.js": "const x = require('left-padder');\n" + USERS.replace("users", "lib"),
    })  # fmt: skip
    shop = toolkit.adopt(root)
    with pytest.raises(ChannelFailed, match="left-padder") as failure:
        shop.up()
    assert "npm install left-padder" in str(failure.value.hint) + str(failure.value.details)
    assert shop.statuses() == {"users": "applied", "lib": "failed"}
    build(root, {"node_modules/left-padder/index.js": ""})
    assert shop.agree("migration:retry")["ok"] and shop.statuses()["lib"] == "applied"


def test_a_file_without_down_is_valid_and_cannot_be_rolled_back(
    toolkit: Toolkit, root: Path, mongodb_url: str
) -> None:
    build(root, {
        "migrate-mongo-config.js": config(mongodb_url),
        "migrations/20240101000000-users.js": 'module.exports = { async up(db) { await db.createCollection("users"); } };',
    })  # fmt: skip
    shop = toolkit.adopt(root)
    (one,) = shop.status()["migrations"]
    assert one["flags"] == [] and one["has_down"] is False and shop.up()["ok"]
    with pytest.raises(ChannelFailed, match="down") as failure:
        shop.down()
    assert failure.value.code == "migration_invalid" and shop.status()["applied"] == 1


def test_a_folder_of_scripts_without_a_config(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {"migrations/20240101000000-users.js": USERS, "package.json": "{}"})
    before = tree(root)
    assert "migrate-mongo-config" in toolkit.call("connection:inspect-folder", path=str(root))["warnings"][0]
    shop = toolkit.adopt(root, url=mongodb_url)
    assert shop.up()["ok"] and tree(root) == before


def test_the_migrations_folder_itself_is_chosen(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {"migrate-mongo-config.js": config(mongodb_url), "migrations/20240101000000-users.js": USERS})
    shop = toolkit.adopt(root / "migrations")
    assert shop.connection["folder"] == str(root) and shop.up()["ok"]


def test_the_type_of_a_folder(toolkit: Toolkit, root: Path) -> None:
    build(
        root,
        {
            "migrate-mongo-config.js": config("mongodb://127.0.0.1:1/x"),
            "migrations/20240101000000-users.js": USERS,
        },
    )
    for path in (root, root / "migrations", root / "migrations" / "20240101000000-users.js"):
        found = toolkit.call("migration:detect-type", path=str(path))
        assert (found["engine"], found["tool"]) == ("mongodb", "migrate-mongo"), path


def test_two_connections_share_one_project(toolkit: Toolkit, root: Path, mongodb_url: str) -> None:
    build(root, {"migrate-mongo-config.js": config(mongodb_url), "migrations/20240101000000-users.js": USERS})
    first = toolkit.adopt(root, name="Dev")
    second = toolkit.adopt(root, name="Other", url=mongodb_url.replace("/t_", "/o_"))
    assert first.up()["ok"]
    assert (first.statuses(), second.statuses()) == ({"users": "applied"}, {"users": "pending"})
    second.agree("database:drop")
