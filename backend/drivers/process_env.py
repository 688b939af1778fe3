"""The environment a tool gets: enough to find its way, nothing that steers it. Part of the process runner."""

from __future__ import annotations

import os
from collections.abc import Mapping

_PASSED_ON = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "TZ"),
    *("TMPDIR", "TEMP", "TMP", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    # BigQuery and ClickHouse over HTTP are often reached through a proxy only.
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    # Windows
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "USERNAME", "APPDATA"),
    *("LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "PROGRAMW6432"),
    *("NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE"),
)


def minimal_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a tool needs to find its way (PATH, HOME, LANG, TEMP, …), plus `extra`; nothing else of ours."""
    env = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    env.update(extra or {})
    return env
