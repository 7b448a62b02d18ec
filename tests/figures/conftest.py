"""Runs made of random numbers: enough to draw, not meant to be physics."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from haloscale import records as rec

EDGES = (5, 8, 10, 14, 18, 22, 26, 30, 35, 40, 60, 80, 120)
LABELS = {
    "m_vir": ("solMass", r"$M_{\rm vir}$", {"prior": "log_uniform", "low": 1e11, "high": 1e13}, 1.08e12, 0.13),
    "c": ("", "c", {"prior": "log_uniform", "low": 1.0, "high": 100.0}, 18.5, 0.17),
    "beta": ("", r"$\beta$", {"prior": "uniform", "low": -0.45, "high": 0.9}, 0.3, 0.2),
    "log_slope": ("", r"$\gamma$", {"prior": "normal", "mean": -4.0, "sd": 0.3}, -4.0, 0.05),
    "disk_m": ("solMass", r"$M_{\rm disk}$", {"prior": "log_normal", "mean": 24.94, "sd": 0.1}, 6.8e10, 0.1),
}


def make_sample(rng: np.random.Generator, n: int, edges: tuple[float, ...]) -> rec.Sample:
    r = np.clip(5 * rng.random(n) ** -0.75, 5, 0.999 * max(edges))
    up = rng.normal(size=(n, 3))
    up /= np.linalg.norm(up, axis=1)[:, None]
    x, y, z = (r[:, None] * up).T
    inside = np.searchsorted(edges, r, side="right") - 1
    inside = np.where((r >= edges[0]) & (r < edges[-1]), inside, -1)
    group = np.where(rng.random(n) < 0.03, rng.integers(0, 4, n), -1)
    return rec.Sample(
        row=np.arange(n), l=rng.uniform(0, 360, n), b=rng.uniform(-90, 90, n), distance=r, distance_error=0.13 * r,
        x=x, y=y, z=z, r=r, v_helio=rng.normal(0, 150, n), v_helio_error=np.full(n, 7.0),
        v_gsr=rng.normal(-3, 130 * (r / 10) ** -0.12, n), sin2_psi=np.full(n, 0.1), group_id=group,
        bin=np.where(group >= 0, -1, inside),
    )  # fmt: skip


def make_profile(sample: rec.Sample, edges: tuple[float, ...]) -> rec.DispersionProfile:
    low, high = np.array(edges[:-1], dtype=float), np.array(edges[1:], dtype=float)
    columns: dict[str, list[float]] = {k: [] for k in ("n", "r_mean", "sigma", "error", "mean", "mean_error")}
    for k in range(len(low)):
        v, r = sample.v_gsr[sample.bin == k], sample.r[sample.bin == k]
        sigma = float(np.sqrt(np.mean(v**2))) if len(v) > 1 else np.nan
        values = (len(v), r.mean() if len(r) else np.nan, sigma, sigma / np.sqrt(2 * max(len(v), 1)),
                  v.mean() if len(v) else np.nan, sigma / np.sqrt(max(len(v), 1)))  # fmt: skip
        for name, value in zip(columns, values, strict=True):
            columns[name].append(value)
    c = {k: np.array(v) for k, v in columns.items()}
    return rec.DispersionProfile(
        r_low=low, r_high=high, r=(low + high) / 2, r_mean=c["r_mean"], n=c["n"].astype(int), sigma_los=c["sigma"],
        sigma_los_lower=c["sigma"] - c["error"], sigma_los_upper=c["sigma"] + 1.2 * c["error"], mean_v_gsr=c["mean"],
        mean_v_gsr_error=c["mean_error"], mean_sin2_psi=np.full(len(low), 0.1), in_fit=c["n"] >= 3,
    )  # fmt: skip


def make_chain(rng: np.random.Generator, free: tuple[str, ...], n: int, status: str) -> rec.Chain:
    parameters, columns = [], []
    common = rng.normal(size=n)
    for k, name in enumerate(free):
        unit, label, prior, median, width = LABELS[name]
        parameters.append(rec.Parameter(name, unit, label, f"the {name} of the test", prior))
        deviate = 0.8 * (-1) ** k * common + 0.6 * rng.normal(size=n)
        columns.append(median + width * deviate if name in ("beta", "log_slope") else median * np.exp(width * deviate))
    values = np.array(columns).T if columns else np.empty((n, 0))
    sampling = rec.SamplingStatus(status, 1.002, 5100.0, 31.0, 3000, 200, 0.71)
    return rec.Chain(
        tuple(parameters), values, -0.5 * common**2, np.ones(n), np.arange(n) % 32, np.arange(n) // 32, sampling
    )


def make_bands(profile: rec.DispersionProfile, spread: float) -> rec.MassProfile:
    r = np.geomspace(5, 120, 60)
    sigma = 140 * (r / 10) ** -0.1
    mass = 6e10 * (r / 10) ** 1.1 + 7e10

    def band(y: Any, f: float) -> rec.Band:
        return rec.Band(y, y / (1 + f), y * (1 + f))

    return rec.MassProfile(
        r, band(mass, spread), band(mass - 6.5e10, spread), band(np.sqrt(4.3e-6 * mass / r), spread / 2),
        band(1.02 * sigma, spread / 4), band(sigma, spread / 4),
    )  # fmt: skip


def make_summary(chain: rec.Chain, sample: rec.Sample, profile: rec.DispersionProfile, truth: Any) -> rec.Summary:
    parameters = {}
    for p in chain.parameters:
        lower, median, upper = np.quantile(chain[p.name], [0.16, 0.5, 0.84])
        parameters[p.name] = rec.Estimate(median, lower, upper, p.unit, p.definition)
    for name in ("m_vir", "c"):
        if name not in parameters:
            value = LABELS[name][3]
            parameters[name] = rec.Estimate(value, value, value, LABELS[name][0], f"the {name} of the test", fixed=True)
    definition = "mass within 100 kpc: disk, bulge and dark halo"
    derived = {
        "r_vir": rec.Estimate(205.0, 196.0, 215.0, "kpc", "virial radius"),
        "m_within_60kpc": rec.Estimate(5.1e11, 4.8e11, 5.5e11, "solMass", "mass within 60 kpc"),
        "m_within_100kpc": rec.Estimate(8.0e11, 7.3e11, 8.9e11, "solMass", definition),
    }
    removed = int(np.sum((sample.group_id >= 0) & (sample.bin < 0)))
    return rec.Summary(
        parameters, derived, 3 * len(sample) + 40, len(sample), removed, int(profile.n.sum()), 11.3,
        int(profile.in_fit.sum()),
        chain.sampling, "zhai2018", 1, "0.1.0", ("one bin is left out of the fit: it holds 1 star",), truth or {},
    )  # fmt: skip


def make_config(simulated: bool) -> dict[str, Any]:
    free = {k: LABELS[k][2] for k in ("m_vir", "c")}
    return {
        "catalogue": {"path": "stars.csv", "survey": "generic", "v_offset": 0.0, "simulated": simulated},
        "frame": {"r0": 8.0, "z_sun": 0.0, "v_lsr": 220.0, "solar_motion": [10.0, 5.25, 7.17], "rounded": False},
        "selection": {"z_min": 5.0, "feh_max": -1.0},
        "dispersion": {"edges": list(EDGES), "estimator": "gaussian"},
        "mass": {
            "halo": {"profile": "nfw", **free, "overdensity": 200.0, "h0": 70.0, "omega_m": 1.0},
            "disk": {"profile": "exponential_disk", "m": 6.8e10, "b": 2.5},
            "bulge": {"profile": "hernquist", "m": 0.5e10, "a": 0.6},
        },
        "tracer": {"profile": "power_law", "log_slope": -4.0},
        "anisotropy": {"model": "constant", "beta": 0.0},
        "jeans": {"route": "sigma", "projection": "none"},
        "likelihood": {"kind": "bins"},
        "sampler": {"name": "emcee", "n_walkers": 32, "n_steps": 3000},
    }


@pytest.fixture(scope="session")
def make_run() -> Callable[..., rec.Run]:
    """Build a run: number of stars, bin edges, free parameters, known truth, sampling status, relative band width."""

    def make(
        n: int = 6000,
        edges: tuple[float, ...] = EDGES,
        free: tuple[str, ...] = ("m_vir", "c"),
        truth: Mapping[str, float] | None = None,
        status: str = "reliable",
        spread: float = 0.1,
        n_draws: int = 8000,
    ) -> rec.Run:
        rng = np.random.default_rng(7)
        sample = make_sample(rng, n, edges)
        profile = make_profile(sample, edges)
        chain = make_chain(rng, free, n_draws, status)
        cuts = (
            rec.Cut("z_min", 3 * n + 40, n + 40),
            rec.Cut("feh_max", n + 40, n + 40, False, "no column feh"),
            rec.Cut("r_max", n + 40, n),
        )
        summary = make_summary(chain, sample, profile, truth)
        config = make_config(simulated=bool(truth))
        return rec.Run(config, rec.CutFlow(cuts), sample, profile, chain, make_bands(profile, spread), summary)

    return make


def plant_groups(rng: np.random.Generator, field: rec.Sample, sizes: list[int]) -> rec.Sample:
    """The sample with arcs of stars of one distance and velocity each, numbered by size; the bins count them all."""
    parts: dict[str, list[Any]] = {f.name: [getattr(field, f.name)] for f in fields(rec.Sample) if f.name != "extra"}
    parts["group_id"] = [np.full(len(field), -1)]
    for k, n in enumerate(sizes):
        along = np.linspace(-1, 1, n) * min(0.25 * n, 45)
        r = np.clip(rng.uniform(12, 70) * np.exp(0.1 * rng.normal(size=n)), 5, 119)
        up = rng.normal(size=(n, 3))
        x, y, z = (r[:, None] * up / np.linalg.norm(up, axis=1)[:, None]).T
        v = rng.normal(0, 120) + 15 * rng.normal(size=n)
        made = {
            "l": (rng.uniform(0, 360) + along) % 360, "b": rng.uniform(-70, 70) + 0.2 * along + rng.normal(0, 2, n),
            "distance": r, "distance_error": 0.13 * r, "x": x, "y": y, "z": z, "r": r, "v_helio": v, "v_gsr": v,
            "row": len(field) + np.arange(n), "group_id": np.full(n, k),
        }  # fmt: skip
        for name, values in parts.items():
            values.append(np.clip(made[name], -90, 90) if name == "b" else made.get(name, np.full(n, 7.0)))
    columns = {name: np.concatenate(values) for name, values in parts.items()}
    bins = np.searchsorted(EDGES, columns["r"], side="right") - 1
    return rec.Sample(**{**columns, "bin": np.where(bins < len(EDGES) - 1, bins, -1)})


def make_substructure(sample: rec.Sample, sizes: list[int], pairs: bool, nulls: bool) -> rec.Substructure:
    n = len(sizes)
    names = [("Sagittarius", "unknown", "Virgo", "Hercules-Aquila", "Orphan")[k % 5] for k in range(n)]
    known = np.array([name != "unknown" for name in names], dtype=bool)
    mean = {
        name: np.array([getattr(sample, name)[sample.group_id == k].mean() for k in range(n)], dtype=float)
        for name in ("l", "b", "distance", "v_gsr")
    }
    counts = np.array(sizes, dtype=int)
    groups = rec.Groups(
        group_id=np.arange(n), n_members=counts, removed=counts > 10, **mean, extent=0.1 * counts, length=0.5 * counts,
        distance_spread=0.1 * mean["distance"], v_gsr_spread=np.full(n, 15.0),
        chance=30.0 * np.exp(-counts / 2.0) if nulls else np.full(n, np.nan), structure=tuple(names),
        structure_fraction=np.where(known, 0.8, np.nan), structure_chance=np.where(known, 0.04, np.nan),
    )  # fmt: skip
    low = np.geomspace(0.01, 0.4, 13)[:-1]
    null = 4e4 * low**4 * len(sample) / 4000
    excess = rec.PairExcess(
        low, np.geomspace(0.01, 0.4, 13)[1:], np.round(null * (1 + 0.002 * sum(sizes) / low)), null, np.sqrt(null)
    )
    rates = (0.02, 0.3) if nulls else (np.nan, np.nan)
    settings = {"nu": 0.4, "linking_length": 0.025}
    return rec.Substructure("fof_adaptive", 10, settings, 20 * nulls, *rates, groups, excess if pairs else None)


@pytest.fixture(scope="session")
def make_searched(make_run: Callable[..., rec.Run]) -> Callable[..., rec.Run]:
    """Build a run with groups of the given sizes, largest first; those of more than ten stars are removed."""

    def make(sizes: list[int], n: int = 4000, pairs: bool = True, nulls: bool = True, **options: Any) -> rec.Run:
        run = make_run(n=n, **options)
        everything = plant_groups(np.random.default_rng(5), run.sample, sizes)
        removed = np.isin(everything.group_id, [k for k, size in enumerate(sizes) if size > 10])
        sample = replace(everything, bin=np.where(removed, -1, everything.bin))
        before, after = (make_profile(s, EDGES) for s in (everything, sample))
        shifted = {
            name: e if e.fixed else replace(e, median=1.08 * e.median, lower=1.08 * e.lower, upper=1.08 * e.upper)
            for name, e in {**run.summary.parameters, **run.summary.derived}.items()
        }
        summary = replace(run.summary, n_kept=len(sample), n_removed_substructure=int(removed.sum()))
        return replace(
            run, sample=sample, profile=after, summary=replace(summary, n_in_bins=int(after.n.sum())),
            substructure=make_substructure(sample, sizes, pairs, nulls),
            all_stars=rec.AllStars(before, shifted, run.chain.sampling) if removed.any() else None,
            config={**run.config, "substructure": {"method": "fof_adaptive", "max_members": 10}},
        )  # fmt: skip

    return make


PLACED = (
    *("feh", "feh_error", "gr0", "gr0_error", "rmag0", "rmag0_error", "m_r", "dm_mean", "flag"),
    *("dm_p05", "dm_p16", "dm_p50", "dm_p84", "dm_p95", "catalogue_distance", "catalogue_distance_error"),
)


@pytest.fixture(scope="session")
def make_placed(make_run: Callable[..., rec.Run]) -> Callable[..., rec.Run]:
    """Build a run of giants whose distances were found from simulated photometry; `own`: the catalogue has some too,
    the true ones times this."""
    from haloscale.distance import distance_methods
    from haloscale.mock import simulate_giants

    def make(n: int = 400, own: float | None = None, feh: Any = (-1.5, 0.4), **settings: Any) -> rec.Run:
        stars = simulate_giants(np.random.default_rng(3), 8 * n + 40, feh=feh)
        if own is not None:
            true = stars.raw["true_distance"]
            stars = stars.with_columns(distance=own * true, distance_error=0.1 * true)
        found = distance_methods["giant_branch"](stars, **settings)
        found = found.take(np.flatnonzero(found["flag"] == "ok")[:n])
        run = make_run(n=len(found))
        sample = replace(
            run.sample, distance=found["distance"], distance_error=found["distance_error"],
            extra={name: found[name] for name in PLACED if name in found},
        )  # fmt: skip
        cuts = rec.Cut("distance found", 3 * len(found), len(found), note="40 horizontal_branch, 3 missing_feh")
        distance = {"method": "giant_branch", "luminosity_slope": 0.32, "clusters": ["M92", "M13", "M71", "NGC6791"]}
        selection = {**run.config["selection"], "distance_error_max": 0.4}
        return replace(
            run, sample=sample, cutflow=run.cutflow.then(cuts),
            config={**run.config, "distance": {**distance, **settings}, "selection": selection},
        )  # fmt: skip

    return make


@pytest.fixture
def check_legible():
    """Asserts that a figure, given with its name, keeps inside its frame and has no type below 7 points."""

    from matplotlib.text import Text

    from haloscale.figures import style

    def check(name, figure):
        assert figure.get_figwidth() <= style.TWO_COLUMNS + 1e-9
        inside, width, height = figure.get_tightbbox(), figure.get_figwidth(), figure.get_figheight()
        assert min(inside.x0, inside.y0) > -0.02, name
        assert inside.x1 < width + 0.02, name
        assert inside.y1 < height + 0.02, name
        for text in figure.findobj(Text):
            assert not (text.get_visible() and text.get_text()) or text.get_fontsize() >= 7, (name, text)

    return check
