"""Turns the options of a method into its request message; an option is named and typed as its field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

Request = TypeVar("Request", bound=Message)


def build(request: type[Request], options: Mapping[str, Any]) -> Request:
    """The message. Raises TypeError for an option that it does not have, ValueError for values that contradict."""
    # The descriptors of the C runtime have the interface of these, without being them.
    descriptor = cast(Descriptor, request.DESCRIPTOR)
    for name in options:
        if name not in descriptor.fields_by_name:
            raise TypeError(f"unknown option {name!r}")
    _refuse_contradictions(descriptor, options)
    return request(**{name: _value(descriptor.fields_by_name[name], value) for name, value in options.items()})


def _refuse_contradictions(descriptor: Descriptor, options: Mapping[str, Any]) -> None:
    for oneof in descriptor.oneofs:
        given = [field.name for field in oneof.fields if field.name in options]
        if len(given) > 1:
            raise ValueError(f"at most one of {', '.join(given)} can be given")


def _value(field: FieldDescriptor, value: Any) -> Any:
    if field.enum_type is not None and isinstance(value, str):
        return _enum_value(field.enum_type, field.name, value)
    if field.message_type is not None and field.message_type.full_name == Timestamp.DESCRIPTOR.full_name:
        return _timestamp(field.name, value)
    if field.message_type is not None and field.message_type.full_name == Duration.DESCRIPTOR.full_name:
        duration = Duration()
        duration.FromNanoseconds(round(value * 1e9))
        return duration
    return value


def _enum_value(enum: EnumDescriptor, option: str, name: str) -> int:
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    value = enum.values_by_name.get(prefix + name.upper())
    if value is None:
        known = ", ".join(value.name.removeprefix(prefix).lower() for value in enum.values[1:])
        raise ValueError(f"{option} is one of {known}, not {name!r}")
    return value.number


def _timestamp(option: str, value: datetime) -> Timestamp:
    if value.tzinfo is None:
        raise ValueError(f"{option} needs a time zone")
    timestamp = Timestamp()
    timestamp.FromDatetime(value)
    return timestamp
