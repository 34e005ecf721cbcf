"""What the view notebooks show: the page's html, and ipywidgets to choose among its cards.

Kept light: a kernel starts for every visitor, and importing pandas or a drawing library would triple the wait.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from IPython.display import HTML, display
from markupsafe import Markup

from cxlib.errors import CxError
from cxlib.views.filters import Filters, make_filters
from cxlib.views.material import Material, find_run, read_material
from cxlib.views.prepared import CARRIED, LINKS
from cxlib.views.rendering import (
    Parts,
    asset,
    both_languages,
    render_findings,
    render_history,
    render_method,
    shown_text,
)
from cxlib.views.say import Said, said

if TYPE_CHECKING:
    import ipywidgets


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
    filters = make_filters(material.document)
    if _page_is_there():
        if filters.cards:
            _show_filters(filters)
        return
    parts = render_findings(material, LINKS, language=language, native_filters=False)
    _style(parts)
    display(HTML(parts.top))
    if filters.cards:
        _show_filters(filters)
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
    _style(parts)
    display(HTML(parts.top + parts.main + parts.foot))


def _material(run_dir: str | Path) -> Material | None:
    try:
        return read_material(find_run(run_dir))
    except CxError as error:
        lines = Markup("<br>").join(Markup("{}").format(line) for line in str(error).splitlines())
        display(HTML(Markup('<main id="content" class="cx cx-failed" role="alert"><p>{}</p></main>').format(lines)))
        return None


def _served() -> bool:
    """Whether Voila runs this kernel; its page brings the style and the switch."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila/")


def _page_is_there() -> bool:
    """Whether the visitor reads the prepared page already; then the choices alone are wanted."""
    return _served() and bool(os.environ.get(CARRIED))


def _style(parts: Parts) -> None:
    """In JupyterLab the notebook brings the style itself, and shows its one language."""
    if not _served():
        other = "vi" if parts.language == "en" else "en"
        hide = f'.cx [lang="{other}"]:not(.cx-always), .cx-switch {{ display: none !important; }}'
        display(HTML(f"<style>{asset('page.css')}\n{hide}</style>"))


def _show_filters(filters: Filters) -> None:
    """The choices as dropdowns, each once in either language; what is chosen in one is chosen in the other.

    A visitor's browser can send anything to these callbacks. What arrives is looked up among the known positions
    (`Filters`), and anything else shows every card.
    """
    import ipywidgets

    choice: dict[str, int] = {}
    style = ipywidgets.HTML()
    told = ipywidgets.HTML()
    pairs: dict[str, list[ipywidgets.Dropdown]] = {}

    def tell() -> None:
        style.value = f"<style>{filters.style(choice)}</style>"
        told.value = str(both_languages(shown_text(filters, choice)))

    def chosen(name: str, place: object) -> None:
        if choice.get(name, -1) == place:
            return
        choice[name] = place if type(place) is int else -1
        for dropdown in pairs[name]:
            dropdown.value = choice[name]
        tell()

    columns = []
    for item in filters.filters:
        pairs[item.name] = [_dropdown(item.label, item.options, language) for language in ("vi", "en")]
        for dropdown in pairs[item.name]:
            dropdown.observe(lambda change, name=item.name: chosen(name, change["new"]), names="value")
        columns += pairs[item.name]
    tell()
    row = ipywidgets.Box(columns)
    row.add_class("cx-choices")
    display(row, metadata={"cx": "filters"})
    display(ipywidgets.VBox([style, told]), metadata={"cx": "count"})


def _dropdown(label: Said, options: tuple[tuple[int, Said], ...], language: str) -> ipywidgets.Dropdown:
    import ipywidgets

    dropdown = ipywidgets.Dropdown(
        options=[(said(text).get(language), place) for place, text in options],
        value=-1,
        description=label.get(language),
    )
    dropdown.add_class(f"cx-only-{language}")
    return dropdown
