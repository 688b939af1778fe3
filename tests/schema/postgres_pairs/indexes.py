"""Indexes and extended statistics."""

CHANGES = r"""
CREATE INDEX i ON users USING hash (email)
CREATE INDEX i ON users USING btree (email varchar_pattern_ops)
CREATE INDEX i ON users USING btree (email varchar_pattern_ops) ==> DROP INDEX i; CREATE INDEX i ON users (email)
CREATE INDEX i ON users (email COLLATE "C" DESC NULLS LAST, age ASC NULLS FIRST)
CREATE INDEX i ON users (email) ==> DROP INDEX i; CREATE INDEX i ON users (email DESC)
CREATE INDEX i ON users (email) ==> DROP INDEX i; CREATE UNIQUE INDEX i ON users (email)
CREATE INDEX i ON users (email) ==> DROP INDEX i; CREATE INDEX i ON users (email) INCLUDE (name)
CREATE INDEX i ON users (email) ==> ALTER INDEX i SET (fillfactor = 60)
CREATE INDEX i ON users (email) WITH (deduplicate_items = off) ==> ALTER INDEX i RESET (deduplicate_items)
CREATE INDEX i ON users (email) ==> ALTER INDEX i RENAME TO j
CREATE INDEX i ON users (email) ==> DROP INDEX i; CREATE INDEX i ON orders (note)
CREATE INDEX i ON users ((age + 1), lower(name)) WHERE name IS NOT NULL AND age > 3
CREATE INDEX i ON users ((age + 1)) ==> DROP INDEX i; CREATE INDEX i ON users ((age + 2))
CREATE INDEX i ON users ((age + 1)) ==> ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 100
CREATE UNIQUE INDEX i ON users (name) NULLS NOT DISTINCT
CREATE TABLE docs (body jsonb, words tsvector, spot point, tags text[]); CREATE INDEX d1 ON docs USING gin (body jsonb_path_ops); CREATE INDEX d2 ON docs USING gin (words) WITH (fastupdate = off); CREATE INDEX d3 ON docs USING gist (spot); CREATE INDEX d4 ON docs USING gin (tags); CREATE INDEX d5 ON docs USING spgist (spot)
CREATE TABLE docs (at timestamp, n int); CREATE INDEX d1 ON docs USING brin (at) WITH (pages_per_range = 32); CREATE INDEX d2 ON docs USING brin (n int4_minmax_multi_ops)
CREATE INDEX i ON users (email); COMMENT ON INDEX i IS 'mail' ==> COMMENT ON INDEX i IS 'post'
CREATE INDEX i ON users (email); COMMENT ON INDEX i IS 'mail' ==> DROP INDEX i; CREATE INDEX i ON users (email DESC); COMMENT ON INDEX i IS 'mail'
CREATE INDEX i ON users (email); ALTER TABLE users CLUSTER ON i ==> DROP INDEX i
CREATE INDEX i ON users (email); ALTER TABLE users CLUSTER ON i ==> DROP INDEX i; CREATE INDEX i ON users (email DESC); ALTER TABLE users CLUSTER ON i
CREATE UNIQUE INDEX i ON users (email); ALTER TABLE users REPLICA IDENTITY USING INDEX i ==> ALTER TABLE users REPLICA IDENTITY DEFAULT; DROP INDEX i; CREATE UNIQUE INDEX i ON users (email, id)
CREATE INDEX "Up Per" ON users ("email")
CREATE INDEX sums_s ON sums (s)
CREATE INDEX sums_s ON sums (s) ==> DROP INDEX sums_u
CREATE INDEX only_whole ON ONLY parts (id)
CREATE INDEX whole ON parts (id) ==> DROP INDEX whole; CREATE INDEX whole ON parts (id DESC)
CREATE INDEX whole ON parts (id); COMMENT ON INDEX whole IS 'all' ==> COMMENT ON INDEX whole IS NULL
CREATE INDEX mine ON parts_1 (id) ==> CREATE INDEX whole ON ONLY parts (id); ALTER INDEX whole ATTACH PARTITION mine
CREATE STATISTICS st (ndistinct, dependencies) ON user_id, total FROM orders
CREATE STATISTICS st ON user_id, total FROM orders ==> ALTER STATISTICS st SET STATISTICS 40
CREATE STATISTICS st ON user_id, total FROM orders ==> DROP STATISTICS st; CREATE STATISTICS st (mcv) ON user_id, note FROM orders
CREATE STATISTICS st ON (age + 1), (lower(name)) FROM users; COMMENT ON STATISTICS st IS 'x' ==> COMMENT ON STATISTICS st IS 'y'
CREATE STATISTICS st ON user_id, total FROM orders ==> ALTER TABLE orders DROP COLUMN user_id CASCADE
""".strip().splitlines()
