"""What SQLite will trip over in a block, in plain sentences. Pure."""

from __future__ import annotations

import re

from backend.engine import sqltext

_PRAGMA = re.compile(r"PRAGMA\s+(?:\w+\s*\.\s*)?(?P<name>\w+)\s*(?P<value>[=(]\s*[^;)]*)?", re.IGNORECASE)
_DROP_TABLE = re.compile(r"DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?P<name>\S+)", re.IGNORECASE)
_RENAME = re.compile(r"ALTER\s+TABLE\s+\S+\s+RENAME\s+TO\s+(?P<name>\S+)", re.IGNORECASE)
_NEEDS_NO_TRANSACTION = {
    "journal_mode": "`PRAGMA journal_mode` does not work inside a transaction: it fails, or does nothing.",
    "synchronous": "`PRAGMA synchronous` cannot be changed inside a transaction.",
}
_WAY_OUT = " Write `transaction:false` behind the directive."


def block_warnings(sql: str, *, transaction: bool) -> list[str]:
    """Sentences about PRAGMA, VACUUM, own transactions and table rebuilds; empty where nothing is known to go wrong."""
    texts = [
        sqltext.strip_comments(statement.text, "sqlite").strip() for statement in sqltext.split(sql, "sqlite")
    ]
    found: list[str] = []
    if transaction:
        found += _inside_a_transaction(texts)
    found += _rebuild(texts, transaction)
    return list(dict.fromkeys(found))


def _inside_a_transaction(texts: list[str]) -> list[str]:
    found: list[str] = []
    for text in texts:
        pragma = _PRAGMA.match(text)
        if pragma and pragma["value"]:
            name = pragma["name"].lower()
            if name == "foreign_keys":
                found.append(
                    "`PRAGMA foreign_keys` does nothing inside a transaction, and dbmate opens one for this block."
                    + _WAY_OUT
                )
            elif name in _NEEDS_NO_TRANSACTION:
                found.append(_NEEDS_NO_TRANSACTION[name] + _WAY_OUT)
        elif re.match(r"VACUUM\b", text, re.IGNORECASE):
            found.append(
                "`VACUUM` fails inside a transaction, and dbmate opens one for this block." + _WAY_OUT
            )
        elif re.match(r"(ATTACH|DETACH)\b", text, re.IGNORECASE):
            found.append("`ATTACH` and `DETACH` fail inside a transaction." + _WAY_OUT)
        elif re.match(r"BEGIN\b", text, re.IGNORECASE):
            found.append("`BEGIN` fails here: dbmate opens the transaction itself.")
        elif re.match(r"(COMMIT|END)\b", text, re.IGNORECASE):
            found.append(
                "`COMMIT` ends dbmate's own transaction: what follows is no longer undone when it fails. Leave it out."
            )
    return found


def _rebuild(texts: list[str], transaction: bool) -> list[str]:
    """DROP of a table that a copy replaces: with foreign keys on, the rows that refer to it are deleted or refused."""
    renamed_to = {_bare(found["name"]) for text in texts if (found := _RENAME.match(text))}
    dropped = {_bare(found["name"]) for text in texts if (found := _DROP_TABLE.match(text))}
    switched_off = any(
        (pragma := _PRAGMA.match(text))
        and pragma["name"].lower() == "foreign_keys"
        and re.search(r"off|false|no|0", pragma["value"] or "", re.IGNORECASE)
        for text in texts
    )
    return [
        f"This rebuilds the table {name}. With foreign keys on, DROP TABLE deletes the rows that refer to it "
        "(ON DELETE CASCADE). Put `PRAGMA foreign_keys = off` before it, in a block with `transaction:false`."
        for name in sorted(renamed_to & dropped)
        if transaction or not switched_off
    ]


def _bare(name: str) -> str:
    return name.strip("\"'`[];").lower()
