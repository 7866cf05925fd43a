"""The one error that every call of this package ends with, made from a gRPC status and its details."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import grpc
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from callwire.v1 import error_pb2

_DOMAIN = "callwire"
_DETAILS_KEY = "grpc-status-details-bin"
_REASON_PREFIX = "ERROR_REASON_"

# The catalogue of the contract itself, read from its options.
_RETRYABLE_REASONS = frozenset(
    value.name.removeprefix(_REASON_PREFIX)
    for value in error_pb2.ErrorReason.DESCRIPTOR.values
    if value.GetOptions().Extensions[error_pb2.retryable]
)

# What an error without a reason of the catalogue may be worth another attempt with. CANCELLED is here because a peer's
# reset of the stream shows as it; a cancellation of our own never becomes a CallwireError.
_RETRYABLE_CODES = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.ABORTED,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.CANCELLED,
    }
)


class CallwireError(Exception):
    """A call or a subscription failed."""

    code: grpc.StatusCode
    """The gRPC status code."""
    reason: str
    """The reason from the catalogue of errors (`CURSOR_EXPIRED`). Empty when the gateway gave none."""
    message: str
    """What was wrong, for an engineer."""
    metadata: Mapping[str, str]
    """What belongs to the reason, such as `oldest_cursor` of `CURSOR_EXPIRED` and `epoch` of `EPOCH_MISMATCH`."""
    retry_after: float | None
    """Seconds to wait at least before the next attempt, when the gateway named a delay."""

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(f"{reason or code.name}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after

    @property
    def retryable(self) -> bool:
        """Whether the same request can succeed later without being changed."""
        if self.reason:
            return self.reason in _RETRYABLE_REASONS or self.retry_after is not None
        return self.code in _RETRYABLE_CODES


def from_rpc_error(error: grpc.RpcError) -> CallwireError:
    """The typed form of what a call of the blocking or of the asyncio gRPC client ended with."""
    call = cast(grpc.Call, error)
    trailers = cast("Iterable[tuple[str, str | bytes]]", call.trailing_metadata() or ())
    return from_status(call.code(), call.details() or "", trailers)


def from_status(code: grpc.StatusCode, message: str, trailers: Iterable[tuple[str, str | bytes]]) -> CallwireError:
    """The typed form of a status and its trailers."""
    info, retry = ErrorInfo(), RetryInfo()
    retry_after: float | None = None
    reason, metadata = "", {}
    for detail in _details(trailers):
        if detail.Unpack(info) and info.domain == _DOMAIN:
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.ToTimedelta().total_seconds()
    return CallwireError(code, message, reason=reason, metadata=metadata, retry_after=retry_after)


def _details(trailers: Iterable[tuple[str, str | bytes]]) -> list[Any]:
    for key, value in trailers:
        if key == _DETAILS_KEY and isinstance(value, bytes):
            return list(Status.FromString(value).details)
    return []
