"""Many ups, each broken at a statement: cleaning up takes the schema back to what it was, or says why it cannot."""

from __future__ import annotations

import random
from typing import Any

from backend.engine.schema.model import Step
from backend.engine.schema.port import schema_tools
from backend.engine.sqltext import split
from tests.kit import Toolkit
from tests.servers import Server
from tests.undo.test_mysql import CASES, SHOP

from .kit import fails, schema_of, target_of, ways

EVERY = 6
"""One in so many of the cases; `broken_and_cleaned` takes them all when it is called by hand."""


def broken_and_cleaned(toolkit: Toolkit, server: Server, every: int) -> dict[str, list[str]]:
    """Case names by what became of them: back, told (cannot, with the reason), wrong."""
    found: dict[str, list[str]] = {"back": [], "told": [], "nothing": [], "wrong": []}
    dice = random.Random(7)
    for number, case in enumerate(CASES[::every]):
        statements = [one.text for one in split(case.up, "mysql")]
        at = dice.randint(1, len(statements))
        database = server.new_database()
        shop = toolkit.connect(database.url, name=f"case {number}")
        try:
            seed = [Step(one.text) for one in split(f"{SHOP}\n{case.seed}", "mysql")]
            assert schema_tools("mysql").repair(target_of(shop), seed).ok
            before = schema_of(shop)
            broken = [*statements[:at], "INSERT INTO no_such_table VALUES (1)", *statements[at:]]
            version = shop.new("broken", ";\n".join(broken) + ";", "")["version"]
            fails(shop)
            shown: dict[str, Any] = shop.call("failure:show", version=version)
            way = ways(shown)["clean_up"]
            if schema_of(shop) == before:
                found["nothing" if not shown["objects"] else "wrong"].append(case.name)
            elif not way["available"]:
                found["told"].append(f"{case.name}: {way['reason']}")
            else:
                shop.agree("failure:resolve", version=version, way="clean_up")
                found["back" if schema_of(shop) == before else "wrong"].append(case.name)
        finally:
            server.drop_database(database.name)
    return found


def test_cleaning_up_takes_the_schema_back_or_says_why_not(toolkit: Toolkit, mariadb_server: Server) -> None:
    found = broken_and_cleaned(toolkit, mariadb_server, EVERY)
    assert found["wrong"] == []
    assert len(found["back"]) > 2 * len(found["told"]), found
