"""What a rule is: metadata, a check, and its own good and bad examples, held together. Pure.

@rule(
    "drop-table", on=Drop, severity=Severity.HIGH, confirm=True, title="Table dropped", harm="…", advice="…",
    origin=("squawk: ban-drop-table",),
    bad=(Bad("DROP TABLE orders"),),
    good=(Good("CREATE TABLE orders (id int PRIMARY KEY)"),),
)
def drop_table(at: At, op: Drop) -> Iterator[Hit]:
    if op.kind == "table": yield at.hit(f"…", safe_form=…)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from backend.models.connection import EngineName
from backend.models.finding import Fix, RuleInfo, Severity
from backend.models.migration import Direction

from .facts import Absence, Facts
from .ops import Name, Op, Span
from .source import Stmt

ALL_SQL = (
    EngineName.POSTGRES,
    EngineName.MYSQL,
    EngineName.SQLITE,
    EngineName.CLICKHOUSE,
    EngineName.BIGQUERY,
    EngineName.SPANNER,
)
ORDER = (Severity.INFO, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)


def rank(severity: Severity) -> int:
    """0 (info) to 4 (critical)."""
    return ORDER.index(severity)


def lowered(severity: Severity, steps: int = 1) -> Severity:
    return ORDER[max(0, rank(severity) - steps)]


class Scope(Enum):
    """What a check is called for where it does not look at one kind of operation."""

    STATEMENT = "statement"
    HALF = "half"
    FILE = "file"


Place = Literal["statement", "half", "file"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What a check yields. The runner adds position, code and titles.

    `span` is in the statement's text (in the half's body without one, in the file's content for Scope.FILE).
    """

    message: str
    span: Span | None = None
    safe_form: str | None = None
    fixes: tuple[Fix, ...] = ()
    severity: Severity | None = None
    """None: the rule's own."""
    unknown: bool = False
    confirm: bool | None = None
    advice: str | None = None
    file_span: Span | None = None
    """Offsets in the file, where it stands outside the statement."""
    direction: Direction | None = None
    statement: Stmt | None = None
    """For Scope.HALF: the statement it is about; `span` is then in its text."""


@dataclass(frozen=True, slots=True)
class Example:
    """A file that makes a rule speak (`Bad`) or leaves it silent (`Good`). Data of the tests and of the rule's page.

    `up` and `down` are bodies; `down=None` writes one that undoes nothing and says so. `setup` is run on the real
    server before the safe form is. `content` is the whole file where the directives matter.
    """

    up: str = ""
    down: str | None = None
    setup: str = ""
    facts: Facts | None = None
    version: tuple[int, ...] | None = None
    transaction: bool = True
    engine: EngineName | None = None
    """For a rule of several engines; None is the rule's first."""
    content: str | None = None
    hits: int | None = None
    """How often the rule speaks; None: at least once."""
    runs_safe_form: bool = True
    """False where the safe form cannot be run by a test's server (needs rights, minutes, another version): say why."""
    why_not: str = ""
    flags: tuple[str, ...] = ()
    """MigrationFlag values, for rules about the file's state."""
    absent_modules: Mapping[str, Absence] = field(default_factory=dict)
    """Modules that are not there, seen from the file's folder."""


Bad = Example
Good = Example
Check = Callable[..., Iterable[Hit]]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    code: str
    title: str
    severity: Severity
    harm: str
    """One plain sentence: what goes wrong."""
    advice: str
    """One plain sentence: the safe way."""
    engines: tuple[EngineName, ...]
    check: Check
    on: tuple[type[Op], ...] = ()
    scope: Scope | None = None
    directions: tuple[Direction, ...] = (Direction.UP, Direction.DOWN)
    origin: tuple[str, ...] = ()
    bad: tuple[Example, ...] = ()
    good: tuple[Example, ...] = ()
    confirm: bool = False
    words: tuple[str, ...] = ()
    """A file without any of these, as they are spelled here, is nothing to it: the rule is then not asked. Empty: always."""

    @property
    def docs(self) -> str:
        return f"docs/rules/{self.code}.md"

    def info(self) -> RuleInfo:
        return RuleInfo(
            code=self.code,
            title=self.title,
            severity=self.severity,
            engines=list(self.engines),
            harm=self.harm,
            advice=self.advice,
            origin=list(self.origin),
            docs=self.docs,
            confirm=self.confirm,
        )


class RuleSet:
    """A module's rules, gathered by its decorator: `rules = RuleSet(EngineName.SQLITE)`, then `@rules.rule(…)`."""

    def __init__(self, *engines: EngineName) -> None:
        self._engines = engines or ALL_SQL
        self.rules: list[Rule] = []

    def rule(
        self,
        code: str,
        *,
        title: str,
        severity: Severity,
        harm: str,
        advice: str,
        bad: Sequence[Example],
        good: Sequence[Example],
        on: type[Op] | tuple[type[Op], ...] | None = None,
        scope: Scope | None = None,
        engines: tuple[EngineName, ...] = (),
        directions: tuple[Direction, ...] = (Direction.UP, Direction.DOWN),
        origin: Sequence[str] = (),
        confirm: bool = False,
        words: Sequence[str] = (),
    ) -> Callable[[Check], Check]:
        """`on`: the operations `check(at, op)` is called with; or `scope`, and `check(at)` is called once each.

        `words`: see `Rule.words`; for a check that costs something at every statement of a long file.
        """
        if (on is None) == (scope is None):
            raise ValueError(f"The rule {code} needs either `on` or `scope`.")
        ops: tuple[type[Op], ...] = () if on is None else on if isinstance(on, tuple) else (on,)

        def keep(check: Check) -> Check:
            self.rules.append(
                Rule(
                    code=code,
                    title=title,
                    severity=severity,
                    harm=harm,
                    advice=advice,
                    engines=engines or self._engines,
                    check=check,
                    on=ops,
                    scope=scope,
                    directions=directions,
                    origin=tuple(origin),
                    bad=tuple(bad),
                    good=tuple(good),
                    confirm=confirm,
                    words=tuple(words),
                )
            )
            return check

        return keep


def facts_of(**rows: int | None) -> Facts:
    """Facts for an example: tables with their row estimates, `facts_of(orders=40_000_000)`."""
    from backend.models.schema import Catalog, CatalogTable

    tables = [CatalogTable(schema_name="public", name=name, rows=count) for name, count in rows.items()]
    return Facts.of_catalog(Catalog(tables=tables, default_schema="public"))


__all__ = [
    "ALL_SQL", "Any", "Bad", "Check", "Example", "Good", "Hit", "Name", "Rule", "RuleSet", "Scope", "facts_of",
    "lowered", "rank",
]  # fmt: skip
