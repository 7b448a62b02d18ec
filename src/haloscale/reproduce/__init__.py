"""The paper again: its three fits and ours, its fourteen figures, and every number it prints beside ours.

`design` says what is run, `catalogue` simulates the paper's sample, `study` runs everything in a folder. `printed`
holds the paper's numbers, `ours` what stands beside them, and `numbers` joins both; `facts` computes what explains a
difference, `reasons` and `findings` say it; `pictures` draws, and `shown` makes the rows of the page.
"""

from haloscale.reproduce.design import PAPERS, Design, design
from haloscale.reproduce.numbers import ComparedNumber
from haloscale.reproduce.study import Reproduction, execute, lines

__all__ = ["PAPERS", "ComparedNumber", "Design", "Reproduction", "design", "execute", "lines"]
