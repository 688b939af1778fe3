"""MySQL's and MariaDB's schemas, as SHOW CREATE prints them: read, compared, changed, and tried on scratch databases."""

from __future__ import annotations

from .tools import MysqlSchema

SCHEMA = MysqlSchema()
