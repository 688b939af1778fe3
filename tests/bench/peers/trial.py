"""Every peer on every pair."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from tests.bench.peers.model import Field, Outcome, Pair, Peer, PeerMissing, Row, StatementsFailed, Verdict


def sample(pairs: Sequence[Pair], count: int | None) -> list[Pair]:
    """`count` of them, spread evenly over the fixtures, the same each time; None: all."""
    if count is None or count >= len(pairs):
        return list(pairs)
    return [pairs[number * len(pairs) // count] for number in range(count)]


def trial(
    field: Field, peers: Sequence[Peer], count: int | None, told: Callable[[str], object] = lambda _: None
) -> list[Row]:
    """Pairs whose dumps do not differ are left out: to do nothing would converge on them."""
    rows = {peer: Row(field.label, peer.name) for peer in peers}
    with ExitStack() as ending:
        there = []
        for peer in peers:
            ending.callback(peer.close)
            try:
                peer.prepare()
                there.append(peer)
            except PeerMissing as error:
                rows[peer].missing = str(error)
        for pair in sample(field.pairs(), count):
            with ExitStack() as databases:

                def made(text: str, databases: ExitStack = databases) -> str:
                    database = field.made(text)
                    databases.callback(field.drop, database)
                    return database

                try:
                    old, new = made(pair.old), made(pair.new)
                    differ = field.dump(old) != field.dump(new)
                except StatementsFailed as error:
                    told(f"{field.label}: left out, cannot be made: {pair.name[:90]}: {_first_line(error)}")
                    continue
                if not differ:
                    continue
                for peer in there:
                    verdict = _judged(field, peer, pair, old, new, made(pair.old))
                    rows[peer].verdicts.append(verdict)
                    if verdict.outcome != Outcome.CONVERGED:
                        told(
                            f"{field.label}, {peer.name}: {verdict.outcome}: {pair.name[:90]}: {verdict.why}"
                        )
    return list(rows.values())


def _judged(field: Field, peer: Peer, pair: Pair, old: str, new: str, copy: str) -> Verdict:
    try:
        written = peer.write(old, new)
    except (StatementsFailed, subprocess.TimeoutExpired) as error:
        return Verdict(pair.name, Outcome.FAILED, f"writes nothing: {_first_line(error)}")
    try:
        peer.run(field, copy, written.script)
    except (StatementsFailed, subprocess.TimeoutExpired) as error:
        return Verdict(pair.name, Outcome.FAILED, _first_line(error), written.took_ms)
    wanted = field.dump(new)
    try:
        left = field.dump(copy)
    except StatementsFailed as error:  # a view over a column that is gone, and nobody said so
        return Verdict(pair.name, Outcome.SILENT, _first_line(error), written.took_ms)
    if left == wanted:
        return Verdict(pair.name, Outcome.CONVERGED, "", written.took_ms)
    if written.admitted:
        return Verdict(pair.name, Outcome.FAILED, written.admitted[0], written.took_ms)
    why = "; ".join([f"+ {line}" for line in left - wanted] + [f"- {line}" for line in wanted - left])[:300]
    return Verdict(pair.name, Outcome.SILENT, why, written.took_ms)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
