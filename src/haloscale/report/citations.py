"""BibTeX of exactly what a run used, found from its configuration."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from typing import Any, Final
from unicodedata import normalize

from haloscale.records import settings_of


@dataclass(frozen=True)
class Reference:
    """One BibTeX entry: its key, its text, and what of the run it is cited for."""

    key: str
    text: str
    reason: str

    def short(self) -> str:
        """Authors, year, title, journal, volume and page in one line."""
        authors = self.field("author").split(" and ")
        names = ", ".join(authors[0].split(", ")[:1] if len(authors) > 2 else [a.split(", ")[0] for a in authors])
        journal = " ".join(x for x in (self.field("journal"), self.field("volume")) if x)
        place = ", ".join(x for x in (journal, self.field("pages")) if x)
        parts = [f"{names}{' et al.' if len(authors) > 2 else ''} ({self.field('year')})", self.field("title"), place]
        return ". ".join(part for part in parts if part) + "."

    def field(self, name: str) -> str:
        """The value of a field as plain text: accents composed, braces and line breaks removed."""
        found = re.search(rf"^\s*{name}\s*=\s*\{{(.*?)\}}\s*,?\s*$", self.text, re.M | re.S)
        plain = re.sub(r"\s+", " ", found.group(1)) if found else ""
        plain = re.sub(r"\\([\"'`^~])\{?(\w)\}?", lambda m: normalize("NFC", m[2] + _ACCENTS[m[1]]), plain)
        return plain.replace(r"$\sim$", "~").replace("--", "–").translate(_DROPPED)


_ACCENTS: Final = {'"': "\u0308", "'": "\u0301", "`": "\u0300", "^": "\u0302", "~": "\u0303"}
_DROPPED: Final = str.maketrans("", "", "{}\\")

ALWAYS: Final = (
    ("Zhai2018", "the method"),
    ("BryanNorman1998", "the overdensity of m_bn98"),
    ("Harris2020", "NumPy"),
    ("Virtanen2020", "SciPy"),
    ("Astropy2022", "Astropy"),
    ("Hunter2007", "Matplotlib"),
)
"""What every run uses."""

WHERE: Final[tuple[tuple[str, Any, str, str], ...]] = (
    ("mass.*.profile", "nfw", "Navarro1996", "the NFW halo"),
    ("mass.*.profile", "hernquist", "Hernquist1990", "the Hernquist bulge"),
    ("mass.*.profile", "exponential_disk", "Xue2008", "the spherical disk"),
    ("tracer.profile", "power_law", "Xu2018", "the density of the tracer stars"),
    ("frame.solar_motion", [10.0, 5.25, 7.17], "DehnenBinney1998", "the solar motion"),
    ("frame.solar_motion", [11.1, 12.24, 7.25], "Schoenrich2010", "the solar motion"),
    ("frame.r0*", 8.0, "Reid1993", "the distance to the Galactic centre"),
    ("frame.r0*", 8.178, "Gravity2019", "the distance to the Galactic centre"),
    ("frame.r0*", 8.178, "ReidBrunthaler2004", "the rotation of the local standard of rest"),
    ("frame.z_sun", 0.0208, "BennettBovy2019", "the height of the Sun"),
    ("anisotropy.beta.mean", 0.6, "Bird2019", "the prior on the anisotropy"),
    ("anisotropy.beta.mean", 0.6, "Deason2012", "the prior on the anisotropy"),
    ("tracer.log_slope.mean", -4.3, "Xue2015", "the prior on the slope of the tracer"),
    ("selection.giants", "liu2014", "Liu2014", "the cut that selects giants"),
    ("distance.method", "giant_branch", "Xue2014", "the distances of red giants"),
    ("distance.method", "giant_branch", "Bernard2014", "the ridge lines of the clusters"),
    ("distance.method", "giant_branch", "BaumgardtVasiliev2021", "the distances of the clusters"),
    ("distance.method", "bhb", "Deason2011", "the distances of blue horizontal-branch stars"),
    ("substructure.method", "fof_*", "Starkenburg2009", "4distance and the search for substructure"),
    ("substructure.method", "fof_*", "Janesh2016", "groups in 4distance"),
    ("substructure.method", "fof_adaptive", "Ester1996", "groups by the number of friends"),
    ("substructure.method", "fof_4distance", "Xue2011", "the excess of close pairs in 4distance"),
    ("sampler.name", "emcee", "ForemanMackey2013", "the sampler emcee"),
    ("sampler.name", "emcee", "GoodmanWeare2010", "the algorithm of emcee"),
    ("sampler.name", "laplace", "Cornuet2012", "adaptive importance sampling"),
    ("sampler.name", "nuts", "HoffmanGelman2014", "the no-U-turn sampler"),
    ("sampler.name", "nuts", "Phan2019", "numpyro, which has it"),
    ("sampler.name", "nested", "Lange2023", "the nested sampler nautilus"),
)
"""Key of the configuration, value, entry, and what it is cited for; a star in key or value stands for anything.
Of a list with priors in it their means are compared."""


PHOTOMETRY: Final = {
    "finkbeiner2016": ("Finkbeiner2016", "Pan-STARRS1 magnitudes to SDSS"),
    "tonry2012": ("Tonry2012", "Pan-STARRS1 magnitudes to SDSS"),
    "coefficients": ("SchlaflyFinkbeiner2011", "the extinction of the bands"),
    "map": ("Schlegel1998", "the map of the dust"),
    "reader": ("Green2018", "dustmaps, which reads it"),
}
"""What dereddening and transforming magnitudes takes."""


def bibtex(config: Mapping[str, Any], columns: Collection[str] | None = None, further: Iterable[str] = ()) -> str:
    """The BibTeX of everything a run used and of `further` keys, each entry once; arguments as of `references`."""
    found = references(config, columns)
    known = {reference.key for reference in found}
    found += [_known()[key] for key in further if key not in known]
    return "\n".join(reference.text for reference in found) + "\n"


def joined_bibtex(configs: Iterable[Mapping[str, Any]]) -> str:
    """The BibTeX of everything several runs used, each entry once."""
    found = {reference.key: reference.text for config in configs for reference in references(config)}
    return "\n".join(found.values()) + "\n"


def references(config: Mapping[str, Any], columns: Collection[str] | None = None) -> list[Reference]:
    """The entries of everything a run used, each once: method, catalogues, models, frame, sampler, software.

    Parameters
    ----------
    config : mapping
        The resolved configuration of the run.
    columns : collection of str, optional
        Those of the run's stars: without ``ebv`` among them the catalogue's photometry was dereddened already. None:
        it was not.
    """
    several = config.get("catalogue")
    if isinstance(several, (list, tuple)):
        each = [references(settings_of(config, entry), columns) for entry in several]
        return list({reference.key: reference for found in each for reference in found}.values())
    flat = list(_flatten(config, ""))
    found = [_cited(key, reason) for key, reason in ALWAYS[:1]]
    found += _catalogues(flat)
    found += [
        _cited(key, reason)
        for pattern, value, key, reason in WHERE
        if any(fnmatch(path, pattern) and _matches(given, value) for path, given in flat)
    ]
    found += _photometry(config.get("distance"), columns) + _declared(flat)
    found += [_cited(key, reason) for key, reason in ALWAYS[1:]]
    return list({reference.key: reference for reference in reversed(found)}.values())[::-1]


def parse(text: str, reason: str = "") -> list[Reference]:
    """The entries of a BibTeX text, in order."""
    parts = re.split(r"(?m)^(?=@\w+\s*\{)", text)
    heads = [(re.match(r"@\w+\s*\{\s*([^,\s]+)\s*,", part), part) for part in parts]
    return [Reference(head.group(1), part.strip(), reason) for head, part in heads if head]


@cache
def _known() -> dict[str, Reference]:
    text = files("haloscale.report").joinpath("references.bib").read_text(encoding="utf-8")
    return {reference.key: reference for reference in parse(text)}


def _cited(key: str, reason: str) -> Reference:
    return replace(_known()[key], reason=reason)


def _flatten(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """(dotted path, value) of every leaf."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flatten(inner, f"{path}.{key}" if path else str(key))
    else:
        yield path, value


def _matches(given: Any, value: Any) -> bool:
    if isinstance(value, str):
        return isinstance(given, str) and fnmatch(given, value)
    if isinstance(value, list):
        return isinstance(given, (list, tuple)) and [_mean(item) for item in given] == value
    return isinstance(given, (int, float)) and float(given) == value


def _mean(item: Any) -> Any:
    """Of a normal prior its mean; what is no prior as it is."""
    return item.get("mean") if isinstance(item, Mapping) else item


def _photometry(given: Any, columns: Collection[str] | None) -> list[Reference]:
    """What was used to deredden and transform magnitudes, if any were."""
    if not isinstance(given, Mapping) or "system" not in given or (columns is not None and "ebv" not in columns):
        return []
    used = [given["transform"]] if given["system"] == "ps1" else []
    if given["ebv"] != "none":
        used += ["coefficients"] if given["ebv"] == "column" else ["coefficients", "map", "reader"]
    return [_cited(*PHOTOMETRY[name]) for name in used]


def _catalogues(flat: list[tuple[str, Any]]) -> list[Reference]:
    from haloscale.surveys.base import surveys

    names = [given for path, given in flat if path == "catalogue.survey" and given in surveys]
    return [entry for name in names for entry in parse(surveys[name].bibtex, f"the catalogue {name}")]


def _declared(flat: list[tuple[str, Any]]) -> list[Reference]:
    """What a registered model, method or sampler asks to be cited, in its own attribute `bibtex`."""
    from haloscale.anisotropy.base import anisotropies
    from haloscale.inference.samplers.base import samplers
    from haloscale.mass.base import mass_models
    from haloscale.substructure.base import substructure_methods
    from haloscale.tracer.base import tracers

    registries: tuple[tuple[str, Any], ...] = (
        ("mass.*.profile", mass_models),
        ("tracer.profile", tracers),
        ("anisotropy.model", anisotropies),
        ("substructure.method", substructure_methods),
        ("sampler.name", samplers),
    )
    found = []
    for pattern, registry in registries:
        for path, given in flat:
            if fnmatch(path, pattern) and given in registry:
                found += parse(getattr(registry[given], "bibtex", ""), f"{registry.kind} {given}")
    return found
