"""Names of groups: who is named, and the rate at which random groups would be."""

from dataclasses import replace

import numpy as np
import pytest

from haloscale.substructure.known import known_tracks
from haloscale.substructure.naming import N_RANDOM, UNKNOWN, Names, name_groups, name_objects
from haloscale.substructure.phase_space import PhaseSpace


def field(rng: np.random.Generator, n: int) -> PhaseSpace:
    """A smooth halo all over the sky."""
    b = np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, n)))
    distance = rng.lognormal(np.log(25.0), 0.5, n)
    return PhaseSpace(
        rng.uniform(0.0, 360.0, n), b, distance, 0.15 * distance, rng.normal(0.0, 110.0, n), np.full(n, 5.0)
    )


def clump(rng: np.random.Generator, n: int, at: tuple[float, float, float, float]) -> PhaseSpace:
    """Stars within a degree or two of (l, b, distance, v)."""
    l, b, distance, v = at
    return PhaseSpace(
        l + rng.normal(0.0, 1.0, n) / np.cos(np.radians(b)),
        b + rng.normal(0.0, 1.0, n),
        distance * np.exp(rng.normal(0.0, 0.05, n)),
        np.full(n, 0.1 * distance),
        v + rng.normal(0.0, 8.0, n),
        np.full(n, 5.0),
    )


def together(*parts: PhaseSpace) -> PhaseSpace:
    return PhaseSpace(*(np.concatenate([getattr(p, f) for p in parts]) for f in PhaseSpace.__dataclass_fields__))


def middle(structure: str, part: str) -> tuple[float, float, float, float]:
    t = next(t for t in known_tracks() if (t.structure, t.part) == (structure, part))
    k = len(t.l) // 2
    return t.l[k], t.b[k], t.distance[k], t.v_gsr[k]


@pytest.mark.parametrize(
    ("structure", "part"),
    [("Sagittarius", "leading"), ("Sagittarius", "trailing"), ("Orphan", "stream"), ("Magellanic debris", "stream")],
)
def test_a_clump_on_a_structure_bears_its_name(structure: str, part: str) -> None:
    rng = np.random.default_rng(4)
    stars = together(clump(rng, 20, middle(structure, part)), field(rng, 3000))
    group_id = np.where(np.arange(len(stars)) < 20, 0, -1)
    names = name_groups(stars, group_id, np.random.default_rng(1))
    assert names.structure == (structure,)
    assert names.fraction[0] > 0.8
    assert names.chance[0] < 0.3


def test_a_clump_elsewhere_is_unknown() -> None:
    rng = np.random.default_rng(4)
    l, b, distance, v = middle("Orphan", "stream")
    for at in ((l, b, 3.0 * distance, v), (l, b, distance, v - 350.0), (l + 60.0, b + 20.0, distance, v + 250.0)):
        stars = together(clump(rng, 12, at), field(rng, 500))
        names = name_groups(stars, np.where(np.arange(len(stars)) < 12, 0, -1), rng)
        assert names.structure == (UNKNOWN,)
        assert np.isnan(names.fraction[0])
        assert np.isnan(names.chance[0])


def test_half_of_the_members_is_enough_and_less_is_not() -> None:
    rng = np.random.default_rng(8)
    l, b, distance, v = middle("Orphan", "stream")
    on = PhaseSpace(*(np.full(6, value) for value in (l, b, distance, 0.1 * distance, v, 5.0)))
    for n_off, name in ((6, "Orphan"), (7, UNKNOWN)):
        off = replace(on.take(np.zeros(n_off, dtype=int)), v=np.full(n_off, 900.0))
        stars = together(on, off, field(rng, 100))
        names = name_groups(stars, np.where(np.arange(len(stars)) < 6 + n_off, 0, -1), rng)
        assert names.structure == (name,)


def test_a_group_in_a_sample_on_a_structure_is_unknown_and_one_far_from_its_sample_is_named() -> None:
    rng = np.random.default_rng(2)
    here = clump(rng, 10, middle("Orphan", "stream"))
    group_id = np.where(np.arange(510) < 10, 0, -1)
    cloud = PhaseSpace(
        *(rng.uniform(low, high, 500) for low, high in ((30, 50), (15, 35))),
        np.full(500, 15.0),
        np.full(500, 1.0),
        np.zeros(500),
        np.full(500, 5.0),
    )
    named = name_groups(together(here, cloud), group_id, rng)  # any group of this sample would lie on it
    assert named.structure == (UNKNOWN,)
    assert np.isnan(named.chance[0])
    nowhere = replace(cloud, distance=np.full(500, 300.0))
    named = name_groups(together(here, nowhere), group_id, rng)
    assert named.structure == ("Orphan",)
    assert named.chance[0] < 0.03


def test_large_groups_cost_no_more_and_many_groups_share_their_random_places() -> None:
    rng = np.random.default_rng(3)
    one = clump(rng, 800, middle("Sagittarius", "leading"))
    stars = together(one, field(rng, 1000))
    whole = name_groups(stars, np.where(np.arange(1800) < 800, 0, -1), np.random.default_rng(5))
    parts = np.where(np.arange(1800) < 800, np.arange(1800) // 20, -1)
    split = name_groups(stars, parts, np.random.default_rng(5))
    assert whole.structure == ("Sagittarius",)
    assert set(split.structure) == {"Sagittarius"}
    assert abs(np.mean(split.chance) - whole.chance[0]) < 5.0 / np.sqrt(N_RANDOM) * 0.5


def test_the_same_seed_gives_the_same_rates() -> None:
    rng = np.random.default_rng(6)
    stars = together(clump(rng, 15, middle("Sagittarius", "trailing")), field(rng, 400))
    group_id = np.where(np.arange(len(stars)) < 15, 0, -1)
    first, second = (name_groups(stars, group_id, np.random.default_rng(7)) for _ in range(2))
    assert first.chance == second.chance


def test_no_group_and_no_star() -> None:
    rng = np.random.default_rng(1)
    stars = field(rng, 10)
    assert name_groups(stars, np.full(10, -1), rng).structure == ()
    assert name_groups(stars.take(np.zeros(10, dtype=bool)), np.empty(0, dtype=int), rng).structure == ()


def test_a_cluster_is_named_where_most_members_lie_in_it():
    names = Names(
        ("unknown", "Sagittarius", "unknown"), np.array([np.nan, 0.9, np.nan]), np.array([np.nan, 0.1, np.nan])
    )
    of_group = np.repeat([0, 1, 2], 4)
    objects = np.array(["M 3", "M 3", "M 3", "", "M 53", "", "", "", "", "", "", ""])
    named = name_objects(names, objects, of_group)
    assert named.structure == ("M 3", "Sagittarius", "unknown")
    np.testing.assert_array_equal(named.fraction, [0.75, 0.9, np.nan])
    np.testing.assert_array_equal(named.chance, [np.nan, 0.1, np.nan])
