"""Why a number of the paper and ours differ, or agree: sentences made from the facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import hypot, isclose, sqrt
from typing import Final

import numpy as np

from haloscale.figures.style import is_simulated
from haloscale.mock.bias import DEPTH_LIMITED, SCATTER, predicted_bias
from haloscale.records import Run
from haloscale.reproduce.catalogue import truth
from haloscale.reproduce.facts import INNER, OUTER, Facts, is_known
from haloscale.reproduce.ours import Ours
from haloscale.reproduce.printed import Printed, printed, printed_value

QUOTED: Final = "from other work, or of the instrument: no run gives it"
SAME: Final = "the same"


@dataclass(frozen=True)
class Case:
    """What a reason is made from."""

    entry: Printed
    ours: Ours
    runs: Mapping[str, Run]
    facts: Facts

    @property
    def base(self) -> Run:
        """The run of the paper's first fit."""
        return self.runs["beta0_sigma"]

    @property
    def simulated(self) -> bool:
        """Whether the stars are simulated."""
        return is_simulated(self.base)


def reason(entry: Printed, found: Ours, runs: Mapping[str, Run], facts: Facts) -> str:
    """One or two sentences for an entry."""
    if entry.kind == "quoted":
        return QUOTED
    case = Case(entry, found, runs, facts)
    if entry.key in _SPECIAL:
        return _SPECIAL[entry.key](case)
    stem = next((stem for stem in _OF_FITS if entry.key.startswith(f"{stem}_")), "")
    return _OF_FITS[stem](case) if entry.kind == "result" and stem else _setting(case)


def percent(x: float, digits: int = 0) -> str:
    """A relative change as a reader writes it."""
    return f"{100 * x:+.{digits}f} %".replace("-", "\N{MINUS SIGN}")


def _setting(case: Case) -> str:
    theirs, mine = case.entry.values, case.ours.values
    if len(theirs) == len(mine) and all(isclose(a, b, rel_tol=1e-9) for a, b in zip(theirs, mine, strict=True)):
        return SAME
    return "changed with --set" if mine else "switched off with --set"


def _mass(case: Case) -> str:
    printed_width, width = case.facts.width[case.entry.run]
    said = [_stars(case)]
    if is_known(width) and width > 0:
        said.append(f"Our 68 % errors are {width / printed_width:.2f} of the printed ones.")
    return " ".join(said)


def _stars(case: Case) -> str:
    if case.simulated:
        return _simulated(case)
    if case.entry.key != "m_vir_sigma":
        return "Other stars than the paper's: see M_vir from sigma_los, beta = 0."
    summary = case.base.summary
    where = f"{percent(case.facts.inner)} inside {INNER:g} kpc and {percent(case.facts.outer)} beyond {OUTER:g} kpc"
    steeper = case.facts.outer < case.facts.inner
    effect = "steeper: a more concentrated halo" if steeper else "flatter: a less concentrated halo"
    survey = case.base.config["catalogue"]["survey"]
    return (
        f"Other stars: {summary.n_in_bins:,} of {survey}, not the paper's list, which is not published. Their "
        f"dispersions against those of the printed fit: {where}, so {effect}."
    )


def _simulated(case: Case) -> str:
    name = case.entry.run
    if name == "beta0.3_v_circ":
        return (
            "The simulated stars are isotropic: beta = 0.3 gives them too small a mass. The paper's stars need not be."
        )
    m, made = case.runs[name].summary.parameters["m_vir"], printed_value("m_vir_sigma")
    own = m.upper - m.median if m.median < made else m.median - m.lower
    apart = (m.median - made) / own if own > 0 else 0.0
    said = f"One draw from the printed fit for beta = 0: {apart:+.1f} of our own errors from its m_vir."
    known = predicted_bias(truth(), sample=DEPTH_LIMITED)
    if known:
        said += f" Distance errors raise the mass by {percent(known[0].low)} to {percent(known[0].high)} on average,"
        said += f" and draws scatter by {100 * SCATTER[DEPTH_LIMITED]:.0f} % (measured on simulations)."
    return said.replace("-", "\N{MINUS SIGN}")


def _concentration(case: Case) -> str:
    return "c and m_vir are degenerate (Figs. 7, 10, 12): see m_vir."


def _radius(case: Case) -> str:
    fit, (low, high), (less, more) = case.facts.fits[case.entry.run], case.facts.h0, case.facts.overdensity
    return (
        f"The printed m_vir and the stated constants give {fit.r_vir:.1f} kpc, not {case.entry.value:.0f}: the printed "
        f"radii need H0 = {low:.2f} to {high:.2f} km/s/Mpc, or an overdensity of {less:.1f} to {more:.1f} at "
        f"H0 = {printed_value('h0'):g}. Ours follow the stated constants."
    )


def _mass_within(case: Case) -> str:
    fit = case.facts.fits[case.entry.run]
    return (
        f"One digit is printed, and no error. The printed m_vir and c give {fit.total_mass / 1e12:.3f}e12 in total and "
        f"{fit.halo_mass / 1e12:.3f}e12 for the halo alone: it is the total that is printed. {_stars(case)}"
    )


def _overestimate(case: Case) -> str:
    ratio = printed_value("m_vir_v_circ") / printed_value("m_vir_sigma")
    first, second = printed("m_vir_v_circ"), printed("m_vir_sigma")
    apart = (first.value - second.value) / hypot(first.minus, second.plus)
    return (
        f"{ratio:.3f} is one draw ({apart:.1f} of the printed errors, if the two fits had not the same stars), as is "
        f"ours. {distribution(case.facts)}"
    )


def distribution(facts: Facts) -> str:
    """The distribution that one draw comes from, if a bias study is at hand."""
    if not facts.bias:
        return "Its distribution over simulated catalogues: haloscale bias -o DIR, then --bias DIR here."
    known = facts.bias["ratios"]["m_vir / m_vir of route sigma"]["finite_difference"]
    share = f"{100 * known['fraction_above']:.1f} % exceed {facts.bias['paper_ratio']:g}"
    return (
        f"Over {known['n']} simulated catalogues ({facts.bias['sample']}) the ratio is {known['mean']:.3f} on average, "
        f"with a scatter of {known['scatter']:.3f}; {share}."
    )


def _n_stars(case: Case) -> str:
    if case.simulated:
        return "the simulated catalogue is thinned to the paper's numbers"
    return "another catalogue; the paper's list of stars is not published"


def _mean_v(case: Case) -> str:
    error = case.ours.plus * sqrt(case.facts.n_used / printed_value("n_stars"))
    apart = abs(case.entry.value) / error
    return (
        f"For {printed_value('n_stars'):,.0f} stars of this dispersion the mean is known to {error:.1f} km/s: the "
        f"printed one is {apart:.0f} errors from zero. The paper compares it with {printed_value('v_error'):g} km/s, "
        "the error of one star, and finds it zero; a zero point of the velocities (catalogue.v_offset) would do this."
    )


def _v_error(case: Case) -> str:
    if not is_known(case.facts.errors_in_sigma):
        return "the velocity errors are removed here, or unknown"
    return (
        f"Left in sigma_los, as in the paper: they add {case.facts.errors_in_sigma:.2f} km/s (median of the bins), and "
        f"m_vir changes by {percent(case.facts.errors_in_mass, 1)} without them."
    )


def _distance_error(case: Case) -> str:
    return "simulated with this median" if case.simulated else "another catalogue"


def _bhb(case: Case) -> str:
    hits = [name for name in case.runs if name.startswith("also_") and "bhb" in name]
    if not hits:
        return "add such stars with --also FILE --also-survey segue_bhb; then this says how they compare"
    mine, other = case.base.profile, case.runs[hits[0]].profile
    if not np.array_equal(mine.edges, other.edges):
        return "the radial bins of the two samples differ: see Fig. 6"
    ratio = other.sigma_los / mine.sigma_los
    inside, beyond = ratio[mine.r_high <= INNER * 1.1], ratio[mine.r_low >= INNER * 0.9]
    return (
        f"{hits[0].removeprefix('also_')}: sigma_los {percent(float(np.nanmean(inside)) - 1)} against this run inside "
        f"{INNER * 1.1:g} kpc, and {percent(float(np.nanmean(beyond)) - 1)} beyond (mean of the bins)."
    )


def _eq1(case: Case) -> str:
    exact = printed("solar_motion").values
    worst = sqrt(sum((a - b) ** 2 for a, b in zip(exact, case.entry.values, strict=True)))
    return f"Eq. 1 rounds them: at most {worst:.3f} km/s; frame.rounded = true does the same"


def _giants(case: Case) -> str:
    if case.ours.values:
        return _setting(case)
    return "not cut: the published catalogues hold giants already; selection.giants = zhai2018 makes this cut"


def _members(case: Case) -> str:
    if case.base.config["substructure"]["method"] == "keep_all":
        return "the paper removes groups first; here none is searched for (substructure.method = keep_all)"
    return _setting(case)


def _asymmetric(case: Case) -> str:
    profile, (low, high) = case.base.profile, case.entry.values
    found = np.flatnonzero((profile.r_low == low) & (profile.r_high == high))
    if not len(found) or not np.isfinite(profile.mean_v_gsr[found[0]]):
        return "not a bin of this run"
    mean, error = float(profile.mean_v_gsr[found[0]]), float(profile.mean_v_gsr_error[found[0]])
    return f"the mean of this bin is {mean:.1f} ± {error:.1f} km/s in this run".replace("-", "\N{MINUS SIGN}")


def _n_points(case: Case) -> str:
    same = case.ours.values == case.entry.values
    return SAME if same else "a bin with too few stars is left out, or other bins are set"


_OF_FITS: Final[Mapping[str, Callable[[Case], str]]] = {
    "m_vir": _mass,
    "c": _concentration,
    "r_vir": _radius,
    "m100": _mass_within,
}
_SPECIAL: Final[Mapping[str, Callable[[Case], str]]] = {
    "overestimate": _overestimate,
    "n_stars": _n_stars,
    "n_beyond_40": _n_stars,
    "n_points": _n_points,
    "mean_v": _mean_v,
    "v_error": _v_error,
    "distance_error": _distance_error,
    "bhb_radius": _bhb,
    "eq1": _eq1,
    "log_g": _giants,
    "teff_min": _giants,
    "teff_max": _giants,
    "members": _members,
    "asymmetric_1": _asymmetric,
    "asymmetric_2": _asymmetric,
}
