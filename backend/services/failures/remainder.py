"""The statements of a failed half that have not landed, as a file the real tool runs under the same version. Pure but
for writing that file.

What landed is blanked out, line by line, so that an error still points to the line of the user's file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from backend.core.errors import AppError
from backend.engine.lint.source import Stmt, of_parsed
from backend.engine.tool import MigrationTool, ParsedFile
from backend.engine.undo.registry import undo_of
from backend.models.failure import Landed
from backend.models.migration import Direction

from .evidence import is_of_the_session
from .look import Look


@dataclass(slots=True)
class Remainder:
    """`content` is the file to run; `reason` where there can be none."""

    content: str = ""
    statements: list[str] = field(default_factory=list)
    file: ParsedFile | None = None
    """The user's file as it is now: what is recorded as run."""
    reason: str | None = None


def plan_remainder(look: Look, file: ParsedFile | None) -> Remainder:
    """`file`: the user's file as it is now, perhaps mended since it failed."""
    engine = look.resolved.engine
    if engine.dialect is None:
        return Remainder(reason="A MongoDB migration is a program: it cannot be entered in its middle.")
    if look.unknown is not None:
        return Remainder(reason=look.unknown)
    if file is None or not file.is_valid:
        return Remainder(reason="The file is not there, or not valid.")
    if not look.statements or len(look.read) != len(look.statements):
        return Remainder(reason="Its statements cannot be told apart.")
    states = [
        (one, statement)
        for one, statement in zip(look.statements, look.read, strict=True)
        if not is_of_the_session(statement)
    ]
    unsure = next((one for one, _ in states if one.state == Landed.UNKNOWN), None)
    if unsure is not None:
        return Remainder(reason=f"It is not known whether statement {unsure.index + 1} landed. {unsure.why}")
    first = next((one.index for one, _ in states if one.state == Landed.NOT_LANDED), None)
    if first is None:
        return Remainder(reason="Every statement has landed: only the record is missing.")
    if any(one.state == Landed.LANDED for one, _ in states if one.index > first):
        return Remainder(reason="A later statement landed and an earlier one did not.")
    if first == 0 or not any(one.state == Landed.LANDED for one, _ in states):
        return Remainder(reason="No statement landed: the whole file can run again.")
    return _cut(look, file, first)


def _cut(look: Look, file: ParsedFile, first: int) -> Remainder:
    source = of_parsed(file)
    half = source.up if look.direction == Direction.UP else source.down
    if half is None:
        return Remainder(reason="The half that failed is not in the file any more.")
    try:
        _, statements = undo_of(look.resolved.engine.name).read(half.body)
    except AppError as error:
        return Remainder(reason=error.message)
    if [one.text for one in statements[:first]] != [one.text for one in look.read[:first]]:
        return Remainder(reason="The statements that landed are not in the file any more as they ran.")
    todo = statements[first:]
    if not todo:
        return Remainder(reason="The file holds no more statements than those that landed.")
    body = _blanked(half.body, statements, first)
    content = file.content[: half.offset] + body + file.content[half.offset + len(half.body) :]
    return Remainder(content, [one.text for one in todo], file)


def _blanked(body: str, statements: Sequence[Stmt], first: int) -> str:
    """Up to the first that is to run only line breaks, and what sets up the session."""
    kept = ""
    at = 0
    for one in statements[:first]:
        kept += "\n" * body.count("\n", at, one.start)
        if is_of_the_session(one):
            kept += f"{one.text};"
        else:
            kept += "\n" * one.text.count("\n")
        at = one.end
    return kept + "\n" * body.count("\n", at, statements[first].start) + body[statements[first].start :]


@contextmanager
def staged(remainder: Remainder, tool: MigrationTool) -> Iterator[ParsedFile]:
    """The file to be run, under the name of the user's; what the ledger keeps is the user's own."""
    assert remainder.file is not None
    with TemporaryDirectory(prefix="db-toolkit-remainder-") as folder:
        path = Path(folder) / remainder.file.filename
        data = remainder.content.encode("utf-8", "surrogateescape")
        path.write_bytes(data)
        parsed = tool.parse(path, data)
        yield replace(parsed, sha256=remainder.file.sha256, content=remainder.file.content)
