"""The numbers and tables of the page `theory`."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from generate import ideal
from generate.layout import percent, power, table
from scipy.integrate import quad

from haloscale import cosmology, jeans, mock
from haloscale.anisotropy import BaesVanHese, Constant, Cuddeford, MamonLokas, OsipkovMerritt, Tiret
from haloscale.anisotropy.base import anisotropies
from haloscale.constants import G
from haloscale.dispersion.gaussian import Gaussian
from haloscale.dispersion.paper_mcmc import sigma_by_emcee
from haloscale.jeans.differential import v_circ_squared
from haloscale.jeans.slopes import slope_matrix
from haloscale.jeans.spherical import N_NODES
from haloscale.mass import NFW, ExponentialDisk, Hernquist
from haloscale.reproduce.printed import printed_value
from haloscale.tracer import BrokenPowerLaw, Einasto, PowerLaw

RADII = np.array([5.0, 8.0, 12.0, 20.0, 32.0, 50.0, 80.0, 120.0])
BETAS = (0.0, 0.3, 0.5, 0.7, 0.9)
HALO = NFW(m_vir=printed_value("m_vir_sigma"), c=printed_value("c_sigma"))
BARYONS = ExponentialDisk(m=6.8e10, b=2.5) + Hernquist(m=0.5e10, a=0.6)
"""The best fit of Zhai et al. (2018) for beta = 0."""
PRINTED = {
    name: (printed_value(f"m_vir_{key}"), printed_value(f"r_vir_{key}"))
    for key, name in (("sigma", "β = 0, from σ"), ("v_circ", "β = 0, from V_circ"), ("beta03", "β = 0.3"))
}
"""m_vir [Msun] and r_vir [kpc] as Zhai et al. (2018) print them."""
H0_RIESS = 73.24

FACTORS: Mapping[str, tuple[str, str, Any]] = {
    "constant": (r"\beta", r"r^{2\beta}", Constant(beta=0.5)),
    "osipkov_merritt": (r"\frac{r^2}{r^2 + r_a^2}", r"r^2 + r_a^2", OsipkovMerritt(r_a=20.0)),
    "mamon_lokas": (r"\frac{r}{2(r + r_a)}", r"r + r_a", MamonLokas(r_a=20.0)),
    "tiret": (
        r"\beta_0 + (\beta_\infty - \beta_0)\frac{r}{r + r_\beta}",
        r"r^{2\beta_0} (r + r_\beta)^{2(\beta_\infty - \beta_0)}",
        Tiret(beta_0=0.0, beta_inf=0.8, r_beta=20.0),
    ),
    "cuddeford": (
        r"\frac{r^2 + \beta_0 r_a^2}{r^2 + r_a^2}",
        r"r^{2\beta_0} (r^2 + r_a^2)^{1 - \beta_0}",
        Cuddeford(beta_0=-0.3, r_a=20.0),
    ),
    "baes_van_hese": (
        r"\frac{\beta_0 + \beta_\infty (r/r_a)^\eta}{1 + (r/r_a)^\eta}",
        r"r^{2\beta_0} \left[1 + (r/r_a)^\eta\right]^{2(\beta_\infty - \beta_0)/\eta}",
        BaesVanHese(beta_0=0.5, beta_inf=-0.2, r_a=20.0, eta=3.0),
    ),
}
"""beta(r), g(r) and an example of each registered anisotropy."""


def tables() -> dict[str, str]:
    """The tables, by name of their file."""
    return {
        "quadrature": quadrature(),
        "panels": panels(),
        "factors": factors(),
        "sigma_r": sigma_r(),
        "projection": projection(),
        "printed_radii": printed_radii(),
        "definitions": definitions(),
        "few_stars": few_stars(),
    }


def numbers() -> dict[str, str]:
    """The numbers in the text, by name."""
    edges = ideal.paper_edges()
    last = ideal.profile(mock.Truth(), edges)
    v_error, sigma = 7.0, 120.0
    disk, bulge = BARYONS.parts
    return {
        "m_halo": f"{HALO.m_vir / 1e12:g}",
        "c_halo": f"{HALO.c:g}",
        "m_disk": f"{disk.m / 1e10:g}",
        "m_bulge": f"{bulge.m / 1e10:g}",
        "radii": f"{len(RADII)} radii from {RADII[0]:g} to {RADII[-1]:g} kpc",
        "bracket": f"{4.0 - variance_slope():.1f}",
        "n_nodes": f"{N_NODES}",
        "round_trip": power(round_trip()),
        "mean_sky": power(sky_check()),
        "sin2_low": percent(min(footprint_ratios())),
        "sin2_high": percent(max(footprint_ratios())),
        "emcee_difference": f"{emcee_difference():.2f}",
        "critical_density": f"{cosmology.critical_density(70.0):.2f}",
        "error_share": f"{np.hypot(sigma, v_error) - sigma:.1f}",
        "last_middle": f"{last.r[-1]:.0f}",
        "last_mean": f"{last.r_mean[-1]:.1f}",
        "total_within_r_vir": f"{(HALO + BARYONS).enclosed_mass(HALO.r_vir) / 1e12:.3f}",
        "total_within_100": f"{(HALO + BARYONS).enclosed_mass(100.0) / 1e12:.3f}",
        "halo_within_100": f"{HALO.enclosed_mass(100.0) / 1e12:.3f}",
        "h0_printed": f"{min(printed_h0()):.1f} to {max(printed_h0()):.1f}",
        "overdensity_printed": "{:.0f} to {:.0f}".format(*sorted(200.0 * (h / 70.0) ** 2 for h in extremes())),
        "derivative_step": percent(1.0 + derivative_error(), 1),
    }


def reference(mass: Any, tracer: Any, anisotropy: Any, r: float) -> float:
    """sigma_r^2 [(km/s)^2] at r [kpc] by adaptive quadrature in ln s, split wherever a model bends."""

    def integrand(t: float) -> float:
        s = r * np.exp(t)
        kernel = float(tracer.density_ratio(s, r)) * float(anisotropy.factor_ratio(s, r))
        return kernel * G * float(mass.enclosed_mass(s)) / s

    ends = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 40.0)
    bends = (float(np.log(at / r)) for at in getattr(tracer, "breaks", ()))
    steps = sorted({*ends, *(t for t in bends if 0.0 < t < ends[-1])})
    parts = (quad(integrand, a, b, epsabs=0.0, epsrel=1e-12, limit=200)[0] for a, b in pairwise(steps))
    return sum(parts)


def worst_error(tracer: Any, anisotropy: Any, variance: Callable[..., Any]) -> float:
    """Largest relative error of sigma_r over `RADII`."""
    mass = HALO + BARYONS
    exact = np.array([reference(mass, tracer, anisotropy, float(r)) for r in RADII])
    return float(np.abs(np.sqrt(variance(mass, tracer, anisotropy, RADII) / exact) - 1.0).max())


def quadrature() -> str:
    """Errors of fixed nodes for scale-free pairs, with and without the substitution."""
    rows = []
    for log_slope, beta in ((-4.0, 0.0), (-4.0, 0.3), (-3.5, 0.5), (-3.5, 0.9), (-2.5, 0.9)):
        pair = PowerLaw(log_slope=log_slope), Constant(beta=beta)
        errors = [worst_error(*pair, _nodes(n)) for n in (8, 16, 32)]
        plain = worst_error(*pair, _without_substitution)
        p = -log_slope - 2.0 * beta
        rows.append((f"{log_slope:g}", f"{beta:g}", f"{p:.1f}", *map(power, errors), power(plain)))
    return table(("log_slope", "beta", "p", "8 nodes", "16 nodes", "32 nodes", "16 nodes in u"), rows)


def panels() -> str:
    """Errors of the panels for everything else."""
    line, isotropic = PowerLaw(log_slope=-4.0), Constant(beta=0.0)
    pairs = (
        ("broken power law, width 0", BrokenPowerLaw(width=0.0), isotropic),
        ("broken power law, width 0.1", BrokenPowerLaw(width=0.1), isotropic),
        ("Einasto tracer", Einasto(), Constant(beta=0.5)),
        ("power law, Osipkov-Merritt", line, OsipkovMerritt(r_a=20.0)),
        ("power law, Tiret", line, Tiret(beta_0=0.0, beta_inf=0.8, r_beta=20.0)),
    )
    rows = ((name, power(worst_error(*pair, jeans.variance_r))) for name, *pair in pairs)
    return table(("tracer and anisotropy", "largest error of sigma_r"), rows)


def _nodes(n: int) -> Callable[..., Any]:
    return lambda *models: jeans.variance_r(*models, n_nodes=n)


def _without_substitution(mass: Any, tracer: Any, anisotropy: Any, r: Any) -> Any:
    x, weights = np.polynomial.legendre.leggauss(16)
    u = (x + 1.0) / 2.0
    kernel = weights / 2.0 * tracer.density_ratio(1.0 / u, 1.0) * anisotropy.factor_ratio(1.0 / u, 1.0)
    return G / r * (kernel @ mass.enclosed_mass(r / u[:, None]))


def factors() -> str:
    """beta, g, and how well the code's g agrees with the integral of the code's beta, for all that is registered."""
    rows = []
    for name in anisotropies:
        beta, factor, example = FACTORS[name]
        rows.append((f"`{name}`", f"${beta}$", f"${factor}$", power(_factor_error(example))))
    return table(("model", "beta(r)", "g(r)", "largest error of g"), rows)


def _factor_error(model: Any) -> float:
    def integral(r: float) -> float:
        return quad(lambda t: float(model.beta_at(np.exp(t))), np.log(10.0), np.log(r), epsabs=1e-14, epsrel=1e-13)[0]

    return max(abs(float(model.factor_ratio(r, 10.0)) / np.exp(2.0 * integral(r)) - 1.0) for r in map(float, RADII))


def sigma_r() -> str:
    """sigma_r of the paper's best fit against radius and anisotropy."""
    radii = (8.0, 20.0, 40.0, 80.0)
    rows = []
    for beta in BETAS:
        sigma = jeans.sigma_r(HALO + BARYONS, PowerLaw(log_slope=-4.0), Constant(beta=beta), np.array(radii))
        rows.append((f"{beta:g}", *(f"{s:.1f}" for s in sigma)))
    return table(("beta", *(f"{r:g} kpc" for r in radii)), rows)


def projection() -> str:
    """H and sigma_los / sigma_r against radius."""
    rows = []
    for r in (6.5, 12.0, 20.0, 40.0, 80.0):
        h = float(jeans.uniform_sky(r, 8.0))
        ratios = (np.sqrt(jeans.los_factor(beta, h)) for beta in BETAS[1:])
        rows.append((f"{r:g}", f"{h:.4f}", f"{ideal.sky_mean_sin2_psi(r):.4f}", *(f"{x:.3f}" for x in ratios)))
    return table(("r [kpc]", "H", "\\|z\\| > 5 kpc", *(f"beta = {b:g}" for b in BETAS[1:])), rows)


def sky_check() -> float:
    """Largest difference between H and the average over the sphere by brute force."""
    return max(abs(ideal.sky_mean_sin2_psi(r, z_min=0.0) - float(jeans.uniform_sky(r, 8.0))) for r in (4.0, 12.0, 40.0))


def footprint_ratios() -> list[float]:
    """Mean sin^2 psi of the stars outside |z| < 5 kpc over that of the whole sphere."""
    return [ideal.sky_mean_sin2_psi(r) / float(jeans.uniform_sky(r, 8.0)) for r in (10.0, 14.0, 20.0, 30.0, 50.0)]


def round_trip() -> float:
    """Largest relative difference between V_circ and what Eq. 9 makes of the integral's sigma_r, at beta = 0.3."""
    mass, tracer, anisotropy, step = HALO + BARYONS, PowerLaw(log_slope=-4.0), Constant(beta=0.3), 1e-4
    inner, here, outer = (jeans.variance_r(mass, tracer, anisotropy, RADII * np.exp(k * step)) for k in (-1, 0, 1))
    slope = np.log(outer / inner) / (2.0 * step)
    squared = v_circ_squared(np.sqrt(here), tracer.log_slope_at(RADII), slope, anisotropy.beta_at(RADII))
    return float(np.abs(np.sqrt(squared) / mass.v_circ(RADII) - 1.0).max())


def derivative_error() -> float:
    """Largest error of V_circ by finite differences of exact dispersions at the middles of the paper's bins."""
    edges, tracer, isotropic = ideal.paper_edges(), PowerLaw(log_slope=-4.0), Constant(beta=0.0)
    r = (edges[1:] + edges[:-1]) / 2.0
    variance = jeans.variance_r(HALO + BARYONS, tracer, isotropic, r)
    slope = slope_matrix("finite_difference", np.log(r), np.log(variance), np.ones(len(r))) @ np.log(variance)
    ratio = np.sqrt(v_circ_squared(np.sqrt(variance), tracer.log_slope_at(r), slope, isotropic.beta_at(r)))
    return float(np.abs(ratio / (HALO + BARYONS).v_circ(r) - 1.0).max())


def printed_h0() -> Iterable[float]:
    """The Hubble constants that turn the printed masses into the printed radii, each rounded to 1 kpc."""
    return (_h0_of(m, r) for m, r in PRINTED.values())


def extremes() -> tuple[float, float]:
    """The lowest and the highest of them."""
    return min(printed_h0()), max(printed_h0())


def _h0_of(m_vir: float, r_vir: float) -> float:
    return 70.0 * (float(cosmology.virial_radius(m_vir)) / r_vir) ** 1.5


def printed_radii() -> str:
    """r_vir as printed and as Eq. 16 gives it."""
    rows = []
    for name, (m_vir, r_vir) in PRINTED.items():
        ours = (f"{cosmology.virial_radius(m_vir, h0=h0):.1f}" for h0 in (70.0, H0_RIESS))
        rows.append((name, f"{m_vir / 1e12:g}", f"{r_vir:g}", *ours))
    return table(("fit", "m_vir [10¹² M☉]", "r_vir printed", "H0 = 70", f"H0 = {H0_RIESS:g}"), rows)


def variance_slope() -> float:
    """d ln sigma_r^2 / d ln r of the paper's best fit at 50 kpc."""
    r = 50.0 * np.exp(np.array([-1e-3, 1e-3]))
    low, high = jeans.variance_r(HALO + BARYONS, PowerLaw(log_slope=-4.0), Constant(beta=0.0), r)
    return float(np.log(high / low) / 2e-3)


def definitions() -> str:
    """The halo of the paper's best fit under other definitions of its edge."""
    edges = (
        ("200c", "200 × critical, H0 = 70", cosmology.density_threshold("200c")),
        ("bn98", "Bryan & Norman (1998), Ω_m = 0.3", cosmology.density_threshold("bn98")),
        ("340 × 0.3, H0 = 65", "Xue et al. (2008)", cosmology.density_threshold(340.0 * 0.3, 65.0)),
        ("200m", "200 × mean matter, Ω_m = 0.3", cosmology.density_threshold("200m")),
    )
    rows = []
    for name, words, threshold in edges:
        m, r, c = (float(x) for x in cosmology.convert(HALO, threshold))
        rows.append((name, words, f"{m / 1e12:.3f}", f"{r:.1f}", f"{c:.1f}", percent(m / HALO.m_vir)))
    return table(("name", "edge", "m [10¹² M☉]", "r [kpc]", "c", "against 200c"), rows)


def few_stars() -> str:
    """The exact posterior against the usual error for large N."""
    rows = []
    for n in (5, 10, 30, 100, 1000):
        v = 100.0 * np.ones(n)  # only the sum of squares counts
        median, lower, upper = Gaussian().estimate(v, np.zeros(n))
        usual = 100.0 / np.sqrt(2.0 * n)
        rows.append((f"{n}", f"{median:.1f}", f"−{median - lower:.1f} +{upper - median:.1f}", f"± {usual:.1f}"))
    return table(("stars", "median", "68 % limits", "rms / √(2N)"), rows)


@cache
def emcee_difference() -> float:
    """Largest difference of the three quantiles between chain and exact posterior, in posterior half-widths."""
    rng = np.random.default_rng(2018)
    v = rng.normal(0.0, 110.0, 300)
    exact = np.array(Gaussian().estimate(v, np.zeros(300)))
    chain = np.percentile(sigma_by_emcee(v, np.zeros(300), rng), [50.0, 15.87, 84.13])
    return float(np.abs(chain - exact).max() / ((exact[2] - exact[1]) / 2.0))
