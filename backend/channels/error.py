"""error:* – what each error means and what mends it, and the text to report one with."""

from __future__ import annotations

from backend.models.error import ErrorCatalogue, ErrorReport, ErrorReportRequest
from backend.models.requests import Nothing
from backend.rpc.registry import channel
from backend.services import Services
from backend.services.error_reports import catalogue as whole_catalogue


@channel("error:catalogue")
def catalogue(services: Services, request: Nothing) -> ErrorCatalogue:
    """Every code and reason, with causes, fixes and what it means for the data."""
    return whole_catalogue()


@channel("error:report")
def report(services: Services, request: ErrorReportRequest) -> ErrorReport:
    """The texts to send to somebody about an error; no secret is in them."""
    return services.error_reports.report(request)
