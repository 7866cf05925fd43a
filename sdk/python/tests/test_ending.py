"""How a subscription is ended from elsewhere, and what is saved then."""

from __future__ import annotations

import asyncio
import threading

import pytest
from consuming import QUICK
from responses import cursor, events, first
from scripted_server import Fail, Hang, ScriptedServer, Step

from callwire import AsyncClient, Client, Delivery, EventDelivery, MemoryCheckpoint, Outcome, Position, RetryPolicy

EVENTS: list[Step] = [first(), events(1, 2, 3), Hang()]


def test_close_waits_for_the_handler_and_saves() -> None:
    begun, release = threading.Event(), threading.Event()
    checkpoint = MemoryCheckpoint()
    handled: list[Delivery] = []

    def handle(delivery: Delivery) -> None:
        begun.set()
        release.wait()
        handled.append(delivery)

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe(checkpoint=checkpoint)
        consumer = threading.Thread(target=subscription.run, args=(handle,))
        consumer.start()
        begun.wait()
        closer = threading.Thread(target=subscription.close)
        closer.start()
        release.set()
        closer.join()
        assert len(handled) == 1
        assert checkpoint.position == Position(cursor(1), "d1")
        consumer.join()
    assert subscription.outcome is Outcome.CLOSED


def test_close_from_elsewhere_ends_the_loop_within_a_response() -> None:
    second, release = threading.Event(), threading.Event()
    checkpoint = MemoryCheckpoint()
    offsets: list[int] = []

    def consume() -> None:
        for delivery in subscription:
            assert isinstance(delivery, EventDelivery)
            offsets.append(delivery.event.offset)
            if len(offsets) == 2:
                second.set()
                release.wait()

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe(checkpoint=checkpoint)
        consumer = threading.Thread(target=consume)
        consumer.start()
        second.wait()
        closer = threading.Thread(target=subscription.close)
        closer.start()
        server.ended.wait()
        release.set()
        closer.join()
        consumer.join()
    assert offsets == [1, 2]
    assert checkpoint.position == Position(cursor(2), "d1")


def test_cancel_within_a_response_saves_what_was_handled_of_it() -> None:
    second, release = threading.Event(), threading.Event()
    checkpoint = MemoryCheckpoint()
    handled: list[Delivery] = []

    def handle(delivery: Delivery) -> None:
        if handled:
            second.set()
            release.wait()
        handled.append(delivery)

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe(checkpoint=checkpoint)
        consumer = threading.Thread(target=subscription.run, args=(handle,))
        consumer.start()
        second.wait()
        subscription.cancel()
        assert checkpoint.position == Position(cursor(1), "d1")
        release.set()
        consumer.join()
    assert len(handled) == 2
    assert checkpoint.position == Position(cursor(1), "d1")


def test_close_gives_up_after_its_time_out() -> None:
    begun, release = threading.Event(), threading.Event()
    checkpoint = MemoryCheckpoint()

    def handle(delivery: Delivery) -> None:
        begun.set()
        release.wait()

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe(checkpoint=checkpoint)
        consumer = threading.Thread(target=subscription.run, args=(handle,))
        consumer.start()
        begun.wait()
        subscription.close(timeout=0.01)
        assert checkpoint.position == Position(cursor(0), "d1")
        release.set()
        consumer.join()
    assert checkpoint.position == Position(cursor(0), "d1")


def test_cancel_does_not_wait_for_the_handler() -> None:
    begun, release = threading.Event(), threading.Event()
    checkpoint = MemoryCheckpoint()

    def handle(delivery: Delivery) -> None:
        begun.set()
        release.wait()

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe(checkpoint=checkpoint)
        consumer = threading.Thread(target=subscription.run, args=(handle,))
        consumer.start()
        begun.wait()
        subscription.cancel()
        assert subscription.outcome is Outcome.CANCELLED
        assert checkpoint.position == Position(cursor(0), "d1")
        release.set()
        consumer.join()


def test_a_handler_may_close() -> None:
    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        checkpoint = MemoryCheckpoint()
        subscription = client.subscribe(checkpoint=checkpoint)
        assert subscription.run(lambda delivery: subscription.close()) is Outcome.CLOSED
    assert checkpoint.position == Position(cursor(1), "d1")


def test_an_error_of_the_handler_ends_the_run() -> None:
    def fail(delivery: Delivery) -> None:
        raise RuntimeError("handler")

    with ScriptedServer(EVENTS) as server, Client(server.url) as client:
        subscription = client.subscribe()
        with pytest.raises(RuntimeError, match="handler"):
            subscription.run(fail)
    assert subscription.outcome is Outcome.FAILED
    assert subscription.cursor == cursor(0)


def test_closing_the_client_closes_its_subscriptions() -> None:
    with ScriptedServer([first(), Hang()]) as server:
        client = Client(server.url)
        connected = threading.Event()
        subscription = client.subscribe(on_status=lambda status: connected.set())
        consumer = threading.Thread(target=subscription.run, args=(print,))
        consumer.start()
        connected.wait()
        client.close()
        consumer.join()
    assert subscription.outcome is Outcome.CLOSED


def test_close_ends_the_wait_for_a_reconnect() -> None:
    waiting = threading.Event()
    with ScriptedServer([Fail(retry_after=3_600)]) as server, Client(server.url) as client:
        subscription = client.subscribe(on_status=lambda status: waiting.set())
        consumer = threading.Thread(target=subscription.run, args=(print,))
        consumer.start()
        waiting.wait()
        subscription.close()
        consumer.join()
    assert subscription.outcome is Outcome.CLOSED


def test_no_thread_outlives_a_subscription() -> None:
    before = {thread.name for thread in threading.enumerate()}
    with ScriptedServer(EVENTS) as server, Client(server.url) as client, client.subscribe() as subscription:
        next(subscription)
        assert {"callwire-reader", "callwire-keeper"} <= {thread.name for thread in threading.enumerate()} - before
    assert not any(thread.name.startswith("callwire-") for thread in threading.enumerate())


def test_what_was_never_read_can_be_closed() -> None:
    with Client("http://127.0.0.1:1") as client:
        subscription = client.subscribe()
        subscription.close()
        assert subscription.outcome is Outcome.CLOSED
        assert list(subscription) == []


async def test_an_asyncio_close_waits_for_the_handler_and_saves() -> None:
    begun, release = asyncio.Event(), asyncio.Event()
    checkpoint = MemoryCheckpoint()

    async def handle(delivery: Delivery) -> None:
        begun.set()
        await release.wait()

    with ScriptedServer(EVENTS) as server:
        async with AsyncClient(server.url) as client:
            subscription = client.subscribe(checkpoint=checkpoint)
            consumer = asyncio.create_task(subscription.run(handle))
            await begun.wait()
            closer = asyncio.create_task(subscription.close())
            release.set()
            await closer
            assert await consumer is Outcome.CLOSED
    assert checkpoint.position == Position(cursor(1), "d1")


async def test_an_asyncio_close_from_elsewhere_ends_the_loop_within_a_response() -> None:
    second, release = asyncio.Event(), asyncio.Event()
    offsets: list[int] = []

    async def consume() -> None:
        async for delivery in subscription:
            assert isinstance(delivery, EventDelivery)
            offsets.append(delivery.event.offset)
            if len(offsets) == 2:
                second.set()
                await release.wait()

    checkpoint = MemoryCheckpoint()
    with ScriptedServer(EVENTS) as server:
        async with AsyncClient(server.url) as client:
            subscription = client.subscribe(checkpoint=checkpoint)
            consumer = asyncio.create_task(consume())
            await second.wait()
            closer = asyncio.create_task(subscription.close())
            # One turn of the loop, in which the close begins.
            await asyncio.sleep(0)
            release.set()
            await closer
            await consumer
    assert offsets == [1, 2]
    assert checkpoint.position == Position(cursor(2), "d1")


async def test_a_cancelled_task_saves_what_was_handled() -> None:
    begun = asyncio.Event()
    checkpoint = MemoryCheckpoint()

    async def handle(delivery: Delivery) -> None:
        begun.set()
        await asyncio.Event().wait()

    with ScriptedServer(EVENTS) as server:
        async with AsyncClient(server.url) as client:
            subscription = client.subscribe(checkpoint=checkpoint)
            consumer = asyncio.create_task(subscription.run(handle))
            await begun.wait()
            consumer.cancel()
            with pytest.raises(asyncio.CancelledError):
                await consumer
            assert subscription.outcome is Outcome.CANCELLED
    assert checkpoint.position == Position(cursor(0), "d1")


async def test_a_task_that_is_cancelled_while_it_waits_ends_the_subscription() -> None:
    connected = asyncio.Event()
    with ScriptedServer([first(), Hang()]) as server:
        async with AsyncClient(server.url) as client:
            subscription = client.subscribe(on_status=lambda status: connected.set())
            consumer = asyncio.ensure_future(anext(subscription))
            await connected.wait()
            consumer.cancel()
            with pytest.raises(asyncio.CancelledError):
                await consumer
    assert subscription.outcome is Outcome.CANCELLED


async def test_an_asyncio_handler_may_close() -> None:
    with ScriptedServer(EVENTS) as server:
        async with AsyncClient(server.url) as client:
            subscription = client.subscribe()

            async def close(delivery: Delivery) -> None:
                await subscription.close()

            assert await subscription.run(close) is Outcome.CLOSED
            assert subscription.cursor == cursor(1)


async def test_an_async_checkpoint_is_awaited() -> None:
    class Stored:
        position: Position | None = Position(cursor(4), "d1")

        async def load(self) -> Position | None:
            return self.position

        async def save(self, position: Position) -> None:
            self.position = position

    stored = Stored()
    with ScriptedServer([first(4), events(5), Hang()]) as server:
        async with AsyncClient(server.url, retry=QUICK) as client, client.subscribe(checkpoint=stored) as subscription:
            async for _ in subscription:
                break
    assert server.requests[0].after_cursor == cursor(4)
    assert stored.position == Position(cursor(5), "d1")


async def test_an_asyncio_cancel_ends_the_wait_for_a_reconnect() -> None:
    waiting = asyncio.Event()
    with ScriptedServer([Fail(retry_after=3_600)]) as server:
        async with AsyncClient(server.url, retry=RetryPolicy()) as client:
            subscription = client.subscribe(on_status=lambda status: waiting.set())
            consumer = asyncio.ensure_future(anext(subscription, None))
            await waiting.wait()
            await subscription.cancel()
            assert await consumer is None
    assert subscription.outcome is Outcome.CANCELLED
