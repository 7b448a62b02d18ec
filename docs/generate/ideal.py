"""A survey without noise: the profile that infinitely many stars would give, and the paper's fit to it.

What such a fit gets wrong is the cost of its assumptions, without the scatter of a sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from haloscale import config as configuration
from haloscale import mock, stages
from haloscale.config import RunConfig
from haloscale.inference.samplers.base import maximum
from haloscale.jeans import variance_r
from haloscale.records import DispersionProfile, Floats

N_STARS = 10_000
_Z_MIN = 5.0


@dataclass(frozen=True)
class Answer:
    """Fitted over true values, and the chi2 that the wrong model costs."""

    m_vir: float
    c: float
    m_within_100kpc: float
    chi2: float
    n_points: int


@cache
def _sky(n: int = 400) -> tuple[Floats, Floats, Floats]:
    """Cosines of latitude angle z / r and sin^2 of the angle between a star and the Sun, for a sphere of stars."""
    z = (np.arange(n) + 0.5) / n
    phi = np.pi * (np.arange(n) + 0.5) / n
    cosine = np.sqrt(1.0 - z**2)[:, None] * np.cos(phi)  # of the angle at the centre between star and Sun
    return z, cosine, 1.0 - cosine**2


def sky_mean_sin2_psi(r: float, r0: float = 8.0, z_min: float = _Z_MIN) -> float:
    """Mean sin^2 psi of stars spread evenly over the sphere of radius r [kpc], outside |z| < z_min [kpc]."""
    z, cosine, sin2 = _sky()
    seen = z > z_min / r
    squared_distance = r * r + r0 * r0 - 2.0 * r * r0 * cosine[seen]
    return float((r0 * r0 * sin2[seen] / squared_distance).mean()) if seen.any() else 0.0


def profile(truth: mock.Truth, edges: Floats, n_stars: int = N_STARS) -> DispersionProfile:
    """The profile of a complete survey with |z| > 5 kpc, its errors those of `n_stars` stars.

    Parameters
    ----------
    truth : Truth
    edges : array (n_bins + 1,) [kpc]
    n_stars : int

    Returns
    -------
    DispersionProfile
        The dispersion in a bin is the root of the mean variance of the stars in it, its error sigma / sqrt(2 N).
    """
    x, weights = np.polynomial.legendre.leggauss(24)
    half, middle = np.diff(edges)[:, None] / 2.0, (edges[1:] + edges[:-1])[:, None] / 2.0
    r = middle + half * x
    density = truth.tracer.density_ratio(r, 20.0) * r**2 * np.clip(1.0 - _Z_MIN / r, 0.0, None)
    number = half * weights * density
    sin2_psi = np.array([[sky_mean_sin2_psi(radius, truth.frame.r0) for radius in row] for row in r])
    variance = variance_r(truth.mass, truth.tracer, truth.anisotropy, r.ravel()).reshape(r.shape)
    variance = variance * (1.0 - truth.anisotropy.beta_at(r) * sin2_psi)

    def mean(values: Floats) -> Floats:
        return (number * values).sum(axis=1) / number.sum(axis=1)

    n = n_stars * number.sum(axis=1) / number.sum()
    sigma, zero = np.sqrt(mean(variance)), np.zeros(len(n))
    error = sigma / np.sqrt(2.0 * n)
    return DispersionProfile(
        r_low=edges[:-1],
        r_high=edges[1:],
        r=middle[:, 0],
        r_mean=mean(r),
        n=np.round(n).astype(int),
        sigma_los=sigma,
        sigma_los_lower=sigma - error,
        sigma_los_upper=sigma + error,
        mean_v_gsr=zero,
        mean_v_gsr_error=sigma / np.sqrt(n),
        mean_sin2_psi=mean(sin2_psi),
        in_fit=n > 1,
    )


def config(settings: Mapping[str, Any]) -> RunConfig:
    """The recipe of the paper with changed settings."""
    about = {"path": "simulated", "survey": "generic"}
    given = {"catalogue.simulated": True, **settings}
    return configuration.load("zhai2018", given, catalogue=about, seed=1).config


def paper_edges() -> Floats:
    """Edges of the paper's radial bins, array (13,) [kpc]."""
    return np.asarray(config({}).dispersion.edges, dtype=float)


def fit(truth: mock.Truth, settings: Mapping[str, Any]) -> Answer:
    """The maximum of the posterior of the recipe with `settings`, over the truth that made the profile."""
    asked = config(settings)
    found = posterior(asked, profile(truth, paper_edges()))
    theta = found.to_values(maximum(found, np.random.default_rng(1)))
    galaxy = found.model.build(theta)
    halo: Any = galaxy.mass["halo"]
    return Answer(
        m_vir=_number(halo.m_vir) / truth.numbers["m_vir"],
        c=_number(halo.c) / truth.numbers["c"],
        m_within_100kpc=_number(galaxy.total.enclosed_mass(100.0)) / truth.numbers["m_within_100kpc"],
        chi2=_number(found.likelihood.chi2(galaxy)),
        n_points=found.likelihood.n_points,
    )


def posterior(asked: RunConfig, measured: DispersionProfile) -> Any:
    """The posterior of a profile; the likelihood `bins` looks at no single star, so that none is given."""
    no_stars: Any = None
    points = stages.circular_velocity(asked, measured, np.random.default_rng(1))[0] if _by_derivative(asked) else None
    return stages.posterior(asked, no_stars, measured, points)


def _by_derivative(asked: RunConfig) -> bool:
    return asked.jeans.route == "v_circ"


def _number(value: Any) -> float:
    return float(np.squeeze(value))
