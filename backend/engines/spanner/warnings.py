"""What Spanner will trip over in a block. Pure."""

from __future__ import annotations

import re

from backend.engine.sqltext import client_commands, split, strip_comments

_DDL = re.compile(r"(?:CREATE|ALTER|DROP|RENAME|ANALYZE|GRANT|REVOKE)\b", re.IGNORECASE)
_NOT_NULL_COLUMN = re.compile(
    r"ALTER\s+TABLE\b.*\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?!CONSTRAINT\b)[\w\"]+\s.*\bNOT\s+NULL\b",
    re.IGNORECASE | re.DOTALL,
)
_DEFAULT = re.compile(r"\b(?:DEFAULT|GENERATED)\b", re.IGNORECASE)
_NO_KEY = re.compile(r"CREATE\s+TABLE\b(?!.*\bPRIMARY\s+KEY\b)", re.IGNORECASE | re.DOTALL)


def block_warnings(sql: str, *, transaction: bool) -> list[str]:
    """One plain sentence for each thing that will go wrong, in the order of the block."""
    found = [
        (line.line, f"Line {line.line}: `{line.text.split()[0]}` is a command of psql; delete the line.")
        for line in client_commands(sql, "spanner")
    ]
    told = False
    for statement in split(sql, "spanner"):
        code = strip_comments(statement.text[:4000], "spanner").strip()
        if transaction and not told and _DDL.match(code):
            told = True
            found.append(
                (
                    statement.line,
                    f"Line {statement.line}: Spanner takes no schema change in a transaction. Mark the file "
                    "`-- migrate:up transaction:false`, and keep changes of rows in files of their own.",
                )
            )
        if _NOT_NULL_COLUMN.match(code) and not _DEFAULT.search(code):
            found.append(
                (
                    statement.line,
                    f"Line {statement.line}: a new column cannot be NOT NULL without a default in Spanner. "
                    "Add it nullable, fill it, then set NOT NULL.",
                )
            )
        if _NO_KEY.match(code):
            found.append(
                (statement.line, f"Line {statement.line}: every table of Spanner needs a primary key.")
            )
    return [sentence for _, sentence in sorted(found, key=lambda item: item[0])]
