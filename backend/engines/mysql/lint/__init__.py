"""MySQL's and MariaDB's rules, over the shared reader. Pure: what is known of the database is given."""

from __future__ import annotations

from backend.engine.lint.engine_lint import EngineLint
from backend.engine.sqlrules.reader import reader
from backend.models.connection import EngineName

from . import columns, constraints, online, rebuild, session
from .names import quote

RULES = (*online.RULES, *rebuild.RULES, *columns.RULES, *constraints.RULES, *session.RULES)

LINT = EngineLint(
    EngineName.MYSQL,
    "mysql",
    read=reader("mysql"),
    rules=RULES,
    quote=quote,
    # Here the statement does not fail, it invents values: mysql-silent-default says so.
    without=frozenset({"not-null-without-default"}),
)
