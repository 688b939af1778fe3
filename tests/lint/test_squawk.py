"""squawk, the field's linter for PostgreSQL, as a cross-check: whatever it warns of, one of our rules speaks of too.

Our rules are native (one parse a file, the catalog's facts, a safe form for the statement); this keeps them honest.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.drivers.dbmate.files import parse
from backend.engine.lint.linter import lint_file
from backend.engine.lint.registry import rules_for
from backend.engine.lint.source import of_parsed
from backend.models.connection import EngineName

OURS = {
    "require-concurrent-index-creation": {"pg-index-not-concurrent"},
    "require-concurrent-index-deletion": {"pg-drop-index-not-concurrent"},
    "require-concurrent-partition-detach": {"pg-detach-not-concurrent"},
    "require-concurrent-reindex": {"pg-reindex-not-concurrent"},
    "constraint-missing-not-valid": {
        "pg-check-not-valid",
        "pg-foreign-key-not-valid",
        "pg-validate-same-file",
        "pg-unique-lock",
    },
    "adding-field-with-default": {"pg-volatile-default", "pg-generated-column"},
    "adding-foreign-key-constraint": {"pg-foreign-key-not-valid"},
    "changing-column-type": {"pg-type-change"},
    "adding-not-nullable-field": {"pg-set-not-null"},
    "adding-serial-primary-key-field": {"pg-unique-lock", "pg-generated-column"},
    "renaming-column": {"rename-column"},
    "renaming-table": {"rename-table"},
    "disallowed-unique-constraint": {"pg-unique-lock"},
    "ban-drop-database": {"drop-database"},
    "ban-drop-table": {"drop-table"},
    "ban-drop-column": {"drop-column"},
    "ban-drop-not-null": {"drop-not-null"},
    "ban-truncate-cascade": {"drop-cascade", "truncate"},
    "ban-char-field": {"pg-char"},
    "ban-create-domain-with-constraint": {"pg-domain-constraint"},
    "ban-alter-domain-with-add-constraint": {"pg-domain-constraint"},
    "ban-concurrent-index-creation-in-transaction": {"pg-concurrently-in-transaction"},
    "ban-uncommitted-transaction": {"transaction-control"},
    "transaction-nesting": {"transaction-control"},
    "adding-required-field": {"not-null-without-default"},
    "prefer-bigint-over-int": {"small-key"},
    "prefer-bigint-over-smallint": {"small-key"},
    "prefer-identity": {"pg-serial"},
    "prefer-text-field": {"pg-char"},
    "prefer-timestamp-tz": {"pg-timestamp"},
    "prefer-repack": {"pg-full-rewrite"},
    "prefer-robust-stmts": {"not-rerunnable"},
    "require-enum-value-ordering": {"pg-enum-order"},
    "require-table-schema": {"pg-unqualified-name"},
    "require-lock-timeout": {"pg-no-lock-timeout"},
    "require-statement-timeout": {"pg-no-statement-timeout"},
    "require-timeout-settings": {"pg-no-lock-timeout"},
    "identifier-too-long": {"pg-name-too-long"},
    "unused-ignore": {"suppression-unused"},
}
# Where it speaks and we, on purpose, do not.
STYLE = {
    "prefer-bigint-over-int": "only keys that count up can run out",
    "prefer-bigint-over-smallint": "only keys that count up can run out",
    "prefer-robust-stmts": "inside a transaction nothing stays behind; ours speaks outside one",
    "require-lock-timeout": "ours speaks of ACCESS EXCLUSIVE on a table in use",
    "require-statement-timeout": "ours speaks of ACCESS EXCLUSIVE on a table in use",
    "ban-create-domain-with-constraint": "a new domain has no rows to check",
}

STATEMENTS = [
    "CREATE INDEX i ON orders (code);",
    "CREATE UNIQUE INDEX i ON orders USING btree (lower(code)) WHERE code IS NOT NULL;",
    "DROP INDEX orders_code;",
    "DROP INDEX IF EXISTS app.orders_code, b;",
    "ALTER TABLE logs DETACH PARTITION logs_2024;",
    "REINDEX TABLE orders;",
    "REINDEX INDEX orders_code;",
    "ALTER TABLE orders ADD CONSTRAINT c CHECK (total > 0);",
    "ALTER TABLE orders ADD CONSTRAINT c FOREIGN KEY (customer_id) REFERENCES customers (id);",
    "ALTER TABLE orders ADD COLUMN customer_id bigint REFERENCES customers (id);",
    "ALTER TABLE orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
    "ALTER TABLE orders ADD COLUMN token text DEFAULT random()::text;",
    "ALTER TABLE orders ADD COLUMN twice bigint GENERATED ALWAYS AS (total * 2) STORED;",
    "ALTER TABLE orders ALTER COLUMN total TYPE bigint;",
    "ALTER TABLE orders ALTER COLUMN total SET DATA TYPE text USING total::text;",
    "ALTER TABLE orders ALTER COLUMN code SET NOT NULL;",
    "ALTER TABLE orders ADD COLUMN id bigserial PRIMARY KEY;",
    "ALTER TABLE orders ADD PRIMARY KEY (id);",
    "ALTER TABLE orders RENAME COLUMN code TO sku;",
    "ALTER TABLE orders RENAME TO sales;",
    "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (code);",
    "DROP DATABASE shop;",
    "DROP TABLE orders;",
    "DROP TABLE IF EXISTS orders CASCADE;",
    "ALTER TABLE orders DROP COLUMN code;",
    "ALTER TABLE orders ALTER COLUMN code DROP NOT NULL;",
    "TRUNCATE orders CASCADE;",
    "CREATE TABLE t (id bigint PRIMARY KEY, code char(3), name varchar(20));",
    "CREATE TABLE t (id serial PRIMARY KEY, at timestamp);",
    "ALTER TABLE orders ADD COLUMN at timestamp without time zone;",
    "ALTER DOMAIN email ADD CONSTRAINT c CHECK (VALUE LIKE '%@%');",
    "BEGIN; SELECT 1; COMMIT;",
    "ALTER TABLE orders ADD COLUMN total bigint NOT NULL;",
    "ALTER TYPE mood ADD VALUE 'fine';",
    "VACUUM FULL orders;",
    "CLUSTER orders USING orders_pkey;",
    f"CREATE TABLE {'t' * 70} (id bigint PRIMARY KEY);",
]


@pytest.fixture(scope="module")
def squawk() -> str:
    found = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
    if found is None:
        pytest.fail("squawk-cli is among the development dependencies: run make setup", pytrace=False)
    return found


def ours(sql: str) -> set[str]:
    parsed = parse(Path("1_x.sql"), f"-- migrate:up\n{sql}\n-- migrate:down\n".encode())
    return {one.code for one in lint_file(of_parsed(parsed), EngineName.POSTGRES).findings}


def test_what_squawk_warns_of_one_of_our_rules_speaks_of(squawk: str, tmp_path: Path) -> None:
    for number, sql in enumerate(STATEMENTS):
        (tmp_path / f"{number}.sql").write_text(sql + "\n")
    files = [str(tmp_path / f"{number}.sql") for number in range(len(STATEMENTS))]
    run = subprocess.run([squawk, "--reporter", "json", *files], capture_output=True, text=True, check=False)
    warned = json.loads(run.stdout)
    missed, unknown, heard = [], [], set()
    for one in warned:
        sql = STATEMENTS[int(Path(one["file"]).stem)]
        name = one["rule_name"]
        heard.add(name)
        if name not in OURS:
            unknown.append((name, sql))
        elif name not in STYLE and not OURS[name] & ours(sql):
            missed.append((name, sql, ours(sql)))
    assert not unknown, "squawk has rules we do not know"
    assert not missed, "\n".join(map(str, missed))
    assert len(heard) >= 25, heard


def test_every_rule_of_squawk_that_is_on_by_default_is_known(squawk: str) -> None:
    """Its names stand in the binary one after the other; the opt-in ones come after `require-table-schema`."""
    names = re.search(rb"require-concurrent-index-creation[a-z-]+", Path(squawk).read_bytes())
    assert names
    for name in OURS:
        assert name.encode() in names[0], f"squawk no longer has {name}"


def test_our_rules_name_the_squawk_rules_they_stand_for() -> None:
    codes = {rule.code for rule in rules_for(EngineName.POSTGRES)}
    assert {code for found in OURS.values() for code in found} <= codes
    said = {
        name.removeprefix("squawk: ")
        for rule in rules_for(EngineName.POSTGRES)
        for name in rule.origin
        if "squawk" in name
    }
    assert said <= OURS.keys(), said - OURS.keys()
