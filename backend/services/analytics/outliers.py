"""Files that took far longer than they, or their kind, usually do; each with a reason only where something speaks for it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.models.analytics import FileRef, Outlier, OutlierEvidence
from backend.store.ledger_stats import FileTime, LedgerStats, Sampled

from . import robust
from .kinds import LABELS
from .readings import Judged, Key
from .robust import Peers
from .words import spell, spell_count

METHOD = (
    f"A time is an outlier where its modified z-score (0.6745 × distance from the median ÷ MAD, of the time's logarithm)"
    f" is above {robust.OUTLIER}, it is at least twice the median and at least {robust.LEAST_MS:.0f} ms. It is compared"
    f" with the migration's own earlier runs in the same direction on connections of the same folder, where there are"
    f" {robust.LEAST_OWN} or more; else with other files of its kind on the same engine, where there are"
    f" {robust.LEAST_KIND} or more among the last 5,000 files. A file's kind is that of its heaviest statement."
)
REWRITES = frozenset(
    {
        "pg-full-rewrite", "pg-type-change", "pg-volatile-default", "pg-generated-column", "mysql-table-rebuilt",
        "mysql-type-changed", "mysql-column-moved", "mysql-charset-converted", "mysql-modify-drops-attributes",
        "clickhouse-column-rewritten", "sqlite-rebuild-unchecked", "sqlite-rebuild-cascades",
        "sqlite-rebuild-loses-indexes", "spanner-type-changed",
    }
)  # fmt: skip
"""Rules whose finding says that the whole table is written again, or may be."""
INDEX_BUILDS = frozenset(
    {
        "pg-index-not-concurrent",
        "pg-reindex-not-concurrent",
        "pg-unique-lock",
        "mongo-index-build",
        "mongo-unique-index",
    }
)
"""Rules whose finding says that an index is built over the table's rows."""
WHOLE_TABLE = frozenset({"update-without-where", "delete-without-where", "large-write", "backfill-with-ddl",
                         "mongo-unfiltered-write"})  # fmt: skip
_WAIT_SHARE = 0.25
"""A wait explains a time when it is at least so much of it."""
_ROWS_GREW = 2.0
_MOST = 20


@dataclass(frozen=True, slots=True)
class Suspect:
    """A candidate that is an outlier, before anyone asked why."""

    file: FileTime
    compared_with: str
    peers: Peers
    score: float
    earlier_sha256: frozenset[str] = frozenset()


def suspects(
    candidates: Sequence[FileTime],
    rows: Mapping[int, Mapping[str, Any]],
    stats: LedgerStats,
    family: Mapping[str, tuple[str, ...]],
    sample: Sequence[Sampled],
    kinds: Mapping[Key, str],
    engines: Mapping[str, str],
) -> list[Suspect]:
    """The outliers among the candidates, the farthest out first. `engines`: connection to engine."""
    by_kind = _KindPeers(sample, kinds, engines)
    found = []
    for file in {one.id: one for one in candidates}.values():
        row = rows.get(file.id)
        if row is None:
            continue
        relatives = family.get(file.connection, (file.connection,))
        earlier = stats.earlier(relatives, file.version, file.direction, file.id)
        if len(earlier) >= robust.LEAST_OWN:
            peers: Peers | None = Peers.of([ms for ms, _ in earlier])
            with_what = "own"
        else:
            peers = by_kind.of(row, file.direction)
            with_what = "kind"
        if peers is not None and peers.is_outlier(file.duration_ms):
            texts = frozenset(sha for _, sha in earlier)
            found.append(Suspect(file, with_what, peers, peers.score(file.duration_ms), texts))
    return sorted(found, key=lambda one: -one.score)[:_MOST]


class _KindPeers:
    """The last files of each kind on an engine. A file among its own peers hardly moves a median of twenty."""

    def __init__(
        self, sample: Sequence[Sampled], kinds: Mapping[Key, str], engines: Mapping[str, str]
    ) -> None:
        self._kinds = kinds
        self._times: dict[tuple[str, str, str], list[float]] = defaultdict(list)
        self._peers: dict[tuple[str, str, str], Peers] = {}
        for one in sample:
            engine = engines.get(one.connection, "")
            kind = kinds.get((one.sha256, engine, one.direction))
            if kind is not None:
                self._times[(engine, one.direction, kind)].append(one.duration_ms)

    def of(self, row: Mapping[str, Any], direction: str) -> Peers | None:
        kind = self._kinds.get((row["sha256"] or "", row["engine"], direction))
        group = (row["engine"], direction, kind or "")
        times = self._times.get(group, ())
        if len(times) <= robust.LEAST_KIND:
            return None
        if group not in self._peers:
            self._peers[group] = Peers.of(times)
        return self._peers[group]


def explained(
    suspect: Suspect,
    ref: FileRef,
    row: Mapping[str, Any],
    judged: Judged | None,
    before: Sequence[Mapping[str, int]],
) -> Outlier:
    """The outlier with what speaks for a reason. `before`: row estimates noted at its earlier runs."""
    middle = suspect.peers.median_ms
    evidence = [
        *_waits(row, suspect.file.duration_ms - middle),
        *_edited(suspect, row),
        *_work(suspect, row, judged, before),
    ]
    reason = " ".join(one.text for one in evidence) or "Reason unknown."
    return Outlier(
        file=ref,
        compared_with=suspect.compared_with,
        others=suspect.peers.count - (suspect.compared_with == "kind"),
        median_ms=round(middle, 2),
        score=round(suspect.score, 1),
        times_slower=round(suspect.file.duration_ms / middle, 1) if middle else 0.0,
        reason=reason,
        evidence=evidence,
    )


def compared(outlier: Outlier) -> str:
    """What it was compared with, in words."""
    if outlier.compared_with == "own":
        return f"its {outlier.others} earlier runs, median {spell(outlier.median_ms)}"
    kind = LABELS.get(outlier.file.kind or "", "is of its kind")
    return (
        f"{spell_count(outlier.others)} other files of its kind ({kind}), median {spell(outlier.median_ms)}"
    )


# -- evidence ----------------------------------------------------------------------------------------------------


def _waits(row: Mapping[str, Any], excess_ms: float) -> list[OutlierEvidence]:
    waited = row["waited_ms"]
    if not waited or waited < _WAIT_SHARE * excess_ms:
        return []
    blockers = server_of(row).get("blockers") or []
    by = ", ".join(dict.fromkeys(str(one.get("by")) for one in blockers[:3]))
    held = next((str(one["object"]) for one in blockers if one.get("object")), None)
    text = f"It was seen waiting {spell(waited)} for a lock"
    text += (f" on {held}" if held else "") + (f", held by {by}." if by else ".")
    return [
        OutlierEvidence(kind="lock_wait", text=text, source="The server's activity, looked at once a second.")
    ]


def _edited(suspect: Suspect, row: Mapping[str, Any]) -> list[OutlierEvidence]:
    if suspect.compared_with != "own" or not row["sha256"] or row["sha256"] in suspect.earlier_sha256:
        return []
    text = "Its text is another than in its earlier runs."
    return [OutlierEvidence(kind="edited", text=text, source="The contents as they were run.")]


def _work(
    suspect: Suspect, row: Mapping[str, Any], judged: Judged | None, before: Sequence[Mapping[str, int]]
) -> list[OutlierEvidence]:
    """What its statements do to how many rows. Against its own past the same statements explain nothing; more rows do."""
    rows = {str(table): int(count) for table, count in (server_of(row).get("rows") or {}).items()}
    work = _heavy(judged)
    if suspect.compared_with == "own":
        most = max((sum(one.values()) for one in before), default=None)
        if rows and most is not None and sum(rows.values()) >= _ROWS_GREW * max(most, 1):
            text = f"{_rows_text(rows)} then; at its earlier runs {spell_count(most)} at most."
            return [OutlierEvidence(kind="rows", text=text, source=_STATISTICS)]
        return []
    found = []
    # What its peers do as well is no reason to be slower than they are; over how many rows it is done may be one.
    if work is not None and judged is not None and judged.kind not in work.kinds:
        found.append(OutlierEvidence(kind=work.evidence, text=work.text, source=work.source))
    if rows and work is not None:
        found.append(OutlierEvidence(kind="rows", text=f"{_rows_text(rows)} then.", source=_STATISTICS))
    return found


_STATISTICS = "The server's statistics, read right after the run (estimates)."


@dataclass(frozen=True, slots=True)
class _Heavy:
    """The heaviest thing a text does, which `kinds` of files all do."""

    evidence: str
    text: str
    source: str
    kinds: frozenset[str]


_RULES = (
    ("rewrite", REWRITES, "It writes a whole table again", frozenset[str]()),
    ("index_build", INDEX_BUILDS, "It builds an index over the rows that are there", frozenset({"index"})),
    ("rewrite", WHOLE_TABLE, "It changes many rows at once", frozenset({"rows_changed"})),
)


def _heavy(judged: Judged | None) -> _Heavy | None:
    if judged is None:
        return None
    for evidence, codes, words, kinds in _RULES:
        hit = next((one for one in judged.findings if one.code in codes), None)
        if hit is not None:
            source = f"The rule {hit.code} on the text as it was run."
            return _Heavy(evidence, f"{words} (line {hit.line}).", source, kinds)
    if judged.kind == "index":
        return _Heavy("index_build", "It builds an index.", "Its parsed statements.", frozenset({"index"}))
    return None


def _rows_text(rows: Mapping[str, int]) -> str:
    some = " and ".join(f"{spell_count(count)} rows in {table}" for table, count in sorted(rows.items())[:3])
    return f"There were about {some}"


def server_of(row: Mapping[str, Any]) -> dict[str, Any]:
    text = row.get("server")
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
