"""Tables themselves: schemas, partitions, inheritance, persistence, storage options, foreign tables."""

CHANGES = r"""
CREATE SCHEMA other; CREATE TABLE other.t (a int); COMMENT ON SCHEMA other IS 'another'
CREATE SCHEMA other; CREATE TABLE other.t (a int) ==> DROP TABLE other.t; DROP SCHEMA other
CREATE SCHEMA other; CREATE FUNCTION other.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW other.v AS SELECT other.f() AS x ==> DROP SCHEMA other CASCADE
CREATE TABLE empty ()
CREATE TABLE empty () ==> ALTER TABLE empty ADD COLUMN a int
CREATE TABLE wide (a smallint, b int, c bigint, d real, e double precision, f numeric, g numeric(7,3), h char(3), i varchar, j text, k bytea, l date, m time, n timetz, o timestamp(3), p timestamptz, q interval, r interval day to second(2), s bool, t uuid, u json, v jsonb, w xml, x inet, y cidr, z macaddr)
CREATE TABLE wide (a point, b line, c lseg, d box, e path, f polygon, g circle, h bit(4), i bit varying(9), j tsvector, k tsquery, l int4range, m tstzrange, n int[][], o money, p "char", q name, r oid, s regclass, t pg_lsn, u int4multirange)
CREATE UNLOGGED TABLE fast (a int PRIMARY KEY) ==> ALTER TABLE fast SET LOGGED
CREATE TABLE one (id int PRIMARY KEY); CREATE TABLE two (id int PRIMARY KEY, one int REFERENCES one) ==> ALTER TABLE two SET UNLOGGED; ALTER TABLE one SET UNLOGGED
CREATE TABLE one (id int PRIMARY KEY, two int); CREATE TABLE two (id int PRIMARY KEY, one int REFERENCES one); ALTER TABLE one ADD CONSTRAINT back FOREIGN KEY (two) REFERENCES two ==> ALTER TABLE one DROP CONSTRAINT back; ALTER TABLE two SET UNLOGGED; ALTER TABLE one SET UNLOGGED; ALTER TABLE one ADD CONSTRAINT back FOREIGN KEY (two) REFERENCES two
ALTER TABLE users SET (fillfactor = 70, autovacuum_enabled = false, autovacuum_vacuum_scale_factor = 0.01)
ALTER TABLE users SET (fillfactor = 70, autovacuum_enabled = false) ==> ALTER TABLE users RESET (autovacuum_enabled); ALTER TABLE users SET (fillfactor = 80)
ALTER TABLE users SET (toast.autovacuum_enabled = false)
ALTER TABLE users SET (parallel_workers = 3) ==> ALTER TABLE users RESET (parallel_workers)
ALTER TABLE users REPLICA IDENTITY FULL ==> ALTER TABLE users REPLICA IDENTITY NOTHING
ALTER TABLE users REPLICA IDENTITY FULL ==> ALTER TABLE users REPLICA IDENTITY DEFAULT
ALTER TABLE users ADD CONSTRAINT mail UNIQUE (email) ==> ALTER TABLE users REPLICA IDENTITY USING INDEX mail
ALTER TABLE users ADD CONSTRAINT mail UNIQUE (email); ALTER TABLE users REPLICA IDENTITY USING INDEX mail ==> ALTER TABLE users REPLICA IDENTITY DEFAULT; ALTER TABLE users DROP CONSTRAINT mail
ALTER TABLE users CLUSTER ON users_pkey
ALTER TABLE users CLUSTER ON users_pkey ==> ALTER TABLE users SET WITHOUT CLUSTER
CREATE TABLE base (a int, b text DEFAULT 'x', CHECK (a > 0)); CREATE TABLE kid (c int) INHERITS (base)
CREATE TABLE base (a int); CREATE TABLE kid (a int, c int) ==> ALTER TABLE kid INHERIT base
CREATE TABLE base (a int); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ADD COLUMN d date
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base DROP COLUMN d
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ALTER COLUMN d TYPE timestamp
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ALTER COLUMN a SET DEFAULT 5
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE kid ALTER COLUMN a SET DEFAULT 5
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ALTER COLUMN a SET NOT NULL
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ADD CONSTRAINT few CHECK (a < 9)
CREATE TABLE base (a int, d date); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base ADD CONSTRAINT few CHECK (a < 9) NO INHERIT
CREATE TABLE base (a int, CONSTRAINT few CHECK (a < 9)); CREATE TABLE kid (c int) INHERITS (base) ==> ALTER TABLE base DROP CONSTRAINT few
CREATE TABLE base (a int); CREATE TABLE kid (c int) INHERITS (base) ==> DROP TABLE base CASCADE
CREATE TABLE base (a int); CREATE TABLE kid (c int) INHERITS (base); CREATE RULE r AS ON INSERT TO base DO INSTEAD INSERT INTO kid VALUES (NEW.a) ==> DROP TABLE base CASCADE
CREATE TABLE hashed (id int) PARTITION BY HASH (id); CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)
CREATE TABLE listed (id int, kind text) PARTITION BY LIST (kind); CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a', 'b'); CREATE TABLE listed_rest PARTITION OF listed DEFAULT
CREATE TABLE listed (id int, kind text) PARTITION BY LIST (kind); CREATE TABLE listed_a PARTITION OF listed FOR VALUES IN ('a', 'b') ==> ALTER TABLE listed DETACH PARTITION listed_a; ALTER TABLE listed ATTACH PARTITION listed_a FOR VALUES IN ('a', 'b', 'c')
CREATE TABLE nested (id int, kind text, at date) PARTITION BY LIST (kind); CREATE TABLE nested_a PARTITION OF nested FOR VALUES IN ('a') PARTITION BY RANGE (at); CREATE TABLE nested_a_1 PARTITION OF nested_a FOR VALUES FROM (MINVALUE) TO ('2020-01-01')
CREATE TABLE nested (id int, kind text, at date) PARTITION BY LIST (kind); CREATE TABLE nested_a PARTITION OF nested FOR VALUES IN ('a') PARTITION BY RANGE (at); CREATE TABLE nested_a_1 PARTITION OF nested_a FOR VALUES FROM (MINVALUE) TO ('2020-01-01') ==> ALTER TABLE nested ADD COLUMN w text; CREATE INDEX nested_w ON nested (w)
CREATE TABLE heap (id int, at date NOT NULL, v text) PARTITION BY RANGE (at); CREATE INDEX heap_v ON heap (v) ==> ALTER TABLE parts DETACH PARTITION parts_1; DROP TABLE parts; ALTER TABLE heap ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
ALTER TABLE parts DETACH PARTITION parts_1; DROP TABLE parts
ALTER TABLE parts DETACH PARTITION parts_1; DROP INDEX parts_1_v_idx; DROP TABLE parts
CREATE INDEX z_v ON parts (v) WITH (fillfactor = 50); CREATE INDEX a_v ON parts (v DESC) ==> CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01'); ALTER INDEX parts_2_v_idx SET (fillfactor = 60)
CREATE INDEX z_v ON parts (v); CREATE INDEX a_v ON parts (v DESC) ==> ALTER TABLE parts DETACH PARTITION parts_1; ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')
CREATE TABLE loose (id int, at date NOT NULL, v text); CREATE INDEX loose_2 ON loose (v); CREATE INDEX loose_1 ON loose (v DESC); CREATE INDEX more_v ON parts (v DESC) ==> ALTER TABLE parts ATTACH PARTITION loose FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')
CREATE TABLE twice (id int, at date) PARTITION BY RANGE (at); CREATE INDEX twice_z ON twice (id); CREATE INDEX twice_a ON twice (id); CREATE TABLE twice_1 PARTITION OF twice DEFAULT PARTITION BY LIST (id); CREATE TABLE twice_1_1 PARTITION OF twice_1 DEFAULT
CREATE TABLE twice (id int, at date) PARTITION BY RANGE (at); CREATE INDEX twice_z ON twice (id); CREATE INDEX twice_a ON twice (id) ==> CREATE TABLE twice_1 PARTITION OF twice DEFAULT PARTITION BY LIST (id); CREATE TABLE twice_1_1 PARTITION OF twice_1 DEFAULT
CREATE TABLE loose (id int, at date NOT NULL, v text); CREATE INDEX loose_1 ON loose (v); CREATE INDEX loose_2 ON loose (v DESC); CREATE INDEX more_v ON parts (v DESC) ==> DROP INDEX parts_v; CREATE INDEX parts_v ON parts (v); ALTER TABLE parts ATTACH PARTITION loose FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')
CREATE INDEX a_v ON parts_1 (v) ==> ALTER TABLE parts DETACH PARTITION parts_1; DROP INDEX parts_1_v_idx; ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2022-01-01'); CREATE INDEX parts_1_v_idx ON parts_1 (v)
CREATE INDEX a_v ON parts_1 (v) ==> ALTER TABLE parts DETACH PARTITION parts_1; DROP INDEX parts_1_v_idx; ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01'); CREATE INDEX parts_1_v_idx ON parts_1 (v)
CREATE UNIQUE INDEX one_at ON parts (at, id); ALTER TABLE parts ADD CONSTRAINT two_at UNIQUE (at, id) ==> CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')
CREATE UNIQUE INDEX one_at ON parts (at, id); ALTER TABLE parts ADD CONSTRAINT two_at UNIQUE (at, id) ==> ALTER TABLE parts DETACH PARTITION parts_1; ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2022-01-01')
CREATE INDEX more_v ON parts (v) ==> ALTER TABLE parts DETACH PARTITION parts_1; DROP INDEX parts_1_v_idx; CREATE INDEX parts_1_v_idx ON parts_1 (v); ALTER TABLE parts ATTACH PARTITION parts_1 FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
CREATE TABLE plain (id serial PRIMARY KEY, at date NOT NULL, m app.mood, d numeric(5,2) DEFAULT 3); CREATE INDEX plain_at ON plain (at); CREATE VIEW over AS SELECT id FROM plain; COMMENT ON TABLE plain IS 'p'; COMMENT ON COLUMN plain.at IS 'when'; GRANT SELECT ON plain TO PUBLIC ==> DROP VIEW over; ALTER TABLE plain RENAME TO gone; ALTER SEQUENCE plain_id_seq OWNED BY NONE; ALTER TABLE gone ALTER id DROP DEFAULT; DROP TABLE gone; CREATE TABLE plain (id int NOT NULL DEFAULT nextval('plain_id_seq'), at date NOT NULL, m app.mood, d numeric(5,2) DEFAULT 3, e text NOT NULL) PARTITION BY RANGE (at); ALTER SEQUENCE plain_id_seq OWNED BY plain.id; CREATE TABLE plain_1 PARTITION OF plain FOR VALUES FROM ('2026-01-01') TO ('2027-01-01'); CREATE TABLE plain_rest PARTITION OF plain DEFAULT; CREATE INDEX plain_at ON plain (at); CREATE VIEW over AS SELECT id FROM plain; ALTER TABLE plain ADD PRIMARY KEY (id, at); COMMENT ON TABLE plain IS 'p'; COMMENT ON COLUMN plain.at IS 'when'; GRANT SELECT ON plain TO PUBLIC
CREATE TABLE hashed (id int, k int, g int GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY HASH (id); CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1); CREATE INDEX hashed_k ON hashed (k); CREATE MATERIALIZED VIEW many AS SELECT count(*) AS n FROM hashed ==> DROP MATERIALIZED VIEW many; DROP TABLE hashed; CREATE TABLE hashed (id int, k int, g int GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY HASH (k); CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1); CREATE INDEX hashed_k ON hashed (k); CREATE MATERIALIZED VIEW many AS SELECT count(*) AS n FROM hashed
CREATE TABLE listed (id int GENERATED ALWAYS AS IDENTITY, m app.mood) PARTITION BY LIST (m); CREATE TABLE listed_ok PARTITION OF listed FOR VALUES IN ('ok'); CREATE TABLE listed_rest PARTITION OF listed DEFAULT; CREATE TRIGGER touch BEFORE INSERT ON listed FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE listed ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON listed USING (id > 1) ==> DROP TABLE listed; CREATE TABLE listed (id int GENERATED ALWAYS AS IDENTITY, m app.mood); CREATE TRIGGER touch BEFORE INSERT ON listed FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE listed ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON listed USING (id > 1)
CREATE TABLE keyed (id int NOT NULL, kind text NOT NULL) PARTITION BY LIST (kind); CREATE TABLE keyed_rest PARTITION OF keyed DEFAULT; ALTER TABLE keyed ADD PRIMARY KEY (id, kind); CREATE TABLE refers (id int, kind text, FOREIGN KEY (id, kind) REFERENCES keyed) ==> DROP TABLE refers; DROP TABLE keyed; CREATE TABLE keyed (id int NOT NULL, kind text NOT NULL) PARTITION BY HASH (id); CREATE TABLE keyed_0 PARTITION OF keyed FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES WITH (MODULUS 2, REMAINDER 1); ALTER TABLE keyed ADD PRIMARY KEY (id, kind); CREATE TABLE refers (id int, kind text, FOREIGN KEY (id, kind) REFERENCES keyed)
CREATE TABLE nested (id int, kind text, at date) PARTITION BY LIST (kind); CREATE TABLE nested_a PARTITION OF nested FOR VALUES IN ('a') PARTITION BY RANGE (at); CREATE TABLE nested_a_1 PARTITION OF nested_a DEFAULT; CREATE TABLE nested_rest PARTITION OF nested DEFAULT; CREATE INDEX nested_at ON nested (at) ==> DROP TABLE nested; CREATE TABLE nested (id int, kind text, at date) PARTITION BY RANGE (at); CREATE TABLE nested_a PARTITION OF nested FOR VALUES FROM ('2026-01-01') TO ('2026-02-01') PARTITION BY LIST (kind); CREATE TABLE nested_a_1 PARTITION OF nested_a DEFAULT; CREATE TABLE nested_rest PARTITION OF nested DEFAULT; CREATE INDEX nested_at ON nested (at)
CREATE TABLE typed (x int, y text) ==> ALTER TABLE typed OF app.pair
CREATE TABLE "Od d" ("I d" int, "sel""ect" app.email[], p app.pair, m app.mood) ==> DROP TABLE "Od d"; CREATE TABLE "Od d" ("I d" bigint, "sel""ect" app.email[], p app.pair, m app.mood) PARTITION BY RANGE ("I d"); CREATE TABLE "Od 1" PARTITION OF "Od d" DEFAULT
CREATE TABLE expr (id int, at timestamp) PARTITION BY RANGE ((at::date), id)
ALTER TABLE parts ADD PRIMARY KEY (id, at) ==> DROP TABLE parts_1
ALTER TABLE parts ADD PRIMARY KEY (id, at) ==> CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')
ALTER TABLE parts ADD UNIQUE (at, v) ==> ALTER TABLE parts DROP CONSTRAINT parts_at_v_key
ALTER TABLE parts_1 ADD CONSTRAINT own CHECK (id <> 5)
ALTER TABLE parts_1 ALTER COLUMN v SET DEFAULT 'p1'
CREATE INDEX parts_1_id ON parts_1 (id)
CREATE TABLE loose (id int, at date NOT NULL, v text) ==> ALTER TABLE parts ATTACH PARTITION loose FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')
CREATE TRIGGER touched AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION touch()
CREATE TRIGGER touched AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION touch() ==> CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')
CREATE TRIGGER touched AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION touch() ==> DROP TRIGGER touched ON parts
ALTER TABLE orders ADD UNIQUE (id, user_id); CREATE TABLE lines (id int, at date, order_id bigint REFERENCES orders) PARTITION BY RANGE (at); CREATE TABLE lines_1 PARTITION OF lines DEFAULT
CREATE TABLE lines (id int, at date, order_id bigint REFERENCES orders) PARTITION BY RANGE (at); CREATE TABLE lines_1 PARTITION OF lines DEFAULT ==> ALTER TABLE lines DROP CONSTRAINT lines_order_id_fkey
ALTER TABLE parts ADD PRIMARY KEY (id, at); CREATE TABLE refers (id int, at date, FOREIGN KEY (id, at) REFERENCES parts)
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ FOREIGN DATA WRAPPER fdw_N_ OPTIONS (host 'x'); CREATE FOREIGN TABLE ft (a int OPTIONS (col 'A'), b text) SERVER srv_N_ OPTIONS (t 'x') ==> ALTER FOREIGN TABLE ft OPTIONS (SET t 'y', ADD u 'z'); ALTER FOREIGN TABLE ft ADD COLUMN c date
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ FOREIGN DATA WRAPPER fdw_N_; CREATE FOREIGN TABLE ft (a int NOT NULL, b text) SERVER srv_N_ ==> ALTER FOREIGN TABLE ft DROP COLUMN b; ALTER FOREIGN TABLE ft ALTER COLUMN a DROP NOT NULL
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ FOREIGN DATA WRAPPER fdw_N_; CREATE FOREIGN TABLE ft (a int) SERVER srv_N_ ==> ALTER FOREIGN TABLE ft ADD CONSTRAINT p CHECK (a > 0)
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ FOREIGN DATA WRAPPER fdw_N_ OPTIONS (host 'x', port '1') ==> ALTER SERVER srv_N_ OPTIONS (SET host 'y', DROP port, ADD dbname 'z')
CREATE FOREIGN DATA WRAPPER fdw_N_ ==> ALTER FOREIGN DATA WRAPPER fdw_N_ OPTIONS (ADD debug 'true')
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ FOREIGN DATA WRAPPER fdw_N_; CREATE USER MAPPING FOR PUBLIC SERVER srv_N_ OPTIONS (user 'u') ==> ALTER USER MAPPING FOR PUBLIC SERVER srv_N_ OPTIONS (SET user 'v')
CREATE FOREIGN DATA WRAPPER fdw_N_; CREATE SERVER srv_N_ VERSION '1' FOREIGN DATA WRAPPER fdw_N_ ==> ALTER SERVER srv_N_ VERSION '2'
CREATE TABLE big (id int PRIMARY KEY); CREATE TABLE small (id int PRIMARY KEY, big int REFERENCES big); ALTER TABLE big ADD COLUMN small int REFERENCES small ==> ALTER TABLE big DROP COLUMN small; DROP TABLE small; DROP TABLE big
CREATE TABLE big (id int PRIMARY KEY); CREATE VIEW over AS SELECT * FROM big; CREATE FUNCTION uses(b big) RETURNS int LANGUAGE sql AS 'SELECT 1' ==> DROP FUNCTION uses; DROP VIEW over; DROP TABLE big
CREATE TABLE typed OF app.pair
CREATE TABLE typed OF app.pair (PRIMARY KEY (x)) ==> DROP TABLE typed
ALTER TABLE users RENAME TO people; CREATE VIEW users AS SELECT * FROM people
""".strip().splitlines()
