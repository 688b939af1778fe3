"""Pairs of schemas, small and many, over every object and property: `old => new`, each tested both ways.

`§` stands for a prefix of the case's own, so that all of them live in one database without meeting. In TABLES each side is
what stands between the brackets of `CREATE TABLE §t (…)`, and after ` | ` what follows them.
"""

from __future__ import annotations

from dataclasses import dataclass

TABLES = """
id int => id int, a int
id int => a int, id int
id int, b int => id int, a int, b int
id int, a int, b int => id int
id int, a int, b int => b int, a int, id int
a int, b int, c int, d int => d int, a int, c int, b int
a int, b int, c int => c int, x int, a int
a int, b int => x int, y int
a int, b int => c int, a bigint, d int
id int => id int NOT NULL
id int NOT NULL DEFAULT 3 => id int
id int DEFAULT 1 => id int DEFAULT 2
id int DEFAULT 1 => id int NOT NULL DEFAULT 1 COMMENT 'it''s; a "comment", with ) and \\\\ and `'
a varchar(10) DEFAULT 'x' => a varchar(10) DEFAULT 'it''s'
a varchar(10) DEFAULT '' => a varchar(10) DEFAULT NULL
a varchar(10) => a varchar(20) NOT NULL DEFAULT 'a,b)('
a varchar(10) DEFAULT '0' => a varchar(255) DEFAULT 'a\\\\b'
id int => id int unsigned
id int => id int(5) unsigned zerofill
id tinyint(1) => id smallint
id int => id bigint unsigned NOT NULL
id int => id varchar(20)
id varchar(20) => id int
a varchar(20) => a text
a text => a mediumtext NOT NULL
a text => a varchar(100) NOT NULL DEFAULT ''
a text => a longtext COMMENT 'long'
a tinytext => a blob
a blob => a longblob
a binary(16) => a varbinary(32)
a char(2) => a char(36) NOT NULL
a char(36) => a binary(16)
a decimal(10,2) => a decimal(12,4) NOT NULL DEFAULT 0
a decimal(10,2) => a double
a float => a double NOT NULL DEFAULT 1.5
a float(7,4) => a decimal(7,4)
a date => a datetime
a datetime => a datetime(6)
a datetime => a timestamp NULL DEFAULT NULL
a timestamp NOT NULL DEFAULT current_timestamp() => a timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
a datetime DEFAULT current_timestamp() => a datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp()
a timestamp(3) NULL => a timestamp(6) NOT NULL DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)
a datetime NOT NULL DEFAULT '0000-00-00 00:00:00' => a datetime NOT NULL DEFAULT '1970-01-01 00:00:00'
a datetime => a datetime NOT NULL DEFAULT '0000-00-00 00:00:00'
a time => a time(3)
a year => a year NOT NULL DEFAULT 2020
a bit(1) => a bit(8) NOT NULL DEFAULT b'101'
a enum('a','b') => a enum('a','b','c')
a enum('a','b','c') => a enum('c','a') NOT NULL DEFAULT 'a'
a enum('it''s','b,c') => a enum('it''s','b,c','d)') DEFAULT 'd)'
a set('x','y') => a set('x','y','z') NOT NULL DEFAULT 'x,y'
a enum('a','b') => a varchar(10)
a json => a json NOT NULL
a longtext => a json
a json => a text
a uuid => a uuid NOT NULL DEFAULT uuid()
a char(36) => a uuid
a inet6 => a varchar(45)
a int => a inet6
a point => a point NOT NULL
a point => a geometry
a int => a point
a polygon => a varchar(20)
id int, g point NOT NULL => id int, g point NOT NULL, SPATIAL KEY g (g)
id int, g point NOT NULL, SPATIAL KEY g (g) => id int, g point
id int => id int NOT NULL AUTO_INCREMENT PRIMARY KEY
id int NOT NULL AUTO_INCREMENT PRIMARY KEY => id int NOT NULL PRIMARY KEY
id int NOT NULL AUTO_INCREMENT PRIMARY KEY => id int NOT NULL, code int NOT NULL, PRIMARY KEY (code)
id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int => a int NOT NULL AUTO_INCREMENT PRIMARY KEY, id int
id int NOT NULL PRIMARY KEY => id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY
id int NOT NULL, a int NOT NULL, PRIMARY KEY (id) => id int NOT NULL, a int NOT NULL, PRIMARY KEY (id,a)
id int NOT NULL, a int NOT NULL, PRIMARY KEY (id,a) => id int NOT NULL, a int NOT NULL, PRIMARY KEY (a,id)
id int NOT NULL, a int NOT NULL, PRIMARY KEY (id) => id int, a int
id int NOT NULL AUTO_INCREMENT, a int, PRIMARY KEY (id), KEY a (a) => id int NOT NULL AUTO_INCREMENT, a int, UNIQUE KEY id (id), KEY a (a)
id int NOT NULL AUTO_INCREMENT, a int, KEY (id) => a int, id int NOT NULL AUTO_INCREMENT, PRIMARY KEY (id,a), KEY x (id)
a int, b int => a int, b int, KEY a (a)
a int, b int, KEY a (a) => a int, b int
a int, b int, KEY a (a) => a int, b int, KEY a (a,b)
a int, b int, KEY a (a) => a int, b int, UNIQUE KEY a (a)
a int, b int, KEY a (a) => a int, b int, KEY renamed (a)
a int, b int, KEY a (a), KEY b (b) => a int, b int, KEY b (b), KEY a (a)
a int, b int, KEY a (a), KEY b (b) => a int, b int, KEY a (b), KEY b (a)
a int, b int, KEY a (a), KEY b (b) => a int, b int, KEY c (a), KEY b (b), KEY d (a,b)
a int, b int, KEY k1 (a), KEY k3 (b) => a int, b int, KEY k1 (a), KEY k2 (a,b), KEY k3 (b)
a int, b int, UNIQUE KEY u (a), KEY k (b) => a int, b int, UNIQUE KEY u (a), UNIQUE KEY k (b)
a int NOT NULL, b int, UNIQUE KEY b (b), UNIQUE KEY a (a) => a int NOT NULL, b int NOT NULL, UNIQUE KEY b (b), UNIQUE KEY a (a)
a int, b int, UNIQUE KEY b (b), UNIQUE KEY a (a) => a int NOT NULL, b int, UNIQUE KEY b (b), UNIQUE KEY a (a), KEY (b,a)
a varchar(200), KEY a (a) => a varchar(200), KEY a (a(20))
a varchar(200), b text => a varchar(200), b text, KEY b (b(100), a(10))
a int, b int => a int, b int, KEY d (a DESC, b)
a int, b int, KEY d (a DESC) => a int, b int, KEY d (a)
a int, KEY a (a) => a int, KEY a (a) IGNORED
a int, KEY a (a) IGNORED => a int, KEY a (a)
a int, KEY a (a) => a int, KEY a (a) COMMENT 'for ''reports'''
a int, KEY a (a) => a int, KEY a (a) USING HASH | ENGINE=MEMORY
a int, KEY a (a) USING BTREE => a int, KEY a (a)
a text => a text, FULLTEXT KEY a (a)
a text, b text, FULLTEXT KEY a (a) => a text, b text, FULLTEXT KEY a (a), FULLTEXT KEY ab (a,b)
a text, b text, FULLTEXT KEY a (a), FULLTEXT KEY b (b) => a text, b text, FULLTEXT KEY b (b), FULLTEXT KEY a (a)
a varchar(10), FULLTEXT KEY a (a) => a varchar(10), KEY a (a)
a blob, UNIQUE KEY a (a) USING HASH => a blob, b int, UNIQUE KEY a (a) USING HASH, UNIQUE KEY b (b)
a int, b int, KEY a (a) => b int, KEY a (b)
a int, b int, KEY ab (a,b) => a int, KEY ab (a)
a int, b int, KEY ab (a,b), KEY b (b) => b int, c int, KEY b (b), KEY ab (c)
a int => a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL
a int => a int, b int GENERATED ALWAYS AS (a + 1) STORED
a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL => a int, b int GENERATED ALWAYS AS (a + 2) VIRTUAL
a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL => a int, b int GENERATED ALWAYS AS (a + 1) STORED
a int, b int GENERATED ALWAYS AS (a + 1) STORED => a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL
a int, b int GENERATED ALWAYS AS (a + 1) STORED => a int, b int
a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL => a int, b int
a int, b int => a int, b int GENERATED ALWAYS AS (a * 2) STORED
a int, b int, KEY b (b) => a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL, KEY b (b)
a int, b int GENERATED ALWAYS AS (a + 1) STORED => a bigint, b bigint GENERATED ALWAYS AS (a + 1) STORED
a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL => c int, b int GENERATED ALWAYS AS (c + 1) VIRTUAL
a varchar(10), b varchar(20) GENERATED ALWAYS AS (concat(a,'x,(''')) STORED => a varchar(10), b varchar(30) GENERATED ALWAYS AS (concat(a,'y)')) STORED
a json => a json, b varchar(30) GENERATED ALWAYS AS (json_value(a,'$.b')) STORED, KEY b (b)
a int, b int => b int, g int GENERATED ALWAYS AS (b) VIRTUAL, a int
a int => a int INVISIBLE, b int
a int INVISIBLE DEFAULT 1, b int => a int, b int
a text => a text COMPRESSED
a text COMPRESSED => a text
a int => a int CHECK (a > 0)
a int CHECK (a > 0) => a int CHECK (a > 1)
a int CHECK (a > 0) => a int
a int => a int, CONSTRAINT c CHECK (a > 0)
a int, CONSTRAINT c CHECK (a > 0) => a int, CONSTRAINT c CHECK (a > 5)
a int, CONSTRAINT c CHECK (a > 0), CONSTRAINT d CHECK (a < 9) => a int, CONSTRAINT d CHECK (a < 9), CONSTRAINT c CHECK (a > 0)
a int, CHECK (a > 0) => a int, b int, CHECK (a > b), CHECK (b <> 0)
a varchar(9), CONSTRAINT c CHECK (a <> ')') => a varchar(9), CONSTRAINT c CHECK (a in ('it''s','(,'))
a int, b int, CONSTRAINT c CHECK (a > b) => a int
a int DEFAULT (1 + 1) => a int DEFAULT (2 * 3)
a varchar(36) => a varchar(36) DEFAULT uuid()
a int => a int | COMMENT='a table''s comment; with ) ENGINE=InnoDB AUTO_INCREMENT=5'
a int | COMMENT='old' => a int | COMMENT='new'
a int | COMMENT='old' => a int
a int => a int | ENGINE=MyISAM
a int | ENGINE=MyISAM => a int | ENGINE=InnoDB ROW_FORMAT=DYNAMIC
a int | ENGINE=MyISAM => a int | ENGINE=MyISAM ROW_FORMAT=FIXED
a int | ENGINE=MyISAM CHECKSUM=1 => a int | ENGINE=MyISAM DELAY_KEY_WRITE=1 PACK_KEYS=1
a int => a int | ENGINE=Aria TRANSACTIONAL=1
a int | ENGINE=Aria => a int | ENGINE=Aria TRANSACTIONAL=0 PAGE_CHECKSUM=1
a int => a int | ENGINE=MEMORY
a int => a int | ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8
a int | ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8 => a int
a int | ROW_FORMAT=COMPACT => a int | ROW_FORMAT=REDUNDANT
a int => a int | ROW_FORMAT=DYNAMIC
a int => a int | STATS_PERSISTENT=0 STATS_AUTO_RECALC=0 STATS_SAMPLE_PAGES=30
a int | STATS_PERSISTENT=1 STATS_SAMPLE_PAGES=10 => a int
a int | MAX_ROWS=1000 MIN_ROWS=10 AVG_ROW_LENGTH=50 => a int
a int => a int | MAX_ROWS=200
a int => a int | PAGE_COMPRESSED=1
a int | PAGE_COMPRESSED=1 PAGE_COMPRESSION_LEVEL=4 => a int
a varchar(20) | CHARSET=latin1 => a varchar(20) | CHARSET=utf8mb4
a varchar(20), b text, c int | CHARSET=latin1 => a varchar(20), b text, c int | CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci
a varchar(20) | CHARSET=utf8mb3 => a varchar(30) NOT NULL DEFAULT '' | CHARSET=utf8mb4 COLLATE=utf8mb4_bin
a varchar(20), b varchar(20) CHARACTER SET latin1 | CHARSET=utf8mb4 => a varchar(20), b varchar(20) | CHARSET=utf8mb4
a varchar(20), b varchar(20) | CHARSET=latin1 => a varchar(20) CHARACTER SET latin1, b varchar(20) | CHARSET=utf8mb4
a varchar(20) COLLATE utf8mb4_bin => a varchar(20) COLLATE utf8mb4_unicode_ci
a varchar(20) => a varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL
a char(3) CHARACTER SET binary => a char(3) CHARACTER SET latin1
a enum('x','y') | CHARSET=latin1 => a enum('x','y','z') | CHARSET=utf8mb4
a text, FULLTEXT KEY a (a) | CHARSET=latin1 => a text, FULLTEXT KEY a (a) | CHARSET=utf8mb4
a varchar(50), KEY a (a) | CHARSET=latin1 => a varchar(50), KEY a (a(10)) | CHARSET=utf8mb4
a int | CHARSET=latin1 => a int | CHARSET=utf8mb4
a varchar(10) | COLLATE=utf8mb4_general_ci => a varchar(10) | COLLATE=utf8mb4_unicode_520_ci
a int => a int | PARTITION BY HASH (a) PARTITIONS 4
a int | PARTITION BY HASH (a) PARTITIONS 4 => a int
a int | PARTITION BY HASH (a) PARTITIONS 4 => a int | PARTITION BY HASH (a) PARTITIONS 2
a int | PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10)) => a int | PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20))
a int | PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE) => a int, b int | PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)
a int | PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1,2), PARTITION p1 VALUES IN (3)) => a int | PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1,2,4), PARTITION p1 VALUES IN (3))
a int | PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1,2)) => a int | PARTITION BY LIST (a) (PARTITION p0 VALUES IN (1,2), PARTITION d DEFAULT)
a date NOT NULL, PRIMARY KEY (a) | PARTITION BY RANGE COLUMNS (a) (PARTITION p0 VALUES LESS THAN ('2020-01-01')) => a date NOT NULL, PRIMARY KEY (a) | PARTITION BY RANGE COLUMNS (a) (PARTITION p0 VALUES LESS THAN ('2020-01-01'), PARTITION p1 VALUES LESS THAN (MAXVALUE))
id int NOT NULL PRIMARY KEY, a date NOT NULL => id int NOT NULL, a date NOT NULL, PRIMARY KEY (id,a) | PARTITION BY RANGE (to_days(a)) (PARTITION p0 VALUES LESS THAN (737425))
a int, b int | PARTITION BY HASH (a) PARTITIONS 3 => b int, c int | PARTITION BY HASH (b) PARTITIONS 3
a int NOT NULL, PRIMARY KEY (a) => a int NOT NULL, PRIMARY KEY (a) | PARTITION BY KEY (a) PARTITIONS 2
a int, b date | PARTITION BY RANGE (year(b)) (PARTITION p0 VALUES LESS THAN (2000)) => a int, b date | PARTITION BY RANGE (year(b)) SUBPARTITION BY HASH (a) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2000))
a int => a int | WITH SYSTEM VERSIONING
a int | WITH SYSTEM VERSIONING => a int
a int | WITH SYSTEM VERSIONING => a int, b varchar(20) NOT NULL | WITH SYSTEM VERSIONING
a int, b int | WITH SYSTEM VERSIONING => a bigint | WITH SYSTEM VERSIONING
a int, b int | WITH SYSTEM VERSIONING => a int, b int WITHOUT SYSTEM VERSIONING | WITH SYSTEM VERSIONING
a int => a int, s timestamp(6) GENERATED ALWAYS AS ROW START, e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s,e) | WITH SYSTEM VERSIONING
a int, s date, e date => a int, s date, e date, PERIOD FOR p (s,e)
a int, s date, e date, PERIOD FOR p (s,e) => a int, s date, e date
a int NOT NULL, s date, e date, PERIOD FOR p (s,e) => a int NOT NULL, s date, e date, PERIOD FOR p (s,e), UNIQUE KEY u (a, p WITHOUT OVERLAPS)
`order` int => `order` int, `select` varchar(10) DEFAULT 'from', KEY `group` (`select`)
`a``b` int => `a``b` bigint, `c"d` int, `e'f` int, KEY `k``1` (`c"d`)
`über` int => `über` int NOT NULL, `日本語` varchar(10) DEFAULT 'é', KEY `ключ` (`日本語`)
`we ird` int, `a.b` int => `a.b` int, `we ird` int, `100%s` int DEFAULT 5 COMMENT '50% of %s'
`Key` int, KEY `primary key` (`Key`) => `Key` int, `index` int, KEY `primary key` (`index`), CONSTRAINT `check (` CHECK (`Key` > 0)
A int => a int
id int COMMENT 'one\\ntwo' => id int COMMENT 'one\\n\\ttwo\\\\n'
id int NOT NULL AUTO_INCREMENT PRIMARY KEY | AUTO_INCREMENT=100 => id int NOT NULL AUTO_INCREMENT PRIMARY KEY, a int | AUTO_INCREMENT=7
id int, name varchar(255), KEY name (name(191)) | CHARSET=utf8mb4 => id int, name varchar(191) NOT NULL, UNIQUE KEY name (name) | CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC COMMENT='x'
id bigint(20) unsigned NOT NULL AUTO_INCREMENT, t varchar(200) NOT NULL DEFAULT '', d longtext NOT NULL, PRIMARY KEY (id), KEY t (t(191)) | ENGINE=MyISAM CHARSET=utf8mb3 => id bigint(20) unsigned NOT NULL AUTO_INCREMENT, d longtext NOT NULL, t varchar(200) NOT NULL DEFAULT '', s varchar(20) NOT NULL DEFAULT 'open', PRIMARY KEY (id), KEY s (s,id), KEY t (t(191)) | CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci
a int, b int, UNIQUE KEY u (a,b) => a int, b int, UNIQUE KEY u (b,a), KEY u2 (a)
a int NOT NULL, b int NOT NULL, c int, PRIMARY KEY (a), UNIQUE KEY b (b) => a int NOT NULL, b int NOT NULL, c int, PRIMARY KEY (b), UNIQUE KEY c (c)
a varchar(10), b varchar(10), KEY a (a), KEY b (b), KEY ab (a,b) => b varchar(10), a varchar(10), KEY ab (a,b), KEY a (a)
a int DEFAULT NULL COMMENT 'DEFAULT ''x'' NOT NULL' => a int NOT NULL COMMENT 'DEFAULT ''x'' NULL, KEY `k` (`a`)'
a varchar(20) DEFAULT 'NOT NULL' => a varchar(20) DEFAULT 'AUTO_INCREMENT'
a int unsigned zerofill => a int unsigned
a datetime DEFAULT NULL ON UPDATE current_timestamp() => a datetime DEFAULT NULL
a timestamp NULL DEFAULT NULL => a int unsigned NOT NULL DEFAULT 0
a double(8,2) unsigned => a decimal(8,2) unsigned NOT NULL
a mediumblob, b tinyblob => a blob NOT NULL, b longtext
a varchar(10) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin => a varchar(10) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
a varchar(100), UNIQUE KEY a (a) | CHARSET=utf8mb3 => a varchar(100), UNIQUE KEY a (a) | CHARSET=utf8mb4 COLLATE=utf8mb4_bin
a int, b int, c int AS (a + b) STORED, KEY c (c) => a int, b int, c bigint AS (a * b) STORED, KEY c (c), KEY a (a)
a int, b int AS (a + 1) VIRTUAL, c int AS (b + 1) VIRTUAL => a int, c int AS (a + 2) VIRTUAL
a int, b int AS (a + 1) VIRTUAL, UNIQUE KEY b (b) => b int AS (a + 1) VIRTUAL, a int, UNIQUE KEY b (b)
id int NOT NULL AUTO_INCREMENT, k int NOT NULL, PRIMARY KEY (k,id), KEY id (id) => k int NOT NULL, id int NOT NULL AUTO_INCREMENT, PRIMARY KEY (id)
id int NOT NULL, PRIMARY KEY (id) USING HASH | ENGINE=MEMORY => id int NOT NULL, PRIMARY KEY (id)
a int | ENGINE=MyISAM PARTITION BY HASH (a) PARTITIONS 2 => a int | ENGINE=InnoDB PARTITION BY HASH (a) PARTITIONS 2
a int, v text | WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (PARTITION h HISTORY, PARTITION c CURRENT) => a int, v text | WITH SYSTEM VERSIONING
a int, v text | WITH SYSTEM VERSIONING PARTITION BY SYSTEM_TIME (PARTITION h HISTORY, PARTITION c CURRENT) => a int, b int, KEY b (b)
a int, b int => a bigint, b int WITHOUT SYSTEM VERSIONING, c text | WITH SYSTEM VERSIONING
a int, s timestamp(6) GENERATED ALWAYS AS ROW START, e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s,e) | WITH SYSTEM VERSIONING => a int | ENGINE=MyISAM
id int PRIMARY KEY, a int, CONSTRAINT big CHECK (a > 100), CONSTRAINT neq CHECK (a <> id) => id int PRIMARY KEY, a int, b int, CONSTRAINT big CHECK (a > 100), CONSTRAINT neq CHECK (a <> b)
a set('it''s','b') DEFAULT 'it''s' => a set('it''s','b','c d') DEFAULT 'it''s,b'
"""

_PARENT = "CREATE TABLE §p (id int NOT NULL PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY code (code));"
_CHILD = "CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid int, KEY pid (pid)"

SCRIPTS = f"""
=> CREATE TABLE §t (id int);
=> CREATE TABLE §a (id int PRIMARY KEY); CREATE TABLE §b (id int, a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §a (id));
=> CREATE TABLE §b (id int PRIMARY KEY, a int); CREATE TABLE §a (id int PRIMARY KEY, b int, CONSTRAINT §f FOREIGN KEY (b) REFERENCES §b (id)); ALTER TABLE §b ADD CONSTRAINT §g FOREIGN KEY (a) REFERENCES §a (id);
=> CREATE TABLE §s (id int PRIMARY KEY, up int, CONSTRAINT §f FOREIGN KEY (up) REFERENCES §s (id) ON DELETE CASCADE);
CREATE TABLE §s (id int PRIMARY KEY, up int); => CREATE TABLE §s (id int PRIMARY KEY, up int, CONSTRAINT §f FOREIGN KEY (up) REFERENCES §s (id));
{_PARENT} {_CHILD}); => {_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id) ON DELETE SET NULL ON UPDATE CASCADE);
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} {_CHILD}, CONSTRAINT §g FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT}
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_CHILD});
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); =>
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => CREATE TABLE §p (id bigint NOT NULL PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY code (code)); CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid bigint, KEY pid (pid), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid int NOT NULL, KEY pid (pid), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid int COMMENT 'x', KEY pid (pid), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid int, KEY other (pid,id), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int NOT NULL PRIMARY KEY, pid int, KEY pid (pid), KEY two (pid,id), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} CREATE TABLE §c (id int, pid int, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int, pid int, KEY mine (pid), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} CREATE TABLE §c (id int, pid int, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int, pid int, KEY §f (pid));
{_PARENT} CREATE TABLE §c (id int, pid int, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int, pid int, KEY §f (pid), KEY two (pid,id), CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} CREATE TABLE §c (id int, pid int, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => {_PARENT} CREATE TABLE §c (id int, pid int, KEY §f (pid), KEY two (pid,id));
{_PARENT} CREATE TABLE §c (id int, pcode varchar(10), CONSTRAINT §f FOREIGN KEY (pcode) REFERENCES §p (code)); => CREATE TABLE §p (id int NOT NULL PRIMARY KEY, code varchar(20) NOT NULL, UNIQUE KEY code (code)) CHARSET=latin1; CREATE TABLE §c (id int, pcode varchar(20), CONSTRAINT §f FOREIGN KEY (pcode) REFERENCES §p (code)) CHARSET=latin1;
{_PARENT} CREATE TABLE §c (id int, pcode varchar(10), CONSTRAINT §f FOREIGN KEY (pcode) REFERENCES §p (code)); => CREATE TABLE §p (id int NOT NULL PRIMARY KEY, code varchar(10) NOT NULL, KEY code (code,id)); CREATE TABLE §c (id int, pcode varchar(10), CONSTRAINT §f FOREIGN KEY (pcode) REFERENCES §p (code));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => CREATE TABLE §p (pid int NOT NULL PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY code (code)); {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (pid));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => CREATE TABLE §p (id int NOT NULL, code varchar(10) NOT NULL, PRIMARY KEY (id,code)) ENGINE=InnoDB COMMENT='now two'; {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id));
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => CREATE TABLE §p (id int NOT NULL PRIMARY KEY, code varchar(10) NOT NULL, UNIQUE KEY code (code)) ENGINE=MyISAM; {_CHILD}) ENGINE=MyISAM;
{_PARENT} {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §p (id)); => CREATE TABLE §q (id int NOT NULL PRIMARY KEY); {_CHILD}, CONSTRAINT §f FOREIGN KEY (pid) REFERENCES §q (id));
{_PARENT} => {_PARENT} CREATE TABLE §c (a int, b varchar(10), CONSTRAINT §x FOREIGN KEY (a) REFERENCES §p (id), CONSTRAINT §y FOREIGN KEY (b) REFERENCES §p (code) ON DELETE CASCADE);
CREATE TABLE §p (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a,b)); CREATE TABLE §c (a int, b int); => CREATE TABLE §p (a int NOT NULL, b int NOT NULL, PRIMARY KEY (a,b)); CREATE TABLE §c (a int, b int, CONSTRAINT §f FOREIGN KEY (a,b) REFERENCES §p (a,b));
CREATE TABLE §c (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §missing (id)); => CREATE TABLE §c (a int, b int);
CREATE TABLE §c (a int); => CREATE TABLE §c (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §missing (id));
CREATE TABLE §a (id int PRIMARY KEY, b int, KEY b (b)); CREATE TABLE §b (id int PRIMARY KEY, a int, KEY a (a), CONSTRAINT §g FOREIGN KEY (a) REFERENCES §a (id)); ALTER TABLE §a ADD CONSTRAINT §f FOREIGN KEY (b) REFERENCES §b (id); => CREATE TABLE §z (id int);
CREATE TABLE §a (id int PRIMARY KEY, b int, KEY b (b)); CREATE TABLE §b (id int PRIMARY KEY, a int, KEY a (a), CONSTRAINT §g FOREIGN KEY (a) REFERENCES §a (id)); ALTER TABLE §a ADD CONSTRAINT §f FOREIGN KEY (b) REFERENCES §b (id); => CREATE TABLE §a (id bigint PRIMARY KEY, b bigint, KEY b (b)); CREATE TABLE §b (id bigint PRIMARY KEY, a bigint, KEY a (a), CONSTRAINT §g FOREIGN KEY (a) REFERENCES §a (id)); ALTER TABLE §a ADD CONSTRAINT §f FOREIGN KEY (b) REFERENCES §b (id);
CREATE TABLE §t (id int); => CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t;
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t; => CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id + 1 AS x FROM §t;
CREATE TABLE §t (id int, a int); CREATE VIEW §v AS SELECT id, a FROM §t; => CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t;
CREATE TABLE §t (id int, a int); CREATE VIEW §v AS SELECT id, a FROM §t; => CREATE TABLE §t (id bigint, a text, b int); CREATE VIEW §v AS SELECT id, a FROM §t;
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t; => CREATE TABLE §t (id int);
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t; => CREATE TABLE §v (id int);
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t; => CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW §v AS SELECT 1 AS id;
CREATE TABLE §t (id int, a int); CREATE VIEW §b AS SELECT id FROM §t; CREATE VIEW §a AS SELECT id FROM §b; => CREATE TABLE §t (id int, a int); CREATE VIEW §b AS SELECT id, a FROM §t; CREATE VIEW §a AS SELECT id, a FROM §b;
CREATE TABLE §t (id int, a int); CREATE VIEW §b AS SELECT id FROM §t; CREATE VIEW §a AS SELECT id FROM §b; => CREATE TABLE §t (id int, a int); CREATE VIEW §a AS SELECT id, a FROM §t; CREATE VIEW §b AS SELECT a FROM §a;
CREATE TABLE §t (id int, a int); => CREATE TABLE §t (id int, a int); CREATE VIEW §z AS SELECT id FROM §t; CREATE VIEW §y AS SELECT id FROM §z; CREATE VIEW §x AS SELECT §y.id FROM §y JOIN §z ON §y.id = §z.id;
CREATE TABLE §t (id int, a varchar(10)); => CREATE TABLE §t (id int, a varchar(10)); CREATE VIEW §v (`one 1`, `two``2`) AS SELECT id, 'it''s `x`' FROM §t WHERE a LIKE '50%%' WITH CASCADED CHECK OPTION;
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t WHERE id > 1 WITH LOCAL CHECK OPTION; => CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t WHERE id > 1;
CREATE VIEW §v AS SELECT 1 AS a UNION SELECT 2; => CREATE ALGORITHM=TEMPTABLE VIEW §v AS SELECT 1 AS a UNION ALL SELECT 3;
CREATE TABLE §t (id int); => CREATE TABLE §t (id int); CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 1; CREATE VIEW §v AS SELECT §f(id) AS x FROM §t;
CREATE TABLE §t (id int); CREATE DEFINER=`someone`@`10.%` VIEW §v AS SELECT id FROM §t; => CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t;
=> CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 1;
CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 1; => CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 2;
CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 1; => CREATE FUNCTION §f (a varchar(10), b int) RETURNS varchar(20) CHARSET utf8mb4 READS SQL DATA SQL SECURITY INVOKER COMMENT 'it''s' RETURN concat(a, b);
CREATE FUNCTION §f (a int) RETURNS int DETERMINISTIC RETURN a + 1; => CREATE PROCEDURE §f (a int) SELECT a;
=> DELIMITER // ¶CREATE PROCEDURE §p (IN a int, OUT b int) BEGIN DECLARE x int DEFAULT 0; IF a > 1 THEN SET x = a; ELSE SET x = 2; END IF; SET b = x; -- the end; really ¶ END// ¶DELIMITER ;
CREATE PROCEDURE §p () SELECT 1; => CREATE PROCEDURE §p () MODIFIES SQL DATA SELECT 1;
CREATE PROCEDURE §p () SELECT 1; => CREATE DEFINER=`someone`@`localhost` PROCEDURE §p () SQL SECURITY INVOKER SELECT 1;
CREATE PROCEDURE §p () SELECT 1; => SET sql_mode = 'ANSI_QUOTES'; CREATE PROCEDURE §p () SELECT 1 AS "a"; SET sql_mode = DEFAULT;
CREATE PROCEDURE §p () SELECT 1; => SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; CREATE PROCEDURE §p () SELECT 1; SET sql_mode = DEFAULT;
SET sql_mode = ''; CREATE FUNCTION §f () RETURNS int DETERMINISTIC RETURN 1; SET sql_mode = DEFAULT; => CREATE FUNCTION §g () RETURNS int DETERMINISTIC RETURN 1;
=> CREATE PROCEDURE §`a ``b` () SELECT '%s', "it's", `x` FROM (SELECT 1 AS `x`) AS t /* a comment; */;
CREATE AGGREGATE FUNCTION §f (x int) RETURNS int DETERMINISTIC BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN 1; LOOP FETCH GROUP NEXT ROW; END LOOP; END; => CREATE AGGREGATE FUNCTION §f (x int) RETURNS int DETERMINISTIC BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN 2; LOOP FETCH GROUP NEXT ROW; END LOOP; END;
CREATE TABLE §t (id int); => CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1;
CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; => CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 2;
CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; => CREATE TABLE §t (id int); CREATE TRIGGER §x AFTER UPDATE ON §t FOR EACH ROW SET @a = OLD.id;
CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; => CREATE TABLE §u (id int); CREATE TRIGGER §x BEFORE INSERT ON §u FOR EACH ROW SET NEW.id = 1;
CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; => CREATE TABLE §t (id int);
CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; =>
CREATE TABLE §t (id int, a int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.a = 1; => CREATE TABLE §t (id int); CREATE TRIGGER §x BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1;
CREATE TABLE §t (id int); CREATE TRIGGER §a BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; CREATE TRIGGER §b BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 2; => CREATE TABLE §t (id int); CREATE TRIGGER §b BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 2; CREATE TRIGGER §a BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1;
CREATE TABLE §t (id int); CREATE TRIGGER §a BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; CREATE TRIGGER §c BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 2; => CREATE TABLE §t (id int); CREATE TRIGGER §a BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; CREATE TRIGGER §b BEFORE INSERT ON §t FOR EACH ROW FOLLOWS §a SET NEW.id = 3; CREATE TRIGGER §c BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 2;
CREATE TABLE §t (id int); CREATE TRIGGER §b BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; => CREATE TABLE §t (id int); CREATE TRIGGER §b BEFORE INSERT ON §t FOR EACH ROW SET NEW.id = 1; CREATE TRIGGER §a BEFORE INSERT ON §t FOR EACH ROW PRECEDES §b SET NEW.id = 2;
CREATE TABLE §t (id int); => CREATE TABLE §t (id int); ¶DELIMITER ;; ¶CREATE TRIGGER §x AFTER DELETE ON §t FOR EACH ROW BEGIN IF OLD.id > 1 THEN SET @a = 'x;y'; END IF; END;; ¶DELIMITER ;
=> CREATE EVENT §e ON SCHEDULE EVERY 1 DAY DO SELECT 1;
=> CREATE EVENT §e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' ENDS '2031-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE COMMENT 'it''s' DO BEGIN SELECT 1; SELECT 2; END;
CREATE EVENT §e ON SCHEDULE EVERY 1 DAY DO SELECT 1; => CREATE EVENT §e ON SCHEDULE EVERY 2 HOUR DO SELECT 1;
CREATE EVENT §e ON SCHEDULE EVERY 1 DAY DO SELECT 1; => CREATE EVENT §e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
CREATE EVENT §e ON SCHEDULE AT '2030-01-01 00:00:00' DO SELECT 1; => CREATE EVENT §e ON SCHEDULE AT '2031-01-01 00:00:00' ON COMPLETION PRESERVE DO SELECT 2;
CREATE EVENT §e ON SCHEDULE EVERY 1 DAY DO SELECT 1; =>
=> CREATE SEQUENCE §s;
CREATE SEQUENCE §s; => CREATE SEQUENCE §s START WITH 5 INCREMENT BY 3 MAXVALUE 900 CACHE 10 CYCLE;
CREATE SEQUENCE §s INCREMENT BY -1 MINVALUE -50 NOCACHE; => CREATE SEQUENCE §s MINVALUE 10 START 10;
CREATE SEQUENCE §s; =>
CREATE SEQUENCE §s; => CREATE TABLE §s (id int);
=> CREATE SEQUENCE §s; CREATE TABLE §t (id int DEFAULT nextval(§s));
CREATE SEQUENCE §s; CREATE TABLE §t (id int DEFAULT nextval(§s)); => CREATE TABLE §t (id int);
CREATE TABLE §t (id int); => CREATE SEQUENCE §s; CREATE TABLE §t (id int, n bigint NOT NULL DEFAULT nextval(§s));
=> SET sql_mode = ORACLE; ¶DELIMITER // ¶CREATE PACKAGE §p AS FUNCTION f RETURN int; END// ¶CREATE PACKAGE BODY §p AS FUNCTION f RETURN int AS BEGIN RETURN 1; END; END// ¶DELIMITER ; ¶SET sql_mode = DEFAULT;
CREATE TABLE §a (id int PRIMARY KEY); CREATE TABLE §b (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §a (id)); => CREATE TABLE §a (id int PRIMARY KEY); CREATE TABLE §c (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §a (id));
CREATE TABLE §a (id int PRIMARY KEY); CREATE TABLE §b (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §a (id)); CREATE TABLE §c (a int); => CREATE TABLE §a (id int PRIMARY KEY); CREATE TABLE §b (a int); CREATE TABLE §c (a int, CONSTRAINT §f FOREIGN KEY (a) REFERENCES §a (id));
CREATE TABLE §t (id int); CREATE VIEW §v AS SELECT id FROM §t; => CREATE VIEW §t AS SELECT 1 AS id; CREATE TABLE §v (id int);
CREATE TABLE §t (id int, s date, e date, PERIOD FOR p (s,e)); CREATE TRIGGER §x AFTER INSERT ON §t FOR EACH ROW SET @a = 1; => CREATE TABLE §t (id bigint, s date, e date, x int); CREATE TRIGGER §x AFTER INSERT ON §t FOR EACH ROW SET @a = NEW.x;
CREATE TABLE `§o``q` (id int); => CREATE TABLE `§o``q` (id int, a int); CREATE VIEW `§v"w` AS SELECT id FROM `§o``q`; CREATE TRIGGER `§t'r` BEFORE INSERT ON `§o``q` FOR EACH ROW SET NEW.id = 1;
CREATE TABLE `§sel ect` (`from` int PRIMARY KEY); => CREATE TABLE `§sel ect` (`from` int PRIMARY KEY); CREATE TABLE `§日本` (`ключ` int, CONSTRAINT `§fk ``x` FOREIGN KEY (`ключ`) REFERENCES `§sel ect` (`from`));
"""


@dataclass(frozen=True)
class Case:
    name: str
    prefix: str
    old: str
    new: str


def _cases() -> list[Case]:
    found = []
    for line in TABLES.strip().splitlines():
        old, new = (_table(side) for side in line.split(" => "))
        found.append((line, old, new))
    for line in SCRIPTS.strip().splitlines():
        old, _, new = (f" {line} ").partition(" => ")
        found.append((line, old.strip(), new.strip()))
    cases = []
    for number, (line, old, new) in enumerate(found):
        prefix = f"c{number:03d}_"
        cases.append(Case(f"{number} {line[:90]}", prefix, _named(old, prefix), _named(new, prefix)))
    return cases


def _table(side: str) -> str:
    body, _, tail = side.partition(" | ")
    return f"CREATE TABLE §t ({body}) {tail};"


def _named(text: str, prefix: str) -> str:
    text = text.replace("\\\\", "\\").replace("¶", "\n")
    return text.replace("§`", f"`{prefix}").replace("§", prefix)


CASES = _cases()
