"""The control side of a call recorder, as a quality-management platform runs it.

A recording starts when a call is answered, pauses while anybody on it is redacted, and stops when the call ends.
Each finished call becomes one JSON line with its queue and agents. The position is kept in a file: after a restart the
recorder goes on where it was, and without a file it begins at the oldest event kept. A crash loses no line; it may
write the last one again.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import FrameType
from typing import IO, Any

from google.protobuf.timestamp_pb2 import Timestamp

from callwire import (
    Client,
    Delivery,
    Event,
    EventDelivery,
    FileCheckpoint,
    Filter,
    GapDelivery,
    Reconnecting,
    SavePolicy,
    Session,
    Status,
)
from callwire.v1.session_pb2 import SESSION_ANOMALY_FIRST_SEEN_MIDWAY, ParticipantSpan
from callwire.v1.state_pb2 import (
    CALL_STATE_CONNECTED,
    DIRECTION_INCOMING,
    DIRECTION_OUTGOING,
    EVENT_KIND_CALL,
    TRIGGER_CALL_ENDED,
    TRIGGER_CALL_EXPIRED,
)

_DIRECTIONS = {DIRECTION_INCOMING: "incoming", DIRECTION_OUTGOING: "outgoing"}


@dataclass(slots=True)
class Span:
    """A time; `end` is None while it lasts."""

    begin: datetime
    end: datetime | None = None


@dataclass(slots=True)
class Recording:
    """What is recorded of one call."""

    complete: bool
    """False when events of the call may have been missed."""
    midway: bool = False
    """Whether the source reported nothing of the call's begin: it may have been answered before."""
    started: datetime | None = None
    """When the call was answered."""
    paused: list[Span] = field(default_factory=list)
    told: str = "waiting"

    @classmethod
    def begin(cls, event: Event) -> Recording:
        """Begins with the first event that this process sees of a call; the session tells what was before it."""
        session = event.session
        midway = SESSION_ANOMALY_FIRST_SEEN_MIDWAY in session.anomalies
        recording = cls(complete=not midway and not session.truncated, midway=midway)
        if session.HasField("answered_time"):
            recording.started = _time(session.answered_time)
            recording.paused = _earlier_pauses(recording.started, session.redaction_spans)
        return recording

    def follow(self, event: Event) -> None:
        """Starts, pauses or goes on, as the event says."""
        now = _time(event.received_time)
        is_connected = event.call.state == CALL_STATE_CONNECTED
        if self.started is None and (event.session.HasField("answered_time") or (self.midway and is_connected)):
            self.started = now
        if self.started is None:
            return
        if event.redaction_active and not self.is_paused:
            self.paused.append(Span(now))
        elif not event.redaction_active and self.is_paused:
            self.paused[-1].end = now

    @property
    def is_paused(self) -> bool:
        return bool(self.paused) and self.paused[-1].end is None

    @property
    def state(self) -> str:
        """What the recorder does now."""
        if self.started is None:
            return "waiting"
        return "paused" if self.is_paused else "running"

    def line(self, event: Event) -> dict[str, Any]:
        """What is written of the call, which this event ends."""
        ended = _time(event.received_time)
        if self.is_paused:
            self.paused[-1].end = ended
        return {
            "call_id": event.call.call_id,
            "source": event.source,
            "direction": _DIRECTIONS.get(event.session.direction, ""),
            "queue": list(event.session.queue_path_names),
            "agents": _agents(event.session),
            "started": None if self.started is None else _text(self.started),
            "ended": _text(ended),
            "segments": [_spelled(span) for span in self._segments(ended)],
            "paused": [_spelled(span) for span in self.paused],
            "complete": self.complete and TRIGGER_CALL_ENDED in event.changes,
        }

    def _segments(self, ended: datetime) -> Iterable[Span]:
        """The time of the call without its pauses."""
        if self.started is None:
            return
        begin = self.started
        for pause in [*self.paused, Span(ended, ended)]:
            if begin < pause.begin:
                yield Span(begin, pause.begin)
            begin = pause.end or ended


class Recorder:
    """The recordings of the open calls, and the file for those that ended."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        # By source and first offset: two sources may report one id, and an id may come again.
        self._open: dict[tuple[str, int], Recording] = {}
        self._lost_upto = 0

    def handle(self, delivery: Delivery) -> None:
        """Takes what the subscription delivers."""
        match delivery:
            case EventDelivery(event) if event.WhichOneof("payload") == "call":
                self._follow(event)
            case GapDelivery(from_cursor, to_cursor):
                _say(f"events between {from_cursor} and {to_cursor} were lost to retention")
                self._lost_upto = int(to_cursor.rpartition("-")[2])
                for recording in self._open.values():
                    recording.complete = False

    def _follow(self, event: Event) -> None:
        key = (event.source, event.session_offset)
        ends = TRIGGER_CALL_ENDED in event.changes or TRIGGER_CALL_EXPIRED in event.changes
        recording = self._open.get(key)
        if recording is None:
            if not ends and not event.session.open:
                return  # The wrap-up and the seal come after the end.
            recording = self._open[key] = Recording.begin(event)
            recording.complete &= event.session_offset > self._lost_upto or event.offset == event.session_offset
        recording.follow(event)
        if recording.state != recording.told:
            recording.told = recording.state
            _say(f"call {event.call.call_id}: {recording.state}")
        if ends:
            del self._open[key]
            _say(f"call {event.call.call_id}: stopped")
            self._write(recording.line(event))

    def _write(self, line: dict[str, Any]) -> None:
        """Has the line on the disk before the position that follows it is saved."""
        self._lines.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        self._lines.flush()
        if self._lines is not sys.stdout:
            os.fsync(self._lines.fileno())


def _earlier_pauses(started: datetime, redactions: Iterable[ParticipantSpan]) -> list[Span]:
    """The times during which any party was redacted, from the start of the recording on."""
    pauses: list[Span] = []
    for redaction in redactions:
        begin = max(started, _time(redaction.begin_time))
        end = _time(redaction.end_time) if redaction.HasField("end_time") else None
        if end is not None and end <= begin:
            continue
        last = pauses[-1] if pauses else None
        if last is None or (last.end is not None and last.end < begin):
            pauses.append(Span(begin, end))
        elif last.end is not None:
            last.end = None if end is None else max(last.end, end)
    return pauses


def _agents(session: Session) -> list[str]:
    """Each agent once, as they joined."""
    spans = sorted(session.agents, key=lambda span: span.joined_offset)
    return list(dict.fromkeys(span.agent_id for span in spans))


def _time(timestamp: Timestamp) -> datetime:
    return timestamp.ToDatetime(UTC)


def _text(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _spelled(span: Span) -> dict[str, str]:
    assert span.end is not None
    return {"from": _text(span.begin), "to": _text(span.end)}


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _tell(status: Status) -> None:
    if isinstance(status, Reconnecting):
        _say(f"reconnecting in {status.delay:.1f} s: {status.cause}")


def main() -> None:
    """Records until it is interrupted; the event in hand is then handled, and its position saved."""
    parser = argparse.ArgumentParser(description="record calls as their events say")
    parser.add_argument("--url", default="http://127.0.0.1:7450", help="the gateway")
    parser.add_argument("--api-key", help="an API key that may read the FULL view")
    parser.add_argument("--checkpoint", default="recorder.checkpoint", help="the file that keeps the position")
    parser.add_argument("--out", default="-", help="the file that gets the lines, - for stdout")
    flags = parser.parse_args()

    with (
        sys.stdout if flags.out == "-" else open(flags.out, "a", encoding="utf-8") as lines,
        Client(flags.url, api_key=flags.api_key) as client,
    ):
        subscription = client.subscribe(
            filters={"calls": Filter(kinds=[EVENT_KIND_CALL])},
            start="earliest",
            view="full",
            on_expired="skip_with_gap",
            checkpoint=FileCheckpoint(flags.checkpoint),
            save=SavePolicy(every_events=1),
            on_status=_tell,
        )

        def stop(number: int, frame: FrameType | None) -> None:
            # In a thread, since a signal interrupts the consumer wherever it is.
            threading.Thread(target=subscription.close).start()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        subscription.run(Recorder(lines).handle)


if __name__ == "__main__":
    main()
