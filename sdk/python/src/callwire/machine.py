"""The state of a subscription, without threads, tasks or network: the blocking and the asyncio client both drive it.

Responses go in; batches of events and notices come out. Each carries the position that holds once it is handled; a
response without either moves the position of the last one that is not handled yet, so that a cursor is never ahead of
what was handled and nothing piles up while nothing matches. After a cut the stream is asked for again after the last
response received whole: what still waits here is neither repeated nor lost.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC

import grpc

from callwire.checkpoint import Position
from callwire.deliveries import FilterChangedDelivery, GapDelivery, GoingAwayDelivery, SnapshotDelivery
from callwire.errors import CallwireError
from callwire.ledger import Ledger
from callwire.retries import Retries, Retry
from callwire.statuses import CaughtUp, Connected, FellBehind, Progress, Status
from callwire.v1.event_pb2 import Event
from callwire.v1.session_pb2 import Session
from callwire.v1.subscription_pb2 import FilterMatch, SubscribeRequest, SubscribeResponse
from callwire.waiting import Batch, Notice, Waiting

_DEFAULT_PROGRESS_SECONDS = 5.0
_SILENT_INTERVALS = 3
_DEFAULT_BATCH = 1_000


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
        interval = request.progress_interval.ToTimedelta().total_seconds()
        self.patience = _SILENT_INTERVALS * (interval or _DEFAULT_PROGRESS_SECONDS)
        """Seconds without a response after which a stream counts as dead."""
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
        # What is out is the first of it.
        self._waiting: deque[Waiting] = deque()
        # Events and notices in it that are not settled.
        self._unsettled = 0
        self._out: Waiting | None = None
        self._out_since = 0.0
        self._over = False
        self._error: Exception | None = None

    # The stream's side.

    @property
    def has_room(self) -> bool:
        """Whether another response may be read.

        What the consumer was given does not count; nor does the first when it has nothing, for it takes that at once.
        """
        given = 1 if self._out is None else self._out.given - self._out.settled
        return self._unsettled - given < self._buffer

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
        """Whether nothing more comes in; something may still wait."""
        return self._over

    @property
    def ready(self) -> bool:
        """Whether `take` says something new: what waits next, or that the end was reached."""
        return bool(self._waiting) or self._over

    @property
    def is_out(self) -> bool:
        """Whether something is with the consumer."""
        return self._out is not None

    def take(self) -> Waiting | None:
        """Hands out what waits next. None at the end; raises the error that the subscription ended with."""
        if not self._waiting:
            if self._error is not None:
                raise self._error
            return None
        self._out, self._out_since = self._waiting[0], self._clock()
        if isinstance(self._out, Batch):
            self._out.begin_turn(self._length_of_turn(self._out))
        return self._out

    def _length_of_turn(self, batch: Batch) -> int:
        """Until a save has to come first, or there is room again for another response to be read."""
        length = min(batch.size - batch.settled, self.ledger.events_to_full())
        too_many = self._unsettled - self._buffer
        return max(1, min(length, too_many) if too_many > 0 else length)

    def handled(self) -> None:
        """Everything that was given is handled."""
        out, self._out = self._out, None
        if out is not None:
            is_single = out.given == out.settled + 1
            self._settle(out, out.given, self._clock() if is_single else self._out_since)

    def abandon(self) -> None:
        """What was given last, if anything is out, will not be handled."""
        self.recall()
        self.settle()
        self._out = None

    def recall(self) -> None:
        """Has the consumer come back once it has handled what it was given last."""
        if isinstance(self._out, Batch):
            self._out.is_recalled = True

    def settle(self) -> None:
        """Accounts for what the consumer has handled while it goes on: what it was given before the last one."""
        if self._out is not None and self._out.given - 1 > self._out.settled:
            self._settle(self._out, self._out.given - 1, self._out_since)

    def save_due_at(self) -> float | None:
        """When to save at the latest; None while there is nothing to, and the consumer will say when there is."""
        due = self.ledger.due_at()
        if due is None and isinstance(self._out, Batch) and not self._out.is_recalled:
            return self.ledger.due_after(self._out_since)
        return due

    def saving(self) -> Position | None:
        """Takes what is to be saved now; None when it is saved already."""
        self.recall()
        self.settle()
        return self.ledger.saving()

    def _settle(self, out: Waiting, handled: int, since: float) -> None:
        newly, out.settled = handled - out.settled, handled
        self._unsettled -= newly
        position = out.position_after(handled)
        if handled == out.size:
            self._waiting.popleft()
        if position.cursor:
            self.ledger.advance(position, since, events=newly if isinstance(out, Batch) else 0)

    # Parts of a response.

    def _take_digest(self, digest: str) -> None:
        previous = self._received.filter_digest
        if not digest or digest == previous:
            return
        self._received = Position(self._received.cursor, digest)
        if previous:
            self._put(Notice(FilterChangedDelivery(previous, digest), self._received))

    def _take_events(self, response: SubscribeResponse) -> bool:
        events: Sequence[Event] = response.events
        matches: Sequence[FilterMatch] = response.matches
        # They are in order, so the first tells whether any was received before.
        if events and events[0].offset <= self._last_offset:
            new = [at for at, event in enumerate(events) if event.offset > self._last_offset]
            events, matches = [events[at] for at in new], [matches[at] for at in new if at < len(matches)]
        if not events:
            return False
        self._last_offset = events[-1].offset
        epoch = (response.cursor or self._received.cursor).partition("-")[0]
        self._put(Batch(events, matches, epoch, self._received.filter_digest))
        return True

    def _take_notice(self, response: SubscribeResponse) -> None:
        match response.WhichOneof("notice"):
            case "gap":
                self._put(Notice(GapDelivery(response.gap.from_cursor, response.gap.to_cursor), self._received))
            case "snapshot_begin":
                self._snapshot = []
            case "going_away":
                self._put(Notice(GoingAwayDelivery(_seconds(response)), self._received))
            case "caught_up":
                self._put(Notice(CaughtUp(), self._received))
            case "fell_behind":
                self._put(Notice(FellBehind(response.fell_behind.queued_bytes), self._received))
        if self._snapshot is not None:
            self._snapshot.extend(response.sessions)
            if response.WhichOneof("notice") == "snapshot_end":
                self._put(Notice(SnapshotDelivery(tuple(self._snapshot), response.cursor), self._received))
                self._snapshot = None
                self._snapshot_delivered = True

    def _take_cursor(self, cursor: str) -> None:
        if self._snapshot is None and cursor:
            self._received = Position(cursor, self._received.filter_digest)
        if not self._received.cursor:
            return
        if self._waiting:
            self._waiting[-1].position = self._received
        elif self.ledger.handled != self._received:
            self.ledger.advance(self._received, self._clock())

    def _put(self, waiting: Waiting) -> None:
        self._waiting.append(waiting)
        self._unsettled += waiting.size


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
