"""What to do about an error of the server, by SQLSTATE and by its words. Text only."""

from __future__ import annotations

HINTS: dict[str, str] = {
    "22P02": "The text does not read as a value of this type.",
    "22001": "The value is longer than the column allows.",
    "22003": "The number does not fit the column's type.",
    "23502": "Give the column a default, or fill it in first, then set NOT NULL.",
    "23503": "The referenced row does not exist, or rows still refer to it.",
    "23505": "Rows with the same value exist. Count them (GROUP BY … HAVING count(*) > 1) and clean up first.",
    "23514": "Rows that fail the check exist, or are being written. Find them with WHERE NOT (…).",
    "25001": "This statement cannot run in a transaction: put it alone in a file whose marker says "
    "`-- migrate:up transaction:false`.",
    "25006": "The session or the server (a replica) is read-only.",
    "25P02": "An earlier statement of the same transaction failed.",
    "2BP01": "Other objects depend on it. Drop or change those first, or name them; CASCADE drops them all.",
    "3F000": "The schema does not exist. Create it first (CREATE SCHEMA), or check search_path.",
    "40P01": "Two sessions waited for each other and the server ended this one. Run it again.",
    "42501": "Grant the user what is missing, or run migrations as the owner of these objects.",
    "42601": "Look at the place marked, and just before it: a missing comma, bracket or quote.",
    "42703": "Check the column's name; a name with capitals needs double quotes.",
    "42704": "The object or type does not exist. A type of an extension needs CREATE EXTENSION first.",
    "42710": "It exists already. It may have been made by hand, or by a run that was not recorded.",
    "42701": "The column exists already. It may have been made by hand, or by a run that was not recorded.",
    "42723": "The function exists already: CREATE OR REPLACE FUNCTION changes it.",
    "42804": "The types do not match; a conversion may need USING.",
    "42830": "The referenced columns need a unique or primary key.",
    "42883": "No function of this name takes these types. It may belong to an extension, or need a cast.",
    "42P01": "Check the name and search_path; an earlier migration may be missing.",
    "42P06": "The schema exists already.",
    "42P07": "It exists already. It may have been made by hand, or by a run that was not recorded.",
    "42P16": "The table's definition does not allow this.",
    "0A000": "The server cannot do this here. An extension must be installed on the server before CREATE EXTENSION.",
    "53100": "The server's disk is full.",
    "53300": "The server has no free connection. Close some sessions or raise max_connections.",
    "54000": "A limit of the server was reached.",
    "55006": "Other sessions are using it. Close them and try again.",
    "55P03": "Another session holds a lock this statement needs. Wait for it to finish, or end it, and run again.",
    "55P04": "A value added to an enum cannot be used in the same transaction: put it in a file of its own before this one.",
    "57014": "It took longer than statement_timeout allows.",
    "57P01": "The session was ended by an administrator.",
    "58P01": "A file of the extension is missing on the server: install its package there.",
    "P0001": "The migration's own RAISE stopped it.",
}
"""By SQLSTATE, or by its class of two characters."""

CAUSES: tuple[tuple[str, str], ...] = (
    (r'unrecognized configuration parameter "transaction_timeout"',
     "This line was written by a newer pg_dump than the server. Delete it; the server does not need it."),
    (r'unrecognized configuration parameter', "The server has no such setting. In a URL, check the parameter's spelling."),
    (r'syntax error at or near "\\"',
     "A line that begins with \\ is a command of psql. dbmate sends SQL only: delete the line."),
    (r'unsafe use of new value',
     "A value added to an enum cannot be used in the same transaction: put it in a file of its own before this one."),
    (r'extension ".*" is not available',
     "The extension must be installed on the server (its package), before CREATE EXTENSION can find it."),
    (r'schema ".*" does not exist|no schema has been selected',
     "Create the schema first, or check search_path. A pasted dump empties it: delete its set_config line."),
)  # fmt: skip
"""By the server's words, before the SQLSTATE is asked."""
