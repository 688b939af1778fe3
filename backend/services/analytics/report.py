"""The performance report as HTML, Markdown or CSV, as text or written to a file."""

from __future__ import annotations

from backend.core.clock import utc_now
from backend.core.paths import given_path
from backend.models.analytics import Overview, Report
from backend.services.history_export import write_stream

from .formats import as_csv, as_html, as_markdown
from .service import Analytics, Asked

_FORMATS = {"html": (as_html, "html"), "markdown": (as_markdown, "md"), "csv": (as_csv, "csv")}


class Reports:
    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    def write(self, asked: Asked, form: str, path: str | None, *, overwrite: bool = False) -> Report:
        """Raises Conflict where the file is there already, unless `overwrite`."""
        write, suffix = _FORMATS[form]
        now = utc_now()
        overview: Overview = self._analytics.overview(asked, states=True)
        text = write(overview, self._analytics.name(asked), now)
        name = f"migration-report-{now:%Y%m%d-%H%M%S}.{suffix}"
        size = len(text.encode("utf-8", "replace"))
        if path is None:
            return Report(format=form, filename=name, text=text, size_bytes=size)
        written, size = write_stream(given_path(path), iter([text]), overwrite=overwrite)
        return Report(format=form, filename=written.name, path=str(written), size_bytes=size)
