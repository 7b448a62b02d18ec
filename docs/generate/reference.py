"""Of the page `api`: what it has to hold, and the table of the names at the top; of the page `commands`: all of it."""

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from generate.layout import table

import haloscale

PRIVATE: Final = ("haloscale._version", "haloscale.cli", "haloscale.cli_options", "haloscale.cli_studies")


def modules() -> list[str]:
    """The public modules."""
    found = (m.name for m in pkgutil.walk_packages(haloscale.__path__, "haloscale."))
    return sorted(name for name in found if name not in PRIVATE)


def exported() -> str:
    """The names of `import haloscale as hs`, each with where it is described."""
    rows = []
    for name in haloscale.__all__:
        item = getattr(haloscale, name)
        if inspect.ismodule(item):
            rows.append((f"{{py:mod}}`hs.{name} <{item.__name__}>`", _first_line(item)))
        elif callable(item):
            rows.append((f"{{py:func}}`hs.{name} <{item.__module__}.{item.__qualname__}>`", _first_line(item)))
        else:
            rows.append((f"`hs.{name}`", "The version, as in the provenance of a run."))
    return table(("name", ""), rows)


def expected() -> set[str]:
    """Full names of the public functions, classes, methods and properties: all of them are in the reference."""
    return {full for name in modules() for full in _of_module(import_module(name))}


def _of_module(module: Any) -> Iterator[str]:
    for name, item in vars(module).items():
        own = getattr(item, "__module__", None) == module.__name__ and not name.startswith("_")
        if own and (inspect.isclass(item) or inspect.isfunction(item)):
            full = f"{module.__name__}.{name}"
            yield full
            if inspect.isclass(item):
                yield from (f"{full}.{member}" for member in _members(item))


def _members(item: type) -> Iterator[str]:
    """Methods and properties that the class itself defines; a field whose default is a function is none."""
    fields = getattr(item, "__dataclass_fields__", {})
    for name, member in vars(item).items():
        plain = getattr(member, "__func__", getattr(member, "func", getattr(member, "fget", member)))
        if not name.startswith("_") and name not in fields and inspect.isfunction(plain):
            yield name


def commands() -> str:
    """A section a command of the command line: what it does, its arguments and its options."""
    from typer.main import get_command

    from haloscale.cli import app

    sections = []
    for name, command in sorted(get_command(app).commands.items()):
        rows = [_option(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
        body = table(("", "default", ""), rows) if rows else ""
        sections.append(f"## haloscale {name}\n\n{_plain(command.help)}\n\n{body}")
    return "\n".join(sections)


def _option(parameter: Any) -> tuple[str, str, str]:
    names = ", ".join((*parameter.opts, *parameter.secondary_opts)) if parameter.param_type_name == "option" else ""
    wanted = parameter.metavar or parameter.name.upper()
    default = parameter.default() if callable(parameter.default) else parameter.default
    shown = "" if parameter.required or default in (None, False, [], ()) else f"`{default}`"
    flag = getattr(parameter, "is_flag", False)
    text = f"{names} {'' if flag else wanted}".strip() if names else wanted
    return f"`{text}`".replace("|", "\\|"), shown, _plain(getattr(parameter, "help", "") or "")


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace("|", "\\|").split()) or "See the page on it."


def _first_line(item: Any) -> str:
    return (inspect.getdoc(item) or "").partition("\n")[0]
