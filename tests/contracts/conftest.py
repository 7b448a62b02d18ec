"""What the contract tests of every registry share: an example of a model, and JAX in 64 bit."""

import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
import pytest

from haloscale.registry import params

ROWS = np.geomspace(4.0, 120.0, 9)
TOLD: dict[str, dict[str, Any]] = {
    "tracer.table": {"r": ROWS, "density": ROWS**-2.5 / (1.0 + (ROWS / 25.0) ** 2)},
    "anisotropy.baes_van_hese": {"beta_0": -0.1, "beta_inf": 0.6},
    "anisotropy.tiret": {"beta_0": -0.1, "beta_inf": 0.6},
}
"""What the middle of the priors does not give, by the module of a class: the columns of a table, and two values that
differ where an anisotropy passes from one to the other."""


def _middle(prior: Any) -> float:
    if prior["prior"] == "log_uniform":
        return math.sqrt(prior["low"] * prior["high"])
    return (prior["low"] + prior["high"]) / 2 if prior["prior"] == "uniform" else prior["mean"]


@pytest.fixture(scope="session")
def example() -> Callable[..., Any]:
    """A value of a registered class: the middle of each parameter's prior, else its default; keywords override."""

    def make(entry: type, **given: Any) -> Any:
        values = {name: _middle(info.prior) for name, info in params(entry).items() if info.prior is not None}
        told = TOLD.get(entry.__module__.removeprefix("haloscale."), {})
        return entry(**{**values, **told, **given})

    return make


@pytest.fixture
def jax_x64() -> Generator[Any, None, None]:
    """The jax module with 64 bit switched on for one test."""
    try:
        import jax
    except ImportError:
        pytest.skip("jax is not installed: pip install 'haloscale[jax]'")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax
    jax.config.update("jax_enable_x64", before)
