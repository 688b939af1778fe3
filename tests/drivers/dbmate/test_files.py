"""The grammar of dbmate's files. Its last word is dbmate's own: what it refuses we call an error, and nothing else."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.drivers.dbmate import DbmateTool
from backend.engine.tool import ParsedFile

from .conftest import bare

UP = "-- migrate:up\ncreate table a (x);\n"
DOWN = "-- migrate:down\ndrop table a;\n"


def parse(content: str | bytes, name: str = "20260117120000_create_users.sql") -> ParsedFile:
    return DbmateTool().parse(Path("/m") / name, content.encode() if isinstance(content, str) else content)


def codes(content: str | bytes, name: str = "1_x.sql") -> list[str]:
    return [problem.code for problem in parse(content, name).problems]


def test_a_plain_file_is_read_whole() -> None:
    parsed = parse("-- who asked for it\n\n" + UP + "\n" + DOWN)
    assert (parsed.version, parsed.name, parsed.problems) == ("20260117120000", "create_users", ())
    assert parsed.up is not None and parsed.down is not None
    assert (parsed.up.body, parsed.up.line, parsed.up.transaction) == ("create table a (x);", 3, True)
    assert (parsed.down.text, parsed.down.body, parsed.down.line) == (DOWN, "drop table a;", 6)
    assert parsed.has_down and parsed.is_valid
    assert parsed.sha256 == hashlib.sha256(parsed.content.encode()).hexdigest()


@pytest.mark.parametrize(
    ("directive", "transaction"),
    [
        ("-- migrate:up", True),
        ("--migrate:up", True),
        ("--\t migrate:up", True),
        ("-- migrate:up transaction:false", False),
        ("-- migrate:up transaction:true", True),
        ("-- migrate:up transaction:true transaction:false", False),
        ("-- migrate:up   transaction:false  ", False),
        ("-- migrate:up because it is big transaction:false", False),
    ],
)
def test_a_directive_and_its_option(directive: str, transaction: bool) -> None:
    parsed = parse(f"{directive}\ncreate table a (x);\n{DOWN}")
    assert parsed.up is not None and parsed.up.transaction is transaction
    assert not parsed.problems


@pytest.mark.parametrize(
    "option",
    [
        "transaction:False",
        "transaction: false",
        "transaction=false",
        "Transaction:false",
        "transaction:false;",
    ],
)
def test_a_misspelt_option_is_silently_ignored_by_dbmate_so_it_is_a_warning(option: str) -> None:
    parsed = parse(f"-- migrate:up {option}\ncreate table a (x);\n{DOWN}")
    assert parsed.up is not None and parsed.up.transaction
    [problem] = parsed.problems
    assert (problem.code, problem.severity, problem.line) == ("option_ignored", "warning", 1)
    assert "exactly `transaction:false`" in problem.message


FORMS: list[tuple[str | bytes, list[str]]] = [
    (UP + DOWN, []),
    (UP.replace("\n", "\r\n") + DOWN.replace("\n", "\r\n"), []),
    (UP + DOWN.rstrip("\n"), []),
    ("-- migrate:down\n" + UP + DOWN, []),
    ("", ["no_up", "no_down"]),
    ("create table a (x);\n", ["no_up", "no_down"]),
    (UP, ["no_down"]),
    (DOWN, ["no_up"]),
    (DOWN + UP, ["wrong_order", "no_down"]),
    ("create table z (x);\n" + UP + DOWN, ["statement_before_up"]),
    ("/* licence */\n" + UP + DOWN, ["statement_before_up"]),
    ("\N{NO-BREAK SPACE}\n" + UP + DOWN, ["statement_before_up"]),
    ("  -- indented comment\n \t\n" + UP + DOWN, []),
    ("-- migrate:up\n" + DOWN.replace("drop table a;\n", ""), ["empty_up"]),
    ("-- migrate:up\n-- nothing yet\n/* at all */;\n" + DOWN.replace("drop table a;\n", ""), ["empty_up"]),
    (UP + " -- migrate:down\n" + DOWN, ["indented_directive"]),
    (UP + "  -- migrate:down\ndrop table a;\n", ["indented_directive", "no_down"]),
    (UP + "-- MIGRATE:DOWN\n" + DOWN, ["misspelt_directive"]),
    (UP + "-- migrate: down\n" + DOWN, ["misspelt_directive"]),
    (UP + "-- migrate:down;\n" + DOWN, ["misspelt_directive"]),
    (UP + DOWN + DOWN, ["several_down_blocks"]),
    (UP + DOWN + UP.replace(" a ", " b ") + DOWN, ["several_up_blocks"]),
    (UP + UP.replace(" a ", " b ") + DOWN, ["no_down", "several_up_blocks"]),
    ("\ufeff" + UP + DOWN, ["bom"]),
    ((UP + DOWN).encode("utf-16"), ["utf16"]),
    ((UP + DOWN).encode("utf-16-le"), ["utf16"]),
    ((UP + DOWN).encode("utf-16-be"), ["utf16"]),
    ((UP + DOWN).replace("\n", "\r"), ["cr_only"]),
    (UP + "--\r-- migrate:down\n", ["cr_only", "no_down"]),
    ("--\nmigrate:up\ncreate table a (x);\n" + DOWN, ["split_directive"]),
    (UP + "insert into a values ('\n-- migrate:down\n');\n", ["directive_in_text"]),
    (UP + "-- it's fine\n/* isn't it */ insert into a values ('it''s');\n" + DOWN, []),
    (
        "-- migrate:up create table a (x);\n" + DOWN.replace("drop table a;\n", ""),
        ["text_after_directive", "empty_up"],
    ),
    ("-- migrate:up lock:none\ncreate table a (x);\n" + DOWN, ["option_ignored"]),
]


@pytest.mark.parametrize(("content", "expected"), FORMS)
def test_every_form_has_its_problem(content: str | bytes, expected: list[str]) -> None:
    assert sorted(codes(content)) == sorted(expected)


@pytest.mark.parametrize("content", [content for content, _ in FORMS])
def test_what_dbmate_refuses_is_an_error_and_what_it_runs_is_none(
    content: str | bytes, tmp_path: Path
) -> None:
    misread = {"several_up_blocks"}  # dbmate runs these, and may record them wrongly
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "1_x.sql").write_bytes(data)
    refused = bare("-d", ".", "--no-dump-schema", "up", url="sqlite:t.db", cwd=tmp_path).returncode != 0
    errors = {problem.code for problem in parse(data).problems if problem.severity == "error"}
    in_text = "directive_in_text" in codes(data)  # the cut statement is the server's to refuse
    assert refused == bool(errors - misread) or in_text


def test_bytes_that_are_not_utf8_are_named_with_their_place() -> None:
    parsed = parse(b"-- migrate:up\ninsert into a values ('Z\xfcrich');\n-- migrate:down\n")
    [problem] = parsed.problems
    assert (problem.code, problem.line, problem.column) == ("not_utf8", 2, 25)
    assert "Zürich" in parsed.content and parsed.encoding == "cp1252"


def test_a_nul_byte_is_an_error_because_sqlite_stops_there(tmp_path: Path) -> None:
    content = UP + "insert into a values (1)\0; this is no SQL;\n" + DOWN
    (tmp_path / "1_x.sql").write_text(content)
    assert bare("-d", ".", "--no-dump-schema", "up", url="sqlite:t.db", cwd=tmp_path).returncode == 0
    [problem] = parse(content).problems
    assert (problem.code, problem.severity, problem.line, problem.column) == ("nul_byte", "error", 3, 25)


def test_problems_point_at_line_and_column_of_the_file() -> None:
    [problem] = parse("-- é\n  create table z (x);\n" + UP + DOWN).problems
    assert (problem.code, problem.line, problem.column) == ("statement_before_up", 2, 3)
    assert all(problem.message.endswith(".") for content, _ in FORMS for problem in parse(content).problems)


def test_a_file_in_another_encoding_or_newline_shows_its_halves_and_saving_it_mends_it() -> None:
    whole = UP + DOWN
    variants: list[str | bytes] = ["\ufeff" + whole, whole.encode("utf-16"), whole.replace("\n", "\r")]
    for broken in variants:
        parsed = parse(broken)
        assert parsed.up is not None and parsed.up.body == "create table a (x);" and not parsed.is_valid
        assert parse(parsed.content).is_valid


@pytest.mark.parametrize(
    ("down", "has_down"),
    [
        ("drop table a;", True),
        ("SELECT 1;", True),
        ("/*!40101 SET NAMES utf8 */;", True),
        ("", False),
        ("-- cannot be undone", False),
        ("/* nothing\n */ ;\n# nor here", False),
    ],
)
def test_a_down_of_comments_alone_is_no_down(down: str, has_down: bool) -> None:
    assert parse(f"{UP}-- migrate:down\n{down}\n").has_down is has_down


@pytest.mark.parametrize(
    "content",
    [
        b"-- migrate:up\n"
        + "insert into t values ('ä it''s', 12345, 'migrated');\n".encode() * 95_000
        + DOWN.encode(),
        UP.encode() + (b"x" * 100 + b" migrate: ") * 45_000 + b"\n" + DOWN.encode(),
        UP.encode() + b"-- a comment, that's all\n" * 200_000 + DOWN.encode(),
    ],
    ids=["rows", "one line", "comments"],
)
def test_five_megabytes_are_read_without_a_look_at_every_byte(content: bytes) -> None:
    """In lines of our code that run, which no busy machine changes: about ten for each place that may be a directive."""
    lines_run = 0

    def count(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal lines_run
        lines_run += 1
        return count

    traced = sys.gettrace()
    sys.settrace(count)
    try:
        parsed = parse(content)
    finally:
        sys.settrace(traced)
    assert parsed.is_valid
    assert lines_run < 1_000 + 11 * content.count(b" migrate: ")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_no_bytes_make_it_raise(data: bytes) -> None:
    parsed = parse(data)
    assert parsed.size_bytes == len(data)
    assert all(problem.line is None or problem.line >= 1 for problem in parsed.problems)


FRAGMENTS = [
    "-- migrate:up", "-- migrate:down", "--migrate:up", "--migrate:down transaction:false", "--", "migrate:up",
    "-- migrate:up x", "-- Migrate:up", " -- migrate:down", "-- c", "select 1;", "/* c */", "'", " ", "\t", "\n", "\n",
    "\n", "\r\n", "\r", "\f", "\v", "\ufeff", "\u00a0",
]  # fmt: skip


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_any_file_is_judged_as_dbmate_judges_it(content: str) -> None:
    """The bodies may be bad SQL; only refusals of the form count, all of which speak of a directive."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "1_x.sql").write_bytes(content.encode())
        done = bare("-d", ".", "--no-dump-schema", "up", url="sqlite:t.db", cwd=Path(folder))
    refused = "Error: dbmate " in done.stderr
    ours = {problem.code for problem in parse(content).problems if problem.severity == "error"}
    ours -= {"several_up_blocks", "split_directive"}
    if ours == {"cr_only"} and not refused:
        return  # a CR where a directive was meant, in a file that dbmate can read without it
    assert refused == bool(ours), done.stderr
