"""Summary names of free parameters when two models call theirs the same, and models of fixed parameters."""

import numpy as np
import pytest

from haloscale.anisotropy import Cuddeford, FromFunction, OsipkovMerritt
from haloscale.anisotropy.base import Anisotropy
from haloscale.errors import InputError
from haloscale.inference.likelihood.base import Data, likelihoods
from haloscale.inference.model import Component, GalaxyModel
from haloscale.inference.priors import LogUniform, Uniform
from haloscale.jeans import sigma_r, uniform_sky
from haloscale.mass import NFW
from haloscale.records import DispersionProfile
from haloscale.tracer import Einasto

R = np.array([6.0, 12.0, 30.0, 90.0])


def model(*others, tracer=None, anisotropy=None, halo=None):
    halo = halo or Component("mass.halo", NFW, {"m_vir": LogUniform(1e11, 1e13), "c": LogUniform(1.0, 100.0)})
    tracer = tracer or Component("tracer", Einasto, {"n": 3.1, "r_eff": 15.0})
    anisotropy = anisotropy or Component("anisotropy", OsipkovMerritt, {"r_a": 20.0})
    return GalaxyModel((halo, *others, tracer, anisotropy), {})


def names(made):
    return [p.name for p in made.parameters]


def test_bare_names_where_nothing_collides():
    tracer = Component("tracer", Einasto, {"n": Uniform(1.0, 10.0), "r_eff": 15.0})
    anisotropy = Component("anisotropy", Cuddeford, {"beta_0": Uniform(-0.5, 0.9), "r_a": LogUniform(1.0, 200.0)})
    assert names(model(tracer=tracer, anisotropy=anisotropy)) == ["m_vir", "c", "n", "beta_0", "r_a"]


def test_the_table_stands_before_names_that_collide():
    free = {"r_a": LogUniform(1.0, 200.0)}
    both = model(tracer=Component("tracer", OsipkovMerritt, free), anisotropy=Component("anisotropy", Cuddeford, free))
    assert names(both) == ["m_vir", "c", "tracer_r_a", "anisotropy_r_a"]


def test_the_halo_keeps_its_names_even_where_they_are_fixed():
    halo = Component("mass.halo", NFW, {"m_vir": 1e12, "c": 12.0})
    made = model(halo=halo, tracer=Component("tracer", NFW, {"m_vir": 1e12, "c": Uniform(1.0, 2.0)}))
    assert names(made) == ["tracer_c"]
    halo = Component("mass.halo", OsipkovMerritt, {"r_a": Uniform(1.0, 2.0)})
    anisotropy = Component("anisotropy", OsipkovMerritt, {"r_a": Uniform(1.0, 2.0)})
    assert names(model(halo=halo, anisotropy=anisotropy)) == ["r_a", "anisotropy_r_a"]


def test_a_component_whose_name_makes_a_bare_one():
    # [mass.r] with a parameter a, and r_a of the anisotropy
    odd = Component("mass.r", type("Odd", (), {}), {})
    assert odd.parameter_name("a") == "r_a"
    component = Component("mass.beta", NFW, {"m_vir": LogUniform(1e10, 1e11), "c": 10.0})
    assert names(model(component)) == ["m_vir", "c", "beta_m_vir"]


def test_a_component_without_free_parameters_is_built_once():
    made = model()
    one, other = (made.build(np.array([[1e12, 10.0], [2e12, 12.0]])) for _ in range(2))
    assert one.tracer is other.tracer
    assert one.mass["halo"] is not other.mass["halo"]


def profile():
    sigma = sigma_r(NFW(m_vir=1e12, c=12.0), Einasto(), OsipkovMerritt(r_a=20.0), R)
    half = 0.02 * sigma
    r_low, r_high = R * 0.8, R * 1.2
    columns = (0 * R, 0 * R + 1, 0 * R + 0.1)
    return DispersionProfile(
        r_low, r_high, R, R, np.full(4, 500), sigma, sigma - half, sigma + half, *columns, np.full(4, True)
    )


class _Given:
    """Stands for a registered class: gives one value."""

    def __new__(cls, value: Anisotropy) -> Anisotropy:
        return value


def test_the_likelihood_refuses_an_anisotropy_that_reaches_one():
    data = Data(None, profile(), 8.0, "none")
    likelihoods["bins"](data, model(anisotropy=Component("anisotropy", _Given, {"value": FromFunction(half)})))
    with pytest.raises(InputError, match=r"beta = 1\.\d* at r = 60"):
        likelihoods["bins"](data, model(anisotropy=Component("anisotropy", _Given, {"value": FromFunction(steep)})))


def half(r):
    return 0.5 * r / (r + 20.0)


def steep(r):
    return r / 60.0


def test_the_truth_has_no_residuals():
    made = model()
    likelihood = likelihoods["bins"](Data(None, profile(), 8.0, "none"), made)
    chi2 = likelihood.chi2(made.build(np.array([[1e12, 12.0], [1.2e12, 12.0]])))
    assert chi2[0] == pytest.approx(0, abs=1e-12)
    assert chi2[1] > 5


@pytest.mark.parametrize("projection", ["none", "uniform_sky", "per_star"])
def test_projection_takes_beta_at_each_radius(projection):
    made, data = model(), Data(None, profile(), 8.0, projection)
    mean = {"none": 0.0, "uniform_sky": uniform_sky(R, 8.0), "per_star": data.profile.mean_sin2_psi}[projection]
    predicted = likelihoods["bins"](data, made).predict(made.build(np.array([1e12, 12.0])))
    beta = R**2 / (R**2 + 400.0)
    expected = sigma_r(NFW(m_vir=1e12, c=12.0), Einasto(), OsipkovMerritt(r_a=20.0), R) * np.sqrt(1 - beta * mean)
    np.testing.assert_allclose(predicted, expected, rtol=1e-12)
