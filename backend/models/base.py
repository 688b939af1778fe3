"""The base of every model."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer


def iso_z(moment: datetime) -> str:
    """A UTC moment as ISO 8601 with milliseconds and Z, e.g. 2026-01-17T12:00:00.000Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


Moment = Annotated[datetime, PlainSerializer(iso_z, return_type=str, when_used="json")]


class Model(BaseModel):
    """Strict about unknown fields; never repeats its input (which may hold a secret) in an error."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True)
