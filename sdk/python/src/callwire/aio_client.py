"""The asyncio client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from types import TracebackType
from typing import Protocol, Self, TypeVar, Unpack

import grpc.aio

from callwire.aio_checkpoint import as_async
from callwire.aio_subscription import AsyncSubscription
from callwire.connection import Endpoint, Tls
from callwire.credential import AsyncCredential, AsyncKeySource, Metadata, metadata_of
from callwire.errors import from_rpc_error
from callwire.options import (
    AsyncSubscribeOptions,
    GetAgentOptions,
    GetCallOptions,
    ListCallsOptions,
    ListEventsOptions,
)
from callwire.requests import build
from callwire.retries import Retries, RetryPolicy
from callwire.subscribing import machine_of
from callwire.unary import UnaryAttempts, is_repeatable
from callwire.v1 import call_pb2, ingest_pb2, subscription_pb2
from callwire.v1.admin_pb2_grpc import AdminServiceStub
from callwire.v1.call_pb2_grpc import CallServiceStub
from callwire.v1.event_pb2 import Event
from callwire.v1.filter_pb2 import Filter
from callwire.v1.ingest_pb2_grpc import IngestServiceStub
from callwire.v1.session_pb2 import Session
from callwire.v1.subscription_pb2_grpc import SubscriptionServiceStub

_Request = TypeVar("_Request", contravariant=True)
_Response = TypeVar("_Response", covariant=True)


class _Method(Protocol[_Request, _Response]):
    def __call__(self, request: _Request, /, *, timeout: float, metadata: Metadata) -> Awaitable[_Response]: ...


class AsyncRawStubs:
    """The generated stubs on the client's connection: no retries, no typed errors, and `metadata` is to be passed."""

    def __init__(self, channel: grpc.aio.Channel, credential: AsyncCredential) -> None:
        self.subscription = SubscriptionServiceStub(channel)
        self.calls = CallServiceStub(channel)
        self.ingest = IngestServiceStub(channel)
        self.admin = AdminServiceStub(channel)
        self._credential = credential

    async def metadata(self) -> Metadata:
        """What a call carries for the client's credential."""
        return metadata_of(await self._credential.key())


class AsyncClient:
    """An asyncio client of one gateway, for one event loop.

    Every unary method raises CallwireError. Its `timeout` in seconds holds for all attempts together.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: AsyncKeySource = None,
        tls: Tls | None = None,
        retry: RetryPolicy | None = None,
        timeout: float = 10.0,
    ) -> None:
        """Does not connect yet.

        `url`: `http://host:port` in plaintext, `https://host:port` with TLS.
        `api_key`: a key, or a function, possibly async, that gives one: it is called for the first call, and again
        when the gateway refuses the key.
        `retry`: default of all calls and subscriptions. `timeout`: default of unary calls, in seconds.
        """
        self._endpoint = Endpoint(url, tls)
        self._credential = AsyncCredential(api_key)
        self._retry = retry or RetryPolicy()
        self._timeout = timeout
        self._channel = self._endpoint.aio_channel()
        self._subscriptions: set[AsyncSubscription] = set()
        self.raw = AsyncRawStubs(self._channel, self._credential)

    async def close(self) -> None:
        """Closes the subscriptions, each after its current delivery, and the connection."""
        await asyncio.gather(*(subscription.close() for subscription in list(self._subscriptions)))
        await self._channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def subscribe(self, **options: Unpack[AsyncSubscribeOptions]) -> AsyncSubscription:
        """A stream of events that resumes by itself. It connects when it is first read."""
        machine = machine_of(options, self._retry, can_refresh=self._credential.can_refresh)
        subscription = AsyncSubscription(
            self._endpoint,
            self._credential,
            machine,
            checkpoint=as_async(options.get("checkpoint")),
            on_status=options.get("on_status"),
            on_end=self._subscriptions.discard,
        )
        self._subscriptions.add(subscription)
        return subscription

    async def get_log_info(
        self, *, tenant: str = "", timeout: float | None = None
    ) -> subscription_pb2.GetLogInfoResponse:
        """What the journal holds, and the limits in force."""
        request = subscription_pb2.GetLogInfoRequest(tenant=tenant)
        return await self._call(self.raw.subscription.GetLogInfo, request, timeout)

    async def list_event_pages(
        self, *, timeout: float | None = None, **options: Unpack[ListEventsOptions]
    ) -> AsyncIterator[subscription_pb2.ListEventsResponse]:
        """History, a page at a time, each read when it is asked for. `timeout` holds for each page."""
        request = build(subscription_pb2.ListEventsRequest, options)
        while True:
            page = await self._call(self.raw.subscription.ListEvents, request, timeout)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def list_events(
        self, *, timeout: float | None = None, **options: Unpack[ListEventsOptions]
    ) -> AsyncIterator[Event]:
        """The events of history, page after page. A gap is seen in `list_event_pages` only."""
        async for page in self.list_event_pages(timeout=timeout, **options):
            for event in page.events:
                yield event

    async def explain_event(
        self, cursor: str, filters: Mapping[str, Filter], *, tenant: str = "", timeout: float | None = None
    ) -> subscription_pb2.ExplainEventResponse:
        """Why filters select an event or not."""
        request = subscription_pb2.ExplainEventRequest(tenant=tenant, cursor=cursor, filters=filters)
        return await self._call(self.raw.subscription.ExplainEvent, request, timeout)

    async def get_call(
        self, *, timeout: float | None = None, **options: Unpack[GetCallOptions]
    ) -> call_pb2.GetCallResponse:
        """One call or chat."""
        return await self._call(self.raw.calls.GetCall, build(call_pb2.GetCallRequest, options), timeout)

    async def list_calls(
        self, *, timeout: float | None = None, **options: Unpack[ListCallsOptions]
    ) -> AsyncIterator[Session]:
        """Calls and chats, newest first. `timeout` holds for each page."""
        request = build(call_pb2.ListCallsRequest, options)
        while True:
            page = await self._call(self.raw.calls.ListCalls, request, timeout)
            for session in page.sessions:
                yield session
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def get_agent(self, *, timeout: float | None = None, **options: Unpack[GetAgentOptions]) -> call_pb2.Agent:
        """One agent."""
        request = build(call_pb2.GetAgentRequest, options)
        return (await self._call(self.raw.calls.GetAgent, request, timeout)).agent

    async def list_agents(
        self, *, tenant: str = "", page_size: int = 0, timeout: float | None = None
    ) -> AsyncIterator[call_pb2.Agent]:
        """The agents that events have named, by id. `timeout` holds for each page."""
        request = call_pb2.ListAgentsRequest(tenant=tenant, page_size=page_size)
        while True:
            page = await self._call(self.raw.calls.ListAgents, request, timeout)
            for agent in page.agents:
                yield agent
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    async def publish_events(
        self,
        source: str,
        items: Iterable[ingest_pb2.PublishItem],
        *,
        tenant: str = "",
        timeout: float | None = None,
    ) -> ingest_pb2.PublishEventsResponse:
        """Publishes a batch, durably; one result an item, in order.

        Retried only when every item has an idempotency key, since a lost answer may mean that it was stored.
        """
        request = ingest_pb2.PublishEventsRequest(tenant=tenant, source=source, items=items)
        repeatable = is_repeatable(request.items)
        return await self._call(self.raw.ingest.PublishEvents, request, timeout, repeatable=repeatable)

    async def _call(
        self,
        method: _Method[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        repeatable: bool = True,
    ) -> _Response:
        retries = Retries(self._retry, can_refresh=self._credential.can_refresh)
        limit = self._timeout if timeout is None else timeout
        attempts = UnaryAttempts(retries, limit, repeatable=repeatable)
        while True:
            key = await self._credential.key()
            try:
                return await method(request, timeout=attempts.remaining, metadata=metadata_of(key))
            except grpc.aio.AioRpcError as error:
                retry = attempts.failed(from_rpc_error(error))
            if retry.refresh_credential:
                await self._credential.refresh(key)
            await asyncio.sleep(retry.delay)
