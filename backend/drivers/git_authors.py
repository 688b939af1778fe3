"""Who wrote the files of a folder, by git: the author of the commit that first added each. One `git log`, nothing else.

No hook, no pager and no filter runs; the repository is only read.
"""

from __future__ import annotations

import logging
from pathlib import Path

from backend.core.errors import AppError

from . import process
from .git_safe import SAFE_ENV

_log = logging.getLogger(__name__)

_MARK = "\x01"


def authors_of(folder: Path, *, timeout_s: float = 30.0) -> dict[str, str]:
    """File name → author, for the files committed right in `folder`. Empty where git cannot tell.

    A renamed file keeps the author of its first name. Names that git quotes (line breaks, quotes) are left out.
    """
    try:
        finished = process.run(
            process.Command(
                [
                    "git",
                    "--no-pager",
                    "log",
                    "--reverse",
                    "--no-ext-diff",
                    "--no-textconv",
                    "--relative",
                    "--name-status",
                    "--find-renames",
                    "--diff-filter=ARD",
                    f"--format={_MARK}%aN",
                    "--",
                    ".",
                ],
                env=SAFE_ENV,
                cwd=folder,
                timeout_s=timeout_s,
            )
        )
    except AppError:
        _log.info("git cannot be asked who wrote %s", folder, exc_info=True)
        return {}
    if finished.exit_code != 0:
        _log.info("git cannot tell who wrote %s: %s", folder, finished.stderr.strip()[:300])
        return {}
    return _read(finished.stdout)


def _read(log: str) -> dict[str, str]:
    """What `git log --reverse --name-status` says, oldest commit first."""
    found: dict[str, str] = {}
    author = ""
    for line in log.splitlines():
        if line.startswith(_MARK):
            author = line[1:].strip()
            continue
        kind, *names = line.split("\t")
        if kind == "A" and names:
            found[names[0]] = author
        elif kind.startswith("R") and len(names) == 2:
            found[names[1]] = found.pop(names[0], author)
        elif kind == "D" and names:
            found.pop(names[0], None)
    return {name: who for name, who in found.items() if who and "/" not in name and not name.startswith('"')}
