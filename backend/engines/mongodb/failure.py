"""A failed migration as the runner told it (JSON) or the bare tool (text), as an AppError with file, line and column."""

from __future__ import annotations

import json
import re
from typing import Any

from backend.core.catalogue import because
from backend.core.errors import (
    AppError,
    Busy,
    Cancelled,
    ConnectionFailed,
    MigrationInvalid,
    SqlFailed,
    SyntaxProblem,
)
from backend.engine.target import FailedBlock

from .errors import first_write_error, from_server, unreachable
from .reasons import reason_of_script
from .url import scrub


def explain(failure: FailedBlock) -> AppError:
    """What went wrong, where, and the way out. `details.line` and `column` count in the *file* (`line_of_file` says so).

    Reads the JSON of the runner's failure; any other text is taken for what the bare tool printed.
    """
    told = _read(failure.tool_text)
    if told is None:
        return _from_text(failure)
    place = {
        "file": told.get("file") or failure.filename or None,
        "line": told.get("line"),
        "column": told.get("column"),
        "line_of_file": True if told.get("line") else None,
        "source": told.get("source"),
        "error_name": told.get("name"),
    }
    error = _by_kind(told)
    if "reason" not in error.details:
        because(error, reason_of_script(told, str(told.get("message", ""))), "mongodb")
    error.details.update({name: value for name, value in place.items() if value is not None})
    return error


def _read(text: str) -> dict[str, Any] | None:
    for line in [text, *reversed(text.splitlines())]:
        if line.lstrip().startswith("{"):
            try:
                found = json.loads(line)
            except ValueError:
                continue
            if isinstance(found, dict) and "message" in found:
                return found
    return None


def _by_kind(told: dict[str, Any]) -> AppError:
    kind, message = told.get("kind"), scrub(str(told.get("message", "")))
    file, direction = told.get("file") or "the file", told.get("direction") or "up"
    if told.get("missingModule"):
        return _missing_module(told["missingModule"], file)
    match kind:
        case "syntax":
            return SyntaxProblem(f"Node cannot read {file}: {message}", hint=_syntax_hint(told))
        case "exit":
            return SqlFailed(
                f"{file} called process.exit() inside {direction}. Nothing after that call ran, and the run was not recorded.",
                hint="Remove process.exit(): return from the function, or throw an Error to fail.",
            )
        case "crash":
            return SqlFailed(message or f"The process ended inside {file} without saying why.")
        case "no_function":
            return MigrationInvalid(f"{file} has no {direction} function.", hint=_NO_FUNCTION_HINT)
        case "rejection":
            error = _thrown(told, message)
            error.message = f"A promise that {direction} did not await failed: {error.message}"
            error.hint = "Put await before each call that returns a promise. " + (error.hint or "")
            return error
        case "lock":
            return Busy(
                "migrate-mongo's own lock is set: someone else is migrating, or a run was killed and left it.",
                hint="Wait for the other run. A lock left behind ends by itself after the lockTtl of the config file, "
                "or remove the document from the lock collection.",
            )
        case "cancelled":
            return Cancelled("The run was cancelled.")
        case "changelog":
            error = _thrown(told, message)
            error.message = f"{file} ran, but the changelog could not be written: {error.message}"
            if "closed" in message.lower() or "must be connected" in message.lower():
                error.hint = "The migration closed the client it was given. Remove client.close(); the runner closes it."
            return error
    return _thrown(told, message)


_NO_FUNCTION_HINT = (
    "Export it: module.exports = { async up(db, client) { … } }. Where a default export stands beside named ones, "
    "migrate-mongo looks only at the default one."
)


def _syntax_hint(told: dict[str, Any]) -> str:
    message = str(told.get("message", ""))
    if "does not provide an export named" in message:
        return "A type imported by name must be written `import type { … }`: types do not exist when the file runs."
    if "outside a module" in message or "Unexpected token 'export'" in message:
        return 'Name the file .mjs, or set "type": "module" in the project\'s package.json, to use import and export.'
    return "Correct the line that is named; nothing of this file ran."


def _missing_module(missing: dict[str, Any], file: str) -> AppError:
    name, folder = str(missing.get("name")), str(missing.get("folder") or "the project's folder")
    wanted_by = missing.get("from") or file
    if missing.get("relative"):
        return MigrationInvalid(
            f"{wanted_by} needs {missing.get('specifier')}, which is not there.",
            hint="Check the path. It is relative to the file that asks for it.",
            module=missing.get("specifier"),
        )
    return MigrationInvalid(
        f"{wanted_by} needs the npm package {name}, which is not installed for this project.",
        hint=f"Run `npm install {name}` in {folder}, then try again.",
        module=name,
        command=f"npm install {name}",
        folder=folder,
    )


def _thrown(told: dict[str, Any], message: str) -> AppError:
    """What the migration or the driver threw."""
    name = str(told.get("name") or "")
    if name == "MongoServerSelectionError" or (told.get("kind") == "connect" and "Network" in name):
        return unreachable(message)
    if "BSONVersionError" in name:
        return SqlFailed(
            "The migration uses another version of the packages bson or mongodb than the connection.",
            hint="Keep one version of mongodb in the project: npm ls bson mongodb shows them.",
        )
    if name in {"MongoNetworkError", "MongoNetworkTimeoutError", "PoolClearedOnNetworkError"}:
        lost = ConnectionFailed(f"The connection to the server was lost: {message}")
        return because(lost, "session_ended", "mongodb")
    if told.get("writeError"):
        return from_server(first_write_error({"writeErrors": [told["writeError"]]}))
    if isinstance(told.get("code"), int):
        return from_server({**told, "message": message})
    if (
        name in {"MongoParseError", "MongoAPIError", "MongoInvalidArgumentError"}
        and told.get("kind") == "connect"
    ):
        return ConnectionFailed(f"The driver does not accept the connection: {message}")
    return SqlFailed(f"{name}: {message}" if name and name != "Error" else message or "The migration failed.")


_COULD_NOT = re.compile(
    r"(?:ERROR: )?Could not migrate (?P<direction>up|down) (?P<file>\S.*?\.\w+): (?P<message>[^\n]*)"
)
_FRAME = r"[/\\]{}:(?P<line>\d+):(?P<column>\d+)"


def _from_text(failure: FailedBlock) -> AppError:
    """The bare command line's `ERROR: Could not migrate up FILE: message` and its stack."""
    text = scrub(failure.tool_text.strip())
    found = _COULD_NOT.search(text)
    file = found["file"] if found else failure.filename
    frame = re.search(_FRAME.format(re.escape(file)), text) if file else None
    told: dict[str, Any] = {
        "message": (found["message"] if found else text.partition("\n")[0].removeprefix("ERROR: ")).strip(),
        "file": file or None,
        "direction": found["direction"] if found else None,
        "line": int(frame["line"]) if frame else None,
        "column": int(frame["column"]) if frame else None,
    }
    if "a lock is in place" in told["message"]:
        told["kind"] = "lock"
    if told["message"].startswith("E11000"):
        told["code"] = 11000
    if told["message"] == "Document failed validation":
        told["code"] = 121
    if "ECONNREFUSED" in told["message"] or "ENOTFOUND" in told["message"]:
        told["name"] = "MongoServerSelectionError"
    module = re.match(r"Cannot find (?:module|package) '([^']+)'", told["message"])
    if module:
        told["missingModule"] = {
            "name": module[1],
            "specifier": module[1],
            "relative": module[1].startswith((".", "/")),
        }
    return explain(FailedBlock(tool_text=json.dumps(told), block=failure.block, filename=failure.filename))
