CREATE TABLE schema_migrations (version varchar(128) PRIMARY KEY);
INSERT INTO schema_migrations VALUES ('20260101000000'), ('20260102000000');
CREATE TABLE everything (
  id bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  tiny tinyint, small smallint, medium mediumint, whole int, big bigint unsigned, exact decimal(40,20), single float, twice double,
  bits bit(11), yes bool, fixed char(5), short varchar(50), latin varchar(50) CHARACTER SET latin1, bin binary(4), vbin varbinary(20),
  tt tinytext, lt longtext, tb tinyblob, lb longblob, day date, moment datetime(6), stamp timestamp(3) NULL, clock time(3), y year,
  en enum('a','it''s','c'), st set('x','y','z'), j json, g geometry, p point, u uuid, ip inet6,
  doubled int AS (whole * 2) STORED, tripled int AS (whole * 3) VIRTUAL, hidden varchar(10) INVISIBLE DEFAULT 'psst',
  `Odd ``col``, (x)` text, KEY (short), FULLTEXT KEY (lt), CONSTRAINT `small_one` CHECK (`tiny` < 100)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='It''s; INSERT INTO `x` VALUES (1);';
INSERT INTO everything (tiny, small, medium, whole, big, exact, single, twice, bits, yes, fixed, short, latin, bin, vbin, tt, lt, tb, lb,
  day, moment, stamp, clock, y, en, st, j, g, p, u, ip, hidden, `Odd ``col``, (x)`) VALUES
 (-128, -32768, 8388607, 2147483, 18446744073709551615, 12345678901234567890.01234567890123456789, 0.1, 1.7976931348623157e308, b'10000000001', true, 'ab', 'sh''ort', 'caf\u00e9', 'ab', x'00ff5c27220a0d1a', '', 'line\nquote '' double " back \\ nul \0 ctrl-z \Z tab \t return \r 💥 );\nINSERT INTO `y` VALUES (1),(2);\n-- x', x'', x'00270a5c', '0000-00-00', '9999-12-31 23:59:59.999999', '2024-06-01 12:00:00.123', '-838:59:59.000', 2024, 'it''s', 'x,z', '{"a": [1, null, "é"]}', ST_GeomFromText('LINESTRING(0 0,1 1)'), POINT(1.5, -2), '550e8400-e29b-41d4-a716-446655440000', '::1', 'shown', 'NULL'),
 (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
 (0, 0, 0, 0, 0, 0, -1e-30, 5e-324, b'0', false, '', '', '', '', '', ' ', ' ', x'20', x'0a', '2024-00-00', '0000-00-00 00:00:00', '1970-01-01 00:00:01', '00:00:00', 0, '', '', '[]', NULL, NULL, NULL, NULL, '', '0x41');
CREATE TABLE `parent` (id int PRIMARY KEY, name varchar(20) UNIQUE) ENGINE=InnoDB;
CREATE TABLE `Child table` (id int PRIMARY KEY, parent_id int, next_id int, CONSTRAINT fk_parent FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE, CONSTRAINT fk_next FOREIGN KEY (next_id) REFERENCES `Child table` (id)) ENGINE=InnoDB;
INSERT INTO parent VALUES (1, 'one'), (2, 'two'), (0, 'zero');
INSERT INTO `Child table` VALUES (2, 1, NULL), (1, 1, 2), (3, NULL, 1);
CREATE TABLE no_key (a int, b varchar(5));
INSERT INTO no_key VALUES (1, 'x'), (1, 'x'), (2, NULL), (2, '');
CREATE TABLE empty_one (id int) ENGINE=MyISAM;
CREATE TABLE isam (id int PRIMARY KEY, t text) ENGINE=MyISAM;
INSERT INTO isam VALUES (1, 'a'), (2, '''');
CREATE TABLE parted (id int, at date, KEY (at)) PARTITION BY RANGE (YEAR(at)) (PARTITION p23 VALUES LESS THAN (2024), PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO parted VALUES (1, '2023-05-05'), (2, '2025-01-01');
CREATE SEQUENCE tickets START WITH 1000 INCREMENT BY 5 CACHE 10;
SELECT nextval(tickets);
CREATE SEQUENCE untouched;
CREATE TABLE numbered (id bigint DEFAULT nextval(tickets), t text);
INSERT INTO numbered (t) VALUES ('a'), ('b');
CREATE TABLE versioned (id int, t text) WITH SYSTEM VERSIONING;
INSERT INTO versioned VALUES (1, 'old'); UPDATE versioned SET t = 'new';
CREATE TABLE audit (id int AUTO_INCREMENT PRIMARY KEY, what text);
INSERT INTO audit (what) VALUES ('before');
CREATE VIEW on_view AS SELECT id, upper(name) AS loud FROM parent;
CREATE VIEW glad AS SELECT v.id, v.loud FROM on_view v JOIN `Child table` c ON c.parent_id = v.id;
DELIMITER ;;
CREATE TRIGGER parent_in AFTER INSERT ON parent FOR EACH ROW BEGIN INSERT INTO audit (what) VALUES ('fired;'); END;;
CREATE PROCEDURE do_it(IN a int) BEGIN
  -- a comment; INSERT INTO `x` VALUES (1);
  DECLARE b int DEFAULT 1; SELECT a + b;
END;;
CREATE FUNCTION twice_of(a int) RETURNS int DETERMINISTIC RETURN a * 2;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'soon' DO BEGIN INSERT INTO audit (what) VALUES ('tick'); END;;
DELIMITER ;
