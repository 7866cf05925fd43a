"""Responses for scripts."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration

from callwire import Event, Session
from callwire.v1.subscription_pb2 import (
    CaughtUp,
    FilterMatch,
    Gap,
    GoingAway,
    Progress,
    SnapshotBegin,
    SnapshotEnd,
    SubscribeResponse,
)

EPOCH = "0a1b2c3d"


def cursor(offset: int) -> str:
    return f"{EPOCH}-{offset}"


def first(offset: int = 0, digest: str = "d1") -> SubscribeResponse:
    return SubscribeResponse(cursor=cursor(offset), filter_digest=digest)


def events(*offsets: int, upto: int | None = None) -> SubscribeResponse:
    """Events, and the position after them: that of the last one, or further on."""
    return SubscribeResponse(events=[Event(offset=offset) for offset in offsets], cursor=cursor(upto or max(offsets)))


def matched(offset: int, *filters: str) -> SubscribeResponse:
    return SubscribeResponse(
        events=[Event(offset=offset)], cursor=cursor(offset), matches=[FilterMatch(filters=filters)]
    )


def progress(offset: int) -> SubscribeResponse:
    return SubscribeResponse(cursor=cursor(offset), progress=Progress(head_cursor=cursor(offset)))


def caught_up(offset: int) -> SubscribeResponse:
    return SubscribeResponse(cursor=cursor(offset), caught_up=CaughtUp())


def gap(begin: int, end: int) -> SubscribeResponse:
    return SubscribeResponse(cursor=cursor(end), gap=Gap(from_cursor=cursor(begin), to_cursor=cursor(end)))


def going_away(offset: int, milliseconds: int) -> SubscribeResponse:
    delay = Duration(nanos=milliseconds * 1_000_000)
    return SubscribeResponse(cursor=cursor(offset), going_away=GoingAway(retry_after=delay))


def snapshot_begin() -> SubscribeResponse:
    return SubscribeResponse(snapshot_begin=SnapshotBegin())


def sessions(*ids: str) -> SubscribeResponse:
    return SubscribeResponse(sessions=[Session(session_id=id_) for id_ in ids])


def snapshot_end(offset: int) -> SubscribeResponse:
    return SubscribeResponse(cursor=cursor(offset), snapshot_end=SnapshotEnd())
