"""Each tool's folder becomes dbmate's: the same schema, the same state, the old folder and table as they were."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conversion.folders import EXAMPLES, Example
from tests.kit import Shop, Toolkit


@pytest.fixture(params=EXAMPLES, ids=lambda one: one.tool)
def example(request: pytest.FixtureRequest) -> Example:
    found: Example = request.param
    return found


def by_hand(path: Path, statements: Sequence[str]) -> None:
    with sqlite3.connect(path) as connection:
        for one in statements:
            connection.executescript(one if one.rstrip().endswith(";") else one + ";")


def converted(shop: Shop, folder: Path, **more: Any) -> dict[str, Any]:
    look = shop.call("convert:inspect", path=str(folder))
    answer: dict[str, Any] = shop.agree("convert:run", path=str(folder), sha256=look["sha256"], **more)
    return answer


def digest(folder: Path) -> dict[str, str]:
    return {
        str(one): hashlib.sha256(one.read_bytes()).hexdigest()
        for one in sorted(folder.rglob("*.*"))
        if one.is_file()
    }


def test_the_folder_is_recognised_and_every_file_accounted_for(
    example: Example, sqlite_shop: Shop, tmp_path: Path
) -> None:
    look = sqlite_shop.call("convert:inspect", path=str(example.write(tmp_path / "theirs")))
    assert look["tool"]["name"] == example.tool and look["tool"]["evidence"]
    assert [one["down_source"] for one in look["files"]] == list(example.downs)
    assert [one["file"] for one in look["left_out"]] == list(example.left_out)
    assert not any(one["problems"] for one in look["files"]), look["files"]
    for one, up in zip(look["files"], example.ups, strict=True):
        assert up in one["up"] and up in one["content"]
    assert [one["filename"] for one in look["files"]] == sorted({one["filename"] for one in look["files"]})


def test_the_converted_files_make_the_schema_the_originals_make(
    example: Example, toolkit: Toolkit, tmp_path: Path
) -> None:
    by_hand(tmp_path / "theirs.db", example.ups)
    theirs = toolkit.connect(f"sqlite:{tmp_path / 'theirs.db'}", "theirs")
    ours = toolkit.connect(f"sqlite:{tmp_path / 'ours.db'}", "ours")
    answer = converted(ours, example.write(tmp_path / "theirs"))
    assert len(answer["files"]) == len(answer["pending"]) == len(example.ups) and not answer["marked"]
    ours.up()
    assert toolkit.call(
        "schema:compare", **{"from": {"connection": theirs.id}, "to": {"connection": ours.id}}
    )["equal"]
    ours.down(count=len(example.ups))
    assert ours.tables() == set()


def test_what_is_applied_there_is_applied_here_and_the_rest_runs(
    example: Example, toolkit: Toolkit, tmp_path: Path
) -> None:
    database = tmp_path / "shop.db"
    by_hand(database, [*example.ups[:2], *example.table])
    shop, folder = toolkit.connect(f"sqlite:{database}"), example.write(tmp_path / "theirs")
    before, rows = digest(folder), _table(database, example)
    answer = converted(shop, folder)
    assert len(answer["marked"]) == 2
    status = [one["status"] for one in shop.status()["migrations"]]
    assert status == ["applied", "applied", *["pending"] * (len(example.ups) - 2)]
    shop.up()
    assert all(one["status"] == "applied" for one in shop.status()["migrations"])
    assert (digest(folder), _table(database, example)) == (before, rows)


def test_opening_such_a_folder_says_whose_it_is(example: Example, toolkit: Toolkit, tmp_path: Path) -> None:
    folder = example.write(tmp_path / "project" / "db" / "migrations")
    report = toolkit.call("connection:inspect-folder", path=str(tmp_path / "project"))
    known = example.tool != "pairs"
    assert (report["other_tool"] is not None, report["other_folder"]) == (
        known,
        str(folder) if known else None,
    )


def test_transactions_stay_as_they_were(sqlite_shop: Shop, tmp_path: Path) -> None:
    for example in EXAMPLES:
        look = sqlite_shop.call("convert:inspect", path=str(example.write(tmp_path / example.tool)))
        asked = example.tool not in {"goose", "sql-migrate", "liquibase"}
        assert [one["transaction"] for one in look["files"]][:3] == [True, True, asked], example.tool


def _table(database: Path, example: Example) -> list[Any]:
    name = next(one.split()[2] for one in reversed(example.table) if one.startswith("CREATE"))
    with sqlite3.connect(database) as connection:
        return [
            *connection.execute(f"SELECT * FROM {name}"),
            *connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)),
        ]
