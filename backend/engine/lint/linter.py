"""Runs an engine's rules over one file: `lint_file(source, "postgres")` → its findings. Pure, thread-safe.

Never raises on a file's content. A rule that breaks is logged and said to be unable to judge.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from backend.engine.syntax import READERS, Answer, Refusal
from backend.models.connection import EngineName
from backend.models.finding import Finding, Severity, Suppressed
from backend.models.migration import Direction

from .context import At, RuleContext
from .engine_lint import EngineLint
from .facts import Absence, Facts, Limits
from .ops import Op
from .registry import lint_of, rules_for
from .rule import Hit, Rule, Scope
from .scene import Scene
from .source import Half, Source, Stmt
from .suppress import Suppression, sql_comments, suppressions

_log = logging.getLogger(__name__)
_LONGEST_STATEMENT = 2000
MOST_FINDINGS = 1000
"""Of one file; the rest are counted, not kept."""


@dataclass(frozen=True, slots=True)
class Options:
    """`disabled`: codes switched off by the settings and by the connection."""

    facts: Facts | None = None
    server_version: tuple[int, ...] | None = None
    disabled: frozenset[str] = frozenset()
    limits: Limits = field(default_factory=Limits)
    answer: Answer | None = None
    """What the engine's own parser said of the file, where it was asked."""
    absent_modules: Mapping[str, Absence] = field(default_factory=dict)
    """Of a JavaScript file, by name; nothing where its folder is not known."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, in order of place. `creates`: the tables up makes, for the facts of the files after it."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()
    statements: int = 0
    unparsed: int = 0
    creates: tuple[str, ...] = ()
    left_out: int = 0
    """Findings over MOST_FINDINGS; at least so many, as a rule that has said so much is not asked again."""


def lint_file(source: Source, engine: EngineName | str, options: Options | None = None) -> Report:
    """Judge one file. An engine without rules gives an empty report. Fills `source`'s halves with their statements."""
    lint = lint_of(engine)
    if lint is None:
        return Report(())
    return _Run(source, lint, options or Options()).report()


@dataclass(slots=True)
class _Found:
    rule: Rule
    hit: Hit
    half: Half | None
    statement: Stmt | None


@dataclass(frozen=True, slots=True)
class _Plan:
    """An engine's rules by what they are called for."""

    by_op: dict[type[Op], tuple[Rule, ...]]
    statement: tuple[Rule, ...]
    half: tuple[Rule, ...]
    file: tuple[Rule, ...]
    named: dict[str, Rule]


@cache
def _words(engine: EngineName) -> frozenset[str]:
    return frozenset(word for rule in rules_for(engine) for word in rule.words)


@lru_cache(maxsize=256)
def _plan(engine: EngineName, there: frozenset[str]) -> _Plan:
    """`there`: the rules' words that stand in the file."""
    rules = [one for one in rules_for(engine) if not one.words or not there.isdisjoint(one.words)]
    classes: set[type[Op]] = set()
    pending: list[type[Op]] = [Op]
    while pending:
        one = pending.pop()
        classes.add(one)
        pending += one.__subclasses__()
    return _Plan(
        by_op={one: tuple(r for r in rules if r.on and issubclass(one, r.on)) for one in classes},
        statement=tuple(r for r in rules if r.scope is Scope.STATEMENT),
        half=tuple(r for r in rules if r.scope is Scope.HALF),
        file=tuple(r for r in rules if r.scope is Scope.FILE),
        named={r.code: r for r in rules_for(engine)},
    )


class _Run:
    def __init__(self, source: Source, lint: EngineLint, options: Options) -> None:
        self.source = source
        self.lint = lint
        self.options = options
        there = frozenset(word for word in _words(lint.engine) if word in source.content)
        self.plan = _plan(lint.engine, there)
        self.context = RuleContext(
            source, lint, options.facts, options.server_version, options.limits, options.absent_modules
        )
        self.found: list[_Found] = []
        self.said: Counter[str] = Counter()
        refusals = options.answer.refusals if options.answer else ()
        self.refusals: dict[tuple[Direction, int], Refusal] = {(r.direction, r.start): r for r in refusals}

    def report(self) -> Report:
        source = self.source
        if self.lint.prepare is not None:
            self.lint.prepare(source)
        for half in source.halves:
            half.statements = self.lint.statements(half)
        scene = Scene(self.options.facts)
        creates: tuple[str, ...] = ()
        if source.up is not None:
            self._half(source.up, scene)
            creates = tuple(str(made.op.name) for made in scene.made.values())
        if source.down is not None:
            self._half(source.down, scene.after_up())
        for rule in self._asked(None, self.plan.file):
            self._check(rule, None, None, scene)
        comments = self.lint.comments or sql_comments(self.lint.dialect or "sqlite")
        marks = suppressions(source, comments)
        findings, suppressed = self._settle(marks)
        findings += self._marks(marks)
        findings.sort(key=lambda one: (one.line, one.column, one.code))
        statements = sum(len(half.statements) for half in source.halves)
        unparsed = sum(stmt.problem is not None for half in source.halves for stmt in half.statements)
        kept = tuple(findings[:MOST_FINDINGS])
        return Report(kept, tuple(suppressed), statements, unparsed, creates, len(findings) - len(kept))

    def _half(self, half: Half, scene: Scene) -> None:
        each = self._asked(half, self.plan.statement)
        by_op = {
            kind: asked for kind, rules in self.plan.by_op.items() if (asked := self._asked(half, rules))
        }
        for statement in half.statements:
            refusal = self.refusals.get((half.direction, statement.start)) if self.refusals else None
            if refusal is not None:
                self._refused(half, statement, refusal)
            if statement.problem is not None:
                if refusal is None or not refusal.certain:
                    self._unparsed(half, statement)
                continue
            for rule in each:
                self._check(rule, half, statement, scene)
            for op in statement.ops:
                for rule in by_op.get(type(op), ()):
                    self._check(rule, half, statement, scene, op)
            for op in statement.ops:
                scene.apply(op)
        for rule in self._asked(half, self.plan.half):
            self._check(rule, half, None, scene)

    def _asked(self, half: Half | None, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        """Those of the rules that are not switched off, and are for such a half."""
        return tuple(
            one
            for one in rules
            if one.code not in self.options.disabled and (half is None or half.direction in one.directions)
        )

    def _check(self, rule: Rule, half: Half | None, statement: Stmt | None, scene: Scene, *ops: Op) -> None:
        if self.said[rule.code] >= MOST_FINDINGS:
            # Hits come in the order of the file: the first thousand of all are among each rule's first thousand.
            return
        at = At(self.context, rule.severity, half, statement, scene)
        try:
            for hit in rule.check(at, *ops):
                self.found.append(_Found(rule, hit, half, hit.statement or statement))
                self.said[rule.code] += 1
        except Exception:
            # One rule that breaks must not keep the others from speaking.
            _log.exception("The rule %s failed on %s", rule.code, self.source.filename)
            message = f"The rule {rule.code} failed here, so what it looks for is unknown."
            self.found.append(
                _Found(self.plan.named["rule-failed"], Hit(message, unknown=True), half, statement)
            )

    def _refused(self, half: Half, statement: Stmt, refusal: Refusal) -> None:
        if "statement-refused" in self.options.disabled:
            return
        size = len(statement.text)
        at = None if refusal.offset is None else min(refusal.offset, max(0, size - 1))
        whose = "" if refusal.certain else " The server may still take it."
        message = f"{refusal.message.rstrip('.')}.{whose}"
        severity = None if refusal.certain else Severity.LOW
        span = None if at is None else (at, min(_word_end(statement.text, at), size))
        hit = Hit(message, span, unknown=not refusal.certain, severity=severity)
        self.found.append(_Found(self.plan.named["statement-refused"], hit, half, statement))

    def _unparsed(self, half: Half, statement: Stmt) -> None:
        if "unparsed-statement" in self.options.disabled or statement.problem is None:
            return
        problem = statement.problem
        span = (
            None if problem.offset is None else (problem.offset, min(problem.offset + 1, len(statement.text)))
        )
        whose = "" if problem.certain else " The server may still take it."
        message = f"{problem.message.rstrip('.')}. What this statement does, and its risk, is unknown.{whose}"
        hit = Hit(message, span, unknown=True, severity=None if problem.certain else Severity.LOW)
        self.found.append(_Found(self.plan.named["unparsed-statement"], hit, half, statement))

    # -- findings ------------------------------------------------------------------------------------------------

    def _settle(self, marks: list[Suppression]) -> tuple[list[Finding], list[Suppressed]]:
        findings: list[Finding] = []
        suppressed: list[Suppressed] = []
        for one in self.found:
            mark = next((m for m in marks if m.covers(one.rule.code, one.half, one.statement)), None)
            if mark is None:
                if len(findings) < 2 * MOST_FINDINGS:
                    findings.append(self._finding(one))
                continue
            mark.used.add(one.rule.code)
            line = self.source.position(mark.start)[0]
            suppressed.append(Suppressed(finding=self._finding(one), reason=mark.reason, line=line))
        return findings, suppressed

    def _marks(self, marks: list[Suppression]) -> Iterable[Finding]:
        for mark in marks:
            if not mark.counts:
                yield from self._of_mark(
                    "suppression-without-reason",
                    mark,
                    "This comment names no rule." if not mark.codes else "This comment gives no reason.",
                )
                continue
            unused = [code for code in mark.codes if code not in mark.used | self.options.disabled]
            for code in unused:
                known = "" if code in self.plan.named else f" There is no rule {code} for this engine."
                yield from self._of_mark(
                    "suppression-unused",
                    mark,
                    f"{code} finds nothing here, so this switches nothing off.{known}",
                )

    def _of_mark(self, code: str, mark: Suppression, message: str) -> Iterable[Finding]:
        if code not in self.options.disabled:
            hit = Hit(message, file_span=(mark.start, mark.end))
            yield self._finding(_Found(self.plan.named[code], hit, mark.half, None))

    def _finding(self, one: _Found) -> Finding:
        rule, hit = one.rule, one.hit
        start, end = self._place(one)
        line, column = self.source.position(start)
        end_line, end_column = self.source.position(end)
        severity = hit.severity or rule.severity
        direction: Direction | None = hit.direction or (one.half.direction if one.half else None)
        return Finding(
            code=rule.code,
            severity=severity,
            title=rule.title,
            message=hit.message,
            line=line,
            column=column,
            end_line=end_line,
            end_column=end_column,
            direction=direction,
            statement=one.statement.text[:_LONGEST_STATEMENT] if one.statement else "",
            safe_form=hit.safe_form,
            advice=hit.advice or rule.advice,
            fixes=list(hit.fixes),
            docs=rule.docs,
            confirm=rule.confirm if hit.confirm is None else hit.confirm,
            unknown=hit.unknown,
            engine=self.lint.engine,
            source=self._source(rule),
        )

    def _source(self, rule: Rule) -> str:
        if rule.code == "statement-refused" and self.options.answer is not None:
            return self.options.answer.source
        return READERS[self.lint.engine] if rule.code == "unparsed-statement" else ""

    def _place(self, one: _Found) -> tuple[int, int]:
        span = one.hit.span
        if one.hit.file_span is not None:
            return one.hit.file_span
        if one.half is None:
            return span or (0, max(0, self.source.content.find("\n")))
        if one.statement is None:
            if span is not None:
                return one.half.offset + span[0], one.half.offset + span[1]
            return one.half.directive or (one.half.offset, one.half.offset)
        base = one.half.offset + one.statement.start
        if span is not None:
            return base + span[0], base + span[1]
        return base, base + len(one.statement.text)


def _word_end(text: str, at: int) -> int:
    """The end of the word that begins there; one character where none does."""
    end = at + 1
    while (
        end < len(text)
        and (text[end].isalnum() or text[end] == "_")
        and (text[at].isalnum() or text[at] == "_")
    ):
        end += 1
    return end


__all__ = ["MOST_FINDINGS", "Options", "Report", "lint_file"]
