"""A subscription of the blocking client.

Two threads serve it: the reader takes responses in and reconnects, the keeper watches for a dead stream and saves the
checkpoint when its time has come; whoever consumes saves it when enough events were handled. All three share the
machine under one lock. Network, saving and the user's code run outside it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from sys import getrefcount
from types import TracebackType
from typing import Self

import grpc

from callwire.checkpoint import Checkpoint
from callwire.connection import Endpoint
from callwire.credential import Credential, metadata_of
from callwire.deliveries import ONE_REFERENCE, Delivery, EventDelivery
from callwire.errors import CallwireError, from_rpc_error
from callwire.machine import Machine
from callwire.outcome import Outcome
from callwire.statuses import CaughtUp, FellBehind, Reconnecting, Status
from callwire.v1.subscription_pb2 import SubscribeRequest
from callwire.v1.subscription_pb2_grpc import SubscriptionServiceStub
from callwire.waiting import Notice, Waiting


class Subscription(Iterator[Delivery]):
    """A resumable stream of deliveries, made by `Client.subscribe`. It connects when it is first read.

    Iterate over it within `with`, or call `run`. When iterated, a delivery counts as handled once the next one is
    asked for, or when the block is left without an error. One thread may consume; any may call `close` and `cancel`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credential: Credential,
        machine: Machine,
        *,
        checkpoint: Checkpoint | None,
        on_status: Callable[[Status], None] | None,
        on_end: Callable[[Subscription], None],
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._machine = machine
        self._checkpoint = checkpoint
        self._tell = on_status or (lambda status: None)
        self._on_end = on_end
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._keeper_turn = threading.Condition(lock)
        self._saving = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._deliveries = self._deliver()
        self._consumer: int | None = None
        self._running_handler = False
        self._call: grpc.Call | None = None
        self._silent_at: float | None = None
        self._silenced = False
        self._keeper_wakes_at: float | None = None
        self._stop: Outcome | None = None
        self._ending = False
        self._ended = threading.Event()
        self._outcome: Outcome | None = None

    # What everybody may ask.

    @property
    def cursor(self) -> str:
        """The position up to which everything was handled; empty before there is one."""
        with self._changed:
            self._machine.settle()
            handled = self._machine.ledger.handled
            return handled.cursor if handled else ""

    @property
    def outcome(self) -> Outcome | None:
        """How the subscription ended; None while it has not."""
        return self._outcome

    # Consuming.

    def __iter__(self) -> Iterator[Delivery]:
        """The deliveries. Raises CallwireError, or what a checkpoint or callback raised.

        It is one iterator, whoever asks: a second loop goes on where the first was left.
        """
        return self._deliveries

    def __next__(self) -> Delivery:
        """The next delivery. Raises as the iteration does."""
        return next(self._deliveries)

    def run(self, handler: Callable[[Delivery], object]) -> Outcome:
        """Calls the handler with each delivery, one at a time, until the end, and says what end it was.

        A delivery is handled when the handler returns. An error of the handler is raised here; its delivery is then not
        handled.
        """
        self._running_handler = True
        try:
            for delivery in self:
                handler(delivery)
        except Exception:
            self._abandon(Outcome.FAILED)
            raise
        except BaseException:
            self._abandon(Outcome.CANCELLED)
            raise
        assert self._outcome is not None
        return self._outcome

    def close(self, timeout: float | None = None) -> None:
        """Stops reading, waits until the current delivery was handled, saves the checkpoint and closes the connection.

        When the consumer itself calls it in its loop, the current delivery counts as handled; within a handler of
        `run`, the run ends after the handler. Another caller waits, at most `timeout` seconds; then the delivery is not
        handled.
        """
        own = self._consumer == threading.get_ident()
        with self._changed:
            self._halt(Outcome.CLOSED)
            if own and self._running_handler:
                return
            if own:
                self._machine.handled()
            else:
                self._changed.wait_for(lambda: not self._machine.is_out, timeout)
        self._end(Outcome.CLOSED)

    def cancel(self) -> None:
        """Ends at once; the current delivery is not handled. Saves what was."""
        self._abandon(Outcome.CANCELLED)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.cancel()

    def _start(self) -> None:
        if self._consumer is not None:
            return
        self._consumer = threading.get_ident()
        saved = self._checkpoint.load() if self._checkpoint else None
        with self._changed:
            self._machine.begin(saved)
            if self._stop is not None:
                return
            for name, work in (("reader", self._read), ("keeper", self._keep)):
                thread = threading.Thread(target=self._guarded, args=(work,), name=f"callwire-{name}", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _deliver(self) -> Iterator[Delivery]:
        if self._ended.is_set():
            return
        delivery, spare = EventDelivery.blank(), EventDelivery.blank()
        try:
            self._start()
            while (out := self._next()) is not None:
                if isinstance(out, Notice):
                    if isinstance(out.content, (CaughtUp, FellBehind)):
                        self._tell(out.content)
                    else:
                        yield out.content
                    continue
                # What is done here is done for every single event, so it is little: of two deliveries the one is given
                # that the consumer let go of, a new one only when it kept it.
                origin, matches = out.origin, out.matches
                for event in out.turn:
                    delivery, spare = spare, delivery
                    if getrefcount(delivery) != ONE_REFERENCE:
                        delivery = EventDelivery.blank()
                    delivery.event = event
                    delivery.origin = origin if matches is None else next(matches)
                    yield delivery
                    if out.is_recalled:
                        break
        except GeneratorExit:
            # Nobody reads on. That ends nothing by itself.
            raise
        except Exception:
            self._end(Outcome.FAILED)
            raise
        except BaseException:
            self._end(Outcome.CANCELLED)
            raise
        self._end(Outcome.COMPLETED)

    def _next(self) -> Waiting | None:
        """What the consumer goes through next, now that it has handled what it had. None at the end."""
        with self._changed:
            self._machine.handled()
            is_full = self._machine.ledger.is_full()
            self._wake_keeper(self._machine.save_due_at())
        if is_full:
            self._save()
        with self._changed:
            self._changed.wait_for(lambda: self._stop is not None or self._machine.ready)
            out = None if self._stop is not None else self._machine.take()
            self._wake_keeper(self._machine.save_due_at())
            # Room for the reader, or nothing left that a closer would wait for.
            self._changed.notify_all()
            return out

    # Ending.

    def _halt(self, outcome: Outcome) -> None:
        """Stops reader, keeper and consumer where they stand. The first reason counts."""
        with self._changed:
            if self._stop is None:
                self._stop = outcome
            self._machine.recall()
            if self._call is not None:
                self._call.cancel()
            self._changed.notify_all()
            self._keeper_turn.notify_all()

    def _abandon(self, outcome: Outcome) -> None:
        with self._changed:
            self._halt(outcome)
            self._machine.abandon()
            self._changed.notify_all()
        self._end(outcome)

    def _end(self, outcome: Outcome) -> None:
        """Stops everything and saves, once; whoever comes second waits for that."""
        with self._changed:
            self._halt(outcome)
            self._machine.abandon()
            second, self._ending = self._ending, True
        if second:
            if threading.current_thread() not in self._threads:
                self._ended.wait()
            return
        try:
            for thread in self._threads:
                if thread is not threading.current_thread():
                    thread.join()
            self._save()
        finally:
            self._outcome = self._stop
            self._on_end(self)
            self._ended.set()

    # The reader.

    def _guarded(self, work: Callable[[], None]) -> None:
        """Hands an error of a thread to the consumer, who raises it."""
        try:
            work()
        except Exception as error:
            with self._changed:
                self._machine.fail(error)
                if self._call is not None:
                    self._call.cancel()
                self._changed.notify_all()

    def _read(self) -> None:
        while self._stop is None:
            key = self._credential.key()
            error = self._read_stream(key)
            with self._changed:
                if self._stop is not None or self._machine.is_over:
                    return
                cut = self._machine.cut(error)
                self._changed.notify_all()
            if cut is None:
                return
            retry, cause = cut
            self._tell(Reconnecting(retry.attempt, retry.delay, cause))
            if retry.refresh_credential:
                self._credential.refresh(key)
            with self._changed:
                self._changed.wait_for(lambda: self._stop is not None, retry.delay)

    def _read_stream(self, key: str | None) -> CallwireError | None:
        """Reads one stream to its end, over a connection of its own. None when it ended with OK."""
        with self._endpoint.channel() as channel:
            with self._changed:
                if self._stop is not None:
                    return None
                request: SubscribeRequest = self._machine.next_request()
                responses = SubscriptionServiceStub(channel).Subscribe(request, metadata=metadata_of(key))
                self._call = responses
                self._silenced = False
            try:
                while self._is_to_read():
                    response = next(responses)
                    with self._changed:
                        self._silent_at = None
                        statuses = self._machine.received(response)
                        self._wake_keeper(self._machine.save_due_at())
                        self._changed.notify_all()
                    for status in statuses:
                        self._tell(status)
            except StopIteration:
                pass
            except grpc.RpcError as error:
                return self._machine.silent() if self._silenced else from_rpc_error(error)
            finally:
                with self._changed:
                    self._call = None
                    self._silent_at = None
                responses.cancel()
        return None

    def _is_to_read(self) -> bool:
        """Waits for room; from then on the stream must give a sign of life."""
        with self._changed:
            self._changed.wait_for(lambda: self._stop is not None or self._machine.has_room)
            self._silent_at = time.monotonic() + self._machine.patience
            self._wake_keeper(self._silent_at)
            return self._stop is None

    # The keeper.

    def _wake_keeper(self, at: float | None) -> None:
        """Has the keeper look again at a time, unless it does so before."""
        if at is not None and (self._keeper_wakes_at is None or at < self._keeper_wakes_at):
            self._keeper_turn.notify()

    def _keep(self) -> None:
        while self._stop is None:
            with self._changed:
                now = time.monotonic()
                if self._silent_at is not None and self._silent_at <= now and self._call is not None:
                    self._silenced = True
                    self._silent_at = None
                    self._call.cancel()
                due = self._machine.save_due_at()
                if due is None or due > now:
                    times = [at for at in (due, self._silent_at) if at is not None]
                    self._keeper_wakes_at = min(times, default=None)
                    wait = None if self._keeper_wakes_at is None else self._keeper_wakes_at - now
                    if self._stop is None:
                        self._keeper_turn.wait(wait)
                    self._keeper_wakes_at = now
                    continue
            self._save()

    def _save(self) -> None:
        with self._saving:
            with self._changed:
                position = self._machine.saving()
            if position is not None and self._checkpoint is not None:
                self._checkpoint.save(position)
