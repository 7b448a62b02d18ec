"""The posterior and the answer: draws, how far they can be trusted, the summary, the whole run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from haloscale.records.predictive import PredictiveCheck
from haloscale.records.profiles import CircularVelocity, DispersionProfile, MassProfile
from haloscale.records.stars import Bools, CutFlow, Floats, Ints, Sample
from haloscale.records.substructure import Substructure
from haloscale.records.velocities import VelocityCheck
from haloscale.robustness import Robustness


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
        Steps taken in all, and those discarded, for each walker; evaluations of the posterior where none walks.
    acceptance : float
        Mean acceptance fraction; effective size a draw where the draws are weighted.
    log_evidence, log_evidence_error : float or None
        Natural logarithm of the mean likelihood over the prior, up to the constant that the likelihood leaves out, and
        its standard error; None where a sampler has none.
    n_divergent : int or None
        Draws at which the trajectory of a Hamiltonian sampler diverged.
    """

    status: str
    rhat: float | None
    ess: float | None
    tau: float | None
    n_steps: int
    n_burn: int
    acceptance: float
    log_evidence: float | None = None
    log_evidence_error: float | None = None
    n_divergent: int | None = None


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
        """The chain for ArviZ: `InferenceData` (ArviZ 0.x) or `DataTree` (1.x); needs arviz installed.

        Weighted draws are drawn again in proportion to their weights, since ArviZ knows none.
        """
        from haloscale.errors import MissingExtraError

        try:
            import arviz
        except ImportError as error:
            raise MissingExtraError("arviz is not installed", "the package arviz", "pip install arviz") from error
        n_chains = int(self.chain.max()) + 1
        order = np.lexsort((self.draw, self.chain))
        if np.any(self.weight != self.weight[0]):
            order = order[_in_proportion(self.weight[order])]
        posterior = {p.name: self[p.name][order].reshape(n_chains, -1) for p in self.parameters}
        stats = {"lp": self.log_posterior[order].reshape(n_chains, -1)}
        if int(arviz.__version__.split(".")[0]) >= 1:
            return arviz.from_dict({"posterior": posterior, "sample_stats": stats})
        return arviz.from_dict(posterior=posterior, sample_stats=stats)


def _in_proportion(weight: Floats) -> Ints:
    """Positions of the draws, each about as often as its weight says, and as many as there are, array (n_draws,)."""
    total = np.cumsum(weight)
    at = (np.arange(len(weight)) + 0.5) * (total[-1] / len(weight))
    return np.asarray(np.searchsorted(total, at), dtype=np.int64)


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


@dataclass(frozen=True)
class AllStars:
    """What the same sample gives when no group is removed from it: the same edges, fitted in the same way.

    Parameters
    ----------
    profile : DispersionProfile
    estimates : mapping of str to Estimate
        Parameters and derived quantities, as in `Summary`.
    sampling : SamplingStatus
    chi2 : float
    n_points : int
        Bins in the fit.
    """

    profile: DispersionProfile
    estimates: Mapping[str, Estimate]
    sampling: SamplingStatus
    chi2: float = float("nan")
    n_points: int = 0


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run, as loaded from its folder: what the figures, the report and `haloscale.weigh` hand on.

    Parameters
    ----------
    config : mapping
        The resolved configuration.
    cutflow, sample, profile, chain, mass_profile, summary, circular_velocity, robustness
        The records; the last two are None where the folder lacks them.
    substructure : Substructure or None
        Groups and false rates; None where no search was made.
    all_stars : AllStars or None
        The answer with nothing removed; None where nothing was.
    substructures : mapping of str to Substructure
        By catalogue in place of `substructure`, where there are several catalogues.
    predictive : PredictiveCheck or None
        Whether data that the fitted model makes look like the real ones; None for jeans.route = "v_circ".
    predictives : mapping of str to PredictiveCheck
        By catalogue in place of `predictive`, where there are several catalogues.
    velocities, velocity_checks : VelocityCheck or None, mapping of str to VelocityCheck
        The same of the velocities in space, where the likelihood predicts them.
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
    circular_velocity: CircularVelocity | None = None
    robustness: Robustness | None = None
    substructure: Substructure | None = None
    all_stars: AllStars | None = None
    substructures: Mapping[str, Substructure] = field(default_factory=dict)
    predictive: PredictiveCheck | None = None
    predictives: Mapping[str, PredictiveCheck] = field(default_factory=dict)
    velocities: VelocityCheck | None = None
    velocity_checks: Mapping[str, VelocityCheck] = field(default_factory=dict)

    @property
    def catalogues(self) -> tuple[str, ...]:
        """The names of the catalogues, where there are several."""
        return tuple(self.profile.catalogues)

    @property
    def removed(self) -> Bools:
        """Stars that are in no bin because they are in a large group, mask (n,)."""
        if not self.catalogues:
            return self.sample.removed(self._max_members)
        of, found = np.asarray(self.sample.extra["catalogue"]), np.zeros(len(self.sample), bool)
        for name in self.catalogues:
            most = self._settings_of(name).get("substructure", {}).get("max_members", 10)
            found |= (of == name) & self.sample.removed(most)
        return found

    def _settings_of(self, catalogue: str) -> dict[str, Any]:
        return settings_of(self.config, next(e for e in self.config["catalogue"] if e["name"] == catalogue))

    @property
    def _max_members(self) -> int:
        return int(self.config.get("substructure", {}).get("max_members", 10))

    def of(self, catalogue: str) -> "Run":
        """What the run says of one of several catalogues: its stars, its settings, and the masses of all."""
        sample, profile = self.sample.of(catalogue), self.profile.catalogues[catalogue]
        config, cutflow = self._settings_of(catalogue), self.cutflow.of(catalogue)
        all_stars = self.all_stars and replace(self.all_stars, profile=self.all_stars.profile.catalogues[catalogue])
        found = self.substructures.get(catalogue)
        one = replace(
            self, config=config, cutflow=cutflow, sample=sample, profile=profile, substructure=found, substructures={},
            mass_profile=self.mass_profile.catalogues[catalogue], all_stars=all_stars if found else None,
            predictive=self.predictives.get(catalogue), predictives={},
            velocities=self.velocity_checks.get(catalogue), velocity_checks={},
        )  # fmt: skip
        summary = replace(
            self.summary,
            n_read=cutflow.n_read,
            n_kept=len(sample),
            n_removed_substructure=int(one.removed.sum()),
            n_in_bins=int((sample.bin >= 0).sum()),
        )
        return replace(one, summary=summary)

    def __repr__(self) -> str:
        found = {**self.summary.derived, **self.summary.parameters}["m_vir"]
        errors = f"+{found.upper - found.median:.3g} -{found.median - found.lower:.3g}"
        return (
            f"Run(m_vir = {found.median:.4g} {errors} {found.unit}, {self.summary.n_in_bins} stars, "
            f"sampling {self.summary.sampling.status})"
        )


def settings_of(config: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved configuration of one of several catalogues, an entry of their list, as that of a run of its own."""
    own = {key: value for key, value in entry.items() if key in config and isinstance(value, Mapping)}
    return {**config, **own, "catalogue": {key: value for key, value in entry.items() if key not in (*own, "name")}}
