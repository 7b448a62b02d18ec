"""A run whose distances are found from spectra and photometry: what the stages keep of them, and the demo."""

import numpy as np
import pytest

from haloscale import config, mock, stages
from haloscale.config.keys import keys_of
from haloscale.errors import ConfigError
from haloscale.records import MODULI
from haloscale.repeats import merge_repeats

METHOD = {"distance.method": "giant_branch", "distance.system": "ps1"}


def select(table, **settings):
    """The sample of a catalogue, and what was said."""
    chosen = config.load(settings={**METHOD, **settings}, catalogue={"survey": "generic"}).config
    return stages.select_sample(chosen, table, strict=False, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def simulated():
    return mock.simulate_spectra(mock.Truth(), np.random.default_rng(8), n_stars=4000)


@pytest.fixture(scope="module")
def selected(simulated):
    return select(simulated)


def test_unplaced_stars_are_a_line_of_the_cut_flow_and_a_remark(selected):
    merged, placed, complete, *_ = selected.cutflow
    assert (merged.name, placed.name) == ("repeat observations merged", "distance found")
    assert (placed.n_before, placed.n_after) == (merged.n_after, complete.n_before)
    assert complete.n_after == complete.n_before
    counted = sum(int(part.split()[0]) for part in placed.note.split(", "))
    assert counted == placed.n_before - placed.n_after > 0
    assert any(f"no distance for {counted} of {placed.n_before}" in note for note in selected.notes)


def test_the_sample_keeps_what_the_distances_came_from(selected):
    extra = selected.sample.extra
    assert {"gr0", "gr0_error", "rmag0", "rmag0_error", "ebv", "feh", "feh_error", "m_r", *MODULI} <= set(extra)
    assert set(extra["flag"]) == {"ok"}
    np.testing.assert_allclose(10 ** (extra["dm_mean"] / 5 - 2), selected.sample.distance, rtol=1e-12)
    assert (selected.sample.distance_error < 0.4 * selected.sample.distance).all()


def test_distance_scale_acts_on_the_distances_that_were_found(simulated, selected):
    free = {"selection.r_min": "off", "selection.r_max": "off", "selection.z_min": "off"}
    plain, scaled = (select(simulated, **free, **more).sample for more in ({}, {"catalogue.distance_scale": 1.2}))
    np.testing.assert_array_equal(plain.row, scaled.row)
    np.testing.assert_allclose(scaled.distance, 1.2 * plain.distance, rtol=1e-12)
    np.testing.assert_allclose(scaled.extra["dm_p50"] - plain.extra["dm_p50"], 5 * np.log10(1.2), rtol=1e-9)


def test_the_catalogue_s_own_distances_stay_beside(simulated):
    given = simulated.with_columns(distance=np.full(4000, 9.0), distance_error=np.full(4000, 2.0))
    sample = select(given, **{"catalogue.distance_scale": 1.2}).sample
    assert set(sample.extra["catalogue_distance"]) == {9.0}
    assert set(sample.extra["catalogue_distance_error"]) == {2.0}
    assert not np.isin(sample.distance, (9.0, 10.8)).any()


def test_visits_share_one_measurement_of_the_magnitudes(simulated):
    """Merged visits must not shrink an error that they share; their spectra are independent."""
    merged, _ = merge_repeats(simulated, 3.0)
    twice = merged["n_visits"] == 2
    first = merged["row"][twice]
    np.testing.assert_allclose(merged["rmag_error"][twice], simulated["rmag_error"][first], rtol=1e-12)
    assert np.nanmedian(merged["feh_error"][twice] / simulated["feh_error"][first]) == pytest.approx(0.7, abs=0.1)


@pytest.mark.slow
def test_the_demo_shows_the_truth_beside_and_compares_distances(haloscale, tmp_path):
    fast = [w for k in ("sampler.n_steps=1500", "sampler.max_steps=3000") for w in ("--set", k)]
    done = haloscale("demo", "--from-spectra", "-o", tmp_path / "demo", *fast)
    assert done.code in (0, 3), done.err
    assert "truth 1.100e12" in done.out
    assert mock.FROM_SPECTRA in done.out
    assert "distances over true ones: median" in done.err
    cited = (tmp_path / "demo" / "CITE.bib").read_text()
    assert all(f"{{{key}," in cited for key in ("Xue2014", "Finkbeiner2016", "SchlaflyFinkbeiner2011", "Bernard2014"))
    assert "{Tonry2012," not in cited
    assert "{Schlegel1998," not in cited
    resolved = (tmp_path / "demo" / "config.resolved.toml").read_text()
    assert 'method = "giant_branch"' in resolved
    assert 'system = "ps1"' in resolved


def test_the_demo_from_spectra_is_of_giants(haloscale, tmp_path):
    for method in ("bhb", "catalogue"):
        done = haloscale("demo", "--from-spectra", "--set", f"distance.method={method}", "-o", tmp_path / "demo")
        assert done.code == 2
        assert "red giants" in done.err
        assert "distance.system" not in done.err
        assert not (tmp_path / "demo").exists()


def test_every_option_of_the_distances_is_explained():
    assert "giant_branch" in config.annotated("zhai2018")
    known = keys_of(("distance",), {"method": "giant_branch"})
    assert known is not None
    for name in ("luminosity_slope", "metallicity_prior", "density_log_slope", "system", "transform", "ebv"):
        assert known[name].description, name


def test_a_scale_that_is_free_is_refused():
    with pytest.raises(ConfigError, match="distance_scale"):
        select(
            mock.simulate_spectra(mock.Truth(), np.random.default_rng(8), n_stars=300),
            **{"catalogue.distance_scale": {"prior": "normal", "mean": 1.0, "sd": 0.1}},
        )
