"""What a subscription tells about itself through `on_status`: information, never a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callwire.errors import CallwireError
from callwire.v1.subscription_pb2 import EventView


@dataclass(frozen=True, slots=True)
class Connected:
    """The first response of a stream has come. Told at once."""

    filter_digest: str
    """Identifies the filters in force."""
    effective_view: EventView.ValueType
    """The view in force."""
    masked: bool
    """Whether policy masks fields of this stream."""
    unresolved_agent_emails: tuple[str, ...]
    """Addresses of the filters that no login has resolved to an agent id yet."""


@dataclass(frozen=True, slots=True)
class Reconnecting:
    """The stream was cut and is opened again after `delay` seconds. Told at once."""

    attempt: int
    """From 1; begins again after useful progress."""
    delay: float
    cause: CallwireError


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What follows is live. Told after everything before it was handled."""


@dataclass(frozen=True, slots=True)
class FellBehind:
    """Events come from the journal again, since they were read too slowly; none is lost. Told in stream order."""

    queued_bytes: int
    """Bytes that waited for this subscription in the gateway."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the stream is. Told at once."""

    head_cursor: str
    """The newest position of the journal."""
    events_behind: int
    """Events of the journal, matching or not, that are still to come, at most."""
    server_time: datetime
    """The gateway's clock, in UTC."""


# Those that are told in stream order, between deliveries.
OrderedStatus = CaughtUp | FellBehind

Status = Connected | Reconnecting | Progress | OrderedStatus
