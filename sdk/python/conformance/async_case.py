"""Plays a case with the asyncio client."""

from __future__ import annotations

import asyncio
from typing import Any

from case import Case
from report import HandlerError, Report, as_json

from callwire import AsyncClient, AsyncSubscription, CallwireError, Delivery, EventDelivery, Outcome


class AsyncCase:
    """One case, in a task of its own."""

    def __init__(self, case: Case, report: Report) -> None:
        self._case = case
        self._report = report
        self._client = AsyncClient(**case.client)
        self._released = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self._subscription: AsyncSubscription | None = None
        if case.method == "subscribe":
            self._subscription = self._client.subscribe(**case.request, **case.subscription, on_status=report.status)

    async def play(self) -> None:
        """Plays to the end."""
        async with self._client:
            if self._subscription is None:
                await self._answer()
            else:
                await self._subscribe(self._subscription)

    async def act(self, action: str) -> None:
        """Does what an input line says."""
        if action == "cancel" and self._subscription is not None:
            await self._subscription.cancel()
        if action == "close" and self._subscription is not None:
            await self._subscription.close()
        else:
            self._released.set()

    async def _subscribe(self, subscription: AsyncSubscription) -> None:
        error: Exception | None = None
        try:
            async with subscription:
                async for delivery in subscription:
                    await self._handle(delivery)
        except Exception as failure:
            error = failure
        outcome = subscription.outcome or Outcome.FAILED
        if self._closing is not None:
            await self._closing
        checkpoint = self._case.checkpoint
        saved = checkpoint.load() if checkpoint and not isinstance(error, ValueError) else None
        self._report.subscribed(
            "error" if error else outcome.value,
            error,
            cursor=subscription.cursor,
            saved_cursor=saved.cursor if saved else None,
        )

    async def _handle(self, delivery: Delivery) -> None:
        self._report.delivery(delivery)
        if not isinstance(delivery, EventDelivery):
            return
        case, events = self._case, self._report.events
        if case.delay:
            await asyncio.sleep(case.delay)
        if events == case.hold_at:
            self._report.handling()
            await self._released.wait()
        if events == case.fail_at:
            raise HandlerError(f"the handler failed at event {events}")
        if events == case.close_after and self._subscription is not None:
            self._closing = asyncio.ensure_future(self._subscription.close())
            # One turn of the loop, in which the close begins.
            await asyncio.sleep(0)

    async def _answer(self) -> None:
        response: dict[str, Any] | None = None
        error: CallwireError | None = None
        try:
            response = await self._call()
        except CallwireError as failure:
            error = failure
        self._report.answered(response, error)

    async def _call(self) -> dict[str, Any]:
        client, request = self._client, self._case.request
        match self._case.method:
            case "list_events":
                return {"events": [as_json(event) async for event in client.list_events(**request)]}
            case "get_log_info":
                return as_json(await client.get_log_info(**request))
            case "get_call":
                return as_json(await client.get_call(**request))
            case _:
                return as_json(await client.publish_events(**request))
