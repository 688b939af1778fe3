"""What is said before a block runs; each bad case is also run for real in the traps."""

from __future__ import annotations

import pytest

from backend.engines.postgres import ENGINE


@pytest.mark.parametrize(
    ("sql", "transaction", "words"),
    [
        ("CREATE INDEX CONCURRENTLY i ON a (b);", True, ["transaction:false"]),
        ("CREATE UNIQUE INDEX /* x */ CONCURRENTLY i ON a (b);", True, ["transaction:false"]),
        ("CREATE INDEX CONCURRENTLY i ON a (b);", False, []),
        ("CREATE INDEX CONCURRENTLY i ON a (b);\nSELECT 1;", False, ["only statement"]),
        ("VACUUM a;", True, ["VACUUM"]),
        ("CREATE DATABASE x;", True, ["CREATE DATABASE"]),
        ("REINDEX TABLE CONCURRENTLY a;", True, ["REINDEX"]),
        ("CREATE TABLE a (x int);\nCOMMIT;", True, ["Line 2: COMMIT"]),
        ("BEGIN;\nSELECT 1;\nEND;", True, ["BEGIN", "END"]),
        ("SAVEPOINT s; ROLLBACK TO SAVEPOINT s;", True, []),
        ("DO $$ BEGIN COMMIT; END $$; SELECT 'COMMIT; VACUUM'; -- COMMIT", True, []),
        ("ALTER TYPE mood ADD VALUE 'glad';\nUPDATE t SET m = 'glad';", True, ["'glad' is added to mood"]),
        ("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad';\nSELECT 'sad'; -- 'glad'", True, []),
        ("CREATE TYPE mood AS ENUM ('a'); ALTER TYPE mood ADD VALUE 'glad'; SELECT 'glad'::mood;", True, []),
        ("\\connect shop\nSELECT 1;", True, ["`\\connect` is a command of psql"]),
        ("SELECT pg_catalog.set_config('search_path', '', false);", True, ["search_path"]),
        ("SELECT pg_catalog.set_config('search_path', '', true);", True, []),
        ("SET transaction_timeout = 0;", True, ["PostgreSQL 17"]),
        ("COPY a FROM stdin;\n1\n\\.\n", True, ["COPY"]),
        ("CREATE TABLE a (x int); CREATE INDEX ON a (x); INSERT INTO a VALUES (1);", True, []),
    ],
)
def test_a_block_is_warned_about_what_will_go_wrong(sql: str, transaction: bool, words: list[str]) -> None:
    found = ENGINE.block_warnings(sql, transaction=transaction)
    assert len(found) == len(words), found
    assert all(word in sentence for word, sentence in zip(words, found, strict=True)), found
