"""What of a stream was handled, and when that is to be saved."""

from __future__ import annotations

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
    """The position handled, and what of it is not saved yet."""

    def __init__(self, policy: SavePolicy) -> None:
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

    def advance(self, position: Position, now: float, *, events: int = 0) -> None:
        """Everything up to the position was handled, `events` more than before."""
        if not self.is_dirty():
            self._unsaved_since = now
        self._handled = position
        self._unsaved_events += events

    def is_dirty(self) -> bool:
        """Whether anything is unsaved."""
        return self._handled != self._saved

    def is_full(self) -> bool:
        """Whether as many events are unsaved as may be: the next delivery has to wait for the save."""
        return self._unsaved_events >= self._policy.every_events

    def is_due(self, now: float) -> bool:
        """Whether to save now."""
        due_at = self.due_at()
        return due_at is not None and due_at <= now

    def due_at(self) -> float | None:
        """When to save at the latest; None when there is nothing to."""
        if not self.is_dirty():
            return None
        return self._unsaved_since + self._policy.every_seconds

    def saving(self) -> Position | None:
        """Takes what is to be saved now; None when it is saved already.

        It counts as saved from here on: a save that fails ends the subscription.
        """
        position = self._handled if self.is_dirty() else None
        self._saved = self._handled
        self._unsaved_events = 0
        return position
