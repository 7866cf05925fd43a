"""Lets the asyncio client use a checkpoint that blocks."""

from __future__ import annotations

import asyncio
import inspect
from typing import cast

from callwire.checkpoint import AsyncCheckpoint, Checkpoint, Position


class _InThread:
    """Calls a blocking checkpoint in a thread."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint

    async def load(self) -> Position | None:
        return await asyncio.to_thread(self._checkpoint.load)

    async def save(self, position: Position) -> None:
        await asyncio.to_thread(self._checkpoint.save, position)


def as_async(checkpoint: Checkpoint | AsyncCheckpoint | None) -> AsyncCheckpoint | None:
    """The checkpoint, with methods that do not block."""
    if checkpoint is None or inspect.iscoroutinefunction(checkpoint.save):
        return cast("AsyncCheckpoint | None", checkpoint)
    return _InThread(cast(Checkpoint, checkpoint))
