"""The blocking client."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Protocol, Self, TypeVar, Unpack

import grpc

from callwire.connection import Endpoint, Tls
from callwire.credential import Credential, KeySource, Metadata, metadata_of
from callwire.errors import CallwireError, from_rpc_error
from callwire.options import (
    GetAgentOptions,
    GetCallOptions,
    ListCallsOptions,
    ListEventsOptions,
    SubscribeOptions,
)
from callwire.requests import build
from callwire.retries import Retries, RetryPolicy
from callwire.subscribing import machine_of
from callwire.subscription import Subscription
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
    def __call__(self, request: _Request, /, *, timeout: float, metadata: Metadata) -> _Response: ...


class RawStubs:
    """The generated stubs on the client's connection: no retries, no typed errors, and `metadata` is to be passed."""

    def __init__(self, channel: grpc.Channel, credential: Credential) -> None:
        self.subscription = SubscriptionServiceStub(channel)
        self.calls = CallServiceStub(channel)
        self.ingest = IngestServiceStub(channel)
        self.admin = AdminServiceStub(channel)
        self._credential = credential

    def metadata(self) -> Metadata:
        """What a call carries for the client's credential."""
        return metadata_of(self._credential.key())


class Client:
    """A blocking client of one gateway. Its methods may be called from any thread.

    Every unary method raises CallwireError. Its `timeout` in seconds holds for all attempts together.
    """

    def __init__(
        self,
        url: str,
        *,
        api_key: KeySource = None,
        tls: Tls | None = None,
        retry: RetryPolicy | None = None,
        timeout: float = 10.0,
    ) -> None:
        """Does not connect yet.

        `url`: `http://host:port` in plaintext, `https://host:port` with TLS.
        `api_key`: a key, or a function that gives one: it is called for the first call, and again when the
        gateway refuses the key.
        `retry`: default of all calls and subscriptions. `timeout`: default of unary calls, in seconds.
        """
        self._endpoint = Endpoint(url, tls)
        self._credential = Credential(api_key)
        self._retry = retry or RetryPolicy()
        self._timeout = timeout
        self._channel = self._endpoint.channel()
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._subscriptions: set[Subscription] = set()
        self.raw = RawStubs(self._channel, self._credential)

    def close(self) -> None:
        """Closes the subscriptions, each after its current delivery, and the connection."""
        self._closed.set()
        with self._lock:
            subscriptions = list(self._subscriptions)
        for subscription in subscriptions:
            subscription.close()
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def subscribe(self, **options: Unpack[SubscribeOptions]) -> Subscription:
        """A stream of events that resumes by itself. It connects when it is first read."""
        machine = machine_of(options, self._retry, can_refresh=self._credential.can_refresh)
        subscription = Subscription(
            self._endpoint,
            self._credential,
            machine,
            checkpoint=options.get("checkpoint"),
            on_status=options.get("on_status"),
            on_end=self._forget,
        )
        with self._lock:
            self._subscriptions.add(subscription)
        return subscription

    def get_log_info(self, *, tenant: str = "", timeout: float | None = None) -> subscription_pb2.GetLogInfoResponse:
        """What the journal holds, and the limits in force."""
        request = subscription_pb2.GetLogInfoRequest(tenant=tenant)
        return self._call(self.raw.subscription.GetLogInfo, request, timeout)

    def list_event_pages(
        self, *, timeout: float | None = None, **options: Unpack[ListEventsOptions]
    ) -> Iterator[subscription_pb2.ListEventsResponse]:
        """History, a page at a time, each read when it is asked for. `timeout` holds for each page."""
        request = build(subscription_pb2.ListEventsRequest, options)
        while True:
            page = self._call(self.raw.subscription.ListEvents, request, timeout)
            yield page
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def list_events(self, *, timeout: float | None = None, **options: Unpack[ListEventsOptions]) -> Iterator[Event]:
        """The events of history, page after page. A gap is seen in `list_event_pages` only."""
        for page in self.list_event_pages(timeout=timeout, **options):
            yield from page.events

    def explain_event(
        self, cursor: str, filters: Mapping[str, Filter], *, tenant: str = "", timeout: float | None = None
    ) -> subscription_pb2.ExplainEventResponse:
        """Why filters select an event or not."""
        request = subscription_pb2.ExplainEventRequest(tenant=tenant, cursor=cursor, filters=filters)
        return self._call(self.raw.subscription.ExplainEvent, request, timeout)

    def get_call(self, *, timeout: float | None = None, **options: Unpack[GetCallOptions]) -> call_pb2.GetCallResponse:
        """One call or chat."""
        return self._call(self.raw.calls.GetCall, build(call_pb2.GetCallRequest, options), timeout)

    def list_calls(self, *, timeout: float | None = None, **options: Unpack[ListCallsOptions]) -> Iterator[Session]:
        """Calls and chats, newest first. `timeout` holds for each page."""
        request = build(call_pb2.ListCallsRequest, options)
        while True:
            page = self._call(self.raw.calls.ListCalls, request, timeout)
            yield from page.sessions
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def get_agent(self, *, timeout: float | None = None, **options: Unpack[GetAgentOptions]) -> call_pb2.Agent:
        """One agent."""
        return self._call(self.raw.calls.GetAgent, build(call_pb2.GetAgentRequest, options), timeout).agent

    def list_agents(
        self, *, tenant: str = "", page_size: int = 0, timeout: float | None = None
    ) -> Iterator[call_pb2.Agent]:
        """The agents that events have named, by id. `timeout` holds for each page."""
        request = call_pb2.ListAgentsRequest(tenant=tenant, page_size=page_size)
        while True:
            page = self._call(self.raw.calls.ListAgents, request, timeout)
            yield from page.agents
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def publish_events(
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
        return self._call(self.raw.ingest.PublishEvents, request, timeout, repeatable=repeatable)

    def _call(
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
            key = self._credential.key()
            try:
                return method(request, timeout=attempts.remaining, metadata=metadata_of(key))
            except grpc.RpcError as error:
                retry = attempts.failed(from_rpc_error(error))
            if retry.refresh_credential:
                self._credential.refresh(key)
            if self._closed.wait(retry.delay):
                raise CallwireError(grpc.StatusCode.CANCELLED, "the client was closed")

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)
