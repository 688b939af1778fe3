"""The line breaks while MariaDB's rows are read for a backup: told as a lost connection, not as a defect of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.core.errors import AppError
from backend.engine.target import Target
from backend.engines.mysql.backup.rawrows import raw
from backend.engines.mysql.connect import reading
from tests.faults.proxy import Line, line_to
from tests.servers import Server


def test_rows_that_stop_coming_are_a_lost_connection(mysql_url: str, mariadb_server: Server) -> None:
    with line_to(mariadb_server.host, mariadb_server.port) as line:
        url = mysql_url.replace(f":{mariadb_server.port}/", f":{line.port}/", 1)
        target = Target("mysql", url, Path.cwd(), "schema_migrations")
        with pytest.raises(AppError) as told:
            read_until_cut(target, line)
    assert told.value.code == "connection_failed"


def read_until_cut(target: Target, line: Line) -> None:
    query = "SELECT seq, repeat('x', 200) FROM seq_1_to_2000000"
    with reading(target) as connection, raw(connection, query) as (_, batches):
        next(batches)
        line.cut()
        for _ in batches:
            pass
