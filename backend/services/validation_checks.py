"""What a run needs besides right files, each looked at now: connection, database, order, disk, backup, tool.

A check that cannot be made says `unknown` with the reason; none raises.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from backend.core.errors import AppError
from backend.models.backup import BackupState
from backend.models.connection import EngineName, ServerInfo
from backend.models.migration import Migration, MigrationFlag, MigrationStatus
from backend.models.validation import Check, CheckState
from backend.store.backups import Shelf

from .connections import Connections
from .migrations import View

SCARCE_BYTES = 500_000_000
"""Free space under which a run is warned of; under a tenth of it, it is a problem."""
_NAMED = 5


def checks_of(connections: Connections, view: View) -> list[Check]:
    """Every check of a connection, in the order a run would meet them."""
    return [
        *_server(connections, view),
        *_files(view.migrations),
        _disk(connections, view),
        _backup(connections, view),
        _tool(view),
    ]


def _server(connections: Connections, view: View) -> Iterator[Check]:
    info: ServerInfo | None = None
    problem = view.problem
    try:
        info = view.resolved.engine.probe(connections.target(view.resolved))
    except AppError as error:
        problem = error
    if info is None:
        said = problem.message if problem else "It does not answer."
        yield Check(code="connection", title="Connection", state=CheckState.PROBLEM, message=said)
        reason = "Unknown, as the server was not reached."
        yield Check(code="database", title="Database", state=CheckState.UNKNOWN, message=reason)
    else:
        said = f"{info.product} {info.version}, {info.latency_ms:.0f} ms."
        if view.problem is not None and info.database_exists:
            yield Check(
                code="connection", title="Connection", state=CheckState.PROBLEM, message=view.problem.message
            )
        else:
            yield Check(code="connection", title="Connection", state=CheckState.OK, message=said)
        state = CheckState.OK if info.database_exists else CheckState.WARNING
        said = "It exists." if info.database_exists else "It does not exist yet; a run creates it."
        yield Check(code="database", title="Database", state=state, message=said)
    if view.resolved.stored.read_only:
        said = "The connection is read-only, so nothing can be run on it."
        yield Check(code="read_only", title="Writing", state=CheckState.PROBLEM, message=said)
    elif info is not None and info.read_only:
        said = "The server itself refuses writes."
        yield Check(code="read_only", title="Writing", state=CheckState.PROBLEM, message=said)
    elif info is None:
        reason = "Unknown, as the server was not reached."
        yield Check(code="read_only", title="Writing", state=CheckState.UNKNOWN, message=reason)
    else:
        yield Check(code="read_only", title="Writing", state=CheckState.OK, message="Allowed.")


def _files(migrations: Sequence[Migration]) -> Iterator[Check]:
    pending = [one for one in migrations if one.status != MigrationStatus.APPLIED]
    count = f"{len(pending)} to apply." if pending else "Nothing to apply."
    yield Check(code="pending", title="Pending", state=CheckState.OK, message=count)
    flagged = (
        ("out_of_order", "Order", MigrationFlag.OUT_OF_ORDER, CheckState.WARNING, "Older than the newest applied one"),
        ("duplicate_version", "Versions", MigrationFlag.DUPLICATE_VERSION, CheckState.PROBLEM, "The same version twice"),
        ("invalid_files", "Files", MigrationFlag.INVALID, CheckState.PROBLEM, "The tool would refuse or misread"),
    )  # fmt: skip
    for code, title, flag, state, said in flagged:
        found = [one for one in migrations if flag in one.flags]
        if found and code == "invalid_files" and not any(one in pending for one in found):
            state = CheckState.WARNING  # what is applied is not read again, except to roll it back
        message = f"{said}: {_names(found)}." if found else "All in order."
        yield Check(code=code, title=title, state=state if found else CheckState.OK, message=message)
    without = [one for one in migrations if not one.has_down and MigrationFlag.MISSING_FILE not in one.flags]
    message = f"No way back, or an empty one: {_names(without)}." if without else "Every file has one."
    state = CheckState.WARNING if without else CheckState.OK
    yield Check(code="down_missing", title="Down", state=state, message=message)


def _disk(connections: Connections, view: View) -> Check:
    resolved = view.resolved
    folders = {"migrations": resolved.migrations_dirs[0], "backups": _backups(connections, view)}
    server = ""
    if resolved.engine.name == EngineName.SQLITE:
        try:
            fields = resolved.engine.split_url(connections.target(resolved).url)
            folders["database"] = (resolved.folder / fields["path"]).parent
        except (AppError, KeyError):
            server = " Where the database stands is not known."
    else:
        server = " How much the server has, it does not tell."
    free: dict[str, int] = {}
    for name, folder in folders.items():
        try:
            free[name] = shutil.disk_usage(_existing(folder)).free
        except OSError as error:
            server += f" The folder of the {name} cannot be asked ({error.strerror})."
    if not free:
        return Check(code="disk_space", title="Disk space", state=CheckState.UNKNOWN, message=server.strip())
    least = min(free.values())
    state = CheckState.OK if least >= SCARCE_BYTES else CheckState.WARNING
    state = CheckState.PROBLEM if least < SCARCE_BYTES // 10 else state
    listed = ", ".join(f"{_size(size)} for the {name}" for name, size in free.items())
    return Check(code="disk_space", title="Disk space", state=state, message=f"Free: {listed}.{server}")


def _backup(connections: Connections, view: View) -> Check:
    """Whether there is a backup that can be relied on. One that is made before each run is none yet."""
    stored, engine = view.resolved.stored, view.resolved.engine
    can = engine.capabilities()["backup"]
    if not can.supported:
        return Check(code="backup", title="Backup", state=CheckState.OK, message=can.reason or "")
    try:
        found, _ = Shelf(_backups(connections, view)).all()
    except (AppError, OSError) as error:
        said = f"The backups' folder cannot be read: {error}"
        return Check(code="backup", title="Backup", state=CheckState.UNKNOWN, message=said)
    settings = connections.backup_settings(stored)
    made = settings.before_up == "always" or (
        settings.before_up == "production" and view.resolved.is_production
    )
    good = next((one for one in found if one.state == BackupState.GOOD), None)
    said = f"The newest good one is of {good.created_at:%Y-%m-%d %H:%M} UTC." if good else "No backup yet."
    if found and good is None:
        said = "There is none that can be relied on."
    if made:
        said += " One is made before the run."
    state = CheckState.WARNING if good is None and not made and view.resolved.is_production else CheckState.OK
    return Check(code="backup", title="Backup", state=state, message=said)


def _tool(view: View) -> Check:
    version, _, problem = view.resolved.tool.found()
    name = str(view.resolved.tool.name)
    if problem is not None:
        return Check(code="tool", title="Tool", state=CheckState.PROBLEM, message=f"{name}: {problem}")
    # Of migrate-mongo's config, read when the project was adopted.
    odd = [one for one in view.resolved.stored.warnings if "useFileHash" in one]
    if odd:
        return Check(
            code="tool", title="Tool", state=CheckState.WARNING, message=f"{name} {version}. {odd[0]}"
        )
    return Check(code="tool", title="Tool", state=CheckState.OK, message=f"{name} {version}.")


def _backups(connections: Connections, view: View) -> Path:
    return connections.backups_folder(view.resolved.stored)


def _existing(folder: Path) -> Path:
    return next((one for one in (folder, *folder.parents) if one.exists()), folder)


def _names(found: Sequence[Migration]) -> str:
    names = ", ".join(one.filename for one in found[:_NAMED])
    return names + (f" and {len(found) - _NAMED} more" if len(found) > _NAMED else "")


def _size(size: int) -> str:
    for unit, word in ((1_000_000_000, "GB"), (1_000_000, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {word}"
    return f"{size:,} bytes"
