"""Methods that need dereddened SDSS photometry get it here, and with it the options of `photometry.deredden`."""

import functools
import inspect
import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from haloscale.photometry import deredden
from haloscale.records import StarTable

_DECLARED: Final = {
    name: p for name, p in inspect.signature(deredden).parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY
}


def from_photometry(method: Callable[..., StarTable]) -> Callable[..., StarTable]:
    """Decorator of a distance method that reads ``gmag0, rmag0, gr0`` and their errors, NaN where a star has none.

    The method as registered takes the catalogue's own magnitudes. Its options are its own and those of
    `photometry.deredden`, which are declared there alone, descriptions included. In the column ``flag`` of its answer
    (str, "ok" for none) a star without photometry has the flag that says why.
    """
    own = inspect.signature(method)

    @functools.wraps(method)
    def with_photometry(table: StarTable, **options: Any) -> StarTable:
        shared = {name: options.pop(name) for name in _DECLARED if name in options}
        dereddened = deredden(table, **shared)
        found, faulty = method(dereddened, **options), dereddened["photometry_flag"] != "ok"
        return found.with_columns(flag=np.where(faulty, dereddened["photometry_flag"], found["flag"]))

    arguments = [*own.parameters.values(), *_DECLARED.values()]
    with_photometry.__signature__ = own.replace(parameters=arguments)  # type: ignore[attr-defined]
    with_photometry.__doc__ = _with_options_of_deredden(inspect.getdoc(method) or "")
    return with_photometry


def _with_options_of_deredden(docstring: str) -> str:
    """The docstring with the shared options at the end of its section Parameters."""
    section = r"^Parameters\n-+\n(.*?)(?=\n*^\S[^\n]*\n-+\n|\Z)"
    shared = re.search(section, inspect.getdoc(deredden) or "", re.MULTILINE | re.DOTALL)
    own = re.search(section, docstring, re.MULTILINE | re.DOTALL)
    if shared is None or own is None:  # docstrings are stripped under python -OO
        return docstring
    entries = [e for e in re.split(r"\n(?=\S)", shared[1]) if e.partition(" : ")[0] in _DECLARED]
    return docstring[: own.end(1)] + "\n" + "\n".join(entries) + docstring[own.end(1) :]
