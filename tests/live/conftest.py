"""An app that somebody looks at, and another one elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend.core.events import Event, Subscription
from tests.kit import Shop, Toolkit

PATIENCE_S = 60.0


class Heard:
    """What the app told, in order."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    def until(self, wanted: str, about: Callable[[dict[str, object]], bool] = lambda data: True) -> Event:
        """The next event of this name; fails where none comes for a minute."""
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            event = self._subscription.next(1.0)
            if event is not None and event[0] == wanted and about(event[1]):
                return event
        raise AssertionError(f"{wanted} was not told")

    def forget(self) -> None:
        """What was told until now."""
        while self._subscription.next(0.0) is not None:
            pass

    def all(self, seconds: float) -> list[str]:
        """The names of what is told during so many seconds."""
        ends, names = time.monotonic() + seconds, []
        while (left := ends - time.monotonic()) > 0:
            event = self._subscription.next(left)
            names += [event[0]] if event is not None else []
        return names


@pytest.fixture
def heard(toolkit: Toolkit) -> Iterator[Heard]:
    subscription = toolkit.services.events.subscribe()
    yield Heard(subscription)
    subscription.close()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Callable[[Shop, str], Shop]]:
    """The same database and the same files as another machine has them: an app over a home of its own."""
    other = Toolkit(tmp_path / "elsewhere")

    def connect(shop: Shop, url: str) -> Shop:
        return other.connect(url, migrations_dir=str(shop.folder))

    yield connect
    other.close()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for it, a minute at most."""
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, f"{what}: not within {PATIENCE_S:g} s"
        time.sleep(0.05)
