"""MongoDB's side of the rehearsal port."""

from __future__ import annotations

from typing import ClassVar

from backend.engine.rehearsal.port import Block, Copied, CopySize, Heard, Played, RehearsalTools
from backend.engine.target import CancelToken, Target
from backend.models.rehearsal import RowsWanted

from . import copy, play


class MongoRehearsal(RehearsalTools):
    notes: ClassVar[tuple[str, ...]] = (
        "The commands are those that left the process, each with the server's own answer. MongoDB does not tell an "
        "ordinary user which locks a command took or how many bytes it wrote: both are unknown.",
        "How a filter finds its documents is asked (explain) after the file has run, on the documents that it left.",
        "MongoDB knows no references between documents: a sample is the first documents of each collection.",
        "The file runs confined: it reaches no other database and no other server, writes no file and starts no program. "
        "What it tries is named.",
        "In which line of the file a command was sent is unknown.",
    )

    def size(self, source: Target) -> CopySize:
        return copy.size(source)

    def copy(
        self, source: Target, scratch: Target, rows: RowsWanted, sample_rows: int, cancel: CancelToken
    ) -> Copied:
        return copy.copy(source, scratch, rows, sample_rows, cancel)

    def play(
        self, scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float
    ) -> Played:
        return play.play(scratch, block, heard, cancel, time_limit_s)
