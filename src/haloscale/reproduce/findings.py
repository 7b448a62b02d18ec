"""What a reader of the paper should know, computed: a few paragraphs."""

from math import sqrt

from haloscale.mock.bias import DEPTH_LIMITED, SCATTER
from haloscale.reproduce.facts import FITS, Facts, is_known
from haloscale.reproduce.printed import printed, printed_value
from haloscale.reproduce.reasons import distribution, percent

_MARGIN = 0.1
"""Relative difference below which two widths are called the same."""


def findings(facts: Facts) -> list[tuple[str, str]]:
    """(title, text) of each."""
    return [
        ("The virial radius", _radius(facts)),
        ("The error bars", _errors(facts)),
        ("The 15 per cent", _excess(facts)),
        ("β = 0.3 without a derivative", _integral(facts)),
        ("What M(<100 kpc) counts", _within(facts)),
        ("Red flag: the rotation at the Sun", _rotation(facts)),
        ("Velocity errors", _velocity_errors(facts)),
    ]


def _radius(facts: Facts) -> str:
    radii = ", ".join(f"{fit.r_vir:.1f}" for fit in facts.fits.values())
    stated = ", ".join(f"{printed_value(f'r_vir_{ending}'):.0f}" for ending in FITS.values())
    (low, high), (less, more) = facts.h0, facts.overdensity
    return (
        f"H0 = {printed_value('h0'):g} km/s/Mpc and {printed_value('overdensity'):g} × critical, as stated, give "
        f"{radii} kpc for the three printed masses; the paper prints {stated}. All three follow from H0 = {low:.2f} to "
        f"{high:.2f} km/s/Mpc, or from an overdensity of {less:.1f} to {more:.1f}; which, the paper does not say."
    )


def _errors(facts: Facts) -> str:
    theirs, mine = facts.width["beta0_sigma"]
    n, entry = f"{printed_value('n_stars'):,.0f} stars", printed("m_vir_sigma")
    scaled = mine * sqrt(facts.n_used / printed_value("n_stars"))
    if not is_known(scaled) or scaled == 0:
        return "m_vir is fixed in this run."
    if abs(theirs / scaled - 1) < _MARGIN:
        verdict = f"are what {n} give"
    else:
        side = "wider" if theirs > scaled else "narrower"
        verdict = f"are {side} than what {n} give, {theirs / scaled:.1f} times as large"
    return (
        f"The paper's +{entry.plus / 1e12:.2f} \N{MINUS SIGN}{entry.minus / 1e12:.2f} is {100 * theirs:.1f} % of its "
        f"m_vir. The posterior of our {facts.n_used:,} stars has {100 * mine:.1f} %, which scales to "
        f"{100 * scaled:.1f} % for {n} spread alike; the answers for simulated catalogues of that size scatter by "
        f"{100 * SCATTER[DEPTH_LIMITED]:.0f} %. The printed errors {verdict}; why, the paper does not say."
    )


def _excess(facts: Facts) -> str:
    theirs = printed_value("m_vir_v_circ") / printed_value("m_vir_sigma") - 1
    return (
        f"The paper's fit to V_circ is {percent(theirs, 1)} against its fit to sigma_los; ours is "
        f"{percent(facts.excess, 1)}. Both are one draw. {distribution(facts)}"
    )


def _integral(facts: Facts) -> str:
    text = (
        "The paper differentiates because β is not 0, but the Jeans equation can be integrated for any β. With the "
        f"same stars and β = 0.3 the integral gives {percent(facts.integral_over_derivative - 1, 1)} in m_vir against "
        "the derivative. It keeps sigma_r = sigma_los as the paper does, so that the two differ by the derivative alone"
    )
    if not is_known(facts.projection_in_mass):
        return f"{text}."
    changed = percent(facts.projection_in_mass, 1)
    return f"{text}; with sigma_r projected by the stars' own geometry (per_star) m_vir changes by {changed}."


def _within(facts: Facts) -> str:
    fit = facts.fits["beta0_sigma"]
    total, halo, virial = (f"{x / 1e12:.3f} × 10¹² M☉" for x in (fit.total_mass, fit.halo_mass, fit.total_virial))
    return (
        f"The printed fit for β = 0 has {total} within 100 kpc, stars included, and {halo} of dark matter; the paper "
        f"prints {printed_value('m100_sigma') / 1e12:g} × 10¹²: the total. Its M_vir is of the halo alone (Eq. 16): "
        f"within r_vir the same model holds {virial}."
    )


def _rotation(facts: Facts) -> str:
    speeds = ", ".join(f"{fit.v_circ:.0f}" for fit in facts.fits.values())
    return (
        f"With the paper's own constants the three printed fits have V_circ = {speeds} km/s at 8 kpc, while Eq. 1 "
        f"assumes {printed_value('v_lsr'):g} km/s for the local standard of rest: the model is not tied to the "
        "rotation for which its velocities are corrected."
    )


def _velocity_errors(facts: Facts) -> str:
    if not is_known(facts.errors_in_sigma):
        return "They are removed in this run."
    return (
        f"The paper leaves them in sigma_los. Without them sigma_los is lower by {facts.errors_in_sigma:.2f} km/s "
        f"(median of the bins), and m_vir changes by {percent(facts.errors_in_mass, 1)}."
    )
