"""Folders beside servers, and Alembic's own output, made by Alembic itself."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.conversion.folders import EXAMPLES, INDEX, ORDERS, USERS, Example
from tests.conversion.test_tools import by_hand, converted
from tests.kit import Shop, Toolkit

GOLANG = next(one for one in EXAMPLES if one.tool == "golang-migrate")
REVISION = '''
from alembic import op
revision, down_revision = {revision!r}, {before!r}
def upgrade(): op.execute("""{up}""")
def downgrade(): op.execute("""{down}""")
'''


def alembic_output(folder: Path, url: str, *, apply_to: str | None = None) -> Path:
    """`alembic upgrade base:head --sql` and the downgrade of three revisions; `apply_to` runs them for real."""
    command = pytest.importorskip("alembic.command")
    config_of = pytest.importorskip("alembic.config").Config
    scripts = folder / "alembic"
    (scripts / "versions").mkdir(parents=True)
    (scripts / "script.py.mako").write_text("")
    (scripts / "env.py").write_text(
        "from alembic import context\nfrom sqlalchemy import create_engine\n"
        "url = context.config.get_main_option('sqlalchemy.url')\n"
        "if context.is_offline_mode():\n"
        "    context.configure(url=url, literal_binds=True)\n"
        "    with context.begin_transaction(): context.run_migrations()\n"
        "else:\n"
        "    with create_engine(url).connect() as connection:\n"
        "        context.configure(connection=connection)\n"
        "        with context.begin_transaction(): context.run_migrations()\n"
    )
    steps = [("a1", None, USERS, "DROP TABLE users"), ("b2", "a1", ORDERS, "DROP TABLE orders"),
             ("c3", "b2", INDEX, "DROP INDEX orders_user")]  # fmt: skip
    for revision, before, up, down in steps:
        text = REVISION.format(revision=revision, before=before, up=up, down=down)
        (scripts / "versions" / f"{revision}.py").write_text(text)
    output = folder / "output"
    output.mkdir()
    for name, run in (("up.sql", command.upgrade), ("down.sql", command.downgrade)):
        buffer = io.StringIO()
        config = config_of(output_buffer=buffer)
        config.set_main_option("script_location", str(scripts))
        config.set_main_option("sqlalchemy.url", url)
        run(config, "base:head" if name == "up.sql" else "c3:base", sql=True)
        (output / name).write_text(buffer.getvalue())
    if apply_to is not None:
        command.upgrade(config, apply_to)
    return output


def test_what_alembic_writes_and_applies_is_the_same_here(toolkit: Toolkit, tmp_path: Path) -> None:
    database = tmp_path / "theirs.db"
    output = alembic_output(tmp_path, f"sqlite:///{database}", apply_to="b2")
    ours = toolkit.connect(f"sqlite:{tmp_path / 'ours.db'}", "ours")
    look = ours.call("convert:inspect", path=str(output))
    assert look["tool"]["name"] == "alembic"
    assert [(one["key"], one["down_source"]) for one in look["files"]] == [
        ("a1", "taken"),
        ("b2", "taken"),
        ("c3", "taken"),
    ]
    assert "alembic_version" not in "".join(one["content"] for one in look["files"])
    converted(ours, output)
    ours.up()
    theirs = toolkit.connect(f"sqlite:{database}", "theirs")
    assert converted(theirs, output)["marked"] == ours_names(ours)[:2]
    theirs.up()
    difference = toolkit.call(
        "schema:compare", **{"from": {"connection": "theirs"}, "to": {"connection": "ours"}}
    )
    assert [one["name"] for one in difference["changes"]] == ["alembic_version"], difference["changes"]


def ours_names(shop: Shop) -> list[str]:
    return [one["filename"] for one in shop.status()["migrations"]]


@pytest.mark.parametrize("server", ["postgres_url", "mysql_url"])
def test_a_table_called_as_dbmates_stays_theirs_on_a_server(
    server: str, toolkit: Toolkit, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """golang-migrate's schema_migrations has another shape: ours goes beside it."""
    shop = toolkit.connect(request.getfixturevalue(server))
    shop.agree("database:create") if not shop.status()["database_exists"] else None
    _with_dbmate(toolkit, shop, [*GOLANG.ups[:2], *GOLANG.table])
    answer = converted(shop, GOLANG.write(tmp_path / "theirs"))
    assert (answer["migrations_table"], len(answer["marked"]), len(answer["pending"])) == (
        "dbmate_migrations",
        2,
        1,
    )
    shop.up()
    assert {one["status"] for one in shop.status()["migrations"]} == {"applied"}
    look = shop.call("convert:inspect", path=str(tmp_path / "theirs"))
    assert (look["there"]["table"], look["there"]["applied"]) == ("schema_migrations", 2)


def _with_dbmate(toolkit: Toolkit, shop: Shop, statements: list[str]) -> None:
    """The statements run on the server, with no trace of dbmate in its table."""
    shop.call("connection:update", migrations_table="for_the_test")
    shop.new("all", ";\n".join(one.rstrip(";") for one in statements) + ";", "")
    shop.up()
    for one in shop.folder.iterdir():
        one.unlink()
    shop.call("connection:update", migrations_table="schema_migrations")


def test_concurrently_leaves_the_transaction_as_the_tool_would(
    toolkit: Toolkit, tmp_path: Path, postgres_url: str
) -> None:
    shop, folder = toolkit.connect(postgres_url), tmp_path / "theirs"
    folder.mkdir()
    (folder / "V1__users.sql").write_text(USERS)
    (folder / "V2__index.sql").write_text("CREATE INDEX CONCURRENTLY users_email ON users (email);")
    (folder / "V3__own.sql").write_text("BEGIN;\nINSERT INTO users VALUES (1, 'a');\nCOMMIT;")
    converted(shop, folder)
    look = [one["content"].splitlines()[0] for one in _contents(shop)]
    assert look == ["-- migrate:up", "-- migrate:up transaction:false", "-- migrate:up transaction:false"]
    shop.up()
    assert {one["status"] for one in shop.status()["migrations"]} == {"applied"}


def _contents(shop: Shop) -> list[dict[str, Any]]:
    return [shop.call("migration:read", version=one["version"]) for one in shop.status()["migrations"]]


def test_a_state_that_cannot_be_marked_takes_everything_back(
    toolkit: Toolkit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_hand(tmp_path / "shop.db", [*GOLANG.ups[:2], *GOLANG.table])
    shop = toolkit.connect(f"sqlite:{tmp_path / 'shop.db'}")
    folder = GOLANG.write(tmp_path / "theirs")
    (tmp_path / "shop.db").chmod(0o444)
    monkeypatch.setattr(toolkit.services.runs, "baseline", _fails)
    answer = toolkit.envelope("convert:run", connection=shop.id, path=str(folder),
                              sha256=shop.call("convert:inspect", path=str(folder))["sha256"])  # fmt: skip
    assert not answer["ok"] and list(shop.folder.iterdir()) == []
    assert shop.call("connection:get")["migrations_table"] == "schema_migrations"


def _fails(*_: object, **__: object) -> None:
    from backend.core.errors import ConnectionFailed

    raise ConnectionFailed("gone")


@pytest.mark.parametrize(
    "example",
    [one for one in EXAMPLES if one.tool in {"flyway", "goose", "prisma"}],
    ids=lambda one: one.tool,
)
def test_the_state_is_read_from_postgres_as_the_tool_wrote_it(
    example: Example, toolkit: Toolkit, tmp_path: Path, postgres_url: str
) -> None:
    """Booleans and moments are no text there."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres_url) as connection:
        for one in (*example.ups[:2], *example.table):
            connection.execute(one)
    shop = toolkit.connect(postgres_url)
    assert len(converted(shop, example.write(tmp_path / "theirs"))["marked"]) == 2
    shop.up()
    assert {one["status"] for one in shop.status()["migrations"]} == {"applied"}
    assert "orders_user" in str(shop.call("schema:catalog"))
