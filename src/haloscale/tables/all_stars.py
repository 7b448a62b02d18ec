"""The answer with no group removed: all_stars.json and dispersion_all_stars.ecsv."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Final

from haloscale.records import AllStars, SamplingStatus
from haloscale.tables.atomic import reading
from haloscale.tables.profiles import read_dispersion, write_dispersion
from haloscale.tables.summary import estimates, number, plain_estimates, write_json

_PROFILE: Final = "dispersion_{}.ecsv"


def write_all_stars(path: str | os.PathLike[str], found: AllStars) -> None:
    """Write the estimates as JSON, laid out as summary.json, and beside it the profile: ``dispersion_NAME.ecsv``.

    Errors: `RunFolderError` if they cannot be written.
    """
    write_dispersion(_profile_beside(path), found.profile)
    content = {
        "estimates": plain_estimates(found.estimates),
        "fit": {"chi2": found.chi2, "n_points": found.n_points},
        "sampling": dataclasses.asdict(found.sampling),
    }
    write_json(path, content)


def read_all_stars(path: str | os.PathLike[str]) -> AllStars:
    """Read what `write_all_stars` wrote. Errors: `RunFolderError` if a file is missing or damaged."""
    profile = read_dispersion(_profile_beside(path))
    with reading(path) as source:
        content = json.loads(source.read_text(encoding="utf-8"))
        return AllStars(
            profile,
            estimates(content["estimates"]),
            SamplingStatus(**content["sampling"]),
            chi2=number(content["fit"]["chi2"]),
            n_points=content["fit"]["n_points"],
        )


def _profile_beside(path: str | os.PathLike[str]) -> Path:
    return Path(path).with_name(_PROFILE.format(Path(path).stem))
