"""A regular expression that cannot run away: matched by Rust's linear-time engine, which pydantic brings along. Pure.

Python's own `re` tries every way there is and holds the interpreter while it does: `(a+)+$` on thirty letters would
stop the whole app. Rust's answers only whether there is a match, so where it stands is found by asking again.
"""

from __future__ import annotations

from pydantic_core import SchemaError, SchemaValidator, core_schema

from backend.core.errors import InvalidRequest

_LONGEST_LINE = 2_000
"""A longer line is matched, but where in it is looked for only so far."""


class Pattern:
    """`text` as Rust's `regex` reads it. Raises InvalidRequest, saying what is wrong, for what that cannot read."""

    def __init__(self, text: str, *, case: bool, whole_word: bool) -> None:
        flags = "(?m)" if case else "(?mi)"
        _compiled(flags, text)  # by itself: `a)(b` must not be mended by what stands around it
        body = rf"\b(?:{text})\b" if whole_word else f"(?:{text})"
        self._anywhere = _compiled(flags, body)
        # One character around it is kept, so that `\b`, `^` and `$` see what they would see in the line.
        self._from_start = _compiled(flags, rf"\A{body}")
        self._from_next = _compiled(flags, rf"\A(?s:.){body}")
        self._exactly = {
            (first, last): _compiled(
                flags, rf"\A{'' if first else '(?s:.)'}{body}{'' if last else '(?s:.)'}\z"
            )
            for first in (True, False)
            for last in (True, False)
        }

    def is_in(self, text: str) -> bool:
        return self._anywhere.isinstance_python(text)

    def place(self, line: str) -> tuple[int, int] | None:
        """From and up to of the leftmost, longest match in a line; None where there is none."""
        shown = line[:_LONGEST_LINE]
        if not self._anywhere.isinstance_python(shown):
            return (0, 0) if len(line) > _LONGEST_LINE and self.is_in(line) else None
        start = next((at for at in range(len(shown) + 1) if self._begins(shown, at)), 0)
        return start, self._end(shown, start)

    def _begins(self, line: str, at: int) -> bool:
        if at == 0:
            return self._from_start.isinstance_python(line)
        return self._from_next.isinstance_python(line[at - 1 :])

    def _end(self, line: str, start: int) -> int:
        for end in range(len(line), start - 1, -1):
            exactly = self._exactly[start == 0, end == len(line)]
            if exactly.isinstance_python(line[max(0, start - 1) : end + 1]):
                return end
        return start


def _compiled(flags: str, text: str) -> SchemaValidator:
    try:
        return SchemaValidator(core_schema.str_schema(pattern=flags + text, regex_engine="rust-regex"))
    except SchemaError as error:
        raise InvalidRequest(_reason(str(error)), hint="Correct it, or search for the plain text.") from None


def _reason(text: str) -> str:
    if "size limit" in text:
        return "This regular expression is too large."
    lines = [line.strip() for line in text.splitlines()]
    said = next((line.removeprefix("error: ") for line in lines if line.startswith("error: ")), lines[-1])
    return f"This regular expression cannot be read: {said}."
