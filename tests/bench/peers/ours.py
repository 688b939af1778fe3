"""DB Toolkit beside its peers: two snapshots and the plan between them, without the proof that follows in the app.

The snapshots are read as the app reads them: side by side where the engine's tools allow that.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from backend.core.errors import AppError
from backend.engine.schema.model import PlanOptions
from backend.engine.schema.port import schema_tools
from backend.engine.target import Target
from tests.bench.peers.model import Peer, StatementsFailed, Written


class Ours(Peer):
    name = "DB Toolkit, unproven"

    def __init__(self, engine: str) -> None:
        self._engine = engine
        self._tools = schema_tools(engine)

    def prepare(self) -> None:
        """Nothing: it is here."""

    def write(self, old: str, new: str) -> Written:
        started = time.perf_counter()
        try:
            with ThreadPoolExecutor(2 if self._tools.reads_side_by_side else 1) as pool:
                before, after = pool.map(self._tools.snapshot, map(self._target, (old, new)))
            plan = self._tools.plan(before, after, PlanOptions())
        except AppError as error:
            raise StatementsFailed(error.message) from error
        script = self._tools.write(plan.steps)
        return Written(script, (time.perf_counter() - started) * 1000, plan.not_expressed)

    def _target(self, database: str) -> Target:
        url = database if "://" in database else f"sqlite:{database}"
        return Target(self._engine, url, Path("/"), "schema_migrations")
