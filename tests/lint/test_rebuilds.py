"""Tables made anew: what the app itself writes for it is judged as what it is, with the columns of a live database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.engine.lint.facts import Facts
from backend.engine.lint.rule import Bad
from backend.models.connection import EngineName
from backend.models.schema import Catalog, CatalogColumn, CatalogTable
from tests.kit import Shop
from tests.lint.examples import content_of, lint_content

TABLE = "CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT, total INTEGER)"
COPY = (
    "ALTER TABLE customers RENAME TO old;\nCREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, total INTEGER);\n"
    "{}\nDROP TABLE old;\n"
)
KNOWN = Facts.of_catalog(
    Catalog(
        tables=[
            CatalogTable(
                name="customers",
                rows=20,
                columns=[CatalogColumn(name=one, type="") for one in ("id", "email", "total")],
            )
        ]
    )
)


@pytest.fixture
def shop(sqlite_shop: Shop) -> Shop:
    sqlite_shop.new(
        "customers", f"{TABLE};\nINSERT INTO customers (email) VALUES ('a');", "DROP TABLE customers;"
    )
    sqlite_shop.up()
    return sqlite_shop


def told(shop: Shop) -> list[tuple[str, str]]:
    """(code, message) of every finding in the pending files."""
    files = shop.call("migration:validate")["files"]
    return [(one["code"], one["message"]) for file in files for one in file["findings"]]


def judged(up: str, code: str = "drop-table") -> list[tuple[str, bool, str]]:
    """(severity, asks for a confirmation, message) of what a rule says of an up, in a block without a transaction."""
    example = Bad(up, transaction=False, facts=KNOWN)
    report = lint_content(content_of(example, EngineName.SQLITE), example, EngineName.SQLITE)
    return [(one.severity.value, one.confirm, one.message) for one in report.findings if one.code == code]


def test_a_rebuild_written_from_two_schemas_is_no_risk(shop: Shop, tmp_path: Path) -> None:
    wanted = tmp_path / "wanted.sql"
    wanted.write_text(
        TABLE.replace("total INTEGER", "total INTEGER NOT NULL DEFAULT 0, CHECK (total >= 0)") + ";"
    )
    here = {"connection": shop.id}
    made: dict[str, Any] = shop.toolkit.call(
        "schema:generate", **{"from": here, "to": {"file": str(wanted), "engine": "sqlite"}}
    )
    for file in made["files"]:
        assert "DROP TABLE" in file["up"]
        shop.new(file["name"], file["up"], file["down"], transaction=file["transaction"])
    assert told(shop) == []


def test_a_rebuild_from_a_template_is_no_risk(shop: Shop) -> None:
    columns = [{"name": "id", "type": "INTEGER", "primary_key": True}, {"name": "email", "type": "TEXT"}]
    columns.append({"name": "total", "type": "INTEGER"})
    values = {"table": "customers", "columns": columns, "keep": ["id", "email", "total"]}
    shop.call("migration:new", name="anew", template="rebuild_table", values=values)
    assert told(shop) == []


def test_a_rebuild_from_a_template_that_forgets_a_column_is_a_loss(shop: Shop) -> None:
    columns = [{"name": "id", "type": "INTEGER", "primary_key": True}, {"name": "email", "type": "TEXT"}]
    values = {"table": "customers", "columns": columns, "keep": ["id", "email"]}
    shop.call("migration:new", name="anew", template="rebuild_table", values=values)
    ((code, message),) = told(shop)
    assert code == "drop-table"
    assert message.startswith("The rows of customers are copied into customers without total:")


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        (
            "INSERT INTO customers (id, email, total) SELECT id, email, total FROM old LIMIT 10;",
            "Not every row",
        ),
        (
            "INSERT INTO customers (id, email, total) SELECT id, email, total FROM old, other;",
            "Not every row",
        ),
        (
            "INSERT OR IGNORE INTO customers (id, email, total) SELECT id, email, total FROM old;",
            "Not every row",
        ),
        (
            "INSERT INTO customers (id, email, total) SELECT DISTINCT id, email, total FROM old;",
            "Not every row",
        ),
        (
            "INSERT INTO customers (id, email, total) SELECT id, email, total FROM old UNION SELECT 1, 2, 3;",
            "Not every row",
        ),
        (
            "INSERT INTO customers (id, email, total) SELECT id, email, total FROM old;\nUPDATE old SET total = 5;",
            "Not every row",
        ),
        ("INSERT INTO customers (id, email) SELECT id, email FROM old;", "without total"),
        ("INSERT INTO customers (id, email, total) SELECT id, email, 0 AS total FROM old;", "without total"),
    ],
)
def test_a_copy_that_leaves_something_out_is_a_loss(copy: str, words: str) -> None:
    ((severity, confirm, message),) = judged(COPY.format(copy))
    assert (severity, confirm) == ("high", True)
    assert words in message


@pytest.mark.parametrize(
    "copy",
    [
        "INSERT INTO customers SELECT * FROM old;",
        'INSERT INTO customers ("id", [email], `total`) SELECT o."id", o.[email], max(o.`total`, 0) FROM old AS o;',
        "INSERT INTO customers (id, email, total) SELECT id, email, CAST(total AS INTEGER) FROM old ORDER BY id;",
    ],
)
def test_a_copy_of_everything_is_none(copy: str) -> None:
    assert judged(COPY.format(copy)) == []


def test_a_copy_that_is_only_written_about_keeps_nothing() -> None:
    text = "-- INSERT INTO customers SELECT * FROM old;\nSELECT 'INSERT INTO customers SELECT * FROM old;';"
    ((severity, confirm, _),) = judged(COPY.format(text))
    assert (severity, confirm) == ("critical", True)


def test_a_table_made_anew_twice_is_followed_to_the_end() -> None:
    whole = COPY.format("INSERT INTO customers SELECT * FROM old;")
    less = COPY.format("INSERT INTO customers (id) SELECT id FROM old;")
    assert judged(whole + whole) == []
    ((_, _, message),) = judged(whole + less)
    assert "without email, total" in message


def test_begin_and_commit_are_the_way_of_a_rebuild() -> None:
    whole = COPY.format("INSERT INTO customers SELECT * FROM old;")
    assert judged(f"BEGIN;\n{whole}COMMIT;", "transaction-control") == []
    assert judged(f"BEGIN;\n{whole}COMMIT;", "not-rerunnable") == []
    assert [message.split()[0] for _, _, message in judged(whole + "COMMIT;", "transaction-control")] == [
        "COMMIT"
    ]
    assert len(judged(f"BEGIN;\n{whole}", "transaction-control")) == 1
    assert len(judged(f"BEGIN;\nSELECT 1;\nCOMMIT;\n{whole}", "not-rerunnable")) == 1
