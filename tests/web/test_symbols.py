"""Text of the code as a page shows it."""

import unicodedata

import pytest

from haloscale.listing import describe
from haloscale.web.symbols import of_variant, prior_in_words, symbols

RHO, BETA, SQUARED = "\N{GREEK SMALL LETTER RHO}", "\N{GREEK SMALL LETTER BETA}", "\N{SUPERSCRIPT TWO}"


def test_formulas_have_proper_symbols() -> None:
    assert symbols("rho_s / [x (1 + x)^2]") == f"{RHO}_s / [x (1 + x){SQUARED}]"
    assert symbols("beta = beta_0; the word betake stays") == f"{BETA} = {BETA}_0; the word betake stays"
    assert symbols("sigma_theta^2") == f"\N{GREEK SMALL LETTER SIGMA}_\N{GREEK SMALL LETTER THETA}{SQUARED}"
    assert symbols("r^(2 beta), 0.53: x^0.5") == f"r^(2 {BETA}), 0.53: x^0.5"


def test_variants_are_told_without_names_of_parameters_and_marks_of_code() -> None:
    for kind in ("mass", "tracer", "anisotropy", "distance"):
        for _, line in describe(kind):
            told = of_variant(line)
            assert "solMass" not in told
            assert "``" not in told
            assert unicodedata.is_normalized("NFC", told)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"prior": "log_uniform", "low": 1e11, "high": 1e13}, "uniform in the logarithm from 1e+11 to 1e+13"),
        ({"prior": "uniform", "low": -0.5, "high": 0.9}, "uniform from -0.5 to 0.9"),
        ({"prior": "normal", "mean": 0.6, "sd": 0.2, "high": 0.95},
         "normal with mean 0.6 and standard deviation 0.2 to 0.95"),
    ],
)  # fmt: skip
def test_priors_are_told_in_words(table: dict[str, float | str], words: str) -> None:
    assert prior_in_words(table) == words
