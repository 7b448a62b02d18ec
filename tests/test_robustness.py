"""The systematic error: what counts, and how it is added up."""

from math import hypot, isnan

import pytest

from haloscale.robustness import AS_CONFIGURED, Interval, Refit, Robustness


def refit(group: str, name: str, m_vir: float, *, counted: bool = True, status: str = "reliable") -> Refit:
    return Refit(group, name, counted=counted, values={"m_vir": Interval(m_vir, m_vir, m_vir)}, status=status)


BASE = Refit(AS_CONFIGURED, AS_CONFIGURED, values={"m_vir": Interval(10.0, 8.0, 13.0)}, status="reliable")
STUDY = Robustness(
    BASE,
    (
        refit("slope", "flat", 7.0),
        refit("slope", "steep", 12.0),
        refit("slope", "steeper", 14.0),
        refit("beta", "0.3", 6.0),
        refit("definition", "200m", 20.0, counted=False),
        refit("disk", "heavy", 99.0, status="unusable"),
        Refit("disk", "light", note="no room"),
    ),
)


def test_each_group_gives_its_extremes_and_groups_add_in_quadrature() -> None:
    assert STUDY.groups == ("slope", "beta", "definition", "disk")
    assert STUDY.extremes("m_vir", "slope") == (-3.0, 4.0)
    assert STUDY.systematic("m_vir") == (hypot(3, 4), 4.0)
    assert STUDY.systematic("m_vir", leave_out=["beta"]) == (3.0, 4.0)


def test_what_is_redefined_failed_or_unusable_does_not_count() -> None:
    assert STUDY.extremes("m_vir", "definition") == (0.0, 0.0)
    assert STUDY.extremes("m_vir", "disk") == (0.0, 0.0)


def test_a_change_is_told_in_per_cent_and_in_the_error_of_its_side() -> None:
    lighter, _, heavier = STUDY.refits[:3]
    assert (STUDY.percent(lighter, "m_vir"), STUDY.percent(heavier, "m_vir")) == pytest.approx((-30.0, 40.0))
    assert STUDY.sigmas(lighter, "m_vir") == pytest.approx(-1.5)
    assert STUDY.sigmas(heavier, "m_vir") == pytest.approx(4 / 3)
    assert isnan(STUDY.sigmas(STUDY.refits[-1], "m_vir"))


def test_a_fixed_quantity_has_no_sigmas() -> None:
    fixed = Robustness(refit(AS_CONFIGURED, AS_CONFIGURED, 5.0), (refit("beta", "0.3", 6.0),))
    assert isnan(fixed.sigmas(fixed.refits[0], "m_vir"))
