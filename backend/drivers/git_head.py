"""Which commit a folder is at, read from the repository's files: no git process is started."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from .git_safe import open_repository

_log = logging.getLogger(__name__)


def commit_of(folder: Path) -> str | None:
    """The commit HEAD points to, as 40 hex digits; None outside a repository and before the first commit."""
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return None
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    try:
        import git

        with open_repository(folder) as repository:
            return str(git.SymbolicReference.dereference_recursive(repository, "HEAD"))
    except Exception:
        # A broken repository is no reason not to run a migration.
        _log.info("The commit of %s cannot be read", folder, exc_info=True)
        return None
