"""PostgreSQL schemas described for people: pg_catalog in one query a kind of object."""

from .ddl import table_ddl
from .reader import describe, outline

__all__ = ["describe", "outline", "table_ddl"]
