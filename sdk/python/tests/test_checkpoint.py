from __future__ import annotations

import os
from pathlib import Path

import pytest

from callwire import FileCheckpoint, Position, SavePolicy
from callwire.ledger import Ledger


def test_a_file_keeps_the_position(tmp_path: Path) -> None:
    checkpoint = FileCheckpoint(tmp_path / "position.json")
    assert checkpoint.load() is None
    checkpoint.save(Position("0a1b2c3d-1", "d1"))
    checkpoint.save(Position("0a1b2c3d-2", "d1"))
    assert FileCheckpoint(tmp_path / "position.json").load() == Position("0a1b2c3d-2", "d1")
    assert os.listdir(tmp_path) == ["position.json"]


def test_a_file_without_a_digest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "position.json"
    path.write_text('{"cursor":"0a1b2c3d-1"}')
    assert FileCheckpoint(path).load() == Position("0a1b2c3d-1")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b'{"cursor":""}', b'{"cursor":1}', b"\xff", b'{"cursor":"c","filter_digest":1}']
)
def test_a_corrupt_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "position.json"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"position\.json is not a checkpoint"):
        FileCheckpoint(path).load()


def test_a_save_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "position.json"
    path.mkdir()
    with pytest.raises(OSError, match=r"position\.json"):
        FileCheckpoint(path).save(Position("0a1b2c3d-1"))
    assert os.listdir(tmp_path) == ["position.json"]


def test_it_is_saved_after_so_many_events_or_so_long() -> None:
    ledger = Ledger(SavePolicy(every_events=2, every_seconds=1.0))
    ledger.begin(Position("e-0"))
    assert ledger.due_at() is None
    ledger.advance(Position("e-1"), 10.0, events=1)
    assert ledger.due_at() == 11.0
    assert ledger.due_at() == 11.0
    ledger.advance(Position("e-2"), 10.5, events=1)
    assert ledger.is_full()
    assert ledger.saving() == Position("e-2")
    assert ledger.due_at() is None
    assert ledger.saving() is None
    ledger.advance(Position("e-3"), 20.0)
    assert ledger.due_at() == 21.0


@pytest.mark.parametrize("wrong", [{"every_events": 0}, {"every_seconds": -1}])
def test_a_policy_without_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="save"):
        SavePolicy(**wrong)
