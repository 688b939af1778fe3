"""The framework: places, facts, suppressions, unknown, directions, a rule that breaks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from backend.drivers.dbmate.files import parse
from backend.engine.lint import linter
from backend.engine.lint.facts import Facts
from backend.engine.lint.linter import Options, Report, lint_file
from backend.engine.lint.registry import lint_of, rule_named, rules_for
from backend.engine.lint.rule import Hit, Rule, Scope, facts_of
from backend.engine.lint.source import of_parsed
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.migration import Direction
from backend.models.schema import Catalog, CatalogColumn, CatalogTable


def lint(content: str, **options: object) -> Report:
    parsed = parse(Path("20260117120000_x.sql"), content.encode())
    return lint_file(of_parsed(parsed), EngineName.POSTGRES, Options(**options))  # type: ignore[arg-type]


def codes(report: Report) -> set[str]:
    return {one.code for one in report.findings}


UP = "-- head\n-- migrate:up\n-- é; a comment\nSELECT 1;\n\n  DROP TABLE\n    orders;\n-- migrate:down\nDELETE FROM a;\n"


def test_a_finding_stands_on_the_line_and_column_of_the_file() -> None:
    found = next(one for one in lint(UP).findings if one.code == "drop-table")
    assert (found.line, found.column, found.end_line, found.end_column) == (6, 3, 7, 11)
    assert found.direction is Direction.UP and found.statement == "DROP TABLE\n    orders"
    down = next(one for one in lint(UP).findings if one.code == "delete-without-where")
    assert (down.line, down.column, down.direction) == (9, 1, Direction.DOWN)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_place_is_right_with_either_line_break(newline: str) -> None:
    found = next(one for one in lint(UP.replace("\n", newline)).findings if one.code == "drop-table")
    assert (found.line, found.column) == (6, 3)


@pytest.mark.parametrize(
    ("rows", "severity", "unknown"),
    [(0, None, None), (50, Severity.LOW, False), (200_000, Severity.MEDIUM, False), (40_000_000, Severity.HIGH, False),
     (None, Severity.HIGH, True)],
)  # fmt: skip
def test_the_severity_follows_the_rows(
    rows: int | None, severity: Severity | None, unknown: bool | None
) -> None:
    report = lint(
        "-- migrate:up\nCREATE INDEX i ON orders (a);\n-- migrate:down\nDROP INDEX i;",
        facts=facts_of(orders=rows),
    )
    found = [one for one in report.findings if one.code == "pg-index-not-concurrent"]
    assert [(one.severity, one.unknown) for one in found] == (
        [] if severity is None else [(severity, unknown)]
    )
    if rows == 40_000_000:
        assert "about 40 million rows" in found[0].message


def test_without_facts_a_finding_says_that_the_size_is_not_known() -> None:
    found = next(
        one
        for one in lint("-- migrate:up\nCREATE INDEX i ON t (a);\n-- migrate:down\n").findings
        if "index" in one.code
    )
    assert found.unknown and "is not known" in found.message


def test_a_table_of_a_pending_file_before_is_new_and_empty() -> None:
    facts = Facts.of_catalog(Catalog(), new_tables=["orders"])
    assert "pg-index-not-concurrent" not in codes(
        lint("-- migrate:up\nCREATE INDEX i ON orders (a);\n-- migrate:down\n", facts=facts)
    )
    assert lint("-- migrate:up\nCREATE TABLE s.orders (id int);\n-- migrate:down\n").creates == ("s.orders",)


def test_a_table_of_another_schema_lends_no_facts() -> None:
    facts = Facts.of_catalog(
        Catalog(tables=[CatalogTable(schema_name="old", name="orders", rows=0)], default_schema="public")
    )
    found = [one for one in lint("-- migrate:up\nCREATE INDEX i ON app.orders (a);\n-- migrate:down\n", facts=facts).findings
             if one.code == "pg-index-not-concurrent"]  # fmt: skip
    assert found and found[0].unknown


def test_a_column_the_catalog_knows_as_not_null_is_no_danger() -> None:
    table = CatalogTable(
        schema_name="public",
        name="t",
        rows=10**7,
        columns=[CatalogColumn(name="a", type="int", nullable=False)],
    )
    facts = Facts.of_catalog(Catalog(tables=[table], default_schema="public"))
    assert not codes(
        lint("-- migrate:up\nALTER TABLE t ALTER a SET NOT NULL;\n-- migrate:down\n", facts=facts)
    ) & {"pg-set-not-null", "set-not-null"}


def test_a_typo_hides_no_other_danger() -> None:
    report = lint("-- migrate:up\nALTER TABEL é;\nDROP TABLE orders;\nSELEC 1;\n-- migrate:down\n")
    wanted = [one for one in report.findings if one.code in ("unparsed-statement", "drop-table")]
    assert [(one.code, one.line, one.column) for one in wanted] == [
        ("unparsed-statement", 2, 7), ("drop-table", 3, 1), ("unparsed-statement", 4, 1)]  # fmt: skip
    assert report.unparsed == 2 and all(
        one.unknown for one in report.findings if one.code == "unparsed-statement"
    )


# -- suppressions ------------------------------------------------------------------------------------------------


def test_a_comment_before_a_statement_is_for_that_one_alone() -> None:
    report = lint(
        "-- migrate:up\n-- dbtoolkit:ignore drop-table: agreed\nDROP TABLE a;\nDROP TABLE b;\n-- migrate:down\n"
    )
    assert [one.line for one in report.findings if one.code == "drop-table"] == [4]
    assert [(one.finding.code, one.reason, one.line) for one in report.suppressed] == [
        ("drop-table", "agreed", 2)
    ]


def test_a_comment_in_the_head_is_for_the_whole_file() -> None:
    report = lint(
        "-- dbtoolkit:ignore drop-table, down-empty: agreed\n-- migrate:up\nDROP TABLE a;\nDROP TABLE b;\n-- migrate:down\n"
    )
    assert not codes(report) & {"drop-table", "down-empty", "suppression-unused"}
    assert len(report.suppressed) == 3


def test_a_comment_inside_a_statement_or_a_block_comment_counts() -> None:
    report = lint("-- migrate:up\nDROP TABLE /* dbtoolkit:ignore drop-table: agreed */ a;\n-- migrate:down\n")
    assert "drop-table" not in codes(report) and report.suppressed[0].reason == "agreed"


def test_the_words_in_a_string_or_a_body_switch_nothing_off() -> None:
    report = lint("-- migrate:up\nSELECT '-- dbtoolkit:ignore drop-table: x';\nDO $f$ "
                  "-- dbtoolkit:ignore drop-table: x\nBEGIN END $f$;\n"
                  "DROP TABLE a;\n-- migrate:down\n")  # fmt: skip
    assert (
        "drop-table" in codes(report) and not report.suppressed and "suppression-unused" not in codes(report)
    )


def test_one_that_switches_nothing_off_is_reported_by_each_code() -> None:
    report = lint(
        "-- migrate:up\n-- dbtoolkit:ignore drop-table, truncate, no-such: x\nDROP TABLE a;\n-- migrate:down\n"
    )
    unused = [one for one in report.findings if one.code == "suppression-unused"]
    assert [one.message.split()[0] for one in unused] == ["truncate", "no-such"] and unused[0].line == 2


def test_without_a_reason_it_switches_nothing_off() -> None:
    report = lint("-- migrate:up\n-- dbtoolkit:ignore drop-table\nDROP TABLE a;\n-- migrate:down\n")
    assert codes(report) >= {"drop-table", "suppression-without-reason"}


def test_rules_are_off_by_settings_and_their_suppressions_are_then_not_unused() -> None:
    content = "-- migrate:up\n-- dbtoolkit:ignore drop-table: agreed\nDROP TABLE a;\n-- migrate:down\n"
    assert not codes(lint(content, disabled=frozenset({"drop-table"}))) & {"drop-table", "suppression-unused"}


# -- robustness --------------------------------------------------------------------------------------------------


def test_a_rule_that_breaks_is_said_to_be_unable_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(at: object) -> list[Hit]:
        raise RuntimeError("boom")

    plan = linter._plan(EngineName.POSTGRES, frozenset())
    rule = Rule(code="broken", title="x", severity=Severity.HIGH, harm="x.", advice="x.", engines=(EngineName.POSTGRES,),
                check=broken, scope=Scope.STATEMENT)  # fmt: skip
    changed = linter._Plan(plan.by_op, (*plan.statement, rule), plan.half, plan.file, plan.named)
    monkeypatch.setattr(linter, "_plan", lambda engine, there: changed)
    report = lint("-- migrate:up\nDROP TABLE a;\n-- migrate:down\n")
    failed = next(one for one in report.findings if one.code == "rule-failed")
    assert failed.unknown and "broken" in failed.message and "drop-table" in codes(report)


@pytest.mark.parametrize(
    "content",
    ["", "\n", "-- migrate:up", "-- migrate:up\n-- migrate:down", "-- migrate:up\n'", "-- migrate:up\n$a$ x\n-- migrate:down\n",
     "-- migrate:up\n" + "(" * 5000 + "\n-- migrate:down\n", "-- migrate:up\nSELECT '\x00';\n-- migrate:down\n",
     "\ufeff-- migrate:up\nSELECT 1;",
     "-- migrate:down\nDROP TABLE a;\n-- migrate:up\nSELECT 1;", "-- migrate:up\n/* /* */\n-- migrate:down\n"],
)  # fmt: skip
@pytest.mark.parametrize(
    "engine", [one for one in EngineName if lint_of(one) and one is not EngineName.MONGODB]
)
def test_bad_input_never_raises(content: str, engine: EngineName) -> None:
    parsed = parse(Path("1_x.sql"), content.encode())
    report = lint_file(of_parsed(parsed), engine)
    assert all(one.line >= 1 and one.column >= 1 for one in report.findings)


def test_a_thousand_errors_are_bounded() -> None:
    report = lint("-- migrate:up\n" + "DROP TABLE a;\nSELEC 1;\n" * 2000 + "-- migrate:down\n")
    assert len(report.findings) == linter.MOST_FINDINGS and report.left_out > 0


def test_every_engine_with_a_lint_folder_has_rules() -> None:
    for engine in EngineName:
        if lint_of(engine) is not None:
            assert len(rules_for(engine)) > 10
    assert rule_named("drop-table").info().docs == "docs/rules/drop-table.md"


def test_two_megabytes_do_not_hang_it() -> None:
    rows = ",\n".join(f"({i}, 'alice; -- is here', 'a{i}@b.c')" for i in range(30_000))
    content = f"-- migrate:up\nCREATE TABLE t (id int PRIMARY KEY, n text, m text);\nINSERT INTO t (id, n, m) VALUES {rows};\n"
    content += f"INSERT INTO t (id, n, m) VALUES {rows};\n-- migrate:down\nDROP TABLE t;\n"
    assert len(content) > 2_000_000
    parsed = parse(Path("1_x.sql"), content.encode())
    start = time.process_time()
    lint_file(of_parsed(parsed), EngineName.POSTGRES)
    assert time.process_time() - start < 15


@pytest.mark.parametrize(
    "engine", [EngineName.POSTGRES, EngineName.MYSQL, EngineName.SQLITE, EngineName.CLICKHOUSE]
)
def test_a_hundred_realistic_files_are_read_whole(engine: EngineName) -> None:
    files = [
        f"-- migrate:up\nCREATE TABLE users_{i} (\n  id bigint PRIMARY KEY,\n  email varchar(255) NOT NULL, -- login\n"
        f"  name text NOT NULL DEFAULT ''\n);\nCREATE INDEX users_{i}_email ON users_{i} (email);\n"
        f"ALTER TABLE teams ADD COLUMN c{i} int NOT NULL DEFAULT 0;\nINSERT INTO teams (id, name) VALUES (1, 'a'), (2, 'b');\n"
        "UPDATE teams SET name = 'x' WHERE name = '';\n-- migrate:down\n"
        f"ALTER TABLE teams DROP COLUMN c{i};\nDROP TABLE users_{i};\n"
        for i in range(100)
    ]
    parsed = [parse(Path(f"{i}_x.sql"), text.encode()) for i, text in enumerate(files)]
    lint_file(of_parsed(parsed[0]), engine)
    for one in parsed:
        assert lint_file(of_parsed(one), engine).unparsed == 0
