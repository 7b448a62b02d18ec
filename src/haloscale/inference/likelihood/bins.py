"""The paper's likelihood: Gaussian in the line-of-sight dispersion of each radial bin."""

import numpy as np

from haloscale.arrays import Array
from haloscale.errors import InputError
from haloscale.inference.likelihood.base import Data, likelihoods, projected_sigma
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.jeans import variance_r
from haloscale.jeans.projection import sin2_psi_mean
from haloscale.mass.base import Sum


@likelihoods.register("bins")
class Bins:
    """-1/2 sum of ((sigma_los - model) / error)^2 over the bins in the fit.

    Parameters
    ----------
    data : Data
        The profile; `projection` says how sigma_r becomes sigma_los.
    model : GalaxyModel
        Used to find the components that are fixed: their part of sigma_r^2, which is additive over the mass
        components, is computed once.

    Notes
    -----
    Zhai et al. 2018, section 3.2: the error is half the width of the 68 % interval of sigma_los, the model is
    evaluated at the bin's mid-point.
    """

    def __init__(self, data: Data, model: GalaxyModel) -> None:
        used = data.profile.in_fit
        if not used.any():
            raise InputError(
                f"none of the {len(used)} radial bins holds enough stars for a velocity dispersion",
                "at least one bin with two stars or more",
                "choose wider bins with --set dispersion.edges=[...] or relax the selection",
            )
        self.r, self.sigma = data.profile.r[used], data.profile.sigma_los[used]
        self.error = data.profile.sigma_los_error[used]
        self.sin2_psi = sin2_psi_mean(data.projection, self.r, data.r0, data.profile.mean_sin2_psi[used])
        self.n_points = int(used.sum())
        self.advice = tuple(_advice(data, model, self.n_points))
        self._fixed, self._fixed_variance = self._precompute(model)

    def _precompute(self, model: GalaxyModel) -> tuple[frozenset[str], Array]:
        if not (model.is_fixed("tracer") and model.is_fixed("anisotropy")):
            return frozenset(), 0.0
        names = {c.table for c in model.components if c.table.startswith("mass.") and not c.free}
        fixed = frozenset(name.removeprefix("mass.") for name in names)
        if not fixed:
            return fixed, 0.0
        middle = np.array([prior.quantile(0.5) for prior in model.priors])
        galaxy = model.build(middle)
        parts = Sum(tuple(galaxy.mass[name] for name in sorted(fixed)))
        return fixed, variance_r(parts, galaxy.tracer, galaxy.anisotropy, self.r)

    def predict(self, galaxy: Galaxy) -> Array:
        """Line-of-sight dispersion of the model at the bins in the fit, array (..., n_points) [km/s]."""
        varying = tuple(part for name, part in galaxy.mass.items() if name not in self._fixed)
        variance = self._fixed_variance
        if varying:
            total = varying[0] if len(varying) == 1 else Sum(varying)
            variance = variance + variance_r(total, galaxy.tracer, galaxy.anisotropy, self.r)
        return projected_sigma(self.sin2_psi, variance, galaxy.anisotropy.beta_at(self.r))

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared residuals over the bins in the fit, shape of the galaxy's batch."""
        return (((self.predict(galaxy) - self.sigma) / self.error) ** 2).sum(axis=-1)

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the likelihood up to a constant, shape of the galaxy's batch."""
        return -0.5 * self.chi2(galaxy)


def _advice(data: Data, model: GalaxyModel, n_points: int) -> list[str]:
    said = []
    left_out = [
        f"{low:g}-{high:g} kpc (n = {n})"
        for low, high, n, used in zip(
            data.profile.r_low, data.profile.r_high, data.profile.n, data.profile.in_fit, strict=True
        )
        if not used
    ]
    if left_out:
        said.append(f"bins with too few stars for a dispersion are left out of the fit: {', '.join(left_out)}")
    if n_points < len(model.parameters):
        said.append(
            f"bins in the fit: {n_points}, free parameters: {len(model.parameters)}; the priors decide the rest"
        )
    return said
