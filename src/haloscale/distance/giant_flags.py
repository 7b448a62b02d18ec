"""Which stars the giant branch can place, and a word for why it cannot place the others."""

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from haloscale import photometry
from haloscale.distance.fiducials import Fiducials
from haloscale.distance.magnitudes import Giants
from haloscale.records import Bools, Floats

FLAGS: Final = MappingProxyType(
    {
        "ok": "have a distance",
        "missing_band": "lack a magnitude",
        "missing_feh": "lack [Fe/H]",
        "missing_error": "lack the error of a magnitude or of [Fe/H], or have one of zero or above 2",
        "outside_feh": "have [Fe/H] outside the range that the clusters cover",
        "outside_colours": "are bluer or redder than every sequence, by more than three standard deviations",
        "horizontal_branch": "are no redder than the giant branch at the level of horizontal branch and red clump",
    }
)
"""Every word of the column ``flag`` and its meaning; all but "ok" come without a distance. The first that applies, in
this order, is given; what the photometry lacks has words of its own, `photometry.FLAGS`."""

_LARGEST_ERROR: Final = 2.0
_OUTSIDE: Final = 3.0
_EVERY: Final = 4
"""Steps of the lattice in [Fe/H] at which the ends of the sequences are looked at."""


def horizontal_branch_colour(feh: Floats) -> Floats:
    """Colour of the giant branch at the level of horizontal branch and red clump: only redder stars are surely giants.

    Parameters
    ----------
    feh : array (n,) [dex]

    Returns
    -------
    array (n,) [mag]
        Dereddened SDSS g - r.

    Notes
    -----
    (g-r)0 = 0.087 [Fe/H]^2 + 0.39 [Fe/H] + 0.96 (Xue et al. 2014, ApJ 784, 170).
    """
    feh = np.asarray(feh, float)
    return 0.087 * feh**2 + 0.39 * feh + 0.96


def flag_note(flag: NDArray[np.str_]) -> str | None:
    """How many stars have no distance and why, for the log; None where all have. `flag`: str array (n,)."""
    words, counts = np.unique(flag[flag != "ok"], return_counts=True)
    meaning = {**photometry.FLAGS, **FLAGS}
    told = [f"{n} {meaning[word]} ({word})" for word, n in zip(words, counts, strict=True)]
    return f"no distance for {counts.sum()} of {len(flag)} stars: {', '.join(told)}" if told else None


def giant_flags(
    giants: Giants, sequences: Fiducials, feh_range: tuple[float, float], horizontal_branch_cut: bool = True
) -> NDArray[np.str_]:
    """A word of `FLAGS` for each star.

    Parameters
    ----------
    giants : Giants
        Any values, missing ones included.
    sequences : Fiducials
    feh_range : tuple of 2 floats [dex]
        Both ends included.
    horizontal_branch_cut : bool

    Returns
    -------
    str array (n,)
    """
    errors = np.stack([giants.rmag0_error, giants.gr0_error, giants.feh_error])
    faults = {
        "missing_band": ~(np.isfinite(giants.rmag0) & np.isfinite(giants.gr0)),
        "missing_feh": ~np.isfinite(giants.feh),
        "missing_error": ~((errors > 0) & (errors <= _LARGEST_ERROR)).all(axis=0),
        "outside_feh": ~((giants.feh >= feh_range[0]) & (giants.feh <= feh_range[1])),
    }
    words, codes = tuple(FLAGS), np.zeros(len(giants), np.int8)
    for word, at_fault in faults.items():
        codes[(codes == 0) & at_fault] = words.index(word)
    known = np.flatnonzero(codes == 0)
    outside = outside_colours(giants.take(known), sequences)
    codes[known[outside]] = words.index("outside_colours")
    known = known[~outside]
    if horizontal_branch_cut:
        blue = giants.gr0[known] <= horizontal_branch_colour(giants.feh[known])
        codes[known[blue]] = words.index("horizontal_branch")
    flags: NDArray[np.str_] = np.array(words)[codes]
    return flags


def outside_colours(giants: Giants, sequences: Fiducials) -> Bools:
    """Which stars no point of any sequence comes within three standard deviations of, in colour and [Fe/H] together.

    Parameters
    ----------
    giants : Giants
    sequences : Fiducials

    Returns
    -------
    bool array (n,)
    """
    _, feh, gr0 = sequences.table(0.1)
    outside = np.zeros(len(giants), bool)
    for end, sign in ((gr0[:, 0], 1.0), (gr0[:, -1], -1.0)):
        beyond = sign * (giants.gr0 - np.interp(giants.feh, feh, end))
        candidates = np.flatnonzero(beyond > _OUTSIDE * giants.gr0_error)
        for some in np.array_split(candidates, 1 + len(candidates) // 10_000):
            outside[some] = _misfit(giants.take(some), feh[::_EVERY], end[::_EVERY], sign) > _OUTSIDE**2
    return outside


def _misfit(giants: Giants, feh: Floats, gr0: Floats, sign: float) -> Floats:
    """Least chi-squared of each star from the end of the sequences, and what lies within the end."""
    colour = np.maximum(sign * (giants.gr0[:, None] - gr0), 0.0) / giants.gr0_error[:, None]
    metal = (giants.feh[:, None] - feh) / giants.feh_error[:, None]
    # Beyond the poorest and the richest cluster their sequences hold: no misfit in [Fe/H] there.
    metal[:, 0] = np.maximum(metal[:, 0], 0.0)
    metal[:, -1] = np.minimum(metal[:, -1], 0.0)
    least: Floats = (colour**2 + metal**2).min(axis=1)
    return least
