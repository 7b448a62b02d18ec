"""Several runs side by side: one table, what differs in their settings, figures, and the literature."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import cosmology, literature, stages, tables
from haloscale import folder as folders
from haloscale.errors import RunFolderError
from haloscale.figures.comparison import ComparedRun, Comparison, save_comparison
from haloscale.inference.diagnostics import quantiles
from haloscale.mass.base import mass_models
from haloscale.records import Band, Estimate, Run
from haloscale.report import evidence
from haloscale.report.terminal import decimals

_DERIVED: Final = ("m_within_60kpc", "m_within_100kpc", "v_circ_r0")
_COLUMNS: Final = ("m_vir", "c", "r_vir", *_DERIVED)
_CHOICES: Final = ("name", "kind", "method", "profile", "model", "estimator")
"""Keys that name what is registered, on which the other keys of their table depend."""
_DESCRIBED: Final = ("catalogue.path", "catalogue.survey", "recipe", "seed")
"""Settings that say what a run is, rather than how it was made; they come first where they differ."""


def compare(directories: Sequence[Path], *, alone: bool = False) -> Comparison:
    """Read several finished runs and bring their virial quantities to one definition, that of the first.

    Parameters
    ----------
    directories : sequence of Path
        Run folders.
    alone : bool
        Allow a single run, to be compared with the literature.

    Returns
    -------
    Comparison

    Raises
    ------
    RunFolderError
        A folder that is no finished run, or is given twice; one run alone.
    """
    paths = [directory.resolve() for directory in directories]
    twice = [str(directory) for k, directory in enumerate(directories) if paths[k] in paths[:k]]
    if twice:
        raise RunFolderError(f"{twice[0]} is given twice", "different run folders", "leave one of the two out")
    if len(paths) < (1 if alone else 2):
        given = "one run is" if paths else "no run is"
        raise RunFolderError(
            f"{given} given", "two finished runs or more", "name another run folder, or add --literature"
        )
    runs = [folders.read_run(path) for path in paths]
    names = _names(paths)
    threshold = edge_density(runs[0])
    compared = tuple(_compared(name, run, threshold) for name, run in zip(names, runs, strict=True))
    return Comparison(compared, edge(runs[0]), threshold, differences(runs))


def edge_density(run: Run) -> float:
    """Mean density inside the virial radius as a run defines it [Msun/kpc^3]."""
    overdensity, h0, omega_m = _edge(run)
    return overdensity * omega_m * float(cosmology.critical_density(h0))


def edge(run: Run) -> str:
    """The definition of a run's virial radius, in words."""
    overdensity, h0, omega_m = _edge(run)
    return f"{overdensity * omega_m:.5g} × critical, H0 = {h0:g} km/s/Mpc"


def _edge(run: Run) -> tuple[float, float, float]:
    halo = run.config["mass"]["halo"]
    return float(halo["overdensity"]), float(halo["h0"]), float(halo["omega_m"])


def _names(paths: Sequence[Path]) -> list[str]:
    """Shortest ends of the paths that tell them apart."""
    for depth in range(1, max(len(path.parts) for path in paths) + 1):
        names = ["/".join(path.parts[-depth:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _compared(name: str, run: Run, threshold: float) -> ComparedRun:
    if np.isclose(edge_density(run), threshold, rtol=1e-9):
        own = run.summary.parameters
        return ComparedRun(name, run, own["m_vir"], own["c"], run.summary.derived["r_vir"])
    return ComparedRun(name, run, *_at_edge(run, threshold), was_converted=True)


def _at_edge(run: Run, threshold: float) -> tuple[Estimate, Estimate, Estimate]:
    """m_vir, c and r_vir of every posterior draw at another mean density."""
    model = stages.galaxy_model(configuration.restore(run.config))
    halo = model.build(run.chain.values).mass["halo"]
    m, r, c = (np.broadcast_to(np.ravel(x), len(run.chain)) for x in cosmology.convert(halo, threshold))
    words = "converted to the definition of the first run"
    return (
        _estimate(m, run, "solMass", f"virial mass of the halo alone, {words}"),
        _estimate(c, run, "", f"r_vir / r_-2, {words}"),
        _estimate(r, run, "kpc", f"virial radius, {words}"),
    )


def _estimate(draws: Any, run: Run, unit: str, definition: str) -> Estimate:
    median, lower, upper = (float(q) for q in quantiles(draws, run.chain.weight))
    return Estimate(median, lower, upper, unit, definition)


def differences(runs: Sequence[Run]) -> dict[str, tuple[Any, ...]]:
    """The settings that are not the same in all runs: dotted key -> value in each."""
    first, *others = (run.config for run in runs)
    keys = dict.fromkeys(key for other in others for key in configuration.diff(first, other))
    ordered = sorted(keys, key=lambda key: (key not in _DESCRIBED, list(keys).index(key)))
    return {key: tuple(_value(run.config, key) for run in runs) for key in ordered}


def _value(config: Any, key: str) -> Any:
    for part in key.split("."):
        if isinstance(config, list):  # of catalogues
            config = {entry["name"]: entry for entry in config}
        config = config.get(part, "off") if hasattr(config, "get") else "off"
    return config


def estimates(compared: ComparedRun) -> dict[str, Estimate]:
    """The quantities of the table of one run, by name."""
    derived = {name: compared.run.summary.derived[name] for name in _DERIVED}
    return {"m_vir": compared.m_vir, "c": compared.c, "r_vir": compared.r_vir, **derived}


def further(comparison: Comparison) -> tuple[str, ...]:
    """The other parameters that some run leaves free, in the order of the runs."""
    found = (item for one in comparison.runs for item in one.run.summary.parameters.items())
    return tuple(dict.fromkeys(name for name, estimate in found if not estimate.fixed and name not in _COLUMNS))


def lines(comparison: Comparison) -> list[str]:
    """The comparison as lines of text: one column a run, then the settings that differ."""
    runs = comparison.runs
    rows = [("", *(compared.name for compared in runs))]
    rows += [_row(name, [estimates(compared)[name] for compared in runs]) for name in _COLUMNS]
    rows += [_row(name, [one.run.summary.parameters.get(name) for one in runs]) for name in further(comparison)]
    rows += [
        ("chi2/n", *(f"{c.run.summary.chi2:.1f}/{c.run.summary.n_points}" for c in runs)),
        ("stars in bins", *(str(c.run.summary.n_in_bins) for c in runs)),
        ("status", *(c.run.summary.sampling.status for c in runs)),
    ]
    told, untold = _told(comparison.differences)
    settings = [(key, *(_short(value) for value in values)) for key, values in told.items()]
    settings += [(f"(and {len(untold)} options that come with these choices)", *[""] * len(runs))] if untold else []
    said = [f"m_vir, c and r_vir: {comparison.edge}", *_converted(comparison), *_unlike_concentrations(runs)]
    found = ["settings that differ:", *_columns(settings)] if settings else ["settings: the same in all"]
    return [*_columns(rows), *said, *([*found, *_model_comparison(runs)] if len(runs) > 1 else [])]


def _told(differences: Mapping[str, tuple[Any, ...]]) -> tuple[dict[str, tuple[Any, ...]], list[str]]:
    """The settings worth a line, and the options that a run lacks because another sampler, profile, ... was chosen."""
    chosen = {key.rpartition(".")[0] for key in differences if key.rpartition(".")[2] in _CHOICES}
    untold = [key for key, values in differences.items() if "off" in values and key.rpartition(".")[0] in chosen]
    return {key: values for key, values in differences.items() if key not in untold}, untold


def _row(name: str, column: Sequence[Estimate | None]) -> tuple[str, ...]:
    unit = next(estimate.unit for estimate in column if estimate)
    power = 12 if unit == "solMass" else 0
    heading = f"{name} (1e12 solMass)" if power else f"{name} ({unit})" if unit else name
    return (heading, *("-" if estimate is None else _with_errors(estimate, 10.0**power) for estimate in column))


def _model_comparison(runs: Sequence[ComparedRun]) -> list[str]:
    """Evidences beside each other, or why there are none to compare; nothing where no run has any."""
    names, records = [compared.name for compared in runs], [compared.run for compared in runs]
    if not any(evidence.evidence(run.summary.sampling) for run in records):
        return []
    if reason := evidence.why_not(names, records):
        return [f"models not compared: {reason}"]
    if all(key == "seed" or key.startswith("sampler.") for key in differences(records)):
        told = (f"{evidence.evidence(run.summary.sampling)} ({name})" for name, run in zip(names, records, strict=True))
        return [f"one model in all runs, which should agree in ln Z: {', '.join(told)}"]
    return ["", *_columns([evidence.HEADINGS, *evidence.rows(names, records)])]


def _converted(comparison: Comparison) -> list[str]:
    changed = [f"{c.name} ({edge(c.run)})" for c in comparison.runs if c.was_converted]
    return [f"converted to that, at fixed density profile, from another: {', '.join(changed)}"] if changed else []


def _unlike_concentrations(runs: Sequence[ComparedRun]) -> list[str]:
    """A remark where c is not of the same thing in all runs: before a contraction, before a core formed."""
    models: Mapping[str, Any] = {c.name: mass_models[c.run.config["mass"]["halo"]["profile"]] for c in runs}
    whose = {name: model.concentration_of for name, model in models.items()}
    if len(set(whose.values())) == 1:
        return []
    return ["c is that of " + "; ".join(f"{what} ({name})" for name, what in whose.items())]


def _with_errors(estimate: Estimate, unit: float) -> str:
    median, up, down = (
        x / unit for x in (estimate.median, estimate.upper - estimate.median, estimate.median - estimate.lower)
    )
    digits = decimals(up, down, 3 if abs(median) < 10 else 1)
    return f"{median:.{digits}f}" if estimate.fixed else f"{median:.{digits}f} +{up:.{digits}f} -{down:.{digits}f}"


def _short(value: Any, longest: int = 40) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]))] if rows else []
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def literature_lines(comparison: Comparison) -> list[str]:
    """Published masses as lines of text: virial ones at the common edge, then those within r beside the runs."""
    virial = [
        (item.source.reference, _mass(item.mass), item.source.component, item.remark)
        for item in literature.at_common_edge(comparison.threshold)
    ]
    names = [compared.name for compared in comparison.runs]
    within = [
        (item.reference, f"{item.r:g}", _mass(item.mass), *(_at(compared.run, item.r) for compared in comparison.runs))
        for item in literature.enclosed_masses()
    ]
    return [
        f"published virial masses (1e12 solMass), at {comparison.edge} where their definition is stated:",
        *_columns(virial),
        "",
        "published masses within r (1e12 solMass), and the runs there:",
        *_columns([("", "r (kpc)", "published", *names), *within]),
    ]


def _mass(mass: literature.Mass) -> str:
    value, up, down = (x / 1e12 for x in (mass.value, mass.upper - mass.value, mass.value - mass.lower))
    return f"{value:.3g} +{up:.2g} -{down:.2g}" if np.isfinite(up) else f"{value:.3g}"


def _at(run: Run, r: float) -> str:
    profile = run.mass_profile
    if not profile.r[0] <= r <= profile.r[-1]:
        return "-"
    return _mass(literature.Mass(*_interpolated(profile.enclosed_mass, r, profile.r)))


def _interpolated(band: Band, r: float, radii: Any) -> Iterator[float]:
    return (float(np.interp(r, radii, values)) for values in (band.median, band.lower, band.upper))


def write(comparison: Comparison, out: Path, *, with_literature: bool = False) -> list[Path]:
    """Write compare.csv and the figures into a folder, and return the files.

    Parameters
    ----------
    comparison : Comparison
    out : Path
        Created where it is missing; files of the same names are replaced.
    with_literature : bool
        Draw the figures with published masses too.

    Raises
    ------
    RunFolderError
        The folder is a file or cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunFolderError(
            f"{out} cannot be made a folder: {(error.strerror or str(error)).lower()}",
            "a folder for the table and the figures",
            "choose another name with -o",
        ) from error
    tables.atomic_write(out / "compare.csv", _csv(comparison))
    return [out / "compare.csv", *save_comparison(comparison, out, with_literature=with_literature)]


def _csv(comparison: Comparison) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    others = further(comparison)
    ends = [f"{name}{end}" for name in (*_COLUMNS, *others) for end in ("", "_lower", "_upper")]
    counts = ("chi2", "n_points", "n_in_bins", "status")
    writer.writerow(["run", *ends, *counts, "virial_definition", *comparison.differences])
    for k, compared in enumerate(comparison.runs):
        summary = compared.run.summary
        known = [estimates(compared)[name] for name in _COLUMNS] + [summary.parameters.get(name) for name in others]
        numbers = [text for one in known for text in _ends(one)]
        fit = (f"{summary.chi2:.4f}", summary.n_points, summary.n_in_bins, summary.sampling.status)
        settings = (values[k] for values in comparison.differences.values())
        writer.writerow([compared.name, *numbers, *fit, comparison.edge, *settings])
    return text.getvalue()


def _ends(estimate: Estimate | None) -> tuple[str, ...]:
    if estimate is None:
        return ("", "", "")
    return tuple(f"{x:.6g}" for x in (estimate.median, estimate.lower, estimate.upper))
