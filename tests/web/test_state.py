"""What a page may ask, and what it may not."""

import base64
import json
from typing import Any

import pytest

from haloscale.errors import ConfigError
from haloscale.web.state import Source, State, decode, encode, flattened, known_names, read_state


def test_a_link_gives_the_state_back() -> None:
    settings = {"anisotropy.beta": {"prior": "uniform", "low": -0.5, "high": 0.9}, "mass.disk": "off"}
    state = read_state(
        {"recipe": "zhai2018", "settings": settings, "point": {"m_vir": 1.1e12}, "axes": ["m_vir", "beta"]}
    )
    assert decode(encode(state)) == state
    assert state.axes == ("m_vir", "beta")
    upload = State(Source("upload", "ab12", "generic", {"v_helio": "<script>"}))
    assert decode(encode(upload)) == upload


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("x", "the state is 'x'"),
        ({"recipe": "/etc/passwd"}, "no recipe is called"),
        ({"recipe": "mine.toml"}, "no recipe is called"),
        ({"settings": {"catalogue.path": "/etc/passwd"}}, "'catalogue.path' cannot be set"),
        ({"settings": {"catalogue": {"path": "x"}}}, "'catalogue' cannot be set"),
        ({"settings": {'"catalogue".path': "x"}}, "cannot be set"),
        ({"settings": {"recipe": "zhai2018"}}, "'recipe' cannot be set"),
        ({"settings": {"distance.ebv": "/etc"}}, "distance.ebv is '/etc'"),
        ({"settings": {"distance": {"method": "giant_branch", "ebv": "../maps"}}}, "distance.ebv is '../maps'"),
        ({"settings": {"anisotropy.beta": "__import__('os')"}}, "anisotropy.beta is"),
        ({"settings": {"anisotropy.beta": float("inf")}}, "anisotropy.beta is inf"),
        ({"settings": {"dispersion.edges": list(range(1000))}}, "a list of 1000"),
        ({"settings": {"anisotropy.beta": [[[[[[1]]]]]]}}, "anisotropy.beta is"),
        ({"settings": {"a" * 500: 1}}, "a setting is"),
        ({"settings": {f"selection.x{k}": 1 for k in range(300)}}, "settings is 300"),
        ({"point": {"m_vir": "1e12"}}, "point.m_vir is '1e12'"),
        ({"point": {"m_vir": True}}, "point.m_vir is True"),
        ({"axes": "m_vir"}, "axes is 'm_vir'"),
        ({"axes": ["m_vir"]}, "axes is ['m_vir']"),
        ({"axes": ["m_vir", "m_vir"]}, "axes is"),
        ({"axes": ["m_vir", {"x": 1}]}, "axes is"),
        ({"axes": ["m_vir", "c", "beta"]}, "axes is"),
        ({"source": {"kind": "file", "path": "/etc/passwd"}}, "source.kind is 'file'"),
        ({"source": {"kind": "upload", "upload": ""}}, "source.upload is ''"),
        ({"source": {"kind": "upload", "upload": "a", "survey": "os.system"}}, "no survey is called 'os.system'"),
        ({"source": {"kind": "upload", "upload": "a", "columns": {"__class__": "x"}}}, "is no standard column"),
    ],
)
def test_anything_but_registered_names_and_finite_numbers_is_refused(raw: Any, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_state(raw)
    assert told in refused.value.found


@pytest.mark.parametrize("text", ["", "%%%", "e30=====", base64.urlsafe_b64encode(b'{"point":{"a":NaN}}').decode()])
def test_a_broken_link_is_told(text: str) -> None:
    if text == "e30=====":  # {} with too much padding
        assert decode(text) == State()
        return
    with pytest.raises(ConfigError, match="the state in the link cannot be read"):
        decode(text)


def test_a_deeply_nested_link_is_told() -> None:
    deep = base64.urlsafe_b64encode(("[" * 100_000).encode()).decode()
    with pytest.raises(ConfigError, match="cannot be read"):
        decode(deep)


def test_large_whole_numbers_are_quantities() -> None:
    settings = read_state(json.loads('{"settings": {"mass.disk.m": 68000000000, "sampler.n_steps": 2000}}')).settings
    assert settings == {"mass.disk.m": 6.8e10, "sampler.n_steps": 2000}
    assert isinstance(settings["mass.disk.m"], float)


def test_a_column_of_any_name_is_a_column() -> None:
    source = {
        "kind": "upload",
        "upload": "a",
        "survey": "generic",
        "columns": {"v_helio": {"name": "<script>"}, "b": ""},
    }
    assert read_state({"source": source}).source.columns == {"v_helio": "<script>"}


def test_registered_names_are_known_and_nothing_that_names_a_file() -> None:
    assert {"nfw", "off", "emcee", "per_star", "uniform", "liu2014", "column"} <= known_names()
    assert not {name for name in known_names() if "/" in name or "\\" in name or ".." in name}


def test_a_file_of_settings_becomes_dotted_keys() -> None:
    given = {
        "recipe": "zhai2018",
        "catalogue": {"path": "a.csv", "survey": "generic", "v_offset": 2.0},
        "mass": {"disk": "off", "halo": {"c": 12.0}},
        "selection": {"columns": {"snrg": {"min": 10}}},
    }
    assert flattened(given) == {
        "catalogue.v_offset": 2.0, "mass.disk": "off", "mass.halo.c": 12.0, "selection.columns": {"snrg": {"min": 10}},
    }  # fmt: skip
