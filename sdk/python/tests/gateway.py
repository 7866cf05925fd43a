"""The real gateway, as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[3]


class Gateway:
    """One gateway over one data folder. After `stop` or `kill` it can be started again, at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._listen = "127.0.0.1:0"
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def start(self) -> None:
        """Returns once it is ready."""
        path = f"{_ROOT / 'node_modules/.bin'}{os.pathsep}{os.environ['PATH']}"
        command = [str(_ROOT / "bin/callwire.js"), "serve", "--listen", self._listen, "--data-dir", str(self._folder)]
        self._process = subprocess.Popen(
            command, env=os.environ | {"PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        said: list[str] = []
        for line in self._process.stdout:
            said.append(line)
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("msg") == "ready":
                self.url = entry["url"]
                self._listen = self.url.removeprefix("http://")
                return
        raise AssertionError(f"the gateway did not start:\n{''.join(said)}")

    def stop(self) -> None:
        """Has it shut down by itself."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it without a word."""
        self._end(signal.SIGKILL)

    def post(self, *items: dict[str, Any]) -> None:
        """Posts call events as the platform does, in order."""
        for item in items:
            body = json.dumps({"type": "CallState", "item": item}).encode()
            self._send(body)

    def login(self, agent: str, email: str) -> None:
        """Posts an agent's sign-in."""
        item = {"ParticipantID": agent, "Email": email, "State": "login"}
        self._send(json.dumps({"type": "AgentState", "item": item}).encode())

    def _send(self, body: bytes) -> None:
        request = urllib.request.Request(
            f"{self.url}/webhooks/default/ccai", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            assert response.status == 200

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        process.communicate(timeout=30)


def ringing(call: str, queue: str = "support/orders") -> dict[str, Any]:
    """A call that rings in a queue."""
    return {"CallID": call, "State": "ringing", "Direction": "incoming", "Queue_path_names": queue}
