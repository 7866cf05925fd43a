"""Where a subscription keeps the position that it has handled."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a stream."""

    cursor: str
    """Everything up to here was handled."""
    filter_digest: str = ""
    """The filters with which it was reached. Empty when not known."""


class Checkpoint(Protocol):
    """Keeps a position between runs. An error that a method raises ends the subscription with it.

    A subscription never calls two methods at a time, but may call them from threads of its own.
    """

    def load(self) -> Position | None:
        """The position saved last; None when there is none."""

    def save(self, position: Position) -> None:
        """Keeps the position. Durable when it returns, where the kind of store allows."""


class AsyncCheckpoint(Protocol):
    """As `Checkpoint`, for the asyncio client and stores with asyncio clients of their own."""

    async def load(self) -> Position | None:
        """The position saved last; None when there is none."""

    async def save(self, position: Position) -> None:
        """Keeps the position. Durable when it returns, where the kind of store allows."""


class MemoryCheckpoint:
    """Keeps the position as long as the object lives."""

    def __init__(self, position: Position | None = None) -> None:
        self.position = position

    def load(self) -> Position | None:
        return self.position

    def save(self, position: Position) -> None:
        self.position = position


class FileCheckpoint:
    """Keeps the position in a file, one JSON object. A save is atomic and durable."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def load(self) -> Position | None:
        """The position saved last; None when there is no file.

        Raises ValueError, naming the file, when it does not hold a position.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as cause:
            raise self._corrupt("it is not UTF-8") from cause
        try:
            stored = json.loads(text)
        except json.JSONDecodeError as cause:
            raise self._corrupt(str(cause)) from cause
        match stored:
            case {"cursor": str(cursor), **rest} if cursor:
                digest = rest.get("filter_digest", "")
                if isinstance(digest, str):
                    return Position(cursor, digest)
        raise self._corrupt("it has no cursor, or a filter_digest that is not a text")

    def save(self, position: Position) -> None:
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(asdict(position), file)
                file.write("\n")
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise
        self._sync_folder()

    def _sync_folder(self) -> None:
        """Makes the rename durable, where a folder can be opened."""
        if os.name != "posix":
            return
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _corrupt(self, why: str) -> ValueError:
        return ValueError(f"{self.path} is not a checkpoint: {why}")
