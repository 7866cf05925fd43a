"""How a subscription ended."""

from __future__ import annotations

from enum import Enum


class Outcome(Enum):
    """How a subscription ended."""

    COMPLETED = "completed"
    """The end that was asked for was reached."""
    CLOSED = "closed"
    """By `close()`, or by leaving the subscription's `with` block."""
    CANCELLED = "cancelled"
    """By `cancel()`, by the cancellation of its task, or by an error in the `with` block."""
    FAILED = "failed"
    """By an error, which the iteration or `run` raised."""
