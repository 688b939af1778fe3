"""Finding things in all migration files of a connection: who made a table, and where a text stands. Reads files only."""

from __future__ import annotations

from collections.abc import Callable

from backend.models.lookup import Definition, SearchResult
from backend.services.connections import Connections, Resolved
from backend.services.folder_index import FolderIndex
from backend.services.migrations import MigrationService

from .definitions import Definitions
from .search import Query, Searcher


class Lookup:
    """Answers from the folder index: no server is asked, so it works on a connection that cannot be reached."""

    def __init__(self, connections: Connections, migrations: MigrationService) -> None:
        self._resolve: Callable[[str], Resolved] = connections.resolve
        self._index: Callable[[Resolved], FolderIndex] = migrations.index
        self._definitions = Definitions()
        self._searcher = Searcher()

    def definition(
        self, connection: str, name: str, column: str | None = None, schema_name: str | None = None
    ) -> Definition:
        """The statements of all ups that made or changed an object, or one column of a table."""
        resolved = self._resolve(connection)
        return self._definitions.find(
            self._index(resolved), resolved.engine.name, name, column=column, schema=schema_name
        )

    def search(
        self,
        connection: str,
        query: str,
        regex: bool = False,
        case: bool = False,
        whole_word: bool = False,
        half: str | None = None,
        limit: int = 200,
    ) -> SearchResult:
        """Where the text stands. Raises InvalidRequest for a regular expression that cannot be read, TimedOut."""
        resolved = self._resolve(connection)
        wanted = Query(query, regex=regex, case=case, whole_word=whole_word, half=half)
        return self._searcher.search(self._index(resolved), wanted, limit)


__all__ = ["Lookup"]
