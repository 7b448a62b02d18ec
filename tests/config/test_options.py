"""What a registered thing can be told is read from its own declaration."""

from dataclasses import MISSING, dataclass
from typing import Any, Literal

import pytest

from haloscale.config.options import Option, options_of
from haloscale.config.variants import VARIANTS
from haloscale.errors import ConfigError
from haloscale.mass.base import mass_models
from haloscale.registry import param


def method(
    table: Any, rng: Any = None, *, linking_length: float = 0.025, n_nulls: int = 30, how: Literal["a", "b"] = "a"
) -> None:
    """Find groups.

    Parameters
    ----------
    table : StarTable
    linking_length : float
        Friends are closer
        than this.
    n_nulls, how : int, str
        Both of them.

    Returns
    -------
    nothing : None
        Not an argument.
    """


def test_a_functions_options_are_its_arguments_with_a_default() -> None:
    options = options_of(method)
    assert options == {
        "linking_length": Option("linking_length", 0.025, description="Friends are closer than this"),
        "n_nulls": Option("n_nulls", 30, description="Both of them"),
        "how": Option("how", "a", description="Both of them", choices=("a", "b")),
    }


def test_a_dataclass_gives_its_fields() -> None:
    @dataclass(frozen=True)
    class Thing:
        """A thing."""

        m: float = param("solMass", "m", "mass", prior={"prior": "uniform", "low": 0.0, "high": 1.0}, low=0.0)
        order: int = 2

    options = options_of(Thing)
    assert (options["m"].unit, options["m"].description, options["m"].default) == ("solMass", "mass", MISSING)
    assert options["m"].fallback == {"prior": "uniform", "low": 0.0, "high": 1.0}
    assert options["order"].fallback == 2


@pytest.mark.parametrize(
    ("default", "good", "bad"),
    [
        (True, [False], [1, "true"]),
        (3, [1, 50], [0, -1, 2.5, True, "3"]),
        (0.5, [1, -2.0], [float("nan"), float("inf"), True, "0.5", None]),
        ("a", ["b"], [1, True]),
    ],
)
def test_values_are_held_to_the_type_of_the_default(default: Any, good: list[Any], bad: list[Any]) -> None:
    option = Option("x", default)
    assert [option.check(value, "t.x") for value in good] == good
    for value in bad:
        with pytest.raises(ConfigError, match=r"t\.x is"):
            option.check(value, "t.x")


def test_an_option_that_may_be_left_open_takes_a_number_or_nothing() -> None:
    def search(table: Any, *, nu: float | None = None) -> None:
        """Find groups."""

    option = options_of(search)["nu"]
    assert option.is_number
    assert [option.check(value, "t.nu") for value in (None, 1, 0.4)] == [None, 1.0, 0.4]
    for value in ("0.4", True, float("nan"), [0.4]):
        with pytest.raises(ConfigError, match=r"t\.nu is"):
            option.check(value, "t.nu")


def test_choices() -> None:
    with pytest.raises(ConfigError, match="one of: a, b"):
        options_of(method)["how"].check("c", "substructure.how")


@pytest.mark.parametrize("name", list(VARIANTS))
def test_the_options_of_everything_registered_can_be_read(name: str) -> None:
    registry = VARIANTS[name].registry
    assert VARIANTS[name].default is None or VARIANTS[name].default in registry
    for _, entry in registry.items():
        for option in options_of(entry).values():
            assert option.description, f"{entry} does not document {option.name}"
            if option.fallback is not MISSING:
                option.check(option.fallback, option.name)


def test_every_parameter_of_a_mass_model_has_a_default_or_a_prior() -> None:
    for _, entry in mass_models.items():
        assert all(o.fallback is not MISSING for o in options_of(entry).values())
