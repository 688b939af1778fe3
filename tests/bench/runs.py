"""`migration:up` and `migration:status` against bare dbmate."""

from __future__ import annotations

import itertools
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.bench.measure import Line, against, in_turns, took_ms
from tests.bench.projects import bare_dbmate, invoke, write_files
from tests.kit import Toolkit
from tests.servers import Server, start_postgres18

FILES = 200


def up_sqlite(folder: Path, rounds: int) -> list[Line]:
    return [_up(folder, rounds, "SQLite", None)]


def up_postgres(folder: Path, rounds: int) -> list[Line]:
    with start_postgres18() as server:
        return [_up(folder, rounds, "PostgreSQL", server)]


def _up(folder: Path, rounds: int, label: str, server: Server | None) -> Line:
    """Both from an empty database to a written schema.sql; the app is warm and has the page open."""
    numbers = itertools.count()

    def fresh(base: Path) -> str:
        return server.new_database().url if server else f"sqlite:{base / 'shop.db'}"

    toolkit = Toolkit(folder / "home")

    def ours() -> float:
        base = folder / f"ours{next(numbers)}"
        base.mkdir()
        shop = toolkit.connect(fresh(base), name=base.name)
        write_files(shop.folder, FILES)
        invoke(shop, "migration:status")
        time_ms = took_ms(lambda: invoke(shop, "migration:up"))
        assert (
            shop.status()["applied"] == FILES and Path(shop.connection["schema_file"]).stat().st_size > 1000
        )
        return time_ms

    def peer() -> float:
        base = folder / f"bare{next(numbers)}"
        write_files(base / "migrations", FILES)
        url = fresh(base)
        time_ms = took_ms(lambda: bare_dbmate(base, "up", url=url))
        assert (base / "schema.sql").stat().st_size > 1000
        return time_ms

    try:
        mine, theirs = in_turns(ours, peer, rounds)
    finally:
        toolkit.close()
    return against(f"migration:up, {FILES} small files, {label}", mine, theirs, 1.15)


def status(folder: Path, rounds: int) -> list[Line]:
    """5,000 files, half of them applied."""
    toolkit = Toolkit(folder / "home")
    shop = toolkit.connect(f"sqlite:{folder / 'shop.db'}")
    versions = write_files(shop.folder, 5000)
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        database.execute("CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY)")
        database.executemany("INSERT INTO schema_migrations VALUES (?)", [(v,) for v in versions[:2500]])
        database.commit()
    base = shop.folder.parent
    url = f"sqlite:{folder / 'shop.db'}"
    lines = []
    try:
        mine, theirs = in_turns(
            lambda: took_ms(lambda: invoke(shop, "migration:status")),
            lambda: took_ms(lambda: bare_dbmate(base, "status", url=url)),
            rounds,
        )
        lines.append(against("migration:status, 5,000 files, nothing changed", mine, theirs, 1.0))

        def after_a_save() -> float:
            file = next(iter(shop.folder.iterdir()))
            file.write_text(file.read_text() + "-- changed\n")
            return took_ms(lambda: invoke(shop, "migration:status"))

        mine, theirs = in_turns(
            after_a_save, lambda: took_ms(lambda: bare_dbmate(base, "status", url=url)), rounds
        )
        lines.append(against("migration:status, 5,000 files, one just saved", mine, theirs, None))
    finally:
        toolkit.close()
    return lines
