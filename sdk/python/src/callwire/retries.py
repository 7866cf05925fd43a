"""When a failed call is made again: the same rules for streams and for unary calls."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import grpc

from callwire.errors import CallwireError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits a random time between 0 and `min(max, initial * 2**attempt)` seconds before each further attempt."""

    initial: float = 0.2
    """Seconds, the bound of the first wait."""
    max: float = 30.0
    """Seconds, the bound of every wait. A longer delay that the gateway asks for is kept to all the same."""
    max_attempts: int | None = None
    """Further attempts without useful progress before the last error is raised. None: without end."""

    def __post_init__(self) -> None:
        if self.initial < 0 or self.max < 0:
            raise ValueError("retry: initial and max are seconds, 0 or more")
        if self.max_attempts is not None and self.max_attempts < 0:
            raise ValueError("retry: max_attempts is 0 or more")


@dataclass(frozen=True, slots=True)
class Retry:
    """What to do about a failure that is worth another attempt."""

    attempt: int
    """From 1."""
    delay: float
    """Seconds."""
    refresh_credential: bool = False


class Retries:
    """Counts the failures in a row."""

    def __init__(
        self,
        policy: RetryPolicy,
        *,
        can_refresh: bool,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._policy = policy
        self._can_refresh = can_refresh
        self._uniform = uniform
        self._attempts = 0
        self._refused = False

    def accepted(self) -> None:
        """The gateway took the credential."""
        self._refused = False

    def progressed(self) -> None:
        """Something useful came: the next failure is the first again."""
        self._attempts = 0

    def failed(self, error: CallwireError, *, at_least: float = 0.0) -> Retry | None:
        """What follows from a failure; None when the error is to be raised. `at_least`: seconds asked for before."""
        if error.code is grpc.StatusCode.UNAUTHENTICATED and self._can_refresh and not self._refused:
            self._refused = True
            return Retry(self._attempts + 1, 0.0, refresh_credential=True)
        limit = self._policy.max_attempts
        if not error.retryable or (limit is not None and self._attempts >= limit):
            return None
        # The exponent is bounded, so that a long outage does not end in a number too large for a float.
        bound = min(self._policy.max, self._policy.initial * 2 ** min(self._attempts, 63))
        self._attempts += 1
        return Retry(self._attempts, max(self._uniform(0.0, bound), at_least, error.retry_after or 0.0))
