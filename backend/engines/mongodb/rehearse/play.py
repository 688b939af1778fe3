"""One half of a file run by the real migrate-mongo on a scratch, confined; each command that it sends becomes a statement."""

from __future__ import annotations

import json
import secrets
import time
from datetime import UTC, datetime
from pathlib import Path

from backend.core.envelope import envelope_error
from backend.core.errors import AppError, Cancelled, MigrationInvalid, NotSupported, TimedOut
from backend.drivers.migrate_mongo.node import Answer, Event, ask
from backend.engine.rehearsal.port import Block, Heard, Played
from backend.engine.target import CancelToken, FailedBlock, Target
from backend.engines.mongodb import ENGINE, sessions
from backend.engines.mongodb import url as urls
from backend.engines.mongodb.connect import connected, database, writable
from backend.models.migration import Direction

from .commands import Commands
from .explain import Explainer

_PROJECT = ("migrate-mongo-config.*", "package.json", "node_modules")
_DENIED = {
    "--allow-fs-write": "writes a file",
    "--allow-child-process": "starts another program",
    "--allow-worker": "starts a worker thread",
}
_ALONE = "It would happen for real, not on the scratch, so it was not done."


def play(scratch: Target, block: Block, heard: Heard, cancel: CancelToken, time_limit_s: float) -> Played:
    started = time.monotonic()
    if block.path is None:
        error: AppError = MigrationInvalid(
            "A MongoDB migration is rehearsed from its file, and there is none."
        )
        return Played(False, 0.0, error=envelope_error(error))
    folder = project_of(scratch, block.path)
    tag = f"dbtoolkit-rehearsal-{secrets.token_hex(6)}"
    commands = Commands(heard)
    lines: list[str] = []
    try:
        _show_as(scratch, block)
        answer = _ask(scratch, block, folder, tag, commands, lines, cancel, time_limit_s)
        stopped = answer.finished.cancelled or answer.finished.timed_out
        if stopped:
            _end(scratch, tag)
        found = _stopped(answer, time_limit_s) if stopped else _error(answer, commands, scratch, block)
        commands.close(found if stopped else None)
        if not stopped:
            with database(scratch) as opened:
                explainer = Explainer(opened)
                for statement, filters in commands.explained():
                    explainer.add_plan(statement, filters)
    except AppError as problem:
        found, stopped = problem, cancel.is_cancelled
        commands.close(problem)
    return Played(
        ok=found is None,
        duration_ms=commands.duration_ms or round((time.monotonic() - started) * 1000, 3),
        statements=commands.statements,
        error=None if found is None else envelope_error(found),
        stopped=stopped,
        output="\n".join([*lines, *commands.warnings]),
    )


def project_of(scratch: Target, file: Path) -> Path:
    """The folder the tool would run in: the nearest above the file that looks like a project's."""
    if scratch.working_dir in file.parents and scratch.working_dir != Path(file.anchor):
        return scratch.working_dir
    for folder in file.parents:
        if any(next(folder.glob(one), None) for one in _PROJECT):
            return folder
    return file.parent


def _show_as(scratch: Target, block: Block) -> None:
    """What the scratch's changelog must say so that migrate-mongo runs this half."""
    name = block.path.name if block.path else ""
    with writable(scratch) as found:
        changelog = found[scratch.migrations_table]
        if block.direction is Direction.UP:
            changelog.delete_many({"fileName": name})
        elif changelog.count_documents({"fileName": name}) == 0:
            now = datetime.now(UTC)
            changelog.insert_one(
                {"fileName": name, "appliedAt": now, "migrationBlock": int(now.timestamp() * 1000)}
            )


def _ask(
    scratch: Target,
    block: Block,
    folder: Path,
    tag: str,
    commands: Commands,
    lines: list[str],
    cancel: CancelToken,
    time_limit_s: float,
) -> Answer:
    def printed(_stream: object, line: str) -> None:
        lines.append(line)

    def told(event: Event) -> None:
        commands.hear(event)

    setup = ENGINE.tool_setup(scratch, tag)
    return ask(
        block.direction.value,
        folder,
        {
            **setup.options,
            "url": scratch.url,
            "files": [str(block.path)],
            "rehearse": {"database": urls.database_of(scratch.url)},
        },
        env={**scratch.env, **setup.env},
        on_event=told,
        on_line=printed,
        cancel=cancel,
        timeout_s=time_limit_s,
        confined=True,
    )


def _stopped(answer: Answer, time_limit_s: float) -> AppError:
    if answer.finished.cancelled:
        return Cancelled("The rehearsal was cancelled.")
    return TimedOut(
        f"The migration had not ended after {time_limit_s:g} s, so its process was ended, and what it ran on the server.",
        hint="Give it more time or fewer documents, and look for a loop that does not end.",
    )


def _end(scratch: Target, tag: str) -> None:
    """The run's operations on the server, and those of any other client in the scratch."""
    from pymongo.errors import OperationFailure

    sessions.end(scratch, tag)
    own = f"{urls.database_of(scratch.url)}."
    with connected(scratch, application_name="db-toolkit-watch") as client:
        try:
            running = list(client.admin.aggregate([{"$currentOp": {"allUsers": False}}]))
            for item in running:
                if str(item.get("ns", "")).startswith(own) and item.get("opid") is not None:
                    client.admin.command({"killOp": 1, "op": item["opid"]})
        except OperationFailure:
            return  # it ended meanwhile, or may not be seen by this user


def _error(answer: Answer, commands: Commands, scratch: Target, block: Block) -> AppError | None:
    """What the file did wrong, for what it is."""
    failure = answer.failure
    place = {key: failure[key] for key in ("file", "line", "column") if failure.get(key)} if failure else {}
    if place.get("line"):
        place["line_of_file"] = True
    if commands.refused:
        return NotSupported(
            f"{commands.refused}: it was not sent.",
            capability="rehearsal",
            hint="Use the db that the migration is given; a rehearsal has nothing but its scratch.",
            **place,
        )
    if commands.other_connection:
        return NotSupported(f"{commands.other_connection}", capability="rehearsal", hint=_ALONE, **place)
    if failure is not None and failure.get("code") == "ERR_ACCESS_DENIED":
        message = str(failure.get("message"))
        what = next(
            (said for flag, said in _DENIED.items() if flag in message), "does what a rehearsal may not"
        )
        return NotSupported(f"The migration {what}.", capability="rehearsal", hint=_ALONE, **place)
    if failure is not None:
        return ENGINE.explain_failure(
            FailedBlock(json.dumps(failure), filename=block.path.name if block.path else "")
        )
    # The changelog is the truth, not what the tool says.
    is_applied = block.path is not None and block.path.name in {
        one.version for one in ENGINE.applied(scratch)
    }
    if answer.has_ended and is_applied == (block.direction is Direction.UP):
        return None
    last = " ".join(answer.finished.stderr.strip().splitlines()[-3:])
    said = f"The migration's process ended before its end (exit code {answer.finished.exit_code}). {last}".strip()
    return ENGINE.explain_failure(FailedBlock(json.dumps({"kind": "crash", "message": said})))
