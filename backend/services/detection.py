"""Which engine a file belongs to: by its first bytes, its extension, or words only one dialect has. A guess is named
as such in its reason."""

from __future__ import annotations

from pathlib import Path

from backend.core.errors import AppError
from backend.core.paths import storage_errors
from backend.engine.registry import engine_for_url
from backend.models.connection import EngineName, ToolName
from backend.store import env_file

_SQLITE_HEADER = b"SQLite format 3\0"
_LOOKED_AT_BYTES = 200_000

# Words of one dialect alone, seen as tokens of the text outside comments and strings.
_WORDS: dict[EngineName, set[str]] = {
    EngineName.POSTGRES: {
        "SERIAL",
        "BIGSERIAL",
        "JSONB",
        "TIMESTAMPTZ",
        "PLPGSQL",
        "EXTENSION",
        "BYTEA",
        "TSVECTOR",
        "ILIKE",
        "CONCURRENTLY",
        "UUID_GENERATE_V4",
        "GEN_RANDOM_UUID",
        "REGCLASS",
        "PG_CATALOG",
    },
    EngineName.MYSQL: {
        "AUTO_INCREMENT",
        "INNODB",
        "UTF8MB4",
        "TINYINT",
        "MEDIUMTEXT",
        "LONGTEXT",
        "UNSIGNED",
        "DELIMITER",
        "MYISAM",
    },
    EngineName.SQLITE: {"AUTOINCREMENT", "PRAGMA", "ROWID", "STRICT", "FTS5"},
    EngineName.CLICKHOUSE: {
        "MERGETREE",
        "REPLACINGMERGETREE",
        "LOWCARDINALITY",
        "NULLABLE",
        "AGGREGATINGMERGETREE",
        "DATETIME64",
        "SUMMINGMERGETREE",
    },
    EngineName.BIGQUERY: {"INT64", "FLOAT64", "STRUCT", "BIGNUMERIC"},
}


def engine_of_file(path: Path) -> tuple[EngineName | None, ToolName | None, str]:
    """(engine, tool, reason); engine None where nothing tells."""
    with storage_errors(path, "read"), path.open("rb") as stream:
        head = stream.read(_LOOKED_AT_BYTES)
    if head.startswith(_SQLITE_HEADER):
        return EngineName.SQLITE, ToolName.DBMATE, "the file is an SQLite database"
    if path.suffix in {".js", ".mjs", ".cjs", ".ts"}:
        return EngineName.MONGODB, ToolName.MIGRATE_MONGO, f"a {path.suffix} migration is migrate-mongo's"
    if path.name.startswith(".env"):
        return _engine_of_env(path)
    if path.suffix == ".sql":
        return _engine_of_sql(head.decode("utf-8", errors="replace"))
    return None, None, "nothing in the file tells"


def _engine_of_env(path: Path) -> tuple[EngineName | None, ToolName | None, str]:
    url = env_file.read(path).get("DATABASE_URL")
    if not url:
        return None, None, f"{path.name} has no DATABASE_URL"
    try:
        engine = engine_for_url(url)
    except AppError as error:
        return None, None, error.message
    return engine.name, engine.tool, f"DATABASE_URL in {path.name}"


def _engine_of_sql(text: str) -> tuple[EngineName | None, ToolName | None, str]:
    from sqlglot import TokenType, tokenize
    from sqlglot.errors import SqlglotError

    try:
        words = {token.text.upper() for token in tokenize(text) if token.token_type != TokenType.STRING}
    except SqlglotError:
        words = set(text.upper().replace("(", " ").replace(",", " ").replace(";", " ").split())
    scores = {engine: sorted(words & own) for engine, own in _WORDS.items()}
    best = max(scores, key=lambda engine: len(scores[engine]))
    others = [engine for engine in scores if engine != best and len(scores[engine]) == len(scores[best])]
    if not scores[best] or others:
        return None, ToolName.DBMATE, "an SQL file; nothing in it tells the dialect"
    return best, ToolName.DBMATE, f"the file uses {', '.join(scores[best][:3])}"
