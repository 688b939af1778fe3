"""What other tools did: applied by the migrations table, and never by the ledger. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from backend.models.base import iso_z
from backend.models.connection import Applied
from backend.models.migration import Migration, MigrationStatus
from backend.store.ledger import LastKnown
from backend.store.ledger_timeline import OtherEvent

from .lookout import Look

OTHER = "other:"
"""How the ids of these events begin; a run's id never does."""
_TOGETHER = timedelta(minutes=1)


@dataclass(frozen=True)
class Others:
    """What other tools did to one connection: events, and the files of each."""

    events: tuple[OtherEvent, ...]
    files: dict[str, list[Migration]]


def others_of(connection: str, look: Look, ledger: Mapping[str, LastKnown]) -> Others:
    """Applied by another tool: in the table, and the ledger has never applied them. Those that the table says were
    applied together (one block, or within a minute) are one event; those without a time are one without a date."""
    view = look.view
    assert view is not None and view.applied is not None
    by_version = {one.version: one for one in view.migrations if one.status == MigrationStatus.APPLIED}
    strange = [
        (row, by_version[row.version])
        for row in view.applied
        if row.version in by_version and (row.version not in ledger or ledger[row.version].applied_at is None)
    ]
    dated = sorted(
        ((row.applied_at, row, one) for row, one in strange if row.applied_at is not None),
        key=lambda three: three[0],
    )
    groups: list[list[tuple[datetime, Applied, Migration]]] = []
    for at, row, one in dated:
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        before = groups[-1][-1] if groups else None
        if before is not None and _together(before[0], before[1], at, row):
            groups[-1].append((at, row, one))
        else:
            groups.append([(at, row, one)])
    events, files = list[OtherEvent](), dict[str, list[Migration]]()

    def add(at: str, members: list[Migration]) -> None:
        event_id = f"{OTHER}{connection}:{at or 'undated'}"
        event = OtherEvent(event_id, connection, at, "elsewhere", "\n".join(one.filename for one in members))
        if event_id in files:
            event = replace(event, id=f"{event_id}:{members[0].version}")
        events.append(event)
        files[event.id] = members

    for group in groups:
        add(iso_z(group[-1][0].astimezone(UTC)), [one for _, _, one in group])
    undated = [one for row, one in strange if row.applied_at is None]
    if undated:
        add("", undated)
    return Others(tuple(events), files)


def _together(at: datetime, row: Applied, later: datetime, other: Applied) -> bool:
    if row.block is not None and other.block is not None:
        return row.block == other.block
    return later - at <= _TOGETHER
