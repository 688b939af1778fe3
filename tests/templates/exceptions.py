"""Templates that the server at hand cannot run, each with the reason; what they render is looked at instead."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Untested:
    reason: str
    pieces: tuple[str, ...]
    """What the rendered files must hold, with plain names and with nasty ones."""


EXCEPTIONS: dict[tuple[str, str], Untested] = {
    ("mongodb", "create_text_index"): Untested(
        "The test server knows no text indexes.",
        (".createIndex(", '[field, "text"]', "default_language: ", ".dropIndex("),
    ),
    ("bigquery", "add_primary_key"): Untested(
        "The emulator knows no constraints.", ("ADD PRIMARY KEY (id) NOT ENFORCED;", "DROP PRIMARY KEY;")
    ),
    ("bigquery", "add_foreign_key"): Untested(
        "The emulator knows no constraints.",
        ("FOREIGN KEY (id) REFERENCES ", " (id) NOT ENFORCED;", "DROP CONSTRAINT "),
    ),
    ("bigquery", "drop_foreign_key"): Untested(
        "The emulator knows no constraints.",
        ("DROP CONSTRAINT ", "FOREIGN KEY (customer_id) REFERENCES ", " NOT ENFORCED;"),
    ),
    ("spanner", "create_view"): Untested(
        "PostgreSQL, which stands in, has no SQL SECURITY.",
        ("SQL SECURITY INVOKER AS\nSELECT ", "DROP VIEW "),
    ),
    ("spanner", "drop_view"): Untested(
        "PostgreSQL, which stands in, has no SQL SECURITY.",
        ("DROP VIEW ", "SQL SECURITY INVOKER AS\nSELECT "),
    ),
    ("spanner", "drop_index"): Untested(
        "PostgreSQL, which stands in, does not list indexes where Spanner does.", ("DROP INDEX ",)
    ),
    ("spanner", "drop_table"): Untested(
        "The shop's foreign key is not in the catalog, all there is for Spanner.",
        ("DROP TABLE ", "-- From the list of columns alone", "id bigint NOT NULL", "PRIMARY KEY (id)"),
    ),
}
