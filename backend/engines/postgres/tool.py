"""How dbmate is told about a PostgreSQL database: URL, options and the run's name, all by environment."""

from __future__ import annotations

import threading

from backend.core.errors import AppError
from backend.drivers.pgwire.connect import milliseconds, session, user_options
from backend.drivers.pgwire.url import PgUrl
from backend.engine.target import Target, ToolSetup

# A backend whose tool was killed notices it while it works or waits, instead of finishing unrecorded.
_WATCH_CLIENT = "-c client_connection_check_interval=500"
_takes: dict[tuple[str, str, str, str], bool] = {}
_lock = threading.Lock()


def tool_setup(target: Target, url: PgUrl, run_tag: str) -> ToolSetup:
    """The environment of a run. `run_tag` becomes the sessions' application name.

    lib/pq lets `options` and `application_name` of the URL win over the environment, so they are taken out of the
    URL, and the user's options go first in PGOPTIONS.
    """
    options = [user_options(target, url)]
    if target.lock_timeout_s is not None:
        options.append(f"-c lock_timeout={milliseconds(target.lock_timeout_s)}")
    if target.read_only:
        options.append("-c default_transaction_read_only=on")
    if watches_client(target, url):
        options.append(_WATCH_CLIENT)
    text = " ".join(option for option in options if option)
    env = {"DATABASE_URL": url.without("options", "application_name").text(), "PGAPPNAME": run_tag}
    return ToolSetup(env={**env, "PGOPTIONS": text} if text else env)


def watches_client(target: Target, url: PgUrl) -> bool:
    """Whether the server takes client_connection_check_interval: 14 and later, on Linux, and no pooler in between
    that refuses options. Found out by trying, once for each server; False where it cannot be reached."""
    key = (url.socket or url.parts.host, url.parts.port, url.database, url.parts.user)
    with _lock:
        if key in _takes:
            return _takes[key]
    try:
        with session(target, url, options=_WATCH_CLIENT, plain=True) as connection:
            takes = connection.info.server_version >= 140000
    except AppError as error:
        if not _refused(error):
            # Not reached, or no such database (yet): ask again next time.
            return False
        takes = False
    with _lock:
        _takes[key] = takes
    return takes


def _refused(error: AppError) -> bool:
    return "client_connection_check_interval" in error.message or "startup parameter" in error.message
