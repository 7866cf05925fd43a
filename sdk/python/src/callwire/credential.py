"""The API key that goes with every call: fixed, or from a provider that is asked again when a key was refused."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable

KeySource = str | Callable[[], str] | None
AsyncKeySource = str | Callable[[], str | Awaitable[str]] | None

Metadata = tuple[tuple[str, str], ...]


def metadata_of(key: str | None) -> Metadata:
    """What a call carries for a key."""
    return () if key is None else (("authorization", f"Bearer {key}"),)


class Credential:
    """For the blocking client; shared by its threads."""

    def __init__(self, source: KeySource) -> None:
        self._provider = source if callable(source) else None
        self._key = None if callable(source) else source
        self._lock = threading.Lock()

    @property
    def can_refresh(self) -> bool:
        return self._provider is not None

    def key(self) -> str | None:
        """The key in use. Asks the provider the first time."""
        with self._lock:
            if self._key is None and self._provider is not None:
                self._key = self._provider()
            return self._key

    def refresh(self, refused: str | None) -> None:
        """Asks the provider for another key, unless somebody did since the refused one was used."""
        with self._lock:
            if self._key == refused and self._provider is not None:
                self._key = self._provider()


class AsyncCredential:
    """For the asyncio client; shared by its tasks."""

    def __init__(self, source: AsyncKeySource) -> None:
        self._provider = source if callable(source) else None
        self._key = None if callable(source) else source
        self._lock = asyncio.Lock()

    @property
    def can_refresh(self) -> bool:
        return self._provider is not None

    async def key(self) -> str | None:
        """The key in use. Asks the provider the first time."""
        async with self._lock:
            if self._key is None and self._provider is not None:
                self._key = await _called(self._provider)
            return self._key

    async def refresh(self, refused: str | None) -> None:
        """Asks the provider for another key, unless somebody did since the refused one was used."""
        async with self._lock:
            if self._key == refused and self._provider is not None:
                self._key = await _called(self._provider)


async def _called(provider: Callable[[], str | Awaitable[str]]) -> str:
    key = provider()
    return await key if inspect.isawaitable(key) else key
