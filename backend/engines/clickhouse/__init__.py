"""ClickHouse: no transactions, one statement a block, and a migrations table that never forgets a row."""

from .engine import ClickHouseEngine

ENGINE = ClickHouseEngine()
