"""Values as JavaScript that a person would write. Pure."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

_PLAIN = re.compile(r"[A-Za-z_$][\w$]*\Z", re.ASCII)
_WIDTH = 88
# Line ends only JavaScript knows; a plain JSON text may hold them.
_BREAKS = {"\u2028": "\\u2028", "\u2029": "\\u2029"}


class NotWritable(Exception):
    """A value that needs more than plain JavaScript (ObjectId, Decimal128, …)."""


def javascript(value: Any, indent: int = 0) -> str:
    """On one line where it fits. Raises NotWritable."""
    line = _inline(value)
    if len(line) + indent <= _WIDTH or not isinstance(value, dict | list | tuple) or not value:
        return line
    space = " " * (indent + 2)
    if isinstance(value, dict):
        lines = [f"{space}{_key(key)}: {javascript(one, indent + 2)}" for key, one in value.items()]
    else:
        lines = [f"{space}{javascript(one, indent + 2)}" for one in value]
    opened, closed = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return f"{opened}\n" + ",\n".join(lines) + f"\n{' ' * indent}{closed}"


def string(text: str) -> str:
    found = json.dumps(text, ensure_ascii=False)
    for sign, escaped in _BREAKS.items():
        found = found.replace(sign, escaped)
    return found


def _key(name: str) -> str:
    # { __proto__: … } would set the prototype.
    if name == "__proto__":
        return '["__proto__"]'
    return name if _PLAIN.match(name) else string(name)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        inside = ", ".join(f"{_key(str(key))}: {_inline(one)}" for key, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return string(value)
    if isinstance(value, int) and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
    if isinstance(value, datetime):
        return f'new Date("{value.isoformat()}")'
    kind = type(value).__name__
    if kind == "Regex" or isinstance(value, re.Pattern):
        flags = "".join(
            sign for sign, bit in (("i", re.I), ("m", re.M), ("s", re.S)) if int(value.flags) & bit
        )
        return f"new RegExp({string(str(value.pattern))}, {string(flags)})"
    raise NotWritable(f"a value of the type {kind}")
