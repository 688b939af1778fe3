"""Failed and half-applied migrations: what is true, and the ways out."""

from .service import Failures

__all__ = ["Failures"]
