"""`cx compare`: two runs of a client beside each other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cxlib.cli.console import StageLines, answering
from cxlib.errors import ParamsError

if TYPE_CHECKING:
    from cxlib.runs.comparison import Comparison
    from cxlib.runs.trials import Explained

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
    explain: Annotated[
        bool, typer.Option("--explain", help="Make the first run again with one kind changed at a time, and tell.")
    ] = False,
    outputs: Annotated[Path, typer.Option("--outputs", help="Where runs are.", file_okay=False)] = OUTPUTS,
    language: Annotated[str, typer.Option("--language", help="Language of what was found: en or vi.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout, for scripts.")] = False,
) -> None:
    """Say what is different between two runs, and whether that comes from data, settings, log, code or packages."""
    with answering("compare", as_json=as_json, outputs=outputs) as answer:
        if language not in ("en", "vi"):
            raise ParamsError(f"There is no language '{language}' here.", "--language", "write en or vi")

        from cxlib.runs.compare import compare_runs, find_run
        from cxlib.runs.listing import client_name

        name = client_name(outputs, client)
        before, after = find_run(outputs, name, first), find_run(outputs, name, second)
        found = compare_runs(before, after)

        from cxlib.runs.trials import can_explain, why_not
        from cxlib.views.compare_words import lines_of, tell_comparison
        from cxlib.words import word

        if explain and not can_explain(found):
            raise why_not(found)
        explained = _explained(found, before, after, language) if explain else None
        answer.lines = list(lines_of(tell_comparison(found, explained), language))
        if explained is None and can_explain(found):
            answer.lines += ["", word("compare_hint", language)]
        answer.fields = found.as_dict() | {
            "explained": None if explained is None else explained.as_dict(),
            "page": None if page is None else str(page),
        }
        if page is not None:
            from cxlib.views.compare_page import write_compare_page

            write_compare_page(found, page, explained, language=language)
            answer.lines += ["", str(page)]


def _explained(found: Comparison, before: Path, after: Path, language: str) -> Explained:
    """The trials, each told on stderr as it goes."""
    from cxlib.runs.explain import explain
    from cxlib.words import word

    lines, told = StageLines(), 0

    def tell(number: int, of: int, kind: str | None, step: Any) -> None:
        nonlocal told
        if number != told:
            told = number
            key = "compare_again" if kind else "compare_again_first"
            what = {} if kind is None else {"kind": word(f"compare_kind_{kind}", language)}
            lines.close()
            print(word(key, language, number=number, of=of, **what), file=sys.stderr, flush=True)
        lines(step)

    try:
        return explain(found, before, after, progress=tell)
    finally:
        lines.close()
