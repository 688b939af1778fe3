"""An AppError as the `error` of the envelope."""

from __future__ import annotations

from typing import Any

from .errors import AppError
from .redaction import redact, redact_value


def envelope_error(error: AppError) -> dict[str, Any]:
    """`{code, title, message, hint, docs, details}`, redacted."""
    return {
        "code": error.code,
        "title": error.title,
        "message": redact(error.message),
        "hint": redact(error.hint) if error.hint else None,
        "docs": error.docs,
        "details": redact_value(error.details),
    }
