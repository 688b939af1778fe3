"""BigQuery's schemas: read from INFORMATION_SCHEMA and compared; nothing is written from them."""

from __future__ import annotations

import re

from backend.engine.schema.compared_only import ComparedOnly
from backend.engine.target import Target
from backend.engines.bigquery import url
from backend.engines.bigquery.catalog import fingerprint


def _read(target: Target) -> dict[str, str]:
    """Without the names of project and dataset, which stand in every DDL."""
    here = url.parse(target.url)
    name = re.compile(rf"(`?){re.escape(here.project)}\1\.(`?){re.escape(here.dataset)}\2\.")
    return {key: name.sub(r"\1", text) for key, text in fingerprint(target).items()}


SCHEMA = ComparedOnly(
    "bigquery",
    "Migrations between BigQuery schemas are not written: BigQuery has no scratch datasets without cost to prove them on.",
    _read,
)
