"""The command line as a user meets it: help, import, SEGUE giants to a report, and a million rows to a profile.

Whole processes are timed by wall clock and peak memory; the real catalogue is read from $HALOSCALE_SHARED.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

SHARED = Path(os.environ.get("HALOSCALE_SHARED", Path(__file__).resolve().parents[2] / "shared"))
COMMAND = [sys.executable, "-m", "haloscale.cli"]

PROFILE = """
import sys, time
start = time.perf_counter()
import numpy as np
from pathlib import Path
from haloscale import api, config, stages, tables
request = api.request(Path(sys.argv[1]), "generic")
chosen = api.check(request)
profile, _ = stages.measure_profile(request.loaded.config, chosen.sample, np.random.default_rng(1))
print(time.perf_counter() - start, int(profile.n.sum()))
"""


def wall(words, repeat=3):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def test_import_and_help(benchmark):
    bare = wall([sys.executable, "-c", "pass"])
    benchmark.extra_info["import_s"] = wall([sys.executable, "-c", "import haloscale"]) - bare
    benchmark.extra_info["help_s"] = wall([*COMMAND, "--help"])
    benchmark.pedantic(wall, args=([*COMMAND, "--help"], 1), rounds=3)


def test_weigh_segue_giants(benchmark, tmp_path):
    catalogue = SHARED / "data/segue-kgiants/segue_kgiants.csv"
    if not catalogue.exists():
        pytest.skip(f"{catalogue} is absent: set HALOSCALE_SHARED")
    folders = iter(range(100))

    def run():
        folder = tmp_path / f"run{next(folders)}"
        wall([*COMMAND, "weigh", str(catalogue), "--survey", "segue_kgiants", "-o", str(folder)], 1)

    benchmark.pedantic(run, rounds=3)


@pytest.mark.parametrize("n_rows", [100_000, 1_000_000])
def test_large_parquet_to_profile(benchmark, tmp_path, n_rows):
    from haloscale import mock, tables

    path = tmp_path / "stars.parquet"
    tables.write_star_table(path, mock.simulate(mock.Truth(), np.random.default_rng(1), n_stars=n_rows))
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    said = benchmark.pedantic(
        lambda: subprocess.run([sys.executable, "-c", PROFILE, str(path)], check=True, capture_output=True, text=True),
        rounds=1,
    )
    seconds, n_in_bins = said.stdout.split()
    benchmark.extra_info |= {"seconds": float(seconds), "stars_in_bins": int(n_in_bins)}
    benchmark.extra_info["peak_GB"] = max(before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024**2
