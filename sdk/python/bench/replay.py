"""How fast a journal is read: `replay.py sdk|stub URL WARM_UP [asyncio]`.

By the SDK or by the generated stub alone, after so many events to warm up. Run by bench/workloads/sdk.ts.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import grpc

from callwire import AsyncClient, Client, Event, EventDelivery
from callwire.v1.subscription_pb2 import START_POSITION_EARLIEST, SubscribeRequest
from callwire.v1.subscription_pb2_grpc import SubscriptionServiceStub

OnEvent = Callable[[Event], None]


def by_sdk(url: str, end_cursor: str, on_event: OnEvent) -> None:
    with Client(url) as client, client.subscribe(start="earliest", end_cursor=end_cursor) as subscription:
        for delivery in subscription:
            if isinstance(delivery, EventDelivery):
                on_event(delivery.event)


def by_stub(url: str, end_cursor: str, on_event: OnEvent) -> None:
    request = SubscribeRequest(start=START_POSITION_EARLIEST, end_cursor=end_cursor)
    with grpc.insecure_channel(url.removeprefix("http://")) as channel:
        for response in SubscriptionServiceStub(channel).Subscribe(request):
            for event in response.events:
                on_event(event)


async def by_async_sdk(url: str, end_cursor: str, on_event: OnEvent) -> None:
    async with (
        AsyncClient(url) as client,
        client.subscribe(start="earliest", end_cursor=end_cursor) as subscription,
    ):
        async for delivery in subscription:
            if isinstance(delivery, EventDelivery):
                on_event(delivery.event)


async def by_async_stub(url: str, end_cursor: str, on_event: OnEvent) -> None:
    request = SubscribeRequest(start=START_POSITION_EARLIEST, end_cursor=end_cursor)
    async with grpc.aio.insecure_channel(url.removeprefix("http://")) as channel:
        async for response in SubscriptionServiceStub(channel).Subscribe(request):
            for event in response.events:
                on_event(event)


def resident_bytes() -> int:
    match = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    assert match is not None
    return int(match[1]) * 1024


def main() -> None:
    mode, url, warm_up, *variant = sys.argv[1:]

    def read(end_cursor: str, on_event: OnEvent) -> None:
        if variant:
            asyncio.run((by_async_sdk if mode == "sdk" else by_async_stub)(url, end_cursor, on_event))
        else:
            (by_sdk if mode == "sdk" else by_stub)(url, end_cursor, on_event)

    with Client(url) as client:
        newest = client.get_log_info().newest_cursor
    epoch, _, offset = newest.partition("-")
    read(f"{epoch}-{min(int(offset), int(warm_up))}", lambda event: None)

    events = 0
    resident_at_tenth = 0

    def take(event: Event) -> None:
        nonlocal events, resident_at_tenth
        # What a handler looks at.
        _ = event.offset, event.trigger, event.call.call_id
        events += 1
        if events == int(offset) // 10:
            resident_at_tenth = resident_bytes()

    cpu, start = time.process_time(), time.perf_counter()
    read(newest, take)
    figures = {
        "events": events,
        "seconds": time.perf_counter() - start,
        "cpuSeconds": time.process_time() - cpu,
        "residentAtTenth": resident_at_tenth,
        "residentAtEnd": resident_bytes(),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
