"""The records that travel between the stages: frozen dataclasses of plain arrays in internal units.

Reading and writing them is the task of `haloscale.tables`; drawing them that of `haloscale.figures`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class StarTable:
    """A catalogue in standard names and internal units; a missing number is NaN.

    Parameters
    ----------
    columns : mapping of str to array (n,)
        Standard columns: ``row`` (0-based row in the input), ``ra, dec, l, b`` [deg],
        ``distance, distance_error`` [kpc], ``v_helio, v_helio_error`` [km/s], and where known ``feh, feh_error`` [dex],
        ``teff`` [K], ``logg`` [dex], ``pmra, pmra_error, pmdec, pmdec_error`` or the Galactic ``pm_l, pm_l_error, pm_b,
        pm_b_error`` [mas/yr] (towards ra and l times the cosine of the latitude). `frames.locate` adds
        ``x, y, z, r`` [kpc], ``v_gsr`` [km/s] and ``sin2_psi``.
    survey : str
        Registered name of the survey.
    raw : mapping of str to array (n,)
        Every other column of the input under its own name, for `selection.columns`.
    units : mapping of str to str
        Units of the raw columns, where the file states them.
    """

    columns: Mapping[str, NDArray[Any]]
    survey: str
    raw: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.columns["row"])

    def __contains__(self, name: object) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def take(self, index: NDArray[Any]) -> "StarTable":
        """The rows picked by a mask (n,) or an array of positions."""
        return replace(
            self,
            columns={k: v[index] for k, v in self.columns.items()},
            raw={k: v[index] for k, v in self.raw.items()},
        )

    def with_columns(self, **columns: NDArray[Any]) -> "StarTable":
        """The same table with columns added or replaced; each is an array (n,)."""
        return replace(self, columns={**self.columns, **columns})


@dataclass(frozen=True)
class Cut:
    """One line of the cut flow: what was done, stars before and after, and a remark (why it was not applied)."""

    name: str
    n_before: int
    n_after: int
    applied: bool = True
    note: str = ""


@dataclass(frozen=True)
class CutFlow:
    """The cuts in the order in which they were made."""

    cuts: tuple[Cut, ...] = ()

    def __iter__(self) -> Iterator[Cut]:
        return iter(self.cuts)

    def __len__(self) -> int:
        return len(self.cuts)

    def then(self, *cuts: Cut) -> "CutFlow":
        """A cut flow with further lines."""
        return CutFlow(self.cuts + cuts)


@dataclass(frozen=True)
class Sample:
    """The stars that passed the selection, those later removed as substructure included.

    Parameters
    ----------
    row : int array (n,)
        0-based row in the input; for merged visits the first one's.
    l, b : array (n,) [deg]
    distance, distance_error : array (n,) [kpc]
        Heliocentric.
    x, y, z, r : array (n,) [kpc]
        Galactocentric, in the frame of the run.
    v_helio, v_helio_error, v_gsr : array (n,) [km/s]
    sin2_psi : array (n,)
        Squared sine of the angle between the sight line and the Galactocentric radius vector.
    group_id : int array (n,)
        Substructure the star belongs to; -1: none.
    bin : int array (n,)
        Radial bin; -1: in no bin, as is every star removed as substructure.
    extra : mapping of str to array (n,)
        Further standard columns the catalogue has (feh, teff, logg, proper motions, ra, dec) and flags
        (``known_object``, ``n_visits``, ``velocity_variable``).
    """

    row: Ints
    l: Floats
    b: Floats
    distance: Floats
    distance_error: Floats
    x: Floats
    y: Floats
    z: Floats
    r: Floats
    v_helio: Floats
    v_helio_error: Floats
    v_gsr: Floats
    sin2_psi: Floats
    group_id: Ints
    bin: Ints
    extra: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class DispersionProfile:
    """Line-of-sight velocity dispersion in radial bins; every bin stays, an empty one with n = 0 and NaN.

    Parameters
    ----------
    r_low, r_high, r, r_mean : array (n_bins,) [kpc]
        Edges, mid-point, mean radius of the stars.
    n : int array (n_bins,)
        Stars in the bin.
    sigma_los, sigma_los_lower, sigma_los_upper : array (n_bins,) [km/s]
        50, 16 and 84 % of the posterior; NaN where it is not defined.
    mean_v_gsr, mean_v_gsr_error : array (n_bins,) [km/s]
    mean_sin2_psi : array (n_bins,)
        Mean of `Sample.sin2_psi` in the bin, for the projection ``per_star``.
    in_fit : bool array (n_bins,)
        False where the bin holds too few stars.
    """

    r_low: Floats
    r_high: Floats
    r: Floats
    r_mean: Floats
    n: Ints
    sigma_los: Floats
    sigma_los_lower: Floats
    sigma_los_upper: Floats
    mean_v_gsr: Floats
    mean_v_gsr_error: Floats
    mean_sin2_psi: Floats
    in_fit: Bools

    def __len__(self) -> int:
        return len(self.r)

    @property
    def sigma_los_error(self) -> Floats:
        """Half the width of the 68 % interval, array (n_bins,) [km/s]."""
        return (self.sigma_los_upper - self.sigma_los_lower) / 2

    @property
    def edges(self) -> Floats:
        """The bin edges, array (n_bins + 1,) [kpc]."""
        return np.append(self.r_low, self.r_high[-1])


@dataclass(frozen=True)
class Parameter:
    """A free parameter as the records carry it: name in the summary, unit, TeX label, definition, prior table."""

    name: str
    unit: str
    label: str
    definition: str
    prior: Mapping[str, Any]


@dataclass(frozen=True)
class SamplingStatus:
    """How far a chain can be trusted.

    Parameters
    ----------
    status : str
        "reliable", "tentative" or "unusable".
    rhat, ess, tau : float or None
        Worst split R-hat, smallest effective sample size, longest autocorrelation time [steps]; None where a sampler
        has none.
    n_steps, n_burn : int
        Steps taken in all, and those discarded, for each walker.
    acceptance : float
        Mean acceptance fraction.
    """

    status: str
    rhat: float | None
    ess: float | None
    tau: float | None
    n_steps: int
    n_burn: int
    acceptance: float


@dataclass(frozen=True)
class Chain:
    """Posterior draws after burn-in.

    Parameters
    ----------
    parameters : tuple of Parameter
    values : array (n_draws, n_parameters)
        In the parameters' own units.
    log_posterior, weight : array (n_draws,)
        Natural logarithm of the unnormalised posterior density; weight of the draw (1 for MCMC).
    chain, draw : int array (n_draws,)
        Walker and step of the draw.
    sampling : SamplingStatus
    """

    parameters: tuple[Parameter, ...]
    values: Floats
    log_posterior: Floats
    weight: Floats
    chain: Ints
    draw: Ints
    sampling: SamplingStatus

    def __len__(self) -> int:
        return len(self.values)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in the order of the columns of `values`."""
        return tuple(p.name for p in self.parameters)

    def __getitem__(self, name: str) -> Floats:
        """Draws of one parameter, array (n_draws,)."""
        return self.values[:, self.names.index(name)]

    def to_arviz(self) -> Any:
        """The chain for ArviZ: `InferenceData` (ArviZ 0.x) or `DataTree` (1.x); needs arviz installed."""
        from haloscale.errors import MissingExtraError

        try:
            import arviz
        except ImportError as error:
            raise MissingExtraError("arviz is not installed", "the package arviz", "pip install arviz") from error
        n_chains = int(self.chain.max()) + 1
        order = np.lexsort((self.draw, self.chain))
        posterior = {p.name: self[p.name][order].reshape(n_chains, -1) for p in self.parameters}
        stats = {"lp": self.log_posterior[order].reshape(n_chains, -1)}
        if int(arviz.__version__.split(".")[0]) >= 1:
            return arviz.from_dict({"posterior": posterior, "sample_stats": stats})
        return arviz.from_dict(posterior=posterior, sample_stats=stats)


@dataclass(frozen=True)
class Band:
    """Median and 16 and 84 % of a quantity on a grid; three arrays (n,)."""

    median: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class MassProfile:
    """Posterior of the mass model against radius.

    Parameters
    ----------
    r : array (n,) [kpc]
    enclosed_mass, halo_mass : Band [solMass]
        Total, and of the halo alone.
    v_circ, sigma_r, sigma_los : Band [km/s]
        Of the total mass; dispersions of the tracer.
    """

    r: Floats
    enclosed_mass: Band
    halo_mass: Band
    v_circ: Band
    sigma_r: Band
    sigma_los: Band


@dataclass(frozen=True)
class Estimate:
    """One number of the summary: median, 16 and 84 %, unit, definition; `fixed` where it was not fitted."""

    median: float
    lower: float
    upper: float
    unit: str
    definition: str
    fixed: bool = False


@dataclass(frozen=True)
class Summary:
    """The answer, as in summary.json."""

    parameters: Mapping[str, Estimate]
    derived: Mapping[str, Estimate]
    n_read: int
    n_kept: int
    n_removed_substructure: int
    n_in_bins: int
    chi2: float
    n_points: int
    sampling: SamplingStatus
    recipe: str
    seed: int
    version: str
    warnings: tuple[str, ...] = ()
    truth: Mapping[str, float] = field(default_factory=dict)
    truth_note: str = ""


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run, as loaded from its folder: what the figures, the report and `haloscale.weigh` hand on.

    Parameters
    ----------
    config : mapping
        The resolved configuration.
    cutflow, sample, profile, chain, mass_profile, summary
        The records.
    provenance : mapping
        Versions, commit, catalogue checksum, seed, wall time and hash a stage.
    """

    config: Mapping[str, Any]
    cutflow: CutFlow
    sample: Sample
    profile: DispersionProfile
    chain: Chain
    mass_profile: MassProfile
    summary: Summary
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        found = {**self.summary.derived, **self.summary.parameters}["m_vir"]
        errors = f"+{found.upper - found.median:.3g} -{found.median - found.lower:.3g}"
        return (
            f"Run(m_vir = {found.median:.4g} {errors} {found.unit}, {self.summary.n_in_bins} stars, "
            f"sampling {self.summary.sampling.status})"
        )
