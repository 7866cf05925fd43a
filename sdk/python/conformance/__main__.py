"""The conformance driver: cases as JSON lines on stdin, what the SDK did as JSON lines on stdout.

A case with "consume": "run" is played by the blocking client in a thread of its own, one with "stream" by the asyncio
client. At the end of stdin the cases that would never end by themselves are cancelled.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any, Protocol

from async_case import AsyncCase
from case import Case
from report import Report
from sync_case import SyncCase


class _Player(Protocol):
    """Plays one case; `act` does what an input line asks for meanwhile."""

    def play(self) -> Awaitable[None]: ...

    def act(self, action: str) -> Awaitable[None]: ...


class Driver:
    """The cases under way."""

    def __init__(self) -> None:
        self._players: dict[str, tuple[Case, _Player, asyncio.Task[None]]] = {}
        self._actions: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Reads stdin to its end and every case to its own."""
        while line := await asyncio.to_thread(sys.stdin.readline):
            if line.strip():
                self._take(json.loads(line))
        for case, player, task in list(self._players.values()):
            if not task.done() and not case.ends_by_itself:
                await player.act("cancel")
        await asyncio.gather(*(task for _, _, task in self._players.values()), *self._actions)

    def _take(self, line: dict[str, Any]) -> None:
        name: str = line["case"]
        if "do" in line:
            _, player, _ = self._players[name]
            # Not awaited: a close waits for a handler that a later line releases.
            action = asyncio.ensure_future(player.act(line["do"]))
            self._actions.add(action)
            return
        case = Case.parse(line["run"])
        report = Report(name, case.report)
        player = AsyncCase(case, report) if case.consume == "stream" else SyncCase(case, report)
        self._players[name] = (case, player, asyncio.ensure_future(player.play()))


if __name__ == "__main__":
    asyncio.run(Driver().run())
