"""A unary call from its first attempt to its deadline, without network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import grpc

from callwire.errors import CallwireError
from callwire.retries import Retries, Retry
from callwire.v1.ingest_pb2 import PublishItem


class UnaryAttempts:
    """The attempts of one call, all of them within one time-out in seconds."""

    def __init__(
        self,
        retries: Retries,
        timeout: float,
        *,
        repeatable: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._retries = retries
        self._repeatable = repeatable
        self._clock = clock
        self._deadline = clock() + timeout

    @property
    def remaining(self) -> float:
        """Seconds that the next attempt may take."""
        return max(0.0, self._deadline - self._clock())

    def failed(self, error: CallwireError) -> Retry:
        """How to go on after an attempt. Raises the error when there is to be no other."""
        refused = error.code is grpc.StatusCode.UNAUTHENTICATED
        retry = self._retries.failed(error) if self._repeatable or refused else None
        if retry is None or retry.delay >= self.remaining:
            raise error
        return retry


def is_repeatable(items: Iterable[PublishItem]) -> bool:
    """Whether publishing the items again stores nothing twice."""
    return all(item.idempotency_key for item in items)
