"""What of a stream was handled, and when that is to be saved."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from callwire.checkpoint import Position


@dataclass(frozen=True, slots=True)
class SavePolicy:
    """When the checkpoint is saved: whichever comes first. It is always saved at the end."""

    every_events: int = 100
    every_seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.every_events < 1 or self.every_seconds < 0:
            raise ValueError("save: every_events is 1 or more, every_seconds 0 or more")


class Ledger:
    """The position handled, and what of it is not saved yet. Without a policy nothing is ever to be saved."""

    def __init__(self, policy: SavePolicy | None) -> None:
        self._policy = policy
        self._handled: Position | None = None
        self._saved: Position | None = None
        self._unsaved_events = 0
        self._unsaved_since = 0.0

    @property
    def handled(self) -> Position | None:
        return self._handled

    def begin(self, saved: Position | None) -> None:
        """Starts at what a checkpoint had."""
        self._handled = self._saved = saved

    def advance(self, position: Position, since: float, *, events: int = 0) -> None:
        """Everything up to the position was handled, `events` more than before, none of them before `since`."""
        if not self.is_dirty():
            self._unsaved_since = since
        self._handled = position
        self._unsaved_events += events

    def is_dirty(self) -> bool:
        """Whether anything is unsaved."""
        return self._handled != self._saved

    def is_full(self) -> bool:
        """Whether as many events are unsaved as may be: the next delivery has to wait for the save."""
        return self.events_to_full() <= 0

    def events_to_full(self) -> int:
        """How many more events may be handled before the next save."""
        return sys.maxsize if self._policy is None else self._policy.every_events - self._unsaved_events

    def due_at(self) -> float | None:
        """When to save at the latest; None when there is nothing to."""
        return self.due_after(self._unsaved_since) if self.is_dirty() else None

    def due_after(self, since: float) -> float | None:
        """When to save at the latest what was handled at a time."""
        return None if self._policy is None else since + self._policy.every_seconds

    def saving(self) -> Position | None:
        """Takes what is to be saved now; None when it is saved already.

        It counts as saved from here on: a save that fails ends the subscription.
        """
        position = self._handled if self.is_dirty() else None
        self._saved = self._handled
        self._unsaved_events = 0
        return position
