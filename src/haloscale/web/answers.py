"""The answers to a page: messages of plain numbers, made from what the scene computes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from haloscale import run as runs
from haloscale.errors import HaloscaleError, InputError
from haloscale.records import CutFlow, Sample
from haloscale.web import curves, quick
from haloscale.web.advice import on_page
from haloscale.web.binned import remark
from haloscale.web.downloads import drawable
from haloscale.web.memory import Memory
from haloscale.web.scene import Scene
from haloscale.web.state import State
from haloscale.web.symbols import symbols

Message = dict[str, Any]

_MOST_STARS: Final = 4000
_SHOWN_WITH: Final = 1
"""Seed of the draw of the stars that are shown, so that the same are shown again."""
_N_COLOURS: Final = 8


class Answers:
    """Messages about states. Errors of every method: `HaloscaleError`."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._samples: Memory[Message] = Memory(2)
        self._drawable: Memory[list[str]] = Memory(8)

    def sample(self, state: State) -> Message:
        """Stars, groups and cut flow."""
        asked, selected = self.scene.asked(state), self.scene.prepared(state).selected
        most = asked.config.substructure.max_members

        def make() -> Message:
            rows, sample = cut_rows(selected.cutflow), selected.sample
            return {"kind": "sample", "cuts": rows, "n_total": len(sample), **stars(sample, most)}

        made = self._samples.get(asked.key_of_stars, make)
        return {**made, "notes": list(map(on_page, (*asked.request.loaded.notes, *selected.notes)))}

    def profile(self, state: State) -> Message:
        """The dispersion profile."""
        return {"kind": "profile", **curves.measured(self.scene.prepared(state).profile)}

    def curves(self, state: State, *, with_published: bool = False) -> Message:
        """The model at the point of the state, or at the maximum of the posterior where it names none."""
        asked, profile = self.scene.asked(state), self.scene.prepared(state).profile
        theta, note = self._theta(state)
        made = curves.curves(asked.config, asked.model, profile, theta)
        chi2, n_bins, why = self._chi2(state, theta)
        notes = [on_page(said) for said in (note, why, self._remark(state)) if said]
        shown = {"literature": curves.published(float(made["r"][-1]))} if with_published else {}
        about = {"chi2": chi2, "n_bins": n_bins, "notes": notes, "figures": self._figures(state)}
        return {"kind": "curves", **made, **shown, **about}

    def posterior(self, state: State) -> Message:
        """The posterior of two parameters, and of each alone."""
        config = self.scene.asked(state).config
        joined = self.scene.quick(state)
        rng, best = runs.generator(config.seed, "explore"), self.best(state)
        made = quick.quick_posterior(joined.posterior, best, rng, state.axes)
        said = f"{made['said']} {self._remark(state)}".strip()
        return {"kind": "posterior", **made, "said": said}

    def best(self, state: State) -> dict[str, float]:
        """The maximum of the posterior that is drawn."""
        joined = self.scene.quick(state)
        rng = runs.generator(self.scene.asked(state).config.seed, "explore")
        return self.scene.best(joined, lambda: quick.maximum(joined.posterior, rng))

    def point(self, state: State) -> dict[str, float]:
        """Where the model is drawn: every free parameter, whether or not the state pins it."""
        names = (p.name for p in self.scene.asked(state).model.parameters)
        return dict(zip(names, map(float, self._theta(state)[0]), strict=True))

    def _figures(self, state: State) -> list[str]:
        """The figures that can be made of a state."""
        asked = self.scene.asked(state)
        key = asked.key_of_stars, asked.config.jeans.route
        return self._drawable.get(key, lambda: drawable(asked.config, self.scene.prepared(state)))

    def _remark(self, state: State) -> str:
        asked = self.scene.asked(state)
        return remark(asked.config, asked.model)

    def _theta(self, state: State) -> tuple[Any, str]:
        model = self.scene.asked(state).model
        if all(p.name in state.point for p in model.parameters):
            return curves.vector(model, state.point), ""
        middle = {p.name: prior.quantile(0.5) for p, prior in zip(model.parameters, model.priors, strict=True)}
        try:
            return curves.vector(model, {**middle, **self.best(state), **state.point}), ""
        except InputError as error:
            if error.found.startswith("point."):
                raise
            return curves.vector(model, {**middle, **state.point}), f"drawn at the medians of the priors: {error.found}"

    def _chi2(self, state: State, theta: Any) -> tuple[float | None, int, str]:
        try:
            joined = self.scene.quick(state)
            names = [p.name for p in self.scene.asked(state).model.parameters]
            known = [names.index(p.name) for p in joined.posterior.model.parameters]
            return (*curves.binned_chi2(joined.posterior, theta[known]), "")
        except InputError as error:
            return None, 0, f"no chi2: {error.found}"


def cut_rows(flow: CutFlow) -> list[dict[str, Any]]:
    """The lines of a cut flow."""
    return [
        {
            "cut": c.name,
            "before": c.n_before,
            "after": c.n_after,
            "skipped": not c.applied,
            "note": c.note,
            "catalogue": c.catalogue,
        }
        for c in flow
    ]


def stars(sample: Sample, max_members: int) -> Message:
    """The stars that are shown, those of removed groups first, and the groups."""
    shown = _shown(sample, max_members)
    ids, sizes = np.unique(sample.group_id[sample.removed(max_members)], return_counts=True)
    order = np.argsort(-sizes, kind="stable")
    groups = [
        {"id": int(ids[k]), "name": f"group {int(ids[k])}", "n": int(sizes[k]), "colour_index": rank % _N_COLOURS}
        for rank, k in enumerate(order)
    ]
    columns = {name: getattr(sample, name)[shown] for name in ("r", "v_gsr", "l", "b", "x", "z")}
    large = np.isin(sample.group_id[shown], ids)
    made: Message = {name: curves.numbers(values, 5) for name, values in columns.items()}
    made["group"] = np.where(large, sample.group_id[shown], -1).tolist()
    return {"stars": made, "groups": groups, "n_shown": len(shown), "n_in_bins": int((sample.bin >= 0).sum())}


def _shown(sample: Sample, max_members: int) -> Any:
    """Positions of the stars that are shown: those of large groups, then others at random."""
    order = np.random.default_rng(_SHOWN_WITH).permutation(len(sample))
    first = sample.removed(max_members)[order]
    return np.concatenate([order[first], order[~first]])[:_MOST_STARS]


def complaint(error: BaseException, fields: Iterable[str] = ()) -> dict[str, Any]:
    """What is wrong, in three parts, and the field it is about: the key of a setting or a standard column."""
    if not isinstance(error, InputError):
        said = str(error) if isinstance(error, HaloscaleError) else "something went wrong in haloscale"
        return {"field": None, "found": said, "expected": "", "advice": "change the last setting back", "text": said}
    found, expected, advice = map(on_page, (error.found, error.expected, error.advice))
    text = f"{found}. Expected: {expected}. {advice[:1].upper()}{advice[1:]}."
    return {
        "field": field_of(error, fields), "found": found, "expected": expected, "advice": advice, "text": text,
    }  # fmt: skip


def field_of(error: InputError, fields: Iterable[str] = ()) -> str | None:
    """The longest of some keys that a message names, else a dotted key or standard column in it."""
    text = error.found
    named = sorted((f for f in (*fields, *_columns()) if _names(text, f)), key=len, reverse=True)
    for word in error.found.replace(",", " ").replace("=", " ").split():
        plain = word.strip("[]:'\"()")
        if "." in plain and plain.partition(".")[0] in _tables() and " " not in plain:
            return plain
    return named[0] if named else None


def _names(text: str, field: str) -> bool:
    return any(word.strip("[]:'\",.()=") == field for word in text.replace("=", " ").split())


def _columns() -> tuple[str, ...]:
    from haloscale.tables.units import INPUT_COLUMNS

    return INPUT_COLUMNS


def _tables() -> tuple[str, ...]:
    from haloscale.config.keys import TABLES

    return TABLES


def plain(summary: Mapping[str, Any]) -> dict[str, Any]:
    """Estimates of a summary for JSON."""
    return {
        name: {"median": curves.number(one.median), "low68": curves.number(one.lower),
               "high68": curves.number(one.upper), "unit": one.unit, "label": symbols(one.definition),
               "fixed": one.fixed}
        for name, one in summary.items()
    }  # fmt: skip
