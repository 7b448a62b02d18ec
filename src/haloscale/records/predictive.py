"""What the fitted model predicts for the very measurements that were made: the posterior predictive check."""

from dataclasses import dataclass

from haloscale.records.stars import Floats, Ints


@dataclass(frozen=True)
class Predicted:
    """One quantity in the bins: what was observed, and how replicated data scatter.

    Parameters
    ----------
    observed : array (n_bins,) [km/s, or dimensionless for the kurtosis]
    median, lower, upper, lower_95, upper_95 : array (n_bins,) [the same]
        50, 16, 84, 2.5 and 97.5 % of the replicas.
    tail : array (n_bins,), dimensionless
        Two-sided probability of a replica as far out as what was observed.
    """

    observed: Floats
    median: Floats
    lower: Floats
    upper: Floats
    lower_95: Floats
    upper_95: Floats
    tail: Floats

    @property
    def deviation(self) -> Floats:
        """Observed minus median, over the half-width of the 68 % interval on that side, array (n_bins,)."""
        above = self.observed >= self.median
        width = abs((self.upper - self.median) * above + (self.median - self.lower) * ~above)
        return (self.observed - self.median) / width


@dataclass(frozen=True)
class PredictiveCheck:
    """Whether data made by the fitted model look like the data; only bins that were compared.

    Parameters
    ----------
    r_low, r_high, r : array (n_bins,) [kpc]
    n : int array (n_bins,)
        Stars in the bin.
    sigma_los, mean_v_gsr : Predicted [km/s]
    kurtosis : Predicted, dimensionless
        Excess kurtosis of the velocities about their mean.
    n_replicas : int
        Replicated data sets behind the percentages.
    p_sigma_los, p_mean_v_gsr : float
        Share of the replicas that lie farther from the model than the data do, over all bins.
    fits : bool
    verdict : str
        The same in words.
    """

    r_low: Floats
    r_high: Floats
    r: Floats
    n: Ints
    sigma_los: Predicted
    mean_v_gsr: Predicted
    kurtosis: Predicted
    n_replicas: int
    p_sigma_los: float
    p_mean_v_gsr: float
    fits: bool
    verdict: str

    def __len__(self) -> int:
        return len(self.r)
