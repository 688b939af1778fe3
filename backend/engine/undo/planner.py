"""Turns the changes of an up round: what needs undoing at all, in which order, under which names. Pure.

Two passes. Forward: every change meets its thing (made here, or there before). Backward: a thing made here is dropped
once, under its last name; one that is dropped comes back once, as it was, whatever was done to it before.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from backend.core.errors import AppError
from backend.engine import sqltext
from backend.engine.lint.ops import Name
from backend.engine.lint.source import Half, Stmt

from .dialect import Dialect
from .model import (
    Alter,
    AnyChange,
    Change,
    Create,
    Down,
    Drop,
    Free,
    Piece,
    Rename,
    Rows,
    Step,
    Thing,
    Undone,
    cannot,
    nothing,
)
from .wording import comment, impossible, sentence, shortened
from .world import World

_log = logging.getLogger(__name__)
_NOT_UNDERSTOOD = "It is not understood here"


@dataclass(slots=True)
class _Act:
    """One change of one statement; `settled` where the forward pass knows the answer."""

    change: AnyChange
    statement: int
    thing: Thing | None = None
    settled: Undone | None = None


@dataclass(slots=True)
class _Answer:
    lines: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    results: list[Undone] = field(default_factory=list)


class Planner:
    """One up. Raises AppError only where the live schema could not be asked."""

    def __init__(self, dialect: Dialect, half: Half, statements: Sequence[Stmt]) -> None:
        self._dialect = dialect
        self._half = half
        self._statements = statements
        self._world = World(dialect)
        self._acts: list[_Act] = []
        self._copies: list[tuple[Thing, Thing, tuple[str, ...], tuple[str, ...]]] = []
        self._emitted: set[str] = set()
        self._stale: str | None = None

    def plan(self, transaction: bool) -> Down:
        self._dialect.begin(self._statements)
        for index, statement in enumerate(self._statements):
            for change in self._read(statement):
                self._forward(change, index)
        results: dict[int, list[Undone]] = {}
        for at in range(len(self._acts) - 1, -1, -1):
            act = self._acts[at]
            results.setdefault(act.statement, []).append(self._backward(act, at))
        return self._written(results, transaction)

    # -- forward -------------------------------------------------------------------------------------------------

    def _read(self, statement: Stmt) -> list[AnyChange]:
        if statement.problem is not None:
            return [Free(cannot(f"It could not be read: {statement.problem.message}"))]
        try:
            return list(self._dialect.changes(statement))
        except AppError:
            raise
        except Exception:
            # A statement of a form nobody thought of must not take the rest of the down with it.
            _log.exception("A statement could not be read for its undo")
            return [Free(cannot(_NOT_UNDERSTOOD))]

    def _forward(self, change: AnyChange, statement: int) -> None:
        act = _Act(change, statement)
        at = len(self._acts)
        self._acts.append(act)
        world = self._world
        if isinstance(change, Free):
            act.settled = change.undone
        elif isinstance(change, Create):
            self._create(act, change, at)
        elif isinstance(change, Drop):
            known = world.known(change.ref)
            if known is None and self._is_there(change) is False:
                act.settled = (
                    nothing("It is not there, so there is nothing to bring back")
                    if change.if_exists
                    else cannot("What it drops is not in the live schema")
                )
            act.thing = self._found(change)
            world.drop(act.thing, at)
        elif isinstance(change, Rename):
            act.thing = world.find(change.ref)
            world.rename(act.thing, change.new, at)
        elif isinstance(change, Alter):
            act.thing = self._found(change)
            if change.what in act.thing.touched and not any(one.is_made_here for one in act.thing.chain):
                act.settled = nothing(
                    "An earlier statement has changed the same; its undo brings back what was"
                )
            act.thing.touched.add(change.what)
        else:
            self._rows(act, change)

    def _create(self, act: _Act, change: Create, at: int) -> None:
        world = self._world
        known = world.known(change.ref)
        in_new = change.ref.parent is not None and world.find(change.ref.parent).is_made_here
        there: bool | None = None
        if known is not None:
            there = True
        elif in_new or world.is_vacated(change.ref):
            there = False
        else:
            there = self._is_there(change)
        if there and change.if_not_exists:
            act.thing = world.find(change.ref)
            act.settled = nothing("It is there already, so this statement changes nothing")
        elif there and change.or_replace and change.replaced is not None:
            act.thing = world.find(change.ref)
            if not act.thing.is_made_here:
                again = "definition" in act.thing.touched
                for one in act.thing.chain:
                    one.now = one.before
                act.thing.touched.add("definition")
                act.settled = (
                    nothing("An earlier statement has replaced it already")
                    if again
                    else change.replaced(act.thing)
                )
        else:
            if there and known is None and not change.or_replace:
                self._stale = f"{change.ref.name} is there already, as after this migration"
            act.thing = world.make(change.ref, at)
            if change.owner is not None:
                act.thing.owner = world.find(change.owner)

    def _found(self, change: Drop | Alter) -> Thing:
        thing = self._world.find(change.ref)
        if change.owner is not None and thing.owner is None:
            thing.owner = self._world.find(change.owner)
            if thing.made_at is None and thing.owner.is_made_here:
                thing.origin = None
        return thing

    def _is_there(self, change: Create | Drop) -> bool | None:
        ref = change.ref
        if not ref.name.name:
            return None
        parent = self._world.find(ref.parent) if ref.parent else None
        owner = self._world.find(change.owner) if change.owner else parent
        if owner is not None and owner.is_made_here:
            return None
        return self._dialect.has(ref.kind, ref.name, parent.before if parent else None)

    def _rows(self, act: _Act, change: Rows) -> None:
        act.thing = table = self._world.find(change.ref)
        if change.copied is not None:
            name, here, there = change.copied
            source = self._world.known(type(change.ref)(change.ref.kind, name))
            source = source or self._world.find(type(change.ref)(change.ref.kind, name))
            self._copies.append((table, source, here, there))
        if change.columns:
            made = [
                self._world.known(type(change.ref)("column", Name(one), change.ref)) for one in change.columns
            ]
            if all(one is not None and one.is_made_here for one in made):
                act.settled = nothing("The values go with their columns")

    # -- backward ------------------------------------------------------------------------------------------------

    def _backward(self, act: _Act, at: int) -> Undone:
        thing, change = act.thing, act.change
        if act.settled is not None and (thing is None or isinstance(change, Free)):
            return act.settled
        assert thing is not None and not isinstance(change, Free)
        for one in thing.chain:
            one.now = self._world.name_at(one, at)
        settled = self._settled(act, thing, change, at)
        if settled is not None:
            return settled
        try:
            result = self._turned(change, thing, at)
            if result.as_before and not self._world.are_names_back(at):
                for one in thing.chain:
                    one.now = one.before
                result = self._turned(change, thing, at)
                result = replace(result, pieces=(), late=result.pieces + result.late)
            return result
        except AppError:
            raise
        except Exception:
            _log.exception("A change could not be turned round")
            return cannot(_NOT_UNDERSTOOD)

    def _turned(self, change: Change, thing: Thing, at: int) -> Undone:
        if isinstance(change, Rename):
            return change.undo_to(thing, thing.renames[self._position(thing, at)].old)
        if isinstance(change, Drop) and thing.kind == "table":
            return self._table_back(thing, change, at)
        return change.undo(thing)

    @staticmethod
    def _position(thing: Thing, at: int) -> int:
        return next(index for index, one in enumerate(thing.renames) if one.at == at)

    def _settled(self, act: _Act, thing: Thing, change: AnyChange, at: int) -> Undone | None:
        """What needs no undo of its own."""
        chain = thing.chain
        owner = next((one for one in chain[1:] if one.is_made_here), None)
        if owner is not None:
            return nothing(f"It goes with the {self._label(owner)} {owner.name}")
        gone = next((one for one in chain[1:] if one.dropped_at is not None and one.dropped_at > at), None)
        if gone is not None:
            return nothing(f"It comes back with the {self._label(gone)} {gone.before}")
        if act.settled is not None:
            return act.settled
        if isinstance(change, Create):
            if thing.dropped_at is not None:
                return nothing("A later statement drops it again")
            return nothing("It goes with what it replaces") if thing.made_at != at else None
        if thing.is_made_here:
            is_kept = isinstance(change, Rename) and thing.renames[self._position(thing, at)].is_kept
            if is_kept and thing.dropped_at is None and thing.moved_to is None:
                return None
            return nothing("It was made by this migration")
        if not isinstance(change, Drop) and thing.dropped_at is not None:
            return nothing("It comes back as it was when its drop is undone")
        return None

    def _label(self, thing: Thing) -> str:
        return self._dialect.labels.get(thing.kind, thing.kind.replace("_", " "))

    def _table_back(self, table: Thing, change: Drop, at: int) -> Undone:
        """A dropped table as it was; with the rows that the up has copied elsewhere, where it says so plainly."""
        first: list[Piece] = []
        holder = self._world.holder(table, at)
        if holder is not None:
            moved = replace(table.before, name=f"{table.before.name}_undone")
            first += self._dialect.put_aside(self._world.name_at(holder, at), moved)
            if first:
                holder.moved_to = moved
        result = change.undo(table)
        if result.problem is not None:
            return result
        copies = []
        for to, source, here, there in self._copies:
            if source is table and to.is_made_here and to.dropped_at is None:
                piece = self._dialect.copy_rows(table.before, there, self._world.name_at(to, at), here)
                if piece is not None:
                    copies.append(piece)
        note = None if copies else result.note
        return replace(result, pieces=(*first, *result.pieces, *copies), note=note)

    # -- the text ------------------------------------------------------------------------------------------------

    def _written(self, results: dict[int, list[Undone]], transaction: bool) -> Down:
        dialect = self._dialect
        every = [piece for found in results.values() for one in found for piece in (*one.pieces, *one.late)]
        chosen, transaction = dialect.transaction(every, transaction)
        stand_in = {id(old): new for old, new in zip(every, chosen, strict=True)}
        answers: dict[int, _Answer] = {}
        late: list[str] = []
        for index in sorted(results, reverse=True):
            answer = answers[index] = _Answer()
            texts: list[Piece] = []
            waiting: list[Piece] = []
            for result in results[index]:
                self._say(answer, self._statements[index], result)
                once = result.source == "schema"
                texts += self._unwritten([stand_in[id(piece)] for piece in result.pieces], once=once)
                waiting += self._unwritten([stand_in[id(piece)] for piece in result.late], once=True)
            answer.lines += self._joined(texts)
            answer.late = self._joined(waiting)
            late += answer.late
        steps = []
        for index, statement in enumerate(self._statements):
            steps.append(self._step(statement, answers.get(index) or _Answer()))
        blocks = [line for index in sorted(answers, reverse=True) for line in answers[index].lines]
        text = "\n".join([*blocks, *late])
        if text:
            text = dialect.wrapped(text, chosen)
        if text and not every and dialect.needs_statement:
            text += "\nSELECT 1;"
        if not text and self._statements:
            text = comment(dialect.comment, "Nothing of the up has to be undone.")
            text += "\nSELECT 1;" if dialect.needs_statement else ""
        return Down(
            text=text + "\n" if text else "",
            transaction=transaction,
            steps=tuple(steps),
            complete=all(step.is_undone for step in steps),
            stale=self._stale,
        )

    def _say(self, answer: _Answer, statement: Stmt, result: Undone) -> None:
        """The comments above a statement's undo."""
        mark = self._dialect.comment
        answer.results.append(result)
        said = ""
        if result.problem is not None:
            said = impossible(mark, statement.text, result)
        elif result.note and not result.quiet and (result.pieces or result.late):
            said = comment(mark, sentence(result.note))
        if said and said not in answer.lines:
            answer.lines.append(said)

    def _unwritten(self, pieces: Sequence[Piece], *, once: bool) -> list[Piece]:
        """What comes from the live schema may be asked for twice (an index, with its column); it is written once."""
        if not once:
            return list(pieces)
        new = [piece for piece in pieces if piece.may_repeat or piece.text not in self._emitted]
        self._emitted.update(piece.text for piece in new)
        return new

    def _joined(self, pieces: Sequence[Piece]) -> list[str]:
        """Neighbours on the same table that do the same become one statement, where the engine allows it."""
        joined: list[Piece] = []
        for piece in pieces:
            last = joined[-1] if joined else None
            if (
                self._dialect.joins_actions and last is not None and piece.head and last.head == piece.head
                and (self._dialect.joins_all or piece.action.split(None, 1)[0] == last.action.split(None, 1)[0])
            ):  # fmt: skip
                both = f"{last.action},\n  {piece.action}"
                joined[-1] = Piece(f"{last.head}\n  {both}", last.head, both)
            else:
                joined.append(piece)
        return [self._ended(piece.text) for piece in joined]

    def _ended(self, text: str) -> str:
        end = self._dialect.delimiter
        text = text.rstrip().rstrip(end).rstrip()
        return f"{text}\n{end}" if self._ends_in_comment(text) else text + end

    def _ends_in_comment(self, text: str) -> bool:
        """It would swallow the delimiter."""
        last, dialect = text.rpartition("\n")[2], self._dialect.dialect
        if dialect is None or not ("--" in last or "#" in last):
            return False
        return sqltext.strip_comments(text, dialect)[-1:].isspace()

    def _step(self, statement: Stmt, answer: _Answer) -> Step:
        line = self._half.body.count("\n", 0, statement.start) + 1
        problems = [one.problem for one in answer.results if one.problem]
        notes = problems or [one.note for one in answer.results if one.note]
        down = "\n".join([*answer.lines, *answer.late]) or None
        sources = {one.source for one in answer.results if one.pieces or one.late}
        has_statements = any(one.pieces or one.late for one in answer.results)
        return Step(
            up=shortened(statement.text),
            line=line,
            down=down if has_statements and down else None,
            source="schema" if "schema" in sources else "none" if problems and not sources else "text",
            note=" ".join(dict.fromkeys(one if one.endswith(".") else one + "." for one in notes)) or None,
            is_undone=not problems,
        )


__all__ = ["Planner"]
