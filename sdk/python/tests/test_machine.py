"""The state of a subscription, step by step."""

from __future__ import annotations

import grpc
import pytest
from responses import cursor, events, first, progress, snapshot_begin

from callwire import CallwireError, EventDelivery, Position, RetryPolicy, SavePolicy
from callwire.ledger import Ledger
from callwire.machine import Machine
from callwire.retries import Retries
from callwire.v1.subscription_pb2 import StartPosition, SubscribeRequest

CUT = CallwireError(grpc.StatusCode.UNAVAILABLE, "cut")


def machine(request: SubscribeRequest | None = None, *, buffer: int = 1_000) -> Machine:
    made = Machine(
        request or SubscribeRequest(),
        buffer=buffer,
        retries=Retries(RetryPolicy(), can_refresh=False),
        ledger=Ledger(SavePolicy()),
        clock=lambda: 0.0,
    )
    made.begin(None)
    made.next_request()
    return made


def take_offset(machine: Machine) -> int:
    item = machine.take()
    assert item is not None
    assert isinstance(item.content, EventDelivery)
    return item.content.event.offset


def test_the_position_moves_with_each_event_that_was_handled() -> None:
    it = machine()
    it.received(first(0))
    assert it.ledger.handled == Position(cursor(0), "d1")
    it.received(events(1, 2, upto=5))
    assert take_offset(it) == 1
    assert it.ledger.handled == Position(cursor(0), "d1")
    it.handled()
    assert it.ledger.handled == Position(cursor(1), "d1")
    assert take_offset(it) == 2
    it.handled()
    assert it.ledger.handled == Position(cursor(5), "d1")


def test_a_position_without_events_waits_for_everything_before_it() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1))
    it.received(progress(6))
    take_offset(it)
    it.received(progress(7))
    assert it.ledger.handled == Position(cursor(0), "d1")
    it.handled()
    assert it.ledger.handled == Position(cursor(7), "d1")
    it.received(progress(8))
    assert it.ledger.handled == Position(cursor(8), "d1")


def test_what_was_given_up_is_not_handled() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1))
    take_offset(it)
    it.abandon()
    it.handled()
    assert it.ledger.handled == Position(cursor(0), "d1")


def test_it_resumes_after_what_was_received_although_it_was_not_consumed() -> None:
    it = machine(SubscribeRequest(after_cursor=cursor(2), end_cursor=cursor(9)))
    it.received(first(2))
    it.received(events(3, 4))
    assert it.cut(CUT) is not None
    request = it.next_request()
    assert (request.after_cursor, request.end_cursor) == (cursor(4), cursor(9))
    assert (take_offset(it), take_offset(it)) == (3, 4)


def test_before_the_first_response_it_asks_as_before() -> None:
    request = SubscribeRequest(start=StartPosition.START_POSITION_EARLIEST)
    it = machine(request)
    assert it.cut(CUT) is not None
    assert it.next_request() == request


def test_what_waits_comes_before_the_error() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1))
    it.fail(RuntimeError("broken"))
    assert take_offset(it) == 1
    it.handled()
    with pytest.raises(RuntimeError):
        it.take()


def test_it_has_room_until_the_buffer_is_full() -> None:
    it = machine(buffer=3)
    it.received(first(0))
    it.received(events(1, 2))
    assert it.has_room
    it.received(events(3, 4))
    assert not it.has_room
    take_offset(it)
    it.handled()
    take_offset(it)
    assert it.has_room


def test_positions_do_not_pile_up_while_nothing_matches() -> None:
    it = machine(buffer=2)
    it.received(first(0))
    it.received(events(1))
    for offset in range(2, 100):
        it.received(progress(offset))
    assert it.has_room
    take_offset(it)
    it.handled()
    assert it.ledger.handled == Position(cursor(99), "d1")
    assert not it.ready


def test_within_a_snapshot_the_position_stays() -> None:
    it = machine(SubscribeRequest(include_snapshot=True))
    it.received(first(3))
    it.received(snapshot_begin())
    it.received(progress(7))
    assert it.ledger.handled == Position(cursor(3), "d1")


def test_patience_is_three_intervals() -> None:
    assert machine().patience == 15
    request = SubscribeRequest()
    request.progress_interval.FromMilliseconds(1_500)
    assert machine(request).patience == 4.5


def test_a_buffer_that_holds_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="buffer"):
        machine(buffer=0)
