"""Unary calls of either client, against scripts."""

from __future__ import annotations

import asyncio
from typing import Any

import grpc
import pytest
from consuming import QUICK, Kind
from scripted_server import Answer, Fail, Hang, ScriptedServer

from callwire import AsyncClient, CallwireError, Client, PublishItem, RetryPolicy
from callwire.v1.ingest_pb2 import PublishEventsResponse
from callwire.v1.subscription_pb2 import GetLogInfoRequest, GetLogInfoResponse

KEYED = PublishItem(json="{}", idempotency_key="k")


async def call(
    kind: Kind, url: str, method: str, *args: Any, client: dict[str, Any] | None = None, **kwargs: Any
) -> Any:
    """Calls a method of either client."""
    options = {"retry": QUICK} | (client or {})
    if kind == "asyncio":
        async with AsyncClient(url, **options) as asynchronous:
            return await getattr(asynchronous, method)(*args, **kwargs)
    with Client(url, **options) as blocking:
        return await asyncio.to_thread(getattr(blocking, method), *args, **kwargs)


async def test_a_call_is_made_again_until_it_succeeds(kind: Kind) -> None:
    answers: list[Answer] = [Fail(), Fail(grpc.StatusCode.UNAVAILABLE, "OVERLOADED", retry_after=0.001)]
    with ScriptedServer(answers=[*answers, GetLogInfoResponse(epoch="0a1b2c3d")]) as server:
        assert (await call(kind, server.url, "get_log_info")).epoch == "0a1b2c3d"
    assert server.calls == 3


async def test_what_cannot_succeed_later_is_raised_at_once(kind: Kind) -> None:
    refused = Fail(grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED")
    with ScriptedServer(answers=[refused]) as server, pytest.raises(CallwireError) as raised:
        await call(kind, server.url, "get_log_info")
    assert raised.value.reason == "PERMISSION_DENIED"
    assert server.calls == 1


async def test_attempts_are_counted(kind: Kind) -> None:
    policy = RetryPolicy(initial=0.001, max=0.001, max_attempts=2)
    with ScriptedServer(answers=[Fail()] * 3) as server, pytest.raises(CallwireError):
        await call(kind, server.url, "get_log_info", client={"retry": policy})
    assert server.calls == 3


async def test_the_time_out_holds_for_all_attempts_together(kind: Kind) -> None:
    with ScriptedServer(answers=[Fail(), Hang()]) as server, pytest.raises(CallwireError) as raised:
        await call(kind, server.url, "get_log_info", timeout=0.2)
    assert raised.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert server.calls == 2


async def test_a_refused_key_is_refreshed(kind: Kind) -> None:
    refused = Fail(grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED")
    keys = iter(["a", "b"])
    with ScriptedServer(answers=[refused, GetLogInfoResponse()]) as server:
        await call(kind, server.url, "get_log_info", client={"api_key": lambda: next(keys)})
    assert server.keys == ["a", "b"]


async def test_a_provider_of_the_asyncio_client_may_be_async() -> None:
    async def provide() -> str:
        return "a"

    with ScriptedServer(answers=[GetLogInfoResponse()]) as server:
        await call("asyncio", server.url, "get_log_info", client={"api_key": provide})
    assert server.keys == ["a"]


async def test_publishing_is_repeated_when_that_stores_nothing_twice(kind: Kind) -> None:
    with ScriptedServer(answers=[Fail(), PublishEventsResponse()]) as server:
        await call(kind, server.url, "publish_events", "ccai", [KEYED])
    assert server.calls == 2


async def test_publishing_without_a_key_is_not_repeated(kind: Kind) -> None:
    with ScriptedServer(answers=[Fail()]) as server, pytest.raises(CallwireError):
        await call(kind, server.url, "publish_events", "ccai", [KEYED, PublishItem(json="{}")])
    assert server.calls == 1


async def test_the_raw_stubs_take_the_metadata_of_the_client() -> None:
    with ScriptedServer(answers=[GetLogInfoResponse(epoch="e"), GetLogInfoResponse(epoch="e")]) as server:
        with Client(server.url, api_key="a") as blocking:
            raw = blocking.raw
            assert raw.subscription.GetLogInfo(GetLogInfoRequest(), metadata=raw.metadata()).epoch == "e"
        async with AsyncClient(server.url, api_key="b") as asynchronous:
            metadata = await asynchronous.raw.metadata()
            answer = await asynchronous.raw.subscription.GetLogInfo(GetLogInfoRequest(), metadata=metadata)
            assert answer.epoch == "e"
    assert server.keys == ["a", "b"]
