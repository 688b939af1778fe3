"""Names and strings as ClickHouse reads them. Pure text."""

from __future__ import annotations

import re

_PLAIN_NAME = re.compile(r"[a-zA-Z_][0-9a-zA-Z_]*")


def literal(text: str) -> str:
    """A string in quotes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def identifier(name: str) -> str:
    """A name in backquotes."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def dbmate_identifier(name: str) -> str:
    """A name as dbmate quotes it: only where it must, with double quotes."""
    return name if _PLAIN_NAME.fullmatch(name) else '"' + name.replace('"', '""') + '"'


def dbmate_string(text: str) -> str:
    """What dbmate puts between quotes after ON CLUSTER."""
    return re.sub(r"['\\]", lambda found: "\\" + found.group(), text)
