"""What does nothing, or fails, inside the transaction dbmate opens for a block. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS

_set = RuleSet(EngineName.SQLITE)
rule = _set.rule
_IDLE = {
    "foreign_keys": "does nothing inside a transaction",
    "journal_mode": "does nothing or fails inside a transaction",
    "synchronous": "is refused inside a transaction",
}


def _outside(at: At) -> tuple[Fix, ...]:
    edit = at.without_transaction()
    return (Fix(title="Run this block without a transaction", edits=[edit]),) if edit else ()


def _marked(at: At) -> str:
    body = "\n".join(f"{one.text.rstrip(';')};" for one in at.statements)
    return f"-- migrate:{at.half.direction.value} transaction:false\n{body}"


@rule(
    "sqlite-pragma-in-transaction",
    on=ops.Setting,
    title="PRAGMA inside a transaction does nothing",
    severity=Severity.HIGH,
    harm="dbmate opens a transaction for the block, and in it this PRAGMA changes nothing: what relies on it goes wrong.",
    advice="Write `transaction:false` behind the directive.",
    origin=("sqlite.org: pragma_foreign_keys", "dbmate 2.37: transaction:false"),
    bad=(
        Bad("PRAGMA foreign_keys = OFF;\nDROP TABLE orders;", setup=ORDERS),
        Bad("-- transaction:false\nPRAGMA main . journal_mode /* faster */ = wal;"),
        Bad("PRAGMA\n  foreign_keys(0); SELECT 'PRAGMA foreign_keys';", hits=1),
    ),
    good=(
        Good("PRAGMA foreign_keys = OFF;\nDROP TABLE orders;", transaction=False),
        Good("PRAGMA foreign_keys; PRAGMA foreign_key_check; PRAGMA user_version = 5;"),
        Good("INSERT INTO notes (body) VALUES ('PRAGMA foreign_keys = OFF;'); -- PRAGMA foreign_keys = 0"),
    ),
)
def pragma_in_transaction(at: At, op: ops.Setting) -> Iterator[Hit]:
    words = _IDLE.get(op.name, "")
    if at.half.transaction and op.value and words:
        yield at.hit(f"PRAGMA {op.name} {words}.", safe_form=_marked(at), fixes=_outside(at))


@rule(
    "sqlite-not-in-transaction",
    on=ops.Other,
    title="Fails inside a transaction",
    severity=Severity.HIGH,
    harm="VACUUM fails inside the transaction dbmate opens for the block.",
    advice="Write `transaction:false` behind the directive, in a file of its own.",
    origin=("sqlite.org: lang_vacuum",),
    bad=(
        Bad("VACUUM;"),
        Bad("/* transaction:false */ vacuum -- into\n  main;"),
        Bad(
            'CREATE TABLE "VACUUM;" (id int);\nVACUUM\n;',
            hits=1,
            runs_safe_form=False,
            why_not="as the first",
        ),
    ),
    good=(
        Good("VACUUM;", transaction=False),
        Good("INSERT INTO notes (body) VALUES ('VACUUM;'); -- VACUUM;"),
        Good("ANALYZE;"),
    ),
)
def not_in_transaction(at: At, op: ops.Other) -> Iterator[Hit]:
    if at.half.transaction and op.keyword == "VACUUM":
        yield at.hit(f"{op.keyword} fails inside a transaction.", safe_form=_marked(at), fixes=_outside(at))


RULES = tuple(_set.rules)
