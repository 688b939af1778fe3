"""The first migration of a database that is there: written from its live schema, proven, and marked as applied."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from backend.core.clock import utc_now
from backend.core.errors import ChangedMeanwhile, Conflict, InvalidRequest, NotSupported
from backend.core.events import EventBus
from backend.core.paths import inside
from backend.models.connection import EngineName, ToolName
from backend.models.conversion import BaselineFromDatabase, BaselineFromDatabaseRequest
from backend.models.schema_diff import Generated, SchemaSource
from backend.services.connections import Connections
from backend.services.consent import ask, refuse_read_only
from backend.services.migrations import MigrationService
from backend.services.runs.service import Runs
from backend.services.schemas.service import Schemas
from backend.store.journal import FileChange, Journal

from .sources import SOURCES


class Baselines:
    def __init__(
        self,
        connections: Connections,
        migrations: MigrationService,
        schemas: Schemas,
        runs: Runs,
        events: EventBus,
        journal: Journal,
    ) -> None:
        self._connections = connections
        self._migrations = migrations
        self._schemas = schemas
        self._runs = runs
        self._events = events
        self._journal = journal

    def baseline(self, request: BaselineFromDatabaseRequest) -> BaselineFromDatabase:
        """Nothing of it runs on the database itself; its migrations table alone gets a row.

        Raises NotSupported where the engine's schema is not written as SQL or no scratch database is at hand, Conflict
        where there are migrations already or the schema is not the previewed one, InvalidRequest for an empty database.
        """
        resolved = self._connections.resolve(request.connection)
        if not request.preview:
            refuse_read_only(resolved, "write a first migration from its schema")
        if resolved.tool.name != ToolName.DBMATE:
            raise NotSupported("MongoDB's collections are not written as a migration.")
        view = self._migrations.view(request.connection)
        if view.problem is not None:
            raise view.problem
        if view.scan.files or view.applied:
            raise Conflict(
                f"{resolved.name} has migrations already.",
                hint="Compare the schemas instead: that writes the migration between the files and the database.",
            )
        made = self._schemas.generate(
            SchemaSource(text="", engine=EngineName(resolved.engine.name)),
            SchemaSource(connection=request.connection),
        )
        if not made.files:
            raise InvalidRequest(
                "There is nothing in the database to begin from.", hint="Write a new migration instead."
            )
        content = "\n".join(one.content for one in made.files)
        sha256 = hashlib.sha256(content.encode()).hexdigest()
        if request.sha256 is not None and request.sha256 != sha256:
            raise ChangedMeanwhile("The schema is not the one that was looked at.", hint="Look at it again.")
        answer = BaselineFromDatabase(
            filename=None,
            content=content,
            sha256=sha256,
            objects=len(made.statements),
            proven=bool(made.proven.up),
            proof=_proof(made),
            not_expressed=made.not_expressed,
            notes=_tables_of_tools(content),
        )
        if request.preview:
            return answer
        ask(
            resolved,
            request.confirm,
            f"Write the first migration of {resolved.name} and mark it as applied",
            [],
        )
        folder = resolved.migrations_dirs[0]
        taken: list[str] = []
        changes: dict[Path, FileChange] = {}
        for one in made.files:
            name = request.name if len(made.files) == 1 else f"{request.name} {one.name}"
            filename = resolved.tool.new_filename(name, utc_now(), taken)
            taken.append(filename)
            changes[inside(folder, filename)] = FileChange(one.content.encode(), None)
        self._journal.carry_out(changes)
        try:
            answer.run = self._runs.baseline(request.connection, versions=taken, confirm=request.confirm)
        except BaseException:
            # A first migration that is not marked would be run on the database it was made from.
            self._take_back(changes)
            raise
        finally:
            self._events.publish("migrations:changed", connection=request.connection)
        answer.filename = taken[0]
        return answer

    def _take_back(self, changes: dict[Path, FileChange]) -> None:
        self._journal.carry_out({
            path: FileChange(None, hashlib.sha256(change.content or b"").hexdigest())
            for path, change in changes.items()
        })  # fmt: skip


def _tables_of_tools(content: str) -> list[str]:
    """A table of another tool in the schema tells that its migrations could be taken over instead."""
    return [
        f"{one.table} is {one.label}'s table: its migrations can be converted instead (From another tool)."
        for one in SOURCES
        if one.table is not None
        and one.beside is None
        and re.search(rf"\b{one.table}\b", content, re.IGNORECASE)
    ]


def _proof(made: Generated) -> str:
    if made.proven.up:
        return f"Run on a scratch database ({made.proven.scratch or 'its own'}), it makes the same schema."
    if made.proven.up is False:
        left = ", ".join(made.proven.left_up[:5])
        return f"Run on a scratch database, it does not make the same schema{f': {left}' if left else ''}."
    return "It was not proven: " + ("; ".join(made.proven.problems[:3]) or "there is no scratch database.")
