"""The pages of a run, rendered once and kept: a visitor reads, and chooses, without any kernel."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup

from cxlib.views.live import LivePage
from cxlib.views.material import Material
from cxlib.views.rendering import (
    LINKS,
    PAGES,
    RENDER,
    Parts,
    asset,
    more_pages,
    page_templates,
    page_title,
    render_further,
    whole_page,
)


@dataclass(frozen=True)
class Packed:
    """What is sent, as it is and packed; `packed` is None where that saves nothing."""

    plain: bytes
    packed: bytes | None

    @classmethod
    def pack(cls, plain: bytes) -> Packed:
        """Pack it once, for all who can unpack it."""
        packed = gzip.compress(plain, mtime=0)
        return cls(plain, packed if len(packed) < len(plain) else None)

    def for_browser(self, accepted: str) -> tuple[bytes, bool]:
        """What to send to a browser, and whether it is packed.

        Parameters
        ----------
        accepted : str
            Its header Accept-Encoding.
        """
        wishes = [wish.replace(" ", "").lower().split(";q=") for wish in accepted.split(",")]
        wanted = any(name == "gzip" and (not weight or weight[0].strip("0.") != "") for name, *weight in wishes)
        return (self.packed, True) if wanted and self.packed is not None else (self.plain, False)


@dataclass(frozen=True)
class Frame:
    """What stands around the outputs of a live page: sent before its kernel is there, in its stead, and after it."""

    before: bytes
    failed: bytes
    after: bytes


def prepare(material: Material, live: Iterable[LivePage]) -> dict[str, Packed]:
    """Every page of a run that no kernel is needed for, as it is sent.

    Parameters
    ----------
    material : Material
    live : iterable of LivePage
        Those that a kernel is needed for; the findings page names the further ones at its foot.

    Returns
    -------
    dict
        Page name -> the page: the same as the published file, but for the addresses of its links.
    """
    live = tuple(live)
    taken = {page.name for page in live}
    more = _more(live)
    return {
        page: Packed.pack(
            whole_page(RENDER[page](material, LINKS), more if page == "findings" else Markup()).encode("utf-8")
        )
        for page in PAGES
        if page not in taken
    }


def frame(material: Material, page: LivePage, live: Iterable[LivePage]) -> Frame:
    """What stands around a live page.

    Parameters
    ----------
    material : Material
    page : LivePage
    live : iterable of LivePage
        All of them.
    """
    if page.further:
        parts = render_further(material, page.title, headed=page.headed, language=page.language)
    else:  # its notebook shows top and foot itself
        document = material.document
        language = page.language or document.language_default
        parts = Parts(page_title(document, page.name), language, Markup(), Markup(), Markup())
    told = {
        "parts": parts,
        "further": page.further,
        "more": _more(live) if page.name == "findings" else Markup(),
        "style": Markup(asset("page.css")),  # noqa: S704
        "widgets": Markup(asset("live.css")),  # noqa: S704
        "script": Markup(asset("page.js")),  # noqa: S704
    }
    templates = page_templates()
    before, failed, after = (
        templates.get_template(f"{name}.html.j2").render(told).encode("utf-8")
        for name in ("live", "live_failed", "live_end")
    )
    return Frame(before, failed, after)


def _more(live: Iterable[LivePage]) -> Markup:
    return more_pages((page.file, page.title) for page in live if page.further)
