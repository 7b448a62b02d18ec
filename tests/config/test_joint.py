"""Several catalogues in one file: what they share, what each has, and that it is written and read again."""

import tomllib
from pathlib import Path

import pytest

from haloscale.config import JointConfig, diff, load, load_joint, members, restore, to_toml
from haloscale.errors import ConfigError
from haloscale.inference.priors import Prior

FILE = """
[anisotropy]
beta = { prior = "uniform", low = -0.5, high = 0.5 }
[[catalogue]]
name = "giants"
path = "giants.csv"
survey = "segue_kgiants"
[[catalogue]]
name = "bhb"
path = "/data/bhb.csv"
survey = "segue_bhb"
v_offset = 2.0
[catalogue.tracer]
profile = "einasto"
n = 3.0
[catalogue.selection]
z_min = 4.0
feh_max = "off"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "joint.toml"
    path.write_text(FILE)
    return path


def test_a_catalogue_has_its_own_tables_on_top_of_those_of_the_file(file: Path) -> None:
    config = load_joint(file).config
    assert isinstance(config, JointConfig)
    giants, bhb = config.catalogues["giants"], config.catalogues["bhb"]
    assert giants.tracer == {"profile": "power_law", "log_slope": -4.0}
    assert bhb.tracer["profile"] == "einasto"
    assert "log_slope" not in bhb.tracer
    assert (giants.selection.cuts()["z_min"], bhb.selection.cuts()["z_min"]) == (5.0, 4.0)
    assert (giants.selection.cuts()["feh_max"], bhb.selection.cuts()["feh_max"]) == (-1.0, None)
    assert (giants.catalogue.v_offset, bhb.catalogue.v_offset) == (0.0, 2.0)


def test_each_catalogue_has_a_free_beta_of_its_own_and_the_halo_is_shared(file: Path) -> None:
    config = load_joint(file).config
    own = [f"catalogue.{name}.anisotropy.beta" for name in ("giants", "bhb")]
    assert list(config.free) == ["mass.halo.m_vir", "mass.halo.c", *own]


def test_paths_are_those_beside_the_file(file: Path) -> None:
    config = load_joint(file).config
    paths = [one.catalogue.path for one in members(config).values()]
    assert paths == [str(file.parent.resolve() / "giants.csv"), "/data/bhb.csv"]


def test_a_dropped_key_is_told_with_the_catalogue(file: Path) -> None:
    assert "bhb: tracer.log_slope is dropped: profile = 'einasto' has no such key" in load_joint(file).notes


def test_what_is_resolved_gives_the_same_again(file: Path, tmp_path: Path) -> None:
    loaded = load_joint(file, settings={"selection.b_min": 20.0}, seed=5)
    resolved = loaded.config.to_mapping()
    text = to_toml(resolved)
    assert tomllib.loads(text) == resolved
    assert restore(tomllib.loads(text)).to_mapping() == resolved
    other = tmp_path / "elsewhere" / "resolved.toml"
    other.parent.mkdir()
    other.write_text(text)
    assert load_joint(other).config.to_mapping() == resolved


def test_what_was_given_gives_the_same_again(file: Path) -> None:
    loaded = load_joint(file, settings={"catalogue.bhb.tracer.n": 2.0, "mass.halo.c": 10.0})
    again = file.with_name("given.toml")
    again.write_text(to_toml(loaded.given))
    assert load_joint(again).config.to_mapping() == loaded.config.to_mapping()


def test_a_setting_holds_for_all_unless_a_catalogue_has_its_own(file: Path) -> None:
    config = load_joint(file, settings={"selection.z_min": 3.0, "selection.b_min": 10.0}).config
    cuts = {name: one.selection.cuts() for name, one in members(config).items()}
    assert (cuts["giants"]["z_min"], cuts["bhb"]["z_min"]) == (3.0, 4.0)
    assert (cuts["giants"]["b_min"], cuts["bhb"]["b_min"]) == (10.0, 10.0)


def test_a_setting_may_be_of_one_catalogue(file: Path) -> None:
    given = {"catalogue.giants.anisotropy.beta": 0.2, "catalogue.bhb.v_offset": -1.0}
    config = load_joint(file, settings=given).config
    betas = [one.anisotropy["beta"] for one in members(config).values()]
    assert betas[0] == 0.2
    assert isinstance(betas[1], Prior)
    assert members(config)["bhb"].catalogue.v_offset == -1.0


@pytest.mark.parametrize("key", ["catalogue.v_offset", "catalogue.bbh.v_offset"])
def test_a_setting_of_no_catalogue_is_refused(file: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="with a NAME of: giants, bhb"):
        load_joint(file, settings={key: 1.0})


def test_changes_are_told_by_catalogue_and_key(file: Path) -> None:
    first = load_joint(file).config.to_mapping()
    given = {"catalogue.bhb.selection.z_min": 6.0, "catalogue.giants.v_offset": 3.0, "mass.disk.m": 5e10}
    other = load_joint(file, settings=given).config.to_mapping()
    assert set(diff(first, other)) == {"catalogue.bhb.selection.z_min", "catalogue.giants.v_offset", "mass.disk.m"}
    fewer = {**first, "catalogue": first["catalogue"][:1]}
    assert diff(first, fewer) == ["catalogue.bhb"]


def test_the_recipe_is_that_of_the_file_or_of_the_command(file: Path, tmp_path: Path) -> None:
    below = tmp_path / "below.toml"
    below.write_text("[selection]\nb_min = 30.0\n")
    assert members(load_joint(file, below).config)["bhb"].selection.cuts()["b_min"] == 30.0
    file.write_text('recipe = "zhai2018"\n' + FILE)
    assert load_joint(file).config.recipe == "zhai2018"
    with pytest.raises(ConfigError, match="the recipe is given twice"):
        load_joint(file, "modern")


def test_a_single_catalogue_is_its_own_only_member() -> None:
    config = load().config
    assert dict(members(config)) == {"": config}
