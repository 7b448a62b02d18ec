"""How firm an answer is: the same stars fitted again with one assumption changed at a time (`weigh --vary`)."""

from haloscale.vary.plan import ASSUMPTIONS, Assumption, Variation, plan
from haloscale.vary.refits import add, refit_all

__all__ = ["ASSUMPTIONS", "Assumption", "Variation", "add", "plan", "refit_all"]
