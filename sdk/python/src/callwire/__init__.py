"""Client of the Callwire event gateway: subscriptions that resume by themselves, blocking or with asyncio."""

from callwire.aio_client import AsyncClient
from callwire.aio_subscription import AsyncSubscription
from callwire.checkpoint import AsyncCheckpoint, Checkpoint, FileCheckpoint, MemoryCheckpoint, Position
from callwire.client import Client
from callwire.connection import Tls
from callwire.deliveries import (
    Delivery,
    EventDelivery,
    FilterChangedDelivery,
    GapDelivery,
    GoingAwayDelivery,
    SnapshotDelivery,
)
from callwire.errors import CallwireError
from callwire.ledger import SavePolicy
from callwire.outcome import Outcome
from callwire.retries import RetryPolicy
from callwire.statuses import CaughtUp, Connected, FellBehind, Progress, Reconnecting, Status
from callwire.subscription import Subscription
from callwire.v1.event_pb2 import Event
from callwire.v1.filter_pb2 import Filter
from callwire.v1.ingest_pb2 import PublishItem
from callwire.v1.session_pb2 import Session

__all__ = [
    "AsyncCheckpoint",
    "AsyncClient",
    "AsyncSubscription",
    "CallwireError",
    "CaughtUp",
    "Checkpoint",
    "Client",
    "Connected",
    "Delivery",
    "Event",
    "EventDelivery",
    "FellBehind",
    "FileCheckpoint",
    "Filter",
    "FilterChangedDelivery",
    "GapDelivery",
    "GoingAwayDelivery",
    "MemoryCheckpoint",
    "Outcome",
    "Position",
    "Progress",
    "PublishItem",
    "Reconnecting",
    "RetryPolicy",
    "SavePolicy",
    "Session",
    "SnapshotDelivery",
    "Status",
    "Subscription",
    "Tls",
]
