"""BigQuery and Spanner: two live databases are compared; a migration is refused in words."""

from __future__ import annotations

import pytest

from tests.engines.postgres.helpers import run
from tests.kit import ChannelFailed, Toolkit


def test_two_spanner_databases_are_compared_and_no_migration_is_written(
    toolkit: Toolkit, postgres_url: str, tmp_path: object
) -> None:
    """The protocol is answered by PostgreSQL."""
    from pathlib import Path

    from backend.engines.postgres import ENGINE
    from tests.engines.sqlite.project import Project

    project = Project(Path(str(tmp_path)), postgres_url, ENGINE)
    run(project, "CREATE TABLE users (id int PRIMARY KEY, name text)")
    shop = toolkit.connect(postgres_url.replace("postgres://", "spanner-postgres://", 1))
    here = {"connection": shop.id}
    same = toolkit.call("schema:compare", **{"from": here, "to": here})
    assert same["equal"] and same["source"]["objects"] > 2
    with pytest.raises(ChannelFailed, match="are not written"):
        toolkit.call("schema:generate", **{"from": here, "to": here})


def test_a_bigquery_dataset_is_compared_with_another(toolkit: Toolkit, bigquery_url: str) -> None:
    shop = toolkit.connect(bigquery_url)
    users = bigquery_url.partition("?")[0].rpartition("/")[2] + ".users"
    shop.new("users", f"CREATE TABLE {users} (id INT64 NOT NULL, name STRING);", f"DROP TABLE {users};")
    shop.up()
    here = {"connection": shop.id}
    same = toolkit.call("schema:compare", **{"from": here, "to": here})
    assert same["equal"] and same["source"]["objects"] == 3
    with pytest.raises(ChannelFailed, match="are not written"):
        toolkit.call("schema:generate", **{"from": here, "to": here})
