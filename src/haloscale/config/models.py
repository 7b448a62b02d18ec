"""One frozen pydantic model a table of the configuration; a key's own default, unit and meaning stand here alone."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from haloscale.config.layers import OFF, plain_value
from haloscale.config.values import Value, as_number, parse_value, wrong_value
from haloscale.config.variants import VARIANTS, complete, variant_options
from haloscale.errors import ConfigError, nearest
from haloscale.frames import SolarFrame
from haloscale.inference.likelihood.base import TrueCuts
from haloscale.inference.priors import Prior
from haloscale.jeans.projection import PROJECTIONS
from haloscale.jeans.slopes import DERIVATIVES
from haloscale.registry import ParamInfo
from haloscale.selection import CUTS
from haloscale.substructure.base import KEEP_ALL
from haloscale.surveys.base import surveys

QUANTITIES: Final[Mapping[str, ParamInfo]] = {
    "catalogue.v_offset": ParamInfo("km / s", r"\Delta v", "added to v_helio: zero point of the survey"),
    "catalogue.distance_scale": ParamInfo("", r"f_d", "multiplies every distance", low=0.0),
    "frame.r0": ParamInfo("kpc", r"R_0", "distance of the Sun from the Galactic centre", low=0.0),
    "frame.v_lsr": ParamInfo("km / s", r"V_\mathrm{LSR}", "circular velocity at the Sun", low=0.0),
    "frame.solar_motion": ParamInfo(
        "km / s", r"(U,V,W)_\odot", "the Sun against the local standard of rest: to the centre, along rotation, north"
    ),
}
"""Quantities outside the models that take a number or a prior table."""


def key(default: Any, description: str, unit: str = "", **limits: Any) -> Any:
    """A key of a table: its own default, meaning, unit and limits."""
    return Field(default, description=description, json_schema_extra={"unit": unit}, **limits)


def quantity(path: str, default: Any) -> Any:
    """A key that takes a number or a prior table, declared in `QUANTITIES`."""
    return key(default, QUANTITIES[path].description, QUANTITIES[path].unit)


ROUTES: Final = ("sigma", "v_circ")

Tuple: Final = BeforeValidator(lambda value: tuple(value) if isinstance(value, list) else value)


class Table(BaseModel):
    """Base of the tables; `TABLE` is the table's name."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True, allow_inf_nan=False
    )
    TABLE: ClassVar[str] = ""

    def quantities(self) -> dict[str, Any]:
        """Every key with its value, those of the variant included."""
        return dict(self) | (self.model_extra or {})

    def to_mapping(self) -> dict[str, Any]:
        """Every key with its value as TOML has it; an unset one is "off"."""
        return {name: _plain(getattr(self, name)) for name in (*type(self).model_fields, *(self.model_extra or ()))}


class VariantTable(Table):
    """A table whose further keys are the options of the variant that one of its keys names."""

    model_config = ConfigDict(extra="allow")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        return complete((cls.TABLE,), given) if isinstance(given, Mapping) else given

    def options(self) -> dict[str, Any]:
        """The options of the variant, for its keyword arguments."""
        name = getattr(self, VARIANTS[self.TABLE].key)
        return {option: getattr(self, option) for option in variant_options((self.TABLE,), name)}


class Catalogue(Table):
    """[catalogue]: which file, and how to read it."""

    TABLE: ClassVar[str] = "catalogue"
    path: str | None = key(None, "name of the catalogue file, without its folder")
    survey: str = key("", "registered survey")
    columns: dict[str, str] = key({}, "standard name of a column -> the catalogue's own")
    v_offset: Value = quantity("catalogue.v_offset", 0.0)
    distance_scale: Value = quantity("catalogue.distance_scale", 1.0)
    simulated: bool = key(False, "the stars are simulated: every figure and page says so")

    def applied(self, name: str) -> float:
        """What the catalogue is calibrated with before the fit: the number, or the median of its prior."""
        return _middle(getattr(self, name))

    @field_validator("v_offset", "distance_scale", mode="plain")
    @classmethod
    def _quantity(cls, raw: Any, info: ValidationInfo) -> Value:
        return _parse(cls.TABLE, raw, info)

    @field_validator("survey")
    @classmethod
    def _registered(cls, name: str) -> str:
        if name and name not in surveys:
            raise ConfigError(
                f"catalogue.survey is {name!r}, and no survey is called that",
                f"one of: {', '.join(surveys)}",
                nearest(name, surveys),
            )
        return name

    def to_mapping(self) -> dict[str, Any]:
        """As `Table.to_mapping`; without a survey that key is "off"."""
        return {**super().to_mapping(), "survey": self.survey or OFF}


class Frame(Table):
    """[frame]: where the Sun is and how it moves."""

    TABLE: ClassVar[str] = "frame"
    r0: Value = quantity("frame.r0", SolarFrame.r0)
    z_sun: float = key(SolarFrame.z_sun, "height of the Sun above the plane", "kpc")
    v_lsr: Value = quantity("frame.v_lsr", SolarFrame.v_lsr)
    solar_motion: tuple[Value, Value, Value] = quantity("frame.solar_motion", SolarFrame.solar_motion)
    rounded: bool = key(False, "true: the rounded coefficients printed in Eq. 1 of the paper")
    handedness: Literal["left", "right"] = key(
        "left", '"left": the paper\'s axes, Sun at x = +r0; "right": astropy\'s, Sun at x = -r0'
    )

    @field_validator("r0", "v_lsr", mode="plain")
    @classmethod
    def _quantity(cls, raw: Any, info: ValidationInfo) -> Value:
        return _parse(cls.TABLE, raw, info)

    @field_validator("solar_motion", mode="plain")
    @classmethod
    def _motion(cls, raw: Any) -> tuple[Value, ...]:
        if not isinstance(raw, (list, tuple)) or len(raw) != 3:
            raise wrong_value("frame.solar_motion", raw, "[U, V, W] in km/s, each a number or a prior table")
        info = QUANTITIES["frame.solar_motion"]
        return tuple(parse_value(v, f"frame.solar_motion[{i}]", info) for i, v in enumerate(raw))

    @model_validator(mode="after")
    def _consistent(self) -> "Frame":
        self.applied()
        return self

    def applied(self) -> SolarFrame:
        """The frame that the stars are placed and selected in: where a value is free, the median of its prior."""
        u, v, w = (_middle(value) for value in self.solar_motion)
        return SolarFrame(_middle(self.r0), _middle(self.v_lsr), (u, v, w), self.z_sun, self.rounded, self.handedness)

    def quantities(self) -> dict[str, Any]:
        """As `Table.quantities`; the solar motion by its components u, v, w."""
        return super().quantities() | dict(zip("uvw", self.solar_motion, strict=True))


class Limits(Table):
    """Limits of a cut on any column."""

    min: float | None = key(None, "smallest value that stays")
    max: float | None = key(None, "largest value that stays")


class Selection(Table):
    """[selection]: one key a cut of `haloscale.selection.CUTS`; each one's own default is no cut."""

    model_config = ConfigDict(extra="allow")
    TABLE: ClassVar[str] = "selection"
    merge_radius: float | None = key(
        None, "rows closer than this are visits of one star, and merged", "arcsec", gt=0.0, le=3600.0
    )
    columns: dict[str, Limits] = key({}, "cuts on any column of the catalogue: name = { min = ..., max = ... }")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        known = {spec.key: spec for spec in CUTS}
        for name in given:
            if name not in (*cls.model_fields, *known):
                raise ConfigError(f"selection.{name} is not a cut", ", ".join(known), nearest(name, known))
        cuts = {name: _cut_value(spec, given.get(name)) for name, spec in known.items()}
        _check_ranges(cuts)
        return {**{k: v for k, v in given.items() if k not in known}, **cuts}

    @field_validator("columns")
    @classmethod
    def _with_limits(cls, columns: dict[str, Limits]) -> dict[str, Limits]:
        for name, limits in columns.items():
            low, high = limits.min, limits.max
            if (low is None and high is None) or (low is not None and high is not None and low > high):
                raise wrong_value(
                    f"selection.columns.{name}", _plain(limits), "{ min = ..., max = ... } in order, or one of the two"
                )
        return columns

    def cuts(self) -> dict[str, Any]:
        """The cuts for `haloscale.selection.select`; None: not made."""
        return {**(self.model_extra or {}), "columns": {name: _plain(v) for name, v in self.columns.items()}}


class Distance(VariantTable):
    """[distance]."""

    TABLE: ClassVar[str] = "distance"
    method: str = key("catalogue", VARIANTS["distance"].description)


class Substructure(VariantTable):
    """[substructure]."""

    TABLE: ClassVar[str] = "substructure"
    method: str = key(KEEP_ALL, VARIANTS["substructure"].description)
    max_members: int = key(10, "groups of more stars than this are removed", gt=0)

    @model_validator(mode="after")
    def _positive(self) -> "Substructure":
        for name, value in self.options().items():
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value <= 0:
                raise wrong_value(f"{self.TABLE}.{name}", value, "a number above 0")
        return self

    @property
    def searches(self) -> bool:
        """Whether groups are sought at all."""
        return self.method != KEEP_ALL


class Dispersion(VariantTable):
    """[dispersion]: radial bins, by `edges` or by `n_bins`, and the estimator of the dispersion in each."""

    TABLE: ClassVar[str] = "dispersion"
    edges: Annotated[tuple[float, ...], Tuple] | None = key(None, "edges of the radial bins", "kpc")
    n_bins: int | None = key(None, "bins of equal numbers of stars, in place of edges", gt=0)
    estimator: str = key("gaussian", VARIANTS["dispersion"].description)

    @field_validator("edges")
    @classmethod
    def _increasing(cls, edges: tuple[float, ...] | None) -> tuple[float, ...] | None:
        if edges is None:
            return None
        if len(edges) < 2 or edges[0] < 0 or not all(a < b for a, b in pairwise(edges)):
            raise ConfigError(
                f"dispersion.edges is {list(edges)}",
                "at least two increasing radii in kpc, none negative",
                "sort them and remove repeated values",
            )
        return edges

    @model_validator(mode="after")
    def _one_of_two(self) -> "Dispersion":
        if (self.edges is None) == (self.n_bins is None):
            told = "neither edges nor n_bins" if self.edges is None else "both edges and n_bins"
            raise ConfigError(f"[dispersion] has {told}", "one of the two", 'give one, and set the other to "off"')
        return self


class Cosmology(Table):
    """[cosmology]."""

    TABLE: ClassVar[str] = "cosmology"
    omega_m: float = key(0.3, "matter density, for converting overdensity definitions only", gt=0.0, le=1.0)


class Jeans(Table):
    """[jeans]."""

    TABLE: ClassVar[str] = "jeans"
    route: str = key(
        "sigma",
        'what is compared: "sigma": sigma_los, with the Jeans integral, Eq. 7 or its form for any beta; '
        '"v_circ": V_circ of the mass model, with the derivative of Eq. 9 of the stars',
    )
    derivative: str = key(
        "finite_difference",
        f"d ln sigma_r^2 / d ln r of Eq. 9 by one of: {', '.join(DERIVATIVES)}; only drawn with route sigma",
    )
    polynomial_degree: int = key(2, "degree in ln r, for the derivative polynomial", ge=1, le=6)
    projection: str = key(
        "none",
        'sigma_r to sigma_los: "none": equal, as in the paper; "uniform_sky": 1 - beta H(r); "per_star": with the '
        "mean sin^2 psi of the stars in the bin",
    )

    @field_validator("route")
    @classmethod
    def _known_route(cls, route: str) -> str:
        return _one_of("jeans.route", route, ROUTES)

    @field_validator("derivative")
    @classmethod
    def _known_derivative(cls, name: str) -> str:
        return _one_of("jeans.derivative", name, DERIVATIVES)

    @field_validator("projection")
    @classmethod
    def _known_projection(cls, name: str) -> str:
        return _one_of("jeans.projection", name, PROJECTIONS)


class TrueSelection(Table):
    """Cuts that a simulated sample was made with on true positions."""

    z_min: float | None = key(None, "smallest true |z|", "kpc", ge=0.0)
    r_min: float | None = key(None, "smallest true r", "kpc", ge=0.0)
    r_max: float | None = key(None, "largest true r", "kpc", gt=0.0)


class Likelihood(VariantTable):
    """[likelihood]."""

    TABLE: ClassVar[str] = "likelihood"
    kind: str = key("bins", VARIANTS["likelihood"].description)
    true_selection: TrueSelection | None = key(
        None, "{ z_min, r_min, r_max } in kpc, only for samples selected on true position (simulations)"
    )

    @property
    def true_cuts(self) -> TrueCuts | None:
        """The cuts on true position, if the sample was made with any."""
        given = self.true_selection
        return None if given is None else TrueCuts(**given.model_dump(exclude_none=True))


class Sampler(VariantTable):
    """[sampler]."""

    TABLE: ClassVar[str] = "sampler"
    name: str = key("emcee", VARIANTS["sampler"].description)


def _parse(path: str, raw: Any, info: ValidationInfo) -> Value:
    where = f"{path}.{info.field_name}"
    return parse_value(raw, where, QUANTITIES[where])


def _one_of(where: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise ConfigError(f"{where} is {name!r}", f"one of: {', '.join(known)}", nearest(name, known))
    return name


def _middle(value: Value) -> float:
    return float(value.quantile(0.5)) if isinstance(value, Prior) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Table):
        return {k: v for k, v in value.to_mapping().items() if v != OFF}
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    return plain_value(value)


def _cut_value(spec: Any, value: Any) -> Any:
    where = f"selection.{spec.key}"
    if value is None:
        return None
    if spec.choices:
        if value not in spec.choices:
            raise wrong_value(where, value, f"one of: {', '.join(spec.choices)}")
        return value
    if spec.is_flag:
        if not isinstance(value, bool):
            raise wrong_value(where, value, "true or false")
        return value
    return as_number(value, where, f"a number{f' in {spec.unit}' if spec.unit else ''}")


def _check_ranges(cuts: Mapping[str, Any]) -> None:
    for name, low in cuts.items():
        other = name.removesuffix("_min") + "_max"
        high = cuts.get(other)
        if name.endswith("_min") and low is not None and high is not None and low >= high:
            raise ConfigError(
                f"selection.{name} = {low:g} is not below selection.{other} = {high:g}",
                "limits between which a star can lie",
                f'change one of them, or set it to "off": --set selection.{name}=off',
            )
