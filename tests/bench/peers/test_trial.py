"""The judge of the peers: what the database holds in the end, whatever a peer says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench.peers.dumps import lines_of
from tests.bench.peers.model import Outcome, Pair, Peer, PeerMissing, StatementsFailed, Written
from tests.bench.peers.sqlite import SqliteField
from tests.bench.peers.table import text
from tests.bench.peers.trial import sample, trial

OLD = "CREATE TABLE t (id INTEGER PRIMARY KEY);"
ADD = "ALTER TABLE t ADD COLUMN a TEXT;"


class Fixed(Peer):
    """Writes the same, whatever the pair."""

    name = "fixed"

    def __init__(self, script: str, *admitted: str) -> None:
        self._written = Written(script, 1.0, admitted)

    def prepare(self) -> None: ...

    def write(self, old: str, new: str) -> Written:
        return self._written


class GivesUp(Fixed):
    def write(self, old: str, new: str) -> Written:
        raise StatementsFailed("no idea\nand a traceback")


class Nowhere(Fixed):
    def prepare(self) -> None:
        raise PeerMissing("not to be had")


class OnePair(SqliteField):
    def __init__(self, folder: Path, new: str) -> None:
        super().__init__(folder)
        self._new = new

    def pairs(self) -> Sequence[Pair]:
        return [Pair("one", OLD, self._new)]


@pytest.mark.parametrize(
    ("peer", "outcome"),
    [
        (Fixed(ADD), Outcome.CONVERGED),
        (Fixed(""), Outcome.SILENT),
        (Fixed(ADD.replace("TEXT", "BLOB")), Outcome.SILENT),
        (Fixed("", "a stays away"), Outcome.FAILED),
        (Fixed("ALTER TABLE u ADD COLUMN a TEXT;"), Outcome.FAILED),
        (GivesUp(""), Outcome.FAILED),
    ],
)
def test_a_peer_is_judged_by_what_the_database_holds(tmp_path: Path, peer: Peer, outcome: Outcome) -> None:
    (row,) = trial(OnePair(tmp_path, f"{OLD}{ADD}"), [peer], None)
    assert [one.outcome for one in row.verdicts] == [outcome]
    assert list(tmp_path.iterdir()) == []


def test_a_pair_that_agrees_already_is_left_out(tmp_path: Path) -> None:
    (row,) = trial(OnePair(tmp_path, OLD.lower()), [Fixed("")], None)
    assert row.verdicts == []


def test_what_cannot_be_dumped_any_more_is_silently_wrong(tmp_path: Path) -> None:
    class Undumpable(OnePair):
        def dump(self, database: str) -> Counter[str]:
            found = super().dump(database)
            if any("broken" in line for line in found):
                raise StatementsFailed("the view broken names no column")
            return found

    (row,) = trial(Undumpable(tmp_path, f"{OLD}{ADD}"), [Fixed("CREATE VIEW broken AS SELECT 1;")], None)
    assert [(one.outcome, one.why) for one in row.verdicts] == [
        (Outcome.SILENT, "the view broken names no column")
    ]


def test_a_peer_that_is_not_to_be_had_says_why(tmp_path: Path) -> None:
    here, gone = trial(OnePair(tmp_path, f"{OLD}{ADD}"), [Fixed(ADD), Nowhere("")], None)
    assert text(here).split()[2:] == ["1", "100.0", "%", "0.0", "%", "0.0", "%", "1", "ms"]
    assert text(gone).endswith("–  not to be had")


def test_a_sample_is_spread_over_all_and_the_same_each_time() -> None:
    pairs = [Pair(str(number), "", "") for number in range(10)]
    assert [one.name for one in sample(pairs, 4)] == ["0", "2", "5", "7"]
    assert sample(pairs, None) == sample(pairs, 99) == pairs


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("CREATE TABLE t (a INT)", 'create table "t" (\n "a" INT -- note\n)', True),
        ("CREATE TABLE t (id INTEGER PRIMARY KEY)", "CREATE TABLE t (id INTEGER NOT NULL, PRIMARY KEY (id))", True),
        ("CREATE TABLE t (a INT)", "CREATE TABLE t (a INT CHECK (a > 0))", False),
        ("CREATE TABLE t (a INT, UNIQUE (a))", "CREATE TABLE t (a INT)", False),
        ("CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) STRICT", False),
        ("CREATE VIEW v AS SELECT 'a'", "CREATE VIEW v AS SELECT 'A'", False),
    ],
)  # fmt: skip
def test_sqlite_is_compared_by_what_it_does_not_by_how_it_is_written(
    tmp_path: Path, one: str, other: str, same: bool
) -> None:
    field = SqliteField(tmp_path)
    dumps = [field.dump(field.made(text)) for text in (one, other)]
    assert (dumps[0] == dumps[1]) is same


def test_the_order_of_lines_does_not_count_and_their_table_does() -> None:
    dump = "CREATE TABLE t (\n    a int,\n    b int\n);\nCREATE TABLE u (\n    c int\n);\n"
    swapped = dump.replace("a int,\n    b int", "b int,\n    a int")
    moved = dump.replace("    a int,\n", "").replace("c int", "c int,\n    a int")
    assert lines_of(f"-- of today\nSET default_tablespace = '';\n\n{swapped}") == lines_of(dump)
    assert lines_of(moved) != lines_of(dump)


def test_a_bracket_that_closes_on_its_line_ends_its_object() -> None:
    """As pg_dump prints text search; what comes after it may come in any order."""
    configuration = 'CREATE TEXT SEARCH CONFIGURATION c (\n    PARSER = pg_catalog."default" );\n'
    sequence = "CREATE SEQUENCE s\n    START WITH 1;\n"
    assert lines_of(configuration + sequence) == lines_of(sequence + configuration)
