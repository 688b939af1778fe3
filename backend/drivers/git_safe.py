"""The environment in which git reads somebody's repository: whatever its config says, git starts no program of theirs."""

from __future__ import annotations

import os
from typing import Any

_SET = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "log.showSignature": "false",
    "core.quotePath": "false",
}

SAFE_ENV = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    # An object that is missing in a partial clone would be fetched with the repository's own ssh command, `ext::`
    # remote or uploadpack. The second is for git before 2.45, which does not know the first.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_COUNT": str(len(_SET)),
    **{f"GIT_CONFIG_KEY_{number}": name for number, name in enumerate(_SET)},
    **{f"GIT_CONFIG_VALUE_{number}": value for number, value in enumerate(_SET.values())},
}


def open_repository(folder: Any) -> Any:
    """The GitPython repository around `folder`, whose git processes get `SAFE_ENV`. Raises what GitPython raises."""
    # Without this, importing GitPython raises on a machine that has no git.
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    import git

    repository = git.Repo(folder, search_parent_directories=True)
    repository.git.update_environment(**SAFE_ENV)
    return repository
