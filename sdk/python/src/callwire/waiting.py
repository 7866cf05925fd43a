"""What waits for the consumer: the events of one response together, everything else singly.

An event costs a consumer that hurries a microsecond or two; a lock or an object for each would cost as much again. So
it is given the events of a response to go through by itself. What it has handled, and which position that is, follows
from how far it is when somebody needs it: at the end of the response, or before that when a checkpoint is due or the
position is asked for. Whoever needs the consumer back before the end recalls it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice, repeat
from operator import length_hint

from callwire.checkpoint import Position
from callwire.deliveries import Delivery, Origin
from callwire.statuses import OrderedStatus
from callwire.v1.event_pb2 import Event
from callwire.v1.subscription_pb2 import FilterMatch


class Notice:
    """A delivery that is no event, or a status that is told in stream order."""

    __slots__ = ("content", "position", "settled")

    size = 1
    given = 1
    """It is given as it is taken."""

    def __init__(self, content: Delivery | OrderedStatus, position: Position) -> None:
        self.content = content
        self.position = position
        """That holds once it is handled."""
        self.settled = 0

    def position_after(self, handled: int) -> Position:
        """The position that holds once so many are handled, which is one."""
        return self.position


class Batch:
    """The events of one response."""

    __slots__ = (
        "_digest",
        "_epoch",
        "_events",
        "_remaining",
        "is_recalled",
        "matches",
        "origin",
        "position",
        "settled",
        "size",
        "turn",
    )

    def __init__(self, events: Sequence[Event], matches: Sequence[FilterMatch], epoch: str, digest: str) -> None:
        self._events = events
        self._epoch = epoch
        self._digest = digest
        self._remaining = _countable(events)
        self.size = len(events)
        self.position = Position(f"{epoch}-{events[-1].offset}", digest)
        """That holds once all of them are handled."""
        self.settled = 0
        """How many are accounted for as handled."""
        self.origin = Origin(epoch)
        """What all of them share."""
        self.matches: Iterator[Origin] | None = None
        """What each has instead, when there were filters to match."""
        if matches:
            matched = (Origin(epoch, tuple(match.filters)) for match in matches)
            self.matches = chain(matched, repeat(self.origin))
        self.turn: Iterator[Event] = iter(())
        """Those that the consumer goes through by itself, unless it is recalled."""
        self.is_recalled = False

    @property
    def given(self) -> int:
        """How many the consumer was given, the one that it has included. At least one, once it has a turn."""
        return max(self.size - length_hint(self._remaining), self.settled + 1)

    def begin_turn(self, events: int) -> None:
        """Lets the consumer go through so many, at least one."""
        self.is_recalled = False
        self.turn = self._remaining if events == self.size - self.settled else islice(self._remaining, events)

    def position_after(self, handled: int) -> Position:
        """The position that holds once so many are handled, at least one."""
        if handled == self.size:
            return self.position
        return Position(f"{self._epoch}-{self._events[handled - 1].offset}", self._digest)


Waiting = Batch | Notice


def _countable(events: Sequence[Event]) -> Iterator[Event]:
    """An iterator that knows how many are left, which those of Protobuf's C runtime do."""
    iterator = iter(events)
    return iterator if hasattr(iterator, "__length_hint__") else iter(list(events))
