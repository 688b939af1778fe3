"""The report's sections as headings, sentences and tables, for every format alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.models.analytics import FileRef, Overview, Rate, Suggestion

from .kinds import LABELS
from .outliers import compared
from .words import plural, spell, spell_count, spell_rate


@dataclass(frozen=True, slots=True)
class Table:
    head: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: frozenset[int] = frozenset()
    """Columns that stand to the right."""


@dataclass(frozen=True, slots=True)
class Section:
    """`chart`: trend or frequency, where the format can draw."""

    title: str
    notes: Sequence[str] = ()
    table: Table | None = None
    chart: str | None = None
    suggestions: Sequence[Suggestion] = field(default_factory=tuple)


def figures(overview: Overview) -> list[tuple[str, str, str]]:
    """(name, value, what it is made of) of the report's head."""
    times = overview.times
    return [
        ("Success rate of migrations", spell_rate(overview.migrations.rate), _of(overview.migrations)),
        ("Success rate of rollbacks", spell_rate(overview.rollbacks.rate), _of(overview.rollbacks)),
        (
            "Success rate of restores",
            spell_rate(overview.restores.rate if overview.restores else None),
            _of(overview.restores) if overview.restores else "",
        ),
        (
            "Median time",
            spell(times.median_ms) if times.files else "none yet",
            f"of {plural(times.files, 'file')}",
        ),
        ("95th percentile", spell(times.p95_ms) if times.files else "none yet", ""),
        ("Slowest", spell(times.slowest_ms) if times.files else "none yet", ""),
    ]


def sections(overview: Overview) -> list[Section]:
    return [
        one
        for one in (
            _states(overview),
            _slowest(overview),
            _outliers(overview),
            _trend(overview),
            _frequency(overview),
            _errors(overview),
            _kinds(overview),
            *_comparison(overview),
            _resources(overview),
            Section(
                "Suggestions",
                ["From the risk rules, over the slow, unusual and failed migrations as they were run."]
                if overview.suggestions
                else ["The risk rules have nothing to say of the slow and failed migrations."],
                suggestions=overview.suggestions,
            ),
        )
        if one is not None
    ]


def where(ref: FileRef) -> str:
    return f"{ref.connection_name} ({ref.environment})" if ref.environment else ref.connection_name


def _of(rate: Rate) -> str:
    return f"{spell_count(rate.ok)} of {plural(rate.tried, 'try', 'tries')}" if rate.tried else ""


def _states(overview: Overview) -> Section | None:
    if not overview.states:
        return None
    rows = [
        (
            one.connection_name,
            one.environment or "",
            *("unknown" if n is None else n for n in (one.total, one.applied, one.pending, one.failed)),
            str(one.problem.get("message", "")) if one.problem else "",
        )
        for one in overview.states
    ]
    head = ("Connection", "Environment", "Migrations", "Applied", "Pending", "Failed", "Problem")
    return Section("Now", table=Table(head, rows, frozenset({2, 3, 4, 5})))


def _slowest(overview: Overview) -> Section:
    rows = [
        (one.filename, one.direction, where(one), _when(one), spell(one.duration_ms))
        for one in overview.slowest
    ]
    head = ("Migration", "Direction", "Connection", "When", "Time")
    return Section(
        "Slowest",
        [] if rows else ["Nothing was measured."],
        Table(head, rows, frozenset({4})) if rows else None,
    )


def _outliers(overview: Overview) -> Section:
    rows = [
        (
            one.file.filename,
            one.file.direction,
            where(one.file),
            spell(one.file.duration_ms),
            f"{one.times_slower:g}×",
            compared(one),
            one.reason,
        )
        for one in overview.outliers
    ]
    head = ("Migration", "Direction", "Connection", "Time", "Slower", "Compared with", "Reason")
    notes = [overview.method]
    if overview.reading.known < overview.reading.total:
        left = overview.reading.total - overview.reading.known
        notes.append(
            f"{plural(left, 'text')} had not been read yet, so that kind comparisons may be missing."
        )
    if not rows:
        notes.insert(0, "No time is out of the ordinary, or there are too few to tell.")
    return Section("Outliers", notes, Table(head, rows, frozenset({3, 4})) if rows else None)


def _trend(overview: Overview) -> Section | None:
    if not overview.trend:
        return None
    rows = [(one.start, one.files, spell(one.median_ms), spell(one.p95_ms)) for one in overview.trend]
    head = (overview.bucket.capitalize(), "Files", "Median", "95th percentile")
    return Section("Execution time", table=Table(head, rows, frozenset({1, 2, 3})), chart="trend")


def _frequency(overview: Overview) -> Section | None:
    points = [one for one in overview.frequency if one.applied or one.rolled_back or one.failed]
    if not points:
        return None
    rows = [(one.start, one.applied, one.rolled_back, one.failed) for one in points]
    notes = []
    if overview.per_day is not None:
        notes.append(f"{overview.per_day:g} a day, {overview.per_week:g} a week.")
    if overview.undated:
        notes.append(
            f"{plural(overview.undated, 'file')} with a time that cannot be right (the clock was wrong) left out."
        )
    head = (overview.bucket.capitalize(), "Applied", "Rolled back", "Failed")
    return Section("Frequency", notes, Table(head, rows, frozenset({1, 2, 3})), chart="frequency")


def _errors(overview: Overview) -> Section | None:
    rows = [(one.title, one.code, one.files, spell_rate(one.rate)) for one in overview.errors]
    head = ("Error", "Code", "Files", "Of all tries")
    return Section("Errors", table=Table(head, rows, frozenset({2, 3}))) if rows else None


def _kinds(overview: Overview) -> Section | None:
    rows = [
        (LABELS.get(one.kind, one.kind), one.files, spell(one.median_ms), spell(one.p95_ms))
        for one in overview.kinds
    ]
    head = ("A migration that", "Files", "Median", "95th percentile")
    return Section("By kind", table=Table(head, rows, frozenset({1, 2, 3}))) if rows else None


def _comparison(overview: Overview) -> list[Section]:
    found, comparison = [], overview.comparison
    note = f"Over the last {plural(comparison.sampled, 'file')} that ran to their end."
    if comparison.connections:
        rows: list[Sequence[object]] = [
            (one.connection_name, one.environment or "", one.files, spell(one.median_ms), spell(one.total_ms))
            for one in comparison.connections
        ]
        head = ("Connection", "Environment", "Shared migrations", "Median", "Together")
        note_all = "Only migrations that ran on every one of them."
        found.append(Section("Environments", [note, note_all], Table(head, rows, frozenset({2, 3, 4}))))
    if comparison.versions:
        rows = [
            (
                one.filename,
                ", ".join(f"{time.connection_name} {spell(time.duration_ms)}" for time in one.times),
                f"{one.ratio:g}×",
            )
            for one in comparison.versions
        ]
        found.append(
            Section(
                "The same migration elsewhere",
                [note],
                Table(("Migration", "Times", "Apart"), rows, frozenset({2})),
            )
        )
    if comparison.contents:
        rows = [
            (
                one.filename,
                one.before_sha256[:12],
                spell(one.before_ms),
                one.after_sha256[:12],
                spell(one.after_ms),
            )
            for one in comparison.contents
        ]
        head = ("Migration", "Text before", "Time", "Text after", "Time")
        found.append(Section("Before and after an edit", [note], Table(head, rows, frozenset({2, 4}))))
    if len(comparison.tools) > 1:
        rows = [
            (
                f"{one.tool} {one.version}",
                one.files,
                spell(one.median_ms),
                spell(one.p95_ms),
                f"{one.same_files_ratio:g}× over {one.same_files}"
                if one.same_files_ratio is not None
                else "–",
            )
            for one in comparison.tools
        ]
        head = ("Tool", "Files", "Median", "95th percentile", "Same migrations")
        found.append(Section("Tool versions", [note], Table(head, rows, frozenset({1, 2, 3}))))
    return found


def _resources(overview: Overview) -> Section:
    told = overview.resources
    notes = []
    if told.waited_ms is None:
        notes.append(
            "Waiting for locks: not told. No migration ran long enough to be looked at on a server that tells."
        )
    else:
        notes.append(
            f"{plural(told.files, 'long file')} looked at; {plural(told.waiting_files, 'file')} seen waiting for locks,"
            f" {spell(told.waited_ms)} in all."
        )
    notes += told.not_told
    rows = [(one.by, one.object or "", spell(one.waited_ms), one.files) for one in told.blockers]
    head = ("Held by", "What", "Waited", "Files")
    return Section("What the server told", notes, Table(head, rows, frozenset({2, 3})) if rows else None)


def _when(ref: FileRef) -> str:
    return f"{ref.started_at:%Y-%m-%d %H:%M} UTC" if ref.started_at else "unknown"
