"""Who may ask: the token in the address, the host called, the origin of the page; and the headers of answers."""

import hmac
import secrets
from dataclasses import dataclass, field
from typing import Final

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")

_COMMON: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Access:
    """The token of this server and the names under which it may be called.

    Parameters
    ----------
    host : str
        Address that the server listens on.
    port : int
    token : str
        Unguessable; every address begins with it.
    """

    host: str
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{_bracketed(self.host)}:{self.port}/{self.token}/"

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can reach the server."""
        return self.host in LOOPBACK

    def admits(self, token: str) -> bool:
        """Whether a token is ours; the time taken does not tell how much of it is right."""
        return hmac.compare_digest(token.encode(), self.token.encode())

    def is_ours(self, host: str) -> bool:
        """Whether the header Host names this server: another name, led here by a foreign name server, does not."""
        if not self.is_local:  # reached under names that this machine does not know
            return bool(host)
        return host in {f"{_bracketed(name)}:{self.port}" for name in LOOPBACK}

    def is_from_here(self, origin: str | None, host: str) -> bool:
        """Whether the header Origin is that of our own page, served under the same Host."""
        return self.is_ours(host) and origin in (f"http://{host}", f"https://{host}")


def headers_of(host: str, *, own_page: bool = True) -> dict[str, str]:
    """The headers of an answer; a report of a run may style itself, and may do nothing else."""
    if own_page:
        policy = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            f"connect-src 'self' ws://{host} wss://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    else:
        policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-popups"
    return {**_COMMON, "Content-Security-Policy": policy}


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
