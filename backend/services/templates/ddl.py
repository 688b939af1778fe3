"""What a schema dump says of one table, column, index or view: statements and their items, found by name. Pure.

A dump is the server's own text, so what is taken from it recreates an object with everything it had.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.engine import sqltext
from backend.engine.sqllex import Kind, Words, lexer, skip_dollar

_NAME = r'(?:"(?:[^"]|"")*"|`(?:[^`\\]|``|\\.)*`|\[[^\]]*\]|[^\W\d][\w$]*)'
_CHAIN = rf"(?P<chain>{_NAME}(?:\s*\.\s*{_NAME})*)"
_EACH = re.compile(_NAME)
_FLAGS = re.IGNORECASE | re.DOTALL
_TABLE = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:(?:TEMP|TEMPORARY|UNLOGGED|VIRTUAL|FOREIGN)\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?{_CHAIN}",
    _FLAGS,
)
_VIEW = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+)?(?:\w+\s*=\s*\S+\s+|SQL\s+SECURITY\s+\w+\s+|MATERIALIZED\s+|TEMP\s+)*VIEW\s+(?:IF\s+NOT\s+EXISTS\s+)?{_CHAIN}",
    _FLAGS,
)
_INDEX = re.compile(
    rf"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<own>{_NAME}(?:\s*\.\s*{_NAME})*)\s+ON\s+(?:ONLY\s+)?{_CHAIN}",
    _FLAGS,
)
_TRIGGER = re.compile(
    rf"CREATE\s+(?:OR\s+REPLACE\s+|CONSTRAINT\s+|TEMP\s+)*TRIGGER\s+{_NAME}\s.*?\sON\s+{_CHAIN}", _FLAGS
)
_ALTER = re.compile(rf"ALTER\s+TABLE\s+(?:ONLY\s+)?{_CHAIN}", _FLAGS)
_POLICY = re.compile(rf"CREATE\s+(?:POLICY|RULE)\s+{_NAME}\s.*?\s(?:ON|TO)\s+{_CHAIN}", _FLAGS)
_COMMENT = re.compile(rf"COMMENT\s+ON\s+(?:TABLE|COLUMN)\s+{_CHAIN}", _FLAGS)
_SEQUENCE = re.compile(rf"CREATE\s+SEQUENCE\s+{_CHAIN}", _FLAGS)
_OWNED = re.compile(
    rf"ALTER\s+SEQUENCE\s+(?P<own>{_NAME}(?:\s*\.\s*{_NAME})*)\s+OWNED\s+BY\s+{_CHAIN}", _FLAGS
)
_CONSTRAINT = re.compile(rf"\s*(?:ADD\s+)?CONSTRAINT\s+({_NAME})", _FLAGS)
_MYSQL_KEY = re.compile(rf"\s*(?:(?:UNIQUE|FULLTEXT|SPATIAL)\s+)?(?:KEY|INDEX)\s+({_NAME})", _FLAGS)
_MYSQL_MARKS = re.compile(r"/\*!\d*\s?|\s?\*/")
_MYSQL_DEFINER = re.compile(r"\s*DEFINER\s*=\s*\S+", re.IGNORECASE)
_NOT_COLUMNS = {
    "constraint", "primary", "unique", "check", "foreign", "key", "index", "exclude", "fulltext", "spatial",
    "projection", "like",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Create:
    """A CREATE TABLE taken apart: `head` ends with its bracket, `tail` begins with the closing one."""

    head: str
    items: list[str]
    tail: str

    def text(self) -> str:
        return f"{self.head}\n    " + ",\n    ".join(item.strip() for item in self.items) + f"\n{self.tail}"


class Dump:
    """The statements of a schema dump."""

    def __init__(self, text: str, dialect: str, default_schema: str | None) -> None:
        self.dialect = dialect
        self._default = default_schema
        self._statements = [self._clean(one.text) for one in sqltext.split(text, dialect)]

    def _clean(self, statement: str) -> str:
        if self.dialect == "mysql" and statement.startswith("/*!"):
            return _MYSQL_DEFINER.sub("", _MYSQL_MARKS.sub("", statement)).strip()
        return statement

    # -- tables --------------------------------------------------------------------------------------------------

    def table(self, schema: str | None, name: str) -> str | None:
        """Its CREATE TABLE, as dumped."""
        return next((text for text in self._statements if self._is(_TABLE, text, schema, name)), None)

    def belongings(self, schema: str | None, name: str) -> list[str]:
        """Its indexes, constraints, sequences, triggers, comments, in the dump's order."""
        owned = [
            self._of(match["own"]) for text in self._statements if (match := self._owned(text, schema, name))
        ]
        found = []
        for text in self._statements:
            sequence = _SEQUENCE.match(text)
            if (
                any(self._is(form, text, schema, name) for form in (_INDEX, _ALTER, _TRIGGER, _POLICY))
                or self._owned(text, schema, name)
                or self._commented(text, schema, name)
                or (sequence and self._of(sequence["chain"]) in owned)
            ):
                found.append(text)
        return found

    def items(self, schema: str | None, name: str) -> list[str]:
        """What stands between the brackets of its CREATE TABLE."""
        create = self.table(schema, name)
        return [one.strip() for one in taken_apart(create, self.dialect).items] if create else []

    def columns(self, schema: str | None, name: str) -> list[tuple[str, str]]:
        """(name, whole item) of each column."""
        return [
            (column, item) for item in self.items(schema, name) if (column := column_of(item)) is not None
        ]

    # -- parts ---------------------------------------------------------------------------------------------------

    def index(self, schema: str | None, table: str, name: str) -> str | None:
        """The statement that makes an index."""
        for text in self._statements:
            match = _INDEX.match(text)
            if (
                match
                and self._same(unquoted(match["own"])[-1], name)
                and self._names(match["chain"], schema, table)
            ):
                return text
        return None

    def key_item(self, schema: str | None, table: str, name: str) -> str | None:
        """MySQL's index as an item of the table."""
        for item in self.items(schema, table):
            match = _MYSQL_KEY.match(item)
            if match and self._same(unquoted(match[1])[-1], name):
                return item
        return None

    def constraint(self, schema: str | None, table: str, name: str) -> str | None:
        """`CONSTRAINT name …`, from the table's items or from an ALTER TABLE."""
        for item in self.items(schema, table):
            if self._is_constraint(item, name):
                return item
        for text in self._statements:
            match = _ALTER.match(text)
            if match and self._names(match["chain"], schema, table):
                rest = text[match.end() :].strip()
                if self._is_constraint(rest, name):
                    return re.sub(r"^\s*ADD\s+", "", rest, flags=re.IGNORECASE)
        return None

    def view(self, schema: str | None, name: str) -> str | None:
        """The statement that makes a view: the last, since a MySQL dump first makes a stand-in."""
        found = [text for text in self._statements if self._is(_VIEW, text, schema, name)]
        return found[-1] if found else None

    # -- inside --------------------------------------------------------------------------------------------------

    def _is(self, form: re.Pattern[str], text: str, schema: str | None, name: str) -> bool:
        match = form.match(text)
        return match is not None and self._names(match["chain"], schema, name)

    def _owned(self, text: str, schema: str | None, name: str) -> re.Match[str] | None:
        match = _OWNED.match(text)
        return match if match and self._names_column(match["chain"], schema, name) else None

    def _commented(self, text: str, schema: str | None, name: str) -> bool:
        match = _COMMENT.match(text)
        if not match:
            return False
        names = self._names_column if re.match(r"COMMENT\s+ON\s+COLUMN", text, re.IGNORECASE) else self._names
        return names(match["chain"], schema, name)

    def _names_column(self, chain: str, schema: str | None, name: str) -> bool:
        return self._matches(unquoted(chain)[:-1], schema, name)

    def _names(self, chain: str, schema: str | None, name: str) -> bool:
        return self._matches(unquoted(chain), schema, name)

    def _matches(self, parts: list[str], schema: str | None, name: str) -> bool:
        if self.dialect == "bigquery":
            parts = ".".join(parts).split(".")
        if not parts or not self._same(parts[-1], name):
            return False
        return (
            len(parts) == 1
            or (schema is None and parts[-2] == (self._default or parts[-2]))
            or parts[-2] == schema
        )

    def _is_constraint(self, item: str, name: str) -> bool:
        match = _CONSTRAINT.match(item)
        return match is not None and self._same(unquoted(match[1])[-1], name)

    def _same(self, one: str, other: str) -> bool:
        return one.lower() == other.lower() if self.dialect == "sqlite" else one == other

    def _of(self, chain: str) -> tuple[str, ...]:
        return tuple(unquoted(chain))


def unquoted(chain: str) -> list[str]:
    """The names of `"a"."b"`."""
    return [_plain(match[0]) for match in _EACH.finditer(chain)]


def _plain(name: str) -> str:
    quote = name[0]
    if quote == "[":
        return name[1:-1]
    if quote in '"`':
        inner = name[1:-1].replace(quote * 2, quote)
        return re.sub(r"\\(.)", r"\1", inner) if quote == "`" else inner
    return name


def column_of(item: str) -> str | None:
    """The column an item of CREATE TABLE defines, or None for a constraint or key."""
    match = _EACH.match(item.lstrip())
    if match is None or match[0].lower() in _NOT_COLUMNS:
        return None
    return _plain(match[0])


def taken_apart(create: str, dialect: str) -> Create:
    """The items of a CREATE TABLE. What has no brackets has no items."""
    bounds = list(_commas(create, dialect))
    if len(bounds) < 2:
        return Create(create, [], "")
    items = [create[start + 1 : end] for start, end in itertools.pairwise(bounds)]
    return Create(create[: bounds[0] + 1], items, create[bounds[-1] :])


def _commas(sql: str, dialect: str) -> Iterator[int]:
    """Where the first bracket opens, its own commas, and where it closes."""
    scan = lexer("postgres" if dialect == "spanner" else dialect, words=Words.NONE, delimiter=";").match
    position, depth = 0, 0
    while position < len(sql):
        match = scan(sql, position)
        if match is None or match.lastindex is None:
            return
        end = skip_dollar(sql, match) if match.lastindex == Kind.DOLLAR else match.end()
        if match.lastindex == Kind.RUN:
            for offset in range(position, end):
                char = sql[offset]
                depth += (char == "(") - (char == ")")
                if (char == "(" and depth == 1) or (char == "," and depth == 1):
                    yield offset
                elif char == ")" and depth == 0:
                    yield offset
                    return
        position = end


def with_item(create: str, item: str, dialect: str) -> str:
    """The CREATE TABLE with `item` in place of the column or constraint of the same name, else added.

    `CONSTRAINT name` and nothing more takes the constraint out.
    """
    parts = taken_apart(create, dialect)
    name = column_of(item)
    wanted = ("column", name) if name is not None else _constraint_name(item)
    items = list(parts.items)
    for index, old in enumerate(items):
        old_name = column_of(old)
        if wanted is not None and wanted == (
            ("column", old_name) if old_name is not None else _constraint_name(old)
        ):
            items[index : index + 1] = [] if _CONSTRAINT.fullmatch(item) else [item]
            return Create(parts.head, items, parts.tail).text()
    last_column = max((index for index, old in enumerate(items) if column_of(old) is not None), default=-1)
    items.insert(last_column + 1 if name is not None else len(items), item)
    return Create(parts.head, items, parts.tail).text()


def _constraint_name(item: str) -> tuple[str, str] | None:
    match = _CONSTRAINT.match(item)
    return ("constraint", _plain(match[1])) if match else None
