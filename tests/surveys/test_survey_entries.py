"""What every registered survey must state."""

import re

import pytest

from haloscale.errors import ConfigError
from haloscale.surveys import Survey, surveys
from haloscale.tables.units import INPUT_COLUMNS, STANDARD_UNITS, conversion_factor

NAMES = ["generic", "lamost_dr3_halo_rgb", "lamost_dr5", "lamost_dr8_kgiants", "segue_bhb", "segue_kgiants"]
every_survey = pytest.mark.parametrize("name", NAMES)


def test_the_promised_surveys_are_registered() -> None:
    assert list(surveys) == NAMES


def test_an_unknown_survey_offers_the_nearest() -> None:
    with pytest.raises(ConfigError, match="did you mean 'segue_bhb'"):
        surveys["segue_bhbs"]


@every_survey
def test_entry_is_complete(name: str) -> None:
    survey = surveys[name]
    assert isinstance(survey, Survey)
    assert survey.name == name
    assert survey.title
    assert survey.licence
    assert survey.where
    assert {"l", "b"} <= set(survey.columns) or {"ra", "dec"} <= set(survey.columns)
    assert "v_helio" in survey.columns
    assert survey.has_distances == ("distance" in survey.columns)


@every_survey
def test_columns_are_standard_and_their_units_of_the_right_kind(name: str) -> None:
    for standard, column in surveys[name].columns.items():
        assert standard in INPUT_COLUMNS
        assert column.names
        assert conversion_factor(column.unit, STANDARD_UNITS[standard]) > 0


@every_survey
def test_bibtex_is_well_formed(name: str) -> None:
    bibtex = surveys[name].bibtex
    assert bibtex.count("{") == bibtex.count("}")
    entries = re.findall(r"^@(\w+)\{(\w+),$", bibtex, re.MULTILINE)
    assert len(entries) == bibtex.count("@")
    assert bool(entries) == (name != "generic")
    assert bibtex.count("  doi ") == len(entries)


@every_survey
def test_an_address_comes_with_a_checksum(name: str) -> None:
    survey = surveys[name]
    assert (survey.address is None) == (survey.sha256 is None)
    assert survey.address is None or survey.address.startswith("https://")
    assert survey.sha256 is None or re.fullmatch("[0-9a-f]{64}", survey.sha256)
