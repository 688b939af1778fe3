"""A SQLite schema of as many tables as one wants, each pointing at a few of those before it. Always the same one."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

TYPES = ("TEXT", "INTEGER NOT NULL", "REAL DEFAULT 0", "TEXT CHECK (length({name}) > 2)")


def write(path: Path, tables: int) -> None:
    """Make the file. Table 0 is the one most others point at."""
    chance = random.Random(1)
    statements = []
    for number in range(tables):
        to = (
            [chance.randrange(max(0, number - 60), number) for _ in range(chance.choice((0, 1, 1, 2)))]
            if number
            else []
        )
        if number and number % 9 == 0:
            to.append(0)
        columns = ["id INTEGER PRIMARY KEY"]
        columns += [f"ref_{place} INTEGER REFERENCES table_{one:04} (id)" for place, one in enumerate(to)]
        columns += [
            f"column_{place} {chance.choice(TYPES).format(name=f'column_{place}')}"
            for place in range(chance.randrange(3, 14))
        ]
        statements.append(f"CREATE TABLE table_{number:04} ({', '.join(columns)})")
        if number % 2 == 0:
            statements.append(f"CREATE INDEX index_{number:04} ON table_{number:04} (column_0)")
    connection = sqlite3.connect(path)
    # One statement a table would make SQLite read its whole schema again each time, were it not one transaction.
    connection.executescript("BEGIN;" + ";".join(statements) + ";COMMIT;")
    connection.close()
