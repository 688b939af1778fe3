"""share:* – migrations as a ZIP, out and in."""

from __future__ import annotations

from backend.models.share import (
    ImportInspection,
    ShareExported,
    ShareExportRequest,
    ShareImported,
    ShareImportRequest,
    ShareSource,
)
from backend.rpc.registry import channel
from backend.services import Services


@channel("share:export")
def export(services: Services, request: ShareExportRequest) -> ShareExported:
    """Migrations, what is known of them, the schema file and the comments, as a ZIP; written to a file or answered."""
    return services.sharing.export(request)


@channel("share:inspect")
def inspect(services: Services, request: ShareSource) -> ImportInspection:
    """What importing a ZIP would do, file by file, with both texts; nothing is written."""
    return services.sharing.inspect(request)


@channel("share:import")
def import_(services: Services, request: ShareImportRequest) -> ShareImported:
    """Take what was chosen of a ZIP that was looked at: all of it or nothing."""
    return services.sharing.take(request)
