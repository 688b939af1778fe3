"""PostgreSQL: two schema files compared through the service, on the bundled server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.models.connection import EngineName
from backend.models.schema_diff import SchemaSource
from tests.kit import Toolkit

RAILS = """
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
CREATE TABLE public.users (id bigint NOT NULL, token uuid DEFAULT public.gen_random_uuid());
GRANT SELECT ON public.users TO a_role_of_a_dump;
"""
VERSIONS = "CREATE TABLE public.schema_migrations (version character varying(255) NOT NULL);\n"
INDEX = "CREATE UNIQUE INDEX unique_schema_migrations ON public.schema_migrations (version);\n"


@pytest.fixture
def toolkit(tmp_path: Path) -> Iterator[Toolkit]:
    toolkit = Toolkit(tmp_path / "home")
    yield toolkit
    toolkit.close()


def text(sql: str) -> SchemaSource:
    return SchemaSource(text=sql, engine=EngineName.POSTGRES)


def test_two_files_are_compared_whole_and_the_migration_is_proven(toolkit: Toolkit) -> None:
    """A table of versions is part of the files; a role and an extension the server lacks do not stop the proof."""
    key = (
        "ALTER TABLE public.schema_migrations ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);\n"
    )
    made = toolkit.services.schemas.generate(text(RAILS + VERSIONS + INDEX), text(RAILS + VERSIONS + key))
    ups = "".join(file.up for file in made.files)
    assert "DROP INDEX public.unique_schema_migrations" in ups and "schema_migrations_pkey" in ups
    assert (made.proven.up, made.proven.down, made.not_expressed) == (True, True, [])
    assert any("pgcrypto" in note for note in made.proven.problems)


def test_what_a_file_cannot_give_is_told_with_the_migration(toolkit: Toolkit) -> None:
    made = toolkit.services.schemas.generate(
        text(RAILS), text(RAILS + "CREATE TABLE public.places (spot public.geometry(Point,4326));")
    )
    assert len(made.not_expressed) == 1 and "public.geometry" in made.not_expressed[0]
