"""An event's delivery, as a user makes it for a test of a handler."""

from __future__ import annotations

import pytest

from callwire import Event, EventDelivery


def test_it_has_what_it_was_made_of() -> None:
    delivery = EventDelivery(Event(offset=3), "0a1b2c3d-3", ("a", "b"))
    assert (delivery.event.offset, delivery.cursor, delivery.matches) == (3, "0a1b2c3d-3", ("a", "b"))
    assert EventDelivery(Event(), "0a1b2c3d-1").matches == ()


def test_it_is_taken_apart_by_a_match() -> None:
    match EventDelivery(Event(offset=3), cursor="0a1b2c3d-3"):
        case EventDelivery(event, cursor, matches):
            assert (event.offset, cursor, matches) == (3, "0a1b2c3d-3", ())


def test_it_equals_one_of_the_same_content() -> None:
    delivery = EventDelivery(Event(offset=3), "0a1b2c3d-3")
    assert delivery == EventDelivery(Event(offset=3), "0a1b2c3d-3")
    assert delivery != EventDelivery(Event(offset=4), "0a1b2c3d-3")
    assert delivery != EventDelivery(Event(offset=3), "0a1b2c3d-4")
    assert delivery != EventDelivery(Event(offset=3), "0a1b2c3d-3", ("a",))
    assert delivery != "0a1b2c3d-3"
    with pytest.raises(TypeError):
        hash(delivery)


def test_it_shows_its_content() -> None:
    shown = repr(EventDelivery(Event(offset=3), "0a1b2c3d-3", ("a",)))
    assert shown == "EventDelivery(event=offset: 3\n, cursor='0a1b2c3d-3', matches=('a',))"
