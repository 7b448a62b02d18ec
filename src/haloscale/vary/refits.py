"""The refits: the stages of a run again, with one assumption changed, in this process or several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from haloscale import config as configuration
from haloscale import folder as folders
from haloscale import stages, tables
from haloscale.config import RunConfig
from haloscale.errors import HaloscaleError
from haloscale.records import CutFlow, DispersionProfile, Run, Sample, StarTable, Summary
from haloscale.robustness import AS_CONFIGURED, QUANTITIES, Interval, Refit, Robustness
from haloscale.run import Event, OnEvent, Request, draw_further, generator, read_stars
from haloscale.vary.plan import Variation, plan

FIGURE: Final = "tornado"

_FROM_THE_STARS: Final = ("catalogue", "distance", "frame", "selection", "substructure", "dispersion")
"""Tables whose change reaches back to the sample; a change of any other leaves sample and profile as they are."""


@dataclass(frozen=True)
class Start:
    """What every refit starts from: the run's configuration, catalogue, sample and profile."""

    config: RunConfig
    stars: StarTable
    strict: bool
    sample: Sample
    profile: DispersionProfile
    cutflow: CutFlow


def add(
    request: Request, folder: Path, on_event: OnEvent = lambda event: None, *, workers: int = 1, pictures: bool = True
) -> Run:
    """Add the refits to a finished run folder: vary.csv, the tornado figure, a section of the report.

    Parameters
    ----------
    request : Request
        What the run was made from.
    folder : Path
        The finished run. Refits that it holds already are shown, not made again.
    on_event : callable
        Told of every refit.
    workers : int
        Processes. The answer does not depend on it.
    pictures : bool
        Draw the figure, and the report again.

    Returns
    -------
    Run
        With `robustness`.
    """
    run = folders.read_run(folder)
    known = run.robustness is not None
    if known:
        on_event(Event("vary", f"{folder} holds the refits already; showing them"))
    else:
        tables.write_robustness(folder / folders.VARY, refit_all(request, run, on_event, workers=workers))
        run = folders.read_run(folder)
    if pictures and not (known and (folder / "figures" / f"{FIGURE}.pdf").exists()):
        draw_further(run, folder, [FIGURE])
    return run


def refit_all(request: Request, run: Run, on_event: OnEvent = lambda event: None, *, workers: int = 1) -> Robustness:
    """Fit the stars of a run again with one assumption changed at a time.

    Parameters
    ----------
    request : Request
        What the run was made from.
    run : Run
    on_event : callable
        Told of every refit.
    workers : int
        Processes. The answer does not depend on it.

    Returns
    -------
    Robustness

    Notes
    -----
    Every refit samples the posterior as the run did, with the run's own random numbers, so that what is compared
    differs by the assumption alone and one that changes nothing gives the run's own numbers.
    """
    config = request.loaded.config
    stars = read_stars(request.catalogue, config)
    start = Start(config, stars, request.strict, run.sample, run.profile, run.cutflow)
    wanted = plan(config, run.profile.edges)
    refits: list[Refit] = []
    for made in _made(start, wanted, workers):
        refits.append(made)
        said = f"{len(refits)} of {len(wanted)}: {made.group}, {made.name}"
        on_event(Event("vary", said, "info", len(refits) / len(wanted)))
    base = _outcome(Variation(AS_CONFIGURED, AS_CONFIGURED, {}, ""), run.summary, ())
    return Robustness(base, tuple(refits))


def _made(start: Start, wanted: Sequence[Variation], workers: int) -> Iterator[Refit]:
    if workers <= 1:
        yield from (refit(start, variation) for variation in wanted)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    # new interpreters, not forks: the caller may hold threads, which a fork would leave in an unknown state
    with ProcessPoolExecutor(min(workers, len(wanted)), mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(refit, _for(start, variation), variation) for variation in wanted]
        try:
            yield from (job.result() for job in jobs)
        finally:
            pool.shutdown(cancel_futures=True)


def _for(start: Start, variation: Variation) -> Start:
    """What one refit needs of the start, so that nothing else travels to its process."""
    if _reaches_the_stars(variation):
        return start
    return replace(start, stars=StarTable({"row": np.zeros(0, np.int64)}, start.stars.survey))


def _reaches_the_stars(variation: Variation) -> bool:
    return any(key.partition(".")[0] in _FROM_THE_STARS for key in variation.settings)


def refit(start: Start, variation: Variation) -> Refit:
    """One refit; one that cannot be made says why in its note."""
    try:
        config = configuration.change(start.config, variation.settings)
        return _outcome(variation, *_fitted(start, config, _reaches_the_stars(variation)))
    except HaloscaleError as error:
        return _described(variation, note=str(error).partition("\n")[0])


def _fitted(start: Start, config: RunConfig, from_the_stars: bool) -> tuple[Summary, tuple[str, ...]]:
    sample, profile, cutflow = start.sample, start.profile, start.cutflow
    if from_the_stars:
        chosen = stages.select_sample(config, start.stars, start.strict, generator(config.seed, "sample"))
        sample, cutflow = chosen.sample, chosen.cutflow
        profile, _ = stages.measure_profile(config, sample, generator(config.seed, "dispersion"))
    points = None
    if config.jeans.route == "v_circ":
        points, _ = stages.circular_velocity(config, profile, generator(config.seed, "circular_velocity"))
    rng = generator(config.seed, "fit")
    chain, notes = stages.fit(config, sample, profile, rng, lambda fraction, line: None, points)
    return stages.summarise(config, cutflow, sample, profile, chain, (), {}, "", points), notes


def _outcome(variation: Variation, summary: Summary, notes: tuple[str, ...]) -> Refit:
    known = {**summary.derived, **summary.parameters}
    return _described(
        variation,
        values={name: Interval(known[name].median, known[name].lower, known[name].upper) for name in QUANTITIES},
        chi2=summary.chi2,
        n_points=summary.n_points,
        n_in_bins=summary.n_in_bins,
        status=summary.sampling.status,
        note="; ".join(notes),
    )


def _described(variation: Variation, **outcome: Any) -> Refit:
    settings = variation.settings.items()
    change = " ".join(f"{key}={_toml(value)}" for key, value in settings)
    return Refit(variation.group, variation.name, change, variation.reason, variation.counted, **outcome)


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{','.join(_toml(item) for item in value)}]"
    return str(value).lower() if isinstance(value, bool) else f"{value:.6g}" if isinstance(value, float) else str(value)
