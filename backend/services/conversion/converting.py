"""From what was read to files of ours: versions, halves, transactions, downs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from backend.core.errors import AppError
from backend.engine.port import Engine
from backend.engine.tool import MigrationTool
from backend.models.conversion import ConversionNote, ConvertedFile

from .model import Found, Note, Source, SourceFile
from .numbering import numbered
from .transactions import own_transaction, refused_inside

_MOST_SHOWN = 400_000
_MOST_SPLIT = 2_000_000
_GENERATED = "-- Written by DB Toolkit from the up: look at it before you rely on it."

MakeDown = Callable[[str, bool], tuple[str, bool, bool] | None]
"""(up, transaction) → (down, transaction, complete); None where nothing can be written."""


def shown(note: Note) -> ConversionNote:
    return ConversionNote(file=note.file, message=note.message, line=note.line)


class Converter:
    def __init__(
        self,
        source: Source,
        engine: Engine,
        tool: MigrationTool,
        files: Sequence[SourceFile],
        make_down: MakeDown | None,
    ) -> None:
        self._source, self._engine, self._tool = source, engine, tool
        self._unreadable: Mapping[str, SourceFile] = {one.path: one for one in files if one.problem}
        self._make_down = make_down

    def convert(self, migrations: Sequence[Found]) -> list[ConvertedFile]:
        versions = numbered([one.version for one in migrations])
        return [self._one(found, version) for found, version in zip(migrations, versions, strict=True)]

    def _one(self, found: Found, version: str) -> ConvertedFile:
        notes, problems = list(found.notes), list(found.problems)
        problems += [
            Note(path, self._unreadable[path].problem or "", self._unreadable[path].line)
            for path in found.files
            if path in self._unreadable
        ]
        up_file, down_file = found.files[0], found.files[-1]
        transaction = self._transaction(found.up, found.transaction, up_file, notes)
        down, source, complete = found.down, "taken" if found.down is not None else "none", True
        transaction_down = found.transaction_down
        if down is not None:
            transaction_down = self._transaction(down, transaction_down, down_file, notes)
        elif self._make_down is not None and not problems and len(found.up) < _MOST_SPLIT:
            made = self._make_down(found.up, transaction)
            if made is not None and made[0].strip():
                down, source = f"{_GENERATED}\n{made[0]}", "generated"
                transaction_down, complete = made[1], made[2]
        if source == "none":
            notes.append(Note(up_file, "There is no down: it cannot be rolled back until one is written."))
        elif source == "generated":
            notes.append(Note(up_file, "The down was generated from the up."))
        filename = f"{version}_{self._tool.describe_name(found.name) or 'migration'}.sql"
        content = self._content(
            found.up, down or "", transaction, transaction_down, filename, up_file, problems, notes
        )
        too_large = content is not None and len(content) > _MOST_SHOWN
        return ConvertedFile(
            key=found.key,
            files=list(found.files),
            filename=filename,
            version=version,
            content=content,
            up=None if too_large else found.up,
            down=None if too_large else down,
            transaction=transaction,
            transaction_down=transaction_down,
            down_source=source,
            down_complete=complete,
            status="unknown",
            state="new",
            notes=[shown(one) for one in notes],
            problems=[shown(one) for one in problems],
        )

    def _content(
        self,
        up: str,
        down: str,
        transaction: bool,
        transaction_down: bool,
        filename: str,
        file: str,
        problems: list[Note],
        notes: list[Note],
    ) -> str | None:
        """The whole file, read back: what dbmate would not read as it is meant is a problem."""
        try:
            content = self._tool.compose(
                up, down, transaction_up=transaction, transaction_down=transaction_down
            )
        except AppError as error:
            problems.append(Note(file, error.message))
            return None
        parsed = self._tool.parse(Path(filename), content.encode("utf-8", "replace"))
        for one in parsed.problems:
            note = Note(file, one.message)
            (problems if one.severity == "error" else notes).append(note)
        return content

    def _transaction(self, text: str, asked: bool, file: str, notes: list[Note]) -> bool:
        if len(text) > _MOST_SPLIT:
            return asked
        dialect = str(self._engine.name)
        statements = self._engine.split_statements(text)
        if asked and (line := own_transaction(statements, dialect)) is not None:
            notes.append(
                Note(file, "It begins and ends its transaction itself, so dbmate opens none around it.", line)
            )
            return False
        if asked and (line := refused_inside(statements, dialect)) is not None:
            if self._source.leaves_transaction:
                notes.append(
                    Note(
                        file, "PostgreSQL takes this outside of a transaction alone: transaction:false.", line
                    )
                )
                return False
            notes.append(
                Note(file, "PostgreSQL refuses this in a transaction, and the file asks for one.", line)
            )
        notes.extend(Note(file, said) for said in self._engine.block_warnings(text, transaction=asked))
        return asked
