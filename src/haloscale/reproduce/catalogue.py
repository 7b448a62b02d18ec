"""A simulated catalogue from the paper's best fit, with the paper's number of stars after its own cuts."""

from typing import Final

import numpy as np

from haloscale import config as configuration
from haloscale import mock, stages
from haloscale.mass import NFW
from haloscale.records import Ints, Sample, StarTable
from haloscale.reproduce.printed import printed_value

_ROWS: Final = 42_000
"""Of which some 12,000 pass the paper's cuts, 570 of them beyond 40 kpc; more are simulated where that is too few."""

BEYOND: Final = 40.0
"""Radius [kpc] beyond which the paper counts its distant stars."""


def truth() -> mock.Truth:
    """The paper's best fit for beta = 0 from sigma_los, with its disk, bulge, tracer density and Sun."""
    return mock.Truth(halo=NFW(m_vir=printed_value("m_vir_sigma"), c=printed_value("c_sigma")))


def simulate(seed: int) -> StarTable:
    """A LAMOST-like catalogue of which the paper's cuts leave as many stars as the paper has, inside and beyond 40 kpc.

    Parameters
    ----------
    seed : int

    Returns
    -------
    StarTable

    Notes
    -----
    More stars are simulated than needed, and those that pass the cuts are thinned by their observed radius, which knows
    nothing of velocities. All visits of a star that is left out are left out.
    """
    rng = np.random.default_rng(seed)
    n_stars, n_far = round(printed_value("n_stars")), round(printed_value("n_beyond_40"))
    rows = _ROWS
    while True:
        stars = mock.simulate(truth(), rng, n_stars=rows)
        sample = select(stars)
        far = sample.r > BEYOND
        groups = (np.flatnonzero(~far), n_stars - n_far), (np.flatnonzero(far), n_far)
        if all(len(group) >= wanted for group, wanted in groups):
            break
        rows = round(1.3 * rows)
    left_out = np.concatenate([rng.permutation(group)[wanted:] for group, wanted in groups])
    return _without(stars, sample.row[left_out])


def select(stars: StarTable) -> Sample:
    """What the paper's own cuts leave of a catalogue in standard columns."""
    config = configuration.load("zhai2018", catalogue={"path": "simulated", "survey": "generic"}).config
    return stages.select_sample(config, stars, False, np.random.default_rng(0)).sample


def _without(stars: StarTable, row: Ints) -> StarTable:
    """The catalogue without any visit of the stars seen in some rows, its rows counted anew; `row` : array (n,)."""
    star = stars.raw["true_star"]
    kept = stars.take(~np.isin(star, star[row]))
    return kept.with_columns(row=np.arange(len(kept)))
