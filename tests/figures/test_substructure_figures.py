"""The figures of a search for substructure, from none to many groups."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from haloscale.figures import base, style
from haloscale.figures.profiles_before_after import random_removal
from haloscale.figures.substructure_maps import layers
from haloscale.records import Run

MakeRun = Callable[..., Run]

NAMES = ["pair_excess", "profiles_before_after", "substructure_distance_velocity", "substructure_sky"]
CASES: dict[str, dict[str, Any]] = {
    "none": {"sizes": []},
    "one": {"sizes": [30]},
    "small ones only": {"sizes": [5, 3, 2]},
    "few stars": {"sizes": [14], "n": 60},
    "many": {"sizes": [*range(90, 10, -2), *[7] * 30]},
    "a large sample, simulated": {"sizes": [900, 20, 4], "n": 30_000, "truth": {"m_vir": 1e12}},
    "nothing free, no nulls": {"sizes": [40, 12], "free": (), "nulls": False, "pairs": False},
}


@pytest.mark.parametrize("case", CASES)
def test_the_figures_draw_inside_their_frame_in_legible_type(
    case: str, make_searched: MakeRun, check_legible: Callable[[str, Any], None]
) -> None:
    run = make_searched(**CASES[case])
    for name in NAMES:
        if not base.figures[name].applies(run):
            continue
        check_legible(name, base.draw(name, run))


def test_only_what_was_searched_is_drawn(make_run: MakeRun, make_searched: MakeRun) -> None:
    def drawn(run: Run) -> list[str]:
        return [spec.name for spec in base.in_order(run) if spec.name in NAMES]

    searched = make_searched([30, 4])
    assert drawn(make_run(n=60)) == []
    assert drawn(searched) == NAMES
    assert drawn(make_searched([])) == [name for name in NAMES if name != "profiles_before_after"]
    assert "pair_excess" not in drawn(make_searched([30], pairs=False))


def test_the_legend_hides_no_star(make_searched: MakeRun) -> None:
    run = make_searched([260, 90, 60, 41, 33, 25, 19, 18, 14, 13, 12, 9, 2])
    for name in NAMES:
        figure = base.draw(name, run)
        legends = [*figure.legends, *(axes.get_legend() for axes in figure.axes if axes.get_legend() is not None)]
        for legend in legends:
            box = legend.get_window_extent()
            for axes in figure.axes:
                assert not box.padded(-1).overlaps(axes.get_window_extent()), name


def test_every_group_is_drawn_once_and_the_largest_are_named(make_searched: MakeRun) -> None:
    run = make_searched([*range(60, 10, -2), 6, 5, 2])
    drawn = list(layers(run))
    covered = np.sum([layer.stars for layer in drawn], axis=0)
    np.testing.assert_array_equal(covered, run.sample.group_id >= 0)
    assert drawn[0].label == "0: Sagittarius (60)"
    assert [layer.label for layer in drawn[-2:]] == ["17 further groups (476)", "in 3 smaller groups, kept (13)"]
    looks = {(layer.color, layer.marker) for layer in drawn}
    assert len(looks) == len(drawn)
    heights = [layer.height for layer in drawn[:-2]]
    assert heights == sorted(heights)  # a small group is not hidden by a large one


def test_longitude_increases_to_the_left_and_the_map_is_centred_where_the_stars_are(make_searched: MakeRun) -> None:
    run = make_searched([20], n=300)
    for away, middle in ((0.0, "0°"), (180.0, "180°")):
        turned = replace(run, sample=replace(run.sample, l=(away + (run.sample.l - 180) / 4) % 360))
        figure = base.draw("substructure_sky", turned)
        labels = {text.get_text(): text.get_position()[0] for text in figure.axes[0].texts}
        assert labels[middle] == 0.0
        assert labels["60°" if away == 0 else "240°"] < 0


def test_bins_without_null_pairs_are_marked_and_a_first_bin_from_zero_is_drawn(make_searched: MakeRun) -> None:
    run = make_searched([60, 30], n=300)
    assert run.substructure is not None
    assert run.substructure.pairs is not None
    pairs = run.substructure.pairs
    low, null = pairs.separation_low.copy(), pairs.n_null.copy()
    low[0], null[:2] = 0.0, 0.0
    changed = replace(pairs, separation_low=low, n_null=null, n_pairs=pairs.n_pairs + 1)
    without_length = replace(run.substructure, pairs=changed, settings={"nu": 0.4})
    axes = base.draw("pair_excess", replace(run, substructure=without_length)).axes[0]
    labels = axes.get_legend_handles_labels()[1]
    assert "no null pair" in labels
    assert not any(label.startswith("linking") for label in labels)
    assert axes.get_xlim()[0] > 0
    as_found = base.draw("pair_excess", run).axes[0].get_legend_handles_labels()[1]
    assert "linking length 0.025" in as_found


def test_the_random_scatter_of_the_ratio_is_what_removal_at_random_gives(make_searched: MakeRun) -> None:
    run = make_searched([30])
    assert run.all_stars is not None
    before = replace(run.all_stars.profile, n=np.full(12, 400))
    after = replace(run.profile, n=np.array([300, 400, 0, *[200] * 9]))
    expected = random_removal(before, after)
    assert expected[1] == 0.0
    assert np.isnan(expected[2])
    v = np.random.default_rng(1).normal(size=(4000, 400))
    for k in (0, 3):
        kept = v[:, : after.n[k]]
        measured = np.std(np.sqrt(np.mean(kept**2, axis=1) / np.mean(v**2, axis=1)))
        assert measured == pytest.approx(expected[k], rel=0.06)


@pytest.mark.parametrize("name", NAMES)
def test_same_run_same_bytes(name: str, make_searched: MakeRun) -> None:
    run = make_searched([40, 15, 3], n=500)
    assert base.render(base.draw(name, run), "png") == base.render(base.draw(name, run), "png")


def test_a_small_group_outside_the_bins_does_not_count_as_removed(make_searched: MakeRun) -> None:
    run = make_searched([30, 4])
    outside = replace(run.sample, bin=np.where(run.sample.group_id == 1, -1, run.sample.bin))
    removed = style.removed_as_substructure(replace(run, sample=outside))
    np.testing.assert_array_equal(removed, run.sample.group_id == 0)
