"""The conformance driver, as the suite starts it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from gateway import Gateway, ringing
from responses import cursor, events, first
from scripted_server import Hang, ScriptedServer

_ROOT = Path(__file__).parents[3]
_COMMAND = (_ROOT / "sdk/python/conformance/command").read_text()


class Driver:
    """A running driver. The first line of input says which case it is about."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            f"exec {_COMMAND}", shell=True, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def send(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"case": "c"} | line) + "\n")
        self._process.stdin.flush()

    def read(self, name: str) -> Any:
        """The value of the next line of a kind."""
        assert self._process.stdout is not None
        for text in self._process.stdout:
            line: dict[str, Any] = json.loads(text)
            assert line["case"] == "c"
            if name in line:
                return line[name]
        raise AssertionError(f"the driver ended without {name}")

    def finish(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=30) == 0
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.mark.parametrize("consume", ["run", "stream"])
def test_a_case_is_held_released_and_closed(consume: str) -> None:
    driver = Driver()
    with ScriptedServer([first(), events(1, 2), Hang()]) as server:
        handler = {"hold_at": 2}
        checkpoint = {"kind": "memory", "every_events": 1}
        driver.send({"run": {"url": server.url, "consume": consume, "handler": handler, "checkpoint": checkpoint}})
        assert driver.read("event") == {"offset": "1", "cursor": cursor(1)}
        assert driver.read("handling") == 2
        driver.send({"do": "close"})
        driver.send({"do": "release"})
        done = driver.read("done")
        driver.finish()
    assert (done["outcome"], done["events"]) == ("closed", 2)
    assert (done["cursor"], done["saved_cursor"]) == (cursor(2), cursor(2))


@pytest.mark.parametrize("consume", ["run", "stream"])
def test_a_case_whose_handler_fails(consume: str) -> None:
    driver = Driver()
    with ScriptedServer([first(), events(1, 2), Hang()]) as server:
        driver.send({"run": {"url": server.url, "consume": consume, "handler": {"fail_at": 2}, "report": "digest"}})
        done = driver.read("done")
        driver.finish()
    assert (done["outcome"], done["code"], done["cursor"]) == ("error", "HANDLER", cursor(1))


@pytest.mark.parametrize("consume", ["run", "stream"])
def test_what_has_no_end_is_cancelled_at_the_end_of_input(consume: str) -> None:
    driver = Driver()
    with ScriptedServer([first(), events(1), Hang()]) as server:
        driver.send({"run": {"url": server.url, "consume": consume}})
        driver.read("event")
        driver.finish()


@pytest.mark.parametrize("consume", ["run", "stream"])
def test_unary_cases(consume: str, gateway: Gateway) -> None:
    gateway.post(ringing("a"), ringing("b"))
    driver = Driver()
    common = {"url": gateway.url, "consume": consume}
    driver.send({"run": common | {"method": "list_events", "request": {"pageSize": 1}}})
    assert [event["offset"] for event in driver.read("done")["response"]["events"]] == ["1", "2"]
    driver.send({"run": common | {"method": "get_call", "request": {"callId": "b"}}})
    assert driver.read("done")["response"]["session"]["sessionId"] == "b"
    driver.send({"run": common | {"method": "get_call", "request": {"callId": "c"}}})
    assert driver.read("done")["reason"] == "NOT_FOUND"
    driver.finish()
