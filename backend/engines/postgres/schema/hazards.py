"""What each statement does to those who work beside it: locks, rewrites, builds, rights. By PostgreSQL's own table of lock
modes; told for tables that are there, never for what the plan itself makes. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from backend.engine.schema.model import Hazard, HazardKind, Step

_NAME = r"(?P<table>(?:\"(?:[^\"]|\"\")+\"|[^\s\".(]+)(?:\.(?:\"(?:[^\"]|\"\")+\"|[^\s\".(]+))?)"
_ALTER = re.compile(rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?{_NAME}\s+(?P<action>.+)$", re.DOTALL)
_ON = re.compile(
    rf"CREATE (?P<what>(?:UNIQUE )?INDEX|(?:CONSTRAINT )?TRIGGER|RULE|POLICY)\b.*? ON (?:ONLY )?{_NAME}",
    re.DOTALL,
)
_DROP_TABLE = re.compile(rf"DROP TABLE {_NAME}$")
# Weaker than ACCESS EXCLUSIVE: rows are read and written meanwhile.
_GENTLE = re.compile(
    r"VALIDATE CONSTRAINT|ALTER COLUMN \S+ SET STATISTICS|CLUSTER ON|SET WITHOUT CLUSTER|SET \((?:fillfactor|autovacuum)|"
    r"ATTACH PARTITION|ALTER COLUMN \S+ (?:RE)?SET \("
)
_WRITERS_WAIT = re.compile(r"ADD CONSTRAINT \S+ FOREIGN KEY|(?:ENABLE|DISABLE)(?: ALWAYS| REPLICA)? TRIGGER")
_BUILDS = re.compile(
    r"ADD CONSTRAINT (?:\"(?:[^\"]|\"\")+\"|\S+) (?:UNIQUE|PRIMARY KEY|EXCLUDE)\b(?! USING INDEX)"
)
_REWRITES = re.compile(
    r"SET (?:UN)?LOGGED|ADD COLUMN .* (?:STORED|AS IDENTITY)|ADD COLUMN .* DEFAULT .*(?:random|nextval)\b"
)


def with_hazards(steps: Sequence[Step], tables: Set[str]) -> list[Step]:
    """The steps with every hazard named. `tables`: what the old schema's tables are called, as SQL."""
    return [_told(step, tables) for step in steps]


def _told(step: Step, tables: Set[str]) -> Step:
    had = {one.kind for one in step.hazards}
    more = [one for one in _hazards(step.sql, tables) if one.kind not in had]
    return replace(step, hazards=(*step.hazards, *more)) if more else step


def _hazards(sql: str, tables: Set[str]) -> Iterator[Hazard]:
    match = _ALTER.match(sql)
    if match and match["table"] in tables:
        yield from _of_alter(match["table"], match["action"])
    match = _ON.match(sql)
    if match and match["table"] in tables:
        table = match["table"]
        if match["what"].endswith("INDEX") and "CONCURRENTLY" not in sql:
            yield Hazard(HazardKind.SHARE_LOCK, f"Nobody writes {table} while the index is built.")
        elif match["what"].endswith("TRIGGER"):
            yield Hazard(
                HazardKind.SHARE_ROW_EXCLUSIVE_LOCK, f"Nobody writes {table} while the trigger is made."
            )
        elif match["what"] in ("RULE", "POLICY"):
            yield Hazard(HazardKind.EXCLUSIVE_LOCK, f"Nobody reads or writes {table} meanwhile.")
    match = _DROP_TABLE.match(sql)
    if match and match["table"] in tables:
        yield Hazard(HazardKind.EXCLUSIVE_LOCK, f"It waits for everybody who uses {match['table']}.")
    if re.match(r"(?:CREATE|DROP|ALTER) POLICY|GRANT |REVOKE |ALTER DEFAULT PRIVILEGES", sql) or re.search(
        r" (?:ENABLE|DISABLE|FORCE|NO FORCE) ROW LEVEL SECURITY$", sql
    ):
        yield Hazard(HazardKind.AUTHORITY, "Who may see or change what changes.")
    if re.match(r"DROP (?:FUNCTION|PROCEDURE|AGGREGATE) ", sql):
        yield Hazard(
            HazardKind.UNTRACKABLE,
            "Bodies of other functions may call it; PostgreSQL does not keep track of that.",
        )
    if sql.startswith("CREATE EXTENSION "):
        yield Hazard(HazardKind.EXTENSION_VERSION, "The version is the one that is installed on the server.")
    if sql.startswith("DROP MATERIALIZED VIEW "):
        yield Hazard(
            HazardKind.EXCLUSIVE_LOCK,
            "Until it is made and computed again, it is not there.",
        )


def _of_alter(table: str, action: str) -> Iterator[Hazard]:
    if _REWRITES.search(action):
        yield Hazard(HazardKind.REWRITE, f"{table} is written anew.")
    if _BUILDS.search(action):
        yield Hazard(HazardKind.INDEX_BUILD, f"An index on {table} is built.")
    if _WRITERS_WAIT.search(action):
        yield Hazard(HazardKind.SHARE_ROW_EXCLUSIVE_LOCK, f"Nobody writes {table} meanwhile.")
    elif not _GENTLE.search(action):
        yield Hazard(HazardKind.EXCLUSIVE_LOCK, f"Nobody reads or writes {table} meanwhile.")
