"""What a page takes home."""

import re
import tomllib
from typing import Any
from urllib.parse import quote

import pytest

from haloscale.config import load
from haloscale.web.state import encode, read_state


def linked(state: Any) -> str:
    return quote(encode(read_state(state)))


def test_the_settings_are_those_of_the_screen(served: Any, tmp_path: Any) -> None:
    settings = {
        "anisotropy.beta": {"prior": "uniform", "low": -0.5, "high": 0.9},
        "mass.disk": "off",
        "selection.z_min": 4.5,
    }
    reply = served.ask(f"download/haloscale.toml?state={linked({'settings': settings, 'point': {'m_vir': 1.1e12}})}")
    assert reply.status == 200
    (tmp_path / "mine.toml").write_bytes(reply.body)
    tree = tomllib.loads(reply.body.decode())
    assert tree["selection"] == {"z_min": 4.5}
    about = {"path": "stars.fits", "survey": "generic"}
    assert load(tmp_path / "mine.toml").config == load("zhai2018", settings, catalogue=about).config
    assert "m_vir = 1100000000000.0" in reply.body.decode()
    drawn_at = re.findall(r"^#   (\w+) = ", reply.body.decode(), re.M)
    assert drawn_at == ["m_vir", "c", "beta"], "what was not moved is told, too"


@pytest.mark.parametrize("state", ["", "e30", "%7B%7D", "AAAA"])
def test_a_broken_state_is_told(served: Any, state: str) -> None:
    assert served.ask(f"download/haloscale.toml?state={state}").status == (200 if state in ("", "e30") else 422)


def test_a_link_cannot_name_a_file(served: Any) -> None:
    import base64
    import json

    raw = {"settings": {"catalogue.path": "/etc/passwd"}}
    text = base64.urlsafe_b64encode(json.dumps(raw).encode()).decode()
    reply = served.ask(f"download/haloscale.toml?state={text}")
    assert reply.status == 422
    assert "cannot be set from the page" in reply.json["error"]["found"]


def test_a_state_names_the_figures_that_can_be_made_of_it(served: Any, client: Any) -> None:
    known = {spec["name"] for spec in served.ask("controls").json["figures"]}
    whole = set(client.show("curves")["curves"]["figures"])
    assert {"profile_fit", "predictive"} <= whole < known
    assert not {"substructure_sky", "tornado", "distance_posterior"} & whole
    by_derivative = set(client.show("curves", settings={"jeans.route": "v_circ"})["curves"]["figures"])
    assert whole - by_derivative == {"predictive"}


@pytest.mark.slow
def test_every_figure_that_is_named_can_be_made(served: Any, client: Any) -> None:
    for name in client.show("curves")["curves"]["figures"]:
        assert served.ask(f"download/figure/{name}.svg?state={linked({})}").status == 200, name


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "begins"), [("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_a_figure_comes_as_pdf_and_svg(served: Any, kind: str, begins: bytes) -> None:
    reply = served.ask(f"download/figure/profile_fit.{kind}?state={linked({})}")
    assert reply.status == 200
    assert reply.body.startswith(begins)
    assert f'filename="profile_fit.{kind}"' in reply.headers["content-disposition"]


@pytest.mark.parametrize("name", ["nothing.pdf", "profile_fit.png", "tornado.pdf", "..%2f..%2fx.pdf"])
def test_other_figures_are_refused(served: Any, name: str) -> None:
    assert served.ask(f"download/figure/{name}").status in (404, 422)


@pytest.mark.slow
def test_a_figure_that_the_sample_has_not_is_told(served: Any) -> None:
    reply = served.ask("download/figure/substructure_sky.pdf")
    assert reply.status == 422
    assert "has not" in reply.json["error"]["found"]
