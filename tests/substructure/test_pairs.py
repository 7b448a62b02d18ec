"""Close pairs against null catalogues."""

import numpy as np
import pytest

from haloscale.substructure import pairs
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.pairs import RANGES, pair_excess
from haloscale.substructure.phase_space import PhaseSpace


def halo(rng: np.random.Generator, n: int) -> PhaseSpace:
    b = np.degrees(np.arcsin(rng.uniform(0.2, 1.0, n)))
    distance = rng.lognormal(np.log(20.0), 0.4, n)
    errors = rng.uniform(0.1, 0.2, n) * distance, rng.uniform(2.0, 8.0, n)
    return PhaseSpace(rng.uniform(0.0, 360.0, n), b, distance, errors[0], rng.normal(0.0, 110.0, n), errors[1])


def with_clump(stars: PhaseSpace, n: int) -> PhaseSpace:
    columns = {name: getattr(stars, name).copy() for name in PhaseSpace.__dataclass_fields__}
    rng = np.random.default_rng(9)
    for name, value, spread in (("l", 100.0, 0.5), ("b", 50.0, 0.5), ("distance", 30.0, 0.5), ("v", 40.0, 3.0)):
        columns[name][:n] = value + rng.normal(0.0, spread, n)
    return PhaseSpace(**columns)


def brute_force(stars: PhaseSpace, edges: np.ndarray) -> np.ndarray:
    i, j = np.triu_indices(len(stars), 1)
    return np.histogram(FourDistance().separation(stars, i, j), edges)[0]


def test_the_counts_are_those_of_all_pairs() -> None:
    stars = with_clump(halo(np.random.default_rng(1), 600), 30)
    found = pair_excess(stars, np.random.default_rng(2), n_nulls=3)
    edges = np.append(found.separation_low, found.separation_high[-1])
    np.testing.assert_array_equal(found.separation_high[:-1], found.separation_low[1:])
    np.testing.assert_array_equal(found.n_pairs, brute_force(stars, edges))


def test_a_clump_stands_out_and_a_smooth_halo_does_not() -> None:
    smooth = halo(np.random.default_rng(3), 900)
    for stars, stands_out in ((smooth, False), (with_clump(smooth, 40), True)):
        found = pair_excess(stars, np.random.default_rng(4), n_nulls=15)
        close = found.separation_high <= 0.02
        extra = found.n_pairs[close].sum() - found.n_null[close].sum()
        spread = np.sqrt(np.sum(found.n_null_sd[close] ** 2))
        assert (extra > 10.0 * spread) == stands_out
        assert abs(extra) < 5.0 * spread or stands_out


def test_a_part_of_the_stars_tells_the_numbers_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    stars = halo(np.random.default_rng(5), 2500)
    monkeypatch.setattr(pairs, "_AFFORDABLE", 2_500)
    found = pair_excess(stars, np.random.default_rng(6), n_nulls=10)
    expected = brute_force(stars, np.append(found.separation_low, found.separation_high[-1]))
    wide = expected > 500
    assert wide.sum() >= 3
    np.testing.assert_allclose(found.n_pairs[wide], expected[wide], rtol=0.25)
    np.testing.assert_allclose(found.n_null[wide], expected[wide], rtol=0.2)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_hardly_any_star(n: int) -> None:
    found = pair_excess(halo(np.random.default_rng(7), n), np.random.default_rng(8), n_nulls=4)
    assert len(found.n_pairs) == sum(len(edges) - 1 for edges in RANGES)
    assert found.n_pairs.sum() <= n * (n - 1) / 2
    assert np.isfinite(found.n_null_sd).all()
    assert found.excess.shape == found.n_pairs.shape


def test_exact_duplicates_are_pairs_at_no_separation() -> None:
    stars = halo(np.random.default_rng(9), 50).take(np.repeat(np.arange(50), 2))
    found = pair_excess(stars, np.random.default_rng(1), n_nulls=2)
    assert found.n_pairs[0] >= 50


def test_stars_without_errors_are_counted() -> None:
    stars = halo(np.random.default_rng(2), 200)
    bare = PhaseSpace(stars.l, stars.b, stars.distance, np.full(200, np.nan), stars.v, np.zeros(200))
    found = pair_excess(bare, np.random.default_rng(3), n_nulls=2)
    assert found.n_pairs.sum() > 0


def test_the_same_seed_gives_the_same_numbers() -> None:
    stars = halo(np.random.default_rng(4), 1500)
    first, second = (pair_excess(stars, np.random.default_rng(5), n_nulls=3) for _ in range(2))
    np.testing.assert_array_equal(first.n_null, second.n_null)
    np.testing.assert_array_equal(first.n_pairs, second.n_pairs)
