"""What migrate-mongo's configuration lets happen: an edited file run again, two runs at once. Reads a tree.

The configuration is judged as a file of its own, beside the migrations.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backend.drivers.migrate_mongo.grammar import text
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .code import Code

if TYPE_CHECKING:
    from tree_sitter import Node

_set = RuleSet(EngineName.MONGODB)
rule = _set.rule
_WORDS = ("migrationsDir", "changelogCollectionName")
_TTL = "lockTtl: 600"
_NO_RUN = "it is a line of the configuration, not of a migration"


def _config(more: str) -> str:
    return (
        "module.exports = {\n  mongodb: { url: process.env.MONGODB_URL },\n  migrationsDir: 'migrations',\n"
        f"  changelogCollectionName: 'changelog',\n{more}}};\n"
    )


@rule(
    "mongo-file-hash",
    scope=Scope.FILE,
    words=("useFileHash",),
    title="Edited migrations run again",
    severity=Severity.MEDIUM,
    harm="With useFileHash an applied file whose text changes, a comment even, is pending again and runs a second time; "
    "turned on in an old project, every file does.",
    advice="Leave it off, and write what is to change as a migration of its own.",
    origin=("migrate-mongo 14: useFileHash",),
    bad=(
        Bad(content=_config("  lockCollectionName: 'lock',\n  lockTtl: 60,\n  useFileHash: true,\n"), hits=1, runs_safe_form=False, why_not=_NO_RUN),
        Bad(content="const config = {\n  mongodb: {},\n  migrationsDir: 'm',\n  // useFileHash: false\n  useFileHash: (true),\n};\nmodule.exports = config;\n", hits=1, runs_safe_form=False, why_not=_NO_RUN),
    ),
    good=(
        Good(content=_config("  lockTtl: 60,\n  useFileHash: false,\n")),
        Good(content=_config("  lockTtl: 60, // useFileHash: true\n  moduleSystem: 'useFileHash: true',\n")),
        # What it will be shows only when it runs.
        Good(content=_config("  useFileHash: process.env.HASH === 'true',\n")),
    ),
)  # fmt: skip
def file_hash(at: At) -> Iterator[Hit]:
    for code, members, _ in _configs(at):
        given = members.get("useFileHash")
        value = code.value(given)
        if given is None or value is None or value.type != "true":
            continue
        span = code.span(given)
        yield Hit(
            "useFileHash is on: a file that was applied runs again once it is edited.",
            file_span=span,
            safe_form="useFileHash: false",
            fixes=(Fix(title="Switch it off", edits=[at.file_edit(*span, "false")]),),
        )


@rule(
    "mongo-no-lock",
    scope=Scope.FILE,
    words=_WORDS,
    title="Two runs at once are not kept apart",
    severity=Severity.LOW,
    harm="Without a lockTtl the bare tool takes no lock: two deployments at once apply the same files twice; "
    "only DB Toolkit’s runs hold a lock of their own.",
    advice="Name a lockCollectionName, and give lockTtl more seconds than the longest migration takes.",
    origin=("migrate-mongo 14: lockTtl",),
    bad=(
        Bad(content=_config("  lockCollectionName: 'changelog_lock',\n  lockTtl: 0,\n"), hits=1, runs_safe_form=False, why_not=_NO_RUN),
        Bad(content=_config("  // lockTtl: 600\n"), hits=1, runs_safe_form=False, why_not=_NO_RUN),
        Bad(content="export default {\n  mongodb: {},\n  migrationsDir: 'm',\n  lockTtl: 600,\n};\n", hits=1, runs_safe_form=False, why_not=_NO_RUN),
    ),
    good=(
        Good(content=_config("  lockCollectionName: 'changelog_lock',\n  lockTtl: 600,\n")),
        Good(content=_config("  lockCollectionName: 'changelog_lock',\n  lockTtl: Number(process.env.TTL),\n")),
        Good(content=_config("  ...require('./shared'),\n")),
        Good(content="module.exports = {\n  async up(db) { await db.collection('a').findOne({ migrationsDir: 1, lockTtl: 0 }); },\n  async down() {},\n};\n"),
    ),
)  # fmt: skip
def no_lock(at: At) -> Iterator[Hit]:
    for code, members, holder in _configs(at):
        ttl, collection = members.get("lockTtl"), members.get("lockCollectionName")
        value = code.value(ttl)
        if value is not None and (value.type != "number" or text(value).strip("0.") != ""):
            if collection is not None:
                continue
            start = code.span(value)[1]
            named = ", lockCollectionName: 'changelog_lock'"
            yield Hit(
                "There is a lockTtl but no lockCollectionName, so no lock is taken.",
                file_span=code.span(value),
                safe_form=f"lockCollectionName: 'changelog_lock',\n{_TTL}",
                fixes=(Fix(title="Name the collection", edits=[at.file_edit(start, start, named)]),),
            )
            continue
        span = code.span(value) if value is not None else code.span(holder)
        is_zero = value is not None
        yield Hit(
            f"{'lockTtl is 0' if is_zero else 'There is no lockTtl'}: the bare tool takes no lock.",
            file_span=span if is_zero else (span[0], span[0] + 1),
            safe_form=f"lockCollectionName: 'changelog_lock',\n{_TTL}",
            fixes=(Fix(title="Hold it for ten minutes", edits=[at.file_edit(*span, "600")]),)
            if is_zero and collection is not None
            else (),
        )


def _configs(at: At) -> Iterator[tuple[Code, dict[str, Node], Node]]:
    """The configuration's members and its object, where the file is one that is written out."""
    if at.source.halves or not any(word in at.source.content for word in _WORDS):
        return
    code = Code(at.source.content)
    holder = code.script.container
    if holder is None or holder.type != "object" or code.script.is_dynamic:
        return
    members = code.members(holder)
    # A member whose key is computed or spread may be any of them.
    if members is None or not {"mongodb", "migrationsDir"} & set(members):
        return
    yield code, members, holder


RULES = tuple(_set.rules)
