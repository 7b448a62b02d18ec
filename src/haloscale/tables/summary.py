"""The answer of a run: summary.json."""

import dataclasses
import json
import math
import os
from collections.abc import Mapping
from typing import Any

from haloscale.records import Estimate, SamplingStatus, Summary
from haloscale.tables.atomic import atomic_write, reading
from haloscale.tables.chain import plain

_SAMPLE = ("n_read", "n_kept", "n_removed_substructure", "n_in_bins")


def write_summary(path: str | os.PathLike[str], summary: Summary) -> None:
    """Write the summary as JSON, laid out as ARCHITECTURE.md says; a number that is not finite is null.

    Errors: `RunFolderError` if it cannot be written.
    """
    content: dict[str, Any] = {
        "parameters": plain_estimates(summary.parameters),
        "derived": plain_estimates(summary.derived),
        "sample": {key: getattr(summary, key) for key in _SAMPLE},
        "fit": {"chi2": summary.chi2, "n_points": summary.n_points},
        "sampling": dataclasses.asdict(summary.sampling),
        "recipe": summary.recipe,
        "seed": summary.seed,
        "version": summary.version,
        "warnings": list(summary.warnings),
    }
    if summary.truth:
        content["truth"] = dict(summary.truth)
    if summary.truth_note:
        content["truth_note"] = summary.truth_note
    write_json(path, content)


def read_summary(path: str | os.PathLike[str]) -> Summary:
    """Read what `write_summary` wrote. Errors: `RunFolderError` if the file is missing or damaged."""
    with reading(path) as source:
        content = json.loads(source.read_text(encoding="utf-8"))
        return Summary(
            parameters=estimates(content["parameters"]),
            derived=estimates(content["derived"]),
            **content["sample"],
            chi2=number(content["fit"]["chi2"]),
            n_points=content["fit"]["n_points"],
            sampling=SamplingStatus(**content["sampling"]),
            recipe=content["recipe"],
            seed=content["seed"],
            version=content["version"],
            warnings=tuple(content["warnings"]),
            truth=content.get("truth", {}),
            truth_note=content.get("truth_note", ""),
        )


def write_json(path: str | os.PathLike[str], content: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, null for what is not finite. Errors: `RunFolderError` if it cannot be written."""
    strict = _finite(json.loads(json.dumps(content, default=plain)))
    atomic_write(path, json.dumps(strict, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def plain_estimates(estimates: Mapping[str, Estimate]) -> dict[str, dict[str, Any]]:
    """Estimates as JSON has them: name -> median, lower, upper, unit, definition, and fixed where it was not fitted."""
    return {name: _estimate(e) for name, e in estimates.items()}


def estimates(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Estimate]:
    """What `plain_estimates` made, as records again."""
    numbers = ("median", "lower", "upper")
    return {name: Estimate(**{**e, **{k: number(e[k]) for k in numbers}}) for name, e in content.items()}


def number(value: float | None) -> float:
    """A number of a JSON file, NaN where it is null."""
    return math.nan if value is None else value


def _estimate(estimate: Estimate) -> dict[str, Any]:
    content = dataclasses.asdict(estimate)
    if not content.pop("fixed"):
        return content
    return {**content, "fixed": True}


def _finite(value: Any) -> Any:
    """The same content with null for NaN and infinities, which JSON lacks."""
    if isinstance(value, dict):
        return {k: _finite(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
