"""Where the gateway is and how connections to it are made."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import grpc.aio

_PORTS = {"http": 80, "https": 443}

_CHANNEL_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 0),
    # The time-out of a connect; gRPC has no other name for it.
    ("grpc.min_reconnect_backoff_ms", 10_000),
    # How long to wait is decided in `retries`, so the channel's own waits are as short as it allows.
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 100),
    ("grpc.enable_retries", 0),
    # A new channel means a new connection, also when another channel to the same place is waiting to reconnect.
    ("grpc.use_local_subchannel_pool", 1),
)


@dataclass(frozen=True, slots=True)
class Tls:
    """What an `https://` connection needs beyond the defaults. Each is a PEM file."""

    ca_file: str | os.PathLike[str] | None = None
    """The authorities to trust. Default: those that gRPC brings."""
    certificate_file: str | os.PathLike[str] | None = None
    """The client's certificate chain, when the gateway asks for one. Needs `key_file`."""
    key_file: str | os.PathLike[str] | None = None
    """The private key of the client's certificate."""


class Endpoint:
    """One gateway. Raises ValueError for a URL that is not `http[s]://host[:port]`, OSError for an unreadable file."""

    def __init__(self, url: str, tls: Tls | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError(f"{url!r} is not a URL of the form http[s]://host[:port]")
        if parts.path not in ("", "/") or parts.query or parts.fragment or parts.username is not None:
            raise ValueError(f"{url!r} has more than scheme, host and port")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self.target = f"{host}:{parts.port or _PORTS[parts.scheme]}"
        if parts.scheme == "http" and tls is not None:
            raise ValueError("tls is for https:// URLs")
        self._credentials = _credentials(tls or Tls()) if parts.scheme == "https" else None

    def channel(self) -> grpc.Channel:
        """A new connection for the blocking client."""
        if self._credentials is None:
            return grpc.insecure_channel(self.target, options=_CHANNEL_OPTIONS)
        return grpc.secure_channel(self.target, self._credentials, options=_CHANNEL_OPTIONS)

    def aio_channel(self) -> grpc.aio.Channel:
        """A new connection for the asyncio client."""
        if self._credentials is None:
            return grpc.aio.insecure_channel(self.target, options=_CHANNEL_OPTIONS)
        return grpc.aio.secure_channel(self.target, self._credentials, options=_CHANNEL_OPTIONS)


def _credentials(tls: Tls) -> grpc.ChannelCredentials:
    if (tls.certificate_file is None) != (tls.key_file is None):
        raise ValueError("certificate_file and key_file belong together")
    return grpc.ssl_channel_credentials(
        root_certificates=_read(tls.ca_file),
        private_key=_read(tls.key_file),
        certificate_chain=_read(tls.certificate_file),
    )


def _read(file: str | os.PathLike[str] | None) -> bytes | None:
    return None if file is None else Path(file).read_bytes()
