"""Variables that steer a program rather than tell it something. A project's `.env` is text from outside: it may name the
database and what migrations read, and not which code a tool loads or whose settings it reads."""

from __future__ import annotations

import re
from collections.abc import Mapping

_STEERING = re.compile(
    # the loader, the C library and the allocator
    r"(LD|DYLD|_RLD|MALLOC)_.*|GCONV_PATH|GLIBC_TUNABLES|LOCPATH|NLSPATH|HOSTALIASES|RES_OPTIONS|TZDIR"
    # Node (not NODE_ENV and what projects call NODE_…)
    r"|NODE_(OPTIONS|PATH|EXTRA_CA_CERTS|REPL_.*|COMPILE_CACHE.*|V8_COVERAGE|REDIRECT_WARNINGS|ICU_DATA|CHANNEL_.*"
    r"|TEST_CONTEXT|DEBUG.*|PENDING_.*)|ELECTRON_.*|NPM_CONFIG_.*|UV_.*"
    # shells and other languages
    r"|BASH_.*|BASHOPTS|SHELLOPTS|SHELL|PROMPT_COMMAND|PS4|IFS|PYTHON.*|PERL.*|RUBY(OPT|LIB)|(_|JDK_)?JAVA(_TOOL)?_OPTIONS"
    # where programs, settings and scratch files are looked for
    r"|PATH|PATHEXT|COMSPEC|HOME|USERPROFILE|(LOCAL)?APPDATA|PROGRAMDATA|SYSTEMROOT|SYSTEMDRIVE|WINDIR|XDG_.*"
    r"|TMPDIR|TEMP|TMP"
    # git, TLS libraries and the database clients' own files and plug-ins
    r"|GIT_.*|SSH_ASKPASS|OPENSSL_.*|SSLKEYLOGFILE|PGSYSCONFDIR|PGSERVICE(FILE)?|PGPASSFILE|PGLOCALEDIR"
    r"|(LIBMYSQL|MARIADB)_PLUGIN.*|LIBMYSQL_.*|MYSQL_(HOME|TEST_LOGIN_FILE)|DB_TOOLKIT_.*",
    re.IGNORECASE,
)


def is_steering(name: str) -> bool:
    return _STEERING.fullmatch(name) is not None


def without_steering(variables: Mapping[str, str]) -> dict[str, str]:
    """What of a project's variables may be handed to a tool."""
    return {name: value for name, value in variables.items() if not is_steering(name)}
