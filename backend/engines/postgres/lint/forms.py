"""Safe forms several PostgreSQL rules share: the concurrent form, alone in its block. Pure."""

from __future__ import annotations

from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.sqlrules.tokens import tokenize
from backend.models.finding import Fix

OWN_FILE = "-- in a migration of its own, marked transaction:false\n"


def quick(at: At, title: str, statement: str, name: str, down: str = "") -> tuple[Fix, ...]:
    """The fix for a statement that must be alone, outside a transaction.

    Where it is alone in its half: rewritten, and the directive gets `transaction:false`. Else, in up, it moves into a
    migration of its own. In a down with more statements there is no such place.
    """
    if len(at.statements) == 1:
        edits = [at.edit(0, len(at.statement.text), statement.rstrip("; \n"))]
        directive = at.without_transaction()
        if at.half.transaction and directive is None:
            return ()
        return (Fix(title=title, edits=[*([directive] if directive else []), *edits]),)
    if not at.is_up:
        return ()
    return (at.own_file(f"{title}, in a migration of its own", name, statement, down),)


def after_word(text: str, word: str, insert: str) -> str | None:
    """The statement with `insert` put after its first keyword `word`, found by its tokens."""
    for token in tokenize(text, "postgres"):
        if token.upper == word:
            return f"{text[: token.end]} {insert}{text[token.end :]}"
    return None


def closed(text: str) -> str:
    """The statement with one semicolon, on a line of its own where a comment might swallow it."""
    text = text.rstrip("; \n\t")
    last = text.rpartition("\n")[2]
    return text + ("\n;" if "--" in last else ";")


def constraint_name(table: Name, columns: tuple[str, ...], suffix: str) -> str:
    """As PostgreSQL names it: `orders_customer_id_fkey`, at most 63 bytes."""
    return "_".join((table.name, *columns, suffix))[:63]
