"""schema.sql. The emulator has no DDL to give, so recorded answers stand in: the same to dbmate and to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import NotSupported
from backend.engines.bigquery import ENGINE
from tests.engines.bigquery.recorded_api import Answer, rows, serving
from tests.engines.sqlite.project import Project

TABLES = (
    ("a", 'CREATE TABLE `p.shop.a`\n(\n  x INT64 NOT NULL OPTIONS(description="it\'s")\n)\nCLUSTER BY x;'),
    ("schema_migrations", "CREATE TABLE `p.shop.schema_migrations`\n(\n  version STRING\n);"),
    ("v", "CREATE VIEW `p.shop.v`\nAS SELECT x FROM shop.a;"),
)
ROUTINES = (("f", "CREATE FUNCTION `p.shop`.f(x INT64) AS (x + 1);"),)


def answering(*versions: str) -> Any:
    def answer(method: str, path: str, body: dict[str, Any]) -> Answer:
        sql = str(body.get("query", ""))
        if "object_name" in sql:  # dbmate asks for both kinds at once
            found = [(n, "TABLE", d) for n, d in TABLES] + [(n, "FUNCTION", d) for n, d in ROUTINES]
            return rows(["object_name", "object_type", "ddl"], *found)
        if "INFORMATION_SCHEMA.TABLES" in sql:
            return rows(["name", "ddl"], *TABLES)
        if "INFORMATION_SCHEMA.ROUTINES" in sql:
            return rows(["name", "ddl"], *ROUTINES)
        if "version" in sql:
            return rows(["version"], *((version,) for version in versions))
        return 200, {"location": "US"}

    return answer


@pytest.mark.parametrize("versions", [(), ("1",), ("20260101000000", "20260102000000")])
def test_the_dump_is_byte_for_byte_dbmates(tmp_path: Path, versions: tuple[str, ...]) -> None:
    with serving(answering(*versions)) as api:
        shop = Project(tmp_path, api.url(), ENGINE)
        done = shop.dbmate("--schema-file", "s.sql", "dump")
        assert done.returncode == 0, done.stderr
        assert ENGINE.dump_schema(shop.target) == (tmp_path / "s.sql").read_text()


def test_where_the_server_gives_no_ddl_the_reason_is_told(shop: Project) -> None:
    with pytest.raises(NotSupported, match="does not give the DDL"):
        ENGINE.dump_schema(shop.target)
