"""Names written with the database they live in: on a scratch the connection's own database is the scratch. Pure.

Only what must be a database's name loses it: what stands where an object must stand, has three parts, or is called. Where
anything else in the text bears the same name (a table, an alias, `USE`), nothing is changed, and the statement is refused
as one that names another database.
"""

from __future__ import annotations

from backend.engine.sqlrules.tokens import T, Token, tokenize, words

_OBJECT_FOLLOWS = words(
    "TABLE TABLES EXISTS INTO FROM JOIN REFERENCES VIEW PROCEDURE FUNCTION TRIGGER EVENT UPDATE CALL TRUNCATE DICTIONARY TO"
)
# EXTRACT(YEAR FROM shop.at): no object stands after that FROM.
_OTHER_FROM = frozenset({"EXTRACT", "TRIM", "SUBSTRING", "SUBSTR", "MID", "OVERLAY"})
_END = Token(T.SIGN, "", "", 0, 0)


def without_own(sql: str, database: str, dialect: str) -> str:
    """`sql` without `database.` before its objects; `sql` itself where anything is not certain."""
    if not database or database not in sql:
        return sql
    tokens = tokenize(sql, dialect)
    if any(one.upper in _OTHER_FROM for one in tokens):
        return sql
    cuts: list[tuple[int, int, str]] = []
    for place, token in enumerate(tokens):
        if token.kind not in (T.WORD, T.NAME) or token.text != database:
            continue
        before = tokens[place - 1] if place else _END
        after = [*tokens[place + 1 : place + 4], _END, _END, _END]
        if before.upper == ".":
            continue
        if after[0].upper != ".":
            return sql
        is_trigger = (
            before.upper == "ON" and place > 1 and tokens[place - 2].upper in ("INSERT", "UPDATE", "DELETE")
        )
        if before.upper in _OBJECT_FOLLOWS or after[2].upper in (".", "(") or is_trigger:
            name = after[1]
            # A word behind a dot may be one that is reserved elsewhere.
            own = f"`{name.text}`" if name.kind is T.WORD else sql[name.start : name.end]
            cuts.append((token.start, name.end, own))
    parts, at = [], 0
    for start, end, own in cuts:
        parts += [sql[at:start], own]
        at = end
    return "".join([*parts, sql[at:]])
