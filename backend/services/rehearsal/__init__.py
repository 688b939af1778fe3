"""Migrations run on a scratch copy and measured: up, down, up, and what that says of them."""

from .service import Rehearsals

__all__ = ["Rehearsals"]
