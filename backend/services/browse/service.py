"""A live schema described: its tables, a part of it as a diagram, and all of it as a document. Read anew every time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from backend.core.errors import Conflict, InvalidRequest
from backend.core.paths import given_path, write_atomically
from backend.engine.browse import outline_of
from backend.engine.target import Target
from backend.models.schema_detail import (
    Diagram,
    SavedPicture,
    SchemaDdl,
    SchemaDetail,
    SchemaDocument,
    SchemaOutline,
)
from backend.services.connections import Connections, Resolved
from backend.services.history_export import write_stream

from . import html, markdown
from .diagram import chosen_tables, diagram
from .document import Document

_DIAGRAM_IN_DOCUMENT = 60
"""More tables than this are no picture any more; the document then says so and keeps its lists of relations."""


class Browse:
    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def outline(self, connection: str) -> SchemaOutline:
        """Every table by name, and the foreign keys."""
        resolved, target = self._open(connection)
        return resolved.engine.outline(target)

    def describe(self, connection: str, tables: Sequence[str] | None) -> SchemaDetail:
        """Everything about all tables, or about the named ones; an empty list: only what is no table."""
        resolved, target = self._open(connection)
        if tables is not None and not tables:
            return resolved.engine.describe(target, None).model_copy(update={"tables": []})
        return resolved.engine.describe(target, tables)

    def ddl(self, connection: str, table: str) -> SchemaDdl:
        """The statements that make a table, as the engine prints them. Raises NotFound, NotSupported."""
        resolved, target = self._open(connection)
        return resolved.engine.table_ddl(target, table)

    def diagram(self, connection: str, tables: Sequence[str] | None, depth: int) -> Diagram:
        """The named tables with those within `depth` relations of them.

        Without names: everything, or where that is more than one can read, the surroundings of the most connected
        table. Partitions are part of their table.
        """
        resolved, target = self._open(connection)
        outline = resolved.engine.outline(target)
        chosen = chosen_tables(outline, tables, depth)
        ids = [one.id for one in outline.tables if one.id in chosen.ids]
        detail = (
            resolved.engine.describe(target, ids)
            if ids
            else SchemaDetail(engine=outline.engine, default_schema=outline.default_schema)
        )
        return diagram(outline, detail, chosen)

    def document(
        self, connection: str, form: str, path: str | None = None, *, overwrite: bool = False
    ) -> SchemaDocument:
        """The whole schema as one HTML or Markdown file that needs nothing else, written to `path` where given.

        Raises Conflict where the file is there already, unless `overwrite`.
        """
        resolved, target = self._open(connection)
        detail = resolved.engine.describe(target)
        drawn = [one for one in detail.tables if not one.is_partition]
        picture = None
        if 0 < len(drawn) <= _DIAGRAM_IN_DOCUMENT:
            outline = outline_of(detail)
            picture = diagram(outline, detail, chosen_tables(outline, [one.id for one in drawn], 0))
        document = Document(
            title=resolved.name,
            engine_label=resolved.engine.label,
            environment=str(resolved.stored.environment),
            made_at=datetime.now(UTC),
            detail=detail,
            diagram=picture,
        )
        if form == "html":
            text, suffix = html.render(document), "html"
        elif form == "markdown":
            text, suffix = markdown.render(document), "md"
        else:
            raise InvalidRequest(f"There is no format “{form}”. Known: html, markdown.")
        answer = SchemaDocument(
            filename=f"{resolved.id}-schema.{suffix}",
            format=form,
            size_bytes=len(text.encode("utf-8", "replace")),
            tables=len(detail.tables),
            diagram_tables=len(picture.nodes) if picture else 0,
        )
        if path is None:
            answer.text = text
            return answer
        written, answer.size_bytes = write_stream(given_path(path), iter([text]), overwrite=overwrite)
        answer.path, answer.filename = str(written), written.name
        return answer

    def save_picture(self, data: bytes, path: str, *, overwrite: bool) -> SavedPicture:
        """Write a diagram that the window drew. Raises Conflict where the file is there already, unless `overwrite`."""
        file = given_path(path)
        if file.is_dir():
            raise InvalidRequest(f"{file} is a folder.", hint="Give the path of the file to write.")
        if file.exists() and not overwrite:
            raise Conflict(
                f"{file} is there already.", hint="Choose another name, or overwrite it.", path=str(file)
            )
        write_atomically(file, data)
        return SavedPicture(path=str(file), filename=file.name, size_bytes=len(data))

    def _open(self, connection: str) -> tuple[Resolved, Target]:
        resolved = self._connections.resolve(connection)
        resolved.engine.require("catalog")
        return resolved, self._connections.target(resolved)
