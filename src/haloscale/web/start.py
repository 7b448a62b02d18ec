"""Starting the explorer: what is shown first, where it listens, and the loop that serves it."""

import socket as sockets
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from haloscale import api
from haloscale import config as configuration
from haloscale.errors import ConfigError, MissingExtraError
from haloscale.web.access import LOOPBACK, Access
from haloscale.web.scene import Stars
from haloscale.web.state import State, flattened

if TYPE_CHECKING:
    from haloscale.web.desk import Desk, Start

_GRACE: Final = 2
"""Seconds that pages get to leave when the server ends."""

Ready = Callable[[Access, bool], None]


def explore(
    what: Path | None,
    survey: str,
    *,
    recipe: str | Path,
    settings: Mapping[str, Any],
    columns: Mapping[str, str],
    place: tuple[str, int, bool],
    out: Path,
    browser: bool,
    ready: Ready,
) -> None:
    """Serve the explorer until it is interrupted.

    Parameters
    ----------
    what : Path or None
        Folder of a finished run, or a catalogue, or nothing.
    survey, recipe, settings, columns
        As of `api.request`; what the page begins with.
    place : (str, int, bool)
        Host, port, and whether another host than this machine is wanted.
    out : Path
        Folder below which fits leave their run folders.
    browser : bool
        Open the page.
    ready : callable
        Told where the page is, and whether a browser was opened.

    Raises
    ------
    InputError
        The extra is not installed, the port is taken, or what is to be shown cannot be used.
    """
    _check_extra()
    host, port, expose = place
    if host not in LOOPBACK and not expose:
        raise ConfigError(
            f"--host {host} lets other machines reach the explorer",
            f"one of: {', '.join(LOOPBACK)}",
            "add --expose if that is what you want: there is no encryption, and who knows the address can use it",
        )
    from haloscale.web.desk import Desk

    with closing(bound(host, port)) as listening:
        desk = Desk(first(what, survey, recipe, settings, columns, out))
        access = Access(host, listening.getsockname()[1])
        ready(access, browser and opened(access.address))
        serve(desk, access, listening)


def first(
    what: Path | None,
    survey: str,
    recipe: str | Path,
    settings: Mapping[str, Any],
    columns: Mapping[str, str],
    out: Path,
) -> "Start":
    """What the page begins with. Errors: `InputError`."""
    from haloscale.web.desk import Start

    if what is not None and what.is_dir():
        return Start(out, folder=what)
    if what is None:
        loaded = configuration.load(recipe, settings)
        return Start(out, state=State(recipe=loaded.config.recipe, settings=flattened(loaded.given)))
    if not what.exists():
        raise ConfigError(f"there is no file or folder {what}", "a star catalogue or a run folder", "check the path")
    asked = api.request(what, survey, recipe=recipe, settings=settings, columns=columns, only="exploring")
    given = asked.loaded.given
    used = dict(asked.loaded.config.catalogue.columns)
    state = State(recipe=asked.loaded.config.recipe, settings=flattened(given))
    return Start(out, Stars(what, survey, used), state)


def opened(address: str) -> bool:
    """Whether a browser took the address."""
    import webbrowser

    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False


def _check_extra() -> None:
    from importlib.util import find_spec

    missing = [name for name in ("starlette", "uvicorn", "websockets") if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"the explorer needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            "the extra web",
            'pip install "haloscale[web]"',
        )


def bound(host: str, port: int) -> sockets.socket:
    """A listening socket; port 0 takes a free one.

    Raises
    ------
    ConfigError
        The port is taken, or the address is not one of this machine.
    """
    listening = None
    try:
        family, _, _, _, address = sockets.getaddrinfo(host, port, type=sockets.SOCK_STREAM)[0]
        listening = sockets.socket(family, sockets.SOCK_STREAM)
        listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        if listening is not None:
            listening.close()
        raise ConfigError(
            f"port {port} of {host} cannot be used: {error.strerror or error}",
            "a free port of this machine",
            "choose another with --port, or --port 0 for any that is free",
        ) from None
    listening.listen(128)
    return listening


def serve(desk: "Desk", access: Access, listening: sockets.socket) -> None:
    """Serve until interrupted."""
    import uvicorn

    from haloscale.web.patience import Patience, PatientSocket
    from haloscale.web.server import application

    uvicorn.Server(uvicorn.Config(application(desk, access), http=Patience, ws=PatientSocket, **SETTINGS)).run(
        sockets=[listening]
    )


LARGEST_MESSAGE: Final = 65_536
"""Bytes of a message from a page."""

SETTINGS: Final[Mapping[str, Any]] = {
    "ws_max_size": LARGEST_MESSAGE, "ws_max_queue": 16, "ws_ping_interval": 20.0, "ws_ping_timeout": 20.0,
    "access_log": False, "log_level": "warning", "server_header": False, "limit_concurrency": 256,
    "timeout_keep_alive": 10, "timeout_graceful_shutdown": _GRACE,
}  # fmt: skip
"""How uvicorn serves: what a page may send, how many may come, when the silent are dropped."""
