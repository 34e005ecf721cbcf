"""What the view notebooks show, in JupyterLab and on a live page: the page's html, and what chooses among its cards.

Kept light: a kernel starts for every visitor of a live page, and importing pandas or a drawing library would triple the
wait.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from IPython.display import HTML, display
from markupsafe import Markup, escape

from cxlib.errors import CxError
from cxlib.views.filters import Filters, make_filters
from cxlib.views.material import Material, find_run, read_material
from cxlib.views.rendering import (
    LINKS,
    Parts,
    asset,
    render_findings,
    render_history,
    render_method,
    shown_text,
)
from cxlib.views.say import said

WHOLE = {"cx": "page"}  # of an output: a page's own html


def show_findings(run_dir: str | Path, language: str | None = None) -> None:
    """Show the findings page of a run.

    Parameters
    ----------
    run_dir : str or Path
        The run's folder: absolute, or looked for below $CX_HOME, then from the working directory upwards.
    language : {'vi', 'en'}, optional
        Shown first; the run's own by default. Both are in the page.
    """
    material = _material(run_dir)
    if material is None:
        return
    if _served():
        _show_parts(render_findings(material, LINKS, language=language))
        return
    parts = render_findings(material, LINKS, language=language, native_filters=False)
    filters = make_filters(material.document)
    _style(parts)
    display(HTML(parts.top))
    if filters.cards:
        _show_filters(filters, parts.language)
    display(HTML(parts.main + parts.foot))


def show_method(run_dir: str | Path, language: str | None = None) -> None:
    """Show how we know: the method page of a run. Parameters as `show_findings`."""
    _show(run_dir, language, render_method)


def show_history(run_dir: str | Path, language: str | None = None) -> None:
    """Show what was done, and what changed: the history of a run. Parameters as `show_findings`."""
    _show(run_dir, language, render_history)


def _show(run_dir: str | Path, language: str | None, render: Callable[..., Parts]) -> None:
    material = _material(run_dir)
    if material is None:
        return
    parts = render(material, LINKS, language=language)
    if not _served():
        _style(parts)
    _show_parts(parts)


def _show_parts(parts: Parts) -> None:
    """A whole page at once; marked, since it brings its own margins."""
    display(HTML(parts.top + parts.main + parts.foot), metadata=WHOLE)


def _material(run_dir: str | Path) -> Material | None:
    try:
        return read_material(find_run(run_dir))
    except CxError as error:
        lines = Markup("<br>").join(Markup("{}").format(line) for line in str(error).splitlines())
        told = Markup('<main id="content" class="cx cx-failed" role="alert"><p>{}</p></main>').format(lines)
        display(HTML(told), metadata=WHOLE)
        return None


def _served() -> bool:
    """Whether Voila runs this kernel; the live page brings the style, the switch and what chooses."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _style(parts: Parts) -> None:
    """In JupyterLab the notebook brings the style itself, and shows its one language, whatever JupyterLab speaks."""
    other = "vi" if parts.language == "en" else "en"
    hide = f'.cx [lang="{other}"]:not(.cx-always), .cx-switch {{ display: none !important; }}'
    display(HTML(f"<style>{asset('page.css')}\n{hide}</style>"))


def _show_filters(filters: Filters, language: str) -> None:
    """The choices as dropdowns.

    What arrives from the browser is looked up among the known positions (`Filters`); anything else shows every card.
    """
    import ipywidgets

    choice: dict[str, int] = {}
    style, told = ipywidgets.HTML(), ipywidgets.HTML()

    def tell() -> None:
        style.value = f"<style>{filters.style(choice)}</style>"
        told.value = str(escape(shown_text(filters, choice).get(language)))

    def chosen(name: str, place: object) -> None:
        choice[name] = place if type(place) is int else -1
        tell()

    dropdowns = []
    for item in filters.filters:
        options = [(said(text).get(language), place) for place, text in item.options]
        dropdowns.append(ipywidgets.Dropdown(options=options, value=-1, description=item.label.get(language)))
        dropdowns[-1].observe(lambda change, name=item.name: chosen(name, change["new"]), names="value")
    tell()
    row = ipywidgets.Box(dropdowns)
    row.add_class("cx-choices")
    display(row)
    display(ipywidgets.VBox([style, told]))
