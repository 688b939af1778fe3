"""SQL as text: splitting into statements by each dialect's quoting rules. Pure; no parser of meaning here.

Hand-written after looking at the libraries: sqlglot's tokenizer refuses what it cannot finish (an open quote)
and knows no DELIMITER and no bodies, PostgreSQL's own parser refuses bad SQL and serves one dialect. This one
reads anything, in linear time, and never loses a character: what is no comment, no whitespace and no delimiter
lies in exactly one statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .handed import handed_on
from .sqllex import Kind, LineCounter, Words, client_command, lexer, skip_dollar, skip_nested_comment
from .sqltables import tables_touched as _tables_touched
from .target import Statement

DIALECTS = ("postgres", "mysql", "sqlite", "clickhouse", "bigquery", "spanner")

_FLOW = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
_ROUTINES = frozenset({"TRIGGER", "PROCEDURE", "FUNCTION", "EVENT", "PACKAGE"})
# After these the statement has no body with semicolons in it, so it can be read in long strides.
_PLAIN = frozenset({"TABLE", "INDEX", "VIEW", "DATABASE", "SCHEMA", "TYPE", "SEQUENCE", "EXTENSION", "ROLE"})
_COPY_DATA = re.compile(r"\s*COPY\b.*\bFROM\s+STDIN\b", re.IGNORECASE | re.DOTALL)
_COPY_END = re.compile(r"^\\\.[ \t\r]*$", re.MULTILINE)
# END closes BEGIN only where a statement can end there; a column named `end` is not followed by that.
_AFTER_END = re.compile(r"\s*(?:[\w$`]+\s*)?(?:;|\Z|\*/|--|/\*|#)")
_KINDS = {int(kind): kind for kind in Kind}
_Scan = Callable[[str, int], re.Match[str] | None]
_NEVER = re.compile(r"(?!)")
_MAY_COMMAND = {
    "mysql": re.compile(r"^[ \t]*delimiter[ \t]", re.IGNORECASE | re.MULTILINE),
    "postgres": re.compile(r"\\"),
}
_NEXT_WORD = re.compile(r"\s*([A-Za-z_]+)")


def split(sql: str, dialect: str) -> list[Statement]:
    """The statements of `sql`, in order, each without its delimiter and without comments before or after it.

    `statement.text == sql[statement.start:statement.end]`. MySQL's DELIMITER lines and psql's backslash lines
    are no statements (`client_commands` lists them); the rows after COPY … FROM stdin belong to the COPY. An
    open quote or comment runs to the end of the text. Raises ValueError for an unknown dialect.
    """
    return handed_on(("split", sql, dialect), lambda: _Splitter(sql, _known(dialect)).run(), size=len(sql))


def strip_comments(sql: str, dialect: str) -> str:
    """`sql` with each comment replaced by a space and its line breaks, so that line numbers stay the same."""
    parts: list[str] = []
    for kind, start, end in _tokens(sql, _known(dialect)):
        text = sql[start:end]
        parts.append(" " + "\n" * text.count("\n") if kind is Kind.COMMENT else text)
    return "".join(parts)


def is_empty(sql: str, dialect: str) -> bool:
    """Nothing but comments, whitespace and semicolons."""
    return all(
        kind in (Kind.COMMENT, Kind.SEMICOLON) or (kind is Kind.RUN and sql[start:end].isspace())
        for kind, start, end in _tokens(sql, _known(dialect))
    )


def client_commands(sql: str, dialect: str) -> list[Statement]:
    """The lines only a command-line client understands: MySQL's DELIMITER, psql's `\\connect`, `\\restrict`."""
    if not _MAY_COMMAND.get(_known(dialect), _NEVER).search(sql):
        return []
    splitter = _Splitter(sql, _known(dialect))
    splitter.run()
    return splitter.commands


def tables_touched(sql: str, dialect: str) -> list[str]:
    """The tables that `sql` creates, changes, drops, renames, indexes or writes to, as they appear, once each.

    Names lose their quotes and keep a written schema (`app.users`). Bodies of functions are not looked into,
    those of `DO $$ … $$` are. By keywords, for lists and search: what it says is where to look, never proof.
    """
    return _tables_touched(sql, _known(dialect))


def _known(dialect: str) -> str:
    if dialect not in DIALECTS:
        raise ValueError(f"No SQL dialect named {dialect!r}. Known: {', '.join(DIALECTS)}.")
    # dbmate speaks to Spanner through its PostgreSQL dialect.
    return "postgres" if dialect == "spanner" else dialect


def _tokens(sql: str, dialect: str) -> Iterator[tuple[Kind, int, int]]:
    """Every character of `sql` in one token, words in long runs."""
    scan = lexer(dialect, words=Words.NONE, delimiter=";").match
    position, size, executable = 0, len(sql), 0
    while position < size:
        kind, end = _token(sql, position, scan)
        if kind is Kind.EXECUTABLE:
            kind, end, executable = _executable(sql, position, end, executable)
        yield kind, position, end
        position = end


def _executable(sql: str, position: int, end: int, depth: int) -> tuple[Kind, int, int]:
    """`*/` ends executable code only where that is open; else, as in `2*/* two */3`, the star stands alone."""
    if sql[position] == "/":
        return Kind.EXECUTABLE, end, depth + 1
    return (Kind.EXECUTABLE, end, depth - 1) if depth else (Kind.RUN, position + 1, 0)


def _token(sql: str, position: int, scan: _Scan) -> tuple[Kind, int]:
    match = scan(sql, position)
    if match is None or match.lastindex is None:
        raise AssertionError("every character belongs to a token")
    kind = _KINDS[match.lastindex]
    if kind is Kind.DOLLAR:
        return kind, skip_dollar(sql, match)
    if kind is Kind.NESTED_COMMENT:
        return Kind.COMMENT, skip_nested_comment(sql, match.end())
    return kind, match.end()


class _Splitter:
    """One pass over one text: in long runs, and word by word only where a body with semicolons may come."""

    def __init__(self, sql: str, dialect: str) -> None:
        self.sql = sql
        self.dialect = dialect
        self.delimiter = ";"
        self.statements: list[Statement] = []
        self.commands: list[Statement] = []
        self._lines = LineCounter(sql)
        self._set_scanners()
        self._new_statement()

    def _set_scanners(self) -> None:
        self._long = lexer(self.dialect, words=Words.NONE, delimiter=self.delimiter).match
        self._head = lexer(self.dialect, words=Words.ALL, delimiter=self.delimiter).match
        self._body = lexer(self.dialect, words=Words.BLOCKS, delimiter=self.delimiter).match

    def _new_statement(self) -> None:
        self.start = -1
        self.end = -1
        self.head: list[str] = []
        self.in_head = True
        self.routine = ""
        self.blocks: list[str] = []
        self.parens = 0
        self.executable = 0
        self.previous = ""  # the last word (upper case) or punctuation
        self.before = ""  # the one before it
        self.scan = self._long

    def run(self) -> list[Statement]:
        sql, size, position = self.sql, len(self.sql), 0
        while position < size:
            if self.start < 0:
                # Between statements: whitespace, comments, lines for the client, or the next one's first word.
                position = self._between(position)
                continue
            kind, end = _token(sql, position, self.scan)
            if kind is Kind.EXECUTABLE:
                kind, end, self.executable = _executable(sql, position, end, self.executable)
            if kind is Kind.SEMICOLON and self._ends_here():
                position = self._finish(end)
                continue
            if kind is not Kind.COMMENT:
                self._code(kind, position, end)
            position = end
        self._finish(size)
        return self.statements

    def _between(self, position: int) -> int:
        command = client_command(self.sql, position, self.dialect)
        if command is not None:
            self.commands.append(self._statement(position, command.end))
            if command.delimiter:
                self.delimiter = command.delimiter
                self._set_scanners()
                self.scan = self._long
            return command.after
        character = self.sql[position]
        if character.isspace():
            end = position + 1
            # Stop after a line break: the next line may be one for the client.
            while character != "\n" and end < len(self.sql) and self.sql[end].isspace():
                character = self.sql[end]
                end += 1
            return end
        kind, end = _token(self.sql, position, self._long)
        if kind is Kind.SEMICOLON or kind is Kind.COMMENT:
            return end
        self.start = position
        self.end = position
        self.scan = self._head if self._may_have_a_body(position, kind) else self._long
        return position

    def _may_have_a_body(self, position: int, kind: Kind) -> bool:
        if self.dialect == "clickhouse" or self.delimiter != ";":
            return False
        if kind is Kind.EXECUTABLE:
            return True
        word = _NEXT_WORD.match(self.sql, position)
        if word is None:
            return False
        first = word[1].upper()
        if self.dialect == "bigquery":
            return first in _FLOW or first in {"CREATE", "BEGIN", "CASE"}
        return first in {"CREATE", "ALTER", "BEGIN", "EXPLAIN"}

    def _code(self, kind: Kind, position: int, end: int) -> None:
        if kind is Kind.RUN and self.sql[position:end].isspace():
            return
        self.end = end
        if self.scan is not self._long:
            if kind is Kind.WORD:
                self._word(self.sql[position:end].upper(), end)
            else:
                text = self.sql[position:end].rstrip()
                if kind is Kind.RUN:
                    self._punctuation(text)
                self.before, self.previous = self.previous, text[-1:]

    def _punctuation(self, text: str) -> None:
        if self.routine == "RULE":
            self.parens = max(0, self.parens + text.count("(") - text.count(")"))

    def _word(self, word: str, end: int) -> None:
        previous, before = self.previous, self.before
        self.before, self.previous = previous, word
        if previous == ".":
            return
        if self.in_head:
            self._head_word(word, end)
            return
        if self.dialect == "sqlite":
            return
        if self.dialect == "postgres":
            self._postgres_word(word, end)
        elif self.routine:
            self._routine_word(word, previous, before, end)

    def _head_word(self, word: str, end: int) -> None:
        self.head.append(word)
        first = self.head[0]
        if first in {"CREATE", "ALTER"}:
            if word in _ROUTINES or (word == "RULE" and self.dialect == "postgres"):
                self.routine, self.in_head, self.scan = word, False, self._body
            elif word in _PLAIN or len(self.head) > 8:
                self.in_head, self.scan = False, self._long
            return
        if first == "EXPLAIN" and self.dialect == "sqlite" and len(self.head) < 4:
            self.head = [] if word in {"EXPLAIN", "QUERY", "PLAN"} else ["CREATE"]
            if word not in {"EXPLAIN", "QUERY", "PLAN", "CREATE"}:
                self.in_head, self.scan = False, self._long
            return
        self.in_head = False
        opens = first in _FLOW or first == "CASE"
        if first == "BEGIN":
            following = _NEXT_WORD.match(self.sql, end)
            after = following[1].upper() if following else ""
            plain = after in {"", "TRANSACTION", "WORK", "ISOLATION", "READ"}
            opens = (self.dialect == "mysql" and after == "NOT") or (self.dialect == "bigquery" and not plain)
        if opens and self.dialect in {"mysql", "bigquery"}:
            self.routine, self.scan = "BLOCK", self._body
            self.blocks.append(first)
        else:
            self.scan = self._long

    def _postgres_word(self, word: str, end: int) -> None:
        if self.routine not in {"FUNCTION", "PROCEDURE"}:
            return
        if word == "BEGIN" and not self.blocks:
            following = _NEXT_WORD.match(self.sql, end)
            if following and following[1].upper() == "ATOMIC":
                self.blocks.append("BEGIN")
        elif self.blocks and word == "CASE":
            self.blocks.append("CASE")
        elif self.blocks and word == "END":
            self.blocks.pop()

    def _routine_word(self, word: str, previous: str, before: str, end: int) -> None:
        if previous == "END" and (word in _FLOW or word == "CASE"):
            return  # END IF, END CASE: taken care of at END
        if word == "BEGIN" and previous not in {"(", ",", "=", "@"}:
            self.blocks.append("BEGIN")
        elif word == "CASE":
            self.blocks.append("CASE")
        elif word in _FLOW and self._starts_a_statement(previous, before):
            self.blocks.append(word)
        elif word == "END" and self.blocks:
            self._end_word(end)

    def _starts_a_statement(self, previous: str, before: str) -> bool:
        if previous in {"ROW", "DO"} and not self.blocks:
            return True  # FOR EACH ROW IF …; EVENT … DO IF …
        if self.dialect == "bigquery":
            return previous in {";", "THEN", "ELSE", "DO", "BEGIN", "LOOP", "REPEAT"}
        return False

    def _end_word(self, end: int) -> None:
        following = _NEXT_WORD.match(self.sql, end)
        after = following[1].upper() if following else ""
        top = self.blocks[-1]
        if top == "CASE":
            self.blocks.pop()
        elif after in _FLOW:
            if top == after:
                self.blocks.pop()
        elif top == "BEGIN" and _AFTER_END.match(self.sql, end):
            self.blocks.pop()

    def _ends_here(self) -> bool:
        if self.executable > 0:
            return False
        if self.scan is self._long:
            return True
        if self.dialect == "sqlite" and self.routine == "TRIGGER":
            # As sqlite3_complete() decides: a trigger ends at `; END ;`.
            return self.previous == "END" and self.before == ";"
        return not self.blocks and not self.parens

    def _finish(self, position: int) -> int:
        """Close the statement at `position`, just after its delimiter; answers where reading goes on."""
        if self.start < 0:
            return position
        while self.end > self.start and self.sql[self.end - 1].isspace():
            self.end -= 1
        if self.dialect == "postgres" and _COPY_DATA.match(self.sql, self.start, self.end):
            data_end = _COPY_END.search(self.sql, position)
            if data_end is not None:
                self.end = position = data_end.end()
        self.statements.append(self._statement(self.start, self.end))
        self._new_statement()
        return position

    def _statement(self, start: int, end: int) -> Statement:
        return Statement(text=self.sql[start:end], line=self._lines.at(start), start=start, end=end)
