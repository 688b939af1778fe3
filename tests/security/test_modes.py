"""Everything in the app's home is its owner's alone, whatever umask the app was started with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from backend.core.paths import app_root

_STORY = """
import sys
from pathlib import Path
from tests.kit import Toolkit
home, database, export = map(Path, sys.argv[1:])
toolkit = Toolkit(home)
shop = toolkit.connect(f"sqlite:{database}")
shop.new("users", "CREATE TABLE users (id INTEGER);", "DROP TABLE users;")
shop.new("bad", "SELECT nothing FROM nowhere;", "SELECT 1;")
toolkit.envelope("migration:up", connection=shop.id)
shop.call("draft:save", key="d", content="text")
shop.call("connection:set-variable", name="TOKEN", value="secret", secret=True)
toolkit.call("settings:update", changes={"theme": "dark"})
shop.call("schema:dump")
toolkit.envelope("schema:drift", connection=shop.id)
toolkit.envelope("preview:rehearse", connection=shop.id)
toolkit.envelope("backup:create", connection=shop.id)
shop.call("migration:validate")
toolkit.call("connection:delete", connection=toolkit.connect("sqlite:b.db", name="gone").id)
toolkit.close()
"""


def test_nothing_in_the_home_can_be_read_by_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run(
        [
            "sh",
            "-c",
            'umask 0 && exec "$@"',
            "sh",
            sys.executable,
            "-c",
            _STORY,
            home,
            tmp_path / "a.db",
            tmp_path / "x",
        ],
        check=True,
        cwd=app_root(),
        env={**os.environ, "DB_TOOLKIT_HOME": str(home)},
    )
    found = {path: path.lstat().st_mode & 0o777 for path in (home, *home.rglob("*")) if not path.is_symlink()}
    assert len(found) > 12 and home / "connections" / "shop" / ".env" in found
    folders = {path for path in found if path.is_dir()}
    # Under a home that only its owner may enter nothing below it can be reached; secrets do not rely on that.
    assert found[home] == 0o700
    assert {str(p.relative_to(home)): oct(m) for p, m in found.items() if p in folders and m & 0o022} == {}
    assert {
        str(p.relative_to(home)): oct(m) for p, m in found.items() if p not in folders and m & 0o022
    } == {}
    for path, mode in found.items():
        if path.name in {
            ".env",
            "connection.json",
            "settings.json",
            "db-toolkit.log",
        } or path.name.startswith("toolkit.db"):
            assert mode == 0o600, (path, oct(mode))
