from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from consuming import Kind
from gateway import Gateway


@pytest.fixture(params=["blocking", "asyncio"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Which of the two clients."""
    return "blocking" if request.param == "blocking" else "asyncio"


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway of the test's own."""
    gateway = Gateway(tmp_path / "data")
    gateway.start()
    yield gateway
    gateway.stop()
