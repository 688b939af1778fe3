"""A fresh connection on each engine, as the contract suite has it."""

from __future__ import annotations

from tests.contract.conftest import dialect, shop

__all__ = ["dialect", "shop"]
