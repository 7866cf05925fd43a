from __future__ import annotations

import grpc
import pytest

from callwire import CallwireError, RetryPolicy
from callwire.retries import Retries, Retry
from callwire.unary import UnaryAttempts

UNAVAILABLE = CallwireError(grpc.StatusCode.UNAVAILABLE, "gone")
REFUSED = CallwireError(grpc.StatusCode.UNAUTHENTICATED, "refused", reason="UNAUTHENTICATED")


def highest(low: float, high: float) -> float:
    assert low == 0.0
    return high


def test_the_bound_of_the_wait_doubles_up_to_the_maximum() -> None:
    retries = Retries(RetryPolicy(initial=0.2, max=1.0), can_refresh=False, uniform=highest)
    waits = [retries.failed(UNAVAILABLE) for _ in range(5)]
    assert [wait.delay for wait in waits if wait] == [0.2, 0.4, 0.8, 1.0, 1.0]


def test_a_very_long_outage_does_not_overflow() -> None:
    retries = Retries(RetryPolicy(), can_refresh=False, uniform=highest)
    for _ in range(2_000):
        retry = retries.failed(UNAVAILABLE)
    assert retry == Retry(2_000, 30.0)


def test_progress_begins_anew() -> None:
    retries = Retries(RetryPolicy(max_attempts=1), can_refresh=False, uniform=highest)
    assert retries.failed(UNAVAILABLE) == Retry(1, 0.2)
    assert retries.failed(UNAVAILABLE) is None
    retries.progressed()
    assert retries.failed(UNAVAILABLE) == Retry(1, 0.2)


def test_a_delay_that_was_asked_for_is_the_least() -> None:
    retries = Retries(RetryPolicy(initial=0.2, max=0.2), can_refresh=False, uniform=highest)
    error = CallwireError(grpc.StatusCode.UNAVAILABLE, "later", reason="OVERLOADED", retry_after=60.0)
    assert retries.failed(error) == Retry(1, 60.0)
    assert retries.failed(UNAVAILABLE, at_least=5.0) == Retry(2, 5.0)


def test_a_refusal_is_worth_one_refresh_in_a_row() -> None:
    retries = Retries(RetryPolicy(max_attempts=0), can_refresh=True)
    assert retries.failed(REFUSED) == Retry(1, 0.0, refresh_credential=True)
    assert retries.failed(REFUSED) is None
    retries.accepted()
    assert retries.failed(REFUSED) == Retry(1, 0.0, refresh_credential=True)
    assert Retries(RetryPolicy(), can_refresh=False).failed(REFUSED) is None


@pytest.mark.parametrize("wrong", [{"initial": -1}, {"max": -1}, {"max_attempts": -1}])
def test_a_policy_without_sense_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="retry"):
        RetryPolicy(**wrong)


def test_a_unary_call_ends_when_the_next_attempt_would_be_too_late() -> None:
    now = 0.0
    attempts = UnaryAttempts(
        Retries(RetryPolicy(), can_refresh=False, uniform=highest), 1.0, repeatable=True, clock=lambda: now
    )
    attempts.failed(UNAVAILABLE)
    now = 0.7
    assert attempts.remaining == pytest.approx(0.3)
    with pytest.raises(CallwireError):
        attempts.failed(UNAVAILABLE)


def test_what_must_not_be_repeated_is_not() -> None:
    attempts = UnaryAttempts(Retries(RetryPolicy(), can_refresh=True), 1.0, repeatable=False)
    with pytest.raises(CallwireError):
        attempts.failed(UNAVAILABLE)
    assert attempts.failed(REFUSED).refresh_credential
