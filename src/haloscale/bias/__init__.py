"""What a method gets wrong: many simulated catalogues of one known halo, each weighed by both routes.

`design` says what is simulated and how it is fitted, `catalogue` does one of them, `study` all of them in a folder, in
any number of processes, and `summary` turns the fits into distributions.
"""

from haloscale.bias.design import ROUTES, Design, design
from haloscale.bias.study import execute
from haloscale.bias.summary import lines, summarise

__all__ = ["ROUTES", "Design", "design", "execute", "lines", "summarise"]
