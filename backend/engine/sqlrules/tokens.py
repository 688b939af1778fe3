"""SQL as a stream of tokens by each dialect's quoting rules, and a cursor over it. Pure.

sqlglot's tokenizer refuses what it cannot finish and takes a second a megabyte; its tree drops how a type was written
and gives up on most of MySQL's ALTER TABLE. So the shared reader walks the same tokens the statement splitter knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple

from backend.engine.lint.ops import Name, Span
from backend.engine.sqllex import Kind, Words, lexer, skip_dollar, skip_nested_comment


def words(text: str) -> frozenset[str]:
    """The words of a text, as a set: long lists of keywords stay readable."""
    return frozenset(text.split())


class T(Enum):
    WORD = "word"
    NAME = "name"
    """A quoted identifier; `text` is without its quotes."""
    STRING = "string"
    """With its quotes."""
    NUMBER = "number"
    SIGN = "sign"


class Token(NamedTuple):
    """A tuple, as a file of megabytes has half a million of them."""

    kind: T
    text: str
    upper: str
    """Upper case for a word, the sign for a sign, empty for the rest: keywords are compared by it."""
    start: int
    end: int


# Plain numbers: comparing with the enumeration's members would cost as much as the matching itself.
_WORD, _RUN, _QUOTED, _DOLLAR, _NESTED, _SEMICOLON = map(
    int, (Kind.WORD, Kind.RUN, Kind.QUOTED, Kind.DOLLAR, Kind.NESTED_COMMENT, Kind.SEMICOLON)
)
_DOUBLE_IS_STRING = frozenset({"mysql", "bigquery"})
_BACKSLASH_IN_NAMES = frozenset({"clickhouse", "bigquery"})
_ESCAPED = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|``|\"\"", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "0": "\0", "a": "\a", "v": "\v"}
_PUNCTUATION = re.compile(r"\d[\w.]*|<>|!=|<=|>=|:=|::|->>?|\|\||[^\s\w]|\w+")


def tokenize(sql: str, dialect: str, limit: int | None = None) -> list[Token]:
    """The tokens of one statement, comments left out; at most those that begin before `limit`."""
    known = "postgres" if dialect == "spanner" else dialect
    scan = lexer(known, words=Words.ALL, delimiter=";").match
    tokens: list[Token] = []
    add, word_kind, sign_kind = tokens.append, T.WORD, T.SIGN
    at, size = 0, len(sql) if limit is None else min(len(sql), limit)
    while at < size:
        match = scan(sql, at)
        if match is None:
            break
        kind, end = match.lastindex, match.end()
        if kind == _WORD:
            word = match[0]
            add(Token(word_kind, word, word.upper(), at, end))
        elif kind == _RUN:
            # Mostly white space or one sign with some: no need to look further.
            run = match[0]
            sign = run.strip()
            if len(sign) == 1 and not sign.isalnum():
                first = at + run.index(sign)
                add(Token(sign_kind, sign, sign, first, first + 1))
            elif sign:
                tokens += _run(sql, at, end)
        elif kind == _QUOTED:
            add(_quoted(sql, at, end, known))
        elif kind == _DOLLAR:
            end = skip_dollar(sql, match)
            add(Token(T.STRING, sql[at:end], "", at, end))
        elif kind == _NESTED:
            end = skip_nested_comment(sql, end)
        elif kind == _SEMICOLON:
            add(Token(sign_kind, ";", ";", at, end))
        at = end
    return tokens


def _run(sql: str, at: int, end: int) -> Iterator[Token]:
    for match in _PUNCTUATION.finditer(sql, at, end):
        text = match[0]
        kind = T.NUMBER if text[0].isdigit() else T.SIGN
        yield Token(kind, text, "" if kind is T.NUMBER else text, match.start(), match.end())


def _quoted(sql: str, at: int, end: int, dialect: str) -> Token:
    text = sql[at:end]
    sign = text[0]
    if sign == "'" or (sign == '"' and dialect in _DOUBLE_IS_STRING):
        return Token(T.STRING, text, "", at, end)
    close = "]" if sign == "[" else sign
    inside = text[1:-1] if len(text) > 1 and text.endswith(close) else text[1:]
    if "\\" in inside and dialect in _BACKSLASH_IN_NAMES:
        return Token(T.NAME, _ESCAPED.sub(_unescaped, inside), "", at, end)
    return Token(T.NAME, inside.replace(close * 2, close), "", at, end)


def _unescaped(match: re.Match[str]) -> str:
    """One escape of a name, or a doubled quote."""
    found = match[0]
    if found[0] != "\\":
        return found[0]
    if found[1] == "x" and len(found) == 4:
        return chr(int(found[2:], 16))
    return _ESCAPES.get(found[1], found[1])


class ReadError(Exception):
    """The statement is not of a form the reader knows; `offset` is in its text."""

    def __init__(self, message: str, offset: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


_END = Token(T.SIGN, "", "", 0, 0)


class Cursor:
    """Walks tokens from left to right. Words are compared upper case."""

    def __init__(self, sql: str, tokens: Sequence[Token], dialect: str) -> None:
        self.sql = sql
        self.tokens = tokens
        self.dialect = dialect
        self.at = 0

    @property
    def done(self) -> bool:
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else _END

    @property
    def word(self) -> str:
        """The next token's keyword or sign, empty for names, strings and at the end."""
        return self.peek().upper

    def next(self) -> Token:
        token = self.peek()
        if self.done:
            raise ReadError("The statement ends too early", len(self.sql))
        self.at += 1
        return token

    def ahead(self, *words: str) -> bool:
        """Do exactly these words come next?"""
        return all(self.peek(i).upper == word for i, word in enumerate(words))

    def take(self, *words: str) -> bool:
        """Go past these words where they come next."""
        if not self.ahead(*words):
            return False
        self.at += len(words)
        return True

    def take_any(self, *words: str) -> str:
        """Go past one of these words and tell which; empty where none comes next."""
        if self.word and self.word in words:
            return self.next().upper
        return ""

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            raise ReadError(f"{' '.join(words)} is expected here", self._here())

    def _here(self) -> int:
        return self.peek().start if not self.done else len(self.sql)

    def part(self) -> str:
        """One part of a name, folded as the dialect folds unquoted names."""
        token = self.peek()
        if self.done or token.kind not in (T.WORD, T.NAME):
            if not self.done and token.kind is T.STRING and self.dialect in ("sqlite", "mysql"):
                self.at += 1
                return token.text[1:-1]
            raise ReadError("A name is expected here", self._here())
        self.at += 1
        if token.kind is T.WORD and self.dialect in ("postgres", "spanner"):
            return token.text.lower()
        return token.text

    def name(self) -> Name:
        """`a`, `s.a`, `` `p.d.t` ``, `p-1.d.t`: the last part is the name, the one before it the schema."""
        parts = [self.part()]
        while True:
            if (
                self.word == "-"
                and self.dialect == "bigquery"
                and self.peek().start == self.tokens[self.at - 1].end
            ):
                self.at += 1
                parts[-1] += "-" + self.next().text
            elif self.word == ".":
                self.at += 1
                parts.append(self.part())
            else:
                break
        if self.dialect == "bigquery":
            parts = ".".join(parts).split(".")
        return Name(parts[-1], parts[-2] if len(parts) > 1 else None)

    def exists(self) -> bool:
        """Past IF EXISTS or IF NOT EXISTS."""
        return self.take("IF", "EXISTS") or self.take("IF", "NOT", "EXISTS")

    def parens(self) -> Cursor:
        """What stands in the parentheses that come next, as a cursor of its own; this one goes past them."""
        if self.word != "(":
            raise ReadError("( is expected here", self._here())
        opened, depth, begin = self.peek().start, 0, self.at + 1
        while not self.done:
            sign = self.next().upper
            depth += (sign == "(") - (sign == ")")
            if depth == 0:
                return Cursor(self.sql, self.tokens[begin : self.at - 1], self.dialect)
        raise ReadError("This ( is never closed", opened)

    def items(self) -> list[Cursor]:
        """The rest, split at commas outside parentheses (and outside BigQuery's `<…>`)."""
        found: list[Cursor] = []
        depth, begin = 0, self.at
        for index in range(self.at, len(self.tokens)):
            sign = self.tokens[index].upper
            if sign in ("(", "["):
                depth += 1
            elif sign in (")", "]"):
                depth -= 1
            elif self.dialect in ("bigquery", "spanner") and sign in ("<", ">"):
                depth += 1 if sign == "<" else -1
            elif sign == "," and depth == 0:
                found.append(Cursor(self.sql, self.tokens[begin:index], self.dialect))
                begin = index + 1
        found.append(Cursor(self.sql, self.tokens[begin:], self.dialect))
        self.at = len(self.tokens)
        return found

    def until(self, *words: str) -> tuple[int, int]:
        """Past everything up to one of these words outside parentheses; the range of tokens gone past."""
        begin, depth = self.at, 0
        while not self.done:
            sign = self.word
            if depth == 0 and self.at > begin and sign in words:
                break
            depth += (sign == "(") - (sign == ")")
            self.at += 1
        return begin, self.at

    def text(self, begin: int, end: int) -> str:
        """The SQL between two tokens, comments and all."""
        if begin >= end:
            return ""
        return self.sql[self.tokens[begin].start : self.tokens[end - 1].end]

    @property
    def span(self) -> Span | None:
        """Of all its tokens."""
        return (self.tokens[0].start, self.tokens[-1].end) if self.tokens else None
