"""The same migration side by side: on the connections of its folder, before and after an edit, by the tool's version. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from backend.models.analytics import (
    Comparison,
    ContentComparison,
    EnvironmentSummary,
    EnvironmentTime,
    ToolSummary,
    VersionComparison,
)
from backend.store.ledger_stats import Sampled

from .robust import median, quantile

_MOST = 20
_LEAST_MS = 5.0
"""Below this the ratio of two times says nothing."""

Named = Mapping[str, tuple[str, str | None]]
"""connection → (name, environment)."""


def compare(
    sample: Sequence[Sampled],
    families: Sequence[tuple[str, ...]],
    named: Named,
    tools: Mapping[str, tuple[str, str, str]],
) -> Comparison:
    """`sample` newest first; `families`: connections that share a folder; `tools`: run to (engine, tool, version)."""
    ups = [one for one in sample if one.direction == "up"]
    versions: list[VersionComparison] = []
    summaries: list[EnvironmentSummary] = []
    for family in families:
        latest: dict[str, dict[str, Sampled]] = defaultdict(dict)
        members = set(family)
        for one in ups:
            if one.connection in members:
                latest[one.version].setdefault(one.connection, one)
        versions += _versions(latest, named)
        summaries += _summaries(latest, named)
    versions.sort(key=lambda one: -one.ratio)
    return Comparison(
        sampled=len(sample),
        connections=summaries,
        versions=versions[:_MOST],
        contents=_contents(ups),
        tools=_tools(ups, tools),
    )


def _versions(latest: Mapping[str, Mapping[str, Sampled]], named: Named) -> list[VersionComparison]:
    found = []
    for version, times in latest.items():
        longest = max(one.duration_ms for one in times.values())
        if len(times) < 2 or longest < _LEAST_MS:
            continue
        shortest = min(one.duration_ms for one in times.values())
        found.append(
            VersionComparison(
                version=version,
                filename=next(iter(times.values())).filename,
                times=[
                    EnvironmentTime(
                        connection=one.connection,
                        connection_name=_name(named, one.connection),
                        environment=_environment(named, one.connection),
                        duration_ms=one.duration_ms,
                    )
                    for one in sorted(times.values(), key=lambda one: _rank(named, one.connection))
                ],
                ratio=round(longest / max(shortest, 0.1), 1),
            )
        )
    return found


def _summaries(latest: Mapping[str, Mapping[str, Sampled]], named: Named) -> list[EnvironmentSummary]:
    """Over the migrations that ran on every one of them: only those can be held against each other."""
    everyone = {connection for times in latest.values() for connection in times}
    if len(everyone) < 2:
        return []
    common = [times for times in latest.values() if times.keys() == everyone]
    found = []
    for connection in sorted(everyone, key=lambda one: _rank(named, one)):
        times = [one[connection].duration_ms for one in common]
        found.append(
            EnvironmentSummary(
                connection=connection,
                connection_name=_name(named, connection),
                environment=_environment(named, connection),
                files=len(times),
                median_ms=median(times),
                total_ms=round(sum(times), 1) if times else None,
            )
        )
    return found


def _contents(ups: Sequence[Sampled]) -> list[ContentComparison]:
    """Migrations whose text changed: the last text against the one before, on the same connection."""
    by_file: dict[tuple[str, str], list[Sampled]] = defaultdict(list)
    for one in ups:
        by_file[(one.connection, one.filename)].append(one)
    found = []
    for (_, filename), runs in by_file.items():
        shas = list(dict.fromkeys(one.sha256 for one in runs))
        if len(shas) < 2:
            continue
        after = [one.duration_ms for one in runs if one.sha256 == shas[0]]
        before = [one.duration_ms for one in runs if one.sha256 == shas[1]]
        found.append(
            ContentComparison(
                version=runs[0].version,
                filename=filename,
                before_sha256=shas[1],
                after_sha256=shas[0],
                before_ms=median(before) or 0.0,
                after_ms=median(after) or 0.0,
                before_files=len(before),
                after_files=len(after),
            )
        )
    found.sort(key=lambda one: -abs(one.after_ms - one.before_ms))
    return found[:_MOST]


def _tools(ups: Sequence[Sampled], tools: Mapping[str, tuple[str, str, str]]) -> list[ToolSummary]:
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    files: dict[tuple[str, str], dict[tuple[str, str], list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in ups:
        _, tool, version = tools.get(one.run_id, ("", "", ""))
        if tool:
            times[(tool, version)].append(one.duration_ms)
            files[(tool, version)][(one.connection, one.sha256)].append(one.duration_ms)
    if len(times) < 2:
        files.clear()
    most = Counter({key: len(found) for key, found in times.items()}).most_common(_MOST)
    result = []
    for (tool, version), count in most:
        base = next(key for key, _ in most if key[0] == tool)
        mine, theirs = files[(tool, version)], files[base]
        ratios = [
            (median(mine[one]) or 0.0) / max(median(theirs[one]) or 0.0, 0.1)
            for one in mine.keys() & theirs.keys()
            if base != (tool, version)
        ]
        ordered = sorted(times[(tool, version)])
        result.append(
            ToolSummary(
                tool=tool,
                version=version or "unknown",
                files=count,
                median_ms=quantile(ordered, 0.5),
                p95_ms=quantile(ordered, 0.95),
                same_files=len(ratios),
                same_files_ratio=round(found, 2) if (found := median(ratios)) is not None else None,
            )
        )
    return result


_ENVIRONMENTS = ("development", "test", "staging", "production")


def _rank(named: Named, connection: str) -> tuple[int, str]:
    environment = _environment(named, connection) or ""
    place = _ENVIRONMENTS.index(environment) if environment in _ENVIRONMENTS else len(_ENVIRONMENTS)
    return place, _name(named, connection)


def _name(named: Named, connection: str) -> str:
    return named.get(connection, (connection, None))[0]


def _environment(named: Named, connection: str) -> str | None:
    return named.get(connection, (connection, None))[1]
