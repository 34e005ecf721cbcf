"""The page of a batch: state, rows, findings and loop figures of every run, in the order asked for; no result."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from cxlib.batch.grid import told_settings
from cxlib.batch.record import BatchRecord, Line
from cxlib.words import LANGUAGES, whole, word

PAGES = {"findings": "index.html", "history": "history.html", "method": "method.html"}
_SHOWN_PROBLEMS = 20
_CLOSED = "base-uri 'none'; form-action 'none'"


def render_summary(record: BatchRecord, pages: Mapping[str, str], *, language: str = "vi", again: str = "") -> str:
    """The page as one file that asks nothing of any other.

    Parameters
    ----------
    record : BatchRecord
    pages : mapping
        Key of a line -> address of the folder with its published pages.
    language : {'vi', 'en'}
        Shown first; both are in the page.
    again : str
        The command that takes up what is not done; "" when all is done.

    Returns
    -------
    str
    """
    counts = record.count()
    style = (files("cxlib.batch") / "pages" / "batch.css").read_text(encoding="utf-8")
    allowed = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    told = {
        "language": language,
        "title": word("batch_title", language),
        "policy": f"default-src 'none'; style-src 'sha256-{allowed}'; img-src data:; {_CLOSED}",
        "style": Markup(style),  # noqa: S704  (the package's own)
        "counts": _say(
            "batch_counts",
            done=counts["done"],
            of=len(record.lines),
            failed=counts["failed"],
            left=counts["waiting"] + counts["running"],
        ),
        "when": _say("batch_when", started=_moment(record.started), ended=_moment(record.ended or "")),
        "again": again,
        "cards": [_card(line, pages.get(line.key, "")) for line in record.lines],
        "in_english": word("batch_in_english", "vi"),
        "batch": record.batch,
    }
    return _templates().get_template("batch.html.j2").render(told) + "\n"


def write_summary(path: Path, text: str) -> None:
    """Replace the page in one step."""
    import secrets

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    temporary.write_text(text, encoding="utf-8", newline="\n")
    temporary.replace(path)


def _card(line: Line, address: str) -> dict[str, Any]:
    title = line.told.get("title")
    rows, loop = line.told.get("rows") or {}, line.told.get("loop") or {}
    return {
        "title": _both({name: f"{title[name]} ({line.key})" for name in LANGUAGES}) if title else line.key,
        "settings": told_settings(line.changes),
        "state": _state(line),
        "begun": _say("batch_begun", count=line.begun) if line.begun > 1 else "",
        "rows": _say("batch_read_kept", read=rows["in"], kept=rows["kept"]) if rows else "",
        "findings": _both({name: whole(line.told.get("findings", 0), name) for name in LANGUAGES}),
        "loop": _say(
            "batch_loop_line",
            matter=loop.get("matter", 0),
            acted=loop.get("with_action", 0),
            measured=loop.get("with_change_measured", 0),
        ),
        "links": [(f"{address}/{PAGES[page]}", _say(f"batch_to_{page}")) for page in PAGES] if address else [],
        "command": f"cx view {line.client}" if line.state == "done" and line.make_latest else "",
        "problems": line.problems[:_SHOWN_PROBLEMS],
    }


def _state(line: Line) -> Markup:
    if line.state != "done":
        return _say(f"batch_{line.state}")
    if line.taken_up:
        return _say("batch_taken_up")
    return _say("batch_done", seconds=round(line.seconds or 0))


def _moment(text: str) -> str:
    return text.replace("T", " ").replace("+00:00", " UTC")


def _say(key: str, **counts: Any) -> Markup:
    """A text in both languages, of which the page shows one; whole numbers as the reader writes them."""
    return _both(
        {
            language: word(
                key,
                language,
                **{name: whole(value, language) if isinstance(value, int) else value for name, value in counts.items()},
            )
            for language in LANGUAGES
        }
    )


def _both(texts: Mapping[str, str]) -> Markup:
    if texts["vi"] == texts["en"]:
        return Markup("{}").format(texts["vi"])
    return Markup('<span lang="vi">{}</span><span lang="en">{}</span>').format(texts["vi"], texts["en"])


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("cxlib.batch", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["say"] = _say
    return environment
