"""Parameters as YAML with a remark beside each guess.

Every text of the survey stands in double quotes, with signs that are not printed written as escapes: nothing in a
file's header can become a key, a comment or a reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cxlib.newclient.draft import Draft

_PLAIN = re.compile(r"[a-z][a-z0-9_-]{0,60}")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
CONFIRM = "# confirm"
WIDTH = 110
_OWN = {"question": "which-factors"}
_ORDER = (
    "client", "title", "language", "data", "respondent", "wave", "outcomes", "factors", "unit", "segments", "comments",
    "duration", "weight",
)  # fmt: skip


def quoted(text: str) -> str:
    """A text as a YAML scalar.

    Examples
    --------
    >>> quoted("store"), quoted("=1+2 # {x}: *y"), quoted("no"), quoted("Hài lòng")
    ('store', '"=1+2 # {x}: *y"', '"no"', '"Hài lòng"')
    """
    if _PLAIN.fullmatch(text) and text not in _WORDS:
        return text
    told = json.dumps(text, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else _escape(sign) for sign in told)


def _escape(sign: str) -> str:
    number = ord(sign)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def to_yaml(draft: Draft, head: list[str]) -> str:
    """The text of `params.yaml`.

    Parameters
    ----------
    draft : Draft
    head : list of str
        Lines of the comment on top.
    """
    lines = [f"# {_line(text)}" for text in head]
    for key in _ORDER:
        if key in draft.values:
            if key in ("data", "outcomes", "factors", "segments"):
                lines.append("")
            lines += _block(draft, (key,), draft.values[key], 0)
        if key == "language":
            lines.append("question: which-factors")
    if draft.unused:
        lines += ["", "# Not used:"]
        lines += [f"#   - {quoted(shortened(name))}: {_line(why)}" for name, why in draft.unused]
    return "\n".join(lines) + "\n"


def shortened(name: str, longest: int = 90) -> str:
    """A column's name for a remark, with what is not printed left out."""
    plain = _line(name)
    half = longest // 2
    return plain if len(plain) <= longest else f"{plain[: half - 1]}…{plain[-half:]}"


def _line(text: str) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _remark(draft: Draft, place: tuple[str | int, ...]) -> str:
    if place not in draft.remarks:
        return ""
    why, confirm = draft.remarks[place]
    return f"  {CONFIRM}: {_line(why)}" if confirm else f"  # {_line(why)}"


def _block(draft: Draft, place: tuple[str | int, ...], value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    name = quoted(str(place[-1]))
    remark = _remark(draft, place)
    flat = _flat(value)
    if place == ("data",):
        return [f"{name}:{remark}", *(line for key in value for line in _block(draft, (*place, key), value[key], 1))]
    if not isinstance(value, Mapping | list) or (len(flat) + len(name) + 2 * depth <= WIDTH and _short(value)):
        return [f"{indent}{name}: {flat}{remark}"]
    lines = [f"{indent}{name}:{remark}"]
    if isinstance(value, Mapping):
        for key, item in value.items():
            lines += _block(draft, (*place, key), item, depth + 1)
        return lines
    for number, item in enumerate(value):
        told = _remark(draft, (*place, number))
        if not isinstance(item, Mapping):
            lines.append(f"{indent}  - {_flat(item)}{told}")
            continue
        for at, (key, part) in enumerate(item.items()):
            inner = _block(draft, (*place, number, key), part, depth + 2)
            if at == 0:
                inner[0] = f"{indent}  - {inner[0].strip()}{told}"
            lines += inner
    return lines


def _short(value: Any) -> bool:
    """Whether a value is easy to read on one line: a list, or a mapping of single values."""
    if isinstance(value, Mapping):
        return all(not isinstance(item, Mapping | list) for item in value.values()) and len(value) <= 8
    return all(not isinstance(item, Mapping | list) for item in value)


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {_flat(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flat, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else quoted(str(value))
