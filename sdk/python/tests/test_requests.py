from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from callwire import Filter, Tls
from callwire.connection import Endpoint
from callwire.requests import build
from callwire.v1.subscription_pb2 import EventView, ListEventsRequest, Scope, StartPosition, SubscribeRequest


def test_options_become_fields() -> None:
    request = build(
        SubscribeRequest,
        {
            "filters": {"q": Filter(queue_names=["support"])},
            "start_time": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
            "scope": "call",
            "view": EventView.EVENT_VIEW_FULL,
            "progress_interval": 1.5,
            "max_batch_events": 7,
        },
    )
    assert request.filters["q"].queue_names == ["support"]
    assert request.start_time.ToJsonString() == "2026-01-02T03:04:05Z"
    assert (request.scope, request.view) == (Scope.SCOPE_CALL, EventView.EVENT_VIEW_FULL)
    assert request.progress_interval.ToMilliseconds() == 1_500
    assert build(ListEventsRequest, {"start": "latest"}).start == StartPosition.START_POSITION_LATEST


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"qeue": 1}, TypeError, "qeue"),
        ({"start": "newest"}, ValueError, "earliest, latest"),
        ({"start": "latest", "after_cursor": "c"}, ValueError, "after_cursor, start"),
        ({"start_time": datetime(2026, 1, 1)}, ValueError, "time zone"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        build(SubscribeRequest, options)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:7450", "127.0.0.1:7450"),
        ("http://gateway.example", "gateway.example:80"),
        ("https://gateway.example/", "gateway.example:443"),
        ("http://[::1]:7450", "[::1]:7450"),
    ],
)
def test_a_url_names_host_and_port(url: str, target: str) -> None:
    assert Endpoint(url).target == target


@pytest.mark.parametrize("url", ["gateway:7450", "ftp://gateway", "http://", "http://gateway/path", "http://u@gateway"])
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|more than"):
        Endpoint(url)


def test_tls_needs_its_scheme_and_both_files() -> None:
    with pytest.raises(ValueError, match="https"):
        Endpoint("http://gateway", Tls())
    with pytest.raises(ValueError, match="belong together"):
        Endpoint("https://gateway", Tls(certificate_file="c.pem"))
