"""Both clients against the real gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import grpc
import pytest
from consuming import Kind, consume
from gateway import Gateway, ringing
from test_unary import call

from callwire import (
    AsyncClient,
    CallwireError,
    CaughtUp,
    Client,
    EventDelivery,
    FileCheckpoint,
    Filter,
    GoingAwayDelivery,
    PublishItem,
    Reconnecting,
    SnapshotDelivery,
)
from callwire.v1.ingest_pb2 import PUBLISH_STATUS_ACCEPTED, PUBLISH_STATUS_DUPLICATE


async def collect(kind: Kind, url: str, method: str, **options: Any) -> list[Any]:
    """All items of a paged method of either client."""
    if kind == "asyncio":
        async with AsyncClient(url) as asynchronous:
            return [item async for item in getattr(asynchronous, method)(**options)]
    with Client(url) as blocking:
        return list(getattr(blocking, method)(**options))


async def test_one_queue_from_the_first_event_on(kind: Kind, gateway: Gateway) -> None:
    gateway.post(ringing("a"), ringing("b", "sales"), ringing("c", "support/returns"))
    filters = {"support": Filter(queue_names=["support"]), "sales": Filter(queue_names=["sales"])}
    got = await consume(kind, gateway.url, until=3, start="earliest", view="full", filters=filters)
    seen = [(d.event.call.call_id, d.matches) for d in got.deliveries if isinstance(d, EventDelivery)]
    assert seen == [("a", ("support",)), ("b", ("sales",)), ("c", ("support",))]
    first = got.deliveries[0]
    assert isinstance(first, EventDelivery)
    assert first.event.session.queue_path_names == ["support", "orders"]


async def test_live_events_after_catching_up(kind: Kind, gateway: Gateway) -> None:
    def post(status: object) -> None:
        if isinstance(status, CaughtUp):
            gateway.post(ringing("live"))

    got = await consume(kind, gateway.url, until=1, on_status=post)
    assert got.offsets == [1]


@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_a_restart_of_the_gateway_is_not_noticed_by_the_consumer(
    kind: Kind, gateway: Gateway, ending: str
) -> None:
    gateway.post(ringing("a"), ringing("b"))

    def restart(delivery: object) -> None:
        if isinstance(delivery, EventDelivery) and delivery.event.offset == 2:
            getattr(gateway, ending)()
            gateway.start()
            gateway.post(ringing("c"))

    # A gateway that stops by itself says so.
    until = 4 if ending == "stop" else 3
    got = await consume(kind, gateway.url, until=until, start="earliest", on_delivery=restart)
    assert got.offsets == [1, 2, 3]
    assert got.statuses_of(Reconnecting)
    assert any(isinstance(delivery, GoingAwayDelivery) for delivery in got.deliveries) == (ending == "stop")


async def test_another_run_goes_on_where_the_checkpoint_is(kind: Kind, gateway: Gateway, tmp_path: Path) -> None:
    gateway.post(*(ringing(f"c{n}") for n in range(6)))
    checkpoint = FileCheckpoint(tmp_path / "position")
    before = await consume(kind, gateway.url, until=4, start="earliest", checkpoint=checkpoint)
    after = await consume(kind, gateway.url, until=2, start="earliest", checkpoint=checkpoint)
    assert (before.offsets, after.offsets) == ([1, 2, 3, 4], [5, 6])


async def test_open_calls_come_as_one_snapshot(kind: Kind, gateway: Gateway) -> None:
    gateway.post(ringing("a"), ringing("b"))
    got = await consume(kind, gateway.url, until=1, include_snapshot=True)
    snapshot = got.deliveries[0]
    assert isinstance(snapshot, SnapshotDelivery)
    assert sorted(session.session_id for session in snapshot.sessions) == ["a", "b"]


async def test_a_slow_consumer_with_a_small_buffer_gets_everything_in_order(kind: Kind, gateway: Gateway) -> None:
    gateway.post(*(ringing(f"c{n}") for n in range(300)))
    log = await call(kind, gateway.url, "get_log_info")
    got = await consume(kind, gateway.url, start="earliest", end_cursor=log.newest_cursor, buffer=2)
    assert got.offsets == list(range(1, 301))
    assert got.cursor == log.newest_cursor


async def test_a_cursor_of_another_journal_is_a_decision(kind: Kind, gateway: Gateway) -> None:
    got = await consume(kind, gateway.url, after_cursor="deadbeef-1")
    assert isinstance(got.error, CallwireError)
    assert (got.error.code, got.error.reason) == (grpc.StatusCode.FAILED_PRECONDITION, "EPOCH_MISMATCH")
    assert len(got.error.metadata["epoch"]) == 8


async def test_history_is_paged(kind: Kind, gateway: Gateway) -> None:
    gateway.post(*(ringing(f"c{n}") for n in range(7)))
    events = await collect(kind, gateway.url, "list_events", page_size=3)
    assert [event.offset for event in events] == [1, 2, 3, 4, 5, 6, 7]
    newest_first = await collect(kind, gateway.url, "list_events", page_size=3, order_by="offset desc")
    assert [event.offset for event in newest_first] == [7, 6, 5, 4, 3, 2, 1]
    calls = await collect(kind, gateway.url, "list_calls", page_size=3, status="open")
    assert len(calls) == 7


async def test_calls_agents_and_explanations(kind: Kind, gateway: Gateway) -> None:
    gateway.login("7", "ann@example.com")
    gateway.post(ringing("a"))
    log = await call(kind, gateway.url, "get_log_info")
    assert (await call(kind, gateway.url, "get_call", call_id="a")).session.open
    assert (await call(kind, gateway.url, "get_agent", email="ann@example.com")).agent_id == "7"
    assert [agent.agent_id for agent in await collect(kind, gateway.url, "list_agents", page_size=1)] == ["7"]
    filters = {"sales": Filter(queue_names=["sales"])}
    explanation = await call(kind, gateway.url, "explain_event", log.newest_cursor, filters)
    assert not explanation.matched
    with pytest.raises(CallwireError) as raised:
        await call(kind, gateway.url, "get_call", call_id="nobody")
    assert raised.value.code is grpc.StatusCode.NOT_FOUND


async def test_published_events_are_stored_once(kind: Kind, gateway: Gateway) -> None:
    item = PublishItem(json='{"type":"CallState","item":{"CallID":"a","State":"ringing"}}', idempotency_key="k")
    first = await call(kind, gateway.url, "publish_events", "ccai", [item])
    second = await call(kind, gateway.url, "publish_events", "ccai", [item])
    assert [first.results[0].status, second.results[0].status] == [PUBLISH_STATUS_ACCEPTED, PUBLISH_STATUS_DUPLICATE]
    assert first.results[0].cursor == second.results[0].cursor
