"""`cx compare`: two runs of a client beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cxlib.cli.console import answering
from cxlib.errors import ParamsError

OUTPUTS = Path("outputs")
RUN = "A run's name, a unique beginning of it, latest or previous."


def compare(
    client: Annotated[str, typer.Argument(metavar="CLIENT", help="A name below ./outputs or ./params, or a path.")],
    first: Annotated[str, typer.Argument(metavar="[RUN]", help=RUN)] = "previous",
    second: Annotated[str, typer.Argument(metavar="[RUN]", help=RUN)] = "latest",
    page: Annotated[
        Path | None,
        typer.Option("--page", metavar="FILE", help="Write it as a page too, one html file.", dir_okay=False),
    ] = None,
    outputs: Annotated[Path, typer.Option("--outputs", help="Where runs are.", file_okay=False)] = OUTPUTS,
    language: Annotated[str, typer.Option("--language", help="Language of what was found: en or vi.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")] = False,
) -> None:
    """Say what is different between two runs, and whether that comes from data, settings, log, code or packages."""
    with answering("compare", as_json=as_json, outputs=outputs) as answer:
        if language not in ("en", "vi"):
            raise ParamsError(f"There is no language '{language}' here.", "--language", "write en or vi")

        from cxlib.runs.compare import compare_runs, find_run

        name = _name(client, outputs)
        found = compare_runs(find_run(outputs, name, first), find_run(outputs, name, second))

        from cxlib.views.compare_words import lines_of, tell_comparison

        answer.lines = list(lines_of(tell_comparison(found), language))
        answer.fields = found.as_dict() | {"page": None if page is None else str(page)}
        if page is not None:
            from cxlib.views.compare_page import write_compare_page

            write_compare_page(found, page, language=language)
            answer.lines += ["", str(page)]


def _name(client: str, outputs: Path) -> str:
    """The name under which a client's runs are kept; its folder in params may be gone since."""
    if Path(client).name == client and (outputs / client).is_dir():
        return client
    from cxlib.runs.clients import find_client

    return find_client(client).resolve().name
