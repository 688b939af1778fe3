"""pg_dump's own words, when it fails."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from backend.core.errors import PermissionDenied
from backend.drivers import pg_tools

OUTSIDER = "dbtoolkit_test_outsider"


def test_a_failure_is_told_without_the_progress_before_it(postgres_url: str, tmp_path: Path) -> None:
    """--verbose writes a line for each object it reads, to the same stream as the error."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE closed (a int)")
        connection.execute(f"CREATE ROLE {OUTSIDER} LOGIN PASSWORD 'outside'")
        try:
            known = connection.info.get_parameters()
            parameters = {**known, "user": OUTSIDER, "password": "outside"}
            with pytest.raises(PermissionDenied) as told:
                pg_tools.dump_objects(parameters, cwd=tmp_path)
        finally:
            connection.execute(f"DROP ROLE {OUTSIDER}")
    assert told.value.message.startswith("pg_dump: error: query failed: ERROR: permission denied")
    assert "reading" not in told.value.message
