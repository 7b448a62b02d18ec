"""Distances of giants: stars a second, and what halving every step of the grids moves.

`python -m pytest benchmarks/bench_distance.py --benchmark-enable`
"""

import resource
import sys
import time

import numpy as np
import pytest

from haloscale.distance.giant_branch import giants_of
from haloscale.distance.giant_distances import giant_distances
from haloscale.mock import GiantErrors, simulate_giants

PERCENTILES = ("dm_p05", "dm_p16", "dm_p50", "dm_p84", "dm_p95", "dm_mean")
LAMOST = GiantErrors()
PRECISE = GiantErrors(rmag0=0.01, gr0=0.01, feh=0.2)
"""Colours much better than [Fe/H]: the finest grids, the most nodes."""


def giants(n, errors):
    """Stars that get a distance, so that none is cheap."""
    stars = giants_of(simulate_giants(np.random.default_rng(1), 8 * n, errors=errors))
    return stars.take(np.flatnonzero(giant_distances(stars).ok)[:n])


def cpu_time(stars):
    start = time.process_time()
    giant_distances(stars)
    return time.process_time() - start


@pytest.mark.parametrize("errors", [LAMOST, PRECISE], ids=["lamost", "precise"])
def test_stars_a_second(benchmark, capsys, errors):
    stars = giants(20_000, errors)
    benchmark(giant_distances, stars)
    if not benchmark.stats:
        return
    rate = len(stars) / min(cpu_time(stars) for _ in range(3))  # the machine may have other work
    benchmark.extra_info["stars_per_cpu_second"] = rate
    coarse, fine = giant_distances(stars), giant_distances(stars, refine=1)
    moved = max(np.nanmax(np.abs(getattr(coarse, k) - getattr(fine, k))) for k in PERCENTILES)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{rate:,.0f} stars a CPU second; halving the steps moves no percentile by more than {moved:.4f}\n"
        )
    assert moved < 0.005
    if errors is LAMOST:
        assert rate >= 50_000


def test_a_million_stars_in_two_gigabytes(benchmark, capsys):
    if not benchmark.enabled:
        pytest.skip("a measurement: --benchmark-enable")
    stars = giants(50_000, LAMOST)
    million = stars.take(np.tile(np.arange(len(stars)), 20))
    start = time.perf_counter()
    found = benchmark.pedantic(giant_distances, args=(million,), rounds=1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    with capsys.disabled():
        sys.stdout.write(f"\n{len(found):,} stars: {time.perf_counter() - start:.1f} s, peak memory {peak:.2f} GB\n")
    assert peak < 2.0
