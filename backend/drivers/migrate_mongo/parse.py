"""A migration file, read without running it: up, down, and what is wrong with its form."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from backend.core.errors import AppError
from backend.engine.tool import Block, ParsedFile
from backend.models.migration import FileProblem

from .blocks import body_text
from .files import extension_of, name_of
from .grammar import first_error
from .modules import asked_for
from .node import ask
from .script import Function, Script, read
from .warnings import find_warnings

_UTF8_BOM = b"\xef\xbb\xbf"
_LARGE_BYTES = 2_000_000


def is_typescript(filename: str) -> bool:
    return extension_of(filename) in {".ts", ".mts", ".cts"}


def parse_file(path: Path, data: bytes) -> ParsedFile:
    """Read a file's form. Never raises on bad input."""
    encoding = "utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    source = data.removeprefix(_UTF8_BOM)
    content = source.decode(encoding, "replace")
    problems = _encoding_problems(data, encoding)
    typescript = is_typescript(path.name)
    functions: dict[str, Function] = {}
    modules: tuple[str, ...] = ()
    if encoding == "utf-8":
        script = read(source, typescript=typescript)
        functions = script.functions
        modules = tuple(dict.fromkeys(name for name, _ in asked_for(script.document, source)))
        problems += _syntax_problems(path, data, script)
        if not any(problem.severity == "error" for problem in problems):
            problems += _form_problems(script)
        problems += find_warnings(script, source)
    blocks = {name: _block(function, source, typescript) for name, function in functions.items()}
    down = functions.get("down")
    return ParsedFile(
        path=path,
        version=path.name,
        name=name_of(path.name),
        content=content,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        up=blocks.get("up"),
        down=blocks.get("down"),
        # Where the exports are made by code, there may well be a down; running it tells.
        has_down=not down.is_empty
        if down is not None
        else any(p.code == "exports_unknown" for p in problems),
        problems=tuple(problems),
        encoding=encoding,
        newline="\r\n" if b"\r\n" in source else "\n",
        modules=modules,
    )


def config_file(path: Path, data: bytes) -> ParsedFile:
    """The project's configuration as a file to be judged; it has no halves, and none are missed."""
    content = data.removeprefix(_UTF8_BOM).decode("utf-8", "replace")
    return ParsedFile(
        path=path,
        version=path.name,
        name=name_of(path.name),
        content=content,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        up=None,
        down=None,
        has_down=False,
    )


def _block(function: Function, source: bytes, typescript: bool) -> Block:
    holder = function.holder
    text = source[holder.start_byte : holder.end_byte].decode("utf-8", "replace")
    body = body_text(function, source, typescript=typescript)
    return Block(text=text, body=body, line=holder.start_point[0] + 1, transaction=False)


def _encoding_problems(data: bytes, encoding: str) -> list[FileProblem]:
    if encoding == "utf-16":
        return [
            FileProblem(
                code="utf16",
                line=1,
                message="The file is UTF-16; Node reads UTF-8 only. Save it again as UTF-8.",
            )
        ]
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return [
            FileProblem(
                code="not_utf8",
                line=line,
                severity="warning",
                message="The file is not valid UTF-8: Node replaces the characters it cannot read.",
            )
        ]
    return []


def _syntax_problems(path: Path, data: bytes, script: Script) -> list[FileProblem]:
    """Our parser's doubts are shown to Node's, whose word counts."""
    if not script.root.has_error:
        return []
    try:
        told = _node_says(path.name, hashlib.sha256(data).hexdigest(), str(path.parent), data)
    except AppError:
        told = None
    else:
        if told is None:
            script.is_dynamic = script.is_dynamic or "up" not in script.functions
            return []
    broken = first_error(script.root)
    row, column = broken.start_point if broken is not None else (0, 0)
    line, at, message = told or (row + 1, column + 1, "unexpected text")
    return [
        FileProblem(
            code="syntax_error",
            line=line or row + 1,
            column=at or column + 1,
            message=f"Node cannot read this file: {message}.",
        )
    ]


@lru_cache(maxsize=256)
def _node_says(name: str, sha256: str, folder: str, data: bytes) -> tuple[int | None, int | None, str] | None:
    """The syntax error Node finds, as (line, column, message), or None where it reads the file. Raises AppError."""
    import tempfile

    if len(data) > _LARGE_BYTES:
        return None, None, "unexpected text"
    with tempfile.TemporaryDirectory(prefix="dbtoolkit-check-") as temporary:
        copy = Path(temporary) / name
        copy.write_bytes(data)
        answer = ask("check", Path(temporary), {"files": [str(copy)]}, timeout_s=20)
    if answer.result is None:
        return None, None, "unexpected text"
    if not answer.result:
        return None
    told = answer.result[0]
    return told["line"], told["column"], told["message"].rstrip(".")


def _form_problems(script: Script) -> list[FileProblem]:
    problems = []
    if script.hidden_by_default:
        problems.append(
            FileProblem(
                code="default_hides_up",
                message="There is a default export without up: migrate-mongo looks only at that and does not see the named up.",
            )
        )
    elif "up" not in script.functions and not script.is_dynamic:
        problems.append(
            FileProblem(
                code="no_up",
                message="The file exports no up function: migrate-mongo would take it for a migration and fail.",
            )
        )
    elif "up" not in script.functions:
        problems.append(
            FileProblem(
                code="exports_unknown",
                severity="warning",
                message="What this file exports shows only when it runs; up and down cannot be told apart here.",
            )
        )
    if "up" in script.functions and "down" not in script.functions and not script.is_dynamic:
        problems.append(
            FileProblem(
                code="no_down",
                severity="warning",
                message="There is no down function: this migration cannot be rolled back.",
            )
        )
    return problems
