"""What is written as TOML is read back the same."""

import math
import tomllib
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haloscale.config import to_toml

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalar = st.one_of(st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), text)
value = st.recursive(scalar, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
tree = st.dictionaries(text, value, max_size=6)


@given(tree)
def test_round_trip(mapping: dict[str, Any]) -> None:
    back = tomllib.loads(to_toml(mapping))
    assert back == mapping
    assert to_toml(back) == to_toml({k: mapping[k] for k in back})


@given(st.floats(allow_nan=False))
def test_floats_stay_the_same_floats(number: float) -> None:
    back = tomllib.loads(to_toml({"x": number}))["x"]
    assert isinstance(back, float)
    assert math.copysign(1, back) == math.copysign(1, number)
    assert back == number


def test_layout() -> None:
    mapping = {
        "seed": 1,
        "mass": {
            "halo": {"profile": "nfw", "m_vir": {"prior": "log_uniform", "low": 1e11, "high": 1e13}},
            "disk": "off",
        },
        "selection": {"z_min": 5.0, "columns": {"snr g": {"min": 10}}},
        "empty": {},
    }
    assert to_toml(mapping) == (
        "seed = 1\n"
        '\n[mass]\ndisk = "off"\n'
        '\n[mass.halo]\nprofile = "nfw"\nm_vir = { prior = "log_uniform", low = 1e11, high = 1e13 }\n'
        '\n[selection]\nz_min = 5.0\n\n[selection.columns]\n"snr g" = { min = 10 }\n'
        "\n[empty]\n"
    )
    assert tomllib.loads(to_toml(mapping)) == mapping


def test_numbers_are_written_as_people_write_them() -> None:
    written = to_toml({"a": 6.8e10, "b": 0.3, "c": 120.0, "d": 1e-7, "e": math.inf, "f": True, "g": -math.inf})
    assert written.replace(" = ", "=").replace("\n", " ").strip() == "a=6.8e10 b=0.3 c=120.0 d=1e-7 e=inf f=true g=-inf"
    assert math.isnan(tomllib.loads(to_toml({"x": math.nan}))["x"])
    assert to_toml({}) == ""


def test_other_types_are_refused() -> None:
    with pytest.raises(TypeError, match="date"):
        to_toml({"day": date(2018, 1, 1)})
