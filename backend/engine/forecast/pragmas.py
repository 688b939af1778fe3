"""What a PRAGMA of SQLite does: most of those without a value only read, some of those with one too."""

from __future__ import annotations

from backend.engine.lint import ops

_READS = frozenset({
    "collation_list", "compile_options", "data_version", "database_list", "foreign_key_check", "foreign_key_list",
    "freelist_count", "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "module_list",
    "page_count", "pragma_list", "quick_check", "stats", "table_info", "table_list", "table_xinfo",
})  # fmt: skip
_ACTS = {
    "incremental_vacuum": "Gives free pages of the file back",
    "optimize": "Reads samples for the planner's statistics where they are old",
    "shrink_memory": "Frees memory of the connection",
    "wal_checkpoint": "Moves what is in the write-ahead log into the file",
}


def pragma_sentence(op: ops.Setting) -> str:
    if op.name in _ACTS:
        return _ACTS[op.name]
    if op.name in _READS or not op.value:
        return f"Reads {op.name}" + (f" of {op.value}" if op.value else "") + "; changes nothing"
    return f"Sets {op.name} to {op.value}"
