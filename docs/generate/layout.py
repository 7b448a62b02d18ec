"""Markdown tables and numbers as text, and the renderer of the equations."""

from collections.abc import Iterable, Sequence
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util.math import get_node_equation_number

NBSP = "\N{NO-BREAK SPACE}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def percent(ratio: float, digits: int = 0) -> str:
    """A ratio as the change in per cent that it is: 1.03 -> "+3 %"."""
    change = round(100.0 * (ratio - 1.0), digits) + 0.0  # -0 becomes 0
    return f"{change:+.{digits}f}{NBSP}%".replace("-", "−")


def power(x: float) -> str:
    """A small positive number to one digit: 3.2e-11 -> "3 × 10⁻¹¹"; rounding errors differ between machines."""
    if x < 1e-14:
        return "below 10⁻¹⁴"
    mantissa, exponent = f"{x:.0e}".split("e")
    return f"{mantissa} × 10{str(int(exponent)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def mathml(translator: Any, node: nodes.Element) -> None:
    """An equation in a line of text, as MathML: browsers draw it without anything loaded from elsewhere."""
    translator.body.append(tex2mathml(node.astext()))
    raise nodes.SkipNode


def mathml_block(translator: Any, node: nodes.Element) -> None:
    """An equation on a line of its own, as MathML, with its number."""
    translator.body.append(translator.starttag(node, "div", CLASS="math"))
    if node["number"]:
        translator.body.append(f'<span class="eqno">({get_node_equation_number(translator, node)})')
        translator.add_permalink_ref(node, "Link to this equation")
        translator.body.append("</span>")
    translator.body.append(tex2mathml(node.astext(), as_block=True) + "</div>\n")
    raise nodes.SkipNode
