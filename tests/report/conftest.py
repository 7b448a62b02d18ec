"""The synthetic runs of the figure tests, for the report."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from haloscale.records import Run

_SOURCE = Path(__file__).parent.parent / "figures" / "conftest.py"
_spec = importlib.util.spec_from_file_location("synthetic_runs", _SOURCE)
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
make_run = _module.make_run
make_searched = _module.make_searched
make_placed = _module.make_placed


@pytest.fixture(scope="session")
def pictures(make_run: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the figures of one run, so that each test need not draw them."""
    from haloscale.figures import base

    folder = tmp_path_factory.mktemp("pictures")
    base.draw_all(make_run(n=200), folder)
    return folder
