"""Names and strings as BigQuery reads them. Pure text."""

from __future__ import annotations

from .url import BigQueryUrl


def literal(text: str) -> str:
    """A string in quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


def table(url: BigQueryUrl, name: str) -> str:
    """A table of the dataset, with its whole path, in backquotes."""
    return "`" + f"{url.project}.{url.dataset}.{name}".replace("\\", "\\\\").replace("`", "\\`") + "`"


def information(url: BigQueryUrl, view: str) -> str:
    """A view of the dataset's information schema."""
    return f"`{url.project}.{url.dataset}.INFORMATION_SCHEMA.{view}`"
