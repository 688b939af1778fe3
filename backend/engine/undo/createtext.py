"""A CREATE TABLE as the server gives it, taken apart: its columns, keys and constraints each as written. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.engine.sqlrules.columns import TABLE_ITEMS
from backend.engine.sqlrules.ddl import is_column
from backend.engine.sqlrules.tokens import Cursor, ReadError, T, Token, tokenize

_KINDS = {
    "INDEX": "index", "KEY": "index", "FULLTEXT": "index", "SPATIAL": "index", "VECTOR": "index", "UNIQUE": "index",
    "PRIMARY": "primary_key", "FOREIGN": "constraint", "CHECK": "constraint", "PROJECTION": "projection",
    "CONSTRAINT": "constraint",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """One thing between the parentheses. `kind`: column, index, primary_key, constraint, projection."""

    kind: str
    name: str
    text: str
    columns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Its keywords, upper case."""

    @property
    def is_unique(self) -> bool:
        return self.kind == "primary_key" or "UNIQUE" in self.words[:3]

    @property
    def is_foreign_key(self) -> bool:
        return "FOREIGN" in self.words


@dataclass(frozen=True, slots=True)
class TableText:
    """`text` whole, `items` in order, `tail` what stands after them."""

    text: str
    items: tuple[Item, ...] = ()
    tail: str = ""
    head: str = ""
    dialect: str = field(default="", compare=False)

    def find(self, name: str, *kinds: str) -> Item | None:
        wanted = name.casefold()
        return next((one for one in self.items if one.kind in kinds and one.name.casefold() == wanted), None)

    @property
    def columns(self) -> list[Item]:
        return [one for one in self.items if one.kind == "column"]

    def column(self, name: str) -> Item | None:
        return self.find(name, "column")

    def before(self, name: str) -> str | None:
        """The column in front of one; None for the first."""
        names = [one.name for one in self.columns]
        at = [one.casefold() for one in names].index(name.casefold())
        return names[at - 1] if at else None

    def is_last(self, name: str) -> bool:
        return bool(self.columns) and self.columns[-1].name.casefold() == name.casefold()

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The columns of its primary key, then of each unique one."""
        found = [one for one in self.items if one.is_unique and one.columns and one.kind != "column"]
        keys = [one.columns for one in sorted(found, key=lambda one: one.kind != "primary_key")]
        for one in self.columns:
            if "PRIMARY" in one.words:
                keys.insert(0, (one.name,))
            elif "UNIQUE" in one.words:
                keys.append((one.name,))
        return keys


def taken_apart(text: str, dialect: str) -> TableText:
    """A CREATE TABLE's parts; without items where it has no list of columns (AS SELECT, a virtual table)."""
    tokens = tokenize(text, dialect)
    opened = next((i for i, token in enumerate(tokens) if token.upper == "("), None)
    if opened is None:
        return TableText(text, dialect=dialect)
    cursor = Cursor(text, tokens, dialect)
    cursor.at = opened
    try:
        inside = cursor.parens()
    except ReadError:
        return TableText(text, dialect=dialect)
    items = tuple(_item(one) for one in inside.items() if one.tokens)
    return TableText(
        text,
        items,
        text[tokens[cursor.at - 1].end :].strip(),
        text[: tokens[opened].start].strip(),
        dialect,
    )


def _item(cursor: Cursor) -> Item:
    text = cursor.text(0, len(cursor.tokens))
    words = tuple(token.upper for token in cursor.tokens if token.kind is T.WORD)
    first = cursor.peek()
    if first.kind is not T.WORD or first.upper not in TABLE_ITEMS or is_column(cursor):
        return Item("column", _name(first), text, words=words)
    kind = _KINDS.get(first.upper, "constraint")
    at = 1
    if first.upper == "CONSTRAINT":
        name = _name(cursor.peek(1))
        following = cursor.peek(2).upper
        kind = {"PRIMARY": "primary_key", "UNIQUE": "index"}.get(following, "constraint")
        at = 2
    else:
        while cursor.peek(at).kind is T.WORD and cursor.peek(at).upper in ("KEY", "INDEX"):
            at += 1
        name = _name(cursor.peek(at)) if cursor.peek(at).kind in (T.WORD, T.NAME) else ""
    return Item(kind, name, text, _columns(cursor.tokens, cursor), words)


def _name(token: Token) -> str:
    return token.text[1:-1] if token.kind is T.STRING else token.text


def _columns(tokens: Sequence[Token], whole: Cursor) -> tuple[str, ...]:
    """The names in the first parentheses; empty where an expression or a prefix is among them."""
    cursor = Cursor(whole.sql, tokens, whole.dialect)
    cursor.until("(")
    if cursor.word != "(":
        return ()
    names = []
    for part in cursor.parens().items():
        rest = {token.upper for token in part.tokens[1:]} - {"ASC", "DESC"}
        if not part.tokens or part.peek().kind not in (T.WORD, T.NAME) or rest:
            return ()
        names.append(part.peek().text)
    return tuple(names)
