"""The numbers and tables of the page `how-to-choose`: ideal surveys, and a small study of simulated ones."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
from generate import ideal
from generate.layout import percent, table
from generate.theory import HALO, variance_slope

from haloscale import bias, cosmology, jeans, mock
from haloscale.anisotropy import Constant
from haloscale.bias.catalogue import columns, fit_catalogue
from haloscale.bias.summary import PAPER_RATIO, statistics
from haloscale.records import DispersionProfile, Floats
from haloscale.reproduce.printed import printed, printed_value
from haloscale.tracer import PowerLaw

N_CATALOGUES = 40
SLOPES = (-3.5, -4.0, -4.5, -5.0)
BETAS = (0.0, 0.3, 0.5, 0.7, 0.9)
PAPER_STARS, PAPER_STARS_BEYOND_40 = (round(printed_value(key)) for key in ("n_stars", "n_beyond_40"))
"""Of Zhai et al. (2018); 40 kpc is an edge of their bins."""
NAMES = {
    "sigma": "`sigma`",
    "finite_difference": "`v_circ`, `finite_difference`",
    "spline": "`v_circ`, `spline`",
    "polynomial": "`v_circ`, `polynomial`",
}


def tables() -> dict[str, str]:
    """The tables, by name of their file."""
    return {
        "routes": routes(),
        "routes_beta": routes(beta=0.3),
        "assumed_isotropic": assumed_isotropic(),
        "assumed_projection": assumed_projection(),
        "assumed_slope": assumed_slope(),
        "estimator": estimator(),
        "one_at_a_time": one_at_a_time(),
        "stars": stars(),
    }


def numbers() -> dict[str, str]:
    """The numbers in the text, by name."""
    radial = study(0.3)["ratios"]["m_vir / truth"]["sigma"]
    isotropic = study(0.0)
    sigma, total = (isotropic["ratios"][f"{name} / truth"]["sigma"] for name in ("m_vir", "m_within_100kpc"))
    worst, fitted = ideal.fit(truth(0.3, -4.0), {}), printed("m_vir_sigma")
    by_definition = float(cosmology.convert(HALO, cosmology.density_threshold("200m"))[0])
    low, high = mass_errors(PAPER_STARS, PAPER_STARS_BEYOND_40, mock.Truth(halo=HALO))
    return {
        "n_catalogues": f"{N_CATALOGUES}",
        "stars_in_bins": f"{isotropic['stars_in_bins']['median']:,.0f}",
        "bias_sigma": percent(sigma["mean"], 1),
        "bias_sigma_error": f"{100 * sigma['standard_error']:.1f} %",
        "scatter_m_vir": f"{100 * sigma['scatter']:.0f} %",
        "scatter_m100": f"{100 * total['scatter']:.0f} %",
        "bias_radial": f"{100 * (radial['mean'] - 1):.0f}",
        "bias_radial_error": f"{100 * radial['standard_error']:.0f} %",
        "chi2_radial": f"{worst.chi2:.1f}",
        "significance": f"{np.sqrt(worst.chi2):.0f}",
        "ideal_radial": f"{100 * (worst.m_vir - 1):.0f} %",
        "ideal_right": percent(ideal.fit(truth(0.0, -4.0), {}).m_vir),
        "ideal_algebra": percent(ideal.fit(truth(0.0, -4.0), {}).m_vir, 1),
        "slope_of_variance": f"{variance_slope():.2f}".replace("-", "−"),
        "paper_ratio": f"{PAPER_RATIO:g}",
        "paper_low": f"{100 * low:.0f}",
        "paper_high": f"{100 * high:.0f}",
        "paper_stars": f"{PAPER_STARS:,}",
        "paper_far": f"{PAPER_STARS_BEYOND_40}",
        "printed_high": f"{100 * fitted.plus / fitted.value:.0f}",
        "printed_low": f"{100 * fitted.minus / fitted.value:.0f}",
        "true_m_vir": f"{mock.Truth().halo.m_vir / 1e12:g}",
        "true_c": f"{mock.Truth().halo.c:g}",
        "definition": f"{100 * (by_definition / HALO.m_vir - 1):.0f} %",
        "n_ideal": f"{ideal.N_STARS:,}",
    }


def truth(beta: float, log_slope: float) -> mock.Truth:
    """The default halo with another tracer."""
    return mock.Truth(tracer=PowerLaw(log_slope=log_slope), anisotropy=Constant(beta=beta))


@cache
def study(beta: float) -> dict[str, Any]:
    """A bias study as `haloscale bias --n 40 --truth beta=...` makes it, in this process."""
    design = bias.design(N_CATALOGUES, truth={"beta": beta})
    rows = [fit_catalogue(design, index) for index in range(design.n)]
    return bias.summarise(design, {name: np.array([row[name] for row in rows]) for name in columns()})


def routes(beta: float = 0.0) -> str:
    """Fitted over true mass by route, and over the mass of the route sigma."""
    ratios, rows = study(beta)["ratios"], []
    against = ratios["m_vir / m_vir of route sigma"]
    for route, found in ratios["m_vir / truth"].items():
        other = against.get(route, statistics(np.ones(2)))
        share = "" if route == "sigma" else f"{other['fraction_above'] * other['n']:.0f} of {other['n']}"
        total = ratios["m_within_100kpc / truth"][route]
        cells = (percent(found["mean"], 1), f"{100 * found['standard_error']:.1f} %", f"{100 * found['scatter']:.0f} %")
        rows.append((NAMES[route], *cells, percent(total["mean"], 1), f"{100 * total['scatter']:.0f} %", share))
    head = (
        "route",
        "bias of m_vir",
        "its error",
        "scatter",
        "bias of M(<100 kpc)",
        "scatter",
        f"above {PAPER_RATIO:g}",
    )
    return table(head, rows)


def assumed_isotropic() -> str:
    """What beta = 0 costs where the truth is another beta, and what the true beta leaves."""
    rows = []
    for beta in BETAS:
        wrong = ideal.fit(truth(beta, -4.0), {})
        right = ideal.fit(truth(beta, -4.0), {"anisotropy.beta": beta, "jeans.projection": "per_star"})
        cells = (percent(wrong.m_vir), percent(wrong.c), percent(wrong.m_within_100kpc), f"{wrong.chi2:.1f}")
        rows.append((f"{beta:g}", *cells, percent(right.m_vir)))
    return table(("true beta", "m_vir", "c", "M(<100 kpc)", "χ²", "m_vir with the true beta, `per_star`"), rows)


def assumed_projection() -> str:
    """What each projection costs where beta is known."""
    rows = []
    for beta in BETAS[1:]:
        given = {"anisotropy.beta": beta}
        fits = [ideal.fit(truth(beta, -4.0), {**given, "jeans.projection": name}) for name in jeans.PROJECTIONS]
        rows.append((f"{beta:g}", *(f"{percent(fit.m_vir)} (χ² {fit.chi2:.1f})" for fit in fits)))
    return table(("beta, known", *(f"`{name}`" for name in jeans.PROJECTIONS)), rows)


def assumed_slope() -> str:
    """Bias of m_vir where log_slope = -4 is assumed, against the true slope."""
    rows = []
    for log_slope in (-3.0, *SLOPES):
        fit = ideal.fit(truth(0.0, log_slope), {})
        rows.append(
            (f"{log_slope:g}", percent(fit.m_vir), percent(fit.c), percent(fit.m_within_100kpc), f"{fit.chi2:.1f}")
        )
    return table(("true log_slope", "m_vir", "c", "M(<100 kpc)", "χ²"), rows)


def estimator() -> str:
    """M(<50 kpc) at a fixed sigma_r against slope and beta, over that for slope -4 and beta 0."""
    kappa = variance_slope()

    def factor(log_slope: float, beta: float) -> float:
        return -log_slope - 2.0 * beta - kappa

    rows = []
    for log_slope in SLOPES:
        rows.append((f"{log_slope:g}", *(percent(factor(log_slope, b) / factor(-4.0, 0.0)) for b in BETAS)))
    return table(("log_slope", *(f"beta = {b:g}" for b in BETAS)), rows)


def one_at_a_time() -> str:
    """How the fit of one isotropic halo moves with each assumption."""
    base = ideal.fit(truth(0.0, -4.0), {})
    changes: Mapping[str, Mapping[str, Any]] = {
        "beta = 0.3": {"anisotropy.beta": 0.3},
        "beta = 0.3, `per_star`": {"anisotropy.beta": 0.3, "jeans.projection": "per_star"},
        "log_slope = −3.5": {"tracer.log_slope": -3.5},
        "log_slope = −5": {"tracer.log_slope": -5.0},
        "disk mass × 0.8": {"mass.disk.m": 0.8 * 6.8e10},
        "disk mass × 1.2": {"mass.disk.m": 1.2 * 6.8e10},
        "disk scale length × 1.2": {"mass.disk.b": 1.2 * 2.5},
        "no bulge": {"mass.bulge.m": 0.0},
        "`gnfw`, gamma = 0.5": {"mass.halo.profile": "gnfw", "mass.halo.gamma": 0.5},
        "`einasto`, alpha = 0.16": {"mass.halo.profile": "einasto", "mass.halo.alpha": 0.16},
        "`burkert`": {"mass.halo.profile": "burkert"},
    }
    rows = []
    for name, settings in changes.items():
        fit = ideal.fit(truth(0.0, -4.0), settings)
        ratios = (fit.m_vir / base.m_vir, fit.c / base.c, fit.m_within_100kpc / base.m_within_100kpc)
        rows.append((name, *map(percent, ratios), f"{fit.chi2 - base.chi2:+.1f}".replace("-", "−")))
    return table(("changed to", "m_vir", "c", "M(<100 kpc)", "change of χ²"), rows)


def stars() -> str:
    """Error of m_vir against the number of stars in bins."""
    rows = []
    for n in (300, 1000, 3000, 10_000, 30_000, 100_000):
        deep, shallow = mass_errors(n), mass_errors(n, round(n * PAPER_STARS_BEYOND_40 / PAPER_STARS))
        rows.append((f"{n:,}", *(f"+{100 * high:.0f} −{100 * low:.0f} %" for low, high in (deep, shallow))))
    return table(("stars in bins", "every star with \\|z\\| > 5 kpc", "5 % of them beyond 40 kpc"), rows)


def mass_errors(n: int, n_far: int | None = None, of: mock.Truth | None = None) -> tuple[float, float]:
    """68 % limits of m_vir, down and up, as fractions of its median; `n_far` of the `n` stars are beyond 40 kpc."""
    measured = ideal.profile(of or mock.Truth(), ideal.paper_edges(), n)
    found = ideal.posterior(ideal.config({}), measured if n_far is None else _with_far_stars(measured, n, n_far))
    low, high = np.log([1e11, 1.0]), np.log([1e13, 100.0])
    for size in (80, 80, 160):  # cells in ln m_vir and in ln c; each grid covers where the one before is not negligible
        step = (high - low) / size
        axes = low + step * (np.arange(size)[:, None] + 0.5)
        grid = np.stack(np.meshgrid(*axes.T, indexing="ij"), axis=-1)
        height = found.log_posterior_free(grid.reshape(-1, 2)).reshape(size, size)
        heavy = np.argwhere(height > height.max() - 16.0)
        if size == 80:
            low, high = (
                low + step * np.clip(heavy.min(axis=0) - 1, 0, None),
                low + step * np.clip(heavy.max(axis=0) + 2, 0, size),
            )
    cumulative = np.append(0.0, np.cumsum(np.exp(height - height.max()).sum(axis=1)))
    ends = low[0] + step[0] * np.arange(size + 1)
    median, lower, upper = np.exp(np.interp(np.array([0.5, 0.1587, 0.8413]) * cumulative[-1], cumulative, ends))
    return float(1.0 - lower / median), float(upper / median - 1.0)


def _with_far_stars(measured: DispersionProfile, n: int, n_far: int) -> DispersionProfile:
    """The profile with `n_far` of its `n` stars beyond 40 kpc, the shares of the bins on either side kept."""
    far = measured.r > 40.0
    wanted = np.where(far, n_far, n - n_far)
    share = measured.n / np.where(far, measured.n[far].sum(), measured.n[~far].sum())
    error: Floats = measured.sigma_los / np.sqrt(2.0 * wanted * share)
    return replace(measured, sigma_los_lower=measured.sigma_los - error, sigma_los_upper=measured.sigma_los + error)
