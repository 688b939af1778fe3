"""The event bus: services publish, the shells stream. Publishing never blocks and never fails."""

from __future__ import annotations

import queue
import threading
from typing import Any

Event = tuple[str, dict[str, Any]]


class Subscription:
    """A bounded queue of events for one listener. A listener that lags loses the oldest and is told to reload."""

    def __init__(self, bus: EventBus, size: int = 2000) -> None:
        self._bus = bus
        self._queue: queue.Queue[Event] = queue.Queue(size)

    def offer(self, event: Event) -> None:
        try:
            self._queue.put_nowait(event)
        except queue.Full:
            with self._queue.mutex:
                self._queue.queue.clear()
            self._queue.put_nowait(("events:lost", {}))

    def next(self, timeout_s: float) -> Event | None:
        """The next event, or None after `timeout_s`."""
        try:
            return self._queue.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def close(self) -> None:
        self._bus.unsubscribe(self)


class EventBus:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: set[Subscription] = set()

    def publish(self, name: str, **data: Any) -> None:
        with self._lock:
            subscribers = list(self._subscribers)
        for subscriber in subscribers:
            subscriber.offer((name, data))

    def subscribe(self) -> Subscription:
        subscription = Subscription(self)
        with self._lock:
            self._subscribers.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscribers.discard(subscription)

    @property
    def has_listeners(self) -> bool:
        return bool(self._subscribers)
