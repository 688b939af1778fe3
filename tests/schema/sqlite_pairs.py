"""Pairs of SQLite schemas, one a property: what is changed stands in the name, the rest of the schema is as plain as can be."""

# ruff: noqa: E501 (one pair a line reads best)
from __future__ import annotations

from collections.abc import Iterator

COLUMNS = (
    "INT", "INTEGER", "BIGINT UNSIGNED", "REAL", "DOUBLE PRECISION", "NUMERIC(10, 2)", "DECIMAL(5,2)", "BLOB", "",
    "VARCHAR(20)", "[VARCHAR](20)", '"my type"', "DATETIME", "JSON", "BOOLEAN",
    "TEXT NOT NULL", "TEXT NOT NULL DEFAULT 'x'", "TEXT NULL", "TEXT DEFAULT NULL", "TEXT DEFAULT 'it''s; -- fine'",
    'TEXT DEFAULT "quoted twice"', "TEXT DEFAULT bare", "INT DEFAULT -1", "INT DEFAULT +1.5e3", "INT DEFAULT 0x1F",
    "INT DEFAULT (1 + 2)", "INT DEFAULT TRUE", "BLOB DEFAULT x'00ff'", "TEXT DEFAULT CURRENT_TIMESTAMP",
    "TEXT DEFAULT (strftime('%Y', 'now'))", "TEXT DEFAULT (json_object('a', ','))",
    "TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM NOT NULL ON CONFLICT FAIL", "TEXT UNIQUE", "TEXT UNIQUE ON CONFLICT REPLACE",
    "TEXT CONSTRAINT named UNIQUE", "TEXT CHECK (length(a) < 100)", "TEXT CHECK (a NOT IN ('(', ')'))",
    "TEXT CONSTRAINT c CHECK (a <> '') CONSTRAINT d NOT NULL DEFAULT 'd'", "TEXT CHECK (a GLOB '*' /* any */)",
    "INT REFERENCES p", "INT REFERENCES p (id)", "INT REFERENCES p (id) ON DELETE CASCADE ON UPDATE SET NULL",
    "INT REFERENCES p (id) ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED", "INT REFERENCES p (id) MATCH FULL",
    "INT REFERENCES t (id) ON DELETE CASCADE", "INT REFERENCES nowhere (id)", "INT NOT NULL REFERENCES p (id) NOT DEFERRABLE",
    "TEXT AS (upper(b))", "TEXT GENERATED ALWAYS AS (b || ',') VIRTUAL", "TEXT GENERATED ALWAYS AS (lower(b)) STORED NOT NULL",
    "TEXT, c INT", "TEXT, c INT NOT NULL", "TEXT, c TEXT NOT NULL UNIQUE", "TEXT, c TEXT NOT NULL CHECK (json_valid(c))",
    "TEXT -- a comment; with ' and (\n", "TEXT /* before the comma */", "TEXT\n\t",
)  # fmt: skip
ENDS = (
    ", PRIMARY KEY (b))", ", PRIMARY KEY (a, b DESC))", ", PRIMARY KEY (b) ON CONFLICT IGNORE) WITHOUT ROWID",
    ", UNIQUE (a, b))", ", CONSTRAINT u UNIQUE (a COLLATE NOCASE, b) ON CONFLICT ROLLBACK)", ", CHECK (a <> b OR 1))",
    ", CONSTRAINT k CHECK (k >= 0))", ", FOREIGN KEY (k) REFERENCES p)", ", FOREIGN KEY (k) REFERENCES p (id) ON UPDATE CASCADE)",
    ", CONSTRAINT f FOREIGN KEY (k) REFERENCES p (id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED)",
    ", FOREIGN KEY (k) REFERENCES t (k))", ", FOREIGN KEY (k) REFERENCES t (k), UNIQUE (k))", ", k2 INT, k3)",
    ", FOREIGN KEY (k) REFERENCES P (ID), FOREIGN KEY (k) REFERENCES p (id))", ", UNIQUE (k) UNIQUE (b))",
    ") STRICT", ", PRIMARY KEY (k)) STRICT, WITHOUT ROWID", ", any_ ANY) STRICT", ", bytes BLOB, real_ REAL) STRICT",
    " -- the last\n)", ")/* behind */",
)  # fmt: skip
NAMES = (
    '"order"', "[select]", "`group`", "'single'", '"with space"', '"q""uote"', '"semi;colon"', '"dash--dash"', '"(bracket"',
    '"comma,comma"', "ünïcode", '"日本"', "T", '"T"', '"line\nbreak"', "main.t2", '"a.b"', "[x ]", "é", '"%s"',
)  # fmt: skip
INDEXES = (
    "CREATE INDEX i ON t (a)", "CREATE UNIQUE INDEX i ON t (k)", "CREATE INDEX i ON t (a DESC, b ASC)", "CREATE INDEX i ON T (A)",
    "CREATE INDEX i ON t (a COLLATE NOCASE)", "CREATE INDEX i ON t (a COLLATE RTRIM DESC)", "CREATE INDEX i ON t (lower(a))",
    "CREATE INDEX i ON t (a) WHERE a IS NOT NULL", "CREATE INDEX i ON t (k) WHERE k > 0 AND a IN ('x;', 'y')",
    "CREATE UNIQUE INDEX i ON t (k, b) WHERE b <> '' -- only those\n", "CREATE INDEX i ON t (k + 1, abs(k))", 'CREATE INDEX "i" ON "t" ("a")',
    "CREATE INDEX [i] ON [t] ([a])", "CREATE INDEX IF NOT EXISTS i ON t (b, a)", "CREATE INDEX main.i ON t (b)", "create  index\ni on t(a)",
    "CREATE INDEX I ON t (a)", "CREATE INDEX i ON t (json_extract(b, '$.x'))", "CREATE INDEX i ON t (a); CREATE INDEX j ON t (a)",
    "CREATE INDEX i ON p (id)", "CREATE INDEX i ON t (a) ", "CREATE INDEX i ON t (\n  a,\n  b\n)",
)  # fmt: skip
VIEWS = (
    "CREATE VIEW v AS SELECT * FROM t", "CREATE VIEW v (x, y) AS SELECT a, b FROM t", "CREATE VIEW v AS SELECT * FROM nowhere",
    "CREATE VIEW v AS WITH c AS (SELECT 1) SELECT * FROM c", "CREATE VIEW v AS SELECT no_function(a) FROM t", 'CREATE VIEW "v" AS VALUES (1)',
    "CREATE VIEW v AS SELECT a FROM t; CREATE VIEW w AS SELECT * FROM v", "CREATE VIEW w AS SELECT a FROM t; CREATE VIEW v AS SELECT * FROM w",
    "CREATE VIEW IF NOT EXISTS v AS SELECT count(*) OVER (ORDER BY k) FROM t", "CREATE VIEW v AS SELECT * FROM v2; CREATE VIEW v2 AS SELECT 1",
    "CREATE VIEW v AS SELECT ';' AS \"a b\", a -- why\n FROM t", "CREATE VIEW v AS SELECT 1 UNION ALL SELECT k FROM t LIMIT 1",
    "CREATE TABLE v (a)", "CREATE VIEW v AS SELECT a, b, k FROM t JOIN p ON p.id = k",
)  # fmt: skip
_BODY = "BEGIN UPDATE p SET n = 1; SELECT ';' ; END"
TRIGGERS = (
    f"CREATE TRIGGER r AFTER INSERT ON t {_BODY}", f"CREATE TRIGGER r BEFORE DELETE ON t {_BODY}", f"CREATE TRIGGER r UPDATE ON t {_BODY}",
    f"CREATE TRIGGER r AFTER UPDATE OF a, b ON t FOR EACH ROW WHEN NEW.a <> OLD.a {_BODY}", f'CREATE TRIGGER "r r" AFTER INSERT ON "t" {_BODY}',
    f"CREATE VIEW v AS SELECT a FROM t; CREATE TRIGGER r INSTEAD OF INSERT ON v {_BODY}",
    f"CREATE VIEW v AS SELECT a, b FROM t; CREATE TRIGGER r INSTEAD OF UPDATE OF a ON v {_BODY}",
    f"CREATE VIEW v AS SELECT a, b FROM t; CREATE TRIGGER r INSTEAD OF DELETE ON v {_BODY}; CREATE TRIGGER r2 INSTEAD OF INSERT ON v {_BODY}",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT RAISE(ABORT, 'no; never') WHERE NEW.a = 'x'; END",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO p (n) SELECT CASE WHEN NEW.k THEN 1 ELSE 2 END; END",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO nowhere VALUES (1); END", f"CREATE TRIGGER IF NOT EXISTS r AFTER INSERT ON p {_BODY}",
    "CREATE TRIGGER r AFTER INSERT ON t\nBEGIN\n  -- a comment; with END;\n  DELETE FROM p WHERE n = NEW.k;\nEND",
    f"CREATE TRIGGER r AFTER INSERT ON T {_BODY}", f"CREATE TRIGGER main.r AFTER INSERT ON t {_BODY}",
    "CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT OR IGNORE INTO p (id) VALUES (1) ON CONFLICT DO NOTHING; END",
)  # fmt: skip
VIRTUAL = (
    "CREATE VIRTUAL TABLE f USING fts5(title, body)", "CREATE VIRTUAL TABLE f USING fts5(title, body, tokenize = 'porter unicode61')",
    "CREATE VIRTUAL TABLE f USING fts5(title, body UNINDEXED, prefix='2 3')", "CREATE VIRTUAL TABLE f USING fts5(a, content='t', content_rowid='k')",
    "CREATE VIRTUAL TABLE f USING fts5(a, b, content=t)", "CREATE VIRTUAL TABLE f USING fts5(body, content='')",
    "CREATE VIRTUAL TABLE f USING fts4(title, body)", 'CREATE VIRTUAL TABLE f USING fts4(content="t", a, b)', "CREATE VIRTUAL TABLE f USING fts3(body TEXT)",
    "CREATE VIRTUAL TABLE f USING fts4(title, body, order=desc, notindexed=title)", 'CREATE VIRTUAL TABLE "f" USING FTS5(title)',
    "CREATE VIRTUAL TABLE f USING rtree(id, x0, x1)", "CREATE VIRTUAL TABLE f USING rtree_i32(id, x0, x1, y0, y1, +note TEXT)",
    "CREATE VIRTUAL TABLE f USING fts5(a, content='t'); CREATE TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO f (rowid, a) VALUES (NEW.rowid, NEW.a); END",
    "CREATE TABLE f (title, body)", "CREATE VIRTUAL TABLE f USING fts5(a, content='t'); CREATE VIRTUAL TABLE fv USING fts5vocab(f, row)",
)  # fmt: skip

_P = "CREATE TABLE p (id INTEGER PRIMARY KEY, n INT);"
_WHOLE = {
    "autoincrement comes": (f"{_P} CREATE TABLE t (id INTEGER PRIMARY KEY, a)", f"{_P} CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)"),
    "autoincrement stays": (f"{_P} CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a)", f"{_P} CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, b, a)"),
    "descending key": ("CREATE TABLE t (id INTEGER PRIMARY KEY, a)", "CREATE TABLE t (id INTEGER PRIMARY KEY DESC, a)"),
    "columns in another order": ("CREATE TABLE t (a INT, b TEXT, c REAL)", "CREATE TABLE t (c REAL, a INT, b TEXT)"),
    "a cycle of references": (
        "CREATE TABLE x (id INTEGER PRIMARY KEY, y INT REFERENCES y (id)); CREATE TABLE y (id INTEGER PRIMARY KEY, x INT REFERENCES x (id))",
        "CREATE TABLE x (id INTEGER PRIMARY KEY, y INT NOT NULL REFERENCES y (id)); CREATE TABLE y (id INTEGER PRIMARY KEY, z, x INT REFERENCES x (id))"),
    "a parent made anew under its children": (
        f"{_P} CREATE TABLE c (p INT REFERENCES p (id) ON DELETE CASCADE); CREATE INDEX ci ON c (p)",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, m INT, n INT); CREATE TABLE c (p INT REFERENCES p (id) ON DELETE CASCADE); CREATE INDEX ci ON c (p)"),
    "a table under views and triggers": (
        f"{_P} CREATE VIEW v AS SELECT n FROM p; CREATE VIEW w AS SELECT * FROM v; CREATE TRIGGER r INSTEAD OF INSERT ON w BEGIN DELETE FROM p; END",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT); CREATE VIEW v AS SELECT n FROM p; CREATE VIEW w AS SELECT * FROM v; CREATE TRIGGER r INSTEAD OF INSERT ON w BEGIN DELETE FROM p; END"),
    "an index moves to another table": ("CREATE TABLE x (a, b); CREATE TABLE y (a); CREATE INDEX i ON x (a)", "CREATE TABLE x (a); CREATE TABLE y (b, a); CREATE INDEX i ON y (a)"),
    "a trigger moves to another table": (
        f"{_P} CREATE TABLE t (a, b, k); CREATE TRIGGER r AFTER INSERT ON t {_BODY}", f"{_P} CREATE TABLE t (a, k); CREATE TRIGGER r AFTER INSERT ON p {_BODY}"),
    "a table becomes a view": ("CREATE TABLE x (a); CREATE TABLE y (a)", "CREATE TABLE x (a); CREATE VIEW y AS SELECT a FROM x"),
    "a name in another case": ("CREATE TABLE Users (Id INTEGER PRIMARY KEY, Name)", "CREATE TABLE users (id INTEGER PRIMARY KEY, name)"),
    "nothing stays but the name": ("CREATE TABLE t (a INT, b INT)", "CREATE TABLE t (c INT, d INT)"),
    "only a generated column stays": ("CREATE TABLE t (a, b AS (a))", "CREATE TABLE t (c, b AS (c))"),
    "the old name's stand-in is taken": ("CREATE TABLE t (a); CREATE TABLE t__old (a)", "CREATE TABLE t (b, a); CREATE TABLE t__old (a)"),
    "rowid is a column": ("CREATE TABLE t (rowid TEXT, a)", "CREATE TABLE t (a, rowid TEXT)"),
    "null where none may be": ("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT (lower('B')))"),
    "a statistic of the planner": ("CREATE TABLE t (a); CREATE INDEX i ON t (a); ANALYZE", "CREATE TABLE t (a, b); CREATE INDEX i ON t (b)"),
    "everything goes": (f"{_P} CREATE VIEW v AS SELECT 1; CREATE TRIGGER r AFTER INSERT ON p {_BODY}", "CREATE TABLE other (a)"),
    "altered by hand": ("CREATE TABLE t (a); ALTER TABLE t ADD COLUMN b; ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME COLUMN a TO c", "CREATE TABLE u (c, b)"),
    "made from a query": ("CREATE TABLE t AS SELECT 1 AS a, 'x' AS \"b c\"", 'CREATE TABLE t (a INT, "b c" TEXT)'),
    "many columns": (f"CREATE TABLE t ({', '.join(f'c{n} INT' for n in range(60))})", f"CREATE TABLE t ({', '.join(f'c{n} TEXT' for n in range(59, -1, -2))})"),
}  # fmt: skip


def _table(column: str = "TEXT", end: str = ")", name: str = "t", key: str = "INT") -> str:
    """A table beside the one it may refer to."""
    ident = "id INTEGER PRIMARY KEY, " if "PRIMARY" not in end and "rowid" not in end.lower() else ""
    return f"{_P}\nCREATE TABLE {name} ({ident}b TEXT, k {key}, a {column}{end};\n"


def pairs() -> Iterator[tuple[str, str, str]]:
    """(name, one schema, another); each is tried both ways."""
    plain = _table()
    for number, column in enumerate(COLUMNS):
        yield f"column {column!r}", plain, _table(column)
        if number % 2 == 0:
            yield f"column {column!r} to another", _table(column), _table(COLUMNS[number - 1])
    for end in ENDS:
        yield f"table {end!r}", plain, _table(end=end)
    for name in NAMES:
        yield f"name {name!r}", _table(name=name), _table("BLOB", ", c INT)", name=name)
        yield f"new name {name!r}", _P, _P + _table(name=name).removeprefix(_P)
    for index in INDEXES:
        yield f"index {index!r}", plain, f"{plain}{index};"
        yield f"index {index!r} and its table", f"{plain}{index};", f"{_table(key='INTEGER')}{index};"
    for view in VIEWS:
        yield f"view {view!r}", f"{plain}CREATE VIEW v AS SELECT 1;", f"{plain}{view};"
    for view in VIEWS[:10]:
        yield f"view {view!r} and its table", f"{plain}{view};", f"{_table(key='INTEGER')}{view};"
    for trigger in TRIGGERS:
        yield f"trigger {trigger!r}", plain, f"{plain}{trigger};"
        yield f"trigger {trigger!r} and its table", f"{plain}{trigger};", f"{_table(key='INTEGER')}{trigger};"
    for number, virtual in enumerate(VIRTUAL):
        yield f"virtual {virtual!r}", plain, f"{plain}{virtual};"
        yield f"virtual {virtual!r} from another", f"{plain}{VIRTUAL[number - 1]};", f"{plain}{virtual};"
    for what, (old, new) in _WHOLE.items():
        yield what, f"{old};", f"{new};"
