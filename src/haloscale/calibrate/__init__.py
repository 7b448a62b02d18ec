"""Do the intervals hold the truth as often as they say? Catalogues simulated from the prior, each fitted as a run is.

`design` says what is simulated and how it is fitted, `conditions` and `simulation` make a catalogue of a true galaxy,
`catalogue` does one of them, `study` all of them in a folder, in any number of processes, and `summary` turns them into
coverage, ranks and bias. The module `haloscale.calibration` is another thing: zero points of a catalogue's columns.
"""

from haloscale.calibrate.design import SAMPLES, Design, design
from haloscale.calibrate.study import execute
from haloscale.calibrate.summary import is_calibrated, lines, summarise

__all__ = ["SAMPLES", "Design", "design", "execute", "is_calibrated", "lines", "summarise"]
