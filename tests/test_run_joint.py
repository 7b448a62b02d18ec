"""Several catalogues in one run: the folder, resuming, refusal, the command line, and what cannot be weighed."""

import hashlib
import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

import haloscale as hs
from haloscale import api, mock, stages, tables
from haloscale.errors import RunFolderError

SHARED = """
[anisotropy]
beta = { prior = "uniform", low = -0.5, high = 0.8 }
[selection]
z_min = 5.0
[sampler]
name = "laplace"
"""
OF_BHB = """
v_offset = 1.0
[catalogue.tracer]
log_slope = -3.5
[catalogue.selection]
z_min = 7.0
"""
CHANGES = {"provenance.json", "log.txt"}


def stars(seed, slope, n=1500):
    truth = mock.Truth(tracer=hs.tracer.PowerLaw(log_slope=slope))
    return mock.simulate_simple(truth, np.random.default_rng(seed), n, v_error=5.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, joint_text):
    made = tmp_path_factory.mktemp("joint")
    tables.write_star_table(made / "a.parquet", stars(1, -4.0))
    tables.write_star_table(made / "b.parquet", stars(2, -3.5))
    (made / "joint.toml").write_text(joint_text(SHARED, bhb=made / "b.parquet", of_bhb=OF_BHB))
    return made


@pytest.fixture(scope="module")
def finished(folder):
    out = folder / "run"
    return api.execute(api.request(folder / "joint.toml", ""), out, pictures=False), out


@pytest.fixture(scope="module")
def drawn(folder):
    """The same with figures and report."""
    out = folder / "drawn"
    return hs.weigh(folder / "joint.toml", out=out), out


def content(folder):
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in CHANGES)
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.slow
def test_run_folder_holds_the_contract(drawn, shared):
    checker = shared("checks/check_run_folder.py")
    done = subprocess.run([sys.executable, str(checker), str(drawn[1])], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_counts_are_sums_over_the_catalogues(finished):
    run, _ = finished
    parts = [run.of(name) for name in run.catalogues]
    assert run.catalogues == ("giants", "bhb")
    for count in ("n_read", "n_kept", "n_in_bins"):
        assert getattr(run.summary, count) == sum(getattr(part.summary, count) for part in parts) > 0
    np.testing.assert_array_equal(run.profile.n, sum(part.profile.n for part in parts))
    assert run.summary.n_points == sum(part.profile.in_fit.sum() for part in parts)
    assert [part.sample.row.max() < 1500 for part in parts] == [True, True]
    assert np.abs(parts[1].sample.z).min() >= 7.0 > np.abs(parts[0].sample.z).min()


def test_parameters_and_settings_are_those_of_each_catalogue(finished):
    run, _ = finished
    assert list(run.summary.parameters) == ["m_vir", "c", "giants_beta", "bhb_beta"]
    assert run.of("bhb").config["tracer"]["log_slope"] == -3.5
    assert run.of("bhb").config["catalogue"]["v_offset"] == 1.0
    assert run.of("giants").config["tracer"]["log_slope"] == -4.0


def test_the_dispersion_of_all_lies_between_those_of_the_catalogues(finished):
    masses = finished[0].mass_profile
    each = [part.sigma_r.median for part in masses.catalogues.values()]
    assert (masses.sigma_r.median >= np.minimum(*each) * 0.995).all()
    assert (masses.sigma_r.median <= np.maximum(*each) * 1.005).all()
    assert np.abs(each[0] / each[1] - 1).max() > 0.02
    assert {id(part.enclosed_mass) for part in masses.catalogues.values()} != set()
    for part in masses.catalogues.values():
        np.testing.assert_array_equal(part.enclosed_mass.median, masses.enclosed_mass.median)


def test_chi2_is_that_of_the_profiles_of_the_catalogues(finished):
    run, _ = finished
    galaxy, theta = {}, run.chain.values[np.argmax(run.chain.log_posterior)]
    named = dict(zip(run.chain.names, theta, strict=True))
    halo = hs.mass.NFW(m_vir=named["m_vir"], c=named["c"])
    galaxy = halo + hs.mass.ExponentialDisk(m=6.8e10, b=2.5) + hs.mass.Hernquist(m=0.5e10, a=0.6)
    chi2 = 0.0
    for name, slope in (("giants", -4.0), ("bhb", -3.5)):
        profile = run.profile.catalogues[name]
        used, beta = profile.in_fit, hs.anisotropy.Constant(beta=named[f"{name}_beta"])
        model = hs.jeans.sigma_r(galaxy, hs.tracer.PowerLaw(log_slope=slope), beta, profile.r[used])
        chi2 += (((profile.sigma_los[used] - model) / profile.sigma_los_error[used]) ** 2).sum()
    assert run.summary.chi2 == pytest.approx(chi2, rel=1e-6)


@pytest.mark.slow
def test_the_report_and_the_figures_tell_of_each_catalogue(drawn):
    _, out = drawn
    page = (out / "report.html").read_text()
    for word in ("giants alone", "bhb alone", "a.parquet", "b.parquet", "giants_beta", "Velocity anisotropy: bhb"):
        assert word in page, word
    assert (out / "figures" / "catalogue_profiles.png").exists()
    assert "haloscale weigh config.resolved.toml --seed 1 -o DIR" in page


@pytest.mark.slow
def test_same_seed_same_files_and_what_was_resolved_gives_them_again(drawn, tmp_path):
    hs.weigh(drawn[1] / "config.resolved.toml", out=tmp_path / "second")
    first, second = content(drawn[1]), content(tmp_path / "second")
    assert {name for name in first if first[name] != second[name]} == {"config.input.toml"}


def test_an_interrupted_run_resumes_to_the_same(finished, folder, tmp_path, monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    out = tmp_path / "resumed"
    with monkeypatch.context() as patch:
        patch.setattr(stages, "fit", interrupted)
        with pytest.raises(KeyboardInterrupt):
            hs.weigh(folder / "joint.toml", out=out)
    assert (out / ".work").exists()
    api.execute(api.request(folder / "joint.toml", ""), out, pictures=False)
    assert content(out) == content(finished[1])


def test_another_run_is_refused_with_the_changed_key(finished, folder):
    with pytest.raises(RunFolderError, match=r"catalogue\.bhb\.tracer\.log_slope changed"):
        hs.weigh(folder / "joint.toml", out=finished[1], set={"catalogue.bhb.tracer.log_slope": -3.0})
    held = finished[1] / "provenance.json"
    known = json.loads(held.read_text())
    assert [one["name"] for one in known["catalogue"]] == ["giants", "bhb"]
    assert all(len(one["sha256"]) == 64 and one["bytes"] > 0 for one in known["catalogue"])


def test_another_file_of_one_catalogue_is_refused(finished, folder, tmp_path):
    for name in ("a.parquet", "joint.toml"):
        shutil.copy(folder / name, tmp_path)
    tables.write_star_table(tmp_path / "b.parquet", stars(3, -3.5))
    text = (tmp_path / "joint.toml").read_text().replace(f"{folder}/b.parquet", "b.parquet")
    (tmp_path / "joint.toml").write_text(text)
    with pytest.raises(RunFolderError, match=r"catalogue\.bhb\.path changed"):
        hs.weigh(tmp_path / "joint.toml", out=finished[1])


@pytest.mark.slow
def test_report_cite_check_and_compare(drawn, folder, haloscale, tmp_path):
    run, out = drawn
    before = content(out)
    assert haloscale("report", out).code == 0
    assert content(out) == before
    assert "@article{Zhai2018" in haloscale("cite", out).out
    checked = haloscale("check", folder / "joint.toml")
    assert checked.code == 0
    assert [line for line in checked.out.splitlines() if line.endswith(":")] == ["giants:", "bhb:"]
    other = hs.weigh(folder / "a.parquet", "generic", out=tmp_path / "alone", set={"sampler.name": "laplace"})
    compared = haloscale("compare", out, tmp_path / "alone", "-o", tmp_path / "compared")
    assert compared.code == 0, compared.err
    assert str(other.summary.n_in_bins) in compared.out
    assert str(run.summary.n_in_bins) in compared.out


def refused(haloscale, tmp_path, words, says):
    done = haloscale("weigh", *words, "-o", tmp_path / "out")
    assert done.code == 2, done
    assert done.err.count("expected:") == done.err.count("what to do:") == 1
    assert says in done.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--survey", "generic"], "--survey generic is given with"),
        (["--columns", "v_helio=rv"], "--columns v_helio=... is given with"),
        (["--vary"], "varying the assumptions takes one alone"),
        (["--set", "catalogue.giants.path=none.csv"], "catalogue 'giants'"),
        (["--set", "catalogue.bhb.path=a.parquet"], "'giants' and 'bhb' are the same file"),
        (
            ["--set", "catalogue.bhb.selection.r_min=500", "--set", "catalogue.bhb.selection.r_max=off"],
            "catalogue 'bhb'",
        ),
    ],
)
def test_what_cannot_be_weighed_is_refused(haloscale, folder, tmp_path, words, says):
    refused(haloscale, tmp_path, [folder / "joint.toml", *words], says)


def test_a_file_of_several_is_no_catalogue_of_distances(haloscale, folder, tmp_path):
    done = haloscale("distances", folder / "joint.toml", "-o", tmp_path / "d.csv")
    assert done.code == 2
    assert "finding distances takes one alone" in done.err


def test_stars_in_common_are_counted(folder, tmp_path, joint_text):
    a, b = stars(1, -4.0), stars(2, -3.5)
    both = {name: np.concatenate([b[name], a[name][:40]]) for name in b.columns}
    both["row"] = np.arange(len(both["row"]))
    raw = {name: np.concatenate([b.raw[name], a.raw[name][:40]]) for name in b.raw}
    tables.write_star_table(tmp_path / "b.parquet", type(b)(both, b.survey, raw, b.units))
    shutil.copy(folder / "a.parquet", tmp_path)
    (tmp_path / "joint.toml").write_text(joint_text(SHARED, bhb=tmp_path / "b.parquet", of_bhb=OF_BHB))
    notes = api.check(api.request(tmp_path / "joint.toml", "", settings={"selection.z_min": 7.0})).notes
    kept = int((np.abs(hs.frames.locate(a, hs.frames.ZHAI2018)["z"][:40]) >= 7).sum())
    said = [note for note in notes if "in giants and in bhb" in note]
    assert len(said) == 1
    assert 0 < int(said[0].split()[0]) <= kept


@pytest.mark.slow
def test_groups_have_numbers_of_their_own_in_each_catalogue(folder):
    settings = {"substructure.method": "fof_4distance", "substructure.linking_length": 0.1}
    run = hs.weigh(folder / "joint.toml", set=settings)
    of = run.sample.extra["catalogue"]
    numbers = [set(run.sample.group_id[(of == name) & (run.sample.group_id >= 0)]) for name in run.catalogues]
    assert all(numbers)
    assert not numbers[0] & numbers[1]
    for name, known in zip(run.catalogues, numbers, strict=True):
        assert set(run.substructures[name].groups.group_id) == known
