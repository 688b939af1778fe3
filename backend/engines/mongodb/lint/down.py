"""The way back of a MongoDB migration: none, or one that does nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Severity
from backend.models.migration import Direction

from .say import js

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_NO_FORM = "only the author knows what undoes it"
_UP = "  async up(db, client) {\n    await db.collection('a').insertOne({ b: 1 });\n  },\n"


@rule(
    "mongo-down-missing",
    scope=Scope.FILE,
    title="No way back",
    severity=Severity.LOW,
    harm="migrate-mongo runs the file, and then cannot roll it back.",
    advice="Write `down`, or say why there is none with `dbtoolkit:ignore mongo-down-missing: <why>`.",
    origin=("migrate-mongo 14",),
    bad=(
        Bad(content=f"module.exports = {{\n{_UP}}};\n", hits=1, runs_safe_form=False, why_not=_NO_FORM),
        Bad(
            content=f"// async down(db) {{}}\nmodule.exports = {{\n{_UP}  /* down() */\n}};\n",
            hits=1,
            runs_safe_form=False,
            why_not=_NO_FORM,
        ),
    ),
    good=(
        Good(content=js("await db.collection('a').insertOne({ b: 1 });")),
        Good(content=f"// dbtoolkit:ignore mongo-down-missing: seeds stay\nmodule.exports = {{\n{_UP}}};\n"),
    ),
)
def down_missing(at: At) -> Iterator[Hit]:
    source = at.source
    if source.up is None or source.down is not None:
        return
    yield Hit("There is no `down` function.", file_span=source.up.directive)


@rule(
    "mongo-down-empty",
    scope=Scope.HALF,
    title="Down does nothing",
    severity=Severity.LOW,
    harm="A rollback records the file as gone while everything it did stays.",
    advice="Undo what up did; where that is impossible, say so with `dbtoolkit:ignore mongo-down-empty: <why>`.",
    origin=("migrate-mongo 14: the template's empty down",),
    directions=(Direction.DOWN,),
    bad=(
        Bad(content=js("await db.collection('a').insertOne({ b: 1 });", ""), hits=1, runs_safe_form=False, why_not=_NO_FORM),
        Bad(content=js("await db.collection('a').insertOne({ b: 1 });", "// TODO write the statements\n/* b; */"), hits=1, runs_safe_form=False, why_not=_NO_FORM),
    ),
    good=(
        Good(content=js("await db.collection('a').insertOne({ b: 1 });", "await db.collection('a').deleteOne({ b: 1 });")),
        Good(content=js("", "")),
        Good(content=js("await db.collection('a').insertOne({ b: 1 });", "// dbtoolkit:ignore mongo-down-empty: seeds stay")),
    ),
)  # fmt: skip
def down_empty(at: At) -> Iterator[Hit]:
    up = at.source.up
    if up is None or not up.statements or at.statements:
        return
    yield at.hit("It is empty: a rollback would undo nothing and still record it.")


RULES = tuple(_set.rules)
