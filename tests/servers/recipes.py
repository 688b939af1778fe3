"""Every kind of server there is, by name. A new engine is one file and one line here."""

from __future__ import annotations

from tests.servers.bigquery import BigQuery
from tests.servers.clickhouse import ClickHouse
from tests.servers.mariadb import MariaDB
from tests.servers.mongodb import MongoDB
from tests.servers.postgres import Postgres15, Postgres18
from tests.servers.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    recipe.kind: recipe
    for recipe in (Postgres18(), Postgres15(), MariaDB(), MongoDB(), ClickHouse(), BigQuery())
}


def recipe_of(kind: str) -> Recipe:
    """The recipe of that name. Raises KeyError naming those that exist."""
    if kind not in RECIPES:
        raise KeyError(f"no server named {kind!r}; known: {', '.join(RECIPES)}")
    return RECIPES[kind]
