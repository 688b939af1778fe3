"""BigQuery: a web service. A dataset is the database, a job every statement, and nothing is ever locked or undone."""

from .engine import BigQueryEngine

ENGINE = BigQueryEngine()
