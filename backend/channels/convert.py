"""convert:* – folders of other migration tools, in and out."""

from __future__ import annotations

from backend.models.conversion import (
    BaselineFromDatabase,
    BaselineFromDatabaseRequest,
    Conversion,
    Converted,
    ConvertExported,
    ConvertExportRequest,
    ConvertRunRequest,
    ConvertSource,
)
from backend.rpc.registry import channel
from backend.services import Services


@channel("convert:inspect")
def inspect(services: Services, request: ConvertSource) -> Conversion:
    """Which tool's folder it is, what each file becomes, what is applied in the database; nothing is written."""
    return services.conversions.inspect(request)


@channel("convert:run")
def run(services: Services, request: ConvertRunRequest) -> Converted:
    """Write what was looked at into the connection's folder and record what is applied. Nothing of it runs."""
    return services.conversions.run(request)


@channel("convert:export")
def export(services: Services, request: ConvertExportRequest) -> ConvertExported:
    """Write the migrations under another tool's names into an empty folder."""
    return services.tool_export.export(request)


@channel("convert:baseline", job=True)
def baseline(services: Services, request: BaselineFromDatabaseRequest) -> BaselineFromDatabase:
    """Write the first migration from the live schema and mark it as applied; with `preview`, only show it."""
    return services.baselines.baseline(request)
