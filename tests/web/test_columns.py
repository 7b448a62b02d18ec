"""What the columns of a file may mean."""

import pytest

from haloscale.web.columns import ROLES, guess, known_names


@pytest.mark.parametrize(
    ("role", "column"),
    [
        ("v_helio", "RV"), ("v_helio", "radial_velocity"), ("v_helio", "HRV"), ("v_helio_error", "e_RV"),
        ("distance", "Dist"), ("distance", "d_kpc"), ("l", "GLON"), ("b", "GLAT"), ("ra", "RAJ2000"),
        ("dec", "DEJ2000"), ("distance", "helio_dist"), ("feh", "[M/H]"), ("feh", "m_h"),
        ("feh", "[Fe/H]"), ("logg", "log_g"), ("teff", "Teff"), ("v_helio_error", "radial_velocity_err"),
    ],
)  # fmt: skip
def test_names_in_use_are_known(role: str, column: str) -> None:
    found = guess([column, "objid", "snr"], {})
    assert found["survey"] is None
    assert found["columns"][role]["name"] == column


def test_a_stated_unit_is_told_and_an_unstated_one_assumed() -> None:
    found = guess(["dist", "rv"], {"dist": "pc", "rv": ""})["columns"]
    assert found["distance"]["unit"] == "pc"
    assert found["v_helio"]["unit"] == "km / s"
    assert "km / s assumed" in found["v_helio"]["why"]


def test_no_column_is_guessed_twice_and_odd_names_are_left_alone() -> None:
    names = ["<script>", "rv", "RV", "", "__proto__", "dist", "dist_err"]
    columns = [one["name"] for one in guess(names, {})["columns"].values()]
    assert len(columns) == len(set(columns))
    assert "<script>" not in columns


def test_a_known_file_is_taken_for_its_survey() -> None:
    names = [
        "ra_deg", "dec_deg", "l_deg", "b_deg", "dist_kpc", "e_dist_kpc", "vhelio_kms", "e_vhelio_kms", "feh",
        "sgr_weak", "pm_l_masyr", "pm_b_masyr", "e_pm_l_masyr", "e_pm_b_masyr",
    ]  # fmt: skip
    found = guess(names, {})
    assert found["survey"] == "segue_kgiants"
    assert found["columns"]["v_helio"]["name"] == "vhelio_kms"


def test_roles_say_what_is_needed() -> None:
    assert [role["role"] for role in ROLES if role["required"]] == ["distance", "v_helio"]
    assert all(role["role"] in known_names() for role in ROLES)
