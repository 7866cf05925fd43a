"""The state of a subscription, without threads, tasks or network: the blocking and the asyncio client both drive it.

Responses go in, items come out. An item carries the position that holds once it is handled; a response without events
moves the position of the last item that is not handled yet, so that a cursor is never ahead of what was handled and
nothing piles up while nothing matches. After a cut the stream is asked for again after the last response received
whole: what still waits here is neither repeated nor lost.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import chain, repeat

import grpc

from callwire.checkpoint import Position
from callwire.deliveries import (
    Delivery,
    EventDelivery,
    FilterChangedDelivery,
    GapDelivery,
    GoingAwayDelivery,
    SnapshotDelivery,
)
from callwire.errors import CallwireError
from callwire.ledger import Ledger
from callwire.retries import Retries, Retry
from callwire.statuses import CaughtUp, Connected, FellBehind, OrderedStatus, Progress, Status
from callwire.v1.session_pb2 import Session
from callwire.v1.subscription_pb2 import SubscribeRequest, SubscribeResponse

_DEFAULT_PROGRESS_SECONDS = 5.0
_SILENT_INTERVALS = 3
_DEFAULT_BATCH = 1_000


@dataclass(slots=True)
class Item:
    """A delivery, or a status that is told in stream order, on its way to the consumer."""

    content: Delivery | OrderedStatus
    position: Position


class Machine:
    """One subscription from its start to its end, over as many streams as that takes."""

    def __init__(
        self,
        request: SubscribeRequest,
        *,
        buffer: int,
        retries: Retries,
        ledger: Ledger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if buffer < 1:
            raise ValueError("buffer is 1 or more events")
        self._request = request
        if request.max_batch_events == 0 and buffer < _DEFAULT_BATCH:
            request.max_batch_events = buffer
        self._buffer = buffer
        self._retries = retries
        self.ledger = ledger
        self._clock = clock
        self._received = Position("")
        self._last_offset = 0
        self._first_response = True
        self._snapshot: list[Session] | None = None
        self._snapshot_delivered = False
        self._asked_to_wait = 0.0
        self._waiting: deque[Item] = deque()
        self._out: Item | None = None
        # The last item that is not handled yet, waiting or out.
        self._newest: Item | None = None
        self._over = False
        self._error: Exception | None = None

    # The stream's side.

    @property
    def patience(self) -> float:
        """Seconds without a response after which a stream counts as dead."""
        interval = self._request.progress_interval.ToTimedelta().total_seconds()
        return _SILENT_INTERVALS * (interval or _DEFAULT_PROGRESS_SECONDS)

    @property
    def has_room(self) -> bool:
        """Whether another response may be read."""
        return len(self._waiting) < self._buffer

    def begin(self, saved: Position | None) -> None:
        """Starts at what a checkpoint had, or as the request says."""
        self.ledger.begin(saved)
        if saved is not None:
            self._received = saved
        elif self._request.WhichOneof("position") == "after_cursor":
            self._received = Position(self._request.after_cursor)
        self._last_offset = _offset(self._received.cursor)

    def next_request(self) -> SubscribeRequest:
        """What to ask for now."""
        request = SubscribeRequest()
        request.CopyFrom(self._request)
        if self._received.cursor:
            request.after_cursor = self._received.cursor
        if self._snapshot_delivered:
            request.include_snapshot = False
        self._first_response = True
        return request

    def received(self, response: SubscribeResponse) -> list[Status]:
        """Takes a response in. Returns what is to be told at once."""
        told: list[Status] = []
        first, self._first_response = self._first_response, False
        if first:
            self._retries.accepted()
            told.append(_connected(response))
            self._take_digest(response.filter_digest)
        before = self._received.cursor
        delivered = self._take_events(response)
        self._take_notice(response)
        self._take_cursor(response.cursor)
        if response.HasField("progress"):
            told.append(_progress(response))
        moved = self._received.cursor != before or response.HasField("progress")
        if delivered or (moved and not first):
            self._retries.progressed()
            self._asked_to_wait = 0.0
        if response.WhichOneof("notice") == "going_away":
            self._asked_to_wait = _seconds(response)
        return told

    def cut(self, error: CallwireError | None) -> tuple[Retry, CallwireError] | None:
        """The stream is over, with OK when `error` is None. Returns how it is opened again and why, else None."""
        if error is None:
            if self._request.WhichOneof("end") is not None:
                self._over = True
                return None
            error = CallwireError(grpc.StatusCode.UNAVAILABLE, "the gateway ended a stream that has no end")
        self._snapshot = None
        retry = self._retries.failed(error, at_least=self._asked_to_wait)
        self._asked_to_wait = 0.0
        if retry is None:
            self.fail(error)
            return None
        return retry, error

    def silent(self) -> CallwireError:
        """The error of a stream that its watchdog ended."""
        message = f"no response for {self.patience:g} s: the connection is taken for dead"
        return CallwireError(grpc.StatusCode.UNAVAILABLE, message)

    def fail(self, error: Exception) -> None:
        """Nothing more comes; the error is raised once what waits was consumed."""
        self._over = True
        self._error = error

    # The consumer's side.

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes in; items may still wait."""
        return self._over

    @property
    def ready(self) -> bool:
        """Whether `take` says something new: an item, or that the end was reached."""
        return bool(self._waiting) or self._over

    @property
    def is_out(self) -> bool:
        """Whether an item is with the consumer."""
        return self._out is not None

    def take(self) -> Item | None:
        """Hands out the next item. None at the end; raises the error that the subscription ended with."""
        if self._waiting:
            self._out = self._waiting.popleft()
            return self._out
        if self._error is not None:
            raise self._error
        return None

    def handled(self) -> None:
        """The item that is out, if any, was handled."""
        item, self._out = self._out, None
        if item is None:
            return
        if item is self._newest:
            self._newest = None
        if item.position.cursor:
            events = int(isinstance(item.content, EventDelivery))
            self.ledger.advance(item.position, self._clock(), events=events)

    def abandon(self) -> None:
        """The item that is out, if any, will not be handled."""
        self._out = None

    # Parts of a response.

    def _take_digest(self, digest: str) -> None:
        previous = self._received.filter_digest
        if not digest or digest == previous:
            return
        self._received = replace(self._received, filter_digest=digest)
        if previous:
            self._put(FilterChangedDelivery(previous, digest), self._received)

    def _take_events(self, response: SubscribeResponse) -> bool:
        epoch = (response.cursor or self._received.cursor).partition("-")[0]
        matches = chain((tuple(match.filters) for match in response.matches), repeat(()))
        delivered = False
        for event, matched in zip(response.events, matches, strict=False):
            if event.offset <= self._last_offset:
                continue
            self._last_offset = event.offset
            cursor = f"{epoch}-{event.offset}"
            self._put(EventDelivery(event, cursor, matched), replace(self._received, cursor=cursor))
            delivered = True
        return delivered

    def _take_notice(self, response: SubscribeResponse) -> None:
        match response.WhichOneof("notice"):
            case "gap":
                self._put(GapDelivery(response.gap.from_cursor, response.gap.to_cursor), self._received)
            case "snapshot_begin":
                self._snapshot = []
            case "going_away":
                self._put(GoingAwayDelivery(_seconds(response)), self._received)
            case "caught_up":
                self._put(CaughtUp(), self._received)
            case "fell_behind":
                self._put(FellBehind(response.fell_behind.queued_bytes), self._received)
        if self._snapshot is not None:
            self._snapshot.extend(response.sessions)
            if response.WhichOneof("notice") == "snapshot_end":
                self._put(SnapshotDelivery(tuple(self._snapshot), response.cursor), self._received)
                self._snapshot = None
                self._snapshot_delivered = True

    def _take_cursor(self, cursor: str) -> None:
        if self._snapshot is None and cursor:
            self._received = replace(self._received, cursor=cursor)
        if not self._received.cursor:
            return
        if self._newest is not None:
            self._newest.position = self._received
        elif self.ledger.handled != self._received:
            self.ledger.advance(self._received, self._clock())

    def _put(self, content: Delivery | OrderedStatus, position: Position) -> None:
        self._newest = Item(content, position)
        self._waiting.append(self._newest)


def _offset(cursor: str) -> int:
    """The offset of a cursor; 0 for what is none, which the gateway refuses in its own words."""
    digits = cursor.rpartition("-")[2]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0


def _seconds(response: SubscribeResponse) -> float:
    return response.going_away.retry_after.ToTimedelta().total_seconds()


def _connected(response: SubscribeResponse) -> Connected:
    return Connected(
        filter_digest=response.filter_digest,
        effective_view=response.effective_view,
        masked=response.masked,
        unresolved_agent_emails=tuple(response.unresolved_agent_emails),
    )


def _progress(response: SubscribeResponse) -> Progress:
    progress = response.progress
    return Progress(progress.head_cursor, progress.events_behind, progress.server_time.ToDatetime(UTC))
