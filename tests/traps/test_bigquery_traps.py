"""BigQuery: what dbmate really does there, and that the engine guards against it. One test a trap, named after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import ConnectionFailed
from backend.engines.bigquery import ENGINE
from tests.engines.bigquery.recorded_api import serving
from tests.engines.sqlite.project import Project


@pytest.fixture
def shop(bigquery_url: str, tmp_path: Path) -> Project:
    return Project(tmp_path, ENGINE.check_url(bigquery_url), ENGINE)


@pytest.fixture
def dataset(shop: Project) -> str:
    return ENGINE.split_url(shop.url)["dataset"]


def endpoint_host(shop: Project) -> str:
    return ENGINE.split_url(shop.url)["endpoint"].split("/")[2]


def test_the_form_with_host_and_port_is_no_connection_string_for_dbmate(shop: Project, dataset: str) -> None:
    shop.write("1_x.sql", "SELECT 1")
    documented = f"bigquery://{endpoint_host(shop)}/toolkit/us/{dataset}?disable_auth=true"
    assert "invalid connection string" in shop.dbmate("status", url=documented).stderr
    assert shop.dbmate("status", url=ENGINE.check_url(documented)).returncode == 0


def test_an_endpoint_without_its_path_makes_every_migration_look_pending(shop: Project, dataset: str) -> None:
    shop.write("1_x.sql", "SELECT 1")
    assert shop.up().returncode == 0
    bare = f"bigquery://toolkit/us/{dataset}?disable_auth=true&endpoint=http://{endpoint_host(shop)}"
    lied = shop.dbmate("status", url=bare)
    assert (lied.returncode, "[ ] 1_x.sql" in lied.stdout) == (0, True)
    assert "[X] 1_x.sql" in shop.dbmate("status", url=ENGINE.check_url(bare)).stdout
    wrong = Project(shop.folder, bare + "/elsewhere/", ENGINE)
    with pytest.raises(ConnectionFailed):
        ENGINE.applied(wrong.target)


def test_commit_and_rollback_do_nothing_so_what_ran_before_a_failure_stays(
    shop: Project, dataset: str
) -> None:
    shop.write("1_x.sql", f"CREATE TABLE {dataset}.half (x INT64);\nSELECT * FROM {dataset}.nothing;")
    assert shop.up().returncode == 2
    assert shop.applied() == []
    assert "table half" in ENGINE.fingerprint(shop.target)
    assert not ENGINE.capabilities()["transactional_ddl"].supported


def test_several_statements_in_one_block_run_as_a_script(shop: Project, dataset: str) -> None:
    shop.write("1_x.sql", f"CREATE TABLE {dataset}.a (x INT64);\nCREATE TABLE {dataset}.b (x INT64);")
    assert shop.up().returncode == 0
    assert {"table a", "table b"} <= set(ENGINE.fingerprint(shop.target))


def test_the_migrations_table_has_no_key_so_a_version_may_stand_twice(shop: Project, dataset: str) -> None:
    shop.write("1_x.sql", "SELECT 1")
    shop.up()
    shop.write("2_twice.sql", f"INSERT INTO {dataset}.schema_migrations (version) VALUES ('1')")
    assert shop.up().returncode == 0
    assert ENGINE.row_counts(shop.target, ["schema_migrations"]) == {"schema_migrations": 3}
    assert shop.applied() == ["1", "2"]


def test_create_puts_the_dataset_into_the_urls_location(tmp_path: Path) -> None:
    # dbmate's source once left the location out; 2.37 sends it, and so do we.
    def answer(method: str, path: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        return 200, ({"datasets": []} if method == "GET" else body)

    with serving(answer) as api:
        shop = Project(tmp_path, api.url().replace("/us/", "/europe-west3/"), ENGINE)
        shop.dbmate("create")
        ENGINE.create_database(shop.target)
        made = [body.get("location") for method, _, body in api.requests if method == "POST"]
    assert made == ["europe-west3", "europe-west3"]


def test_the_migration_lock_flag_is_refused(shop: Project) -> None:
    shop.write("1_x.sql", "SELECT 1")
    assert shop.dbmate("--no-dump-schema", "--migration-lock", "up").returncode == 2
    assert "--migration-lock" not in ENGINE.tool_setup(shop.target, "tag").flags


def test_status_is_asked_of_the_table_and_creates_nothing_with_us(shop: Project) -> None:
    assert shop.applied() == []
    assert ENGINE.row_counts(shop.target, ["schema_migrations"]) == {}
