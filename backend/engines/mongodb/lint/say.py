"""What MongoDB's rules share: hits where the call stands, edits of calls, examples. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from textwrap import indent

from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.rule import Hit
from backend.models.finding import Fix, Severity
from backend.models.schema import Catalog, CatalogIndex, CatalogTable

from .calls import Call

_UNDO = 'await db.collection("notes").findOne({});'


def js(up: str, down: str = _UNDO, *, before: str = "") -> str:
    """A whole file for an example."""
    return (
        f"{before}module.exports = {{\n  async up(db, client) {{\n{indent(up, '    ')}\n  }},\n\n"
        f"  async down(db, client) {{\n{indent(down, '    ')}\n  }},\n}};\n"
    )


def facts(rows: int | None = 40_000_000, *, indexes: Sequence[str] = (), collection: str = "users") -> Facts:
    """For examples: a collection with so many documents and indexes on these fields."""
    known = [CatalogIndex(name=f"{one}_1", columns=[one]) for one in ("_id", *indexes)]
    return Facts.of_catalog(
        Catalog(tables=[CatalogTable(name=collection, kind="collection", rows=rows, indexes=known)])
    )


def at_call(call: Call, hits: Iterator[Hit]) -> Iterator[Hit]:
    """The same hits, where the call stands (a helper function's stand outside the statement)."""
    for hit in hits:
        yield replace(hit, file_span=call.place)


def hit(
    at: At,
    call: Call,
    message: str,
    *,
    safe_form: str | None = None,
    fixes: Sequence[Fix] = (),
    severity: Severity | None = None,
    unknown: bool = False,
    confirm: bool | None = None,
) -> Iterator[Hit]:
    yield from at_call(
        call,
        iter(
            [
                at.hit(
                    message,
                    safe_form=safe_form,
                    fixes=fixes,
                    severity=severity,
                    unknown=unknown,
                    confirm=confirm,
                )
            ]
        ),
    )


def sized(
    at: At,
    call: Call,
    message: str,
    *,
    safe_form: str | None = None,
    fixes: Sequence[Fix] = (),
    severity: Severity | None = None,
) -> Iterator[Hit]:
    """As bad as the collection is big; where its name is computed, full and unknown."""
    if not call.known:
        words = " Which collection this is, and how big, shows only when it runs."
        yield from hit(
            at, call, message + words, safe_form=safe_form, fixes=fixes, severity=severity, unknown=True
        )
        return
    yield from at_call(
        call, at.sized(call.collection, message, safe_form=safe_form, fixes=fixes, severity=severity)
    )


def replaced(at: At, call: Call, title: str, new: str) -> Fix:
    """The call's text replaced."""
    return Fix(title=title, edits=[at.file_edit(*call.place, new)])


def label(call: Call) -> str:
    return call.collection.name if call.known else "the collection"
