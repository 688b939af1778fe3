"""Enums, domains, composites, ranges, base types, casts, operators, collations, text search, sequences, extensions."""

CHANGES = r"""
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state NOT NULL DEFAULT 'new', more state[] DEFAULT '{old}') ==> ALTER TYPE state ADD VALUE 'older'
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state NOT NULL DEFAULT 'new', more state[] DEFAULT '{old}') ==> ALTER TYPE state ADD VALUE 'a' BEFORE 'new'; ALTER TYPE state ADD VALUE 'b' AFTER 'new'; ALTER TYPE state ADD VALUE 'c'
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state) ==> ALTER TYPE state RENAME VALUE 'old' TO 'ancient'
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state) ==> ALTER TYPE state RENAME TO status
CREATE TYPE state AS ENUM ('new', 'old') ==> DROP TYPE state
CREATE TYPE state AS ENUM ('new', 'old') ==> DROP TYPE state; CREATE TYPE state AS ENUM ('old', 'new')
CREATE TYPE state AS ENUM (); CREATE TYPE odd AS ENUM ('it''s', 'a, b', 'x"y')
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state); CREATE INDEX t_s ON t (s) WHERE s = 'new'; CREATE VIEW v AS SELECT s FROM t WHERE s = 'old' ==> DROP VIEW v; DROP TABLE t; DROP TYPE state; CREATE TYPE state AS ENUM ('old', 'newer'); CREATE TABLE t (s state); CREATE INDEX t_s ON t (s) WHERE s = 'newer'; CREATE VIEW v AS SELECT s FROM t WHERE s = 'old'
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state CHECK (s <> 'old')); CREATE FUNCTION says(state) RETURNS text LANGUAGE sql AS 'SELECT $1::text' ==> DROP FUNCTION says; DROP TABLE t; DROP TYPE state; CREATE TYPE state AS ENUM ('old', 'young'); CREATE TABLE t (s state CHECK (s <> 'old')); CREATE FUNCTION says(state) RETURNS text LANGUAGE sql AS 'SELECT $1::text'
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state DEFAULT 'new', g bool GENERATED ALWAYS AS (s IS NULL) STORED) ==> DROP TABLE t; DROP TYPE state; CREATE TYPE state AS ENUM ('old', 'young'); CREATE TABLE t (s state DEFAULT 'young', g bool GENERATED ALWAYS AS (s IS NULL) STORED)
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s text) ==> ALTER TABLE t ALTER s TYPE state USING s::state
CREATE TYPE state AS ENUM ('new', 'old'); CREATE TABLE t (s state DEFAULT 'new') ==> ALTER TABLE t ALTER s DROP DEFAULT; ALTER TABLE t ALTER s TYPE int USING NULL::int; DROP TYPE state
COMMENT ON TYPE app.mood IS 'how it feels'
CREATE DOMAIN code AS char(4) NOT NULL DEFAULT 'none' CONSTRAINT upper CHECK (value = upper(value))
CREATE DOMAIN code AS text CONSTRAINT a CHECK (value <> '') CONSTRAINT b CHECK (length(value) < 9) ==> ALTER DOMAIN code DROP CONSTRAINT a
CREATE DOMAIN code AS text CONSTRAINT a CHECK (value <> '') ==> ALTER DOMAIN code RENAME CONSTRAINT a TO filled
CREATE DOMAIN code AS text DEFAULT 'x' ==> ALTER DOMAIN code DROP DEFAULT
CREATE DOMAIN code AS text NOT NULL ==> ALTER DOMAIN code DROP NOT NULL
CREATE DOMAIN code AS text; CREATE TABLE t (c code) ==> DROP TABLE t; DROP DOMAIN code; CREATE DOMAIN code AS varchar(9); CREATE TABLE t (c code)
CREATE DOMAIN code AS text; CREATE TABLE t (c code, cc code[]) ==> ALTER TABLE t ALTER c TYPE text; ALTER TABLE t ALTER cc TYPE text[]; DROP DOMAIN code
CREATE DOMAIN code AS text COLLATE "C"; COMMENT ON DOMAIN code IS 'c'
CREATE DOMAIN code AS text; ALTER DOMAIN code ADD CONSTRAINT later CHECK (value <> '') NOT VALID
CREATE DOMAIN code AS text; ALTER DOMAIN code ADD CONSTRAINT later CHECK (value <> '') NOT VALID ==> ALTER DOMAIN code VALIDATE CONSTRAINT later
CREATE FUNCTION fine(text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE DOMAIN code AS text CONSTRAINT f CHECK (fine(value)) ==> ALTER DOMAIN code DROP CONSTRAINT f; DROP FUNCTION fine; CREATE FUNCTION fine(v text) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT v IS NOT NULL'; ALTER DOMAIN code ADD CONSTRAINT f CHECK (fine(value))
CREATE TYPE spot AS (lat float8, lon float8); CREATE TABLE t (s spot) ==> ALTER TYPE spot ADD ATTRIBUTE alt float8 CASCADE
CREATE TYPE spot AS (lat float8, lon float8) ==> DROP TYPE spot; CREATE TYPE spot AS (lon float8, lat float8)
CREATE TYPE spot AS (lat float8, lon float8); CREATE FUNCTION here() RETURNS spot LANGUAGE sql AS 'SELECT NULL::spot' ==> DROP FUNCTION here; DROP TYPE spot; CREATE TYPE spot AS (lon float8, lat float8); CREATE FUNCTION here() RETURNS spot LANGUAGE sql AS 'SELECT NULL::spot'
CREATE TYPE spot AS (lat float8, label text COLLATE "C"); COMMENT ON TYPE spot IS 's'; COMMENT ON COLUMN spot.lat IS 'north' ==> COMMENT ON COLUMN spot.lat IS NULL
CREATE TYPE outer_ AS (p app.pair, m app.mood) ==> DROP TYPE outer_
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi)
CREATE TYPE span AS RANGE (subtype = int4) ==> DROP TYPE span; CREATE TYPE span AS RANGE (subtype = int8, multirange_type_name = spans)
CREATE TYPE shell
CREATE CAST (app.mood AS app.pair) WITH INOUT AS ASSIGNMENT ==> DROP CAST (app.mood AS app.pair); CREATE CAST (app.mood AS app.pair) WITH INOUT AS IMPLICIT
CREATE FUNCTION to_pair(int) RETURNS app.pair LANGUAGE sql AS 'SELECT NULL::app.pair'; CREATE CAST (int AS app.pair) WITH FUNCTION to_pair(int) ==> DROP CAST (int AS app.pair)
CREATE FUNCTION same(app.pair, app.pair) RETURNS bool LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR ==== (leftarg = app.pair, rightarg = app.pair, function = same, commutator = ====, hashes)
CREATE FUNCTION same(app.pair, app.pair) RETURNS bool LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR ==== (leftarg = app.pair, rightarg = app.pair, function = same) ==> DROP OPERATOR ==== (app.pair, app.pair)
CREATE FUNCTION same(app.pair, app.pair) RETURNS bool LANGUAGE sql AS 'SELECT true'; CREATE OPERATOR ==== (leftarg = app.pair, rightarg = app.pair, function = same); COMMENT ON OPERATOR ==== (app.pair, app.pair) IS 'alike'
CREATE OPERATOR FAMILY fam USING btree; CREATE OPERATOR CLASS cls FOR TYPE int USING btree FAMILY fam AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >, FUNCTION 1 btint4cmp(int, int)
CREATE OPERATOR CLASS cls FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 1 hashint4(int) ==> DROP OPERATOR CLASS cls USING hash; DROP OPERATOR FAMILY cls USING hash
CREATE COLLATION num (provider = builtin, locale = 'C.UTF-8'); COMMENT ON COLLATION num IS 'numbers'
CREATE COLLATION num (provider = libc, locale = 'C') ==> DROP COLLATION num; CREATE COLLATION num (provider = builtin, locale = 'C')
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, stopwords = english); CREATE TEXT SEARCH CONFIGURATION c (PARSER = "default"); ALTER TEXT SEARCH CONFIGURATION c ADD MAPPING FOR asciiword, word WITH d, simple
CREATE TEXT SEARCH CONFIGURATION c (COPY = simple) ==> ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR asciiword WITH english_stem; ALTER TEXT SEARCH CONFIGURATION c DROP MAPPING FOR url
CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple) ==> DROP TEXT SEARCH DICTIONARY d; CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple, accept = false)
CREATE SEQUENCE q INCREMENT 5 MINVALUE -10 MAXVALUE 500 START 7 CACHE 3 CYCLE ==> ALTER SEQUENCE q NO CYCLE NO MINVALUE NO MAXVALUE INCREMENT 1 CACHE 1
CREATE SEQUENCE q AS smallint ==> ALTER SEQUENCE q AS bigint NO MAXVALUE
CREATE SEQUENCE q ==> ALTER SEQUENCE q INCREMENT -1 NO MAXVALUE NO MINVALUE START -1 RESTART
CREATE SEQUENCE q START 100 ==> ALTER SEQUENCE q START 200
CREATE SEQUENCE q; CREATE TABLE t (a int); ALTER SEQUENCE q OWNED BY t.a ==> ALTER SEQUENCE q OWNED BY NONE
CREATE SEQUENCE q; CREATE TABLE t (a int, b int); ALTER SEQUENCE q OWNED BY t.a ==> ALTER SEQUENCE q OWNED BY t.b
CREATE SEQUENCE q; COMMENT ON SEQUENCE q IS 'numbers'; GRANT USAGE ON SEQUENCE q TO PUBLIC ==> COMMENT ON SEQUENCE q IS NULL; REVOKE USAGE ON SEQUENCE q FROM PUBLIC
CREATE UNLOGGED SEQUENCE q ==> ALTER SEQUENCE q SET LOGGED
CREATE EXTENSION hstore SCHEMA app; CREATE TABLE t (h app.hstore)
CREATE EXTENSION citext SCHEMA app; CREATE TABLE t (h text) ==> ALTER TABLE t ALTER h TYPE app.citext
CREATE EXTENSION pg_trgm SCHEMA app; CREATE INDEX users_trgm ON users USING gin (name app.gin_trgm_ops) ==> DROP INDEX users_trgm; DROP EXTENSION pg_trgm
""".strip().splitlines()
