"""The migration tools by name. Imported late: each brings its own parser."""

from __future__ import annotations

from functools import cache

from backend.engine.tool import MigrationTool
from backend.models.connection import ToolName


@cache
def tool_named(name: str) -> MigrationTool:
    if name == ToolName.MIGRATE_MONGO:
        from backend.drivers.migrate_mongo.tool import MigrateMongoTool

        return MigrateMongoTool()
    from backend.drivers.dbmate.tool import DbmateTool

    return DbmateTool()
