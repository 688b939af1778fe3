"""Migrations handed over as a ZIP: written, looked through before anything of it is taken, and taken whole or not at all."""

from .service import Sharing

__all__ = ["Sharing"]
