"""The annotated configuration explains every key and changes nothing."""

import tomllib
from pathlib import Path

import pytest

from haloscale.config import annotated, load, recipes
from haloscale.errors import ConfigError


@pytest.mark.parametrize("recipe", recipes())
def test_it_loads_back_to_the_recipe(recipe: str, tmp_path: Path) -> None:
    text = annotated(recipe)
    assert tomllib.loads(text) == load(recipe).config.to_mapping()
    path = tmp_path / "annotated.toml"
    path.write_text(text, encoding="utf-8")
    loaded = load(path)
    assert loaded.config == load(recipe).config
    assert loaded.notes == ()


@pytest.mark.parametrize("recipe", recipes())
def test_every_key_has_a_comment_before_it(recipe: str) -> None:
    lines = annotated(recipe).splitlines()
    keys = [i for i, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(keys) > 50
    assert [lines[i] for i in keys if not lines[i - 1].startswith("# ")] == []
    assert max(map(len, lines)) <= 120


def test_units_defaults_and_reasons_are_there() -> None:
    text = annotated("zhai2018")
    assert "# kpc; keeps the disk out (paper: 5); own default: none\nz_min = 5.0   # kpc, keeps the disk out\n" in text
    assert "# solMass; virial mass of the halo alone; own default: free" in text
    assert "log_slope = -4.0   # section 3.2" in text


def test_an_unknown_recipe() -> None:
    with pytest.raises(ConfigError, match="did you mean 'zhai2018'"):
        annotated("zhai18")
