"""What the code advises, in the words of a page: controls by their label, and no option of a command line."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from haloscale.config import load, recipes
from haloscale.web.controls import controls

_KEY: Final = r"[a-z_]+(?:\.[a-z0-9_]+)+"
_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"then add --columns .*$", "then choose it in the form"),
        (r"(?:or )?name (?:the right|another) column with --columns(?: \w+=[^\s;,]+)?", "or choose another column"),
        (r"name the columns? with --columns(?: \w+=[^\s;,]+)?", "choose the column in the form"),
        (r"name the column \(--columns \w+=\.\.\.\)", "choose the column in the form"),
        (r"correct one of the two --columns", "choose another column for one of the two"),
        (r" \(--columns[^)]*\)", ""),
        (r"\bcorrect (\S+) in the file, or with --set \1=\S*", r"correct \1"),
        (rf"give it with --set ({_KEY})=\.\.\.", r"give \1"),
        (rf" with --set ({_KEY})=\S+", r" under \1"),
        (rf"--set ({_KEY})=NUMBER", r"give \1 a number"),
        (rf"--set ({_KEY})=\.\.\.", r"change \1"),
        (rf"--set ({_KEY})=([^\s;,)]+)", r"set \1 to \2"),
        (rf"\(({_KEY}) = true cuts them\)", r"(the control \1 takes them out)"),
        (rf"({_KEY}) = true", r"\1, switched on,"),
        (r"\bsource\.upload is None", "the link names no upload"),
        (r" \(its keys under \[\w+\] are explained by `haloscale new`\)", ""),
    )
)
"""Texts for the command line, and what a page says in their place; the first that fit are applied first."""
_DOTTED: Final = re.compile(rf"(?<![\w.]){_KEY}(?![\w.]*=)")


def on_page(text: str) -> str:
    """A complaint, an advice or a remark as a page says it."""
    for pattern, words in _RULES:
        text = pattern.sub(words, text)
    return _DOTTED.sub(lambda found: _called(found[0]), text).removeprefix("or ")


def _called(key: str) -> str:
    """A key by the label of its control, in quotes; as it is where there is none."""
    label = labels().get(key)
    return f"\N{LEFT DOUBLE QUOTATION MARK}{label}\N{RIGHT DOUBLE QUOTATION MARK}" if label else key


@cache
def labels() -> Mapping[str, str]:
    """Dotted key -> label of its control."""
    sections = controls(load(next(iter(recipes()))).config.to_mapping())
    return {one["key"]: str(one["label"]) for section in reversed(sections) for one in reversed(section["controls"])}
