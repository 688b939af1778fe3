"""A .env file: read as the tool would (env_grammar), edited line by line."""

from __future__ import annotations

import re
from pathlib import Path

from backend.core.errors import InvalidRequest, StorageFailed
from backend.core.paths import storage_errors, write_atomically

from .env_grammar import Dialect, parse, quote

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def check_name(name: str) -> str:
    if not _NAME.match(name):
        raise InvalidRequest(
            f"{name!r} is not a variable name.", hint="Letters, digits and _; it may not begin with a digit."
        )
    return name


def read(path: Path, dialect: Dialect = "dbmate") -> dict[str, str]:
    """The variables of the file as the tool would see them. Empty where it is missing."""
    text = _text(path)
    return parse(text, dialect) if text is not None else {}


def change(path: Path, values: dict[str, str | None]) -> None:
    """Set (or with None remove) variables, every other line kept. The file is its owner's alone (0600)."""
    for name in values:
        check_name(name)
    forms = {name: _form(name, value) for name, value in values.items()}
    lines = (_text(path) or "").splitlines()
    left = dict(forms)
    kept: list[str] = []
    for line in lines:
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", line)
        if match and match[1] in values:
            form = left.pop(match[1], None)
            if form is not None:
                kept.append(f"{match[1]}={form}")
        else:
            kept.append(line)
    kept.extend(f"{name}={form}" for name, form in left.items() if form is not None)
    data = ("\n".join(kept) + "\n" if kept else "").encode()
    write_atomically(path, data, mode=0o600)


def _text(path: Path) -> str | None:
    try:
        with storage_errors(path, "read"):
            data = path.read_bytes()
    except StorageFailed:
        if not path.exists():
            return None
        raise
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text.", hint="Save the file as UTF-8.") from error


def _form(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    form = quote(value)
    if form is None:
        raise InvalidRequest(
            f"The value of {name} cannot be kept in a .env file: it holds a NUL, or several lines that end in a backslash.",
            hint="Keep it in the keychain, or provide it in the environment.",
        )
    return form
