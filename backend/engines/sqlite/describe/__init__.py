"""SQLite schemas described for people: pragma functions over the whole schema, and what only the text tells."""

from .reader import describe, outline, table_ddl

__all__ = ["describe", "outline", "table_ddl"]
