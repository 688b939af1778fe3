"""Why SQLite refused, by its words, as a reason of the error catalogue. The table only; the first that fits counts."""

from __future__ import annotations

import re

_BY_WORDS: tuple[tuple[str, str], ...] = (
    (r"database (?:table )?is locked|database schema is locked|database is busy", "file_locked"),
    (r"file is not a database|file is encrypted", "not_a_database"),
    (r"disk image is malformed|malformed database schema", "file_damaged"),
    (r"database or disk is full", "server_disk_full"),
    (r"readonly database|read-only", "file_not_writable"),
    (r"unable to open database|is a folder", "cannot_open_file"),
    (r"UNIQUE constraint failed|PRIMARY KEY constraint failed", "duplicate_key"),
    (r"NOT NULL constraint failed", "not_null"),
    (r"CHECK constraint failed", "check"),
    (r"FOREIGN KEY constraint failed", "foreign_key"),
    (r"foreign key mismatch", "referenced_key_missing"),
    (r"datatype mismatch|^cannot store \w+ value", "type_mismatch"),
    (r'near "\.": syntax error', "client_command"),
    (r"syntax error|incomplete input|unrecognized token", "syntax"),
    (r"cannot VACUUM|cannot change into wal mode|Safety level may not be changed|cannot (?:DE|AT)TACH database"
     r" within", "not_in_transaction"),
    (r"transaction within a transaction|no transaction is active", "own_transaction"),
    (r"^error in (?:view|trigger|index)|cannot drop (?:PRIMARY KEY|UNIQUE) column|constraint cannot be dropped"
     r"|cannot drop column", "dependent_objects"),
    (r"(?:table|view) \S+ already exists|there is already (?:a|another) table", "table_exists"),
    (r"index \S+ already exists|there is already an index", "index_exists"),
    (r"already exists", "object_exists"),
    (r"duplicate column name", "column_exists"),
    (r"no such (?:table|view)", "table_missing"),
    (r"no such column|has no column named", "column_missing"),
    (r"no such index", "index_missing"),
    (r"no such function|wrong number of arguments|no such table-valued function", "unknown_function"),
    (r"no such collation", "charset_unknown"),
    (r"no such module", "extension_missing"),
    (r"no such (?:trigger|savepoint|rowid)", "object_missing"),
    (r"unknown database|no such database", "schema_missing"),
    (r"ambiguous", "ambiguous_name"),
    (r"malformed JSON|bad JSON path|JSON cannot hold", "invalid_value"),
    (r"integer overflow", "out_of_range"),
    (r"Cannot add a column to a view|is a view|use DROP (?:TABLE|VIEW)|generated column|may not be (?:altered|modified"
     r"|dropped|indexed)|views may not be indexed", "wrong_object"),
    (r"cannot add a|near \"(?:ALTER|MODIFY)", "unsupported_feature"),
    (r"reserved for internal use|more than one primary key|AUTOINCREMENT is only|missing datatype|unknown datatype"
     r"|default value of column|WITHOUT ROWID", "invalid_definition"),
    (r"misuse of aggregate|misuse of window|GROUP BY", "grouping"),
    (r"values were supplied|values for \d+ columns|same number of (?:result columns|terms)|sub-select returns",
     "column_count"),
    (r"too (?:many|big|large|long|much)|Expression tree|parser stack overflow", "limit_reached"),
    (r"out of memory", "out_of_memory"),
    (r"^interrupted", "statement_cancelled"),
    (r"not authorized|access to .* is prohibited", "privilege_missing"),
)  # fmt: skip


def reason_of(said: str) -> str | None:
    """The reason behind SQLite's words; None where there is none finer than the code."""
    return next((reason for words, reason in _BY_WORDS if re.search(words, said, re.IGNORECASE)), None)
