"""Reads columns, constraints and index keys as CREATE TABLE and ALTER TABLE write them. Pure."""

from __future__ import annotations

from typing import Literal

from backend.engine.lint.ops import Column, Constraint

from .tokens import Cursor, ReadError, T, words

# What ends a column's type, and each clause after it.
CLAUSES = words(
    "NOT NULL DEFAULT PRIMARY UNIQUE KEY REFERENCES CHECK CONSTRAINT COLLATE AUTO_INCREMENT AUTOINCREMENT COMMENT "
    "GENERATED AS ON CHARSET VISIBLE INVISIBLE VIRTUAL STORED PERSISTENT FIRST AFTER CODEC TTL MATERIALIZED ALIAS "
    "EPHEMERAL OPTIONS HIDDEN STORAGE COLUMN_FORMAT STATISTICS SETTINGS EXPRESSION DEFERRABLE INITIALLY FORMAT "
    "WITHOUT REMOVE ENABLE DISABLE POLICY ROW COMPRESSED"
)
_NOT_IN_TYPE = CLAUSES - {"ROW", "WITHOUT", "ON", "VISIBLE", "FORMAT"} | {"ON"}
VOLATILE = words(
    "RANDOM RAND UUID GEN_RANDOM_UUID UUID_GENERATE_V1 UUID_GENERATE_V1MC UUID_GENERATE_V4 CLOCK_TIMESTAMP TIMEOFDAY "
    "NEXTVAL GENERATE_UUID GENERATEUUIDV4 GENERATEUUIDV7 RANDOMBLOB UUIDV4 UUIDV7 UUID_SHORT RAND64 RANDCANONICAL "
    "TXID_CURRENT STATEMENT_TIMESTAMP_EACH"
)
TABLE_ITEMS = words(
    "CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK KEY INDEX FULLTEXT SPATIAL PROJECTION EXCLUDE PERIOD VECTOR"
)


def read_type(cursor: Cursor) -> str:
    """A type as `Column.type` wants it; strings (ENUM's) keep their case. Empty where none is written (SQLite)."""
    parts: list[str] = []
    depth = 0
    while not cursor.done:
        token = cursor.peek()
        if depth == 0 and token.upper in _NOT_IN_TYPE and parts:
            break
        if depth == 0 and not parts and token.upper in _NOT_IN_TYPE:
            return ""
        if depth == 0 and token.upper == "CHARACTER" and cursor.peek(1).upper == "SET":
            break
        depth += (token.upper in ("(", "<", "[")) - (token.upper in (")", ">", "]"))
        if depth < 0:
            break
        word = token.text.lower() if token.kind is T.WORD else token.text
        glued = token.kind is T.SIGN or (parts and parts[-1][-1:] in ("(", "<", "[", "."))
        parts.append(word if glued or not parts else (f" {word}" if parts[-1] != "," else word))
        cursor.at += 1
    return "".join(parts)


def read_column(cursor: Cursor) -> Column:
    """`name type clauses…`, to the cursor's end or FIRST / AFTER."""
    begin = cursor.at
    name = cursor.part()
    type_ = read_type(cursor)
    not_null = primary = unique = auto = volatile = False
    default: str | None = None
    generated: Literal["", "stored", "virtual"] = ""
    constraints: list[Constraint] = []
    named: str | None = None
    if type_.startswith(("serial", "bigserial", "smallserial")):
        auto = True
    while not cursor.done:
        if cursor.take("CONSTRAINT"):
            named = cursor.part() if cursor.word not in CLAUSES else None
            continue
        start = cursor.peek().start
        if cursor.take("NOT", "NULL"):
            not_null = True
        elif cursor.take("NULL"):
            pass
        elif cursor.take("DEFAULT"):
            first, last = cursor.until(*CLAUSES)
            text = cursor.text(first, last)
            default = None if text.upper() == "NULL" else text
            volatile = any(token.upper in VOLATILE for token in cursor.tokens[first:last])
        elif cursor.take("PRIMARY", "KEY"):
            primary = True
            cursor.take_any("ASC", "DESC")
            constraints.append(Constraint("primary_key", named, (name,), span=(start, cursor.peek(-1).end)))
        elif cursor.take("UNIQUE"):
            cursor.take_any("KEY", "INDEX")
            unique = True
            constraints.append(Constraint("unique", named, (name,), span=(start, cursor.peek(-1).end)))
        elif cursor.take_any("AUTO_INCREMENT", "AUTOINCREMENT"):
            auto = True
        elif cursor.take("REFERENCES"):
            constraints.append(_reference(cursor, named, (name,), start))
        elif cursor.take("CHECK"):
            constraints.append(_check(cursor, named, start))
        elif cursor.take("GENERATED"):
            cursor.take_any("ALWAYS", "BY")
            cursor.take("DEFAULT")
            if cursor.ahead("AS", "IDENTITY"):
                auto = True
                cursor.at += 2
                if cursor.word == "(":
                    cursor.parens()
        elif cursor.take("AS") or cursor.take("MATERIALIZED") or cursor.take("ALIAS"):
            generated = generated or "virtual"
            cursor.until(*CLAUSES)
        elif cursor.take_any("STORED", "PERSISTENT"):
            generated = "stored"
        elif cursor.ahead("FIRST") or (cursor.ahead("AFTER") and cursor.peek(1).kind in (T.WORD, T.NAME)):
            break
        else:
            token = cursor.next()
            if token.upper == "(":
                cursor.at -= 1
                cursor.parens()
            elif token.upper in (",", ")"):
                raise ReadError("This does not belong in a column", token.start)
        if cursor.peek(-1).upper != "CONSTRAINT":
            named = None
    return Column(
        name=name, type=type_, not_null=not_null, default=default, default_volatile=volatile, primary_key=primary,
        unique=unique, auto=auto, generated=generated, constraints=tuple(constraints),
        span=(cursor.tokens[begin].start, cursor.peek(-1).end),
    )  # fmt: skip


def _reference(cursor: Cursor, named: str | None, columns: tuple[str, ...], start: int) -> Constraint:
    """After REFERENCES."""
    table = cursor.name()
    referred = tuple(item.part() for item in cursor.parens().items()) if cursor.word == "(" else ()
    actions = {"DELETE": "", "UPDATE": ""}
    not_valid = False
    while not cursor.done:
        if cursor.word == "ON" and cursor.peek(1).upper in actions:
            cursor.next()
            which = cursor.next().upper
            action = cursor.next().upper if not cursor.done else ""
            if action in ("SET", "NO") and not cursor.done:
                action += " " + cursor.next().upper
            actions[which] = action
        elif cursor.take("MATCH"):
            cursor.next()
        elif cursor.take("NOT", "VALID"):
            not_valid = True
        elif (
            cursor.take("NOT", "DEFERRABLE") or cursor.take("DEFERRABLE") or cursor.take("NOT", "ENFORCED")
            or cursor.take("INITIALLY", "DEFERRED") or cursor.take("INITIALLY", "IMMEDIATE") or cursor.take("ENFORCED")
        ):  # fmt: skip
            pass
        else:
            break
    return Constraint(
        "foreign_key", named, columns, references=table, references_columns=referred, on_delete=actions["DELETE"],
        on_update=actions["UPDATE"], not_valid=not_valid, span=(start, cursor.peek(-1).end),
    )  # fmt: skip


def _check(cursor: Cursor, named: str | None, start: int) -> Constraint:
    """After CHECK."""
    if cursor.word == "(":
        inside = cursor.parens()
        text = inside.text(0, len(inside.tokens))
    else:  # ClickHouse writes it without parentheses
        text = cursor.text(*cursor.until(","))
    while cursor.take("NOT", "ENFORCED") or cursor.take("ENFORCED") or cursor.take("NO", "INHERIT"):
        pass
    not_valid = cursor.take("NOT", "VALID")
    return Constraint("check", named, (), text, not_valid, span=(start, cursor.peek(-1).end))


def read_keys(cursor: Cursor) -> tuple[str, ...]:
    """An index's or constraint's columns: plain ones by name, the rest as SQL in parentheses."""
    found: list[str] = []
    for item in cursor.parens().items():
        plain = (
            len(item.tokens) >= 1
            and item.peek().kind in (T.WORD, T.NAME)
            and item.peek(1).upper not in ("(", ".")
        )
        prefix = len(item.tokens) >= 4 and item.peek(1).upper == "(" and item.peek(2).kind is T.NUMBER
        if plain or (prefix and item.peek(3).upper == ")" and cursor.dialect == "mysql"):
            found.append(item.part())
        elif item.tokens:
            found.append(f"({item.text(0, len(item.tokens))})")
        else:
            raise ReadError("A column is missing between the commas", cursor.peek(-1).start)
    return tuple(found)


def read_constraint(cursor: Cursor) -> Constraint | None:
    """A table-level constraint; None where it is an index (`KEY k (a)`), the cursor then stands where it stood."""
    begin = cursor.at
    start = cursor.peek().start
    named: str | None = None
    if cursor.take("CONSTRAINT"):
        cursor.exists()
        if cursor.word not in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "EXCLUDE") or cursor.peek(
            1
        ).upper in ("PRIMARY", "UNIQUE", "FOREIGN", "CHECK"):
            named = cursor.part()
    if cursor.take("PRIMARY", "KEY"):
        return _keyed(cursor, "primary_key", named, start)
    if cursor.take("UNIQUE"):
        cursor.take_any("KEY", "INDEX")
        cursor.exists()
        return _keyed(cursor, "unique", named, start)
    if cursor.take("FOREIGN", "KEY"):
        cursor.exists()
        if cursor.word != "(":
            named = named or cursor.part()
        columns = read_keys(cursor)
        cursor.expect("REFERENCES")
        return _reference(cursor, named, columns, start)
    if cursor.take("CHECK"):
        return _check(cursor, named, start)
    if cursor.take("EXCLUDE"):
        cursor.until()
        return Constraint("exclude", named, span=(start, cursor.peek(-1).end))
    cursor.at = begin
    return None


def _keyed(
    cursor: Cursor, kind: Literal["primary_key", "unique"], named: str | None, start: int
) -> Constraint:
    if cursor.take("USING", "INDEX"):
        index = cursor.part()
        return Constraint(kind, named or index, using_index=index, span=(start, cursor.peek(-1).end))
    while cursor.word not in ("(", "") or cursor.peek().kind is T.NAME:
        if cursor.take("USING"):
            cursor.next()
        elif cursor.dialect == "clickhouse":
            return Constraint(kind, named, (cursor.part(),), span=(start, cursor.peek(-1).end))
        else:
            named = cursor.part() if named is None else (cursor.part() and named)
    columns = read_keys(cursor)
    return Constraint(kind, named, columns, span=(start, cursor.peek(-1).end))
