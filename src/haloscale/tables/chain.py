"""The posterior draws: chain.parquet."""

import dataclasses
import json
import os
from typing import Any

import numpy as np

from haloscale.records import Chain, Parameter, SamplingStatus
from haloscale.tables.atomic import reading
from haloscale.tables.parquet import read_parquet, write_parquet

_KEY = "haloscale"


def write_chain(path: str | os.PathLike[str], chain: Chain) -> None:
    """Write the draws as Parquet: chain, draw, log_posterior, weight, then one column a parameter.

    What is known of the parameters and of the convergence goes into the schema's metadata as JSON.
    Errors: `RunFolderError` if it cannot be written.
    """
    columns = {name: getattr(chain, name) for name in ("chain", "draw", "log_posterior", "weight")}
    columns |= {p.name: np.ascontiguousarray(chain.values[:, i]) for i, p in enumerate(chain.parameters)}
    about = {
        "parameters": [dataclasses.asdict(p) for p in chain.parameters],
        "sampling": dataclasses.asdict(chain.sampling),
    }
    units = {p.name: p.unit for p in chain.parameters}
    write_parquet(os.fspath(path), columns, units, {_KEY: json.dumps(about, default=plain)})


def read_chain(path: str | os.PathLike[str]) -> Chain:
    """Read what `write_chain` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source:
        columns, _, metadata = read_parquet(source)
        about: dict[str, Any] = json.loads(metadata[_KEY])
        parameters = tuple(Parameter(**p) for p in about["parameters"])
        n_draws = len(columns["draw"])
        values = np.column_stack([columns[p.name] for p in parameters]) if parameters else np.empty((n_draws, 0))
        return Chain(
            parameters=parameters,
            values=values,
            log_posterior=columns["log_posterior"],
            weight=columns["weight"],
            chain=columns["chain"].astype(np.int64),
            draw=columns["draw"].astype(np.int64),
            sampling=SamplingStatus(**about["sampling"]),
        )


def plain(value: Any) -> Any:
    """NumPy scalars and arrays as what JSON knows; for `json.dumps(default=...)`."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
