"""The page of two runs beside each other: one file that asks nothing of any other."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from markupsafe import Markup

from cxlib.errors import ParamsError
from cxlib.runs.comparison import Comparison
from cxlib.runs.trials import Explained
from cxlib.views.compare_words import tell_comparison
from cxlib.views.rendering import Parts, page_templates, whole_page


def compare_page(found: Comparison, explained: Explained | None = None, *, language: str | None = None) -> str:
    """The page as html.

    Parameters
    ----------
    found : Comparison
    explained : Explained, optional
        What came back when the first run was made again with one kind changed at a time.
    language : {'vi', 'en'}, optional
        Shown first; the second run's own by default. Both are in the page.

    Returns
    -------
    str
        A whole file: style, script and both languages inside.
    """
    language = language or found.language
    told = tell_comparison(found, explained)
    known = {"document": found, "told": told, "language": language}
    html = {
        part: page_templates().get_template(f"compare_{part}.html.j2").render(known) for part in ("top", "main", "foot")
    }
    # The templates have escaped what they were told; their own result is html.
    return whole_page(Parts(told.title, language, **{part: Markup(text) for part, text in html.items()}))  # noqa: S704


def write_compare_page(
    found: Comparison, path: Path, explained: Explained | None = None, *, language: str | None = None
) -> None:
    """Write the page, in one step. Parameters as `compare_page`.

    Raises
    ------
    ParamsError
        The file cannot be written there.
    """
    text = compare_page(found, explained, language=language)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise ParamsError(f"The page cannot be written: {error.strerror}.", str(path), "name another file") from None
