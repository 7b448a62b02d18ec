"""What is computed for the pages, a module each, in as many processes as there are cores: they know nothing of each
other."""

import os
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from typing import Final

MODULES: Final = ("choice", "gallery", "theory", "groups", "distances")
"""The slowest first."""


def computed() -> tuple[dict[str, str], dict[str, str]]:
    """The numbers in the text and the tables, both by name."""
    numbers: dict[str, str] = {}
    tables: dict[str, str] = {}
    with ProcessPoolExecutor(min(len(MODULES), os.cpu_count() or 1)) as pool:
        for found in pool.map(_of, MODULES):
            numbers |= found[0]
            tables |= found[1]
    return numbers, tables


def _of(name: str) -> tuple[dict[str, str], dict[str, str]]:
    module = import_module(f"generate.{name}")
    return module.numbers(), module.tables()
