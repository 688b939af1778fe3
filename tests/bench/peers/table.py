"""A row of the table in words."""

from __future__ import annotations

from tests.bench.peers.model import Outcome, Row

HEAD = f"{'schema pairs, applied and dumped':46} {'pairs':>6} {'converged':>10} {'failed':>8} {'silent':>8} {'writes in':>10}"


def text(row: Row) -> str:
    name = f"{row.engine}: {row.peer}"
    if row.missing or not row.verdicts:
        return f"{name:46} {'–':>6}  {row.missing or 'no pair was tried'}"
    shares = [f"{row.share(one):.1f} %" for one in (Outcome.CONVERGED, Outcome.FAILED, Outcome.SILENT)]
    time = "–" if row.median_ms is None else f"{row.median_ms:.0f} ms"
    return f"{name:46} {len(row.verdicts):6} {shares[0]:>10} {shares[1]:>8} {shares[2]:>8} {time:>10}"
