"""Statements that change the session or the order in which rows are taken. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from backend.engine import sqltext
from backend.engine.lint import ops
from backend.engine.lint.context import At
from backend.engine.lint.rule import Bad, Good, Hit, RuleSet, Scope
from backend.models.connection import EngineName
from backend.models.finding import Fix, Severity

from .names import ORDERS, facts, key_of, tokens

_set = RuleSet(EngineName.MYSQL)
rule = _set.rule


@rule(
    "mysql-limit-without-order",
    on=(ops.Update, ops.Delete),
    title="LIMIT without ORDER BY",
    severity=Severity.MEDIUM,
    harm="Which rows are changed is left to chance, and a replica that runs the statement again may choose others.",
    advice="Order by the primary key.",
    origin=("bytebase: statement.disallow-limit", "skeema"),
    bad=(
        Bad(
            "DELETE FROM orders WHERE code = 'ORDER BY id' LIMIT 100;",
            setup=ORDERS,
            facts=facts(9, code="varchar(20)"),
        ),
        Bad(
            "UPDATE orders -- ORDER BY id\n  SET total = 0\n  WHERE total IS NULL\n  LIMIT 1000;",
            setup=ORDERS,
            facts=facts(9, total="int"),
        ),
        Bad(
            "UPDATE `orders` SET total = 1 LIMIT 5",
            setup=ORDERS,
            runs_safe_form=False,
            why_not="the key is not known",
        ),
    ),
    good=(
        Good("DELETE FROM orders WHERE code = 'x' ORDER BY id LIMIT 100;"),
        Good("UPDATE orders SET code = 'LIMIT 5' WHERE id = 3; -- LIMIT 1"),
        Good("DELETE FROM orders WHERE id IN (SELECT id FROM (SELECT id FROM orders LIMIT 5) x);"),
    ),
)
def limit_without_order(at: At, op: ops.Update | ops.Delete) -> Iterator[Hit]:
    depth, limit, ordered = 0, None, False
    for token in tokens(at):
        depth += (token.upper == "(") - (token.upper == ")")
        if depth == 0 and token.upper == "LIMIT":
            limit = token
        elif depth == 0 and token.upper == "ORDER" and limit is None:
            ordered = True
    if limit is None or ordered:
        return
    key = key_of(at, op.table)
    text, order = at.statement.text, f"ORDER BY {key} "
    known = key is not None
    yield at.hit(
        f"Which rows of {op.table} this takes is left to chance.",
        span=(limit.start, limit.end),
        safe_form=text[: limit.start] + order + text[limit.start :] if known else None,
        fixes=(Fix(title=order.strip(), edits=[at.edit(limit.start, limit.start, order)]),) if known else (),
    )


@rule(
    "mysql-lock-tables",
    on=ops.Other,
    title="LOCK TABLES inside a migration",
    severity=Severity.HIGH,
    harm="It commits what came before, and every table it does not name is refused, the one that records versions too.",
    advice="Leave it out: ALTER TABLE takes the locks it needs.",
    origin=("dbmate: the version could not be recorded",),
    bad=(
        Bad("LOCK TABLES orders WRITE; INSERT INTO orders (code) VALUES ('a');", setup=ORDERS),
        Bad("-- UNLOCK TABLES;\nLOCK /* all */\n TABLE `orders` READ; SELECT 1;", setup=ORDERS),
    ),
    good=(
        Good("INSERT INTO notes (body) VALUES ('LOCK TABLES orders WRITE;');"),
        Good("UNLOCK TABLES;"),
    ),
)
def lock_tables(at: At, op: ops.Other) -> Iterator[Hit]:
    if op.keyword != "LOCK":
        return
    found = tokens(at)
    if len(found) < 2 or found[1].upper not in ("TABLE", "TABLES"):
        return
    released = any(isinstance(one, ops.Other) and one.keyword == "UNLOCK" for one in at.later_ops())
    rest = "\n".join(f"{one.text};" for one in at.statements if one.keyword not in ("LOCK", "UNLOCK"))
    yield at.hit(
        "This commits what came before it"
        + ("." if released else ", and nothing unlocks again: the version cannot be recorded."),
        safe_form=rest or None,
        severity=Severity.MEDIUM if released else None,
        fixes=(Fix(title="Delete LOCK TABLES", edits=[at.drop_statement()]),),
    )


@rule(
    "mysql-use-database",
    on=ops.Other,
    title="USE changes the database",
    severity=Severity.HIGH,
    harm="What follows, the record of the version too, goes to the other database.",
    advice="Write the database before the name: shop.orders.",
    origin=("bytebase: statement",),
    bad=(
        Bad(
            "USE shop; ALTER TABLE orders ADD COLUMN a int;",
            runs_safe_form=False,
            why_not="it names another database",
        ),
        Bad("-- USE a;\nuse\n  `other;shop`;", runs_safe_form=False, why_not="nothing follows to be named"),
    ),
    good=(
        Good("ALTER TABLE shop.orders ADD COLUMN a int; -- USE shop;"),
        Good("INSERT INTO notes (body) VALUES ('USE shop;');"),
    ),
)
def use_database(at: At, op: ops.Other) -> Iterator[Hit]:
    if op.keyword != "USE":
        return
    found = tokens(at)
    name = found[1].text if len(found) > 1 else ""
    following = [one for one in at.statements[at.statement.index + 1 :] if one.ops]
    table = next(
        (o.table for one in following for o in one.ops if isinstance(o, (ops.AlterTable, ops.CreateIndex))),
        None,
    )
    safe = f"-- name it where it is meant: {at.q(name)}.{at.q(table.name)}" if table is not None else None
    yield at.hit(
        f"What follows, dbmate's record of the version too, goes to {name}.",
        safe_form=safe,
        fixes=(Fix(title="Delete USE", edits=[at.drop_statement()]),),
    )


@rule(
    "mysql-delimiter",
    scope=Scope.HALF,
    title="DELIMITER is no SQL",
    severity=Severity.HIGH,
    harm="DELIMITER is a command of the mysql client; the server refuses it and the migration fails.",
    advice="Leave the DELIMITER lines out: the server knows where a BEGIN … END body ends.",
    origin=("dbmate: one execution a block",),
    bad=(
        Bad(
            "DELIMITER //\nCREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW\nBEGIN\n  -- DELIMITER\n"
            "  SET NEW.code = 'a;b';\nEND//\nDELIMITER ;",
            setup=ORDERS,
            hits=1,
        ),
    ),
    good=(
        Good("CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW\nBEGIN\n  SET NEW.code = 'a';\nEND;"),
        Good("INSERT INTO notes (body) VALUES ('\nDELIMITER //\n');"),
        Good("/*\nDELIMITER //\n*/ SELECT 1;"),
    ),
)
def delimiter(at: At) -> Iterator[Hit]:
    found = [
        one for one in sqltext.client_commands(at.half.body, "mysql") if one.text[:9].upper() == "DELIMITER"
    ]
    if not found:
        return
    plain = "\n".join(f"{one.text.rstrip(';')};" for one in at.statements)
    begin, end = at.half.offset, at.half.offset + len(at.half.body.rstrip())
    yield at.hit(
        "The server refuses DELIMITER; dbmate sends the whole block and needs none.",
        span=(found[0].start, found[0].end),
        safe_form=plain,
        fixes=(Fix(title="Write it without DELIMITER", edits=[at.file_edit(begin, end, plain)]),),
    )


RULES = tuple(_set.rules)
