"""Waits for conditions on what the tasks of one event loop share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Signal:
    """Wakes every waiter, which then looks at its condition again."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Something changed."""
        self._event.set()

    async def until(self, condition: Callable[[], bool], timeout: float | None = None) -> None:
        """Returns once the condition holds, or after `timeout` seconds."""
        if condition():
            return
        try:
            async with asyncio.timeout(timeout):
                while not condition():
                    self._event.clear()
                    await self._event.wait()
        except TimeoutError:
            return
