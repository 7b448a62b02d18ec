"""The simulated catalogue: the paper's counts, no bias in velocity, the same for the same seed."""

import numpy as np
import pytest

from haloscale.reproduce.catalogue import BEYOND, select, simulate, truth


@pytest.fixture(scope="module")
def stars():
    return simulate(4)


def test_the_cuts_leave_the_papers_numbers_of_stars(stars) -> None:
    sample = select(stars)
    assert len(sample) == (sample.bin >= 0).sum() == 9627
    assert (sample.r > BEYOND).sum() == 486


def test_the_stars_say_that_they_are_simulated(stars) -> None:
    assert stars.raw["simulated"].all()
    assert stars["row"].tolist() == list(range(len(stars)))


def test_no_visit_of_a_star_is_left_alone(stars) -> None:
    star, visits = np.unique(stars.raw["true_star"], return_counts=True)
    assert len(star) < len(stars)
    assert set(visits) == {1, 2}


def test_thinning_leaves_the_velocities_as_they_are(stars) -> None:
    """The dispersion of the true radial velocities is the Jeans solution of the truth, inside and beyond 40 kpc."""
    from haloscale import jeans

    made, halo = truth(), ~stars.raw["true_disk"].astype(bool)
    r, v = stars.raw["true_r"][halo], stars.raw["true_v_r"][halo]
    expected = np.asarray(jeans.sigma_r(made.mass, made.tracer, made.anisotropy, r))
    for where in (r < BEYOND, r > BEYOND):
        pull = v[where] / expected[where]
        error = np.sqrt((pull**2).var() / where.sum())
        assert abs((pull**2).mean() - 1) < 4 * error


def test_the_same_seed_gives_the_same_stars(stars) -> None:
    again = simulate(4)
    assert all(np.array_equal(again[name], stars[name], equal_nan=True) for name in stars.columns)
