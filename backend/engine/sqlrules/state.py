"""The file among the others: edited after it ran, out of order, duplicate, missing; several up blocks. Pure.

What is known comes with the source (`flags` from the status, `problems` from the tool's own reading).
"""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.finding import Severity
from backend.models.migration import MigrationFlag

_set = RuleSet()
rule = _set.rule
_TABLE = "CREATE TABLE a (id int PRIMARY KEY);"


@rule(
    "edited-after-apply",
    scope=Scope.FILE,
    title="Edited after it was applied",
    severity=Severity.HIGH,
    harm="What ran is not what the file says: a fresh database will differ from this one.",
    advice="Restore the file as it ran, and put the change into a new migration.",
    origin=("flyway: checksum mismatch", "atlas: checksum"),
    bad=(Bad(_TABLE, flags=("edited",)), Bad("-- edited; twice\n" + _TABLE, flags=("edited", "partial"))),
    good=(Good(_TABLE), Good(_TABLE, flags=("out_of_order",))),
)
def edited_after_apply(at: At) -> Iterator[Hit]:
    if MigrationFlag.EDITED in at.source.flags:
        yield at.hit("The file is no longer what was applied.")


@rule(
    "out-of-order",
    scope=Scope.FILE,
    title="Older than the newest applied migration",
    severity=Severity.MEDIUM,
    harm="It runs after files that were written with it in mind, and elsewhere it ran before them.",
    advice="Give it a new version, so that it comes last everywhere.",
    origin=("dbmate: --strict", "flyway: outOfOrder", "atlas: non-linear"),
    bad=(Bad(_TABLE, flags=("out_of_order",)), Bad("/* late; */" + _TABLE, flags=("out_of_order",))),
    good=(Good(_TABLE),),
)
def out_of_order(at: At) -> Iterator[Hit]:
    if MigrationFlag.OUT_OF_ORDER in at.source.flags:
        yield at.hit("A newer migration is applied already.")


@rule(
    "duplicate-version",
    scope=Scope.FILE,
    title="Version used twice",
    severity=Severity.HIGH,
    harm="The first file runs, the second fails on the key, and the status then shows both as applied.",
    advice="Rename this file to a version of its own.",
    origin=("dbmate 2.37",),
    bad=(
        Bad(_TABLE, flags=("duplicate_version",)),
        Bad("-- again;\n" + _TABLE, flags=("duplicate_version",)),
    ),
    good=(Good(_TABLE),),
)
def duplicate_version(at: At) -> Iterator[Hit]:
    if MigrationFlag.DUPLICATE_VERSION in at.source.flags:
        yield at.hit("Another file has the same version.")


@rule(
    "applied-file-missing",
    scope=Scope.FILE,
    title="Applied, but the file is gone",
    severity=Severity.HIGH,
    harm="A rollback skips it and undoes an older one, and a fresh database lacks it.",
    advice="Bring the file back from the history or the repository.",
    origin=("dbmate 2.37", "flyway: missing"),
    bad=(Bad(content="", flags=("missing_file",)), Bad(content="-- gone\n", flags=("missing_file",))),
    good=(Good(_TABLE),),
)
def applied_file_missing(at: At) -> Iterator[Hit]:
    if MigrationFlag.MISSING_FILE in at.source.flags:
        yield at.hit("The database has this version, and there is no file.")


@rule(
    "several-up-blocks",
    scope=Scope.FILE,
    title="Several up blocks",
    severity=Severity.HIGH,
    harm="Each runs by itself and the file is recorded once: where the second fails, the first stays, unrecorded.",
    advice="Make each pair a file of its own.",
    origin=("dbmate 2.37",),
    bad=(
        Bad(
            content=f"-- migrate:up\n{_TABLE}\n-- migrate:down\nDROP TABLE a;\n-- migrate:up\nSELECT 1;\n-- migrate:down\n"
        ),
        Bad(
            content=f"-- migrate:up\n{_TABLE}\n-- migrate:up transaction:false\n-- ; more\nSELECT 1;\n-- migrate:down\n"
        ),
    ),
    good=(
        Good(_TABLE, down="DROP TABLE a;"),
        Good(content=f"-- migrate:up\n{_TABLE} -- migrate:up\n-- migrate:down\nDROP TABLE a;\n"),
    ),
)
def several_up_blocks(at: At) -> Iterator[Hit]:
    for problem in at.source.problems:
        if problem.code == "several_up_blocks":
            yield Hit(problem.message, file_span=_line_span(at, problem.line or 1))


def _line_span(at: At, line: int) -> tuple[int, int]:
    start = 0
    for _ in range(line - 1):
        start = at.source.content.find("\n", start) + 1
    end = at.source.content.find("\n", start)
    return start, len(at.source.content) if end < 0 else end


RULES = tuple(_set.rules)
