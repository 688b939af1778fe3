"""A table's options and partitions: the clauses that change them, and what takes each back to its default. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .tabletext import Table

_DEFAULTS = {
    "COMMENT": "''", "ROW_FORMAT": "DEFAULT", "KEY_BLOCK_SIZE": "0", "CHECKSUM": "0", "DELAY_KEY_WRITE": "0",
    "PACK_KEYS": "DEFAULT", "STATS_PERSISTENT": "DEFAULT", "STATS_AUTO_RECALC": "DEFAULT", "STATS_SAMPLE_PAGES": "DEFAULT",
    "MAX_ROWS": "0", "MIN_ROWS": "0", "AVG_ROW_LENGTH": "0", "INSERT_METHOD": "NO", "UNION": "()", "PAGE_CHECKSUM": "DEFAULT",
    "TRANSACTIONAL": "DEFAULT", "CONNECTION": "''", "COMPRESSION": "''", "AUTOEXTEND_SIZE": "0", "ENCRYPTION": "'N'",
}  # fmt: skip
# Where files lie is decided when a table is made.
_NOT_ALTERED = frozenset(("DATA DIRECTORY", "INDEX DIRECTORY", "TABLESPACE"))
_BOUNDED = re.compile(r"PARTITION BY (?:RANGE|LIST)\b")
_OPENING = re.compile(r"\n ?\((?=PARTITION )")


# The engine that is left sets them once more while the table is copied out of it.
_SET_BY_ENGINE = frozenset(("PAGE_CHECKSUM", "TRANSACTIONAL"))


def option_clauses(old: Table, new: Table) -> tuple[list[str], list[str]]:
    """(clauses, those that need a statement of their own after it)."""
    late = set(_SET_BY_ENGINE) if old.engine != new.engine else set()
    if old.is_versioned and not new.is_versioned:
        # No engine takes over rows that still have versions.
        late.add("ENGINE")
    clauses = list(_clauses(old, new))
    return (
        [clause for clause in clauses if clause.partition("=")[0] not in late],
        [clause for clause in clauses if clause.partition("=")[0] in late],
    )


def _clauses(old: Table, new: Table) -> Iterator[str]:
    charset = ("CHARSET", "COLLATE")
    if old.engine != new.engine:
        yield f"ENGINE={new.engine}"
    if any(old.options.get(name) != new.options.get(name) for name in charset):
        collation = f" COLLATE={new.options['COLLATE']}" if "COLLATE" in new.options else ""
        yield f"DEFAULT CHARSET={new.options.get('CHARSET', 'DEFAULT')}{collation}"
    for name in dict.fromkeys([*old.options, *new.options]):
        if name in charset or name in _NOT_ALTERED or name == "ENGINE":
            continue
        was, becomes = old.options.get(name), new.options.get(name)
        if becomes is not None and (was != becomes):
            yield f"{name}={becomes}"
        elif becomes is None:
            yield f"{name}={_DEFAULTS.get(name, 'DEFAULT')}"


def not_altered(old: Table, new: Table) -> Iterator[str]:
    """Options no ALTER TABLE changes, by name."""
    return (name for name in sorted(_NOT_ALTERED) if old.options.get(name) != new.options.get(name))


def partition_clause(old: Table, new: Table, *, is_alone: bool) -> tuple[str, list[str]]:
    """(the clause at the end of the statement, clauses for statements of their own). Rows stay where they find a place:
    no partition is dropped, the table is cut anew."""
    if old.partition == new.partition:
        return "", []
    if not new.partition:
        return "REMOVE PARTITIONING", []
    more = _appended(old.partition, new.partition) if is_alone else None
    if more is not None:
        return "", [f"ADD PARTITION ({more})"]
    return new.partition, []


def _appended(old: str, new: str) -> str | None:
    """The partitions that `new` has after all those of `old`, where that is the only difference."""
    if not _BOUNDED.search(old) or "SUBPARTITION" in new:
        return None
    was, becomes = _OPENING.split(old, maxsplit=1), _OPENING.split(new, maxsplit=1)
    if len(was) != 2 or len(becomes) != 2 or was[0] != becomes[0]:
        return None
    closing = re.compile(r"\)(?: ?\*/)?\s*$")
    had, has = closing.sub("", was[1]), closing.sub("", becomes[1])
    return has.removeprefix(f"{had},").strip() if has.startswith(f"{had},") else None
