"""One statement of a preview: words, objects, locks, risk. Its rows and time are added once they were counted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.engine.forecast.describe import rows
from backend.engine.forecast.known import Known
from backend.engine.forecast.port import Described, EngineForecast, Locks, Place, Question, Work
from backend.engine.lint import ops
from backend.engine.lint.scene import Scene
from backend.engine.lint.source import Half
from backend.models.migration import Direction
from backend.models.preview import (
    AffectedObject,
    DownCheck,
    Estimate,
    MatchingRows,
    PreviewFile,
    PreviewStatement,
)
from backend.services.analytics.kinds import kind_of

from .estimates import estimate_of, total
from .past import Past
from .reading import Group, ReadFile
from .sums import worst_of

_LONGEST = 20_000
"""Characters of a statement that are shown; the file has the rest."""


@dataclass(slots=True)
class Shown:
    """A statement with what its rows and its time will be worked out from."""

    group: Group
    index: int
    """Of its first statement in the half."""
    described: Described
    locks: Locks
    works: list[Work]
    question: Question | None
    doubt: str
    """What earlier statements of the preview do to the table that is asked about."""
    kind: str
    """The ledger's kind of it."""
    scene: Scene
    is_shown: bool = True
    rows: MatchingRows | None = None


def show_group(
    file: ReadFile,
    group: Group,
    scene: Scene,
    known: Known,
    forecast: EngineForecast,
    touched: dict[str, str],
    *,
    is_shown: bool,
) -> Shown:
    """`touched`: by casefolded table, what the statements before did to it; this one's is added."""
    assert file.half is not None
    statement, half = group.first, file.half
    place = Place(statement, half, scene, known)
    many = group.rows
    described = _described(forecast.describe(place), group, many)
    described = replace(described, objects=tuple(_with_existence(one, known) for one in described.objects))
    works = list(forecast.work(place))
    if many is not None:
        works = [replace(one, rows=many) for one in works]
    question = forecast.question(place) if is_shown else None
    doubt = touched.get(question.table.key, "") if question is not None else ""
    locks = forecast.locks(place) if is_shown else Locks()
    frozen = _frozen(scene, works)
    alone = Half(half.direction, "", 0, statements=[statement])
    for op in forecast.meant(half, statement):
        _touch(touched, op, file.parsed.filename)
    return Shown(
        group, statement.index, described, locks, works, question, doubt, kind_of(alone), frozen, is_shown
    )


def _frozen(scene: Scene, works: list[Work]) -> Scene:
    """The scene as it is now, for the tables at hand: it goes on changing."""
    kept = Scene(scene.facts)
    for one in works:
        if one.table is not None:
            key = one.table.key
            if key in scene.made:
                kept.made[key] = replace(scene.made[key])
            if key in scene.renamed:
                kept.renamed[key] = scene.renamed[key]
    kept.made_objects = scene.made_objects
    return kept


def _touch(touched: dict[str, str], op: ops.Op, filename: str) -> None:
    if isinstance(op, ops.CreateTable):
        touched[op.name.key] = "made"
    elif isinstance(op, ops.Rename) and op.kind in ("table", "collection"):
        touched[op.new.casefold()] = "renamed"
    elif isinstance(op, ops.Insert | ops.Update | ops.Delete | ops.Truncate):
        touched.setdefault(op.table.key, "rows")
    elif isinstance(op, ops.AlterTable) and touched.get(op.table.key) in (None, "rows"):
        touched[op.table.key] = "altered"


def _described(found: Described, group: Group, many: int | None) -> Described:
    if many is None:
        return found
    table = next(op.table for op in group.first.ops if isinstance(op, ops.Insert))
    said = f"{len(group.statements):,} statements that add {rows(many)} to {table}"
    return Described(found.kind, said, found.objects)


def show_file(
    file: ReadFile, shown: list[Shown], direction: Direction, known: Known, past: Past
) -> PreviewFile:
    """Without the verdict on its other half, which the caller fills in."""
    estimates = [_estimate(one, known, past) for one in shown]
    statements = [
        _statement(one, estimate) for one, estimate in zip(shown, estimates, strict=True) if one.is_shown
    ]
    return PreviewFile(
        version=file.parsed.version,
        filename=file.parsed.filename,
        name=file.parsed.name,
        sha256=file.parsed.sha256,
        direction=direction,
        transaction=file.half.transaction if file.half is not None else None,
        statements=statements,
        left_out=sum(len(one.group.statements) for one in shown if not one.is_shown),
        problems=list(file.parsed.problems),
        estimate=_of_file(file, shown, estimates, past),
        down=DownCheck(verdict="unknown"),
    )


def _estimate(one: Shown, known: Known, past: Past) -> Estimate:
    return estimate_of(one.works, known, one.scene, one.rows, one.kind, past)


def _of_file(file: ReadFile, shown: list[Shown], estimates: list[Estimate], past: Past) -> Estimate:
    """Past files are whole files: where nothing in this one grows with a table, they say it better than a sum."""
    if len(shown) > 1 and all(work.kind == "catalog" for one in shown for work in one.works):
        seen = past.files(kind_of(file.half))
        if seen is not None:
            said = f"{seen.runs} earlier files of this kind took so long here."
            return Estimate(low_ms=seen.low_ms, high_ms=seen.high_ms, source="history", basis=said)
    return total(estimates, "statement")


def _statement(one: Shown, estimate: Estimate) -> PreviewStatement:
    statement = one.group.first
    text = statement.text
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "\n…"
    return PreviewStatement(
        index=one.index,
        text=text,
        line=one.group.line,
        end_line=one.group.end_line,
        kind=one.described.kind,
        summary=one.described.summary,
        objects=list(one.described.objects),
        findings=one.group.findings,
        risk=worst_of([finding.severity for finding in one.group.findings]),
        estimate=estimate,
        locks=list(one.locks.expected),
        locks_unknown=one.locks.unknown,
        rows=one.rows,
        understood=statement.problem is None,
        statements=len(one.group.statements),
    )


def _with_existence(found: AffectedObject, known: Known) -> AffectedObject:
    exists = known.has(found.kind, found.name, found.parent)
    replaces = exists and found.change == "add" and found.detail == "or replace"
    return found.model_copy(update={"exists": exists, **({"change": "change"} if replaces else {})})
