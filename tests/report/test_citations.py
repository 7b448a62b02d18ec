"""What is cited follows from what was used."""

import re
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest

from haloscale.report.citations import WHERE, bibtex, parse, references

CONFIG: dict[str, Any] = {
    "catalogue": {"survey": "segue_kgiants"},
    "frame": {"r0": 8.0, "solar_motion": [10.0, 5.25, 7.17]},
    "distance": {"method": "catalogue"},
    "substructure": {"method": "keep_all"},
    "mass": {"halo": {"profile": "nfw"}, "bulge": {"profile": "hernquist"}, "disk": "off"},
    "tracer": {"profile": "power_law"},
    "anisotropy": {"model": "constant"},
    "sampler": {"name": "emcee"},
}


def keys(config: dict[str, Any]) -> list[str]:
    return [reference.key for reference in references(config)]


def with_value(path: str, value: Any) -> dict[str, Any]:
    config = deepcopy(CONFIG)
    table, key = path.rsplit(".", 1)
    inner = config
    for part in table.split("."):
        inner = inner.setdefault(part, {})
    inner[key] = value
    return config


def test_the_paper_and_the_catalogue_come_first_and_each_entry_once() -> None:
    found = keys(CONFIG)
    assert found[0] == "Zhai2018"
    assert found[1] == "Xue2014"
    assert len(found) == len(set(found))
    assert {"ForemanMackey2013", "Navarro1996", "Hernquist1990", "DehnenBinney1998", "Xu2018", "Harris2020"} <= set(
        found
    )


@pytest.mark.parametrize(
    ("path", "value", "without", "with_"),
    [
        ("sampler.name", "dynesty", "ForemanMackey2013", None),
        ("mass.bulge.profile", "plummer", "Hernquist1990", None),
        ("frame.solar_motion", [11.1, 12.24, 7.25], "DehnenBinney1998", "Schoenrich2010"),
        ("frame.r0", {"prior": "normal", "mean": 8.2, "sd": 0.1}, "Reid1993", None),
        ("frame.r0", 8.178, "Reid1993", "Gravity2019"),
        ("substructure.method", "fof_adaptive", None, "Starkenburg2009"),
        ("selection.giants", "liu2014", None, "Liu2014"),
        ("catalogue.survey", "generic", "Xue2014", None),
        ("catalogue.survey", "no_such_survey", "Xue2014", None),
    ],
)
def test_only_what_was_used_is_cited(path: str, value: Any, without: str | None, with_: str | None) -> None:
    found = keys(with_value(path, value))
    assert without not in found
    assert with_ is None or with_ in found


GIANTS = {"method": "giant_branch", "system": "ps1", "transform": "finkbeiner2016", "ebv": "column"}
BANDS = {"Finkbeiner2016", "Tonry2012", "SchlaflyFinkbeiner2011", "Schlegel1998", "Green2018"}


@pytest.mark.parametrize(
    ("changes", "columns", "cited"),
    [
        ({}, None, {"Finkbeiner2016", "SchlaflyFinkbeiner2011"}),
        ({"transform": "tonry2012"}, ["gr0", "ebv"], {"Tonry2012", "SchlaflyFinkbeiner2011"}),
        ({"system": "sdss"}, ["gr0", "ebv"], {"SchlaflyFinkbeiner2011"}),
        ({"system": "sdss", "ebv": "maps"}, ["ebv"], {"SchlaflyFinkbeiner2011", "Schlegel1998", "Green2018"}),
        ({"ebv": "none"}, ["ebv"], {"Finkbeiner2016"}),
        ({}, ["gr0", "rmag0"], set()),  # the catalogue brought dereddened photometry
        ({"method": "bhb", "system": "sdss"}, ["ebv"], {"SchlaflyFinkbeiner2011"}),
    ],
)
def test_photometry_is_cited_as_it_was_used(changes: dict[str, str], columns: Any, cited: set[str]) -> None:
    config = {**CONFIG, "catalogue": {"survey": "generic"}, "distance": {**GIANTS, **changes}}
    found = {reference.key for reference in references(config, columns)}
    assert found & BANDS == cited
    is_giants = config["distance"]["method"] == "giant_branch"
    assert ({"Xue2014", "Bernard2014", "BaumgardtVasiliev2021"} <= found) is is_giants
    assert ("Deason2011" in found) is not is_giants


def test_distances_of_the_catalogue_cite_no_photometry() -> None:
    assert not (BANDS | {"Deason2011", "Bernard2014"}) & set(keys(CONFIG))


def test_every_catalogue_of_a_joint_run_is_cited() -> None:
    joint = {**CONFIG, "catalogue": [{"survey": "segue_kgiants"}, {"survey": "segue_bhb"}]}
    assert len(keys(joint)) > len(keys(CONFIG))


def test_every_rule_names_an_entry_that_exists() -> None:
    for pattern, value, key, _ in WHERE:
        text = value.replace("*", "x") if isinstance(value, str) else value
        assert key in keys(with_value(pattern.replace("*", "part"), text))


def test_the_entries_are_well_formed_bibtex() -> None:
    everything = files("haloscale.report").joinpath("references.bib").read_text(encoding="utf-8")
    for reference in parse(everything + bibtex(CONFIG)):
        assert reference.text.count("{") == reference.text.count("}")
        assert re.fullmatch(r"(19|20)\d\d", reference.field("year")), reference.key
        printed = ("booktitle",) if reference.text.startswith("@inproceedings") else ("journal", "volume", "doi")
        for name in ("author", "title", "pages", *printed):
            assert reference.field(name), (reference.key, name)


def test_a_reference_reads_as_a_line() -> None:
    line = next(r.short() for r in references(CONFIG) if r.key == "Zhai2018")
    assert line == (
        "Zhai et al. (2018). The mass of the Galactic dark matter halo from ~9000 LAMOST DR5 K giants. "
        "Research in Astronomy and Astrophysics 18, 113."
    )
    modern = references(with_value("frame.solar_motion", [11.1, 12.24, 7.25]))
    assert next(r for r in modern if r.key == "Schoenrich2010").short().startswith("Schönrich et al. (2010).")
