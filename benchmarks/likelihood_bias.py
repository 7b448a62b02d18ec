"""What the three likelihoods answer on simulated halos of known mass, from exact distribution functions.

`python benchmarks/likelihood_bias.py [--n 16] [--workers 2] [--beta 0 0.3 0.5 0.7]` prints the table of
docs/likelihoods.md. Each catalogue: the paper's potential with m_vir = 1.1e12 Msun and c = 15, nu ~ r^-4, all the sky,
13 % distance errors, 7 km/s, Gaia-like proper motions; the paper's cuts on observed quantities.
"""

import argparse
import subprocess
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
from scipy.special import ndtri

from haloscale import config, mock, stages
from haloscale.anisotropy import Constant
from haloscale.inference.standard import Standard
from haloscale.inference.summit import climb

FREE_BETA = {"prior": "uniform", "low": -0.45, "high": 0.95}
N_DRAWN = 58_000
"""Halo stars of which some 9,600 pass the cuts."""


def methods(beta):
    """Settings by the name of the method; `true` stands for the true anisotropy given."""
    fixed, free = {"anisotropy.beta": beta}, {"anisotropy.beta": FREE_BETA}
    stars, df = {"likelihood.kind": "stars"}, {"likelihood.kind": "df"}
    return {
        "bins, beta = 0": {},
        "bins, true beta": {**fixed, "jeans.projection": "per_star"},
        "stars, line of sight, true beta": {**stars, **fixed},
        "stars, proper motions, beta free": {**stars, **free},
        "df, proper motions, beta free": {**df, **free},
    }


def fitted(settings, sample, profile, truth):
    """ln m_vir and its error, beta and its error, seconds: the maximum of the posterior and its curvature."""
    start = time.perf_counter()
    chosen = config.load("zhai2018", settings, {"survey": "generic"}).config
    standard = Standard(stages.posterior(chosen, sample, profile))
    priors = standard.posterior.model.priors
    at = np.array([truth[p.name] for p in standard.posterior.model.parameters])
    z = np.array([float(ndtri(np.clip(p.cdf(x), 1e-6, 1 - 1e-6))) for p, x in zip(priors, at, strict=True)])
    summit = climb(standard.log_posterior, z)
    sd = np.sqrt(np.diag(summit.covariance))
    best = standard.values(summit.z[None])[0]
    high, low = (standard.values(summit.z + sign * np.diag(sd)) for sign in (1, -1))
    mass = np.log(best[0]), 0.5 * np.log(high[0, 0] / low[0, 0])
    beta = (best[2], 0.5 * (high[2, 2] - low[2, 2])) if len(best) > 2 else (np.nan, np.nan)
    return (*mass, *beta, time.perf_counter() - start)


def catalogue(beta, index):
    """The fits of one catalogue, by method."""
    rng = np.random.default_rng([index, int(1000 * (beta + 1))])
    truth = mock.Truth(anisotropy=Constant(beta=beta))
    errors = {"distance_fractional_error": 0.13, "v_error": 7.0, "velocities": "exact"}
    stars = mock.simulate_simple(truth, rng, N_DRAWN, **errors)
    chosen = config.load("zhai2018", {}, {"survey": "generic"}).config
    sample = stages.select_sample(chosen, stars, False, rng).sample
    profile, _ = stages.measure_profile(chosen, sample, rng)
    known = {"m_vir": truth.numbers["m_vir"], "c": truth.numbers["c"], "beta": beta}
    return {name: fitted(given, sample, profile, known) for name, given in methods(beta).items()} | {
        "stars": int((sample.bin >= 0).sum())
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--n", type=int, default=16)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--beta", type=float, nargs="*", default=[0.0, 0.3, 0.5, 0.7])
    asked = parser.parse_args()
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout
    print(f"{asked.n} catalogues an anisotropy, commit {commit.strip()}")
    print("| true beta | method | bias of m_vir | stated error | sd of pulls | beta - truth | seconds |")
    print("|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor(asked.workers, get_context("spawn")) as pool:
        for beta in asked.beta:
            rows = list(pool.map(partial(catalogue, beta), range(asked.n)))
            for name in methods(beta):
                ln_m, error, found, _, seconds = np.array([row[name] for row in rows]).T
                off = ln_m - np.log(mock.Truth().numbers["m_vir"])
                bias, of_bias = np.expm1(off.mean()), off.std(ddof=1) / np.sqrt(len(off))
                told = f"{np.mean(found) - beta:+.3f} ± {np.std(found, ddof=1) / np.sqrt(len(found)):.3f}"
                told = "" if np.isnan(found).any() else told
                print(
                    f"| {beta:g} | {name} | {100 * bias:+.1f} ± {100 * of_bias:.1f} % | {100 * error.mean():.1f} % | "
                    f"{np.std(off / error, ddof=1):.2f} | {told} | {np.median(seconds):.1f} |",
                    flush=True,
                )
            print(f"| | stars in bins | {np.mean([row['stars'] for row in rows]):.0f} | | | | |", flush=True)


if __name__ == "__main__":
    main()
