"""The recorder sample, as its user starts it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from gateway import Gateway, ringing

_SAMPLE = Path(__file__).parents[1] / "samples/recorder.py"


def call(state: str, agent: str = "connected", call_id: str = "a") -> dict[str, Any]:
    """A call of one queue with a caller and an agent."""
    parties = [
        {"ParticipantID": "+4930123", "Type": "external", "State": agent},
        {"ParticipantID": "7", "Type": "agent", "State": agent},
    ]
    return ringing(call_id) | {"State": state, "Participants": parties}


class Recorder:
    """The sample, running."""

    def __init__(self, url: str, folder: Path) -> None:
        self.out = folder / "calls.jsonl"
        flags = ["--url", url, "--checkpoint", str(folder / "position"), "--out", str(self.out)]
        self._process = subprocess.Popen([sys.executable, str(_SAMPLE), *flags], stderr=subprocess.PIPE, text=True)

    def wait_for(self, said: str) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.strip() == said:
                return
        raise AssertionError(f"the recorder ended without saying {said!r}")

    def end(self, how: signal.Signals) -> None:
        self._process.send_signal(how)
        code = self._process.wait(timeout=30)
        assert code == (0 if how is signal.SIGTERM else -how)
        assert self._process.stderr is not None
        self._process.stderr.close()


def test_a_call_is_recorded_over_a_restart(gateway: Gateway, tmp_path: Path) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        name = ending.name
        gateway.post(call("ringing", "ringing", name), call("connected", call_id=name))
        gateway.post(call("connected", "redacted", name))
        recorder = Recorder(gateway.url, tmp_path)
        recorder.wait_for(f"call {name}: paused")
        recorder.end(ending)
        gateway.post(call("connected", "unredacted", name), call("disconnected", "disconnected", name))
        recorder = Recorder(gateway.url, tmp_path)
        recorder.wait_for(f"call {name}: stopped")
        recorder.end(signal.SIGTERM)
    first, second = (json.loads(line) for line in recorder.out.read_text().splitlines())
    assert (first["call_id"], second["call_id"]) == ("SIGTERM", "SIGKILL")
    for line in (first, second):
        assert (line["source"], line["direction"]) == ("ccai", "incoming")
        assert (line["queue"], line["agents"]) == (["support", "orders"], ["7"])
        assert line["complete"] is True
        (pause,) = line["paused"]
        recorded = [
            span for span in ((line["started"], pause["from"]), (pause["to"], line["ended"])) if span[0] < span[1]
        ]
        assert [(span["from"], span["to"]) for span in line["segments"]] == recorded


def test_a_call_that_nobody_answers(gateway: Gateway, tmp_path: Path) -> None:
    gateway.post(ringing("a"), ringing("a") | {"State": "disconnected", "Participants": []})
    recorder = Recorder(gateway.url, tmp_path)
    recorder.wait_for("call a: stopped")
    recorder.end(signal.SIGTERM)
    line = json.loads(recorder.out.read_text())
    assert (line["started"], line["segments"], line["paused"]) == (None, [], [])
    assert line["complete"] is True
