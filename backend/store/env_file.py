"""A .env file as dbmate (godotenv) and migrate-mongo projects read it: parsed by python-dotenv, edited line by line."""

from __future__ import annotations

import io
import re
from pathlib import Path

from dotenv import dotenv_values

from backend.core.errors import InvalidRequest
from backend.core.paths import storage_errors, write_atomically

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def check_name(name: str) -> str:
    if not _NAME.match(name):
        raise InvalidRequest(
            f"{name!r} is not a variable name.", hint="Letters, digits and _; it may not begin with a digit."
        )
    return name


def read(path: Path) -> dict[str, str]:
    """The variables of the file with `${NAME}` expanded among themselves, as dbmate does. Empty where it is missing."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"{path} is not UTF-8 text.", hint="Save the file as UTF-8.") from error
    except OSError as error:
        with storage_errors(path, "read"):
            raise error from None
    return {
        key: value
        for key, value in dotenv_values(stream=io.StringIO(text), interpolate=True).items()
        if value is not None
    }


def change(path: Path, values: dict[str, str | None]) -> None:
    """Set (or with None remove) variables, every other line kept. The file is its owner's alone (0600)."""
    for name in values:
        check_name(name)
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []
    left = dict(values)
    kept: list[str] = []
    for line in lines:
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=", line)
        if match and match[1] in values:
            value = left.pop(match[1], None)
            if value is not None:
                kept.append(f"{match[1]}={_quote(value)}")
        else:
            kept.append(line)
    kept.extend(f"{name}={_quote(value)}" for name, value in left.items() if value is not None)
    write_atomically(path, ("\n".join(kept) + "\n" if kept else "").encode(), mode=0o600)


def _quote(value: str) -> str:
    """A form that godotenv and python-dotenv read back alike: single quotes are literal, else double with escapes."""
    if re.fullmatch(r"[A-Za-z0-9_./:@%+,\-]+", value):
        return value
    if "'" not in value and "\n" not in value and "\\" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
    return f'"{escaped}"'
