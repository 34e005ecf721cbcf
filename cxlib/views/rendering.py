"""Findings and figures in, html out. Nothing is read from a disk but the package's own templates."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cxlib.findings.schema import Document
from cxlib.views.cards import make_card, next_questions, tell_action
from cxlib.views.filters import Filters, make_filters
from cxlib.views.history_page import tell_history
from cxlib.views.material import Material
from cxlib.views.method_page import TestLine, tell_method
from cxlib.views.order import tell_order
from cxlib.views.say import Said, count, counted, day, said, say

PAGES = ("findings", "history", "method")
LINKS = {page: f"{page}.ipynb" for page in PAGES}  # as a server's pages name each other


@dataclass(frozen=True)
class Parts:
    """A page in the order it is read; each part is whole html by itself.

    Attributes
    ----------
    title : Said
        The page's title in both languages, never a file's name.
    language : str
        The language shown first.
    top, main, foot : Markup
        Header with the question; the content; the footer.
    """

    title: Said
    language: str
    top: Markup
    main: Markup
    foot: Markup


def both_languages(text: object) -> Markup:
    """A text as two spans, one a language, of which the page shows one; escaped."""
    spoken = said(text)
    if spoken.vi == spoken.en:
        return escape(spoken.vi)
    # Thousands of times a page: put together from escaped parts, which takes a third of the time of a format.
    return Markup(f'<span lang="vi">{escape(spoken.vi)}</span><span lang="en">{escape(spoken.en)}</span>')  # noqa: S704


@cache
def page_templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("cxlib.views", "pages"),
        autoescape=True,  # every file, whatever its ending: comments and labels are other people's text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["both"] = both_languages
    environment.filters["titled"] = lambda texts: Said(texts["vi"], texts["en"])
    environment.filters["as_rows"] = lambda lines: [cells(line) for line in lines]
    environment.globals["say"] = say
    environment.globals["counted"] = counted
    return environment


def cells(line: TestLine) -> tuple[Said, ...]:
    """The cells of a line, in the order of the columns."""
    return tuple(getattr(line, field.name) for field in fields(line))


@cache
def asset(name: str) -> str:
    """The text of a file in `pages/` (page.css, page.js)."""
    return (files("cxlib.views") / "pages" / name).read_text(encoding="utf-8")


def page_title(document: Document, page: str) -> Said:
    """The title of a page."""
    return say(f"page_title_{page}", title=document.title)


def _common(material: Material, links: dict[str, str], language: str | None) -> dict:
    document = material.document
    return {
        "document": document,
        "links": links,
        "language": language or document.language_default,
        "waves": _waves(document),
        "quote_language": document.language_default,  # comments are shown as written
        "updated": say("page_updated", day=day(document.made_on)) if document.made_on else None,
    }


def _waves(document: Document) -> Said | None:
    if not document.waves:
        return None
    first, last = document.waves[0], document.waves[-1]
    return say("page_wave", first=first) if first == last else say("page_waves", first=first, last=last)


def render_findings(
    material: Material, links: dict[str, str], *, language: str | None = None, native_filters: bool = True
) -> Parts:
    """The findings page: one card for each pair of finding and action.

    Parameters
    ----------
    material : Material
    links : dict
        Page name -> address as the page links to it.
    language : {'vi', 'en'}, optional
        Shown first; the document's own by default. Both are in the page.
    native_filters : bool
        Whether the page brings its own choices, or something else does (a notebook in JupyterLab).

    Returns
    -------
    Parts
    """
    document = material.document
    filters = make_filters(document)
    known = {action.id: action for action in document.actions}
    told = _common(material, links, language) | {
        "cards": [
            make_card(material, filters, finding, place) for place, finding in enumerate(document.findings, start=1)
        ],
        "filters": filters if native_filters else None,
        "loop_line": _loop(document),
        "order": tell_order(document),
        "orphans": [
            (tell_action(known[orphan.action]), said(orphan.why))
            for orphan in document.orphan_actions
            if orphan.action in known
        ],
        "unknowns": [said(text) for text in document.unknowns],
        "decide": [said(text) for text in document.decide_next],
        "questions": list(dict.fromkeys([*(said(text) for text in document.ask_next), *next_questions(document)])),
        "retire": [said(text) for text in document.retire],
        "suppressed": [(_without_stop(line.what), said(line.why)) for line in document.suppressed],
        "hidden_all": bool(document.suppressed) and not any(t.association.estimate for t in document.method.tests),
    }
    return _parts("findings", page_title(document, "findings"), told)


def _without_stop(text) -> Said:
    return Said(text.vi.rstrip(" ."), text.en.rstrip(" ."))


def _loop(document: Document) -> list[Said]:
    loop = document.loop
    return [
        counted("page_loop_matter", loop.matter),
        counted("page_loop_action", loop.with_action),
        counted("page_loop_change", loop.with_change_measured),
    ]


def render_method(material: Material, links: dict[str, str], *, language: str | None = None) -> Parts:
    """The method page: how we know. Parameters and result as `render_findings`."""
    told = _common(material, links, language) | {"told": tell_method(material.document, material.by_hand)}
    return _parts("method", page_title(material.document, "method"), told)


def render_history(material: Material, links: dict[str, str], *, language: str | None = None) -> Parts:
    """The history: what was done, and what changed. Parameters and result as `render_findings`."""
    document = material.document
    told = _common(material, links, language) | {"told": tell_history(material), "loop_line": _loop(document)}
    return _parts("history", page_title(document, "history"), told)


def render_further(material: Material, title: str, *, headed: bool, language: str | None = None) -> Parts:
    """What stands around a page that somebody added to a run: the client, the way back, what the pages are used for.

    Parameters
    ----------
    material : Material
    title : str
    headed : bool
        Whether the page itself begins with a heading.
    language : {'vi', 'en'}, optional
        Shown first; the document's own by default.

    Returns
    -------
    Parts
        `main` is empty: the page's own.
    """
    told = _common(material, LINKS, language) | {"title": None if headed else title}
    return _parts("further", said(title), told)


def more_pages(pages: Iterable[tuple[str, str]]) -> Markup:
    """The list of pages that were added to a run; nothing where there are none.

    Parameters
    ----------
    pages : iterable of (str, str)
        File name and title of each; both escaped here.
    """
    links = [(quote(file, safe=""), title) for file, title in pages]
    text = page_templates().get_template("more.html.j2").render(links=links) if links else ""
    return Markup(text)  # noqa: S704  (escaped by the template)


RENDER = {"findings": render_findings, "history": render_history, "method": render_method}


def _parts(page: str, title: Said, told: dict) -> Parts:
    told = told | {"other_pages": [(told["links"][name], say(f"page_to_{name}")) for name in PAGES if name != page]}
    names = {"top": f"{page}_top", "foot": "foot"} | ({"main": f"{page}_main"} if page in PAGES else {})
    html = {"main": ""} | {
        part: page_templates().get_template(f"{name}.html.j2").render(told) for part, name in names.items()
    }
    # The templates have escaped what they were told; their own result is html.
    return Parts(title, told["language"], **{part: Markup(text) for part, text in html.items()})  # noqa: S704


def shown_text(filters: Filters, choice: dict[str, int]) -> Said:
    """How many findings a choice leaves, in words."""
    return say("page_shown", shown=count(len(filters.shown(choice))), of=count(len(filters.cards)))


def whole_page(parts: Parts, more: str = "") -> str:
    """A page as one file that asks nothing of any other.

    Parameters
    ----------
    parts : Parts
    more : Markup, optional
        What stands between the content and the footer: the list of further pages.

    Returns
    -------
    str
        Its content security policy allows this style, this script, pictures inside the page, and nothing else.
    """
    style, script = asset("page.css"), asset("page.js")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            script_policy(),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    template = page_templates().get_template("whole.html.j2")
    told = {"parts": parts, "more": more, "policy": policy, "style": Markup(style), "script": Markup(script)}  # noqa: S704
    return template.render(told) + "\n"


def script_policy() -> str:
    """The part of a content security policy that allows the pages' own script and no other."""
    return f"script-src '{_digest(asset('page.js'))}'"


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
