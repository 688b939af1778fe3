"""Schemas compared, migrations generated from the difference, and each of them proven on a scratch database."""

from .service import Schemas

__all__ = ["Schemas"]
