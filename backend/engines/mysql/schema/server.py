"""What of the server decides how schemas are written: product, version, and what it can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from backend.engines.mysql.connect import rows

if TYPE_CHECKING:
    from pymysql.connections import Connection


@dataclass(frozen=True, slots=True)
class Server:
    is_mariadb: bool
    version: tuple[int, int, int]
    sql_mode: str = ""
    """The mode sessions start in."""

    @classmethod
    def of(cls, connection: Connection[Any]) -> Server:
        said, comment, mode = rows(connection, "SELECT version(), @@version_comment, @@global.sql_mode")[0]
        match = re.match(r"(?:5\.5\.5-(?=1\d))?(\d+)\.(\d+)(?:\.(\d+))?", str(said))
        parts = match.groups("0") if match else ("8", "0", "0")
        numbers = (int(parts[0]), int(parts[1]), int(parts[2]))
        return cls("mariadb" in f"{said} {comment}".lower(), numbers, str(mode))

    @classmethod
    def from_facts(cls, facts: Mapping[str, str]) -> Server:
        """As a snapshot keeps it."""
        numbers = [int(part) for part in facts.get("version", "10.11.0").split(".")]
        return cls(
            facts.get("product", "mariadb") == "mariadb",
            (numbers[0], numbers[1], numbers[2]),
            facts.get("sql_mode", ""),
        )

    def facts(self) -> dict[str, str]:
        return {
            "product": "mariadb" if self.is_mariadb else "mysql",
            "version": self.number,
            "sql_mode": self.sql_mode,
        }

    @property
    def number(self) -> str:
        return ".".join(map(str, self.version))

    def _at_least(self, mariadb: tuple[int, int, int], mysql: tuple[int, int, int]) -> bool:
        return self.version >= (mariadb if self.is_mariadb else mysql)

    @property
    def renames_columns(self) -> bool:
        """ALTER TABLE … RENAME COLUMN."""
        return self._at_least((10, 5, 2), (8, 0, 0))

    @property
    def renames_indexes(self) -> bool:
        return self._at_least((10, 5, 2), (5, 7, 0))

    @property
    def hides_indexes(self) -> bool:
        """IGNORED on MariaDB, INVISIBLE on MySQL."""
        return self._at_least((10, 6, 0), (8, 0, 0))

    @property
    def replaces_code(self) -> bool:
        """CREATE OR REPLACE for routines, triggers and events, which keeps their grants."""
        return self.is_mariadb and self.version >= (10, 1, 4)

    @property
    def refuses_zero_dates(self) -> bool:
        return "NO_ZERO_DATE" in self.sql_mode or "NO_ZERO_IN_DATE" in self.sql_mode
