"""A .env file is read as dbmate reads it and written so that dbmate (and Node) read the same value back."""

from __future__ import annotations

import re
import string
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.errors import InvalidRequest
from backend.drivers import tools
from backend.store import env_file
from backend.store.env_grammar import parse, quote

PRINTABLE = "".join(chr(code) for code in range(32, 127))
_AWKWARD = st.text("ab'\"\\$#{} \t\n\r_A=`(é", max_size=9)

AsSeen = Callable[[str], str]


@pytest.fixture
def as_dbmate_sees(tmp_path: Path) -> AsSeen:
    """What the real dbmate makes of `NAME=<text>`: it names a driver it does not know."""

    def ask(lines: str) -> str:
        path = tmp_path / "probe.env"
        path.write_bytes(lines.encode())
        found = subprocess.run(
            [tools.dbmate_path(), "--env-file", path, "-u", "sqlite:x.db", "-d", tmp_path, "status"],
            capture_output=True,
            env={},
            cwd=tmp_path,
        )
        match = re.fullmatch(r"Error: unsupported driver: (.*)\n", found.stderr.decode(), re.DOTALL)
        assert match, found.stderr.decode()
        return match[1]

    return ask


@given(_AWKWARD)
@settings(max_examples=300, deadline=None)
def test_every_value_is_read_back_as_it_was_written(value: str) -> None:
    form = quote(value)
    if form is None:
        assert "\n" in value or "\r" in value
    else:
        assert "\n" not in form and parse(f"A=1\nX={form}\nB=2\n") == {"A": "1", "X": value, "B": "2"}


@given(value=_AWKWARD.filter(lambda text: bool(text.strip())))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_real_dbmate_reads_the_same_value(value: str, as_dbmate_sees: AsSeen) -> None:
    form = quote(value)
    if form is not None:
        assert as_dbmate_sees(f"A=1\nDBMATE_DRIVER={form}\nB=2\n") == value


@given(raw=st.text("ab'\"\\$#{} \t_A=`(é", min_size=1, max_size=9))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_user_wrote_is_seen_as_dbmate_sees_it(raw: str, as_dbmate_sees: AsSeen) -> None:
    mine = parse(f"A=x\nDBMATE_DRIVER={raw}\n").get("DBMATE_DRIVER")
    try:
        theirs = as_dbmate_sees(f"A=x\nDBMATE_DRIVER={raw}\n")
    except AssertionError:
        return  # It refused the file, or took it as no driver at all.
    assert mine == theirs


@pytest.mark.parametrize("char", PRINTABLE)
def test_every_printable_character_survives_anywhere(char: str) -> None:
    for value in (char, char + "x", "x" + char, f"x{char}y", char * 2, f" {char} "):
        form = quote(value)
        assert form is not None and parse(f"X={form}") == {"X": value}


def test_all_printable_characters_at_once_survive_dbmate(as_dbmate_sees: AsSeen) -> None:
    assert as_dbmate_sees(f"DBMATE_DRIVER={quote(PRINTABLE)}\n") == PRINTABLE


@pytest.mark.parametrize(
    "url",
    [
        "postgres://app:p%40ss%2F%27%22%24%23@host:5432/shop?sslmode=disable",
        "mysql://app:a%20b@host/shop",
        "sqlite:/data/my shop.db",
    ],
)
def test_urls_are_read_alike_by_python_dotenv_and_node(url: str, tmp_path: Path) -> None:
    """dbmate itself masks them when it names them; that it connects with them is shown with the servers."""
    line = f"DBMATE_DRIVER={quote(url)}\n"
    assert dotenv_values(stream=StringIO(line))["DBMATE_DRIVER"] == url
    (tmp_path / "node.env").write_text(line)
    script = f"process.loadEnvFile({str(tmp_path / 'node.env')!r}); process.stdout.write(process.env.DBMATE_DRIVER)"
    said = subprocess.run([tools.node_path(), "-e", script], capture_output=True, text=True, env={})
    assert said.stdout == url
    assert parse(line, "node")["DBMATE_DRIVER"] == url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("\ufeffA=1\n", {"A": "1"}),
        ("export A=1\n# B=2\n\n  C = x y  \n", {"A": "1", "C": "x y"}),
        (
            "A=1\nB=${A}/x\nC=$A-\nD='${A}'\nE=\"${A}\"",
            {"A": "1", "B": "1/x", "C": "1-", "D": "${A}", "E": "1"},
        ),
        ("A=postgres://u:pa$WORD@h/x", {"A": "postgres://u:pa@h/x"}),
        ("A=x # comment\nB=x#y", {"A": "x", "B": "x#y"}),
        ("not an assignment\nA=1", {"A": "1"}),
        ("A='never ends\nB=1", {"B": "1"}),
        ("A: yaml", {"A": "yaml"}),
        ("A=\nB=1", {"A": "", "B": "1"}),
        ("A=1\nA=2", {"A": "2"}),
        ("", {}),
    ],
)
def test_what_people_write_is_read(text: str, expected: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes(text.encode())
    assert env_file.read(path) == expected


def test_a_mongodb_projects_env_is_read_as_node_reads_it() -> None:
    assert parse("A=x#y\nB=Pa$WORD1\nC='q'", "node") == {"A": "x", "B": "Pa$WORD1", "C": "q"}


def test_a_change_keeps_every_other_line_and_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nexport A=1\nB=2\n\nC='x y'\n")
    env_file.change(path, {"A": "new value", "B": None, "D": "4"})
    assert path.read_text() == "# mine\nA='new value'\n\nC='x y'\nD=4\n"
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_written_is_refused_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1\n")
    for value in ("a\0b", "two\nlines\\"):
        with pytest.raises(InvalidRequest, match="A"):
            env_file.change(path, {"A": value})
    with pytest.raises(InvalidRequest):
        env_file.change(path, {"A\nB": "x"})
    assert path.read_text() == "A=1\n"


def test_a_file_that_is_no_text_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_bytes("A=1\n".encode("utf-16"))
    with pytest.raises(InvalidRequest, match=re.escape(str(path))):
        env_file.read(path)
    with pytest.raises(InvalidRequest):
        env_file.change(path, {"B": "1"})
    assert path.read_bytes() == "A=1\n".encode("utf-16")


def test_printable_is_what_python_calls_so() -> None:
    assert set(PRINTABLE) == set(string.printable) - set("\t\n\r\x0b\x0c")
