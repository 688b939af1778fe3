"""history:export: CSV that every spreadsheet reads and none runs, JSON, files written whole."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from backend.services.history_export import safe_cell
from backend.store.database import Database
from tests.history.ledgers import fill
from tests.kit import ChannelFailed, Shop, Toolkit

FILE = "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 1;\n"


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_is_rfc_4180(sqlite_shop: Shop) -> None:
    sqlite_shop.write('1_with "quotes", and, commas.sql', FILE)
    sqlite_shop.up()
    text = sqlite_shop.toolkit.call("history:export")["text"]
    assert text.endswith("\r\n") and text.count("\r\n") == 2 and "\n" not in text.replace("\r\n", "")
    assert text.startswith('"run_id","started_at"')
    (row,) = table(text)
    assert row["filename"] == '1_with "quotes", and, commas.sql'
    assert (row["status"], row["kind"], row["direction"]) == ("applied", "up", "up")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "  =", " \t@"])
def test_a_cell_that_begins_like_a_formula_becomes_text(start: str) -> None:
    assert safe_cell(f"{start}cmd()") == f"'{start}cmd()"


@pytest.mark.parametrize("value", ["2026", "a=b", "20260101_x.sql", 12.5, -3, None])
def test_ordinary_cells_stay_as_they_are(value: object) -> None:
    assert safe_cell(value) == ("" if value is None else str(value))


def test_an_author_and_a_name_that_are_formulas_are_not_run(toolkit: Toolkit, sqlite_url: str) -> None:
    toolkit.call("settings:update", changes={"author": "=cmd|'/C calc'!A0"})
    shop = toolkit.connect(sqlite_url, "=HYPERLINK(1)")
    shop.write("1_=cmd().sql", FILE)
    shop.up()
    (row,) = table(toolkit.call("history:export")["text"])
    assert row["author"] == "'=cmd|'/C calc'!A0"
    assert row["connection_name"] == "'=HYPERLINK(1)"
    assert row["filename"] == "1_=cmd().sql"


def test_json_is_runs_with_their_files(sqlite_shop: Shop) -> None:
    assert json.loads(sqlite_shop.toolkit.call("history:export", format="json")["text"]) == []
    sqlite_shop.write("1_a.sql", FILE)
    sqlite_shop.write("2_b.sql", FILE)
    sqlite_shop.up()
    (run,) = json.loads(sqlite_shop.toolkit.call("history:export", format="json")["text"])
    assert [one["filename"] for one in run["files"]] == ["1_a.sql", "2_b.sql"]
    assert run["state"] == "ok"


def test_filters_hold_for_the_export_too(sqlite_shop: Shop) -> None:
    sqlite_shop.write("1_a.sql", FILE)
    sqlite_shop.up()
    sqlite_shop.down()
    answer = sqlite_shop.toolkit.call("history:export", direction="down")
    assert answer["rows"] == 1 and [row["kind"] for row in table(answer["text"])] == ["down"]


def test_a_file_is_written_whole_or_not_at_all(sqlite_shop: Shop, tmp_path: Path) -> None:
    sqlite_shop.write("1_a.sql", FILE)
    sqlite_shop.up()
    path = tmp_path / "out.csv"
    answer = sqlite_shop.toolkit.call("history:export", path=str(path))
    assert answer["text"] is None and Path(answer["path"]).stat().st_size == answer["size_bytes"]
    assert path.read_bytes().endswith(b"\r\n")
    with pytest.raises(ChannelFailed) as taken:
        sqlite_shop.toolkit.call("history:export", path=str(path))
    assert taken.value.code == "conflict"
    sqlite_shop.toolkit.call("history:export", path=str(path), overwrite=True, format="json")
    assert path.read_text().startswith("[")
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []
    with pytest.raises(ChannelFailed) as nowhere:
        sqlite_shop.toolkit.call("history:export", path=str(tmp_path / "no" / "such" / "x.csv"))
    assert nowhere.value.code == "storage_failed"


def test_a_hundred_thousand_rows_stream_to_a_file_and_not_into_an_answer(
    toolkit: Toolkit, tmp_path: Path
) -> None:
    fill(Database(toolkit.home / "toolkit.db"), 100_000, files=500)
    answer = toolkit.call("history:export", path=str(tmp_path / "all.csv"))
    assert answer["rows"] == 100_000
    with (tmp_path / "all.csv").open(newline="") as lines:
        assert sum(1 for _ in csv.reader(lines)) == 100_001
    with pytest.raises(ChannelFailed) as too_large:
        toolkit.call("history:export")
    assert too_large.value.code == "invalid_request" and "path" in (too_large.value.hint or "")
    page = toolkit.call("history:list", limit=50, offset=99_990)
    assert page["total"] == 100_000 and len(page["rows"]) == 10
