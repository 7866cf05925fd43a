"""The output lines of one case."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from callwire import (
    CallwireError,
    CaughtUp,
    Connected,
    Delivery,
    EventDelivery,
    FellBehind,
    FilterChangedDelivery,
    GapDelivery,
    GoingAwayDelivery,
    Reconnecting,
    SnapshotDelivery,
    Status,
)

_output = threading.Lock()


class HandlerError(Exception):
    """The handler's own error, which a case asks for."""


class Report:
    """Writes lines and counts events. `kind`: "offsets", "full" or "digest"."""

    def __init__(self, case: str, kind: str) -> None:
        self._case = case
        self._kind = kind
        self._digest = hashlib.sha256()
        self.events = 0

    def delivery(self, delivery: Delivery) -> None:
        """Tells what was delivered."""
        match delivery:
            case EventDelivery():
                self._event(delivery)
            case GapDelivery(from_cursor, to_cursor):
                self._delivery("gap", from_cursor=from_cursor, to_cursor=to_cursor)
            case SnapshotDelivery(sessions, cursor):
                self._delivery("snapshot", session_ids=[session.session_id for session in sessions], cursor=cursor)
            case FilterChangedDelivery(previous, digest):
                self._delivery("filter_changed", previous_digest=previous, digest=digest)
            case GoingAwayDelivery(retry_after):
                self._delivery("going_away", retry_after_ms=_milliseconds(retry_after))

    def status(self, status: Status) -> None:
        """Tells what happened to the stream; progress is left out."""
        match status:
            case Connected():
                self._write("status", {"kind": "connected"})
            case Reconnecting(attempt, delay, cause):
                told = {"kind": "reconnecting", "attempt": attempt, "delay_ms": _milliseconds(delay)}
                told["code"] = cause.code.name
                self._write("status", told | ({"reason": cause.reason} if cause.reason else {}))
            case CaughtUp():
                self._write("status", {"kind": "caught_up"})
            case FellBehind():
                self._write("status", {"kind": "fell_behind"})

    def handling(self) -> None:
        """Tells that the handler of the newest event is held."""
        self._write("handling", self.events)

    def subscribed(self, outcome: str, error: Exception | None, *, cursor: str, saved_cursor: str | None) -> None:
        """Tells how a subscription ended."""
        done = {"outcome": outcome} | _error(error) | {"events": self.events}
        done |= {"cursor": cursor} if cursor else {}
        done |= {"saved_cursor": saved_cursor} if saved_cursor else {}
        self._write("done", done | {"digest": self._digest.hexdigest()})

    def answered(self, response: dict[str, Any] | None, error: CallwireError | None) -> None:
        """Tells how a unary call ended."""
        done = {"outcome": "completed" if error is None else "error"} | _error(error)
        self._write("done", done | ({} if response is None else {"response": response}))

    def _event(self, delivery: EventDelivery) -> None:
        self.events += 1
        offset = str(delivery.event.offset)
        self._digest.update(f"{offset}\n".encode())
        if self._kind == "digest":
            return
        told: dict[str, Any] = {"offset": offset, "cursor": delivery.cursor}
        if delivery.matches:
            told["matches"] = list(delivery.matches)
        if self._kind == "full":
            told["message"] = as_json(delivery.event)
        self._write("event", told)

    def _delivery(self, kind: str, **values: object) -> None:
        self._write("delivery", {"kind": kind} | values)

    def _write(self, name: str, value: object) -> None:
        line = json.dumps({"case": self._case, name: value}, separators=(",", ":"))
        with _output:
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def as_json(message: Message) -> dict[str, Any]:
    """ProtoJSON."""
    return MessageToDict(message)


def _error(error: Exception | None) -> dict[str, Any]:
    if error is None:
        return {}
    if isinstance(error, HandlerError):
        return {"code": "HANDLER", "message": str(error)}
    if not isinstance(error, CallwireError):
        return {"message": str(error)}
    told: dict[str, Any] = {"code": error.code.name, "message": error.message}
    told |= {"metadata": dict(error.metadata)} if error.metadata else {}
    told |= {"reason": error.reason} if error.reason else {}
    return told | ({} if error.retry_after is None else {"retry_after_ms": _milliseconds(error.retry_after)})


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
