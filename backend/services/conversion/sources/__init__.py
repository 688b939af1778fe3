"""The tools whose folders can be read, one module each. A new one is a module with a `SOURCE` and its line here."""

from __future__ import annotations

from backend.services.conversion.model import Source

from . import (
    alembic,
    django,
    flyway,
    golang_migrate,
    goose,
    knex,
    liquibase,
    node_pg_migrate,
    pairs,
    prisma,
    sql_migrate,
)

SOURCES: tuple[Source, ...] = (
    flyway.SOURCE,
    golang_migrate.SOURCE,
    goose.SOURCE,
    sql_migrate.SOURCE,
    liquibase.SOURCE,
    node_pg_migrate.SOURCE,
    prisma.SOURCE,
    knex.SOURCE,
    alembic.SOURCE,
    django.SOURCE,
    pairs.SOURCE,
)
