"""A finished run of several catalogues, opened read-only."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale import api, mock, tables
from haloscale.web.held import Held
from haloscale.web.state import State

SHARED = """
[anisotropy]
beta = 0.3
[sampler]
name = "laplace"
"""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory, joint_text: Callable[..., str]) -> Held:
    folder = tmp_path_factory.mktemp("joint")
    for seed, name in enumerate(("a", "b")):
        made = mock.simulate_simple(mock.Truth(), np.random.default_rng(seed), 800, v_error=5.0)
        tables.write_star_table(folder / f"{name}.parquet", made)
    (folder / "joint.toml").write_text(joint_text(SHARED))
    api.execute(api.request(Path(folder / "joint.toml"), ""), folder / "run", pictures=False)
    return Held(folder / "run")


def test_the_points_of_all_catalogues_are_shown_and_named(held: Held) -> None:
    shown = held.profile(State())
    each = held.run.profile.catalogues
    assert shown["catalogues"] == ["giants", "bhb"]
    assert shown["n"] == [int(n) for one in each.values() for n in one.n]
    assert shown["catalogue"] == [name for name, one in each.items() for _ in one.n]
    assert sum(shown["in_fit"]) == held.curves(State())["n_bins"]


def test_the_answers_are_in_the_message_of_the_curves(held: Held) -> None:
    shown, found = held.curves(State()), held.run.summary.parameters
    assert shown["free"] == []
    assert list(shown["sigma_los_of"]) == ["giants", "bhb"]
    assert len(shown["sigma_los_of"]["bhb"]) == len(shown["r"])
    assert {"m_vir", "c", "r_vir"} <= set(shown["derived"])
    assert shown["derived"]["m_vir"]["value"] == found["m_vir"].median
    assert shown["derived"]["c"]["low68"] == found["c"].lower
    assert any("giants and bhb together; there is no slider" in note for note in shown["notes"])
