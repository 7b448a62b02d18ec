"""How much substructure is left: streams of known members planted into a catalogue, and sought with its own search.

`design` says what is planted and where, `injection` plants one and looks for it, `study` does all of them in a folder,
in any number of processes, and `summary` turns them into completeness and purity.
"""

from haloscale.inject.design import Design, Structure, design
from haloscale.inject.study import execute
from haloscale.inject.summary import lines, summarise

__all__ = ["Design", "Structure", "design", "execute", "lines", "summarise"]
