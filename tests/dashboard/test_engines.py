"""The dashboard on every engine: the same figures, whatever the database."""

from __future__ import annotations

from tests.contract.dialects import Dialect
from tests.kit import Shop


def test_an_engine_is_seen_before_and_after_a_run(shop: Shop, dialect: Dialect) -> None:
    for name, (up, down) in zip(("users", "orders"), dialect.tables, strict=False):
        shop.new(name, up, down)
    before = shop.call("dashboard:show")
    assert before["summary"]["reachable"] is True
    assert [one["name"] for one in before["pending"]] == ["users", "orders"]
    assert before["summary"]["last_run"] is None and before["migrations_rate"] is None

    shop.up(count=1)

    after = shop.call("dashboard:show")
    counts = after["summary"]["counts"]
    assert (counts["total"], counts["applied"], counts["pending"]) == (2, 1, 1)
    assert after["summary"]["last_applied"]["name"] == "users"
    assert after["summary"]["next_pending"]["name"] == "orders"
    assert after["migrations_rate"] == {"good": 1, "total": 1}
    assert after["average_ms"] is None or after["average_ms"] >= 0
    assert after["days"][-1]["applied"] == 1 and len(after["days"]) == 30
