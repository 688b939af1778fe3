"""What dbmate does with spanner-postgres URLs, seen with a PostgreSQL server in PGAdapter's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import NotSupported
from backend.engines.spanner import ENGINE
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(postgres_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, postgres_url.replace("postgres://", "spanner-postgres://", 1), ENGINE)


def test_a_spanner_url_speaks_postgresqls_protocol(shop: Project) -> None:
    shop.write("1_a.sql", "CREATE TABLE a (id bigint PRIMARY KEY);", option=" transaction:false")
    done = shop.up()
    assert done.returncode == 0, done.stderr
    assert shop.applied() == ["1"]


def test_spanner_wants_transaction_false_for_ddl_and_is_warned_about_it() -> None:
    ddl = "CREATE TABLE a (id bigint PRIMARY KEY);"
    assert any("transaction:false" in sentence for sentence in ENGINE.block_warnings(ddl, transaction=True))
    assert ENGINE.block_warnings(ddl, transaction=False) == []
    assert ENGINE.block_warnings("INSERT INTO a VALUES (1);", transaction=True) == []
    assert not ENGINE.capabilities()["transactional_ddl"].supported


def test_spanner_has_no_dump(shop: Project) -> None:
    with pytest.raises(NotSupported, match="pg_dump cannot read Spanner"):
        ENGINE.dump_schema(shop.target)


def test_reading_creates_no_migrations_table(shop: Project) -> None:
    assert shop.applied() == []
    plain = Project(shop.folder, shop.url.replace("spanner-", "", 1), ENGINE)
    assert run(plain, "SELECT to_regclass('schema_migrations')") == [(None,)]
