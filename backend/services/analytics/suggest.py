"""Which rule speaks of the slow and the failed migrations, with the safe form it writes for them. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from backend.core.errors import NotFound
from backend.engine.lint.registry import rule_named
from backend.models.analytics import FileRef, Suggestion
from backend.models.finding import Finding, Severity

from .readings import Judged

_MOST = 12
_FILES_SHOWN = 10
_LEAST = (Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL)
_OF_THE_STATE = frozenset(
    {"rule-failed", "unparsed-statement", "out-of-order", "edited-after-apply", "duplicate-version"}
)
"""Findings that say nothing of how a text ran."""
_WHY = ("outlier", "failed", "slow")


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at, why, and what the rules say of it."""

    ref: FileRef
    why: str
    judged: Judged


def suggest(looked: Sequence[Looked]) -> list[Suggestion]:
    """One suggestion a rule: those of outliers and failures first, then the worst, then those that cost most time."""
    found: dict[str, list[tuple[Looked, Finding]]] = defaultdict(list)
    for one in looked:
        for finding in one.judged.findings:
            if finding.severity in _LEAST and finding.code not in _OF_THE_STATE:
                found[finding.code].append((one, finding))
    suggestions = [_suggestion(code, hits) for code, hits in found.items()]
    ranks = list(Severity)
    suggestions.sort(
        key=lambda one: (
            _WHY.index(one.why),
            -ranks.index(one.severity),
            -sum(f.duration_ms for f in one.files),
        )
    )
    return suggestions[:_MOST]


def _suggestion(code: str, hits: list[tuple[Looked, Finding]]) -> Suggestion:
    hits.sort(key=lambda hit: (_WHY.index(hit[0].why), -hit[0].ref.duration_ms))
    # One with a safe form says more than one without.
    shown, finding = next((hit for hit in hits if hit[1].safe_form), hits[0])
    files = list(
        {(one.ref.connection, one.ref.filename, one.ref.direction): one.ref for one, _ in hits}.values()
    )
    files.sort(key=lambda ref: (ref.run_id != shown.ref.run_id or ref.filename != shown.ref.filename,))
    try:
        info = rule_named(code).info()
        harm, advice = info.harm, info.advice
    except NotFound:
        harm, advice = "", finding.advice
    return Suggestion(
        code=code,
        title=finding.title,
        severity=max((one.severity for _, one in hits), key=list(Severity).index),
        message=finding.message,
        harm=harm,
        advice=finding.advice or advice,
        safe_form=finding.safe_form,
        statement=finding.statement[:600],
        docs=finding.docs,
        engine=str(finding.engine),
        files=files[:_FILES_SHOWN],
        why=hits[0][0].why,
        line=finding.line,
    )
