"""The options of a client's methods, by name. Times are aware datetimes, durations are seconds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Literal, TypeAlias, TypedDict

from callwire.checkpoint import AsyncCheckpoint, Checkpoint
from callwire.ledger import SavePolicy
from callwire.retries import RetryPolicy
from callwire.statuses import Status
from callwire.v1 import call_pb2, subscription_pb2
from callwire.v1.filter_pb2 import Filter

Start: TypeAlias = Literal["earliest", "latest"] | subscription_pb2.StartPosition.ValueType
ScopeName: TypeAlias = Literal["event", "call"] | subscription_pb2.Scope.ValueType
View: TypeAlias = Literal["basic", "full"] | subscription_pb2.EventView.ValueType
OnExpired: TypeAlias = Literal["fail", "skip_with_gap"] | subscription_pb2.ExpiredCursorPolicy.ValueType
CallStatusName: TypeAlias = Literal["open", "closed"] | call_pb2.CallStatus.ValueType


class _RangeOptions(TypedDict, total=False):
    tenant: str
    """Needed only when the gateway has several that the caller may read."""
    filters: Mapping[str, Filter]
    """Alternatives, by name. Empty means everything."""
    after_cursor: str
    """Start right after this cursor. At most one of `after_cursor`, `start_time`, `start`."""
    start_time: datetime
    """Start at the first event received at or after this."""
    start: Start
    """Start at an end of the journal."""
    scope: ScopeName
    """Whether the filters select events (the default), or calls from their first match on."""
    view: View
    """`full` adds `session` and `raw_json` to every event."""
    on_expired: OnExpired
    """What to do about a position that is older than what is kept: fail (the default), or skip with a gap."""
    end_cursor: str
    """End after this cursor, inclusive. At most one of `end_cursor`, `end_time`."""
    end_time: datetime
    """End before the first event received at or after this."""


class _StreamOptions(_RangeOptions, total=False):
    include_snapshot: bool
    """Whether to begin with the open sessions that match."""
    progress_interval: float
    """1 to 300 s, default 5: how often the gateway gives a sign of life."""
    max_batch_events: int
    """Most events a response, 1 to 10,000."""
    max_linger: float
    """0 to 10 s, default 0: how long an event may wait for others."""
    buffer: int
    """Most undelivered events held, default 1,000; reading stops at the response that reaches it."""
    retry: RetryPolicy
    """How to reconnect. Default: the client's."""
    save: SavePolicy
    """When to save the checkpoint."""
    on_status: Callable[[Status], None]
    """Is told what happens to the stream. It must not block; an error that it raises ends the subscription."""


class SubscribeOptions(_StreamOptions, total=False):
    """Options of `Client.subscribe`."""

    checkpoint: Checkpoint | None
    """Gives the start position when it has one, and keeps what was handled."""


class AsyncSubscribeOptions(_StreamOptions, total=False):
    """Options of `AsyncClient.subscribe`."""

    checkpoint: Checkpoint | AsyncCheckpoint | None
    """Gives the start position when it has one, and keeps what was handled. A blocking one is called in a thread."""


class ListEventsOptions(_RangeOptions, total=False):
    """Options of `list_events`."""

    page_size: int
    """Most events a page, default 100."""
    order_by: Literal["offset", "offset desc"]
    """Oldest first (the default) or newest first."""


class ListCallsOptions(TypedDict, total=False):
    """Options of `list_calls`."""

    tenant: str
    """Needed only when the gateway has several that the caller may read."""
    filters: Mapping[str, Filter]
    """Alternatives, by name; a field means "ever in this session". Empty means every session."""
    status: CallStatusName
    """Open or closed ones only."""
    page_size: int
    """Most sessions a page, default 100."""


class GetCallOptions(TypedDict, total=False):
    """Options of `get_call`: exactly one id."""

    tenant: str
    """Needed only when the gateway has several that the caller may read."""
    call_id: str
    chat_id: str
    source: str
    """Needed only when several sources report the id."""
    as_of_cursor: str
    """As it was after the event with this cursor. Default: now."""


class GetAgentOptions(TypedDict, total=False):
    """Options of `get_agent`: exactly one of id and address."""

    tenant: str
    """Needed only when the gateway has several that the caller may read."""
    agent_id: str
    email: str
