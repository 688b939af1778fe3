"""Bytes of a migration file to text, naming what dbmate would trip over. Pure.

dbmate hands the bytes on as they are: a byte order mark hides the first directive, UTF-16 hides all of them, and
SQLite stops at a NUL byte without a word.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from backend.models.migration import FileProblem

_MARKS: tuple[tuple[bytes, str, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig", "bom"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf16"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf16"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf16"),
)
_BOM_MESSAGE = (
    "The file starts with a byte order mark, which hides its first line from dbmate. "
    "Save it as UTF-8 without BOM; saving it here does that."
)
_UTF16_MESSAGE = (
    "The file is encoded as {name}, which dbmate cannot read. "
    "Save it as UTF-8 without BOM; saving it here does that."
)
_CR_ONLY_MESSAGE = (
    "The lines end in CR alone, so dbmate sees one long line. "
    "Save the file with LF line ends; saving it here does that."
)
_NUL_MESSAGE = (
    "There is a NUL byte in the file. PostgreSQL refuses it; SQLite stops reading there and still records the "
    "migration as applied. Remove it."
)
_NOT_UTF8_MESSAGE = (
    "The byte {byte} is not UTF-8. It is shown here as Windows-1252; if the text looks right, saving it here makes "
    "it UTF-8."
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """`text` is what a person should see, `data` the same as UTF-8 without a mark; a lone CR at line ends is LF in both.

    `newline` is the style found in the file.
    """

    text: str
    data: bytes
    encoding: str
    newline: str
    problems: tuple[FileProblem, ...]


def decode(raw: bytes) -> Decoded:
    """Never raises: what cannot be read as UTF-8 is read as well as can be, and named."""
    text, encoding, problem = _text_of(raw)
    data = raw if encoding == "utf-8" else text.encode("utf-8", "replace")
    problems = [problem] if problem else []
    newline = newline_of(data)
    if newline == "\r":
        text, data = text.replace("\r", "\n"), data.replace(b"\r", b"\n")
        problems.append(FileProblem(code="cr_only", message=_CR_ONLY_MESSAGE, line=1, column=1))
    nul = data.find(b"\0")
    if nul != -1:
        line, column = position(data, nul)
        problems.append(FileProblem(code="nul_byte", message=_NUL_MESSAGE, line=line, column=column))
    return Decoded(text, data, encoding, newline, tuple(problems))


def newline_of(data: bytes) -> str:
    """The newline most lines end with."""
    if b"\r" not in data:
        return "\n"
    pairs = data.count(b"\r\n")
    if not pairs and b"\n" not in data:
        return "\r"
    return "\r\n" if pairs * 2 > data.count(b"\n") else "\n"


def position(data: bytes, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1; columns count characters."""
    line = data.count(b"\n", 0, offset) + 1
    start = data.rfind(b"\n", 0, offset) + 1
    return line, len(data[start:offset].decode("utf-8", "replace")) + 1


def _text_of(raw: bytes) -> tuple[str, str, FileProblem | None]:
    for mark, codec, code in _MARKS:
        if raw.startswith(mark):
            message = _BOM_MESSAGE if code == "bom" else _UTF16_MESSAGE.format(name=codec.upper())
            return (
                raw.decode(codec, "replace"),
                codec,
                FileProblem(code=code, message=message, line=1, column=1),
            )
    guess = _utf16_without_mark(raw)
    if guess:
        problem = FileProblem(code="utf16", message=_UTF16_MESSAGE.format(name="UTF-16"), line=1, column=1)
        return raw.decode(guess, "replace"), guess, problem
    try:
        return raw.decode("utf-8"), "utf-8", None
    except UnicodeDecodeError as error:
        line, column = position(raw, error.start)
        message = _NOT_UTF8_MESSAGE.format(byte=f"0x{raw[error.start]:02x}")
        problem = FileProblem(code="not_utf8", message=message, line=line, column=column)
        return raw.decode("cp1252", "replace"), "cp1252", problem


def _utf16_without_mark(raw: bytes) -> str | None:
    if b"\0" not in raw:
        return None
    head = raw[:4096]
    half = len(head) // 2
    if head[1::2].count(0) > half * 0.6 and head[0::2].count(0) < half * 0.1:
        return "utf-16-le"
    if head[0::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1:
        return "utf-16-be"
    return None
