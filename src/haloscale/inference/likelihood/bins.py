"""The paper's likelihood: Gaussian in the line-of-sight dispersion, or the circular velocity, of each radial bin."""

from collections.abc import Sequence

from haloscale.anisotropy.base import check_below_one
from haloscale.arrays import Array
from haloscale.errors import InputError
from haloscale.inference.likelihood.base import Data, Likelihood, likelihoods, projected_sigma
from haloscale.inference.likelihood.radial import RadialVariance
from haloscale.inference.model import Galaxy, GalaxyModel
from haloscale.jeans.projection import sin2_psi_mean
from haloscale.records import Bools, CircularVelocity, DispersionProfile, Floats


@likelihoods.register("bins")
def bins(data: Data, model: GalaxyModel) -> Likelihood:
    """Gaussian in sigma_los of each radial bin, as in the paper; with jeans.route = "v_circ" in V_circ."""
    used = data.profile.in_fit
    if used.any():
        check_below_one(model.middle.anisotropy, data.profile.r[used].min(), data.profile.r[used].max())
    if data.circular_velocity is None:
        return DispersionBins(data, model)
    return CircularVelocityBins(data.circular_velocity, model)


class _GaussianBins:
    """Values with errors at the mid-points of the bins in the fit; `predict` is the model's part."""

    r: Floats
    values: Floats
    error: Floats

    @property
    def n_points(self) -> int:
        """Bins in the fit."""
        return len(self.r)

    def predict(self, galaxy: Galaxy) -> Array:
        """The model at the bins in the fit, array (..., n_points) [km/s]."""
        raise NotImplementedError

    def chi2(self, galaxy: Galaxy) -> Array:
        """Sum of squared residuals over the bins in the fit, shape of the galaxy's batch."""
        return (((self.predict(galaxy) - self.values) / self.error) ** 2).sum(axis=-1)

    def log_likelihood(self, galaxy: Galaxy) -> Array:
        """Natural logarithm of the likelihood up to a constant, shape of the galaxy's batch."""
        return -0.5 * self.chi2(galaxy)


class DispersionBins(_GaussianBins):
    """-1/2 sum of ((sigma_los - model) / error)^2 over the bins in the fit.

    Parameters
    ----------
    data : Data
        The profile; `projection` says how sigma_r becomes sigma_los.
    model : GalaxyModel
        Its fixed components' part of sigma_r^2 is computed once.

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
        self.r, self.values = data.profile.r[used], data.profile.sigma_los[used]
        self.error = data.profile.sigma_los_error[used]
        self.sin2_psi = sin2_psi_mean(data.projection, self.r, data.r0, data.profile.mean_sin2_psi[used])
        left_out = "bins with too few stars for a dispersion are left out of the fit"
        self.advice = _advice(data.profile, used, left_out, model, [f"n = {n}" for n in data.profile.n])
        self._variance = RadialVariance(model, self.r)

    def predict(self, galaxy: Galaxy) -> Array:
        """Line-of-sight dispersion of the model at the bins in the fit, array (..., n_points) [km/s]."""
        return projected_sigma(self.sin2_psi, self._variance(galaxy), galaxy.anisotropy.beta_at(self.r))


class CircularVelocityBins(_GaussianBins):
    """-1/2 sum of ((V_circ - model) / error)^2 over the bins in the fit.

    Parameters
    ----------
    points : CircularVelocity
    model : GalaxyModel

    Notes
    -----
    Zhai et al. 2018, section 3.3: V_circ from Eq. 9, at the bins' mid-points. The errors of neighbouring bins, which
    share dispersions, are correlated; as in the paper they are taken as independent.
    """

    def __init__(self, points: CircularVelocity, model: GalaxyModel) -> None:
        used = points.in_fit
        if not used.any():
            raise InputError(
                f"V_circ^2 is positive in none of the {len(used)} radial bins",
                "at least one bin whose dispersion falls slowly enough for Eq. 9",
                'choose wider bins with --set dispersion.edges=[...], or set jeans.route = "sigma"',
            )
        self.r, self.values, self.error = points.r[used], points.v_circ[used], points.error[used]
        left_out = "bins without a positive V_circ^2 are left out of the fit"
        self.advice = _advice(points, used, left_out, model, points.note)

    def predict(self, galaxy: Galaxy) -> Array:
        """Circular velocity of the total mass at the bins in the fit, array (..., n_points) [km/s]."""
        return galaxy.total.v_circ(self.r)


def _advice(
    binned: DispersionProfile | CircularVelocity, used: Bools, what: str, model: GalaxyModel, why: Sequence[str]
) -> tuple[str, ...]:
    said = []
    columns = zip(binned.r_low, binned.r_high, why, used, strict=True)
    left_out = [f"{low:g}-{high:g} kpc ({reason})" for low, high, reason, in_fit in columns if not in_fit]
    if left_out:
        said.append(f"{what}: {', '.join(left_out)}")
    if used.sum() < len(model.parameters):
        said.append(
            f"bins in the fit: {used.sum()}, free parameters: {len(model.parameters)}; the priors decide the rest"
        )
    return tuple(said)
