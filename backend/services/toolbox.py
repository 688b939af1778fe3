"""The migration tools by name. Imported late: each brings its own parser."""

from __future__ import annotations

from functools import cache

from backend.engine.tool import MigrationTool
from backend.models.connection import ToolName


@cache
def tool_named(name: str, extension: str | None = None, module_system: str = "commonjs") -> MigrationTool:
    """The tool; for migrate-mongo as the project's config sets it (file extension, CommonJS or ES modules)."""
    if name == ToolName.MIGRATE_MONGO:
        from backend.drivers.migrate_mongo.tool import MigrateMongo

        return MigrateMongo().configured(extension, module_system)
    from backend.drivers.dbmate.tool import DbmateTool

    return DbmateTool()
