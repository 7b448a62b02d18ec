"""One page's socket: requests are checked and counted, the newest wins, a page that does not read is closed."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from starlette.websockets import WebSocket, WebSocketDisconnect

from haloscale.errors import ConfigError, HaloscaleError
from haloscale.web.answers import Message, complaint
from haloscale.web.desk import QUICK, SLOW, WAITING, Desk
from haloscale.web.state import State, read_source, read_state

_LOG: Final = logging.getLogger(__name__)
_MESSAGES_A_SECOND, _BURST, _FORGIVEN = 60.0, 180.0, 50
_SEND_WITHIN: Final = 10.0
"""Seconds in which a page has to take a message."""
_POLICY: Final = 1008
_PUBLISHED: Final = '"literature": {'
_FAST: Final[tuple[str, ...]] = ("sample", "profile", "curves")
_SLOW: Final[tuple[str, ...]] = ("posterior",)
KINDS: Final = (*_FAST, *_SLOW)


@dataclass(frozen=True)
class _Ask:
    """One kind of answer that a page wants; `number` counts the requests."""

    kind: str
    number: int
    request_id: Any
    state: State
    first: bool


@dataclass
class _Lane:
    """The newest request of each of some kinds, answered in the order of the kinds; older ones are forgotten."""

    kinds: tuple[str, ...]
    pool: str
    wanted: dict[str, _Ask] = field(default_factory=dict)
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, ask: _Ask) -> None:
        self.wanted[ask.kind] = ask
        self.wake.set()

    async def take(self) -> _Ask:
        while not self.wanted:
            self.wake.clear()
            await self.wake.wait()
        return self.wanted.pop(next(kind for kind in self.kinds if kind in self.wanted))


@dataclass
class _Allowance:
    """How many more messages a page may send now."""

    left: float = _BURST
    at: float = 0.0
    n_breaches: int = 0

    def takes(self, now: float) -> bool:
        """Count a message; False where there are too many."""
        self.left = min(_BURST, self.left + (now - self.at) * _MESSAGES_A_SECOND) if self.at else _BURST
        self.at = now
        if self.left < 1.0:
            self.n_breaches += 1
            return False
        self.left -= 1.0
        return True


class _Closed(Exception):
    """The page is gone, or has to go."""


class Page:
    """A connected page.

    Parameters
    ----------
    socket : WebSocket
        Accepted.
    desk : Desk
        Who answers.
    """

    def __init__(self, socket: WebSocket, desk: Desk) -> None:
        self._socket, self._desk = socket, desk
        self._lanes = _Lane(_FAST, QUICK), _Lane(_SLOW, SLOW)
        self._long = _Lane(KINDS, WAITING)
        self._newest: dict[str, int] = {}
        self._n_asked = 0
        self._sending = asyncio.Lock()
        self._allowance = _Allowance()
        self._side: asyncio.Queue[tuple[Any, Callable[[], Message]]] = asyncio.Queue(maxsize=8)
        self._published_for = ""

    async def serve(self) -> None:
        """Answer until the page leaves; whatever ends one task ends all."""
        parts = self._read(), *(self._serve_lane(lane) for lane in (*self._lanes, self._long)), self._aside()
        tasks = [asyncio.create_task(part) for part in parts]
        watcher = self._desk.jobs.watch(self._push)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if (error := task.exception()) and not isinstance(error, (_Closed, WebSocketDisconnect)):
                    raise error
        finally:
            self._desk.jobs.unwatch(watcher)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            text = await self._receive()
            if not self._allowance.takes(time.monotonic()):
                await self._refuse_many()
                continue
            request_id: Any = None
            try:
                message = _parsed(text)
                request_id = _id(message)
                await self._take(message, request_id)
            except ConfigError as error:
                await self._send({"kind": "error", "id": request_id, "complaint": complaint(error)})

    async def _receive(self) -> str:
        event = await self._socket.receive()
        if event["type"] != "websocket.receive":
            raise _Closed
        text = event.get("text")
        if text is None:  # nothing is sent as bytes
            await self._close("only text messages are taken")
        return str(text)

    async def _refuse_many(self) -> None:
        if self._allowance.n_breaches > _FORGIVEN:
            await self._close("too many messages")
        if self._allowance.n_breaches == 1:
            error = ConfigError(
                "too many messages", f"at most {_MESSAGES_A_SECOND:.0f} a second", "wait for the answer before asking"
            )
            await self._send({"kind": "error", "id": None, "complaint": complaint(error)})

    async def _close(self, reason: str) -> None:
        async with asyncio.timeout(_SEND_WITHIN):
            await self._socket.close(_POLICY, reason)
        raise _Closed

    async def _take(self, message: Mapping[str, Any], request_id: Any) -> None:
        match message.get("do"):
            case "show":
                state = read_state(message.get("state"))
                self._want(message.get("want"), request_id, state)
            case "preview":
                source = read_source(message.get("source"))
                self._aside_put(request_id, lambda: self._desk.preview(source))
            case "fit":
                state = read_state(message.get("state"))
                self._aside_put(request_id, lambda: self._desk.fit(state))
            case "cancel":
                job = str(message.get("job"))[:100]
                self._aside_put(request_id, lambda: self._desk.jobs.cancel(job))
            case "jobs":
                for answer in self._desk.jobs.messages():
                    await self._send({**answer, "id": request_id})
            case other:
                told = f"do is {str(other)[:40]!r}"
                raise ConfigError(told, "show, preview, fit, cancel or jobs", "reload the page")

    def _want(self, kinds: Any, request_id: Any, state: State) -> None:
        if not isinstance(kinds, list) or not all(kind in KINDS for kind in kinds):
            raise ConfigError("want is no list of what is shown", ", ".join(KINDS), "reload the page")
        self._n_asked += 1
        for kind in kinds:
            self._newest[kind] = self._n_asked
            self._long.wanted.pop(kind, None)
            ask = _Ask(
                kind, self._n_asked, request_id, state, kind == "curves" and state.source.key != self._published_for
            )
            next(lane for lane in self._lanes if kind in lane.kinds).put(ask)

    def _aside_put(self, request_id: Any, answer: Callable[[], Message]) -> None:
        try:
            self._side.put_nowait((request_id, answer))
        except asyncio.QueueFull:
            raise ConfigError("too many requests at once", "one at a time", "wait for the answer") from None

    async def _serve_lane(self, lane: _Lane) -> None:
        """Answer what a lane holds; what takes long goes to the long one, and is not sent if it is not wanted then."""
        while True:
            ask = await lane.take()
            start = time.perf_counter()
            text = await self._desk.in_thread(partial(self._answer, ask, start, lane is self._long), lane.pool)
            if text is None:
                if self._newest[ask.kind] == ask.number:
                    self._long.put(ask)
            elif lane is not self._long or self._newest[ask.kind] == ask.number:
                await self._send_text(text)
                if ask.first and _PUBLISHED in text:  # an error has none, and the next answer brings it
                    self._published_for = ask.state.source.key

    def _answer(self, ask: _Ask, start: float, patient: bool) -> str | None:
        """The answer as text; None where it would take long."""
        if not patient and not self._desk.is_quick(ask.state):
            return None
        return _text(partial(self._desk.show, ask.kind, ask.state, ask.first), ask.request_id, start)

    async def _aside(self) -> None:
        while True:
            request_id, answer = await self._side.get()
            start = time.perf_counter()
            await self._send_text(await self._desk.in_thread(partial(_text, answer, request_id, start), WAITING))

    async def _push(self, message: Message) -> None:
        try:
            await self._send({**message, "id": None})
        except (_Closed, WebSocketDisconnect, RuntimeError):
            return

    async def _send(self, message: Message) -> None:
        await self._send_text(json.dumps(message, allow_nan=False))

    async def _send_text(self, text: str) -> None:
        try:
            async with asyncio.timeout(_SEND_WITHIN), self._sending:
                await self._socket.send_text(text)
        except TimeoutError:
            raise _Closed from None


def _text(answer: Callable[[], Message], request_id: Any, start: float) -> str:
    """An answer as JSON, or what is wrong; made in a thread, so that the loop stays free."""
    try:
        message = answer()
    except Exception as error:  # one request that fails must not end the page
        if not isinstance(error, HaloscaleError):
            _LOG.exception("a request failed")
        message = {"kind": "error", "complaint": complaint(error)}
    elapsed = round(1e3 * (time.perf_counter() - start), 2)
    return json.dumps({**message, "id": request_id, "ms": elapsed}, allow_nan=False)


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        message = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise ConfigError("a message that is no JSON", "a JSON object", "reload the page") from None
    if not isinstance(message, dict):
        raise ConfigError("a message that is no JSON object", "an object with the key do", "reload the page")
    return message


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _id(message: Mapping[str, Any]) -> int | float | str | None:
    found = message.get("id")
    return found if isinstance(found, (int, float, str)) and len(str(found)) <= 60 else None
