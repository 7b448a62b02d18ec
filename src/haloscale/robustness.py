"""The record of a robustness study: the same stars fitted again with one assumption changed at a time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import hypot, isfinite, nan
from typing import Final

QUANTITIES: Final[Mapping[str, str]] = {"m_vir": "solMass", "c": "", "m_within_100kpc": "solMass"}
"""What is compared, with units: names as in the summary."""

AS_CONFIGURED: Final = "as configured"
FAILED: Final = "failed"

MEANING: Final = (
    "the largest change to either side in each group of assumptions, the groups added in quadrature; refits that only "
    "redefine m_vir, failed, or have an unusable chain are left out"
)
"""How the systematic error is made, for every place that quotes it."""


@dataclass(frozen=True)
class Interval:
    """Median and 16 and 84 % of one quantity, in its own unit."""

    median: float = nan
    lower: float = nan
    upper: float = nan


@dataclass(frozen=True)
class Refit:
    """The answer with one assumption changed.

    Parameters
    ----------
    group, name : str
        The assumption, and what it was changed to.
    change : str
        The settings that do it, as `--set` takes them.
    reason : str
        Why this value: a source, or what the change stands for.
    counted : bool
        False where the change gives m_vir and c another meaning instead of another value.
    values : mapping of str to Interval
        By the names of `QUANTITIES`; empty where the refit failed.
    chi2 : float
    n_points, n_in_bins : int
        Bins in the fit, stars in bins.
    status : str
        Of the sampling, or "failed".
    note : str
        What the fit said.
    """

    group: str
    name: str
    change: str = ""
    reason: str = ""
    counted: bool = True
    values: Mapping[str, Interval] = field(default_factory=dict)
    chi2: float = nan
    n_points: int = 0
    n_in_bins: int = 0
    status: str = FAILED
    note: str = ""

    def __getitem__(self, quantity: str) -> Interval:
        return self.values.get(quantity, Interval())

    @property
    def counts(self) -> bool:
        """Whether the change of the answer is a systematic error that can be believed."""
        return self.counted and self.status in ("reliable", "tentative")


@dataclass(frozen=True)
class Robustness:
    """The run as it was configured, and its refits, in the order in which they were asked for."""

    base: Refit
    refits: tuple[Refit, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of assumptions, in order."""
        return tuple(dict.fromkeys(refit.group for refit in self.refits))

    def shift(self, refit: Refit, quantity: str) -> float:
        """Change of the median of a quantity, in its own unit; NaN where the refit failed."""
        return refit[quantity].median - self.base[quantity].median

    def percent(self, refit: Refit, quantity: str) -> float:
        """The same change in per cent."""
        return 100.0 * self.shift(refit, quantity) / self.base[quantity].median

    def sigmas(self, refit: Refit, quantity: str) -> float:
        """The same change over the statistical error on that side; NaN where the quantity is fixed."""
        shift, base = self.shift(refit, quantity), self.base[quantity]
        error = base.upper - base.median if shift > 0 else base.median - base.lower
        return shift / error if error > 0 else nan

    def extremes(self, quantity: str, group: str) -> tuple[float, float]:
        """Largest changes down (negative or zero) and up that count in one group, in the quantity's unit."""
        shifts = [self.shift(refit, quantity) for refit in self.refits if refit.group == group and refit.counts]
        known = [shift for shift in shifts if isfinite(shift)]
        return min([0.0, *known]), max([0.0, *known])

    def systematic(self, quantity: str, leave_out: Iterable[str] = ()) -> tuple[float, float]:
        """Systematic error down and up, both positive, in the quantity's unit.

        Parameters
        ----------
        quantity : str
            One of `QUANTITIES`.
        leave_out : iterable of str
            Groups that are not to be counted.

        Returns
        -------
        down, up : float

        Notes
        -----
        The definition is `MEANING`. It treats the groups as independent, and each group's extremes as one standard
        deviation: a convention, as every such number is, which is why the table stands beside it.
        """
        sides = [self.extremes(quantity, group) for group in self.groups if group not in set(leave_out)]
        return hypot(*(down for down, _ in sides)), hypot(*(up for _, up in sides))
