"""Photometry on its way from a file to the distances: columns, units, missing values, repeat visits, the run."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from haloscale.distance import find_distances
from haloscale.errors import CatalogueError
from haloscale.frames import complete_positions
from haloscale.repeats import merge_repeats
from haloscale.surveys import surveys
from haloscale.tables import read_catalogue

HEAD = "l,b,v_helio,v_helio_error,gmag,gmag_error,rmag,rmag_error,ebv"
ROWS = ["10,50,-20,3,18.00,0.02,18.15,0.02,0.03", "200,-60,80,4,99.99,99.99,17.0,0.01,0.05"]


def write(path: Path, head: str = HEAD, rows: list[str] = ROWS) -> Path:
    path.write_text("\n".join([head, *rows]) + "\n")
    return path


def test_a_spectroscopic_table_with_photometry_needs_no_distance(tmp_path: Path) -> None:
    table = read_catalogue(write(tmp_path / "stars.csv"), surveys["generic"])
    assert "distance" not in table
    out = find_distances(complete_positions(table), "bhb")
    assert list(out["flag"]) == ["ok", "missing_band"]
    with pytest.raises(CatalogueError, match="no column of distances") as caught:
        find_distances(table)
    assert "distance.method" in caught.value.advice


def test_without_photometry_a_distance_is_still_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path / "stars.csv", HEAD.replace("gmag,", "g,").replace("rmag,", "r,"))
    with pytest.raises(CatalogueError, match="distance"):
        read_catalogue(path, surveys["generic"])


def test_columns_are_mapped_and_units_honoured(tmp_path: Path) -> None:
    from astropy.table import Table

    path = tmp_path / "stars.fits"
    columns = {"RA": [150.0], "DE": [20.0], "rv": [3.0], "gMeanPSFMag": [18000.0], "rMeanPSFMag": [18.2], "ebv": [0.02]}
    table = Table(columns)
    table["gMeanPSFMag"].unit, table["rMeanPSFMag"].unit = "mmag", "mag"
    table.write(path)
    names = {"ra": "RA", "dec": "DE", "v_helio": "rv", "gmag": "gMeanPSFMag", "rmag": "rMeanPSFMag"}
    read = read_catalogue(path, surveys["generic"], names)
    assert (read["gmag"][0], read["rmag"][0], read["ebv"][0]) == pytest.approx((18.0, 18.2, 0.02))


@pytest.mark.parametrize("survey", ["generic", "lamost_dr5", "segue_kgiants"])
def test_every_survey_takes_photometry(survey: str, tmp_path: Path) -> None:
    head = "ra,dec,rv,rv_err,ra_deg,dec_deg,l_deg,b_deg,l,b,vhelio_kms,v_helio,distance,dist_kpc,g"
    path = write(tmp_path / "stars.csv", head, [",".join(["1.5"] * 14 + ["18.0"])])
    assert read_catalogue(path, surveys[survey], {"gmag": "g"})["gmag"] == pytest.approx([18.0])


def test_the_dr8_giants_bring_their_own(shared: Callable[[str], Path]) -> None:
    path = shared("data/lamost-dr8-kgiants/zhang2023_table1_first23.txt")
    table = read_catalogue(path, surveys["lamost_dr8_kgiants"])
    colour = table["gr0"]
    assert np.isfinite(colour).all()
    assert ((colour > 0.4) & (colour < 1.3)).all()
    assert (table["rmag0_error"] >= 0.037).all()


def test_a_placeholder_is_not_averaged_with_a_measurement(tmp_path: Path) -> None:
    rows = [ROWS[0], ROWS[0].replace("18.00,0.02", "99.99,99.99"), ROWS[0].replace("18.00,0.02", "18.04,0.04")]
    table = read_catalogue(write(tmp_path / "stars.csv", rows=rows), surveys["generic"])
    out, _ = merge_repeats(table, 3.0)
    weights = np.array([1 / 0.02**2, 1 / 0.04**2])
    assert out["gmag"] == pytest.approx([np.average([18.0, 18.04], weights=weights)])
    assert out["gmag_error"] == pytest.approx([np.average([0.02, 0.04], weights=weights)])
    assert out["rmag_error"] == pytest.approx([0.02])  # one photometry behind three spectra: no gain
    assert out["ebv"] == pytest.approx([0.03])


def test_the_cut_flow_is_told_who_has_no_distance(tmp_path: Path, haloscale: Callable) -> None:
    path = write(tmp_path / "stars.csv", rows=[ROWS[0], ROWS[0].replace("10,50", "90,40"), ROWS[1]])
    done = haloscale("check", path, "--survey", "generic", "--recipe", "zhai2018", "--set", "distance.method=bhb")
    assert done.code == 0
    assert "no distance for 1 of 3 stars: 1 missing_band" in done.err
    assert "distance found 3 2 1 missing_band" in " ".join(done.out.split())
