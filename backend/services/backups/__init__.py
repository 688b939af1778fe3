"""Backups: made, verified, listed, kept, restored."""

from .service import Backups

__all__ = ["Backups"]
