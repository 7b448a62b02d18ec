"""Addresses, token, headers: what anybody gets who asks."""

import socket
from typing import Any

import pytest

from haloscale.web import patience
from haloscale.web.state import Source, State, encode, read_state


def test_the_controls_come_with_the_headers_that_keep_the_page_in_its_place(served: Any) -> None:
    reply = served.ask("controls")
    assert reply.status == 200
    assert reply.json["read_only"] is False
    assert reply.json["title"] == "stars.fits"
    assert {s["name"] for s in reply.json["sections"]} >= {
        "mass.halo",
        "anisotropy",
        "tracer",
        "dispersion",
        "selection",
    }
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cache-control"] == "no-store"
    assert "server" not in reply.headers


def test_the_page_and_its_files_are_served(served: Any) -> None:
    page = served.ask("")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert served.ask("static/style.css").headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("path", ["", "controls", "static/style.css", "wrong/controls", "favicon.ico", "../controls"])
def test_without_the_token_nothing_is_found(served: Any, path: str) -> None:
    assert served.ask(path, whole=True).status == 404


def test_another_name_of_this_machine_is_not_answered_to(served: Any) -> None:
    """A foreign page whose name was made to lead here (DNS rebinding) does not even learn that the token is right."""
    assert served.ask("controls", Host="evil.example").status == 404


@pytest.mark.parametrize(
    "path",
    ["static/../server.py", "static/%2e%2e/server.py", "static/..%2fserver.py", "static//etc/passwd",
     "static/.hidden.js", "static/", "jobs/fit-999/report.html", "jobs/../x", "run/summary.json", "download/nothing"],
)  # fmt: skip
def test_no_address_leaves_the_folders_of_the_page(served: Any, path: str) -> None:
    assert served.ask(path).status == 404


def test_what_writes_has_to_come_from_our_own_page(served: Any) -> None:
    assert served.ask("upload?name=a.csv", b"l,b\n1,2\n", Origin="http://evil.example").status == 403
    assert served.ask("upload?name=a.csv", b"l,b\n1,2\n", Origin="").status == 403


def test_a_connection_that_says_nothing_is_closed(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_LONGEST_SILENCE", 0.3)
    with socket.create_connection(("127.0.0.1", served.access.port), timeout=30.0) as silent:
        silent.sendall(b"GET /")
        assert silent.recv(1000) == b""
    assert served.ask("controls").status == 200


def test_a_browser_that_has_a_file_is_not_sent_it_again(served: Any) -> None:
    first = served.ask("static/style.css")
    assert first.headers["cache-control"] == "no-cache"
    again = served.ask("static/style.css", If_None_Match=first.headers["etag"])
    assert again.status == 304
    assert again.body == b""
    assert served.ask("static/style.css", If_None_Match='"other"').body == first.body


def test_a_link_to_what_is_not_here_is_refused(served: Any) -> None:
    lost = encode(State(source=Source("upload", "gone", "generic")))
    reply = served.ask(f"controls?state={lost}")
    assert reply.status == 422
    assert "not here any more" in reply.json["error"]["text"]


def test_the_controls_of_another_recipe_are_its_own(served: Any) -> None:
    told = served.ask(f"controls?state={encode(read_state({'recipe': 'modern'}))}").json
    assert told["recipe"] == "modern"
    assert told["defaults"] != served.ask("controls").json["defaults"]
    assert served.ask("controls?state=AAAA").status == 422
