"""Runs a rule's own examples: a bad one fires it, a good one does not, a fix applied silences it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backend.drivers.dbmate.files import parse as parse_sql
from backend.engine.lint.linter import Options, Report, lint_file
from backend.engine.lint.registry import all_rules, lint_of
from backend.engine.lint.rule import Example, Rule
from backend.engine.lint.source import Source, of_parsed
from backend.models.connection import EngineName
from backend.models.finding import Finding, Fix
from backend.models.migration import MigrationFlag

UNDOES_NOTHING = "-- dbtoolkit:ignore down-empty: the example is about up\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One example of one rule on one engine."""

    rule: Rule
    engine: EngineName
    example: Example
    number: int

    @property
    def id(self) -> str:
        return f"{self.rule.code}-{self.engine.value}-{self.number}"


def cases(which: str, engine: EngineName | None = None) -> list[Case]:
    """Every `bad` or `good` example, on each engine the rule is for (or the one engine the example names)."""
    return [
        Case(rule, on, example, number)
        for rule in all_rules()
        for number, example in enumerate(getattr(rule, which), 1)
        for on in _engines(rule, example)
        if engine in (None, on)
    ]


def _engines(rule: Rule, example: Example) -> Iterator[EngineName]:
    for engine in rule.engines:
        lint = lint_of(engine)
        if lint is None or rule.code in lint.without or (example.engine not in (None, engine)):
            continue
        # The framework's own rules are for all, but their examples are written in SQL.
        if lint.dialect is None and EngineName.POSTGRES in rule.engines:
            continue
        yield engine


def content_of(example: Example, engine: EngineName) -> str:
    """The example as a whole file."""
    if example.content is not None:
        return example.content
    option = "" if example.transaction else " transaction:false"
    down = UNDOES_NOTHING if example.down is None else example.down
    return f"-- migrate:up{option}\n{example.up}\n\n-- migrate:down{option}\n{down}"


def source_of(content: str, example: Example, engine: EngineName) -> Source:
    flags = frozenset(MigrationFlag(one) for one in example.flags)
    if engine is EngineName.MONGODB:
        from backend.drivers.migrate_mongo.parse import parse_file as parse_js

        return of_parsed(parse_js(Path("20260117120000-example.js"), content.encode()), flags)
    return of_parsed(parse_sql(Path("20260117120000_example.sql"), content.encode()), flags)


def lint_content(content: str, example: Example, engine: EngineName) -> Report:
    options = Options(
        facts=example.facts, server_version=example.version, absent_modules=example.absent_modules
    )
    return lint_file(source_of(content, example, engine), engine, options)


def findings_of(case: Case, content: str | None = None) -> list[Finding]:
    """What this rule says of the example (or of `content` in its place)."""
    text = content_of(case.example, case.engine) if content is None else content
    report = lint_content(text, case.example, case.engine)
    failed = [one for one in report.findings if one.code == "rule-failed"]
    assert not failed, failed
    return [one for one in report.findings if one.code == case.rule.code]


def apply_fix(content: str, fix: Fix) -> str:
    """The file after one keystroke."""
    lines = content.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    edits = sorted(fix.edits, key=lambda one: (one.line, one.column), reverse=True)
    for one in edits:
        begin = starts[one.line - 1] + one.column - 1
        end = starts[one.end_line - 1] + one.end_column - 1
        assert 0 <= begin <= end <= len(content), one
        content = content[:begin] + one.text + content[end:]
    return content
