"""Names of migration files: dbmate's own rule, versions, and new ones that can never become a path."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidRequest
from backend.drivers.dbmate import DbmateTool

from .conftest import bare

TOOL = DbmateTool()
NOON = datetime(2026, 1, 17, 12, 0, 0, tzinfo=UTC)

NAMES = [
    ("20260117120000_create_users.sql", "20260117120000", "create_users"),
    ("001_init.sql", "001", "init"),
    ("1.sql", "1", ""),
    ("7-add-index.sql", "7", "add-index"),
    ("3_x.sql.sql", "3", "x"),
    ("20260117_ünïcode name.sql", "20260117", "ünïcode name"),
]


@pytest.mark.parametrize(("filename", "version", "name"), NAMES)
def test_version_and_words_of_a_name(filename: str, version: str, name: str) -> None:
    assert (TOOL.is_migration(filename), TOOL.version_of(filename), TOOL.name_of(filename)) == (
        True,
        version,
        name,
    )


OTHERS = [
    "init.sql",
    "1_x.SQL",
    "1_x.sql.bak",
    "_1.sql",
    "1_x.txt",
    " 1_x.sql",
    "१_x.sql",
    ".1_x.sql",
    "1_x.sql\n",
]


@pytest.mark.parametrize("filename", OTHERS)
def test_names_that_dbmate_passes_over(filename: str) -> None:
    assert not TOOL.is_migration(filename)


def test_dbmate_takes_the_same_names_in_the_same_order(tmp_path: Path) -> None:
    names = [name for name, *_ in NAMES] + OTHERS + ["10_a.sql", "2_b.sql", "2_B.sql", "2_ä.sql"]
    for name in names:
        (tmp_path / name).write_text("-- migrate:up\n-- migrate:down\n")
    listed = bare("-d", ".", "status", url="sqlite:t.db", cwd=tmp_path).stdout
    seen = [line[4:] for line in listed.splitlines() if line.startswith("[ ] ")]
    assert seen == sorted(filter(TOOL.is_migration, names), key=TOOL.sort_key)


def test_a_doubled_extension_is_a_warning() -> None:
    parsed = TOOL.parse(Path("3_x.sql.sql"), b"-- migrate:up\nselect 1;\n-- migrate:down\n")
    assert [(problem.code, problem.severity) for problem in parsed.problems] == [
        ("double_extension", "warning")
    ]


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("create users", "create_users"),
        ("  Add  'email' to \"users\"! ", "Add_email_to_users"),
        ("../../etc/passwd", "etc_passwd"),
        ("C:\\con", "C_con"),
        ("a\0b\nc\u202ed", "a_b_c_d"),
        ("Größe ändern", "Größe_ändern"),
        ("नाम जोड़ें", "नाम_जोड़ें"),
        ("表を追加", "表を追加"),
        ("e\u0301te\u0301", "été"),
        ("x" * 300, "x" * 100),
        ("🚀 launch", "launch"),
    ],
)
def test_a_typed_name_is_cleaned_and_stays_readable(typed: str, cleaned: str) -> None:
    assert TOOL.describe_name(typed) == unicodedata.normalize("NFC", cleaned)
    assert TOOL.new_filename(typed, NOON, []) == f"20260117120000_{TOOL.describe_name(typed)}.sql"


@pytest.mark.parametrize("typed", ["", "   ", "../..", "!!!", "🚀"])
def test_a_name_with_nothing_left_is_refused(typed: str) -> None:
    with pytest.raises(InvalidRequest):
        TOOL.new_filename(typed, NOON, [])


def test_two_files_in_one_second_get_two_versions() -> None:
    taken = ["20260117120000_a.sql", "20260117120001_b.sql"]
    assert TOOL.new_filename("c", NOON, taken) == "20260117120002_c.sql"
    assert TOOL.new_filename("c", NOON, ["20260117120000"]) == "20260117120001_c.sql"


def test_the_version_is_the_moment_in_utc() -> None:
    berlin = datetime(2026, 1, 17, 13, 0, 0, tzinfo=timezone(timedelta(hours=1)))
    assert TOOL.new_filename("x", berlin, []).startswith("20260117120000_")


@given(st.text(max_size=300))
def test_no_name_ever_leaves_the_folder_or_the_grammar(typed: str) -> None:
    try:
        filename = TOOL.new_filename(typed, NOON, [])
    except InvalidRequest:
        return
    assert Path(filename).name == filename and len(filename.encode()) <= 255
    assert TOOL.is_migration(filename) and TOOL.version_of(filename) == "20260117120000"
    assert not set(filename) & set("/\\:*?\"<>| \0\n,;'$`")
    assert TOOL.describe_name(TOOL.name_of(filename)) == TOOL.describe_name(typed)
