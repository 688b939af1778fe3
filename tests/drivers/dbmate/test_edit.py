"""Writing files: what is composed reads back, and what is not asked to change stays byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import InvalidRequest
from backend.drivers.dbmate import DbmateTool
from backend.engine.tool import ParsedFile

TOOL = DbmateTool()
FILE = "-- Header, kept.\n\n-- migrate:up  keep:this\ncreate table a (x);\n\n\n-- migrate:down\ndrop table a;"


def parse(content: str) -> ParsedFile:
    return TOOL.parse(Path("1_x.sql"), content.encode("utf-8", "surrogatepass"))


def test_a_new_file_looks_like_dbmates_own() -> None:
    content = TOOL.compose("create table a (x);\n", "drop table a;", transaction_down=False)
    assert content == (
        "-- migrate:up\ncreate table a (x);\n\n-- migrate:down transaction:false\ndrop table a;\n"
    )
    assert TOOL.compose("", "") == "-- migrate:up\n\n\n-- migrate:down\n"


def test_replacing_one_half_keeps_the_rest() -> None:
    changed = TOOL.replace_blocks(parse(FILE), up="create table b (x);", down=None)
    assert changed == FILE.replace("create table a", "create table b")
    changed = TOOL.replace_blocks(parse(FILE), up=None, down="drop table b;\n\n")
    assert changed == FILE.replace("drop table a;", "drop table b;\n")


def test_replacing_a_half_by_itself_changes_nothing() -> None:
    parsed = parse(FILE)
    assert parsed.up is not None and parsed.down is not None
    assert TOOL.replace_blocks(parsed, up=parsed.up.body + "\n", down=parsed.down.body) == FILE


def test_a_crlf_file_stays_one() -> None:
    content = FILE.replace("\n", "\r\n")
    parsed = parse(content)
    assert parsed.newline == "\r\n"
    assert TOOL.replace_blocks(parsed, up="create table a (x);", down="drop table a;") == content
    changed = TOOL.replace_blocks(parsed, up="one;\ntwo;", down=None)
    assert "one;\r\ntwo;\r\n" in changed and "\n" not in changed.replace("\r\n", "")


def test_the_option_is_set_and_cleared_on_both_halves() -> None:
    off = TOOL.replace_blocks(parse(FILE), up=None, down=None, transaction=False)
    assert off == FILE.replace("keep:this", "keep:this transaction:false").replace(
        "down\n", "down transaction:false\n"
    )
    assert TOOL.replace_blocks(parse(off), up=None, down=None, transaction=True) == FILE


def test_a_misspelt_option_is_mended_when_the_option_is_set() -> None:
    parsed = parse("-- migrate:up transaction: False\nselect 1;\n-- migrate:down\n")
    mended = TOOL.replace_blocks(parsed, up=None, down=None, transaction=False)
    assert mended == "-- migrate:up transaction:false\nselect 1;\n-- migrate:down transaction:false\n"


def test_a_missing_down_is_added() -> None:
    added = TOOL.replace_blocks(parse("-- migrate:up\nselect 1;"), up=None, down="select 2;")
    assert added == "-- migrate:up\nselect 1;\n\n-- migrate:down\nselect 2;\n"
    assert parse(TOOL.replace_blocks(parse("-- migrate:up\nselect 1;\n"), up=None, down="")).is_valid


@pytest.mark.parametrize(
    "body",
    [
        "select '\n-- migrate:down\n';",
        "--migrate:up transaction:false",
        "x;\r\n-- migrate:down",
        "a\r--\tmigrate:up\rb",
    ],
)
def test_a_body_with_a_line_that_reads_as_a_directive_is_refused(body: str) -> None:
    with pytest.raises(InvalidRequest, match="reads as a directive"):
        TOOL.compose(body, "")
    with pytest.raises(InvalidRequest, match="reads as a directive"):
        TOOL.replace_blocks(parse(FILE), up=None, down=body)


@pytest.mark.parametrize(
    "content",
    [
        "select 1;\n",
        "-- migrate:down\nx;\n-- migrate:up\ny;\n",
        FILE + "\n" + FILE,
        FILE + "\n-- migrate:down\n",
    ],
)
def test_a_file_without_one_up_and_one_down_is_not_guessed_at(content: str) -> None:
    with pytest.raises(InvalidRequest):
        TOOL.replace_blocks(parse(content), up="x;", down="y;")


BODIES = st.text(st.characters(codec="utf-8"), max_size=80).filter(lambda text: "migrate:" not in text)
NEWLINES = st.sampled_from(["\n", "\r\n"])


def plain(body: str) -> str:
    """A body as it reads back: lines end in LF, white space at the end is gone."""
    return body.replace("\r\n", "\n").replace("\r", "\n").rstrip(" \t\r\n\f")


@given(BODIES, BODIES, st.booleans(), st.booleans())
def test_what_is_composed_reads_back(
    up: str, down: str, transaction_up: bool, transaction_down: bool
) -> None:
    parsed = parse(TOOL.compose(up, down, transaction_up=transaction_up, transaction_down=transaction_down))
    assert parsed.up is not None and parsed.down is not None
    assert (parsed.up.body, parsed.up.transaction) == (plain(up), transaction_up)
    assert (parsed.down.body, parsed.down.transaction) == (plain(down), transaction_down)


@given(BODIES, BODIES, BODIES, BODIES, NEWLINES)
def test_replacing_keeps_the_other_half_and_the_header(
    header: str, up: str, down: str, new: str, newline: str
) -> None:
    lines = "".join(f"-- {line}\n" for line in plain(header).split("\n"))
    content = (lines + TOOL.compose(up, down)).replace("\n", newline)
    parsed = parse(content)
    assert parsed.up is not None and parsed.down is not None
    with_up = parse(TOOL.replace_blocks(parsed, up=new, down=None))
    assert with_up.up is not None and with_up.down is not None
    assert with_up.down.text == parsed.down.text
    assert plain(with_up.up.body) == plain(new)
    with_down = parse(TOOL.replace_blocks(parsed, up=None, down=new))
    assert with_down.up is not None and with_down.down is not None
    assert with_down.up.text == parsed.up.text
    assert plain(with_down.down.body) == plain(new)
    assert with_up.content.startswith(lines.replace("\n", newline))
