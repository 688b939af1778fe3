"""The Spanner engine."""

from __future__ import annotations

from .engine import SpannerEngine

ENGINE = SpannerEngine()
