"""The search for groups: time and peak memory against the number of stars.

Every search runs in a process of its own, so that its peak memory is its own. "Fixed linking statistics": the linking
length shrinks as N^(-1/4), the stars fill the same volume of the four dimensions, and the share of stars in groups
stays as it is. The exponent is that of the processor time, which other work on the machine does not change.
"""

import json
import math
import subprocess
import sys

import pytest

STARS = """
import json, resource, sys, time
import numpy as np
from haloscale.records import StarTable
from haloscale.substructure import substructure_methods
from haloscale.substructure.friends import group_ids
from haloscale.substructure.metric import FourDistance
from haloscale.substructure.phase_space import phase_space

n, factor, kind = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
rng = np.random.default_rng(1)
l, b = rng.uniform(0.0, 360.0, n), np.degrees(np.arcsin(rng.uniform(-1.0, 1.0, n)))
distance, v = np.exp(rng.normal(3.0, 0.6, n)), rng.normal(0.0, 110.0, n)
if kind == "clumps":
    star = rng.integers(0, n // 1000, n)
    l, b, distance, v = l[star] + rng.normal(0.0, 0.1, n), b[star], distance[star], v[star] + rng.normal(0.0, 1.0, n)
columns = {"row": np.arange(n), "l": l, "b": b, "distance": distance, "v_gsr": v}
columns["distance_error"] = 0.15 * distance * np.exp(rng.normal(0.0, 0.35, n))
columns["v_helio_error"] = 3.0 * np.exp(rng.normal(0.0, 0.6, n))
table = StarTable(columns, "generic")
stars, _ = phase_space(table)
FourDistance().among(stars.take(np.arange(100))).components(0.1)  # scipy is imported here
start, start_cpu, extra = time.perf_counter(), time.process_time(), {}
"""

SEARCH = """
group_id = group_ids(FourDistance().among(stars).components(0.03 * factor * (n / 1e4) ** -0.25))
"""

WITH_NULLS = """
found = substructure_methods["fof_4distance"](table, rng, max_members=10)
group_id, extra = found.group_id, dict(found.settings)
"""

ADAPTIVE = """
found = substructure_methods["fof_adaptive"](table, rng, max_members=10, n_nulls=int(factor))
group_id, extra = found.group_id, dict(found.settings)
"""

REPORT = """
extra["seconds"] = time.perf_counter() - start
extra["cpu_seconds"] = time.process_time() - start_cpu
extra["peak_GB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
extra["in_groups"] = float((group_id >= 0).mean())
print(json.dumps(extra))
"""


def measured(script, n, factor=1.0, kind="smooth"):
    command = [sys.executable, "-c", STARS + script + REPORT, str(n), str(factor), kind]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize(
    ("n", "factor", "kind"),
    [
        (10_000, 1.0, "smooth"),
        (100_000, 1.0, "smooth"),
        (1_000_000, 1.0, "smooth"),
        (1_000_000, 2.0, "smooth"),  # at the brink of percolation
        (1_000_000, 16.0, "smooth"),  # all in one group: 10^11 pairs
        (1_000_000, 1.0, "clumps"),  # a thousand dense clumps: 5 x 10^8 pairs
    ],
)
def test_classic_search(benchmark, n, factor, kind):
    benchmark.extra_info |= benchmark.pedantic(measured, args=(SEARCH, n, factor, kind), rounds=1)


def test_growth_at_fixed_linking_statistics(benchmark):
    found = benchmark.pedantic(lambda: [measured(SEARCH, n) for n in (100_000, 1_000_000)], rounds=1)
    exponent = math.log10(found[1]["cpu_seconds"] / found[0]["cpu_seconds"])
    benchmark.extra_info["exponent"] = exponent
    assert exponent < 1.3


def test_ten_thousand_stars_with_nulls_and_the_choice_of_the_length(benchmark):
    benchmark.extra_info |= benchmark.pedantic(measured, args=(WITH_NULLS, 10_000), rounds=1)


@pytest.mark.parametrize(("n", "n_nulls"), [(10_000, 50), (100_000, 30)])
def test_adaptive_search(benchmark, n, n_nulls):
    benchmark.extra_info |= benchmark.pedantic(measured, args=(ADAPTIVE, n, n_nulls), rounds=1)
