"""The rules the framework itself speaks by: statements not understood, comments that switch rules off. Pure.

Their hits are made in `linter`, so their checks yield nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.models.connection import EngineName
from backend.models.finding import Severity

from .context import At
from .rule import Bad, Good, Hit, RuleSet, Scope

_rules = RuleSet(*EngineName)
_rule = _rules.rule
_TABLE = "CREATE TABLE orders (id bigint PRIMARY KEY);"


@_rule(
    "unparsed-statement",
    scope=Scope.FILE,
    title="Statement not understood",
    severity=Severity.MEDIUM,
    harm="A statement the parser does not understand may do anything, or fail when it runs; its risk is unknown.",
    advice="Mend the syntax, or check this statement by hand and rehearse it.",
    bad=(
        Bad("CREATE TABLE orders (id bigint PRIMARY KEY,, name text);"),
        Bad("SELECT 1;\n-- the next one has a typo\nALTER TABEL orders ADD COLUMN note text;", hits=1),
    ),
    good=(Good(_TABLE), Good("SELECT 'ALTER TABEL' AS \"words; not code\" -- ALTER TABEL\n;")),
)
def unparsed_statement(at: At) -> Iterator[Hit]:
    yield from ()


@_rule(
    "statement-refused",
    scope=Scope.FILE,
    title="Statement the database refuses",
    severity=Severity.HIGH,
    harm="The engine's own parser refuses the statement, so the run stops there.",
    advice="Mend the statement; the message is the database's own.",
    bad=(),
    good=(Good(_TABLE),),
)
def statement_refused(at: At) -> Iterator[Hit]:
    yield from ()


@_rule(
    "rule-failed",
    scope=Scope.FILE,
    title="A rule could not judge",
    severity=Severity.INFO,
    harm="A rule broke on this statement, so the danger it looks for is unknown here.",
    advice="Look at this statement by hand, and report it with the log.",
    bad=(),
    good=(),
)
def rule_failed(at: At) -> Iterator[Hit]:
    yield from ()


@_rule(
    "suppression-unused",
    scope=Scope.FILE,
    title="Suppression that suppresses nothing",
    severity=Severity.LOW,
    harm="A comment switches off a rule that has nothing to say here; it would hide a real danger added later.",
    advice="Delete the comment, or mend the code it names.",
    bad=(
        Bad("-- dbtoolkit:ignore drop-table: agreed with the team\n" + _TABLE),
        Bad("/* dbtoolkit:ignore no-such-rule: because */\n" + _TABLE),
    ),
    good=(
        Good(
            "-- dbtoolkit:ignore drop-table: emptied in March, agreed with the team\nDROP TABLE orders;",
            setup=_TABLE,
        ),
        Good("INSERT INTO notes (body) VALUES ('-- dbtoolkit:ignore drop-table: only text');"),
    ),
)
def suppression_unused(at: At) -> Iterator[Hit]:
    yield from ()


@_rule(
    "suppression-without-reason",
    scope=Scope.FILE,
    title="Suppression without a reason",
    severity=Severity.LOW,
    harm="Nobody can tell later why a danger was accepted, so the comment switches nothing off.",
    advice="Write `-- dbtoolkit:ignore <code>: <reason>`.",
    bad=(
        Bad("-- dbtoolkit:ignore drop-table\nDROP TABLE orders;", setup=_TABLE),
        Bad("-- dbtoolkit:ignore drop-table:\nDROP TABLE orders;", setup=_TABLE),
        Bad("-- dbtoolkit:ignore\nDROP TABLE orders;", setup=_TABLE),
    ),
    good=(Good("-- dbtoolkit:ignore drop-table: emptied in March\nDROP TABLE orders;", setup=_TABLE),),
)
def suppression_without_reason(at: At) -> Iterator[Hit]:
    yield from ()


RULES = tuple(_rules.rules)
