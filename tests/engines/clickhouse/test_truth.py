"""The migrations table and the database, against the engine and the real dbmate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from backend.core.errors import AuthenticationFailed, Conflict, ConnectionFailed, ReadOnly
from backend.engines.clickhouse import ENGINE
from backend.engines.clickhouse.connect import session
from tests.engines.sqlite.project import Project

TABLE = "CREATE TABLE users (id UInt64) ENGINE = MergeTree ORDER BY id"


def test_applied_is_what_dbmate_recorded_with_the_time(shop: Project) -> None:
    shop.write("20260101000000_users.sql", TABLE, "DROP TABLE users")
    assert shop.up().returncode == 0
    [row] = ENGINE.applied(shop.target)
    assert row.version == "20260101000000"
    assert row.applied_at and abs(datetime.now(UTC) - row.applied_at) < timedelta(minutes=1)


def test_applied_forgets_what_was_rolled_back_in_the_same_second(shop: Project) -> None:
    shop.write("1_users.sql", TABLE, "DROP TABLE users")
    for _ in range(3):
        assert shop.up().returncode == 0
        assert shop.applied() == ["1"]
        assert shop.dbmate("--no-dump-schema", "rollback").returncode == 0
        assert shop.applied() == []


def test_asking_creates_nothing(shop: Project) -> None:
    assert shop.applied() == []
    with session(shop.target) as server:
        assert server.query("SHOW TABLES", database=ENGINE.split_url(shop.url)["database"]) == []


def test_a_missing_database_is_told_created_and_dropped(shop: Project) -> None:
    other = Project(shop.folder, shop.url + "_other", ENGINE)
    assert ENGINE.probe(other.target).database_exists is False
    assert other.applied() == []
    ENGINE.create_database(other.target)
    assert ENGINE.probe(other.target).database_exists is True
    with pytest.raises(Conflict):
        ENGINE.create_database(other.target)
    ENGINE.drop_database(other.target)
    ENGINE.drop_database(other.target)
    assert ENGINE.probe(other.target).database_exists is False


def test_a_wrong_password_and_a_closed_port_are_told_apart(shop: Project) -> None:
    with pytest.raises(AuthenticationFailed) as refused:
        ENGINE.probe(Project(shop.folder, ENGINE.with_password(shop.url, "wr0ng"), ENGINE).target)
    assert "wr0ng" not in repr(refused.value.__dict__)
    for scheme in ("clickhouse", "clickhouse+http"):
        with pytest.raises(ConnectionFailed):
            ENGINE.probe(Project(shop.folder, f"{scheme}://u:p@127.0.0.1:1/x", ENGINE).target)


def test_a_read_only_connection_reads_and_the_server_refuses_to_write(shop: Project) -> None:
    shop.write("1_users.sql", TABLE)
    shop.up()
    reader = shop.with_(read_only=True)
    assert reader.applied() == ["1"]
    assert [table.name for table in ENGINE.catalog(reader.target).tables] == ["users"]
    with pytest.raises(ReadOnly):
        ENGINE.drop_database(reader.target)
    assert reader.applied() == ["1"]


def test_row_counts_are_exact_and_leave_out_what_is_missing(shop: Project) -> None:
    shop.write("1_users.sql", TABLE)
    shop.write("2_rows.sql", "INSERT INTO users SELECT number FROM numbers(1234)")
    assert shop.up().returncode == 0
    assert ENGINE.row_counts(shop.target, ["users", "nothing"]) == {"users": 1234}


def test_the_real_server_is_read_over_both_protocols(old_shop: Project) -> None:
    info = ENGINE.probe(old_shop.target)
    assert (info.product, info.version.split(".")[0], info.database_exists) == ("ClickHouse", "18", True)
    database = ENGINE.split_url(old_shop.url)["database"]
    with session(old_shop.target) as server:
        server.query(
            "CREATE TABLE schema_migrations (version String, ts DateTime DEFAULT now(), applied UInt8 DEFAULT 1) "
            "ENGINE = ReplacingMergeTree(ts) PARTITION BY tuple() ORDER BY version",
            database=database,
        )
        for row in ("'1', 1", "'2', 1", "'1', 0"):
            server.query(f"INSERT INTO schema_migrations (version, applied) SELECT {row}", database=database)
    assert old_shop.applied() == ["2"]
    with pytest.raises(AuthenticationFailed):
        ENGINE.probe(Project(old_shop.folder, ENGINE.with_password(old_shop.url, "no"), ENGINE).target)


def test_a_user_whose_profile_only_reads_is_told_as_read_only(old_shop: Project) -> None:
    reader = Project(old_shop.folder, old_shop.url.replace("toolkit:", "reader:"), ENGINE)
    for one in (reader, reader.with_(read_only=True)):
        assert ENGINE.probe(one.target).read_only is True


@pytest.mark.parametrize("wrong", ["clickhouse+http", "clickhouse"])
def test_the_wrong_protocol_for_a_port_is_a_clear_error(old_shop: Project, wrong: str) -> None:
    if old_shop.url.startswith(f"{wrong}://"):
        return
    url = (
        old_shop.url.replace("clickhouse+http://", "clickhouse://")
        if wrong == "clickhouse"
        else old_shop.url.replace("clickhouse://", "clickhouse+http://")
    )
    with pytest.raises(ConnectionFailed) as failed:
        ENGINE.probe(Project(old_shop.folder, url, ENGINE).with_(connect_timeout_s=1.0).target)
    assert "Tk7" not in str(failed.value)
