"""From the rows of an injection study to completeness and purity by kind of structure, and to the printed table."""

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from haloscale._version import __version__
from haloscale.inject.design import Structure
from haloscale.inject.injection import Start
from haloscale.records import Floats

DEFINITIONS: Final[Mapping[str, str]] = {
    "planted": "stars of the structure that the sample would hold: they pass its cuts and lie in its footprint (the "
    "nearest star of the catalogue on the sky is no farther than that star's own third neighbour); others do not count",
    "completeness": "planted stars in removed groups (of more than max_members) / planted stars",
    "purity": "planted stars in removed groups / (these + the catalogue's stars in the same groups that are not "
    "removed without planting); undefined where no planted star is removed",
    "detected": "share of the injections with a removed group of which more than half is planted",
    "n_newly_removed": "stars of the catalogue that are removed with the planting and not without it",
    "errors": "standard error of the mean over the injections; of detected: 68 % interval (Clopper and Pearson 1934)",
}
"""What the numbers of injection_summary.json mean."""

_MEANS: Final = ("completeness", "purity", "visible", "n_newly_removed", "n_no_longer_removed")


def summarise(begun: Start, table: Mapping[str, Floats]) -> dict[str, Any]:
    """Completeness, purity and detections of every kind of structure, and what the search finds without planting.

    Parameters
    ----------
    begun : Start
    table : mapping of str to array (n,) [own units]
        Columns of the rows, sorted by index.

    Returns
    -------
    dict
        As in injection_summary.json.
    """
    design, grouping = begun.design, begun.grouping
    false_groups, false_members = begun.false_rates
    given = design.config.substructure
    n_removed_groups = len(np.unique(grouping.group_id[begun.removed]))
    return {
        "catalogue": design.catalogue.name,
        "recipe": design.config.recipe,
        "seed": design.config.seed,
        "method": given.method,
        "max_members": given.max_members,
        "settings": {name: float(value) for name, value in grouping.settings.items()},
        "without_planting": {
            "n_stars": len(begun.stars),
            "n_removed": int(begun.removed.sum()),
            "n_removed_groups": n_removed_groups,
            "n_nulls": len(grouping.null_sizes),
            "false_groups": _number(false_groups),
            "false_members": _number(false_members),
        },
        "v_spread": design.v_spread,
        "repetitions": design.repetitions,
        "kinds": [
            _kind(
                begun,
                k,
                {name: column[k * design.repetitions :][: design.repetitions] for name, column in table.items()},
            )
            for k in range(len(design.structures))
        ],
        "definitions": dict(DEFINITIONS),
        "version": __version__,
    }


def _kind(begun: Start, k: int, rows: Mapping[str, Floats]) -> dict[str, Any]:
    asked = begun.design.structures[k]
    done = rows["planted"] > 0
    found: dict[str, Any] = {"stars": asked.stars, "width": asked.width, "length": asked.length}
    found |= {"distance": asked.distance, "n_injections": int(done.sum()), "n_without_place": int((~done).sum())}
    found |= {name: _mean(rows[name][done]) for name in _MEANS}
    return found | {"detected": _fraction(rows["detected"][done])}


def _mean(values: Floats) -> dict[str, Any]:
    """Mean over the known values with its standard error; None where there are too few."""
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if len(known) else None
    error = float(known.std(ddof=1) / math.sqrt(len(known))) if len(known) > 1 else None
    return {"n": len(known), "mean": mean, "standard_error": error}


def _fraction(flags: Floats) -> dict[str, Any]:
    """A share with its interval of 68 %, whose ends are where so many or more, so many or fewer are found in 16 %."""
    from scipy.stats import beta

    n, k, tail = len(flags), int(flags.sum()), 0.1586552539314571
    if n == 0:
        return {"n": 0, "mean": None, "lower": None, "upper": None}
    lower = float(beta.ppf(tail, k, n - k + 1)) if k else 0.0
    upper = float(beta.ppf(1 - tail, k + 1, n - k)) if k < n else 1.0
    return {"n": n, "mean": k / n, "lower": lower, "upper": upper}


def lines(summary: Mapping[str, Any]) -> list[str]:
    """The summary as lines of text: what is found without planting, then one table row a kind of structure."""
    plain = summary["without_planting"]
    settings = "".join(f", {name} = {value:.4g}" for name, value in summary["settings"].items())
    said = [
        f"{plain['n_stars']} stars searched by {summary['method']}{settings}; "
        f"without planting {plain['n_removed']} are removed, in {plain['n_removed_groups']} groups of more than "
        f"{summary['max_members']}"
    ]
    if plain["false_members"] is not None:
        rates = f"{plain['false_groups']:.2g} groups with {plain['false_members']:.2g} stars"
        said.append(f"expected by chance: {rates} ({plain['n_nulls']} null catalogues)")
    head = ("structure", "stars", "completeness", "+-", "purity", "+-", "detected", "68 %", "newly removed", "n")
    rows = [head, *(_cells(kind) for kind in summary["kinds"])]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        said.append("  ".join(cells).rstrip())
    lost = sum(kind["n_without_place"] for kind in summary["kinds"])
    return [*said, *([f"no place in the catalogue for {lost} structures, which are not counted"] if lost else [])]


def _words(kind: Mapping[str, Any]) -> str:
    return Structure(kind["stars"], kind["width"], kind["length"], kind["distance"]).words


def _cells(kind: Mapping[str, Any]) -> tuple[str, ...]:
    numbers = [kind[name][key] for name in ("completeness", "purity") for key in ("mean", "standard_error")]
    found = kind["detected"]
    share = [_text(found["mean"]), "-" if found["mean"] is None else f"{found['lower']:.2f}-{found['upper']:.2f}"]
    further = kind["n_newly_removed"]["mean"]
    shown = "-" if further is None else f"{further:.1f}"
    return (_words(kind), str(kind["stars"]), *(_text(x) for x in numbers), *share, shown, str(kind["n_injections"]))


def _text(x: float | None) -> str:
    return "-" if x is None else f"{x:.2f}"


def _number(x: float) -> float | None:
    return x if math.isfinite(x) else None
