"""The pages of a run, rendered once and kept: a visitor reads without waiting for a kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from cxlib.views.filters import Filters, make_filters
from cxlib.views.material import Material
from cxlib.views.rendering import PAGES, RENDER, asset, render_findings
from cxlib.views.say import say

if TYPE_CHECKING:
    import jinja2

LINKS = {page: f"{page}.ipynb" for page in PAGES}
TEMPLATE = "prepared.html"
LATE_SECONDS = 60  # then the page says that the choices are not there; they may still come
PENDING = "not-yet"  # stands for the number of the kernel in the page's settings
CARRIED = "CX_PAGE_IS_THERE"  # told to the kernels of visitors: the page is read already, show the choices alone


def prepare(material: Material, environment: jinja2.Environment, page_config: dict[str, Any]) -> dict[str, bytes]:
    """Every page of a run as it is sent.

    Parameters
    ----------
    material : Material
    environment : jinja2.Environment
        Finds Voila's template `cx`; escapes what it is told.
    page_config : dict
        Voila's settings of a page, all but the kernel's number.

    Returns
    -------
    dict
        Page name -> html in UTF-8. The findings page holds the place of its choices, and asks for them by itself.
    """
    template = environment.get_template(TEMPLATE)
    choices = make_filters(material.document)
    pages = {}
    for page in PAGES:
        parts = render_findings(material, LINKS, native_filters=False) if page == "findings" else None
        told = {
            "parts": parts or RENDER[page](material, LINKS),
            "style": Markup(asset("page.css")),  # noqa: S704
            "script": Markup(asset("page.js")),  # noqa: S704
            "skip": say("page_skip"),
            "base_url": page_config["baseUrl"],
            "settings": page_config | {"kernelId": PENDING},
            "pending": PENDING,
            "choices": choices if has_choices(page, choices) else None,
            "label": say("page_filters"),
            "coming": say("serving_coming"),
            "told": {"absent": vars(say("serving_absent"))},
            "late_seconds": LATE_SECONDS,
            "static": page_config["fullStaticUrl"],
            "address": f"{page_config['baseUrl']}voila/choices/{LINKS[page]}",
        }
        pages[page] = template.render(told).encode("utf-8")
    return pages


def has_choices(page: str, choices: Filters) -> bool:
    """Whether a page has anything to choose, and so anything to ask a kernel for."""
    return page == "findings" and bool(choices.cards)
