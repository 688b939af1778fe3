"""Changes of one ClickHouse schema: what to replace in BASE, by name. Each is tried both ways."""

# ruff: noqa: E501 (one change a line reads best)
from __future__ import annotations

EVENTS = """CREATE TABLE events (
    id UInt64, at DateTime, kind LowCardinality(String) DEFAULT 'click' COMMENT 'what happened',
    amount Decimal(10, 2) CODEC(ZSTD(1)), note Nullable(String), `odd name` String,
    day Date MATERIALIZED toDate(at), loud String ALIAS upper(kind),
    INDEX by_note note TYPE bloom_filter GRANULARITY 4,
    CONSTRAINT positive CHECK amount >= 0,
    PROJECTION by_kind (SELECT kind, count() GROUP BY kind)
) ENGINE = MergeTree PARTITION BY toYYYYMM(at) PRIMARY KEY id ORDER BY (id, at)
SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 0 COMMENT 'all of them';
"""
TOTALS = "CREATE TABLE totals (kind String, n UInt64) ENGINE = SummingMergeTree ORDER BY kind;\n"
VIEW = "CREATE VIEW recent AS SELECT id, kind FROM events WHERE at > now() - INTERVAL 1 DAY;\n"
FILLS = "CREATE MATERIALIZED VIEW fills TO totals AS SELECT kind, count() AS n FROM events GROUP BY kind;\n"
GATHERS = (
    "CREATE MATERIALIZED VIEW gathers ENGINE = AggregatingMergeTree ORDER BY kind"
    " AS SELECT kind, countState() AS n FROM events GROUP BY kind;\n"
)
DICTIONARY = (
    "CREATE DICTIONARY kinds (id UInt64, name String DEFAULT '') PRIMARY KEY id"
    " SOURCE(CLICKHOUSE(TABLE 'names')) LAYOUT(FLAT()) LIFETIME(MIN 0 MAX 300);\n"
)
NAMES = "CREATE TABLE names (id UInt64, name String) ENGINE = TinyLog;\n"
BASE = EVENTS + TOTALS + NAMES + VIEW + FILLS + GATHERS + DICTIONARY

CHANGES = {
    "column added at the end": ("loud String ALIAS upper(kind),", "loud String ALIAS upper(kind), extra UInt8,"),
    "column added first": ("id UInt64, at", "zero UInt8, id UInt64, at"),
    "column added between": ("at DateTime, kind", "at DateTime, between Array(String), kind"),
    "two columns added": ("`odd name` String", "`odd name` String, one Int8, two Map(String, Int8)"),
    "column dropped": ("note Nullable(String), `odd name` String", "note Nullable(String)"),
    "column moved": ("note Nullable(String), `odd name` String", "`odd name` String, note Nullable(String)"),
    "column moved far": ("amount Decimal(10, 2) CODEC(ZSTD(1)), note Nullable(String), `odd name` String", "`odd name` String, amount Decimal(10, 2) CODEC(ZSTD(1)), note Nullable(String)"),
    "type widened": ("Decimal(10, 2)", "Decimal(18, 2)"),
    "nested type": ("`odd name` String", "`odd name` Tuple(a String, b Array(UInt8))"),
    "nullable": ("`odd name` String", "`odd name` Nullable(String)"),
    "low cardinality": ("LowCardinality(String)", "String"),
    "enumeration": ("`odd name` String", "`odd name` Enum8('r0' = 1, 'r1' = 2, 'r2' = 3)"),
    "default changed": ("DEFAULT 'click'", "DEFAULT 'it\\'s, (fine)'"),
    "default dropped": (" DEFAULT 'click'", ""),
    "default to materialized": ("`odd name` String", "`odd name` String MATERIALIZED toString(id)"),
    "materialized changed": ("toDate(at)", "toDate(at + 1)"),
    "materialized to default": ("day Date MATERIALIZED", "day Date DEFAULT"),
    "alias changed": ("upper(kind)", "lower(kind)"),
    "alias to stored": ("loud String ALIAS upper(kind)", "loud String"),
    "ephemeral": ("`odd name` String", "`odd name` String, given String EPHEMERAL"),
    "codec changed": ("CODEC(ZSTD(1))", "CODEC(Delta, LZ4)"),
    "codec dropped": (" CODEC(ZSTD(1))", ""),
    "codec added": ("note Nullable(String)", "note Nullable(String) CODEC(LZ4HC(9))"),
    "column comment changed": ("'what happened'", "'TTL, (what)'"),
    "column comment dropped": (" COMMENT 'what happened'", ""),
    "column ttl": ("note Nullable(String)", "note Nullable(String) TTL at + INTERVAL 1 MONTH"),
    "everything of a column": ("kind LowCardinality(String) DEFAULT 'click' COMMENT 'what happened'", "kind String COMMENT 'c' CODEC(NONE)"),
    "skipping index changed": ("bloom_filter GRANULARITY 4", "set(100) GRANULARITY 2"),
    "skipping index dropped": ("    INDEX by_note note TYPE bloom_filter GRANULARITY 4,\n", ""),
    "skipping index added": ("GRANULARITY 4,", "GRANULARITY 4, INDEX by_day day TYPE minmax GRANULARITY 1,"),
    "index and its column": ("note Nullable(String), ", "|    INDEX by_note note TYPE bloom_filter GRANULARITY 4,\n|"),
    "constraint changed": ("CHECK amount >= 0", "CHECK amount > 0"),
    "constraint dropped": ("    CONSTRAINT positive CHECK amount >= 0,\n", ""),
    "constraint assumed": ("CONSTRAINT positive", "CONSTRAINT sure ASSUME length(kind) > 0, CONSTRAINT positive"),
    "projection changed": ("kind, count() GROUP", "kind, max(id) GROUP"),
    "projection dropped": (",\n    PROJECTION by_kind (SELECT kind, count() GROUP BY kind)", ""),
    "projection added": ("PROJECTION by_kind", "PROJECTION by_at (SELECT * ORDER BY at), PROJECTION by_kind"),
    "table ttl": ("SETTINGS index", "TTL at + INTERVAL 1 YEAR SETTINGS index"),
    "table ttl to disk rules": ("SETTINGS index", "TTL at + INTERVAL 1 YEAR DELETE WHERE kind = 'x', at + INTERVAL 2 YEAR SETTINGS index"),
    "setting changed": ("min_bytes_for_wide_part = 0", "min_bytes_for_wide_part = 1024"),
    "setting dropped": (", min_bytes_for_wide_part = 0", ""),
    "setting added": ("wide_part = 0", "wide_part = 0, merge_with_ttl_timeout = 3600"),
    "setting that is fixed": ("index_granularity = 1024", "index_granularity = 8192"),
    "table comment changed": ("'all of them'", "'some \\'of\\' them'"),
    "table comment dropped": (" COMMENT 'all of them'", ""),
    "sorting key grows": ("loud String ALIAS upper(kind),", "loud String ALIAS upper(kind), more UInt8,|ORDER BY (id, at)|ORDER BY (id, at, more)"),
    "sorting key changed": ("ORDER BY (id, at)", "ORDER BY (id, kind)"),
    "primary key changed": ("PRIMARY KEY id ORDER", "PRIMARY KEY (id, at) ORDER"),
    "partition changed": ("toYYYYMM(at)", "toMonday(at)"),
    "partition dropped": (" PARTITION BY toYYYYMM(at)", ""),
    "key's type": ("id UInt64, at", "id UInt32, at"),
    "engine changed": ("ENGINE = SummingMergeTree", "ENGINE = ReplacingMergeTree"),
    "engine's argument": ("ENGINE = SummingMergeTree", "ENGINE = SummingMergeTree(n)"),
    "log engine": ("name String) ENGINE = TinyLog", "name String, more UInt8) ENGINE = Log"),
    "table added": (NAMES, NAMES + "CREATE TABLE buffered AS names ENGINE = Buffer(currentDatabase(), names, 1, 1, 1, 1, 1, 1, 1);\n"),
    "table with every kind of name": (NAMES, NAMES + "CREATE TABLE `select` (`from` String, `a``b` Int8, `ü` Int8) ENGINE = Memory;\n"),
    "null engine": (NAMES, NAMES + "CREATE TABLE nothing (a UInt8) ENGINE = Null;\n"),
    "view changed": ("SELECT id, kind FROM events", "SELECT id, at, kind FROM events"),
    "view dropped": (VIEW, ""),
    "view on a view": (VIEW, VIEW + "CREATE VIEW newest AS SELECT max(id) AS id FROM recent;\n"),
    "view with parameters": (VIEW, VIEW + "CREATE VIEW one AS SELECT * FROM events WHERE id = {id:UInt64};\n"),
    "filling query changed": ("SELECT kind, count() AS n FROM events GROUP BY kind;\n", "SELECT kind, sum(id) AS n FROM events GROUP BY kind;\n"),
    "filling view dropped": (FILLS, ""),
    "filling view's target": ("fills TO totals", "fills TO sums|CREATE TABLE totals|CREATE TABLE sums (kind String, n UInt64) ENGINE = Memory; CREATE TABLE totals"),
    "gathering query changed": ("countState() AS n FROM events GROUP", "countState() AS n FROM events WHERE id > 1 GROUP"),
    "gathering view dropped": (GATHERS, ""),
    "dictionary's layout": ("FLAT()", "FLAT(INITIAL_ARRAY_SIZE 10)"),
    "dictionary's life": ("MAX 300", "MAX 600"),
    "dictionary's column": ("name String DEFAULT ''", "name String DEFAULT '?', note String DEFAULT ''|(id UInt64, name String) ENGINE|(id UInt64, name String, note String) ENGINE"),
    "dictionary dropped": (DICTIONARY, ""),
    "everything at once": ("note Nullable(String), `odd name` String", "`odd name` Nullable(String), seen UInt8 DEFAULT 1|CHECK amount >= 0|CHECK amount > 1|INDEX by_note note|INDEX by_odd id|'all of them'|'x'"),
}  # fmt: skip


IN_EVENTS = [name for name, (old, _) in CHANGES.items() if old in EVENTS]
"""Changes of that table alone: each is made in a copy of it, all in one database."""
OTHERS = [name for name in CHANGES if name not in IN_EVENTS]


def base(name: str) -> str:
    """The objects a change is about and those they read: scratch databases are made many times."""
    old = CHANGES[name][0]
    if any(old in text for text in (NAMES, DICTIONARY)):
        return NAMES + DICTIONARY
    if old in VIEW:
        return EVENTS + VIEW
    if old in GATHERS:
        return EVENTS + GATHERS
    return EVENTS + TOTALS + FILLS if old in TOTALS + FILLS else BASE


def changed(name: str, text: str = BASE) -> str:
    """The text with a change; further pairs of what is replaced and by what follow after `|`."""
    old, new = CHANGES[name]
    first, *more = new.split("|")
    becomes = text.replace(old, first)
    for was, then in zip(more[::2], more[1::2], strict=True):
        assert was in becomes, was
        becomes = becomes.replace(was, then)
    assert becomes != text, name
    return becomes


def copies() -> tuple[str, str]:
    """Both schemas of all changes in EVENTS, a table each."""
    pairs = []
    for number, name in enumerate(IN_EVENTS):
        old, new = (
            text.replace("TABLE events", f"TABLE events_{number}") for text in (EVENTS, changed(name, EVENTS))
        )
        pairs.append((old, new) if number % 2 else (new, old))
    return "".join(old for old, _ in pairs), "".join(new for _, new in pairs)
