"""Modules that are not there: the rule, the runner and a folder as it is agree on which those are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backend.drivers.migrate_mongo.modules import absent_modules
from backend.drivers.migrate_mongo.parse import parse_file
from backend.engines.mongodb.lint.say import js
from tests.kit import ChannelFailed, Toolkit


def absent(folder: Path, content: str, name: str = "1-a.js") -> dict[str, str]:
    return dict(absent_modules(parse_file(folder / name, content.encode())))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "project" / "migrations"
    made.mkdir(parents=True)
    return made


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("helpers.js", "./helpers"), ("helpers.cjs", "./helpers.cjs"), ("helpers.mjs", "./helpers"),
        ("data.json", "./data"), ("helpers.ts", "./helpers.js"), ("helpers/index.js", "./helpers"),
        ("helpers/package.json", "./helpers/"), ("../lib/a.js", "../lib/a"), ("../index.js", ".."),
        ("../node_modules/lodash/package.json", "lodash"), ("../../node_modules/@a/b/index.js", "@a/b/deep"),
        ("node_modules/one.js", "one"),
    ],
)  # fmt: skip
def test_what_is_there_is_found_and_missed_once_it_is_gone(folder: Path, file: str, name: str) -> None:
    content = js("await a(db);", before=f"const a = require('{name}');\n")
    assert absent(folder, content) == {name: "absent"}
    path = folder / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    assert absent(folder, content) == {}


@pytest.mark.parametrize(
    "name", ["fs", "node:test", "fs/promises", "mongodb", "migrate-mongo", "bson", "dotenv/config", "#own", "data:text/javascript,1"]
)  # fmt: skip
def test_what_node_or_the_app_has_is_there(folder: Path, name: str) -> None:
    assert absent(folder, js("await a(db);", before=f"const a = require('{name}');\n")) == {}


def test_every_way_of_asking_is_seen(folder: Path) -> None:
    content = (
        "import a from './a';\nimport './b';\nexport { down } from './c';\nimport type { T } from './types';\n"
        "export async function up(db) { const d = await import('./d'); const e = require(`./e`); "
        "try { require('./f'); } catch {} await import('./g').catch(() => null); /* require('./h') */ }\n"
    )
    assert sorted(absent(folder, content, "1-a.ts")) == ["./a", "./b", "./c", "./d", "./e"]


def test_a_package_that_is_asked_for_is_only_not_installed(folder: Path) -> None:
    content = js("await a(db);", before="const a = require('lodash/fp');\nconst b = require('shop/lib');\n")
    package = {"name": "shop", "devDependencies": {"lodash": "^4"}}
    (folder.parent / "package.json").write_text(json.dumps(package))
    assert absent(folder, content) == {"lodash/fp": "not_installed"}
    (folder.parent / "package.json").write_text("[not json")
    assert absent(folder, content) == {"lodash/fp": "absent", "shop/lib": "absent"}


def test_where_names_mean_something_else_nothing_is_missed(folder: Path) -> None:
    content = js("await a(db);", before="const a = require('@/models');\n")
    assert absent(folder, content) == {"@/models": "absent"}
    (folder.parent / "tsconfig.json").write_text(
        '{ // ours\n "compilerOptions": { "paths": { "@/*": ["src/*"] } } }'
    )
    assert absent(folder, content) == {}


def test_a_folder_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    assert absent(tmp_path / "nowhere", js("await a(db);", before="const a = require('./a');\n")) == {}


def test_a_missing_module_is_said_and_no_more_once_it_is_there(toolkit: Toolkit, mongodb_url: str) -> None:
    """The report is not kept from the time before; and the real run agrees."""
    shop = toolkit.connect(mongodb_url)
    content = js(
        "await db.collection('names').insertMany(names);", before="const { names } = require('../names');\n"
    )
    path = shop.write("20260101000000-names.js", content)

    def told() -> list[tuple[str, int]]:
        (file,) = [one for one in shop.call("migration:validate")["files"] if one["filename"] == path.name]
        return [
            (one["message"], one["line"]) for one in file["findings"] if one["code"] == "mongo-module-missing"
        ]

    assert told() == [("There is no file ../names, seen from this migration's folder.", 1)]
    with pytest.raises(ChannelFailed, match=r"needs \.\./names, which is not there"):
        shop.up()
    (path.parent.parent / "names.js").write_text("exports.names = [{ _id: 1 }];\n")
    assert told() == []
    assert shop.up()["ok"]
