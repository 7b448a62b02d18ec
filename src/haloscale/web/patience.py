"""Connections that ask for nothing are closed, so that they do not take the places of those who do."""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_LONGEST_SILENCE: Final = 15.0
"""Seconds within which a new connection has to send a whole request."""
_LAST_WORDS: Final = 2.0
"""Seconds that a closed socket gets to take what was sent."""


class Patience(H11Protocol):
    """HTTP as uvicorn speaks it, with a limit on the time before the first request."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait."""
        super().connection_made(transport)
        self._limit = self.loop.call_later(_LONGEST_SILENCE, self._close_if_silent)

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Stop waiting: the socket has limits of its own."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def _close_if_silent(self) -> None:
        if getattr(self, "cycle", None) is None:
            self.transport.close()

    def _stop(self) -> None:
        if self._limit is not None:
            self._limit.cancel()


class PatientSocket(WebSocketsSansIOProtocol):
    """A socket as uvicorn speaks it, cut off a while after it was closed: a page that does not read would keep it."""

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Let the last words go out, and no more."""
        super().on_task_complete(task)
        self.loop.call_later(_LAST_WORDS, self.transport.abort)
