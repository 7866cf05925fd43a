"""One way to consume for the tests that hold for the blocking and for the asyncio client alike."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from callwire import AsyncClient, Client, Delivery, EventDelivery, Outcome, RetryPolicy, Status

Kind = Literal["blocking", "asyncio"]

StatusT = TypeVar("StatusT")

QUICK = RetryPolicy(initial=0.001, max=0.002)


@dataclass
class Consumed:
    """What a subscription gave until its end."""

    deliveries: list[Delivery] = field(default_factory=list)
    statuses: list[Status] = field(default_factory=list)
    error: Exception | None = None
    outcome: Outcome | None = None
    cursor: str = ""

    @property
    def offsets(self) -> list[int]:
        return [delivery.event.offset for delivery in self.deliveries if isinstance(delivery, EventDelivery)]

    def statuses_of(self, kind: type[StatusT]) -> list[StatusT]:
        return [status for status in self.statuses if isinstance(status, kind)]


async def consume(
    kind: Kind,
    url: str,
    *,
    until: int | None = None,
    on_delivery: Callable[[Delivery], object] = lambda delivery: None,
    client: dict[str, Any] | None = None,
    **options: Any,
) -> Consumed:
    """Consumes to the end, or closes after as many deliveries."""
    consumed = Consumed()
    options = {"retry": QUICK, "on_status": consumed.statuses.append} | options
    async with asyncio.timeout(30):
        if kind == "asyncio":
            await _consume_with_asyncio(consumed, url, until, on_delivery, client or {}, options)
        else:
            await asyncio.to_thread(_consume_blocking, consumed, url, until, on_delivery, client or {}, options)
    return consumed


def _consume_blocking(
    consumed: Consumed,
    url: str,
    until: int | None,
    on_delivery: Callable[[Delivery], object],
    client_options: dict[str, Any],
    options: dict[str, Any],
) -> None:
    with Client(url, **client_options) as client:
        subscription = client.subscribe(**options)
        try:
            with subscription:
                for delivery in subscription:
                    consumed.deliveries.append(delivery)
                    on_delivery(delivery)
                    if len(consumed.deliveries) == until:
                        break
        except Exception as error:
            consumed.error = error
        consumed.outcome, consumed.cursor = subscription.outcome, subscription.cursor


async def _consume_with_asyncio(
    consumed: Consumed,
    url: str,
    until: int | None,
    on_delivery: Callable[[Delivery], object],
    client_options: dict[str, Any],
    options: dict[str, Any],
) -> None:
    async with AsyncClient(url, **client_options) as client:
        subscription = client.subscribe(**options)
        try:
            async with subscription:
                async for delivery in subscription:
                    consumed.deliveries.append(delivery)
                    on_delivery(delivery)
                    if len(consumed.deliveries) == until:
                        break
        except Exception as error:
            consumed.error = error
        consumed.outcome, consumed.cursor = subscription.outcome, subscription.cursor
