"""What a private server lacks of a schema: roles without a login, and stand-ins for extensions that are not installed.

A stand-in is an extension of the same name, so that pg_dump prints it as the real one: `extension_control_path` (PostgreSQL
18) leads the server to files beside its data. pgcrypto's and uuid-ossp's have functions of the same names and types, whose
values are made up; languages take any text as a body; every other stand-in is empty, and what needs its types cannot be
made. Only ever on the app's own server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend.core.paths import storage_errors
from backend.drivers.pgwire.connect import rows
from backend.engine.target import Target

from .names import literal
from .standin_texts import LANGUAGE, LANGUAGES, TEXTS

if TYPE_CHECKING:
    from psycopg import Connection

_SETTINGS = (
    "SET client_min_messages = error; SET check_function_bodies = false; SET synchronous_commit = off;"
    " SET row_security = off"
)
_CREATES = re.compile(
    r"\bCREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>\"[^\"/\\]+\"|[A-Za-z_][\w$]*)", re.IGNORECASE
)
_MISSING_ROLE = re.compile(r'role "(?P<name>.+)" does not exist')
_FOLDER = "stand-ins"
_PATH_SINCE = 180000


def prepare(connection: Connection[Any], target: Target, texts: Iterable[str]) -> tuple[str, ...]:
    """Settings for a session that makes a schema; on a private server stand-ins for what `texts` creates and is not
    installed. Returns a note for each of them."""
    connection.execute(_SETTINGS.encode())
    if not target.private or connection.info.server_version < _PATH_SINCE:
        return ()
    wanted = {match["name"].strip('"') for text in texts for match in _CREATES.finditer(text)}
    if not wanted:
        return ()
    connection.execute(b"SET extension_control_path = '$system'")
    installed = {name for (name,) in rows(connection, "SELECT name FROM pg_available_extensions")}
    missing = sorted(wanted - installed)
    if not missing:
        return ()
    folder = Path(rows(connection, "SHOW data_directory")[0][0]) / _FOLDER
    for name in missing:
        _write(folder / "extension", name)
    connection.execute(f"SET extension_control_path = {literal(f'$system:{folder}')}".encode())
    return tuple(_note(name) for name in missing)


def make_role(connection: Connection[Any], target: Target, error: Any) -> bool:
    """Whether the role that a statement failed for has been made, so that it is worth another try."""
    match = _MISSING_ROLE.search(words(error))
    if not target.private or match is None:
        return False
    name = match["name"].replace('"', '""')
    connection.execute(f'CREATE ROLE "{name}" NOLOGIN'.encode())
    return True


def words(error: Any) -> str:
    """The server's own sentence."""
    diagnosis = getattr(error, "diag", None)
    return str(getattr(diagnosis, "message_primary", None) or error).strip()


def _write(folder: Path, name: str) -> None:
    comment, script = TEXTS.get(name, ("", ""))
    if name in LANGUAGES:
        script = LANGUAGE.format(name=name)
    control = folder / f"{name}.control"
    if control.is_file():
        return
    with storage_errors(folder, "write"):
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o755)
        folder.chmod(0o755)
        (folder / f"{name}--0.sql").write_text(script)
        described = f"comment = '{comment}'\n" if comment else ""
        place = "relocatable = false\nschema = pg_catalog\n" if name in LANGUAGES else "relocatable = true\n"
        control.write_text(f"default_version = '0'\n{place}{described}")


def _note(name: str) -> str:
    if name in TEXTS:
        return (
            f"The extension {name} is not installed here: a stand-in has its functions, with made-up values."
        )
    if name in LANGUAGES:
        return (
            f"The language {name} is not installed here: a stand-in takes its functions without reading them."
        )
    return f"The extension {name} is not installed here: an empty stand-in has its name, and none of its types and functions."
