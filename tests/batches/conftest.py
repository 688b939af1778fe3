"""The contract's shops, one for each engine that runs here."""

from tests.contract.conftest import dialect, shop, three

__all__ = ["dialect", "shop", "three"]
