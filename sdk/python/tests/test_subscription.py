"""What a subscription does, with either client, against scripts."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from consuming import Kind, consume
from responses import (
    caught_up,
    cursor,
    events,
    first,
    gap,
    going_away,
    matched,
    progress,
    sessions,
    snapshot_begin,
    snapshot_end,
)
from scripted_server import Fail, Hang, Reset, ScriptedServer, Step

from callwire import (
    AsyncClient,
    CallwireError,
    CaughtUp,
    Client,
    Connected,
    Delivery,
    EventDelivery,
    FileCheckpoint,
    FilterChangedDelivery,
    GapDelivery,
    GoingAwayDelivery,
    MemoryCheckpoint,
    Outcome,
    Position,
    Reconnecting,
    RetryPolicy,
    SavePolicy,
    SnapshotDelivery,
)


def offset_of(delivery: Delivery) -> int:
    assert isinstance(delivery, EventDelivery)
    return delivery.event.offset


BOUNDED: dict[str, Any] = {"start": "earliest", "end_cursor": cursor(9)}


async def test_a_bounded_stream_completes(kind: Kind) -> None:
    with ScriptedServer([first(), events(1, 2), events(5, upto=9)]) as server:
        got = await consume(kind, server.url, **BOUNDED)
    assert got.offsets == [1, 2, 5]
    assert [d.cursor for d in got.deliveries if isinstance(d, EventDelivery)] == [cursor(1), cursor(2), cursor(5)]
    assert (got.outcome, got.error, got.cursor) == (Outcome.COMPLETED, None, cursor(9))


@pytest.mark.parametrize(
    "cut",
    [
        Fail(),
        Fail(grpc.StatusCode.INTERNAL),
        Fail(grpc.StatusCode.UNKNOWN),
        Fail(grpc.StatusCode.UNAVAILABLE, "GOING_AWAY", retry_after=0.001),
        Fail(grpc.StatusCode.FAILED_PRECONDITION, "NEWER_THAN_THIS", retry_after=0.001),
        Reset(),
    ],
)
async def test_after_a_cut_nothing_is_missing_and_nothing_comes_twice(kind: Kind, cut: Fail | Reset) -> None:
    with ScriptedServer([first(), events(1, 2, upto=3), cut], [first(3), events(4), events(7, upto=9)]) as server:
        got = await consume(kind, server.url, **BOUNDED)
    assert got.offsets == [1, 2, 4, 7]
    # A reset may overtake what was sent before it; what was lost with it is asked for again.
    if not isinstance(cut, Reset):
        assert server.requests[1].after_cursor == cursor(3)
    assert server.requests[1].end_cursor == cursor(9)
    assert len(got.statuses_of(Reconnecting)) == 1


async def test_ok_without_an_end_asked_for_is_a_cut(kind: Kind) -> None:
    with ScriptedServer([first(), events(1)], [first(1), events(2), Hang()]) as server:
        got = await consume(kind, server.url, until=2)
    assert got.offsets == [1, 2]
    assert got.statuses_of(Reconnecting)[0].cause.code is grpc.StatusCode.UNAVAILABLE


async def test_a_repeated_event_is_dropped(kind: Kind) -> None:
    with ScriptedServer([first(), events(1, 2), events(2, 3), events(1, 4)]) as server:
        got = await consume(kind, server.url, **BOUNDED)
    assert got.offsets == [1, 2, 3, 4]


async def test_a_decision_is_raised_with_what_is_needed_for_it(kind: Kind) -> None:
    expired = Fail(grpc.StatusCode.OUT_OF_RANGE, "CURSOR_EXPIRED", {"oldest_cursor": cursor(40)})
    with ScriptedServer([first(), events(1), expired]) as server:
        got = await consume(kind, server.url)
    assert got.offsets == [1]
    assert got.outcome is Outcome.FAILED
    assert isinstance(got.error, CallwireError)
    assert (got.error.code, got.error.reason) == (grpc.StatusCode.OUT_OF_RANGE, "CURSOR_EXPIRED")
    assert got.error.metadata == {"oldest_cursor": cursor(40)}


async def test_attempts_without_progress_are_counted_and_end(kind: Kind) -> None:
    retry = RetryPolicy(initial=0.001, max=0.002, max_attempts=2)
    with ScriptedServer([Fail()], [first(), Fail()], [first(), Fail()]) as server:
        got = await consume(kind, server.url, retry=retry, after_cursor=cursor(0))
    assert [status.attempt for status in got.statuses_of(Reconnecting)] == [1, 2]
    assert isinstance(got.error, CallwireError)
    assert got.error.code is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("useful", [events(1), progress(0), progress(4)])
async def test_useful_progress_makes_the_next_failure_the_first(kind: Kind, useful: Any) -> None:
    streams: list[list[Step]] = [[first(), useful, Fail()], [first(), Fail()], [first(), events(5), Hang()]]
    with ScriptedServer([Fail()], *streams) as server:
        got = await consume(kind, server.url, until=1 + (useful == events(1)), after_cursor=cursor(0))
    assert [status.attempt for status in got.statuses_of(Reconnecting)] == [1, 1, 2]


async def test_the_delay_asked_for_is_waited_for(kind: Kind) -> None:
    streams: list[list[Step]] = [[first(), going_away(0, 30), Fail()], [Fail(retry_after=0.02)]]
    with ScriptedServer(*streams, [first(), events(1), Hang()]) as server:
        got = await consume(kind, server.url, until=2)
    assert got.deliveries[0] == GoingAwayDelivery(retry_after=0.03)
    asked, named = got.statuses_of(Reconnecting)
    assert asked.delay >= 0.03
    assert 0.02 <= named.delay < 0.03


async def test_a_silent_stream_is_taken_for_dead(kind: Kind) -> None:
    with ScriptedServer([first(), events(1), Hang()], [first(1), events(2), Hang()]) as server:
        got = await consume(kind, server.url, until=2, progress_interval=0.05)
    assert got.offsets == [1, 2]
    assert "no response" in got.statuses_of(Reconnecting)[0].cause.message


async def test_a_gateway_that_is_not_there_yet_is_waited_for(kind: Kind) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with ExitStack() as stack:

        def start(status: object) -> None:
            if isinstance(status, Reconnecting) and not servers:
                servers.append(stack.enter_context(ScriptedServer([first(), events(1), Hang()], port=port)))

        servers: list[ScriptedServer] = []
        got = await consume(kind, f"http://127.0.0.1:{port}", until=1, on_status=start)
    assert got.offsets == [1]


async def test_a_refused_key_is_refreshed_once_in_a_row(kind: Kind) -> None:
    refused = Fail(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    streams: list[list[Step]] = [[refused], [first(), events(1), refused], [refused]]
    keys = iter(["a", "b", "c"])
    with ScriptedServer(*streams) as server:
        got = await consume(kind, server.url, client={"api_key": lambda: next(keys)})
    assert server.keys == ["a", "b", "c"]
    assert got.offsets == [1]
    assert isinstance(got.error, CallwireError)
    assert got.error.reason == "UNAUTHENTICATED"


async def test_a_fixed_key_that_is_refused_is_raised_at_once(kind: Kind) -> None:
    with ScriptedServer([Fail(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")]) as server:
        got = await consume(kind, server.url, client={"api_key": "k"})
    assert server.keys == ["k"]
    assert isinstance(got.error, CallwireError)


async def test_a_snapshot_is_one_delivery_and_is_repeated_when_it_was_cut_short(kind: Kind) -> None:
    cut_short: list[Step] = [first(3), snapshot_begin(), sessions("a"), Fail()]
    whole: list[Step] = [first(3), snapshot_begin(), sessions("a"), sessions("b"), snapshot_end(3), events(4), Fail()]
    with ScriptedServer(cut_short, whole, [first(4), events(5), Hang()]) as server:
        got = await consume(kind, server.url, until=3, include_snapshot=True)
    snapshot = got.deliveries[0]
    assert isinstance(snapshot, SnapshotDelivery)
    assert [session.session_id for session in snapshot.sessions] == ["a", "b"]
    assert snapshot.cursor == cursor(3)
    assert got.offsets == [4, 5]
    assert [request.include_snapshot for request in server.requests] == [True, True, False]


async def test_a_gap_matches_and_what_was_reached_come_in_stream_order(kind: Kind) -> None:
    seen: list[object] = []
    stream: list[Step] = [first(), gap(0, 3), matched(4, "a", "b"), caught_up(4), events(5), Hang()]
    with ScriptedServer(stream) as server:
        got = await consume(kind, server.url, until=3, on_status=seen.append, on_delivery=seen.append)
    assert got.deliveries[0] == GapDelivery(cursor(0), cursor(3))
    assert isinstance(got.deliveries[1], EventDelivery)
    assert got.deliveries[1].matches == ("a", "b")
    assert seen.index(CaughtUp()) == seen.index(got.deliveries[2]) - 1


async def test_other_filters_than_those_of_the_checkpoint_are_told_first(kind: Kind) -> None:
    checkpoint = MemoryCheckpoint(Position(cursor(3), "old"))
    with ScriptedServer([first(3, "new"), events(4), Hang()]) as server:
        got = await consume(kind, server.url, until=2, checkpoint=checkpoint)
    assert got.deliveries[0] == FilterChangedDelivery("old", "new")
    assert server.requests[0].after_cursor == cursor(3)
    assert checkpoint.position == Position(cursor(4), "new")


async def test_what_is_not_known_is_passed_over(kind: Kind) -> None:
    unknown = events(1)
    # Field 999, a message: a notice of a newer gateway.
    unknown.MergeFromString(b"\xba\x3e\x02\x08\x01")
    unknown.events[0].trigger = 4711  # type: ignore[assignment]
    with ScriptedServer([first(), unknown, Hang()]) as server:
        got = await consume(kind, server.url, until=1)
    delivery = got.deliveries[0]
    assert isinstance(delivery, EventDelivery)
    assert delivery.event.trigger == 4711


async def test_progress_while_nothing_matches_moves_the_checkpoint(kind: Kind, tmp_path: Path) -> None:
    checkpoint = FileCheckpoint(tmp_path / "position")
    with ScriptedServer([first(), events(1), progress(8)]) as server:
        got = await consume(kind, server.url, checkpoint=checkpoint, **BOUNDED)
    assert got.cursor == cursor(8)
    assert checkpoint.load() == Position(cursor(8), "d1")


async def test_the_last_item_of_a_loop_that_is_left_by_an_error_is_not_handled(kind: Kind) -> None:
    def fail_at_three(delivery: object) -> None:
        if isinstance(delivery, EventDelivery) and delivery.event.offset == 3:
            raise RuntimeError("three")

    checkpoint = MemoryCheckpoint()
    with ScriptedServer([first(), events(1, 2, 3, 4), Hang()]) as server:
        got = await consume(kind, server.url, checkpoint=checkpoint, on_delivery=fail_at_three)
    assert isinstance(got.error, RuntimeError)
    assert got.outcome is Outcome.CANCELLED
    assert checkpoint.position == Position(cursor(2), "d1")


async def test_a_save_that_fails_ends_the_subscription(kind: Kind) -> None:
    class Full(MemoryCheckpoint):
        def save(self, position: Position) -> None:
            raise OSError("no space left")

    with ScriptedServer([first(), events(1, 2), Hang()]) as server:
        got = await consume(kind, server.url, checkpoint=Full(), save=SavePolicy(every_events=1))
    assert isinstance(got.error, OSError)
    assert got.outcome is Outcome.FAILED


async def test_an_error_of_the_callback_ends_the_subscription(kind: Kind) -> None:
    def refuse(status: object) -> None:
        raise RuntimeError("no")

    with ScriptedServer([first(), Hang()]) as server:
        got = await consume(kind, server.url, on_status=refuse)
    assert isinstance(got.error, RuntimeError)


async def test_a_corrupt_checkpoint_is_raised_and_named(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "position"
    path.write_text("{")
    with ScriptedServer() as server:
        got = await consume(kind, server.url, checkpoint=FileCheckpoint(path))
    assert isinstance(got.error, ValueError)
    assert str(path) in str(got.error)
    assert server.requests == []


async def test_the_first_response_is_told(kind: Kind) -> None:
    response = first()
    response.unresolved_agent_emails.append("a@example.com")
    with ScriptedServer([response, events(1), Hang()]) as server:
        got = await consume(kind, server.url, until=1)
    assert got.statuses_of(Connected)[0].unresolved_agent_emails == ("a@example.com",)


async def test_a_small_buffer_asks_for_small_batches(kind: Kind) -> None:
    with ScriptedServer([first(), events(1), Hang()]) as server:
        await consume(kind, server.url, until=1, buffer=10)
    assert server.requests[0].max_batch_events == 10


async def test_the_checkpoint_is_saved_at_exactly_so_many_events(kind: Kind) -> None:
    saved: list[str] = []

    class Watched(MemoryCheckpoint):
        def save(self, position: Position) -> None:
            saved.append(position.cursor)

    save = SavePolicy(every_events=2, every_seconds=3_600)
    with ScriptedServer([first(), events(1, 2, 3, 4, 5), Hang()]) as server:
        await consume(kind, server.url, until=5, checkpoint=Watched(), save=save)
    assert saved == [cursor(2), cursor(4), cursor(5)]


async def test_a_delivery_that_is_kept_stays_what_it_was(kind: Kind) -> None:
    kept: list[EventDelivery] = []

    def keep(delivery: object) -> None:
        assert isinstance(delivery, EventDelivery)
        # Every third, so that it is not only the one before that is still held.
        if delivery.event.offset % 3 == 0:
            kept.append(delivery)

    async def by_asyncio() -> None:
        async with AsyncClient(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            async for delivery in subscription:
                keep(delivery)

    def blocking() -> None:
        with Client(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            for delivery in subscription:
                keep(delivery)

    with ScriptedServer([first(), events(1, 2, 3, 4, 5, 6), events(7, 8, 9)]) as server:
        await (by_asyncio() if kind == "asyncio" else asyncio.to_thread(blocking))
    assert [delivery.event.offset for delivery in kept] == [3, 6, 9]
    assert [delivery.cursor for delivery in kept] == [cursor(3), cursor(6), cursor(9)]


async def test_a_second_loop_goes_on_after_the_first(kind: Kind) -> None:
    offsets: list[int] = []
    stream: list[Step] = [first(), events(1, 2, 3), events(4, 9)]

    async def by_asyncio() -> None:
        async with AsyncClient(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            async for delivery in subscription:
                offsets.append(offset_of(delivery))
                break
            offsets.append(offset_of(await anext(subscription)))
            assert subscription.cursor == cursor(1)
            async for delivery in subscription:
                offsets.append(offset_of(delivery))

    def blocking() -> None:
        with Client(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            for delivery in subscription:
                offsets.append(offset_of(delivery))
                break
            offsets.append(offset_of(next(subscription)))
            assert subscription.cursor == cursor(1)
            offsets.extend(offset_of(delivery) for delivery in subscription)

    with ScriptedServer(stream) as server:
        await (by_asyncio() if kind == "asyncio" else asyncio.to_thread(blocking))
    assert offsets == [1, 2, 3, 4, 9]


async def test_the_position_is_known_within_a_response(kind: Kind) -> None:
    seen: list[str] = []

    async def by_asyncio() -> None:
        async with AsyncClient(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            async for _ in subscription:
                seen.append(subscription.cursor)

    def blocking() -> None:
        with Client(server.url) as client, client.subscribe(**BOUNDED) as subscription:
            for _ in subscription:
                seen.append(subscription.cursor)

    with ScriptedServer([first(), events(1, 4, 5, upto=9)]) as server:
        await (by_asyncio() if kind == "asyncio" else asyncio.to_thread(blocking))
    assert seen == [cursor(0), cursor(1), cursor(4)]


async def test_the_checkpoint_is_saved_in_time_although_a_handler_is_at_work(kind: Kind) -> None:
    saved = threading.Event()

    class Watched(MemoryCheckpoint):
        def save(self, position: Position) -> None:
            super().save(position)
            if position.cursor == cursor(1):
                saved.set()

    async def wait_in_the_second() -> None:
        with ScriptedServer([first(), events(1, 2), Hang()]) as server:
            async with AsyncClient(server.url) as client:
                subscription = client.subscribe(checkpoint=Watched(), save=SavePolicy(every_seconds=0.01))

                async def handle(delivery: object) -> None:
                    if isinstance(delivery, EventDelivery) and delivery.event.offset == 2:
                        assert await asyncio.to_thread(saved.wait, 20)
                        await subscription.close()

                await subscription.run(handle)

    def wait_blocking(delivery: object) -> None:
        if isinstance(delivery, EventDelivery) and delivery.event.offset == 2:
            assert saved.wait(20)

    if kind == "asyncio":
        await wait_in_the_second()
        return
    with ScriptedServer([first(), events(1, 2), Hang()]) as server:
        policy = SavePolicy(every_seconds=0.01)
        got = await consume(kind, server.url, until=2, checkpoint=Watched(), save=policy, on_delivery=wait_blocking)
    assert got.error is None
