"""The system's keychain through `keyring`, where there is one that can be used."""

from __future__ import annotations

import logging
from typing import Any

_log = logging.getLogger(__name__)
_SERVICE = "db-toolkit"


class Keychain:
    """Secrets by connection and name. `usable` is asked once; a keychain that fails later reads as no secret."""

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._backend: Any = None
        self._asked = False

    @property
    def usable(self) -> bool:
        if not self._asked:
            self._asked = True
            self._backend = self._find() if self._enabled else None
        return self._backend is not None

    def get(self, connection: str, name: str) -> str | None:
        if not self.usable:
            return None
        try:
            found: str | None = self._backend.get_password(_SERVICE, f"{connection}/{name}")
        except Exception:
            _log.warning("The keychain did not answer", exc_info=True)
            return None
        return found

    def set(self, connection: str, name: str, secret: str) -> bool:
        """False where the keychain refused; the caller then keeps the secret elsewhere."""
        if not self.usable:
            return False
        try:
            self._backend.set_password(_SERVICE, f"{connection}/{name}", secret)
        except Exception:
            _log.warning("The keychain refused a secret", exc_info=True)
            return False
        return True

    def delete(self, connection: str, name: str) -> None:
        if not self.usable:
            return
        try:
            self._backend.delete_password(_SERVICE, f"{connection}/{name}")
        except Exception:
            _log.debug("Nothing to delete in the keychain", exc_info=True)

    def _find(self) -> Any:
        try:
            import keyring
            from keyring.backends import fail

            backend = keyring.get_keyring()
        except Exception:
            _log.info("No keychain here", exc_info=True)
            return None
        priority = getattr(backend, "priority", 0)
        return None if isinstance(backend, fail.Keyring) or float(priority) <= 0 else backend
