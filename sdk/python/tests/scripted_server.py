"""A gRPC server that says what a test wrote down: what a healthy gateway never says."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Self, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from callwire.v1.ingest_pb2 import PublishEventsRequest, PublishEventsResponse
from callwire.v1.subscription_pb2 import (
    GetLogInfoRequest,
    GetLogInfoResponse,
    SubscribeRequest,
    SubscribeResponse,
)


@dataclass(frozen=True)
class Fail:
    """Ends the call with an error."""

    code: grpc.StatusCode = grpc.StatusCode.UNAVAILABLE
    reason: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    retry_after: float | None = None

    def end(self, context: grpc.ServicerContext) -> None:
        details: list[Any] = []
        if self.reason:
            details.append(ErrorInfo(reason=self.reason, domain="callwire", metadata=self.metadata))
        if self.retry_after is not None:
            delay = Duration()
            delay.FromNanoseconds(round(self.retry_after * 1e9))
            details.append(RetryInfo(retry_delay=delay))
        status = Status(code=self.code.value[0], message="scripted")
        for detail in details:
            packed = AnyMessage()
            packed.Pack(detail)
            status.details.append(packed)
        context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
        context.abort(self.code, "scripted")


@dataclass(frozen=True)
class Reset:
    """Resets the stream, as a proxy does."""


@dataclass(frozen=True)
class Hang:
    """Says nothing more until the client is gone."""


Step: TypeAlias = SubscribeResponse | Fail | Reset | Hang
Answer: TypeAlias = GetLogInfoResponse | PublishEventsResponse | Fail | Hang


class ScriptedServer:
    """Plays one script a stream, in the order in which streams are opened, and one answer a unary call."""

    def __init__(self, *streams: Sequence[Step], answers: Sequence[Answer] = (), port: int = 0) -> None:
        self._streams = iter(streams)
        self._answers = iter(answers)
        self.requests: list[SubscribeRequest] = []
        self.keys: list[str] = []
        self.calls = 0
        self.ended = threading.Event()
        """A stream has ended, by either side."""
        self._server = grpc.server(ThreadPoolExecutor(max_workers=8))
        self._server.add_generic_rpc_handlers(
            (
                grpc.method_handlers_generic_handler(
                    "callwire.v1.SubscriptionService",
                    {
                        "Subscribe": grpc.unary_stream_rpc_method_handler(
                            self._subscribe, SubscribeRequest.FromString, SubscribeResponse.SerializeToString
                        ),
                        "GetLogInfo": grpc.unary_unary_rpc_method_handler(
                            self._answer, GetLogInfoRequest.FromString, GetLogInfoResponse.SerializeToString
                        ),
                    },
                ),
                grpc.method_handlers_generic_handler(
                    "callwire.v1.IngestService",
                    {
                        "PublishEvents": grpc.unary_unary_rpc_method_handler(
                            self._answer, PublishEventsRequest.FromString, PublishEventsResponse.SerializeToString
                        ),
                    },
                ),
            )
        )
        self.url = f"http://127.0.0.1:{self._server.add_insecure_port(f'127.0.0.1:{port}')}"

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(None).wait()

    def _subscribe(self, request: SubscribeRequest, context: grpc.ServicerContext) -> Iterator[SubscribeResponse]:
        self.requests.append(request)
        context.add_callback(self.ended.set)
        self._note_key(context)
        for step in next(self._streams):
            match step:
                case SubscribeResponse():
                    yield step
                case Reset():
                    context.cancel()
                    return
                case Hang():
                    _wait_until_gone(context)
                    return
                case Fail():
                    step.end(context)

    def _answer(self, request: Message, context: grpc.ServicerContext) -> Answer:
        self.calls += 1
        self._note_key(context)
        answer = next(self._answers)
        if isinstance(answer, Hang):
            _wait_until_gone(context)
        if isinstance(answer, Fail):
            answer.end(context)
        return answer

    def _note_key(self, context: grpc.ServicerContext) -> None:
        for key, value in context.invocation_metadata():
            if key == "authorization":
                self.keys.append(str(value).removeprefix("Bearer "))


def _wait_until_gone(context: grpc.ServicerContext) -> None:
    gone = threading.Event()
    if context.add_callback(gone.set):
        gone.wait()
