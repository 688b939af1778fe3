"""Logging with redaction at the handler: no record leaves unredacted, whoever wrote it."""

from __future__ import annotations

import logging
import logging.handlers
import os
import sys
from pathlib import Path

from .redaction import redact

LOG_NAME = "db-toolkit.log"


class RedactingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure(home: Path, *, to_stderr: bool = False) -> Path:
    """Write logs/db-toolkit.log (5 × 1 MB, owner only). Returns its path; a folder that cannot be written is no error."""
    folder = home / "logs"
    path = folder / LOG_NAME
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    for handler in list(root.handlers):
        root.removeHandler(handler)
    formatter = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file_handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=1_000_000, backupCount=5, encoding="utf-8"
        )
        if os.name == "posix":
            path.chmod(0o600)
        file_handler.setFormatter(formatter)
        root.addHandler(file_handler)
    except OSError:
        to_stderr = True
    if to_stderr:
        stream = logging.StreamHandler(sys.stderr)
        stream.setFormatter(formatter)
        root.addHandler(stream)
    for noisy in ("werkzeug", "urllib3", "pymongo", "watchfiles", "pywebview"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return path
