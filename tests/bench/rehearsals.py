"""A rehearsal of 50 files on PostgreSQL, on a scratch server that runs already, against applying them with bare dbmate."""

from __future__ import annotations

import itertools
from pathlib import Path

from tests.bench.measure import Line, against, in_turns, took_ms
from tests.bench.projects import bare_dbmate, invoke
from tests.kit import Toolkit

FILES = 50
_BASE = """-- migrate:up
CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, email text, age integer);
INSERT INTO users SELECT i, 'user ' || i, i || '@example.org', i % 90 FROM generate_series(1, 5000) i;
CREATE TABLE orders (id bigint PRIMARY KEY, buyer bigint NOT NULL REFERENCES users, total numeric(10, 2), at timestamptz);
INSERT INTO orders SELECT i, i % 5000 + 1, i, now() FROM generate_series(1, 20000) i;
-- migrate:down
DROP TABLE orders, users;
"""
_KINDS = (
    (
        "CREATE TABLE t{n} (id bigserial PRIMARY KEY, name text NOT NULL, at timestamptz DEFAULT now());\n"
        "CREATE INDEX t{n}_name ON t{n} (name);",
        "DROP TABLE t{n};",
    ),
    ("ALTER TABLE users ADD COLUMN c{n} text;", "ALTER TABLE users DROP COLUMN c{n};"),
    ("CREATE INDEX orders_{n} ON orders (buyer, at);", "DROP INDEX orders_{n};"),
    (
        "UPDATE orders SET total = total + 1 WHERE id % 10 = 0;",
        "UPDATE orders SET total = total - 1 WHERE id % 10 = 0;",
    ),
    ("CREATE VIEW v{n} AS SELECT id, name FROM users WHERE age > {n};", "DROP VIEW v{n};"),
)


def rehearsal(folder: Path, rounds: int) -> list[Line]:
    """Both begin with a database of 25,000 rows and end when the last file has run; the target of both
    is a database of the bundled server, as a user has it with "Start a local PostgreSQL"."""
    numbers = itertools.count()
    toolkit = Toolkit(folder / "home")
    local = toolkit.services.sample._local_postgres

    def project(name: str) -> tuple[Path, str]:
        base = folder / name
        (base / "migrations").mkdir(parents=True)
        url = local.new_database(name)
        (base / "migrations" / "20260101000000_base.sql").write_text(_BASE)
        bare_dbmate(base, "--no-dump-schema", "up", url=url)
        for number in range(FILES):
            up, down = _KINDS[number % len(_KINDS)]
            text = f"-- migrate:up\n{up}\n-- migrate:down\n{down}\n".replace("{n}", str(number))
            (base / "migrations" / f"{20260201000000 + number}_file_{number}.sql").write_text(text)
        return base, url

    def ours() -> float:
        base, url = project(f"ours{next(numbers)}")
        shop = toolkit.connect(url, name=base.name, migrations_dir=str(base / "migrations"))
        invoke(shop, "migration:status")
        found: list[dict[str, object]] = []
        time_ms = took_ms(lambda: found.append(shop.call("preview:rehearse")))
        assert found[0]["verdict"] == "reversible", found[0]["problems"]
        return time_ms

    def peer() -> float:
        base, url = project(f"bare{next(numbers)}")
        return took_ms(lambda: bare_dbmate(base, "--no-dump-schema", "up", url=url))

    try:
        mine, theirs = in_turns(ours, peer, min(rounds, 5))
    finally:
        toolkit.close()
    return [against(f"rehearsal of {FILES} files, PostgreSQL", mine, theirs, 4)]
