"""Takes the options of `subscribe` apart: what goes to the gateway, and what stays here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callwire.ledger import Ledger, SavePolicy
from callwire.machine import Machine
from callwire.requests import build
from callwire.retries import Retries, RetryPolicy
from callwire.v1.subscription_pb2 import SubscribeRequest

_DEFAULT_BUFFER = 1_000
_OWN_OPTIONS = frozenset({"buffer", "retry", "save", "on_status", "checkpoint"})


def machine_of(options: Mapping[str, Any], default_retry: RetryPolicy, *, can_refresh: bool) -> Machine:
    """The machine of a subscription with these options. Raises TypeError or ValueError for wrong ones."""
    kept = options.get("checkpoint") is not None
    request = build(SubscribeRequest, {k: v for k, v in options.items() if k not in _OWN_OPTIONS})
    return Machine(
        request,
        buffer=options.get("buffer", _DEFAULT_BUFFER),
        retries=Retries(options.get("retry", default_retry), can_refresh=can_refresh),
        ledger=Ledger(options.get("save", SavePolicy()) if kept else None),
    )
