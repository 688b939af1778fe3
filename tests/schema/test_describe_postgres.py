"""PostgreSQL described: everything of a table is there, as the server has it."""

from __future__ import annotations

import psycopg
import pytest

from backend.engines.postgres import ENGINE
from tests.engines.postgres.conftest import either
from tests.engines.postgres.helpers import run
from tests.engines.sqlite.project import Project

__all__ = ["either"]

SCHEMA = """
CREATE SCHEMA crm;
CREATE TYPE mood AS ENUM ('sad', 'it''s, ok');
CREATE DOMAIN email AS text NOT NULL CHECK (VALUE LIKE '%@%');
CREATE TYPE point3 AS (x int, y int);
CREATE TABLE crm."Odd.Name" ("a b" int PRIMARY KEY, "quo""te" text COLLATE "C");
CREATE TABLE users (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT users_key PRIMARY KEY,
    mail varchar(80) NOT NULL UNIQUE,
    feels mood DEFAULT 'sad',
    twice int GENERATED ALWAYS AS (1 + 1) STORED,
    boss bigint REFERENCES users ON DELETE SET NULL,
    odd int REFERENCES crm."Odd.Name" ("a b") ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT long_mail CHECK (length(mail) > 3)
);
COMMENT ON TABLE users IS 'People <b>we</b> know';
COMMENT ON COLUMN users.mail IS 'unique';
CREATE INDEX by_feeling ON users (feels, lower(mail) DESC) INCLUDE (odd) WHERE feels IS NOT NULL;
CREATE INDEX by_hash ON users USING hash (mail);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON users FOR SELECT USING (id = 1);
CREATE TABLE events (at date NOT NULL, kind int) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE of_event (id int);
CREATE UNLOGGED TABLE cache (k text) WITH (fillfactor = 70);
CREATE TABLE child () INHERITS (cache);
CREATE VIEW happy AS SELECT id FROM users WHERE feels <> 'sad';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM users;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
ALTER TABLE users DISABLE TRIGGER touched;
CREATE SEQUENCE tickets INCREMENT 5;
ALTER TABLE cache ADD CONSTRAINT late CHECK (k <> '') NOT VALID;
"""


@pytest.fixture
def described(either: Project) -> Project:
    run(either, SCHEMA)
    return either


def test_a_table_has_its_columns_keys_indexes_and_all_that_belongs_to_it(described: Project) -> None:
    detail = ENGINE.describe(described.target)
    assert detail.problems == []
    tables = {one.id: one for one in detail.tables}
    users = tables["public.users"]
    columns = {one.name: one for one in users.columns}
    assert users.comment == "People <b>we</b> know"
    assert (columns["id"].identity, columns["id"].primary_key) == ("always", True)
    assert (columns["mail"].type, columns["mail"].nullable, columns["mail"].comment) == (
        "character varying(80)",
        False,
        "unique",
    )
    assert columns["feels"].default == "'sad'::mood"
    assert (columns["twice"].generated, columns["twice"].default) == ("(1 + 1)", None)
    assert users.primary_key is not None and users.primary_key.name == "users_key"
    assert [one.columns for one in users.uniques] == [["mail"]]
    assert [(one.name, one.definition) for one in users.checks] == [
        ("long_mail", "CHECK (length(mail::text) > 3)")
    ]
    keys = {tuple(one.columns): one for one in users.foreign_keys}
    assert (keys["boss",].table, keys["boss",].on_delete) == ("public.users", "SET NULL")
    odd = keys["odd",]
    assert (odd.table, odd.to_columns, odd.on_update) == (r"crm.Odd\.Name", ["a b"], "CASCADE")
    assert odd.notes == ["initially deferred"]
    indexes = {one.name: one for one in users.indexes}
    feeling = indexes["by_feeling"]
    assert feeling.columns == ["feels", "lower(mail::text) DESC"]
    assert (feeling.include, feeling.where, feeling.unique) == (["odd"], "feels IS NOT NULL", False)
    assert indexes["by_hash"].method == "hash"
    assert indexes["users_key"].primary
    trigger = users.triggers[0]
    assert (trigger.name, trigger.when, trigger.enabled) == ("touched", "BEFORE INSERT OR UPDATE", False)
    assert [(one.name, one.value) for one in users.properties] == [
        ("row security", "on"),
        ("policy own", "for SELECT using (id = 1)"),
    ]
    assert tables[r"crm.Odd\.Name"].columns[1].collation == "C"
    assert tables["public.cache"].checks[0].definition.endswith("NOT VALID")


def test_partitions_views_and_other_objects_are_told_apart(described: Project) -> None:
    detail = ENGINE.describe(described.target)
    tables = {one.id: one for one in detail.tables}
    events, part = tables["public.events"], tables["public.events_2026"]
    assert (events.kind, events.partition_by, events.children) == (
        "partitioned_table",
        "RANGE (at)",
        ["public.events_2026"],
    )
    assert part.is_partition and part.parent == "public.events"
    child = tables["public.child"]
    assert (child.parent, child.is_partition) == ("public.cache", False)
    assert {one.name: one.value for one in tables["public.cache"].properties} == {
        "persistence": "unlogged",
        "fillfactor": "70",
    }
    assert tables["public.happy"].kind == "view"
    assert "feels <> 'sad'::mood" in (tables["public.happy"].definition or "")
    assert tables["public.counted"].kind == "materialized_view"
    objects = {(one.kind, one.name): one.detail for one in detail.objects}
    assert objects["enum", "mood"] == "sad, it's, ok"
    assert objects["domain", "email"] is not None and "NOT NULL CHECK" in objects["domain", "email"]
    assert objects["composite", "point3"] == "x integer, y integer"
    assert objects["function", "touch()"] == "→ trigger, plpgsql"
    assert objects["sequence", "tickets"] == "bigint, by 5"
    assert objects["sequence", "users_id_seq"] == "bigint, of users.id"


OTHERS = """
CREATE PUBLICATION news FOR TABLE users (id, mail) WHERE (id > 5), of_event;
CREATE PUBLICATION all_crm FOR TABLES IN SCHEMA crm WITH (publish = 'insert');
CREATE RULE keep AS ON DELETE TO cache DO INSTEAD NOTHING;
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq, COMMUTATOR = ===);
CREATE OPERATOR CLASS backwards FOR TYPE int USING btree AS OPERATOR 1 >, OPERATOR 3 =, FUNCTION 1 btint4cmp(int, int);
CREATE CAST (point3 AS text) WITH INOUT AS ASSIGNMENT;
CREATE STATISTICS pairs (ndistinct) ON mail, feels FROM users;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TEXT SEARCH DICTIONARY plain (TEMPLATE = simple, STOPWORDS = english);
CREATE TEXT SEARCH CONFIGURATION words (PARSER = default);
ALTER TEXT SEARCH CONFIGURATION words ADD MAPPING FOR asciiword WITH plain, simple;
CREATE FOREIGN DATA WRAPPER far; CREATE SERVER "Far away" FOREIGN DATA WRAPPER far OPTIONS (host 'it''s');
CREATE USER MAPPING FOR PUBLIC SERVER "Far away" OPTIONS (password 'Sekret');
CREATE FUNCTION fired() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watches ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION fired();
ALTER EVENT TRIGGER watches DISABLE;
ALTER DEFAULT PRIVILEGES IN SCHEMA crm GRANT SELECT, INSERT ON TABLES TO PUBLIC;
CREATE COLLATION german (provider = libc, locale = 'C');
COMMENT ON PUBLICATION news IS 'told';
"""


def test_what_is_rarely_looked_for_is_there_with_its_statement_and_without_passwords(
    described: Project,
) -> None:
    for line in OTHERS.strip().splitlines():
        run(described, line)
    detail = ENGINE.describe(described.target)
    assert detail.problems == [] and "Sekret" not in detail.model_dump_json()
    told = {(one.kind, one.name): one for one in detail.objects}
    assert told["publication", "news"].comment == "told"
    assert told["event trigger", "watches"].detail == "on sql_drop, disabled"
    [[owner]] = run(described, "SELECT current_user")
    assert told["default privilege", f"{owner}: tables to everybody"].schema_name == "crm"
    assert told["collation", "german"].detail == "libc, C"
    assert "DO INSTEAD NOTHING" in (told["rule", "keep on cache"].definition or "")
    assert "LANGUAGE plpgsql" in (told["function", "touch()"].definition or "")
    again = [
        ("operator class", "backwards", "DROP OPERATOR FAMILY backwards USING btree"),
        ("operator", "=== (text, text)", "DROP OPERATOR === (text, text)"),
        ("cast", "point3 as text", "DROP CAST (point3 AS text)"),
        ("aggregate", "total(integer)", "DROP AGGREGATE total(int)"),
        ("extended statistics object", "pairs", "DROP STATISTICS pairs"),
        ("text search configuration", "words", "DROP TEXT SEARCH CONFIGURATION words"),
        ("foreign server", "Far away", 'DROP SERVER "Far away" CASCADE'),
        ("event trigger", "watches", "DROP EVENT TRIGGER watches"),
        ("publication", "news", "DROP PUBLICATION news"),
    ]
    for kind, name, drop in again:
        run(described, drop, told[kind, name].definition or "")
    after = {(one.kind, one.name): one.definition for one in ENGINE.describe(described.target).objects}
    assert [after[kind, name] for kind, name, _ in again] == [
        told[kind, name].definition for kind, name, _ in again
    ]


def test_named_tables_come_alone_and_what_is_not_there_is_said(described: Project) -> None:
    detail = ENGINE.describe(described.target, ["public.users", "public.nothing"])
    assert [one.id for one in detail.tables] == ["public.users"]
    assert detail.missing == ["public.nothing"]
    assert detail.objects == []


def test_the_outline_knows_the_same_tables_and_relations(described: Project) -> None:
    outline, detail = ENGINE.outline(described.target), ENGINE.describe(described.target)
    assert [one.id for one in outline.tables] == [one.id for one in detail.tables]
    assert {(one.table, *one.columns, one.to_table) for one in outline.relations} == {
        ("public.users", "boss", "public.users"),
        ("public.users", "odd", r"crm.Odd\.Name"),
    }


def test_the_statements_of_a_table_run_and_make_it_again(described: Project) -> None:
    told = ENGINE.table_ddl(described.target, "public.users")
    assert told.source == "pg_dump"
    assert "SET " not in told.text.split("CREATE TABLE")[0]
    before = ENGINE.describe(described.target, ["public.users"]).tables[0]
    run(described, "DROP TABLE public.users CASCADE", told.text)
    after = ENGINE.describe(described.target, ["public.users"]).tables[0]
    assert after == before
    odd = ENGINE.table_ddl(described.target, r"crm.Odd\.Name")
    assert 'CREATE TABLE crm."Odd.Name"' in odd.text


def test_a_key_to_a_partitioned_table_is_one_relation(described: Project) -> None:
    run(
        described,
        "CREATE TABLE days (at date PRIMARY KEY) PARTITION BY RANGE (at);"
        "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
        "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');"
        "CREATE TABLE visits (at date REFERENCES days);",
    )
    visits = ENGINE.describe(described.target, ["public.visits"]).tables[0]
    assert [one.table for one in visits.foreign_keys] == ["public.days"]


def test_a_table_that_somebody_alters_does_not_hold_up_its_description(described: Project) -> None:
    with psycopg.connect(described.url) as other:
        other.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        detail = ENGINE.outline(described.target)
    assert "public.users" in {one.id for one in detail.tables}
