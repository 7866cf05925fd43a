from __future__ import annotations

import re
from pathlib import Path

import grpc
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from callwire import CallwireError
from callwire.errors import from_status

_PROTO = Path(__file__).parents[3] / "proto/callwire/v1/error.proto"


def trailers(*details: Message) -> list[tuple[str, str | bytes]]:
    status = Status()
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return [("date", "today"), ("grpc-status-details-bin", status.SerializeToString())]


def test_retryable_is_what_the_catalogue_says() -> None:
    catalogue = re.findall(r"ERROR_REASON_(\w+) = \d+ \[.*?retryable\) = (true|false)", _PROTO.read_text(), re.DOTALL)
    assert len(catalogue) > 40
    for reason, retryable in catalogue:
        error = CallwireError(grpc.StatusCode.UNAVAILABLE, "", reason=reason)
        assert error.retryable == (retryable == "true"), reason


@pytest.mark.parametrize("code", list(grpc.StatusCode))
def test_without_a_reason_the_code_decides(code: grpc.StatusCode) -> None:
    temporary = {
        "UNAVAILABLE",
        "RESOURCE_EXHAUSTED",
        "ABORTED",
        "DEADLINE_EXCEEDED",
        "INTERNAL",
        "UNKNOWN",
        "CANCELLED",
    }
    assert CallwireError(code, "").retryable == (code.name in temporary)


def test_reason_metadata_and_delay_are_read() -> None:
    info = ErrorInfo(reason="RATE_LIMITED", domain="callwire", metadata={"quota": "9"})
    retry = RetryInfo()
    retry.retry_delay.FromMilliseconds(1_500)
    error = from_status(grpc.StatusCode.RESOURCE_EXHAUSTED, "slow down", trailers(retry, info))
    assert (error.reason, error.metadata, error.retry_after) == ("RATE_LIMITED", {"quota": "9"}, 1.5)
    assert str(error) == "RATE_LIMITED: slow down"


def test_a_reason_of_somebody_else_is_none() -> None:
    info = ErrorInfo(reason="QUOTA", domain="proxy.example")
    error = from_status(grpc.StatusCode.UNAVAILABLE, "", trailers(info))
    assert error.reason == ""
    assert error.retryable


def test_a_reason_that_is_not_known_is_retryable_only_with_a_delay() -> None:
    assert not CallwireError(grpc.StatusCode.UNAVAILABLE, "", reason="NEWER").retryable
    assert CallwireError(grpc.StatusCode.INTERNAL, "", reason="NEWER", retry_after=0.0).retryable
