"""The exceptions and warnings of haloscale.

::

    HaloscaleError                     a failure that haloscale foresees
    |-- InputError                     the user's input is wrong: exit code 2, one message, no traceback
    |   |-- CatalogueError             a file or a column of the catalogue
    |   |-- ConfigError                a key or a value of the configuration
    |   |-- SelectionError             no star is left
    |   |-- FetchError                 a download or a query failed, or the survey has no public address
    |   |   `-- TruncatedAnswerError   a service's row limit cut its answer off
    |   |-- RunFolderError             the output folder cannot be used
    |   `-- MissingExtraError          an optional dependency is not installed
    `-- NumericalError                 a computation has no finite answer; says which condition failed

    HaloscaleWarning                   something the user should know; the run goes on
"""

import difflib
from collections.abc import Iterable


class HaloscaleError(Exception):
    """Base of every error that haloscale raises on purpose."""


class InputError(HaloscaleError):
    """Wrong input, told in three parts.

    Parameters
    ----------
    found : str
        What was found, in the user's words (file, column, key, value).
    expected : str
        What would have been right.
    advice : str
        What to do now.
    """

    def __init__(self, found: str, expected: str, advice: str) -> None:
        self.found, self.expected, self.advice = found, expected, advice
        super().__init__(f"{found}\n  expected: {expected}\n  what to do: {advice}")

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        return type(self), (self.found, self.expected, self.advice)


class CatalogueError(InputError):
    """A file or a column of the catalogue cannot be used."""


class ConfigError(InputError):
    """A key or a value of the configuration cannot be used."""


class SelectionError(InputError):
    """A cut leaves no star."""


class FetchError(InputError):
    """A download or a query failed, its checksum is wrong, or the survey has no public address."""


class TruncatedAnswerError(FetchError):
    """A service's row limit cut its answer off; what came is not used."""


class RunFolderError(InputError):
    """The output folder holds another run, cannot be written, or is not a run folder."""


class MissingExtraError(InputError):
    """An optional dependency is not installed."""


class NumericalError(HaloscaleError):
    """A computation has no finite answer; the message names the condition that failed."""


class HaloscaleWarning(UserWarning):
    """Something the user should know about the data or the fit; the run goes on."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A clause that offers the nearest known name, or lists them all when none is near."""
    choices = sorted(known)
    close = difflib.get_close_matches(name, choices, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"choose one of: {', '.join(choices)}"
