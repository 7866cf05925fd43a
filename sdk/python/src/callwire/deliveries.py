"""What a subscription delivers, in the order of the stream. Tell them apart with `match` or `isinstance`."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from callwire.v1.event_pb2 import Event
from callwire.v1.session_pb2 import Session

# What `getrefcount` says of an object that one local variable has and nothing else. Where that is not certain, never.
ONE_REFERENCE = 2 if sys.implementation.name == "cpython" and sys.version_info < (3, 14) else -1


class EventDelivery:
    """An event."""

    __slots__ = ("event", "origin")
    __match_args__ = ("event", "cursor", "matches")

    event: Event
    origin: Origin
    """For the subscription alone."""

    def __init__(self, event: Event, cursor: str, matches: tuple[str, ...] = ()) -> None:
        self.event = event
        self.origin = _KnownCursor(cursor, matches)

    @classmethod
    def blank(cls) -> EventDelivery:
        """One whose attributes are still to be set, for the subscription alone."""
        return cls.__new__(cls)

    @property
    def cursor(self) -> str:
        """The position right after this event."""
        return self.origin.cursor_of(self.event)

    @property
    def matches(self) -> tuple[str, ...]:
        """The names of the filters that matched, sorted. Empty unless more than one filter was given."""
        return self.origin.matches

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EventDelivery):
            return NotImplemented
        return (self.event, self.cursor, self.matches) == (other.event, other.cursor, other.matches)

    __hash__ = None  # type: ignore[assignment] # As an event, which can be changed.

    def __repr__(self) -> str:
        return f"EventDelivery(event={self.event!r}, cursor={self.cursor!r}, matches={self.matches!r})"


class Origin:
    """What a delivery tells of its event that the event does not. Events of one response can share one."""

    __slots__ = ("_epoch", "matches")

    def __init__(self, epoch: str, matches: tuple[str, ...] = ()) -> None:
        self._epoch = epoch
        self.matches = matches

    def cursor_of(self, event: Event) -> str:
        """The position right after the event."""
        return f"{self._epoch}-{event.offset}"


class _KnownCursor(Origin):
    """Of a delivery that a user makes, for a test of a handler."""

    __slots__ = ("_cursor",)

    def __init__(self, cursor: str, matches: tuple[str, ...]) -> None:
        super().__init__("", matches)
        self._cursor = cursor

    def cursor_of(self, event: Event) -> str:
        return self._cursor


@dataclass(frozen=True, slots=True)
class GapDelivery:
    """Events were lost to retention: those after `from_cursor` up to and including `to_cursor`."""

    from_cursor: str
    to_cursor: str


@dataclass(frozen=True, slots=True)
class SnapshotDelivery:
    """The open sessions as they were at `cursor`, all of them: they replace what the consumer knew."""

    sessions: tuple[Session, ...]
    cursor: str


@dataclass(frozen=True, slots=True)
class FilterChangedDelivery:
    """The stream was resumed with other filters: what they newly cover before the resume position was not delivered."""

    previous_digest: str
    digest: str


@dataclass(frozen=True, slots=True)
class GoingAwayDelivery:
    """The gateway is about to end the stream. For information: the subscription reconnects by itself."""

    retry_after: float
    """Seconds that the gateway asks to wait before the reconnect."""


Delivery = EventDelivery | GapDelivery | SnapshotDelivery | FilterChangedDelivery | GoingAwayDelivery
