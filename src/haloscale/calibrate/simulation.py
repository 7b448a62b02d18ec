"""A catalogue of a true galaxy: its stars, drawn from the model that the fit assumes, seen under given conditions."""

from collections.abc import Mapping

import numpy as np

from haloscale import mock
from haloscale.calibrate.conditions import Conditions
from haloscale.calibration import calibrate_columns
from haloscale.inference.likelihood.base import TrueCuts
from haloscale.inference.model import Component, Galaxy, GalaxyModel
from haloscale.jeans import variance_r
from haloscale.mass.base import Sum
from haloscale.mock.catalogue import draw_stars, measured, same_errors
from haloscale.mock.population import Population
from haloscale.records import Floats, StarTable


def true_galaxy(model: GalaxyModel, free: Mapping[str, float]) -> Galaxy:
    """The galaxy with plain numbers for its free parameters, checked as those of a configuration are.

    Parameters
    ----------
    model : GalaxyModel
    free : mapping of str to float
        By table and key: "mass.halo.m_vir".

    Raises
    ------
    InputError
        A value outside its physical range.
    """
    components = tuple(
        Component(c.table, c.cls, {**c.values, **{key: free[f"{c.table}.{key}"] for key in c.free}})
        for c in model.components
    )
    return GalaxyModel(components, {}).build(np.empty(0))


def simulate(
    galaxy: Galaxy,
    seen: Conditions,
    rng: np.random.Generator,
    n: int,
    *,
    footprint: mock.Footprint = mock.ALL_SKY,
    distance_error: float = 0.0,
    v_error: float = 0.0,
    true_cuts: TrueCuts | None = None,
) -> StarTable:
    """A catalogue of halo stars whose velocities follow the law that the fit assumes.

    Parameters
    ----------
    galaxy : Galaxy
    seen : Conditions
    rng : numpy.random.Generator
    n : int
        Stars before `true_cuts`.
    footprint : Footprint
    distance_error : float
        Standard deviation of ln distance.
    v_error : float [km/s]
    true_cuts : TrueCuts, optional
        Stars outside do not enter the catalogue.

    Returns
    -------
    StarTable

    Raises
    ------
    HaloscaleError
        The galaxy has no velocity dispersion, or the footprint holds no star.
    """
    others = Sum(tuple(part for name, part in galaxy.mass.items() if name != "halo"))
    truth = mock.Truth(galaxy.mass["halo"], others, galaxy.tracer, galaxy.anisotropy, seen.frame)
    stars = draw_stars(truth, footprint, rng, n, contamination=0.0, velocities=seen.velocities)
    if true_cuts is not None:
        r = np.sqrt(np.einsum("ij,ij->i", stars.position, stars.position))
        stars = stars.take(true_cuts.admit(r, stars.position[:, 2]))
    table = measured(_moving(stars, galaxy, seen, rng), seen.frame, rng, same_errors(distance_error, v_error))
    return calibrate_columns(table, -seen.v_offset, 1.0 / seen.distance_scale)


def _moving(stars: Population, galaxy: Galaxy, seen: Conditions, rng: np.random.Generator) -> Population:
    """The stars with rotation or spin, and some of them turned into outliers."""
    x, y, _ = stars.position.T
    r = np.sqrt(np.einsum("ij,ij->i", stars.position, stars.position))
    # along Galactic rotation, against phi: sin(theta) times the unit vector is (y, -x, 0) / r
    turning = np.stack([y, -x, np.zeros_like(r)], axis=1) / r[:, None]
    velocity = _streaming(stars.velocity, turning, r, galaxy, seen.rotation) if seen.rotation else stars.velocity
    if seen.spin:
        velocity = _spinning(velocity, stars.position / r[:, None], turning, seen.spin, rng)
    odd = rng.random(len(stars)) < seen.outlier_fraction
    wild: Floats = seen.outlier_sigma * rng.standard_normal((len(stars), 3))
    return Population(stars.position, np.where(odd[:, None], wild, velocity), stars.abs_mag, stars.feh, stars.disk)


def _streaming(velocity: Floats, turning: Floats, r: Floats, galaxy: Galaxy, rotation: float) -> Floats:
    """Velocities with a mean, whose second moments stay those of the Jeans equation, array (n, 3) [km/s]."""
    sine = np.linalg.norm(turning, axis=1)
    along = turning / np.maximum(sine, 1e-12)[:, None]
    order = np.argsort(r)
    sigma2 = np.empty_like(r)
    sigma2[order] = variance_r(galaxy.total, galaxy.tracer, galaxy.anisotropy, r[order])
    sigma2 *= 1.0 - galaxy.anisotropy.beta_at(r)
    mean = rotation * sine
    narrower = np.sqrt(np.maximum(1.0 - mean**2 / sigma2, 0.0))
    own = np.einsum("ij,ij->i", velocity, along)
    return np.asarray(velocity + ((narrower - 1.0) * own + mean)[:, None] * along)


def _spinning(velocity: Floats, radial: Floats, turning: Floats, spin: float, rng: np.random.Generator) -> Floats:
    """Velocities of which those against the spin are turned round about the radius vector as often as it says."""
    along = np.einsum("ij,ij->i", velocity, radial)[:, None] * radial
    across = velocity - along
    share = np.einsum("ij,ij->i", across, turning) / np.maximum(np.linalg.norm(across, axis=1), 1e-12)
    stays = rng.random(len(velocity)) < 0.5 * (1.0 + spin * share)
    return np.asarray(along + np.where(stays[:, None], across, -across))
