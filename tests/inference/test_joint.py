"""The model of several catalogues: which parameters are whose, and that likelihoods add up."""

from typing import Any

import numpy as np
import pytest

from haloscale.anisotropy import Constant
from haloscale.errors import ConfigError
from haloscale.inference.joint import JointLikelihood, JointModel
from haloscale.inference.likelihood.base import Data
from haloscale.inference.likelihood.bins import DispersionBins
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.nuisance import Calibration
from haloscale.inference.priors import LogUniform, Uniform
from haloscale.mass import NFW
from haloscale.records import DispersionProfile
from haloscale.tracer import PowerLaw

HALO = Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": 12.0})
SCALE = Component("catalogue", Calibration, {"distance_scale": Uniform(0.8, 1.2)}, "giants")


def own(name: str, slope: float) -> tuple[Component, ...]:
    return (
        Component("tracer", PowerLaw, {"log_slope": slope}, name),
        Component("anisotropy", Constant, {"beta": Uniform(-0.5, 0.8)}, name),
    )


@pytest.fixture
def model() -> JointModel:
    return JointModel((HALO, *own("giants", -4.0), SCALE, *own("bhb", -3.5)), {})


THETA = np.array([[1e12, 0.3, 1.05, -0.1], [2e12, 0.1, 0.95, 0.2]])


def profile(sigma: float) -> DispersionProfile:
    edges = np.array([5.0, 10.0, 20.0, 40.0])
    middle, ones = (edges[1:] + edges[:-1]) / 2, np.ones(3)
    sigmas = sigma * ones, (sigma - 4) * ones, (sigma + 4) * ones
    columns: Any = (edges[:-1], edges[1:], middle, middle, np.full(3, 50), *sigmas, 0 * ones, ones, 0.1 * ones)
    return DispersionProfile(*columns, in_fit=np.ones(3, bool))


def test_names_begin_with_the_catalogue_where_a_parameter_is_its_own(model: JointModel) -> None:
    assert [p.name for p in model.parameters] == ["m_vir", "giants_beta", "giants_distance_scale", "bhb_beta"]
    assert model.parameters[1].label != model.parameters[3].label
    assert model.columns("giants").tolist() == [0, 1, 2]
    assert model.columns("bhb").tolist() == [0, 3]


def test_each_catalogue_sees_the_shared_halo_and_its_own_stars(model: JointModel) -> None:
    galaxy = model.build(THETA)
    for name, slope in (("giants", -4.0), ("bhb", -3.5)):
        alone = model.of(name).build(THETA[:, model.columns(name)])
        seen = galaxy.catalogues[name]
        assert seen.mass["halo"] is galaxy.mass["halo"]
        assert seen.tracer == PowerLaw(slope)
        np.testing.assert_array_equal(seen.anisotropy.beta_at(10.0), alone.anisotropy.beta_at(10.0))
        np.testing.assert_array_equal(seen.total.enclosed_mass(30.0), alone.total.enclosed_mass(30.0))
    assert set(galaxy.catalogues["giants"].nuisance) == {"catalogue"}
    assert galaxy.catalogues["bhb"].nuisance == {}


def test_the_likelihood_is_the_sum_of_those_of_the_catalogues(model: JointModel) -> None:
    made = {}
    for name, sigma in (("giants", 120.0), ("bhb", 100.0)):
        data: Any = Data(None, profile(sigma), 8.0, "per_star")  # type: ignore[arg-type]
        made[name] = DispersionBins(data, model.of(name))
    together, galaxy = JointLikelihood(made), model.build(THETA)
    alone = [one.log_likelihood(model.of(name).build(THETA[:, model.columns(name)])) for name, one in made.items()]
    np.testing.assert_allclose(together.log_likelihood(galaxy), alone[0] + alone[1], rtol=1e-12)
    np.testing.assert_allclose(together.chi2(galaxy), -2 * (alone[0] + alone[1]), rtol=1e-12)
    assert alone[0][0] != alone[1][0]
    assert together.n_points == 6


def test_a_galaxy_of_one_catalogue_is_no_galaxy_of_several() -> None:
    single = GalaxyModel((HALO, *own("", -4.0)), {})
    with pytest.raises(TypeError, match="JointModel"):
        JointLikelihood({}).chi2(single.build(np.array([1e12, 0.1])))


def test_parameters_that_would_have_the_same_name_are_refused() -> None:
    beta = {"beta": Uniform(-0.5, 0.8)}
    clashing = [Component(table, Constant, beta, "a") for table in ("tracer", "anisotropy")]
    with pytest.raises(ConfigError, match="two free parameters are called a_tracer_beta"):
        JointModel((HALO, *clashing, *own("a_tracer", -4.0)), {})
