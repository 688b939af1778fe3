"""Which of a restore's refused statements may be left out, so that the rest is still the whole of the data. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from backend.drivers.pg_archive import Refused
from backend.engine import sqltext

_NAMED = r'("(?:[^"]|"")+"|[\w$]+)'
_OWNER = re.compile(rf"ALTER .* OWNER TO {_NAMED};?", re.DOTALL)
_GRANT = re.compile(
    r"(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|SET SESSION AUTHORIZATION|RESET SESSION AUTHORIZATION)\b"
)
_FOR_ROLES = re.compile(r"(?:CREATE POLICY|ALTER POLICY|CREATE USER MAPPING)\b")
_COMMENT = re.compile(r"COMMENT ON (?:EXTENSION|SCHEMA public|LANGUAGE|CAST)\b")
_TABLESPACE = re.compile(rf"SET default_tablespace = {_NAMED};?")
# A newer tool sets what an older server does not know yet; it means nothing there.
_SETTING = re.compile(r"SET \w+ = [^;]*;?")
_FOREIGN_KEY = re.compile(r"ALTER TABLE (?:ONLY )?.* ADD CONSTRAINT .* FOREIGN KEY \(.*;", re.DOTALL)
_ROLE = re.compile(rf"(?:OWNER TO|\bTO|\bFROM|FOR ROLE|FOR) {_NAMED}")
_SAME_AS_PUBLIC = {"public", "current_user", "session_user", "current_role"}


def may_be_left_out(one: Refused, roles: Collection[str]) -> bool:
    """Owners, grants and comments may; policies and user mappings where they name a role that is not there; never
    tables, rows, functions or anything else. A foreign key that the rows break is made for new rows only."""
    command = one.command
    if any(always.fullmatch(command) for always in (_OWNER, _SETTING)):
        return True
    if _GRANT.match(command) or _COMMENT.match(command) or broken_key(one) is not None:
        return True
    return bool(_FOR_ROLES.match(command)) and bool(missing_roles(command, roles))


def broken_key(one: Refused) -> str | None:
    """The statement that makes a refused foreign key all the same, without looking at the rows that are there."""
    is_key = _FOREIGN_KEY.fullmatch(one.command) and not one.command.rstrip(";").endswith("NOT VALID")
    return one.command.rstrip().rstrip(";") + " NOT VALID" if is_key else None


def missing_roles(command: str, roles: Collection[str]) -> list[str]:
    found = [_plain(name) for name in _ROLE.findall(command)]
    return sorted({name for name in found if name not in roles and name.lower() not in _SAME_AS_PUBLIC})


def tried_again(refused: Collection[Refused]) -> Iterator[str]:
    """The single statements of grants that were refused together: one role that is missing must not cost the others
    their rights."""
    for one in refused:
        if one.command.startswith(("GRANT", "REVOKE", "ALTER DEFAULT PRIVILEGES")):
            parts = [part.text for part in sqltext.split(one.command, "postgres")]
            if len(parts) > 1:
                yield from parts


def notes_of(refused: Collection[Refused], roles: Collection[str]) -> list[str]:
    """What was left out and why, one sentence for each reason rather than for each statement."""
    missing: set[str] = set()
    owners = grants = 0
    notes: list[str] = []
    others: list[str] = []
    for one in refused:
        if _is_mere_setting(one):
            continue
        if broken_key(one) is not None:
            notes.append(
                f"Rows break a foreign key, as they did before; it holds for new rows only: {_short(one.command)}"
            )
            continue
        gone = missing_roles(one.command, roles) if not _TABLESPACE.fullmatch(one.command) else []
        missing.update(gone)
        if _TABLESPACE.fullmatch(one.command) or _COMMENT.match(one.command) or _FOR_ROLES.match(one.command):
            others.append(f"Left out: {_short(one.command)} ({one.said.partition(chr(10))[0] or 'refused'})")
        elif _OWNER.fullmatch(one.command):
            owners += 1
        else:
            grants += 1
    if missing:
        notes.append(
            f"These roles do not exist on this server: {', '.join(sorted(missing))}. What only concerns them was left "
            "out. Create them (CREATE ROLE name) and restore again to have it."
        )
    if owners:
        notes.append(
            f"{owners} {'object belongs' if owners == 1 else 'objects belong'} to you instead of the owner in the backup."
        )
    if grants:
        notes.append(
            f"{grants} {'grant was' if grants == 1 else 'sets of grants were'} refused in whole or in part."
        )
    return [*notes, *others]


def _is_mere_setting(one: Refused) -> bool:
    return bool(_SETTING.fullmatch(one.command)) and not _TABLESPACE.fullmatch(one.command)


def _short(command: str) -> str:
    return " ".join(command.split())[:200]


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def owner_in(command: str) -> list[str]:
    """The role that an ALTER … OWNER TO names."""
    found = _OWNER.fullmatch(command)
    return [_plain(found[1])] if found else []
