"""Fixtures shared by all tests."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    """Folder with the real catalogues: $HALOSCALE_SHARED, or `shared` beside the checkout."""
    return Path(os.environ.get("HALOSCALE_SHARED", ROOT.parent / "shared")).resolve()


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Path of a file below the shared folder; the test is skipped, saying so, where it is absent."""

    def find(path: str) -> Path:
        found = shared_folder() / path
        if not found.exists():
            pytest.skip(f"{found} is absent: set HALOSCALE_SHARED to the folder that holds data/ and reference/")
        return found

    return find
