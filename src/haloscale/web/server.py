"""The HTTP side: every address begins with the token; what is not known is not found."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, Final

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from haloscale.errors import ConfigError, HaloscaleError
from haloscale.web import downloads
from haloscale.web.access import Access, headers_of
from haloscale.web.answers import complaint
from haloscale.web.desk import QUICK, SLOW, WAITING, Desk
from haloscale.web.files import TYPES, static, static_name
from haloscale.web.socket import Page
from haloscale.web.state import State, decode
from haloscale.web.uploads import TooLarge, TooMany

MOST_PAGES: Final = 64
_UNKNOWN: Final = "application/octet-stream"


class Guard:
    """The outermost layer: host, token and headers, before anything else looks at a request."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        host, (token, rest) = headers.get("host", ""), _split(scope["path"])
        inside = rest is not None and self._access.is_ours(host) and self._access.admits(token)
        origin = headers.get("origin")
        writes = scope["type"] == "websocket" or scope.get("method") not in ("GET", "HEAD")
        if rest is None or not inside or (writes and not self._access.is_from_here(origin, host)):
            await _turned_away(scope, receive, send, 404 if not inside else 403)
            return
        send = _with_headers(send, host)
        own = static_name(rest) if scope["type"] == "http" and not writes else None
        if own is not None:  # the many small files of the page, without the way through the routes
            await static(own, headers.get("if-none-match"))(scope, receive, send)
            return
        await self._app({**scope, "path": rest, "raw_path": None}, receive, send)


def application(desk: Desk, access: Access) -> Guard:
    """The whole application."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        desk.warm()
        yield
        desk.close()

    return Guard(Starlette(routes=Routes(desk).listed(), lifespan=lifespan), access)


class Routes:
    """The addresses below the token."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._n_pages = desk, 0

    def listed(self) -> list[Any]:
        """Every route."""
        return [
            Route("/controls", self.controls),
            Route("/upload", self.upload, methods=["POST"]),
            Route("/download/haloscale.toml", self.settings),
            Route("/download/figure/{name}.{kind}", self.figure),
            Route("/jobs/{job}/{path:path}", self.job_file),
            Route("/run/{path:path}", self.run_file),
            WebSocketRoute("/socket", self.socket),
        ]

    async def controls(self, request: Request) -> Response:
        """What the page's controls are made of, for a state or for the start, as JSON."""
        text = request.query_params.get("state", "")

        def make() -> Any:
            return self._desk.controls(decode(text) if text else None)

        try:
            return JSONResponse(await self._desk.in_thread(make))
        except HaloscaleError as error:
            return _refused(error, 422)

    async def upload(self, request: Request) -> Response:
        """Take a file from the page: its columns, and a guess of what they are."""
        shown = request.query_params.get("name", "")[:200] or "catalogue"
        if self._desk.held:
            return _refused(ConfigError("this is a finished run", "a catalogue", "start the explorer without DIR"), 403)
        length = request.headers.get("content-length", "0")
        try:
            announced = int(length) if length.isdigit() else 0
            path = await self._desk.uploads.receive(shown, announced, request.stream())
            described = await self._desk.in_thread(partial(self._desk.uploads.describe, path, shown), WAITING)
        except TooLarge as error:
            return _refused(error, 413)
        except TooMany as error:
            return _refused(error, 429)
        except ClientDisconnect:
            return Response(status_code=400)
        except HaloscaleError as error:
            return _refused(error, 422)
        return JSONResponse(described)

    async def settings(self, request: Request) -> Response:
        """The TOML with which `haloscale weigh` repeats what is on the screen."""

        def make() -> str:
            return self._desk.settings_text(self._state(request))

        return await self._made(make, "text/plain; charset=utf-8", "haloscale.toml", WAITING)

    async def figure(self, request: Request) -> Response:
        """A figure of the state, as PDF or SVG."""
        name, kind = request.path_params["name"], request.path_params["kind"]

        def make() -> bytes:
            return self._desk.figure(self._state(request), name, kind)

        return await self._made(make, downloads.KINDS.get(kind, _UNKNOWN), f"{name}.{kind}", WAITING)

    async def job_file(self, request: Request) -> Response:
        """A file of the run folder of a finished fit."""
        try:
            job = self._desk.jobs.job(request.path_params["job"])
        except HaloscaleError:
            return Response("not found", 404)
        return await self._file(job.folder, job.files, request.path_params["path"])

    async def run_file(self, request: Request) -> Response:
        """A file of the run folder that was opened at the start."""
        held = self._desk.held
        if held is None:
            return Response("not found", 404)
        return await self._file(held.folder, held.files, request.path_params["path"])

    async def socket(self, websocket: WebSocket) -> None:
        """Talk with a page until it goes."""
        if self._n_pages >= MOST_PAGES:
            await websocket.close(1013)
            return
        self._n_pages += 1
        try:
            await websocket.accept()
            await Page(websocket, self._desk).serve()
        finally:
            self._n_pages -= 1

    def _state(self, request: Request) -> State:
        text = request.query_params.get("state", "")
        return decode(text) if text else self._desk.first

    async def _made(self, make: Callable[[], Any], media_type: str, name: str, pool: str = QUICK) -> Response:
        """Something made for download, or what is wrong."""
        try:
            content = await self._desk.in_thread(make, pool)
        except HaloscaleError as error:
            return _refused(error, 422)
        return Response(content, media_type=media_type, headers=_attached(name))

    async def _file(self, folder: Path, names: tuple[str, ...], name: str) -> Response:
        """A file of a run folder by its name in the listing, or all of them."""
        if name == "run.zip" and names:
            target = self._desk.uploads.scratch(".zip")
            await self._desk.in_thread(partial(downloads.packed, folder, names, target), SLOW)
            return FileResponse(target, media_type="application/zip", headers=_attached(f"{folder.name}.zip"),
                                background=BackgroundTask(target.unlink, missing_ok=True))  # fmt: skip
        if name not in names:
            return Response("not found", 404)
        kind = TYPES.get(PurePosixPath(name).suffix)
        # a report may style itself and nothing more: whatever is in a catalogue, nothing of it runs
        headers = headers_of("", own_page=False) if kind else _attached(PurePosixPath(name).name)
        return FileResponse(folder / name, media_type=kind or _UNKNOWN, headers=headers)


def _split(path: str) -> tuple[str, str | None]:
    """The token of a path and the rest of it."""
    token, slash, rest = path.removeprefix("/").partition("/")
    return token, f"/{rest}" if slash else None


def _refused(error: HaloscaleError, status: int) -> Response:
    return JSONResponse({"error": complaint(error)}, status)


def _attached(name: str) -> dict[str, str]:
    """Saved, not shown."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


async def _turned_away(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008, "reason": ""})
        return
    await Response("not found" if status == 404 else "not from here", status)(scope, receive, send)


def _with_headers(send: Send, host: str) -> Send:
    """Answers get the headers of `access` where they do not bring their own."""

    async def sent(message: Any) -> None:
        if message["type"] == "http.response.start":
            held = {key.lower() for key, _ in message["headers"]}
            added = [(k.lower().encode(), v.encode("latin-1", "replace")) for k, v in headers_of(host).items()]
            message = {**message, "headers": [*message["headers"], *((k, v) for k, v in added if k not in held)]}
        await send(message)

    return sent
