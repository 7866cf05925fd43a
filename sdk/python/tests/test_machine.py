"""The state of a subscription, step by step."""

from __future__ import annotations

from collections.abc import Callable

import grpc
import pytest
from responses import cursor, events, first, progress, snapshot_begin

from callwire import CallwireError, Position, RetryPolicy, SavePolicy
from callwire.ledger import Ledger
from callwire.machine import Machine
from callwire.retries import Retries
from callwire.v1.subscription_pb2 import StartPosition, SubscribeRequest
from callwire.waiting import Batch

CUT = CallwireError(grpc.StatusCode.UNAVAILABLE, "cut")


def machine(
    request: SubscribeRequest | None = None,
    *,
    buffer: int = 1_000,
    save: SavePolicy | None = None,
    clock: Callable[[], float] = lambda: 0.0,
) -> Machine:
    made = Machine(
        request or SubscribeRequest(),
        buffer=buffer,
        retries=Retries(RetryPolicy(), can_refresh=False),
        ledger=Ledger(save),
        clock=clock,
    )
    made.begin(None)
    made.next_request()
    return made


def take(machine: Machine) -> Batch:
    out = machine.take()
    assert isinstance(out, Batch)
    return out


def take_offset(machine: Machine) -> int:
    return next(take(machine).turn).offset


def test_the_position_moves_with_each_event_that_was_handled() -> None:
    it = machine()
    it.received(first(0))
    assert it.ledger.handled == Position(cursor(0), "d1")
    it.received(events(1, 2, upto=5))
    turn = take(it).turn
    assert next(turn).offset == 1
    it.settle()
    assert it.ledger.handled == Position(cursor(0), "d1")
    assert next(turn).offset == 2
    it.settle()
    assert it.ledger.handled == Position(cursor(1), "d1")
    it.handled()
    assert it.ledger.handled == Position(cursor(5), "d1")


def test_what_is_handled_counts_once() -> None:
    it = machine(save=SavePolicy(every_events=5))
    it.received(first(0))
    it.received(events(1, 2, 3))
    turn = take(it).turn
    for _ in turn:
        it.settle()
    it.handled()
    assert it.ledger.events_to_full() == 2


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
    assert [event.offset for event in take(it).turn] == [3, 4]


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


def test_a_consumer_that_comes_back_early_gets_the_others() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1, 2, 3))
    assert take_offset(it) == 1
    it.handled()
    assert [event.offset for event in take(it).turn] == [2, 3]
    it.handled()
    assert not it.ready
    assert it.ledger.handled == Position(cursor(3), "d1")


def test_what_was_given_last_and_then_given_up_is_not_handled() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1, 2, 3))
    batch = take(it)
    next(batch.turn)
    next(batch.turn)
    it.abandon()
    assert batch.is_recalled
    assert it.ledger.handled == Position(cursor(1), "d1")
    next(batch.turn)
    it.handled()
    assert it.ledger.handled == Position(cursor(1), "d1")


def test_a_turn_ends_where_a_save_comes_first() -> None:
    it = machine(save=SavePolicy(every_events=2))
    it.received(first(0))
    it.received(events(1, 2, 3))
    assert [event.offset for event in take(it).turn] == [1, 2]
    it.handled()
    assert it.ledger.is_full()
    assert it.saving() == Position(cursor(2), "d1")
    assert [event.offset for event in take(it).turn] == [3]


def test_saving_calls_the_consumer_back_and_takes_what_it_has_handled() -> None:
    it = machine(save=SavePolicy())
    it.received(first(0))
    assert it.saving() == Position(cursor(0), "d1")
    it.received(events(1, 2, 3))
    batch = take(it)
    next(batch.turn)
    assert it.saving() is None
    assert batch.is_recalled
    it.handled()
    batch = take(it)
    next(batch.turn)
    next(batch.turn)
    assert it.saving() == Position(cursor(2), "d1")
    assert batch.is_recalled


def test_a_turn_is_saved_in_time_although_the_consumer_does_not_come_back() -> None:
    now = 10.0
    it = machine(save=SavePolicy(every_seconds=2), clock=lambda: now)
    it.received(first(0))
    it.saving()
    it.received(events(1, 2, 3))
    assert it.save_due_at() is None
    batch = take(it)
    assert it.save_due_at() == 12
    next(batch.turn)
    now = 12
    assert it.saving() is None
    # Recalled, it says by itself what it has handled.
    assert it.save_due_at() is None
    now = 13
    it.handled()
    assert it.save_due_at() == 15


def test_what_was_handled_within_a_turn_may_be_as_old_as_the_turn() -> None:
    now = 10.0
    it = machine(save=SavePolicy(every_seconds=2), clock=lambda: now)
    it.received(first(0))
    it.saving()
    it.received(events(1, 2))
    list(take(it).turn)
    now = 11
    it.handled()
    assert it.save_due_at() == 12


def test_without_a_checkpoint_nothing_is_ever_to_be_saved() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(*range(1, 300)))
    assert len(list(take(it).turn)) == 299
    assert it.save_due_at() is None
    it.handled()
    assert (it.ledger.is_full(), it.save_due_at()) == (False, None)


def test_it_has_room_until_the_buffer_is_full() -> None:
    it = machine(buffer=3)
    it.received(first(0))
    it.received(events(1, 2))
    assert it.has_room
    it.received(events(3, 4))
    assert not it.has_room
    take_offset(it)
    assert not it.has_room
    it.handled()
    take_offset(it)
    assert it.has_room


def test_the_first_for_a_consumer_that_has_nothing_takes_no_room() -> None:
    it = machine(buffer=2)
    it.received(first(0))
    it.received(events(1, 2))
    assert it.has_room


def test_the_consumer_comes_back_when_there_is_room_again() -> None:
    it = machine(buffer=2)
    it.received(first(0))
    it.received(events(1, 2, 3, 4))
    turn = take(it).turn
    assert [next(turn).offset, next(turn).offset] == [1, 2]
    assert not it.has_room
    assert list(turn) == []
    it.handled()
    turn = take(it).turn
    assert it.has_room
    assert [event.offset for event in turn] == [3, 4]


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


def test_events_that_were_received_before_are_dropped_with_their_matches() -> None:
    it = machine()
    it.received(first(0))
    it.received(events(1, 2))
    list(take(it).turn)
    it.handled()
    again = events(2, 3, 1, 4)
    for name in "abcd":
        again.matches.add(filters=[name])
    it.received(again)
    batch = take(it)
    assert [event.offset for event in batch.turn] == [3, 4]
    assert batch.matches is not None
    assert [origin.matches for origin in (next(batch.matches), next(batch.matches))] == [("b",), ("d",)]
    it.received(events(4))
    it.handled()
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
