"""The bundled PostgreSQL as a local server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from backend.core.errors import ConnectionFailed
from backend.drivers.local_postgres import PostgresServer


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[list[PostgresServer]]:
    started: list[PostgresServer] = []
    yield started
    for server in started:
        server.stop()
        if server.data.is_relative_to("/var/lib/db-toolkit"):
            shutil.rmtree(server.data.parent, ignore_errors=True)


def connect(server: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host="127.0.0.1", port=server.port, user=server.user, password=server.password, dbname="postgres"
    )


def test_it_starts_keeps_its_data_and_its_port(servers: list[PostgresServer], tmp_path: Path) -> None:
    first = PostgresServer.start(tmp_path / "postgres")
    servers.append(first)
    with connect(first) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    first.stop()
    assert not first.is_running()
    again = PostgresServer.start(tmp_path / "postgres")
    servers.append(again)
    assert again.port == first.port
    with connect(again) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_second_app_uses_the_running_server_and_does_not_stop_it(
    servers: list[PostgresServer], tmp_path: Path
) -> None:
    first = PostgresServer.start(tmp_path / "postgres")
    servers.append(first)
    second = PostgresServer.start(tmp_path / "postgres")
    second.stop()
    assert first.is_running() and not second.started_here


def test_a_wrong_password_is_refused_and_the_right_one_is_its_owners_alone(
    servers: list[PostgresServer], tmp_path: Path
) -> None:
    server = PostgresServer.start(tmp_path / "postgres")
    servers.append(server)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            host="127.0.0.1", port=server.port, user=server.user, password="wrong", dbname="postgres"
        )
    assert (tmp_path / "postgres" / "password").stat().st_mode & 0o077 == 0
    assert server.password not in repr(server)


def test_data_whose_password_is_lost_is_set_aside_and_kept(
    servers: list[PostgresServer], tmp_path: Path
) -> None:
    first = PostgresServer.start(tmp_path / "postgres")
    servers.append(first)
    first.stop()
    (tmp_path / "postgres" / "password").unlink()
    servers.append(PostgresServer.start(tmp_path / "postgres"))
    assert list(first.data.parent.glob("data.without-password-*"))
    with connect(servers[-1]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_scratch_server_whose_data_are_damaged_begins_anew_and_a_durable_one_never_does(
    servers: list[PostgresServer], tmp_path: Path
) -> None:
    for durable in (False, True):
        folder = tmp_path / f"durable-{durable}"
        server = PostgresServer.start(folder, durable=durable)
        servers.append(server)
        with connect(server) as connection:
            assert connection.execute("SHOW fsync").fetchone() == ("on" if durable else "off",)
        server.stop()
        (server.data / "global" / "pg_control").write_bytes(b"torn")
        if durable:
            with pytest.raises(ConnectionFailed):
                PostgresServer.start(folder, durable=durable)
            assert (server.data / "global" / "pg_control").read_bytes() == b"torn"
        else:
            again = PostgresServer.start(folder, durable=durable)
            servers.append(again)
            with connect(again) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
