"""Who and where: the OS user, git's user, the host. Read once a process."""

from __future__ import annotations

import configparser
import getpass
import os
import socket
from functools import cache
from pathlib import Path


@cache
def os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


@cache
def host_name() -> str:
    return socket.gethostname()


@cache
def git_user() -> str | None:
    """user.name of the global git configuration, without running git; None where there is none."""
    if os.environ.get("GIT_AUTHOR_NAME"):
        return os.environ["GIT_AUTHOR_NAME"]
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    for path in (
        Path(os.environ.get("GIT_CONFIG_GLOBAL") or Path.home() / ".gitconfig"),
        config_home / "git" / "config",
    ):
        parser = configparser.ConfigParser(strict=False, interpolation=None, allow_no_value=True)
        try:
            parser.read_string(path.read_text(encoding="utf-8"))
            name = parser.get("user", "name", fallback=None)
        except (OSError, ValueError, configparser.Error):
            continue
        if name:
            return name.strip().strip('"')
    return None
