"""What MySQL's rules share: names as SQL, tokens of a statement, which server it is, facts for examples. Pure."""

from __future__ import annotations

import re

from backend.engine.lint.context import At
from backend.engine.lint.facts import Facts
from backend.engine.lint.ops import CreateIndex, Name
from backend.engine.sqlrules.reader import tokens_of
from backend.engine.sqlrules.tokens import Token
from backend.models.schema import Catalog, CatalogColumn, CatalogTable

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
# Words MySQL 9 and MariaDB 11 reserve that a column or table is likely to be called.
_RESERVED = frozenset(
    ["accessible", "add", "all", "alter", "analyze", "and", "as", "asc", "before", "between", "both", "by", "call", "cascade", "case", "change", "check", "collate", "column", "condition", "constraint", "continue", "convert", "create", "cross", "cube", "cursor", "database", "databases", "declare", "default", "delayed", "delete", "desc", "describe", "deterministic", "distinct", "div", "double", "drop", "dual", "each", "else", "elseif", "empty", "enclosed", "escaped", "except", "exists", "exit", "explain", "false", "fetch", "float", "for", "force", "foreign", "from", "fulltext", "function", "generated", "get", "grant", "group", "grouping", "groups", "having", "if", "ignore", "in", "index", "infile", "inner", "inout", "insert", "int", "integer", "intersect", "interval", "into", "is", "iterate", "join", "key", "keys", "kill", "lag", "lateral", "lead", "leading", "leave", "left", "like", "limit", "linear", "lines", "load", "localtime", "lock", "long", "loop", "manual", "match", "mod", "modifies", "natural", "no", "not", "null", "numeric", "of", "offset", "on", "optimize", "option", "or", "order", "out", "outer", "over", "partition", "period", "precision", "primary", "procedure", "purge", "qualify", "range", "rank", "read", "reads", "real", "recursive", "references", "regexp", "release", "rename", "repeat", "replace", "require", "return", "revoke", "right", "rlike", "row", "rows", "row_number", "schema", "schemas", "select", "sensitive", "separator", "set", "show", "signal", "smallint", "spatial", "specific", "sql", "ssl", "starting", "stored", "straight_join", "system", "table", "terminated", "then", "to", "trailing", "trigger", "true", "undo", "union", "unique", "unlock", "unsigned", "update", "usage", "use", "using", "values", "varchar", "varying", "virtual", "when", "where", "while", "window", "with", "write", "xor", "zerofill"]
)  # fmt: skip


def quote(name: str) -> str:
    """A name in backquotes where it must be."""
    if _PLAIN.fullmatch(name) and name not in _RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"


def tokens(at: At) -> list[Token]:
    """The statement's tokens, comments left out, without a semicolon at the end."""
    return tokens_of(at.statement, "mysql")


def is_mariadb(at: At) -> bool | None:
    """MySQL has come to 9, MariaDB has been at 10 and more for ten years; None where the version is not known."""
    version = at.context.server_version
    return None if version is None else version[0] >= 10


def is_special_index(at: At, op: CreateIndex) -> bool:
    """FULLTEXT or SPATIAL, which take no lengths and need a lock."""
    words = [token.upper for token in tokens(at)[:2]]
    return op.method in ("fulltext", "spatial") or words in (["CREATE", "FULLTEXT"], ["CREATE", "SPATIAL"])


def key_of(at: At, table: Name) -> str | None:
    """The table's one-column primary key, as SQL; None where it is not known."""
    made = at.scene.made.get(table.key)
    if made is not None:
        keys = [column.name for column in made.op.columns if column.primary_key]
        keys += [one for c in made.op.constraints if c.kind == "primary_key" for one in c.columns]
    else:
        known = at.facts.table(table) if at.facts else None
        keys = [column.name for column in known.columns if column.primary_key] if known else []
    return at.q(keys[0]) if len(keys) == 1 else None


def facts(rows: int | None, **columns: str) -> Facts:
    """For examples: a table `orders` with these columns, `code="varchar(20) not null"`; `id` is its key."""
    made = [CatalogColumn(name="id", type="bigint", nullable=False, primary_key=True)]
    for name, text in columns.items():
        kind, _, default = text.partition(" default ")
        made.append(
            CatalogColumn(
                name=name,
                type=kind.removesuffix(" not null"),
                nullable=not kind.endswith(" not null"),
                default=default or None,
            )
        )
    return Facts.of_catalog(Catalog(tables=[CatalogTable(name="orders", rows=rows, columns=made)]))


ORDERS = "CREATE TABLE orders (id bigint PRIMARY KEY AUTO_INCREMENT, code varchar(20), total int, body text)"
"""What the examples' statements work on."""
