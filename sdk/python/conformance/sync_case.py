"""Plays a case with the blocking client."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from case import Case
from report import HandlerError, Report, as_json

from callwire import CallwireError, Client, Delivery, EventDelivery, Outcome, Subscription


class SyncCase:
    """One case, in a thread of its own."""

    def __init__(self, case: Case, report: Report) -> None:
        self._case = case
        self._report = report
        self._client = Client(**case.client)
        self._released = threading.Event()
        self._subscription: Subscription | None = None
        if case.method == "subscribe":
            self._subscription = self._client.subscribe(**case.request, **case.subscription, on_status=report.status)

    async def play(self) -> None:
        """Plays to the end."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def work() -> None:
            try:
                with self._client:
                    self._play()
            except BaseException as error:
                loop.call_soon_threadsafe(done.set_exception, error)
            else:
                loop.call_soon_threadsafe(done.set_result, None)

        threading.Thread(target=work).start()
        await done

    async def act(self, action: str) -> None:
        """Does what an input line says."""
        if action == "cancel" and self._subscription is not None:
            await asyncio.to_thread(self._subscription.cancel)
        if action == "close" and self._subscription is not None:
            await asyncio.to_thread(self._subscription.close)
        else:
            self._released.set()

    def _play(self) -> None:
        if self._subscription is None:
            self._answer()
        else:
            self._subscribe(self._subscription)

    def _subscribe(self, subscription: Subscription) -> None:
        error: Exception | None = None
        try:
            outcome = subscription.run(self._handle)
        except Exception as failure:
            outcome, error = Outcome.FAILED, failure
        checkpoint = self._case.checkpoint
        saved = checkpoint.load() if checkpoint and not isinstance(error, ValueError) else None
        self._report.subscribed(
            "error" if error else outcome.value,
            error,
            cursor=subscription.cursor,
            saved_cursor=saved.cursor if saved else None,
        )

    def _handle(self, delivery: Delivery) -> None:
        self._report.delivery(delivery)
        if not isinstance(delivery, EventDelivery):
            return
        case, events = self._case, self._report.events
        if case.delay:
            # The case's own wish: this is how slow its handler is.
            threading.Event().wait(case.delay)
        if events == case.hold_at:
            self._report.handling()
            self._released.wait()
        if events == case.fail_at:
            raise HandlerError(f"the handler failed at event {events}")
        if events == case.close_after and self._subscription is not None:
            self._subscription.close()

    def _answer(self) -> None:
        response: dict[str, Any] | None = None
        error: CallwireError | None = None
        try:
            response = self._call()
        except CallwireError as failure:
            error = failure
        self._report.answered(response, error)

    def _call(self) -> dict[str, Any]:
        client, request = self._client, self._case.request
        match self._case.method:
            case "list_events":
                return {"events": [as_json(event) for event in client.list_events(**request)]}
            case "get_log_info":
                return as_json(client.get_log_info(**request))
            case "get_call":
                return as_json(client.get_call(**request))
            case _:
                return as_json(client.publish_events(**request))
