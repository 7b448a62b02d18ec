"""Files that are dropped on the page: good, wrong, huge, hostile."""

import io
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from haloscale import api
from haloscale.web import scene, uploads
from haloscale.web.desk import Start
from haloscale.web.state import encode, read_state
from haloscale.web.uploads import safe_name


def text_of(catalogue: Path, **names: str) -> bytes:
    """The simulated stars as CSV, some columns under other names."""
    table = api.runs.read_stars(catalogue, api.request(catalogue, "generic").loaded.config)
    columns = ("l", "b", "distance", "distance_error", "v_helio", "v_helio_error", "feh")
    columns = tuple(name for name in columns if name in table)
    target = io.StringIO()
    header = ",".join(names.get(name, name) for name in columns)
    np.savetxt(target, np.column_stack([table[name] for name in columns]), delimiter=",", header=header, comments="")
    return target.getvalue().encode()


def drop(served: Any, content: bytes, name: str = "mine.csv") -> Any:
    return served.ask(f"upload?name={quote(name)}", content, Content_Type="application/octet-stream")


def source_of(told: Any, **changed: str) -> dict[str, Any]:
    columns = {role: one["name"] for role, one in told["guess"]["columns"].items()}
    return {"kind": "upload", "upload": told["upload"], "survey": told["guess"]["survey"], "columns": columns | changed}


def test_a_good_file_is_guessed_previewed_and_shown(served: Any, client: Any, catalogue: Path, tmp_path: Path) -> None:
    content = text_of(catalogue, v_helio="RV", distance="d_kpc", l="GLON", b="<script>")
    reply = drop(served, content)
    assert reply.status == 200
    told = reply.json
    assert {one["name"]: one["needs"] for one in told["surveys"]}["generic"] == ["v_helio_error"]
    assert told["guess"]["survey"] is None
    assert told["guess"]["columns"]["v_helio"]["name"] == "RV"
    assert told["guess"]["columns"]["distance"]["name"] == "d_kpc"
    assert "<script>" in [column["name"] for column in told["columns"]]
    assert "b" not in told["guess"]["columns"]
    client.send(do="preview", id=1, source=source_of(told))
    lacking = client.receive()
    assert lacking["complaints"][0]["field"] == "b"
    client.send(do="preview", id=2, source=source_of(told, b="<script>"))
    preview = client.receive()
    assert preview["complaints"] == []
    assert preview["units"]["distance"] == "kpc"
    assert len(preview["rows"]) == 20
    assert preview["cuts"][-1]["after"] == preview["n_kept"]
    mine = client.show("sample", "curves", source=source_of(told, b="<script>"))
    (tmp_path / "mine.csv").write_bytes(content)
    columns = {"v_helio": "RV", "distance": "d_kpc", "l": "GLON", "b": "<script>"}
    known = api.check(api.request(tmp_path / "mine.csv", "generic", columns=columns))
    assert mine["sample"]["n_total"] == len(known.sample)
    assert mine["curves"]["chi2"] > 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "mine.csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "mine.csv"),
        (b"# A page\n\nSome words, and more words\nno table, at, all\n", "mine.csv"),
        (b"PAR1" + b"\0" * 100, "mine.csv"),
        (b"\x1f\x8b\x08\x00" + b"\0" * 50, "mine.csv"),
        (b"l,b,distance,v_helio\n", "no rows"),
    ],
)
def test_what_is_no_table_is_told_by_the_name_the_user_knows(served: Any, content: bytes, told: str) -> None:
    reply = drop(served, content)
    assert reply.status == 422
    assert told in reply.json["error"]["text"]
    assert "haloscale-explore" not in reply.json["error"]["text"]


def test_a_file_of_too_many_rows_is_told(served: Any) -> None:
    reply = drop(served, b"l,b,distance,v_helio\n" + b"1,2,3,4\n" * 1_000_000)
    assert reply.status == 422
    assert "1,000,000 rows" in reply.json["error"]["found"]
    assert f"{scene.MOST_ROWS:,}" in reply.json["error"]["expected"]


def test_a_file_of_too_many_bytes_is_refused_and_removed(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "LARGEST", 1000)
    kept = set(served.desk.uploads._folder.iterdir())
    assert drop(served, b"x" * 2000).status == 413
    assert set(served.desk.uploads._folder.iterdir()) == kept


def test_uploads_at_once_are_limited(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MOST_AT_ONCE", 0)
    assert drop(served, b"l,b\n1,2\n").status == 429


def test_uploads_are_private_and_the_oldest_go(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MOST", 2)
    folder = served.desk.uploads._folder
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = [drop(served, b"l,b,distance,v_helio\n1,2,3,4\n").json["upload"] for _ in range(3)]
    assert not (folder / names[0]).exists()
    assert (folder / names[2]).exists()


@pytest.mark.parametrize(
    ("shown", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\stars\\mine.fits", "mine.fits"),
        ("<script>alert(1)</script>.csv", "script_.csv"),
        ("joint.toml", "joint.toml.txt"),
        ("...", "catalogue"),
        ("", "catalogue"),
        ("a" * 300 + ".csv", "a" * 76 + ".csv"),
    ],
)
def test_file_names_are_made_safe(shown: str, safe: str) -> None:
    assert safe_name(shown) == safe


def test_a_file_of_settings_is_no_catalogue(served: Any, client: Any, tmp_path: Path) -> None:
    """A list of catalogues names files of this machine: it must never be read as one."""
    (tmp_path / "secret.csv").write_text("l,b,distance,v_helio\n1,2,3,4\n")
    listed = f'[[catalogue]]\nname = "a"\npath = "{tmp_path / "secret.csv"}"\nsurvey = "generic"\n'
    reply = drop(served, listed.encode(), "joint.toml")
    if reply.status == 200:  # its lines can be taken for a table of text
        client.send(do="preview", id=1, source=source_of(reply.json) | {"survey": "generic"})
        assert client.receive()["complaints"]
    else:
        assert reply.status == 422


def test_every_column_that_is_lacking_has_its_own_complaint(served: Any, client: Any) -> None:
    told = drop(served, b"GLON,GLAT,temperature\n1,2,3\n4,5,6\n").json
    client.send(do="preview", id=1, source=source_of(told) | {"survey": "generic"})
    complaints = client.receive()["complaints"]
    assert {one["field"] for one in complaints} == {"v_helio", "distance"}
    for one in complaints:
        assert "mine.csv" in one["text"]
        assert "haloscale-explore" not in one["text"]
        assert "--columns" not in one["text"]


def test_a_unit_of_the_wrong_kind_stands_beside_its_column(served: Any, client: Any) -> None:
    content = (
        b"# %ECSV 1.0\n# ---\n# datatype:\n# - {name: l, unit: deg, datatype: float64}\n"
        b"# - {name: b, unit: deg, datatype: float64}\n# - {name: dist, unit: km / s, datatype: float64}\n"
        b"# - {name: rv, unit: km / s, datatype: float64}\n# schema: astropy-2.0\nl b dist rv\n1 2 3 4\n"
    )
    told = drop(served, content, "mine.ecsv").json
    client.send(do="preview", id=1, source=source_of(told) | {"survey": "generic"})
    complaints = client.receive()["complaints"]
    assert [one["field"] for one in complaints] == ["distance"]
    assert "km / s" in complaints[0]["found"]


def test_an_upload_brings_the_published_values_and_its_name(serve: Any, catalogue: Path, tmp_path: Path) -> None:
    with serve(Start(tmp_path)) as running, running.page() as page:
        assert "error" in page.show("curves")
        told = drop(running, text_of(catalogue), "my stars.csv").json
        source = {**source_of(told), "survey": "generic"}
        assert page.show("curves", source=source)["curves"]["literature"]["v_circ"]
        assert "literature" not in page.show("curves", source=source)["curves"]
        link = quote(encode(read_state({"source": source})))
        assert running.ask(f"controls?state={link}").json["title"] == "my stars.csv"
