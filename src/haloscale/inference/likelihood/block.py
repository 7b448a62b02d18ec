"""The stars of one block as the likelihood needs them: velocities, distance nodes, and what is fixed at those nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from haloscale.anisotropy.base import Anisotropy
from haloscale.arrays import Array, namespace
from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.nodes import Nodes, geometry
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.model import GalaxyModel
from haloscale.records import Floats, Ints, Sample
from haloscale.tracer.base import TracerDensity


@dataclass(frozen=True)
class Block:
    """A block of stars with their distance nodes.

    Parameters
    ----------
    star : int array (n_stars,)
        Positions in the sample.
    v : array (n_stars,) [km/s]
        Along the sight line, without the motion of the Sun.
    error_squared : array (n_stars,) [km^2 / s^2]
    l, b : array (n_stars,) [deg]
    r : array (n_stars,) [kpc]
        Measured Galactocentric radius.
    distance : array (n_nodes, n_stars) [kpc]
    interval : int array (n_nodes, n_stars)
        Interval of the spline each node lies in.
    step : array (n_nodes, n_stars) [ln kpc]
        From the lower knot of that interval to the node.
    ln_ratio : array (n_nodes, n_stars), dimensionless
        ln of the node's radius over the measured one.
    sin2_psi : array (n_nodes, n_stars), dimensionless
    weight : array (n_nodes, n_stars), dimensionless
        Without the tracer density.
    tracer_weight, projected : array (n_nodes, n_stars), dimensionless, optional
        Of a tracer without free parameters, the weight with its density, of sum 1 over the nodes; of such an
        anisotropy, 1 - beta sin^2 psi.
    """

    star: Ints
    v: Array
    error_squared: Floats
    l: Floats
    b: Floats
    r: Floats
    distance: Floats
    interval: Array
    step: Array
    ln_ratio: Array
    sin2_psi: Array
    weight: Floats
    tracer_weight: Floats | None = None
    projected: Floats | None = None

    @property
    def radii(self) -> Floats:
        """Radii of the nodes, array (n_nodes * n_stars,) [kpc]."""
        return np.ravel(self.r * np.exp(self.ln_ratio))

    def weights(self, tracer: TracerDensity) -> Array:
        """Weights of the nodes with the tracer density over its value at the measured radius, array (...)."""
        if self.tracer_weight is not None:
            return self.tracer_weight
        if tracer.scale_free:
            exponent = _column(tracer.log_slope_at(1.0)) * self.ln_ratio
            return self.weight * namespace(exponent).exp(exponent)
        measured = np.ravel(np.broadcast_to(self.r, self.weight.shape))
        return self.weight * self._at_nodes(tracer.density_ratio(self._radii, measured))

    def projection(self, anisotropy: Anisotropy) -> Array:
        """sigma_los^2 / sigma_r^2 at the nodes, 1 - beta sin^2 psi, array (...)."""
        if self.projected is not None:
            return self.projected
        scale_free = anisotropy.scale_free
        beta = _column(anisotropy.beta_at(1.0)) if scale_free else self._at_nodes(anisotropy.beta_at(self._radii))
        return 1.0 - beta * self.sin2_psi

    def shifted(self, v_offset: Array) -> "Block":
        """The block with velocities that are off by v_offset, array (n_sets, 1) [km/s]."""
        return replace(self, v=self.v + v_offset)

    def scaled(self, scale: Array, frame: SolarFrame, spline: Spline) -> "Block":
        """The block with all distances multiplied by one number, array (1, 1), dimensionless."""
        r, sin2_psi = geometry(scale * self.distance, self.l, self.b, frame)
        ln_r = namespace(r).log(r)
        interval, step = spline.place(ln_r)
        return replace(self, interval=interval, step=step, ln_ratio=ln_r - np.log(self.r), sin2_psi=sin2_psi)

    @property
    def _radii(self) -> Array:
        """Radii of the nodes, array (n_nodes * n_stars,) [kpc]."""
        return (self.r * namespace(self.ln_ratio).exp(self.ln_ratio)).reshape(-1)

    def _at_nodes(self, values: Array) -> Array:
        return values.reshape(-1, *self.weight.shape)


def block_of(nodes: Nodes, sample: Sample, spline: Spline) -> Block:
    """The block of some stars."""
    at, ln_r = nodes.star, np.log(nodes.r)
    interval, step = spline.place(ln_r)
    return Block(
        star=at,
        v=sample.v_gsr[at],
        error_squared=sample.v_helio_error[at] ** 2,
        l=sample.l[at],
        b=sample.b[at],
        r=sample.r[at],
        distance=nodes.distance,
        interval=interval,
        step=step,
        ln_ratio=ln_r - np.log(sample.r[at]),
        sin2_psi=nodes.sin2_psi,
        weight=nodes.weight / nodes.weight.sum(axis=0),
    )


def settled(block: Block, model: GalaxyModel) -> Block:
    """The block, whose distances are fixed, with all that no free parameter touches computed."""
    galaxy, weight, projected = model.middle, None, None
    if model.is_fixed("tracer"):
        weight = np.reshape(block.weights(galaxy.tracer), block.weight.shape)
        weight = weight / weight.sum(axis=0)
    if model.is_fixed("anisotropy"):
        projected = np.reshape(block.projection(galaxy.anisotropy), block.weight.shape)
    return replace(block, tracer_weight=weight, projected=projected)


def joined(blocks: Sequence[Block]) -> Block:
    """Several blocks as one."""
    columns = {name: [getattr(block, name) for block in blocks] for name in Block.__dataclass_fields__}
    return Block(**{k: np.concatenate(parts, axis=-1) for k, parts in columns.items() if parts[0] is not None})


def _column(value: Array) -> Array:
    """A number of each parameter set as array (n_sets, 1, 1)."""
    return namespace(value).reshape(value, (-1, 1, 1))
