"""The samplers on the paper's twelve bins and on 10,000 stars: from the start to a reliable answer.

`python -m pytest benchmarks/bench_samplers.py --benchmark-enable`
"""

import importlib.util
import time
from pathlib import Path

import numpy as np
import pytest

from haloscale.inference.samplers.base import samplers

OPTIONS = {"emcee": {"n_steps": 1000}, "laplace": {}, "nested": {}, "nuts": {}}
NEEDS = {"nested": "nautilus", "nuts": "numpyro"}


def _beside(name):
    """A benchmark file beside this one, whose posterior is used here."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _sampled(benchmark, name, posterior):
    pytest.importorskip(NEEDS.get(name, "numpy"))
    start = time.process_time()
    chain = benchmark.pedantic(
        samplers[name], args=(posterior, np.random.default_rng(1), lambda f, line: None), kwargs=OPTIONS[name], rounds=1
    )
    found = chain.sampling
    benchmark.extra_info |= {"cpu_seconds": time.process_time() - start, "ess": found.ess, "n_steps": found.n_steps}
    benchmark.extra_info |= {"log_evidence": found.log_evidence, "log_evidence_error": found.log_evidence_error}
    assert found.status == "reliable"


@pytest.mark.parametrize("name", OPTIONS)
def test_twelve_bins(benchmark, name):
    _sampled(benchmark, name, _beside("bench_fit").posterior())


@pytest.mark.parametrize("name", OPTIONS)
def test_10_000_stars(benchmark, name):
    _sampled(benchmark, name, _beside("bench_stars").posterior(10_000))
