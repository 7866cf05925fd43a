"""A subscription of the asyncio client.

Two tasks serve it: the reader takes responses in and reconnects, the keeper saves the checkpoint when its time has
come; whoever consumes saves it when enough events were handled. Everything runs on one event loop, so the machine needs
no lock.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from sys import getrefcount
from types import TracebackType
from typing import Any, Self

import grpc.aio

from callwire.aio_signal import Signal
from callwire.checkpoint import AsyncCheckpoint
from callwire.connection import Endpoint
from callwire.credential import AsyncCredential, metadata_of
from callwire.deliveries import ONE_REFERENCE, Delivery, EventDelivery
from callwire.errors import CallwireError, from_rpc_error, from_status
from callwire.machine import Machine
from callwire.outcome import Outcome
from callwire.statuses import CaughtUp, FellBehind, Reconnecting, Status
from callwire.v1.subscription_pb2_grpc import SubscriptionServiceStub
from callwire.waiting import Notice, Waiting


class AsyncSubscription(AsyncIterator[Delivery]):
    """A resumable stream of deliveries, made by `AsyncClient.subscribe`. It connects when it is first read.

    Iterate over it within `async with`, or call `run`. When iterated, a delivery counts as handled once the next one is
    asked for, or when the block is left without an error. One task may consume; any may call `close` and `cancel`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credential: AsyncCredential,
        machine: Machine,
        *,
        checkpoint: AsyncCheckpoint | None,
        on_status: Callable[[Status], None] | None,
        on_end: Callable[[AsyncSubscription], None],
    ) -> None:
        self._endpoint = endpoint
        self._credential = credential
        self._machine = machine
        self._checkpoint = checkpoint
        self._tell = on_status or (lambda status: None)
        self._on_end = on_end
        self._changed = Signal()
        self._saving = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._deliveries = self._deliver()
        self._consumer: asyncio.Task[Any] | None = None
        self._running_handler = False
        self._stop: Outcome | None = None
        self._ending: asyncio.Task[None] | None = None
        self._outcome: Outcome | None = None

    # What everybody may ask.

    @property
    def cursor(self) -> str:
        """The position up to which everything was handled; empty before there is one."""
        self._machine.settle()
        handled = self._machine.ledger.handled
        return handled.cursor if handled else ""

    @property
    def outcome(self) -> Outcome | None:
        """How the subscription ended; None while it has not."""
        return self._outcome

    # Consuming.

    def __aiter__(self) -> AsyncIterator[Delivery]:
        """The deliveries. Raises CallwireError, or what a checkpoint or callback raised.

        It is one iterator, whoever asks: a second loop goes on where the first was left.
        """
        return self._deliveries

    async def __anext__(self) -> Delivery:
        """The next delivery. Raises as the iteration does."""
        return await anext(self._deliveries)

    async def run(self, handler: Callable[[Delivery], Awaitable[object]]) -> Outcome:
        """Awaits the handler with each delivery, one at a time, until the end, and says what end it was.

        A delivery is handled when the handler returns. An error of the handler is raised here; its delivery is then not
        handled.
        """
        self._running_handler = True
        try:
            async for delivery in self:
                await handler(delivery)
        except Exception:
            await self._end(Outcome.FAILED)
            raise
        except BaseException:
            await self._end(Outcome.CANCELLED)
            raise
        assert self._outcome is not None
        return self._outcome

    async def close(self) -> None:
        """Stops reading, waits until the current delivery was handled, saves the checkpoint and closes the connection.

        When the consuming task itself calls it in its loop, the current delivery counts as handled; within a handler of
        `run`, the run ends after the handler.
        """
        own = self._consumer is asyncio.current_task()
        self._halt(Outcome.CLOSED)
        if own and self._running_handler:
            return
        if own:
            self._machine.handled()
        else:
            await self._changed.until(lambda: not self._machine.is_out)
        await self._end(Outcome.CLOSED)

    async def cancel(self) -> None:
        """Ends at once; the current delivery is not handled. Saves what was."""
        await self._end(Outcome.CANCELLED)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            await self.close()
        else:
            await self.cancel()

    async def _start(self) -> None:
        if self._consumer is not None:
            return
        self._consumer = asyncio.current_task()
        self._machine.begin(await self._checkpoint.load() if self._checkpoint else None)
        if self._stop is None:
            self._tasks = [asyncio.create_task(self._guarded(work)) for work in (self._read, self._keep)]

    async def _deliver(self) -> AsyncGenerator[Delivery]:
        if self._ending is not None:
            await self._end(Outcome.CLOSED)
            return
        delivery, spare = EventDelivery.blank(), EventDelivery.blank()
        try:
            await self._start()
            while (out := await self._next()) is not None:
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
            await self._end(Outcome.FAILED)
            raise
        except BaseException:
            await self._end(Outcome.CANCELLED)
            raise
        await self._end(Outcome.COMPLETED)

    async def _next(self) -> Waiting | None:
        """What the consumer goes through next, now that it has handled what it had. None at the end."""
        self._machine.handled()
        self._changed.notify()
        if self._machine.ledger.is_full():
            await self._save()
        await self._changed.until(lambda: self._stop is not None or self._machine.ready)
        out = None if self._stop is not None else self._machine.take()
        self._changed.notify()
        return out

    # Ending.

    def _halt(self, outcome: Outcome) -> None:
        """Stops reader, keeper and consumer where they stand. The first reason counts."""
        if self._stop is None:
            self._stop = outcome
        self._machine.recall()
        self._changed.notify()

    async def _end(self, outcome: Outcome) -> None:
        """Stops everything and saves, once; whoever comes second waits for that.

        It is a task of its own, so that a consumer that is cancelled meanwhile does not cut the last save short.
        """
        self._halt(outcome)
        self._machine.abandon()
        self._changed.notify()
        if self._ending is None:
            self._ending = asyncio.create_task(self._finish())
        if asyncio.current_task() not in self._tasks:
            await asyncio.shield(self._ending)

    async def _finish(self) -> None:
        try:
            # Not in the middle of a save, which a thread would go on with and which could then overtake the last one.
            async with self._saving:
                for task in self._tasks:
                    task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._save()
        finally:
            self._outcome = self._stop
            self._on_end(self)

    # The reader.

    async def _guarded(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Hands an error of a task to the consumer, who raises it."""
        try:
            await work()
        except Exception as error:
            self._machine.fail(error)
            self._changed.notify()

    async def _read(self) -> None:
        while True:
            key = await self._credential.key()
            error = await self._read_stream(key)
            if self._machine.is_over:
                return
            cut = self._machine.cut(error)
            self._changed.notify()
            if cut is None:
                return
            retry, cause = cut
            self._tell(Reconnecting(retry.attempt, retry.delay, cause))
            if retry.refresh_credential:
                await self._credential.refresh(key)
            await asyncio.sleep(retry.delay)

    async def _read_stream(self, key: str | None) -> CallwireError | None:
        """Reads one stream to its end, over a connection of its own. None when it ended with OK."""
        async with self._endpoint.aio_channel() as channel:
            call = SubscriptionServiceStub(channel).Subscribe(self._machine.next_request(), metadata=metadata_of(key))
            responses = aiter(call)
            try:
                while True:
                    await self._changed.until(lambda: self._machine.has_room)
                    async with asyncio.timeout(self._machine.patience):
                        response = await anext(responses)
                    statuses = self._machine.received(response)
                    self._changed.notify()
                    for status in statuses:
                        self._tell(status)
            except StopAsyncIteration:
                return None
            except TimeoutError:
                return self._machine.silent()
            except grpc.aio.AioRpcError as error:
                return from_rpc_error(error)
            except asyncio.CancelledError:
                if _is_being_cancelled():
                    raise
                return await _cancelled_by_peer(call)
            finally:
                call.cancel()

    # The keeper.

    async def _keep(self) -> None:
        if self._checkpoint is None:
            return
        due_at = self._machine.save_due_at
        while True:
            await self._changed.until(lambda: due_at() is not None)
            remaining = (due_at() or 0.0) - time.monotonic()
            await self._changed.until(lambda: due_at() is None, remaining)
            due = due_at()
            if due is not None and due <= time.monotonic():
                await self._save()

    async def _save(self) -> None:
        async with self._saving:
            position = self._machine.saving()
            if position is not None and self._checkpoint is not None:
                await self._checkpoint.save(position)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _cancelled_by_peer(call: grpc.aio.Call) -> CallwireError:
    """The error of a stream that ended with CANCELLED on the wire, which gRPC raises as if this task were cancelled."""
    return from_status(await call.code(), await call.details() or "", await call.trailing_metadata())
