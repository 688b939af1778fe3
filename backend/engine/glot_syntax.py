"""sqlglot asked about statements where no server can be: what it cannot read is doubtful, not wrong."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from .syntax import Answer, Block, Budget, Refusal, left_out

SOURCE = "sqlglot"
_FILE_BUDGET_S = 0.4
_LONGEST = 20_000
_MOST_REFUSALS = 200


class GlotChecker:
    """sqlglot reads a good deal more than it knows: a statement it only takes as a command is *unknown*."""

    def __init__(self, dialect: str) -> None:
        # dbmate speaks to Spanner through its PostgreSQL dialect.
        self._dialect = "postgres" if dialect == "spanner" else dialect
        self._budget = Budget(_FILE_BUDGET_S)

    def check(self, blocks: Sequence[Block], *, pending: bool) -> Answer:
        import sqlglot
        from sqlglot import exp
        from sqlglot.errors import ParseError, TokenError

        # It warns of every statement it takes as a command.
        logging.getLogger("sqlglot").setLevel(logging.ERROR)
        self._budget.start()
        refusals: list[Refusal] = []
        asked = unknown = 0
        for block in blocks:
            for statement in block.statements:
                if self._budget.spent or len(statement.text) > _LONGEST or len(refusals) >= _MOST_REFUSALS:
                    unknown += 1
                    continue
                try:
                    tree = sqlglot.parse_one(statement.text, read=self._dialect)
                except ParseError as error:
                    refusals.append(
                        Refusal(
                            block.direction,
                            statement.start,
                            _words(error),
                            _offset(error, statement.text),
                            certain=False,
                        )
                    )
                    asked += 1
                except (TokenError, RecursionError):
                    unknown += 1
                else:
                    asked += not isinstance(tree, exp.Command)
                    unknown += isinstance(tree, exp.Command)
        return Answer(SOURCE, tuple(refusals), left_out(unknown), asked)


def _words(error: object) -> str:
    found = getattr(error, "errors", None) or [{}]
    return f"sqlglot cannot read it: {found[0].get('description') or 'it did not expect this'}".rstrip(".")


def _offset(error: object, text: str) -> int | None:
    found = (getattr(error, "errors", None) or [{}])[0]
    line, column = int(found.get("line") or 0), int(found.get("col") or 0)
    if not line or not column:
        return None
    start = sum(len(one) for one in text.splitlines(keepends=True)[: line - 1])
    return min(len(text), max(0, start + column - len(str(found.get("highlight") or " "))))
