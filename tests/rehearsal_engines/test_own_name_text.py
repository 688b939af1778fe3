"""`shop.orders` on a scratch: what certainly is the database's name goes, anything else stays. No server."""

from __future__ import annotations

import pytest

from backend.engine.rehearsal.own_name import without_own


@pytest.mark.parametrize(
    ("sql", "own"),
    [
        ("SELECT * FROM shop.orders", "SELECT * FROM `orders`"),
        ("INSERT INTO `shop` . `orders` VALUES ('shop.orders')", "INSERT INTO `orders` VALUES ('shop.orders')"),
        ("SELECT shop.orders.id FROM orders", "SELECT `orders`.id FROM orders"),
        ("CREATE TABLE IF NOT EXISTS shop.t (id int) -- of shop.t", "CREATE TABLE IF NOT EXISTS `t` (id int) -- of shop.t"),
        ("SELECT shop.total(1)", "SELECT `total`(1)"),
        ("CREATE TRIGGER a AFTER INSERT ON shop.lines SET @a = 1", "CREATE TRIGGER a AFTER INSERT ON `lines` SET @a = 1"),
        # Not certain, or another's: left, and refused where it runs.
        ("SELECT shop.id FROM orders shop", None),
        ("USE shop", None),
        ("SELECT shop.id FROM orders", None),
        ("SELECT EXTRACT(YEAR FROM shop.at) FROM shop.orders", None),
        ("DROP TABLE orders, shop.lines", None),
        ("SELECT * FROM other.shop", None),
        ("SELECT * FROM other.orders", None),
        ("SELECT 'x' AS \"shop.orders\"", None),
    ],
)  # fmt: skip
def test_only_what_must_be_the_databases_name_is_left_out(sql: str, own: str | None) -> None:
    for dialect in ("mysql", "clickhouse"):
        assert without_own(sql, "shop", dialect) == (own or sql)
