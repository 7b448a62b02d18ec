"""Is the answer of a TAP service complete? Read as the standards DALI 1.1 and TAP 1.1 state it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from haloscale.errors import FetchError, TruncatedAnswerError

_SHOWN: Final = 200


def check_answer(path: Path, service: str) -> None:
    """Refuse an answer that is no VOTable, is broken off, is an error document, or was cut off at a row limit.

    Parameters
    ----------
    path : Path
        The answer.
    service : str
        For messages.

    Raises
    ------
    TruncatedAnswerError
        The last ``QUERY_STATUS`` is OVERFLOW: there are more rows than the service gives.
    FetchError
        Everything else.
    """
    from xml.etree import ElementTree

    try:
        root, stated = _statuses(path)
    except ElementTree.ParseError as error:
        raise _unusable(path, service, f"is broken off or damaged ({error})") from error
    if root != "VOTABLE":
        raise _unusable(path, service, f"is no VOTable but {root!r}")
    told = dict(stated)
    if "ERROR" in told:
        raise FetchError(
            f"the TAP service {service} refused the query: {told['ERROR'] or 'it gives no reason'}",
            "a query that the service can carry out",
            "check the name of the table and of its columns; if they are right, ask for fewer stars at a time",
        )
    if "OVERFLOW" in told:
        raise TruncatedAnswerError(
            f"the TAP service {service} cut its answer off at its row limit (QUERY_STATUS = OVERFLOW)",
            "a complete answer",
            "ask for fewer stars at a time, or for a smaller radius; what came was not used",
        )
    if "OK" not in told:
        raise _unusable(path, service, "does not say whether it is complete (no QUERY_STATUS)")


def _statuses(path: Path) -> tuple[str, list[tuple[str, str]]]:
    """Name of the outermost element, and every (value, text) of an INFO called QUERY_STATUS; reads to the end."""
    from xml.etree import ElementTree

    root = ""
    found = []
    for event, element in ElementTree.iterparse(path, events=("start", "end")):
        name = element.tag.rpartition("}")[2]
        if event == "start":
            root = root or name
            continue
        if name == "INFO" and element.get("name", "").upper() == "QUERY_STATUS":
            found.append((element.get("value", "").upper(), " ".join((element.text or "").split())))
        if name in ("TR", "STREAM", "INFO"):
            element.clear()
    return root, found


def _unusable(path: Path, service: str, how: str) -> FetchError:
    with path.open("rb") as file:
        begins = excerpt(file.read(4096))
    return FetchError(
        f"the answer of {service} {how}" + (f"; it begins: {begins}" if begins else ""),
        "a complete VOTable",
        "check the address (it ends before /sync), or try again later; nothing of the answer was kept",
    )


def excerpt(content: bytes) -> str:
    """The words of a page or of an error document, without its markup."""
    text = content.decode("utf-8", errors="replace")
    return " ".join(_words(text))[:_SHOWN]


def _words(text: str) -> Iterator[str]:
    without = re.sub(r"<(style|script)\b.*?</\1>|<[^>]*>?", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return iter(without.split())
