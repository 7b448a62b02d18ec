"""What a page asks over its socket, how it is answered, and what happens to one that misbehaves."""

import contextlib
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from haloscale import api, stages
from haloscale.web import patience
from haloscale.web import socket as sockets


def test_a_page_gets_stars_profile_curves_and_posterior(client: Any, catalogue: Path) -> None:
    shown = client.show("sample", "profile", "curves", "posterior")
    made = api.check(api.request(catalogue, "generic"))
    assert [row["after"] for row in shown["sample"]["cuts"]] == [cut.n_after for cut in made.cutflow]
    assert shown["sample"]["n_total"] == len(made.sample)
    stars = shown["sample"]["stars"]
    assert {len(column) for column in stars.values()} == {min(4000, len(made.sample))}
    assert np.isin(np.round(stars["r"], 2), np.round([float(f"{r:.5g}") for r in made.sample.r], 2)).all()
    assert shown["profile"]["n"] == np.bincount(made.sample.bin[made.sample.bin >= 0]).tolist()
    curves, posterior = shown["curves"], shown["posterior"]
    assert set(curves["v_circ"]) == {"total", "halo", "disk", "bulge"}
    assert {parameter["key"] for parameter in curves["free"]} == {"mass.halo.m_vir", "mass.halo.c"}
    assert curves["n_bins"] == sum(shown["profile"]["in_fit"])
    assert curves["point"] == posterior["best"]
    assert posterior["method"] == "grid"
    assert np.shape(posterior["density"]) == (len(posterior["y"]["values"]), len(posterior["x"]["values"]))
    assert all("ms" in answer for answer in shown.values())


def test_the_curves_are_those_of_the_model(client: Any) -> None:
    point = {"m_vir": 1.3e12, "c": 9.0}
    shown = client.show("curves", settings={"anisotropy.beta": 0.4, "mass.disk": "off"}, point=point)["curves"]
    config = api.request(Path("x.fits"), "generic", settings={"anisotropy.beta": 0.4, "mass.disk": "off"}).loaded.config
    galaxy = stages.galaxy_model(config).build(np.array([1.3e12, 9.0]))
    assert shown["v_circ"]["total"] == pytest.approx(galaxy.total.v_circ(np.array(shown["r"])), rel=1e-6)
    assert set(shown["mass"]) == {"total", "halo", "bulge"}
    assert shown["point"] == point


def test_chi2_grows_away_from_the_maximum(client: Any) -> None:
    best = client.show("curves")["curves"]
    away = client.show("curves", point={**best["point"], "m_vir": 3 * best["point"]["m_vir"]})["curves"]
    assert away["chi2"] > best["chi2"] + 10


def test_published_values_come_once(client: Any) -> None:
    assert client.show("curves")["curves"]["literature"]["v_circ"]
    assert "literature" not in client.show("curves")["curves"]


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"anisotropy.bet": 0.1}, "anisotropy.bet"),
        ({"selection.r_min": 200.0}, "selection.r_min"),
        ({"mass.halo.m_vir": -1.0}, "mass.halo.m_vir"),
        ({"dispersion.edges": [5, 4]}, "dispersion.edges"),
        ({"distance.ebv": "/etc"}, "distance.ebv"),
    ],
)
def test_a_complaint_stands_beside_the_field_it_is_about(client: Any, settings: dict[str, Any], field: str) -> None:
    error = client.show("curves", settings=settings)["error"]
    assert error["complaint"]["field"] == field
    assert error["complaint"]["advice"]
    assert client.show("curves")["curves"]["chi2"] > 0


def test_a_point_outside_its_prior_is_told(client: Any) -> None:
    assert client.show("curves", point={"m_vir": 1.0, "c": 9.0})["error"]["complaint"]["field"] is None


def test_only_the_newest_request_is_answered(client: Any) -> None:
    client.show("curves")
    for k in range(60):
        state = {"point": {"m_vir": 1e12, "c": 10.0 + 0.1 * k}}
        client.send(do="show", id=100 + k, state=state, want=["curves"])
    last = client.receive(lambda m: m["id"] == 159)
    assert last["point"]["c"] == pytest.approx(15.9)
    assert len(client.aside) < 59


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("no json", "no JSON"),
        ("[1]", "no JSON object"),
        ('{"do":"show","state":{"point":{"c":NaN}}}', "no JSON"),
        ("[" * 60_000, "no JSON"),
        ('{"do":"exec"}', "do is 'exec'"),
        ('{"do":"show","state":{},"want":["everything"]}', "want is no list"),
        ('{"do":"show","state":{},"want":"curves"}', "want is no list"),
        ('{"do":"show","want":["curves"],"state":7}', "the state is 7"),
        ('{"do":"cancel","job":"../.."}', "no fit has that name"),
        ('{"do":"preview","source":{"kind":"upload","upload":"nothing"}}', "that upload is not here any more"),
    ],
)
def test_nonsense_is_told_and_the_page_goes_on(client: Any, text: str, told: str) -> None:
    client.socket.send(text)
    error = client.receive()
    complaints = [error["complaint"]] if error["kind"] == "error" else error["complaints"]
    assert told in complaints[0]["found"]
    assert client.show("curves")["curves"]["chi2"] > 0


def test_a_huge_message_closes_the_page(client: Any) -> None:
    client.socket.send(json.dumps({"do": "show", "id": "x" * 70_000}))
    with pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd.code == 1009


def test_bytes_close_the_page(client: Any) -> None:
    client.socket.send(b"\x00\x01")
    with pytest.raises(ConnectionClosed) as closed:
        client.receive()
    assert closed.value.rcvd.code == 1008


def test_a_flood_is_told_and_then_closes_the_page(client: Any) -> None:
    with contextlib.suppress(ConnectionClosed):
        for _ in range(3000):
            client.send(do="jobs", id=1)
    with pytest.raises(ConnectionClosed) as closed:
        client.receive(lambda m: False)
    assert closed.value.rcvd.code == 1008
    assert any(m["kind"] == "error" and "too many messages" in m["complaint"]["found"] for m in client.aside)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
def test_a_socket_of_another_page_is_refused(served: Any, origin: str | None) -> None:
    with pytest.raises(InvalidStatus), served.page(origin=origin):
        pass


def test_a_page_that_does_not_read_is_closed_and_the_others_are_answered(
    served: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "_SEND_WITHIN", 0.5)
    monkeypatch.setattr(patience, "_LAST_WORDS", 0.1)
    with served.page(max_queue=1, compression=None) as deaf, served.page() as other:
        other.show("sample")
        for k in range(400):
            try:
                deaf.send(do="show", id=k, state={"point": {"m_vir": 1e12, "c": 10.0}}, want=["sample"])
            except ConnectionClosed:
                break
            time.sleep(0.05)
            if k % 10 == 0:
                start = time.perf_counter()
                assert other.show("curves", point={"m_vir": 1e12, "c": 10.0})["curves"]["chi2"] > 0
                assert time.perf_counter() - start < 5.0
        else:
            pytest.fail("a page that does not read was served all the same")
