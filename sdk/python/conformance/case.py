"""What a case asks for, in the SDK's own terms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from itertools import chain, repeat
from typing import Any, Self

from google.protobuf.duration_pb2 import Duration
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from callwire import Checkpoint, FileCheckpoint, MemoryCheckpoint, RetryPolicy, SavePolicy
from callwire.v1 import call_pb2, ingest_pb2, subscription_pb2

_REQUESTS: Mapping[str, type[Message]] = {
    "subscribe": subscription_pb2.SubscribeRequest,
    "list_events": subscription_pb2.ListEventsRequest,
    "get_log_info": subscription_pb2.GetLogInfoRequest,
    "get_call": call_pb2.GetCallRequest,
    "publish_events": ingest_pb2.PublishEventsRequest,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One case."""

    method: str
    request: dict[str, Any]
    """The fields of the request that are set, as the SDK's options."""
    client: dict[str, Any]
    """Arguments of the client."""
    subscription: dict[str, Any]
    """The options of a subscription that are not fields of its request."""
    checkpoint: Checkpoint | None
    delay: float
    """Seconds in each handler."""
    hold_at: int
    fail_at: int
    close_after: int
    consume: str
    report: str

    @classmethod
    def parse(cls, run: Mapping[str, Any]) -> Self:
        """Reads the "run" of an input line."""
        method = run.get("method", "subscribe")
        handler = run.get("handler", {})
        client: dict[str, Any] = {"url": run["url"], "retry": _retry(run.get("retry", {}))}
        if "api_keys" in run:
            client["api_key"] = _provider(run["api_keys"])
        if "timeout_ms" in run:
            client["timeout"] = run["timeout_ms"] / 1000
        subscription: dict[str, Any] = {}
        if "buffer_events" in run:
            subscription["buffer"] = run["buffer_events"]
        checkpoint = _checkpoint(run.get("checkpoint"))
        if checkpoint is not None:
            subscription |= {"checkpoint": checkpoint, "save": _save(run["checkpoint"])}
        return cls(
            method=method,
            request=_options(ParseDict(run.get("request", {}), _REQUESTS[method]())),
            client=client,
            subscription=subscription,
            checkpoint=checkpoint,
            delay=handler.get("delay_ms", 0) / 1000,
            hold_at=handler.get("hold_at", 0),
            fail_at=handler.get("fail_at", 0),
            close_after=run.get("close_after", 0),
            consume=run.get("consume", "run"),
            report=run.get("report", "offsets"),
        )

    @property
    def ends_by_itself(self) -> bool:
        """Whether the case ends without another input line."""
        bounded = "end_cursor" in self.request or "end_time" in self.request
        return self.method != "subscribe" or bounded or self.fail_at > 0 or self.close_after > 0


def _retry(given: Mapping[str, Any]) -> RetryPolicy:
    values: dict[str, Any] = {}
    if "initial_ms" in given:
        values["initial"] = given["initial_ms"] / 1000
    if "max_ms" in given:
        values["max"] = given["max_ms"] / 1000
    if "max_attempts" in given:
        values["max_attempts"] = given["max_attempts"]
    return RetryPolicy(**values)


def _provider(keys: list[str]) -> Callable[[], str]:
    remaining = chain(keys, repeat(keys[-1]))
    return lambda: next(remaining)


def _checkpoint(given: Mapping[str, Any] | None) -> Checkpoint | None:
    if given is None:
        return None
    return FileCheckpoint(given["path"]) if given["kind"] == "file" else MemoryCheckpoint()


def _save(given: Mapping[str, Any]) -> SavePolicy:
    values: dict[str, Any] = {}
    if "every_events" in given:
        values["every_events"] = given["every_events"]
    if "every_ms" in given:
        values["every_seconds"] = given["every_ms"] / 1000
    return SavePolicy(**values)


def _options(request: Message) -> dict[str, Any]:
    return {field.name: _option(getattr(request, field.name)) for field, _ in request.ListFields()}


def _option(value: Any) -> Any:
    if isinstance(value, Timestamp):
        return value.ToDatetime(UTC)
    if isinstance(value, Duration):
        return value.ToTimedelta().total_seconds()
    return value
