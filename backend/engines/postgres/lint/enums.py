"""Enum values added, renamed and used. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.ops import Name
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.engine.lint.source import Stmt
from backend.models.connection import EngineName
from backend.models.finding import Severity

from .expressions import messages_in

_set = RuleSet(EngineName.POSTGRES)
rule = _set.rule
_MOOD = "CREATE TYPE mood AS ENUM ('sad', 'happy');"


@rule(
    "pg-enum-order",
    scope=Scope.STATEMENT,
    title="Enum value added at the end",
    severity=Severity.INFO,
    harm="The order of values is the order of sorting, and it cannot be changed later.",
    advice="Say BEFORE or AFTER which value it belongs.",
    origin=("squawk: require-enum-value-ordering",),
    bad=(
        Bad("ALTER TYPE mood ADD VALUE 'fine';", setup=_MOOD),
        Bad("ALTER TYPE mood ADD VALUE -- BEFORE 'x';\n IF NOT EXISTS 'AFTER';", setup=_MOOD),
    ),
    good=(
        Good("ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad';"),
        Good("ALTER TYPE mood ADD VALUE 'fine' BEFORE 'happy';"),
    ),
)
def enum_order(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "AlterEnumStmt" or node.old_val or node.new_val_neighbor:
        return
    yield at.hit(f"{node.new_val!r} sorts after every other value.")


@rule(
    "pg-enum-renamed",
    scope=Scope.STATEMENT,
    title="Enum value renamed",
    severity=Severity.HIGH,
    harm="Code that is running still sends and expects the old word, and fails from this moment on.",
    advice="Add the new value, let the code take both, then change the rows.",
    origin=("strong_migrations: rename_enum_value", "atlas: BC"),
    bad=(
        Bad("ALTER TYPE mood RENAME VALUE 'sad' TO 'blue';", setup=_MOOD),
        Bad("ALTER TYPE mood\n RENAME VALUE 'happy' /* TO 'x'; */ TO 'it''s;fine';", setup=_MOOD),
    ),
    good=(Good("ALTER TYPE mood ADD VALUE 'blue' AFTER 'sad';"), Good("SELECT 'RENAME VALUE';")),
)
def enum_renamed(at: At) -> Iterator[Hit]:
    node: Any = at.statement.node
    if type(node).__name__ != "AlterEnumStmt" or not node.old_val:
        return
    parts = [one.string.sval for one in node.type_name]
    new, old = (value.replace("'", "''") for value in (node.new_val, node.old_val))
    name = at.q(Name(parts[-1], parts[-2] if len(parts) > 1 else None))
    safe = f"ALTER TYPE {name} ADD VALUE '{new}' AFTER '{old}'; -- then move the rows in a later migration"
    yield at.hit(f"Whatever runs now still says {node.old_val!r}.", safe_form=safe)


@rule(
    "pg-enum-used-at-once",
    scope=Scope.HALF,
    title="Enum value used in the transaction that adds it",
    severity=Severity.HIGH,
    harm="The server refuses a value that is not committed yet, and the migration fails.",
    advice="Add the value in a migration of its own, before.",
    origin=("PostgreSQL: ALTER TYPE notes",),
    bad=(
        Bad(
            "ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad';\nINSERT INTO people (mood) VALUES ('fine');",
            setup=_MOOD,
        ),
        Bad(
            "ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; -- ;\nALTER TABLE people ALTER mood SET DEFAULT 'fine';",
            setup=_MOOD,
        ),
    ),
    good=(
        Good("ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; -- 'fine'"),
        Good(
            "CREATE TYPE mood AS ENUM ('sad'); ALTER TYPE mood ADD VALUE 'fine' AFTER 'sad'; INSERT INTO p (m) VALUES ('fine');"
        ),
    ),
)
def enum_used_at_once(at: At) -> Iterator[Hit]:
    if not at.half.transaction:
        return
    added: dict[str, Stmt] = {}
    made: set[str] = set()
    for statement in at.statements:
        for op in statement.ops:
            if isinstance(op, ops.CreateObject) and op.kind == "type":
                made.add(op.name.key)
        node: Any = statement.node
        if type(node).__name__ == "AlterEnumStmt":
            if not node.old_val and node.type_name[-1].string.sval.casefold() not in made:
                added[node.new_val] = statement
            continue
        if not added or node is None or not any(value in statement.text for value in added):
            continue
        for one in messages_in(node):
            if type(one).__name__ == "A_Const" and one.HasField("sval") and one.sval.sval in added:
                first = added[one.sval.sval]
                text = first.text.rstrip("; \n")
                yield at.hit(
                    f"{one.sval.sval!r} is added in this transaction, and cannot be used before it is committed.",
                    statement=statement,
                    safe_form=f"-- in a migration of its own, before this one\n{text};",
                )
                return


RULES = tuple(_set.rules)
