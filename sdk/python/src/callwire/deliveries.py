"""What a subscription delivers, in the order of the stream. Tell them apart with `match` or `isinstance`."""

from __future__ import annotations

from dataclasses import dataclass

from callwire.v1.event_pb2 import Event
from callwire.v1.session_pb2 import Session


@dataclass(frozen=True, slots=True)
class EventDelivery:
    """An event."""

    event: Event
    cursor: str
    """The position right after this event."""
    matches: tuple[str, ...] = ()
    """The names of the filters that matched, sorted. Empty unless more than one filter was given."""


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
