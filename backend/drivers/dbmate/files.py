"""The grammar of dbmate's migration files: bytes to `ParsedFile`, with everything dbmate refuses or misreads. Pure.

dbmate meets a bad file only when it reaches it, in the middle of a run; here every file is judged before.
"""

from __future__ import annotations

import hashlib
import re
from itertools import pairwise
from pathlib import Path

from backend.engine.tool import Block, ParsedFile
from backend.models.migration import FileProblem

from .directives import Directive, Half, NearMiss, directives, near_misses
from .encoding import Decoded, decode, position
from .names import name_of, version_of
from .text import ends_in_literal, is_blank

# Enough for a person; a file of nothing but directives must not take for ever.
_MOST_PROBLEMS = 20
_KEY_VALUE = re.compile(r"^\w+[:=]\S*$")


def parse(path: Path, raw: bytes) -> ParsedFile:
    """Read a file's form. Never raises on bad content; problems are in order of line.

    `up` and `down` are the first of each. A body goes from the line after its directive to the next directive,
    without the white space at its end.
    """
    decoded = decode(raw)
    found = directives(decoded.data)
    sections = _sections(found)
    up, down = sections[0] if sections else (None, next(iter(found), None))
    up_block = _block(decoded.data, up, found)
    down_block = _block(decoded.data, down, found)
    problems = [
        *decoded.problems,
        *_name_problems(path.name),
        *_form_problems(decoded, found, sections),
        *(
            problem
            for directive in found[:_MOST_PROBLEMS]
            for problem in _directive_problems(decoded.data, directive)
        ),
        *_body_problems(up_block, down_block),
    ]
    return ParsedFile(
        path=path,
        version=version_of(path.name),
        name=name_of(path.name),
        content=decoded.text,
        sha256=hashlib.sha256(raw).hexdigest(),
        size_bytes=len(raw),
        up=up_block,
        down=down_block,
        has_down=down_block is not None and not is_blank(down_block.body),
        problems=tuple(sorted(problems, key=lambda problem: problem.line or 0)),
        encoding=decoded.encoding,
        newline=decoded.newline,
    )


def _sections(found: list[Directive]) -> list[tuple[Directive, Directive | None]]:
    """dbmate's sections: each up with the first down before the next up. A down before the first up is a comment."""
    sections: list[tuple[Directive, Directive | None]] = []
    for directive in found:
        if directive.half is Half.UP:
            sections.append((directive, None))
        elif sections and sections[-1][1] is None:
            sections[-1] = (sections[-1][0], directive)
    return sections


def _block(data: bytes, directive: Directive | None, found: list[Directive]) -> Block | None:
    if directive is None:
        return None
    end = next((other.start for other in found if other.start > directive.start), len(data))
    return Block(
        text=data[directive.start : end].decode("utf-8", "replace"),
        body=data[directive.body : end].decode("utf-8", "replace").rstrip(" \t\r\n\f"),
        line=position(data, directive.start)[0],
        transaction=directive.transaction,
    )


def _problem(data: bytes, offset: int, code: str, message: str, severity: str = "error") -> FileProblem:
    line, column = position(data, offset)
    return FileProblem(code=code, message=message, line=line, column=column, severity=severity)


def _name_problems(filename: str) -> list[FileProblem]:
    if filename.lower().endswith(".sql.sql"):
        message = (
            "The name ends in .sql twice. dbmate takes it; renaming it is safe, the version stays the same."
        )
        return [FileProblem(code="double_extension", message=message, severity="warning")]
    return []


def _form_problems(
    decoded: Decoded, found: list[Directive], sections: list[tuple[Directive, Directive | None]]
) -> list[FileProblem]:
    data = decoded.data
    problems = [_near_miss_problem(data, miss) for miss in near_misses(data, found, _MOST_PROBLEMS)]
    if not sections:
        problems.append(_problem(data, 0, "no_up", _NO_UP))
        if not found:
            problems.append(_problem(data, len(data), "no_down", _NO_DOWN))
        return problems
    problems += _before_up(data, sections[0][0], found)
    for index, (up, down) in enumerate(sections[:_MOST_PROBLEMS]):
        if index:
            problems.append(_problem(data, up.start, "several_up_blocks", _SEVERAL_UP))
        if down is None:
            problems.append(_problem(data, up.start if index else len(data), "no_down", _NO_DOWN))
    problems += _extra_downs(data, found)
    return problems


def _before_up(data: bytes, up: Directive, found: list[Directive]) -> list[FileProblem]:
    """Only blank lines and `--` lines may stand before the first up."""
    offset = 0
    for line in data[: up.start].split(b"\n"):
        bare = line.lstrip(b" \t\r\f")
        if bare and not bare.startswith(b"--"):
            if any(d.half is Half.DOWN and d.start < up.start for d in found):
                return [_problem(data, up.start, "wrong_order", _WRONG_ORDER)]
            return [_problem(data, offset + len(line) - len(bare), "statement_before_up", _BEFORE_UP)]
        offset += len(line) + 1
    return []


def _extra_downs(data: bytes, found: list[Directive]) -> list[FileProblem]:
    return [
        _problem(data, second.start, "several_down_blocks", _SEVERAL_DOWN)
        for first, second in pairwise(found[: _MOST_PROBLEMS + 1])
        if first.half is Half.DOWN and second.half is Half.DOWN
    ]


def _near_miss_problem(data: bytes, miss: NearMiss) -> FileProblem:
    right = f"-- migrate:{miss.half}"
    if miss.start and data[miss.start - 1] == 0x0D:
        message = f"dbmate does not see `{right}` here: the line before ends in CR alone. Use LF or CRLF."
        return _problem(data, miss.start, "cr_only", message)
    if miss.is_indented:
        message = f"dbmate ignores an indented directive. Move `{right}` to the start of the line."
        return _problem(data, miss.start, "indented_directive", message, "warning")
    message = f"This looks like a directive, but dbmate ignores it. It reads `{right}` only, in lower case."
    return _problem(data, miss.start, "misspelt_directive", message, "warning")


def _directive_problems(data: bytes, directive: Directive) -> list[FileProblem]:
    at = directive.start
    if directive.is_split:
        message = f"`--` and `migrate:{directive.half}` stand on two lines, so the second is sent as SQL. Join them."
        return [_problem(data, at, "split_directive", message)]
    rest, options = directive.rest, directive.options
    meant = [word for word in rest.split() if "transaction" in word.lower()]
    if any(word not in ("transaction:false", "transaction:true") for word in meant):
        return [
            _problem(data, at, "option_ignored", _OPTION.format(text=" ".join(rest.split()[:4])), "warning")
        ]
    if rest.endswith(";"):
        message = (
            "What stands after the directive on its line is a comment to dbmate and never runs. Move it down."
        )
        return [_problem(data, at, "text_after_directive", message, "warning")]
    unknown = [
        word for word in rest.split() if _KEY_VALUE.match(word) and word.partition(":")[0] != "transaction"
    ]
    if unknown and len(unknown) == len(rest.split()) - ("transaction" in options):
        message = f"dbmate has no option `{unknown[0]}`; its only one is `transaction:false`."
        return [_problem(data, at, "option_ignored", message, "warning")]
    return []


def _body_problems(up: Block | None, down: Block | None) -> list[FileProblem]:
    problems: list[FileProblem] = []
    if up is not None and is_blank(up.body):
        message = "There is nothing to run between `-- migrate:up` and `-- migrate:down`."
        problems.append(
            FileProblem(code="empty_up", message=message, line=up.line, column=1, severity="warning")
        )
    if up is not None and down is not None and ends_in_literal(up.body):
        message = (
            "This directive seems to stand inside a quoted string or a comment that was opened above. "
            "dbmate obeys it all the same and cuts the statement in two."
        )
        problems.append(
            FileProblem(
                code="directive_in_text", message=message, line=down.line, column=1, severity="warning"
            )
        )
    return problems


_NO_UP = "There is no `-- migrate:up` line. dbmate needs one, in lower case, at the start of a line."
_NO_DOWN = (
    "There is no `-- migrate:down` line after the up block, and dbmate refuses such a file. "
    "Add `-- migrate:down` as the last line; nothing needs to follow it."
)
_WRONG_ORDER = "`-- migrate:down` stands before `-- migrate:up`. dbmate wants up first."
_BEFORE_UP = (
    "Only blank lines and `--` comments may stand before `-- migrate:up`, no statement and no `/* … */`. "
    "Move this below the directive."
)
_SEVERAL_UP = (
    "A second `-- migrate:up`. dbmate runs each pair on its own and records the file once, so a failure in the second "
    "leaves the first applied and unrecorded. Make each pair a file of its own."
)
_SEVERAL_DOWN = "A second `-- migrate:down` with no up between. dbmate refuses the file. Join the two."
_OPTION = (
    "dbmate silently ignores `{text}`: the block runs inside a transaction. "
    "The option is spelled exactly `transaction:false`, without spaces or capitals."
)
