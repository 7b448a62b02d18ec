"""Power-law tracer."""

import pytest

from haloscale import tracer
from haloscale.errors import InputError
from haloscale.tracer.power_law import PowerLaw


def test_minus_four_by_default():
    assert PowerLaw().log_slope_at(20.0) == -4
    assert PowerLaw().density_ratio(20.0, 10.0) == pytest.approx(1 / 16, rel=1e-15)


@pytest.mark.parametrize("log_slope", [0.0, 0, 3.5])
def test_a_rising_profile_is_refused(log_slope):
    with pytest.raises(InputError, match="log_slope is below 0"):
        PowerLaw(log_slope=log_slope)


def test_unknown_attribute_of_the_package():
    with pytest.raises(AttributeError, match="Einasto2"):
        _ = tracer.Einasto2
    with pytest.raises(AttributeError, match="_private"):
        _ = tracer._private
