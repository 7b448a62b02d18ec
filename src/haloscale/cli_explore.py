"""The command `explore`: the page in the browser."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from haloscale.cli_options import Columns, Recipe, Settings, Survey, guarded, pairs

if TYPE_CHECKING:
    from haloscale.web.access import Access


@guarded
def explore(
    what: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR | CATALOGUE]", help="Folder of a finished run, or a star catalogue; or neither."),
    ] = None,
    survey: Survey = "",
    recipe: Recipe = "zhai2018",
    settings: Settings = [],  # noqa: B006
    columns: Columns = [],  # noqa: B006
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on; 0: any free one.")] = 8765,
    out: Annotated[
        Path, typer.Option("-o", "--out", metavar="DIR", help="Folder below which fits leave their run folders.")
    ] = Path("explore"),
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Address to listen on; with --expose not only this machine."),
    ] = "127.0.0.1",
    expose: Annotated[
        bool, typer.Option("--expose", help="Let other machines reach the page: who knows the address can use it.")
    ] = False,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")] = True,
) -> None:
    """See a catalogue and its model in the browser: drag a slider, drop a file, fit, download."""
    from haloscale.web.start import explore as start

    def ready(access: "Access", opened: bool) -> None:
        if not access.is_local:
            typer.echo(
                f"warning: {access.host} can be reached from other machines, without encryption; whoever knows the "
                "address below can use the explorer and see your stars",
                err=True,
            )
        if browser and not opened:
            typer.echo("no browser could be opened; open the address below in one", err=True)
        typer.echo(access.address)
        typer.echo("stop with Ctrl-C", err=True)

    start(
        what, survey, recipe=recipe, settings=pairs(settings, "--set"), columns=pairs(columns, "--columns"),
        place=(host, port, expose), out=out, browser=browser, ready=ready,
    )  # fmt: skip
