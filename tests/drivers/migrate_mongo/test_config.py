"""Reading a project's configuration, in every form real projects have."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from backend.core.errors import MigrationInvalid, TimedOut
from backend.drivers.migrate_mongo import read_config
from backend.drivers.migrate_mongo.config import config_text, find_config

URL = "mongodb://u:Tk7-not-for-logs@localhost:27017"


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text).lstrip("\n"), "utf-8")


COMMON = f"""
    const config = {{
      mongodb: {{ url: "{URL}", databaseName: "shop", options: {{ useNewUrlParser: true }} }},
      migrationsDir: "db/migrations", changelogCollectionName: "log", migrationFileExtension: ".ts",
      useFileHash: true, lockCollectionName: "lock", lockTtl: 60, moduleSystem: "esm",
    }};
"""


@pytest.mark.parametrize(
    ("name", "export", "package"),
    [
        ("migrate-mongo-config.js", "module.exports = config;", None),
        ("migrate-mongo-config.js", "export default config;", '{"type": "module"}'),
        ("migrate-mongo-config.js", "export default config;", None),
        ("migrate-mongo-config.mjs", "await null; export default config;", None),
        ("migrate-mongo-config.cjs", "module.exports = config;", '{"type": "module"}'),
        ("migrate-mongo-config.ts", "export default config as object;", None),
        ("migrate-mongo-config.js", "module.exports = Promise.resolve(config);", None),
    ],
)
def test_every_form_of_configuration_is_read(
    tmp_path: Path, name: str, export: str, package: str | None
) -> None:
    write(tmp_path, name, COMMON + export)
    if package:
        write(tmp_path, "package.json", package)
    config = read_config(tmp_path)
    assert config is not None and config.file == tmp_path / name
    assert (config.url, config.database_name, config.changelog, config.extension) == (
        URL,
        "shop",
        "log",
        ".ts",
    )
    assert config.migrations_dir == tmp_path / "db" / "migrations"
    assert (config.use_file_hash, config.lock_collection, config.lock_ttl_s, config.module_system) == (
        True,
        "lock",
        60,
        "esm",
    )
    assert "Tk7" not in repr(config)


def test_what_is_not_said_has_the_tools_defaults(tmp_path: Path) -> None:
    write(tmp_path, "migrate-mongo-config.js", "module.exports = { mongodb: { url: process.env.URL_X } };")
    config = read_config(tmp_path, env={"URL_X": URL})
    assert config is not None and config.url == URL and config.database_name is None
    assert (config.changelog, config.extension, config.migrations_dir) == (
        "changelog",
        ".js",
        tmp_path / "migrations",
    )
    assert (config.use_file_hash, config.lock_collection, config.lock_ttl_s) == (False, None, 0)


@pytest.mark.parametrize("asking", ['require("dotenv").config();', 'require("dotenv/config");', ""])
def test_the_projects_env_file_counts_and_given_variables_win(tmp_path: Path, asking: str) -> None:
    """dotenv itself need not be installed."""
    write(tmp_path, ".env", "A=from-file\nB='of file'\nnot a line\n")
    write(
        tmp_path,
        "migrate-mongo-config.js",
        asking + "\nmodule.exports = { mongodb: { url: process.env.A, databaseName: process.env.B } };",
    )
    config = read_config(tmp_path, env={"A": "given"})
    assert config is not None and (config.url, config.database_name) == ("given", "of file")


def test_without_a_configuration_there_is_none(tmp_path: Path) -> None:
    assert read_config(tmp_path) is None and find_config(tmp_path) is None


def test_a_named_configuration_is_read(tmp_path: Path) -> None:
    write(tmp_path, "config/mm.js", "module.exports = { mongodb: { databaseName: 'other' } };")
    config = read_config(tmp_path, file="config/mm.js")
    assert config is not None and config.database_name == "other"


def test_a_missing_package_is_named_with_the_way_out(tmp_path: Path) -> None:
    write(tmp_path, "migrate-mongo-config.js", 'const c = require("convict");\nmodule.exports = c;')
    with pytest.raises(MigrationInvalid) as caught:
        read_config(tmp_path)
    assert caught.value.details["command"] == "npm install convict" and str(tmp_path) in str(
        caught.value.hint
    )


def test_a_configuration_that_throws_is_told_with_its_line_and_without_its_url(tmp_path: Path) -> None:
    write(tmp_path, "migrate-mongo-config.js", f'const url = "{URL}";\nthrow new Error("bad " + url);')
    with pytest.raises(MigrationInvalid) as caught:
        read_config(tmp_path)
    assert caught.value.details["line"] == 2 and "bad" in caught.value.message
    assert "Tk7" not in caught.value.message + str(caught.value.details)


def test_a_configuration_that_exits_or_never_ends_is_told(tmp_path: Path) -> None:
    write(tmp_path, "migrate-mongo-config.js", "process.exit(0);")
    with pytest.raises(MigrationInvalid):
        read_config(tmp_path)
    write(tmp_path, "migrate-mongo-config.js", "for (;;) {}")
    with pytest.raises(TimedOut):
        read_config(tmp_path, timeout_s=1.5)


def test_what_it_prints_disturbs_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        "migrate-mongo-config.js",
        'console.log(\'{"event":"result","result":{}}\');\nmodule.exports = { migrationsDir: "m" };',
    )
    config = read_config(tmp_path)
    assert config is not None and config.migrations_dir == tmp_path / "m"


def test_a_configuration_of_our_own_reads_the_url_from_the_env_file_beside_it(tmp_path: Path) -> None:
    write(tmp_path, "migrate-mongo-config.js", config_text(changelog="log"))
    write(tmp_path, ".env", f"MONGODB_URL={URL}/shop\n")
    config = read_config(tmp_path)
    assert config is not None and config.url == f"{URL}/shop" and config.changelog == "log"
    assert URL not in (tmp_path / "migrate-mongo-config.js").read_text()
