"""The main job, end to end, on real databases: connect, write a migration, run it, undo it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import psycopg
import pymongo
import pymysql
import pytest
from playwright.sync_api import expect

from tests.ui.conftest import App
from tests.ui.user import User


@dataclass(frozen=True)
class Story:
    """One engine's words for: make a table, put a row into it, drop it."""

    fixture: str
    engine: str
    up: str
    down: str
    migration: str
    """The name that the file's makes of "create users"."""
    tables: Callable[[str], set[str]]
    """The tables that the database itself names."""
    fill: Callable[[str], None]
    """Puts one row into it, so that undoing loses something."""


def _sqlite(url: str, *statements: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(url.removeprefix("sqlite:")) as database:
        return [row for one in statements for row in database.execute(one).fetchall()]


def _postgres(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url, autocommit=True) as database:
        cursor = database.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def _mysql(url: str, statement: str) -> list[tuple[object, ...]]:
    parts = urlsplit(url)
    database = pymysql.connect(
        host=parts.hostname or "",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        autocommit=True,
    )
    with database, database.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _mongodb(url: str, read: bool) -> set[str]:
    with pymongo.MongoClient(url) as client:
        database = client.get_default_database()
        if not read:
            database["users"].insert_one({"email": "ada@example.com"})
        return set(database.list_collection_names())


def _names(rows: list[tuple[object, ...]]) -> set[str]:
    return {str(row[0]) for row in rows}


INSERT = "INSERT INTO users (email) VALUES ('ada@example.com')"
STORIES = [
    Story(
        "sqlite_url",
        "SQLite",
        "CREATE TABLE users (\n  id INTEGER PRIMARY KEY,\n  email TEXT NOT NULL\n);",
        "DROP TABLE users;",
        "create_users",
        lambda url: _names(_sqlite(url, "SELECT name FROM sqlite_schema WHERE type = 'table'")),
        lambda url: void(_sqlite(url, INSERT)),
    ),
    Story(
        "postgres_url",
        "PostgreSQL",
        "CREATE TABLE users (\n  id bigserial PRIMARY KEY,\n  email text NOT NULL\n);",
        "DROP TABLE users;",
        "create_users",
        lambda url: _names(
            _postgres(url, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        ),
        lambda url: void(_postgres(url, INSERT)),
    ),
    Story(
        "mysql_url",
        "MariaDB",
        "CREATE TABLE users (\n  id BIGINT AUTO_INCREMENT PRIMARY KEY,\n  email VARCHAR(200) NOT NULL\n);",
        "DROP TABLE users;",
        "create_users",
        lambda url: _names(_mysql(url, "SHOW TABLES")),
        lambda url: void(_mysql(url, INSERT)),
    ),
    Story(
        "mongodb_url",
        "MongoDB",
        "await db.createCollection('users');\nawait db.collection('users').createIndex({ email: 1 });",
        "await db.collection('users').drop();",
        "create-users",
        lambda url: _mongodb(url, read=True),
        lambda url: void(_mongodb(url, read=False)),
    ),
]


def void(_: object) -> None:
    return None


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.engine)
def test_a_migration_is_written_run_and_undone(
    user: User, app: App, story: Story, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(story.fixture)

    user.page.get_by_role("button", name="Paste a URL").click()
    dialog = user.dialog("New connection")
    dialog.get_by_role("textbox", name="URL").fill(url)
    dialog.get_by_role("textbox", name="Name").fill("shop")
    dialog.get_by_role("button", name="Save shop").click()
    user.sees("No migrations yet")

    user.makes_migration("create users", "shop", story.up, story.down)
    user.press("Save & apply to shop")
    user.runs("Apply 1 to shop")
    user.sees_outcome("shop", "Applied 1")
    assert "users" in story.tables(url)
    assert app.toolkit.call("migration:status", connection="shop")["applied"] == 1

    story.fill(url)
    user.press("Back to the migrations")
    user.sees_row(story.migration, "Applied")
    user.press("Roll back 1 on shop")
    expect(user.dialog()).to_contain_text("users")
    user.runs("Roll back 1 on shop", typing="shop")
    user.sees_outcome("shop", "Rolled back 1")
    user.sees_row(story.migration, "Pending")
    assert "users" not in story.tables(url)
    status = app.toolkit.call("migration:status", connection="shop")
    assert (status["applied"], status["pending"]) == (0, 1)
