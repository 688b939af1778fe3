"""What a user types about a connection, checked: its name, colour, table and folder. Raises InvalidRequest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from unicodedata import category

from backend.core.errors import InvalidRequest
from backend.core.paths import given_path, storage_errors


def check_name(name: str) -> str:
    """The name with its blanks put in order. Raises InvalidRequest."""
    cleaned = " ".join(name.split())
    # It is shown, typed as consent and written into files: what nobody can see or type has no place in it.
    if not cleaned or len(cleaned) > 100 or any(category(char) in {"Cc", "Cs"} for char in cleaned):
        raise InvalidRequest("A connection needs a name of 1 to 100 characters, without control characters.")
    return cleaned


def check_color(color: str | None) -> str | None:
    if color is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise InvalidRequest(f"{color!r} is not a colour.", hint="Give it as #rrggbb.")
    return color


def check_table(name: str | None) -> str | None:
    if name and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?", name):
        raise InvalidRequest(
            f"{name!r} is not a table name.", hint="Letters, digits, _ and one dot for a schema."
        )
    return name or None


def check_rules(codes: Sequence[str]) -> list[str]:
    """The codes of risk rules, once each, in order. Raises InvalidRequest for one that does not exist."""
    from backend.engine.lint.registry import all_rules

    known = {rule.code for rule in all_rules()}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise InvalidRequest(
            f"There is no risk rule {', '.join(repr(code) for code in unknown)}.",
            hint="`rule:list` lists every rule.",
        )
    return list(dict.fromkeys(codes))


def existing_folder(path: str) -> Path:
    folder = given_path(path)
    with storage_errors(folder, "use"):
        folder.mkdir(parents=True, exist_ok=True)
        next(iter(folder.iterdir()), None)
    return folder.resolve()
