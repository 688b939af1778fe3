"""What dbmate printed, read from real transcripts (tests/fixtures/dbmate)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.drivers.dbmate.output import OutputReader, duration_ms, error_text, is_nothing_to_roll_back

FIXTURES = Path(__file__).parents[2] / "fixtures" / "dbmate"
FILES = ["1_a.sql", "2_b.sql"]


@dataclass(frozen=True)
class Transcript:
    exit_code: int
    stdout: str
    stderr: str


def transcript(name: str) -> Transcript:
    text = (FIXTURES / f"{name}.txt").read_text()
    head, _, rest = text.partition("== stdout\n")
    stdout, _, stderr = rest.rpartition("== stderr\n")
    return Transcript(int(head.rpartition("== exit ")[2]), stdout, stderr)


def read(name: str) -> tuple[list[tuple[str, str]], str | None, str]:
    """The progress, the file it failed at and the error of a transcript."""
    said = transcript(name)
    reader = OutputReader(FILES)
    progress = [item for line in said.stdout.splitlines() for item in reader.read(line)]
    progress += reader.end(said.exit_code)
    error = error_text(said.stdout, said.stderr, said.exit_code)
    return [(item.kind, item.filename) for item in progress], reader.failed_file, error


A = [("start", "1_a.sql"), ("done", "1_a.sql")]
A_THEN_B = [*A, ("start", "2_b.sql")]


@pytest.mark.parametrize(
    ("name", "progress", "failed", "error"),
    [
        ("up", [*A_THEN_B, ("done", "2_b.sql")], None, ""),
        ("up_fails", A_THEN_B, "2_b.sql", "no such table: nope"),
        ("failed_but_applied", A_THEN_B, "2_b.sql", "no such table: nope"),
        ("rollback", A, None, ""),
        ("rollback_fails", [("start", "2_b.sql")], "2_b.sql", "no such table: zzz"),
        ("failed_but_rolled_back", [("start", "2_b.sql")], "2_b.sql", "no such table: zzz"),
        ("no_files", [], None, "no migration files found"),
        ("nothing_to_roll_back", [], None, "can't rollback: no migrations have been applied"),
        ("committed_inside", A[:1], "1_a.sql", "pq: unexpected transaction status idle"),
        ("unknown_flag", [], None, "flag provided but not defined: -migration-lock"),
        (
            "refused_when_reached",
            A_THEN_B,
            "2_b.sql",
            "dbmate requires each migration to define a down block with '-- migrate:down'",
        ),
        (
            "up_fails_postgres",
            A_THEN_B,
            "2_b.sql",
            'line: 4, column: 13, position: 52: pq: relation "nope" does not exist at position 4:13 (42P01)',
        ),
    ],
)
def test_a_transcript_tells(
    name: str, progress: list[tuple[str, str]], failed: str | None, error: str
) -> None:
    assert read(name) == (progress, failed, error)


def test_an_error_of_several_lines_is_kept_whole() -> None:
    assert read("up_fails_several_lines")[2] == "pq: first line\nsecond line\n\nError: fourth line (P0001)"


def test_nothing_to_roll_back_is_recognised() -> None:
    assert is_nothing_to_roll_back(read("nothing_to_roll_back")[2])
    assert not is_nothing_to_roll_back(read("rollback_fails")[2])


def test_a_file_that_was_not_asked_for_makes_no_progress() -> None:
    reader = OutputReader(FILES)
    lines = ["Applying: evil.sql", "Applied: 1_a.sql in 1ms", "Applying: 1_a.sql ", "applying: 1_a.sql"]
    assert [item for line in lines for item in reader.read(line)] == []


def test_a_name_with_in_and_a_duration_inside_is_no_trouble() -> None:
    name = "1_x in 5s.sql"
    reader = OutputReader([name])
    items = [*reader.read(f"Applying: {name}"), *reader.read(f"Applied: {name} in 2.5s"), *reader.end(0)]
    assert [(item.kind, item.duration_ms) for item in items] == [("start", None), ("done", 2500.0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("912µs", 0.912),
        ("912μs", 0.912),
        ("912us", 0.912),
        ("1.27ms", 1.27),
        ("3.1s", 3100.0),
        ("1m2s", 62_000.0),
        ("1m2.5s", 62_500.0),
        ("1h0m0.25s", 3_600_250.0),
        ("41ns", 0.000041),
        ("0s", 0.0),
        ("", None),
        ("5", None),
        ("5 s", None),
        ("s", None),
    ],
)
def test_gos_durations_become_milliseconds(text: str, expected: float | None) -> None:
    assert duration_ms(text) == (expected if expected is None else pytest.approx(expected))


def test_an_end_without_words_is_still_explained() -> None:
    assert error_text("", "", -9) == "dbmate was ended by SIGKILL."
    assert error_text("", "", 3) == "dbmate ended with exit code 3 and said nothing."
    assert error_text("one\n\ntwo\n", "", 2) == "dbmate ended with exit code 2: one / two"
    assert (
        error_text("", "2026/01/17 Error loading .env file: boom\n", 3)
        == "2026/01/17 Error loading .env file: boom"
    )
