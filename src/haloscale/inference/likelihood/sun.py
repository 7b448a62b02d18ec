"""What free parameters of calibration and Sun do to stars that were placed and selected with fixed ones."""

from collections.abc import Mapping
from typing import Any, Final

from haloscale.arrays import Array
from haloscale.inference.likelihood.base import Data
from haloscale.inference.likelihood.block import Block
from haloscale.inference.likelihood.points import Place
from haloscale.inference.likelihood.radial import Spline
from haloscale.inference.likelihood.usable import check_true_selection
from haloscale.inference.model import GalaxyModel
from haloscale.inference.nuisance import Kinematics, Sun
from haloscale.registry import params

_PLACES: Final = frozenset({"catalogue.distance_scale", "frame.r0"})
_MOTIONS: Final = frozenset({"catalogue.v_offset", *(f"frame.{key}" for key in ("v_lsr", "u", "v", "w"))})
_BESIDE: Final = tuple(params(Kinematics))


class Moving:
    """Which parameters of calibration and Sun are free, and where values of them put the stars.

    Parameters
    ----------
    model : GalaxyModel
    data : Data
        Says what the sample was placed with.

    Raises
    ------
    ConfigError
        Distances or R0 are free, and the sample was selected on true position.
    """

    def __init__(self, model: GalaxyModel, data: Data) -> None:
        self.free = frozenset(f"{c.table}.{key}" for c in model.components for key in c.free)
        self._data = data
        check_true_selection(data, self.free)

    @property
    def places(self) -> bool:
        """Whether the stars' places are free."""
        return bool(self.free & _PLACES)

    @property
    def anything(self) -> bool:
        """Whether places or velocities are free."""
        return bool(self.free & (_PLACES | _MOTIONS))

    def place(self, nuisance: Mapping[str, Any]) -> Place:
        """What the stars are seen with; `nuisance` as of `Galaxy`."""
        frame = self._data.frame
        r0 = nuisance["frame"].r0 if "frame.r0" in self.free else frame.r0
        return Place(r0, self._scale(nuisance), *self._motion(nuisance))

    def moved(self, block: Block, nuisance: Mapping[str, Any], spline: Spline) -> Block:
        """A block of the sample where the parameters put it."""
        if self.places:
            place = self.place(nuisance)
            block = block.placed(place.scale, place.r0, spline)
        if self.free & _MOTIONS:
            block = block.moved(*self._motion(nuisance))
        return block

    def beside(self, nuisance: Mapping[str, Any], fixed: Kinematics) -> dict[str, Array]:
        """The values of `Kinematics`: free ones from `nuisance`, the others as given."""
        free = nuisance.get("likelihood")
        return {key: getattr(free if f"likelihood.{key}" in self.free else fixed, key) for key in _BESIDE}

    def _scale(self, nuisance: Mapping[str, Any]) -> Array:
        if "catalogue.distance_scale" not in self.free:
            return 1.0
        return nuisance["catalogue"].distance_scale / self._data.distance_scale

    def _motion(self, nuisance: Mapping[str, Any]) -> tuple[Array, tuple[Array, Array, Array]]:
        """What the velocity zero point, and the Sun's motion, differ by from those of the sample."""
        free, data, sun = self.free, self._data, nuisance.get("frame")
        offset = nuisance["catalogue"].v_offset - data.v_offset if "catalogue.v_offset" in free else 0.0
        u, v, w = data.frame.solar_motion
        of_frame = Sun(r0=data.frame.r0, v_lsr=data.frame.v_lsr, u=u, v=v, w=w)
        change = {
            key: getattr(sun, key) - getattr(of_frame, key) if f"frame.{key}" in free else 0.0
            for key in ("u", "v", "w", "v_lsr")
        }
        return offset, (change["u"], change["v"] + change["v_lsr"], change["w"])
