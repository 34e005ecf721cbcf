"""The same picture in fewer bytes: pages hold their figures, and a phone must load them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

# What a reader's machine has; each has every Vietnamese letter, and none is wider than the one measured with. Arial
# comes late: a Linux machine without it takes Liberation Sans, which has not.
FAMILIES = "Noto Sans,Segoe UI,Roboto,DejaVu Sans,Helvetica Neue,Arial,sans-serif"
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"

LONG = re.compile(r"\d+\.\d{3,}")
COMMAND = re.compile(r"([MLHVCQZz])([^MLHVCQZz]*)")
CIRCLE = re.compile(r"M 0 (\d[\d.]*)\s+(?:C [-\d. e]+\s+){8}z\s*")
ROTATED_BY_NOTHING = re.compile(r"rotate\(-?0 [^)]*\)")
MOVED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)")


def lean(svg: str) -> str:
    """Rewrite an svg file as matplotlib writes it (letters as text) in fewer bytes.

    Parameters
    ----------
    svg : str

    Returns
    -------
    str
        Places rounded to a tenth of a unit, which is not seen; no clipping, groups, marks without ink or metadata;
        round marks as circles; letters in a family that the reader's machine has. What is drawn, and its order, stay.

    Examples
    --------
    >>> lean('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M 1 2.5004 L 3 2.5 L 3 4"/></svg>')
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M1 2.5H3V4"/></svg>\\n'
    """
    root = ElementTree.fromstring(svg)  # noqa: S314 (our own drawing)
    marks = {f"#{path.get('id')}": path for path in root.iter(f"{SVG}path") if path.get("id")}
    body = list(_shapes(root, marks))
    used = any("<use " in shape for shape in body)
    head = ['<svg xmlns="http://www.w3.org/2000/svg"']
    if used:
        head.append('xmlns:xlink="http://www.w3.org/1999/xlink"')
    head += [f"{name}={quoteattr(root.get(name, ''))}" for name in ("width", "height", "viewBox") if root.get(name)]
    if any(shape.startswith("<text") for shape in body):
        head.append(f'font-family="{FAMILIES}"')
    if used:
        needed = [name for name in marks if any(f'"{name}"' in shape for shape in body)]
        shapes = [f"<path id={quoteattr(name[1:])} d={quoteattr(_path(marks[name].get('d', '')))}/>" for name in needed]
        body.insert(0, f"<defs>{''.join(shapes)}</defs>")
    return f"{' '.join(head)}>{''.join(_gathered(body))}</svg>\n"


def _shapes(node: ElementTree.Element, marks: dict[str, ElementTree.Element]) -> Iterator[str]:
    for child in node:
        kind = child.tag.removeprefix(SVG)
        style = _style(child.get("style", ""))
        if kind == "g":
            yield from _shapes(child, marks)
        elif kind == "path" and child.get("id") is None and child.get("d", "").strip() and style.get("opacity") != "0":
            yield f"<path d={quoteattr(_path(child.get('d', '')))}{_told(style)}/>"
        elif kind == "use":
            yield _mark(child, marks[child.get(LINK, "")], style)
        elif kind == "text":
            yield _text(child, style)


def _style(text: str) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in text.split(";") if ":" in part)
    return {name.strip(): LONG.sub(lambda found: f"{float(found[0]):.2f}", value.strip()) for name, value in pairs}


def _told(style: dict[str, str]) -> str:
    return f" style={quoteattr(';'.join(f'{name}:{value}' for name, value in style.items()))}" if style else ""


def _mark(use: ElementTree.Element, mark: ElementTree.Element, style: dict[str, str]) -> str:
    x, y = _short(float(use.get("x", 0))), _short(float(use.get("y", 0)))
    circle = CIRCLE.fullmatch(mark.get("d", ""))
    style = _style(mark.get("style", "")) | style
    if circle:
        return f'<circle cx="{x}" cy="{y}" r="{round(float(circle[1]), 2):g}"{_told(style)}/>'
    return f'<use xlink:href={quoteattr(use.get(LINK, ""))} x="{x}" y="{y}"{_told(style)}/>'


def _text(node: ElementTree.Element, style: dict[str, str]) -> str:
    style = {
        name: value
        for name, value in style.items()
        if name != "font-family" and (name, value) != ("text-anchor", "start")
    }
    moved = MOVED.fullmatch(node.get("transform", ""))
    x, y = moved.groups() if moved else (node.get("x", "0"), node.get("y", "0"))
    turned = "" if moved or ROTATED_BY_NOTHING.fullmatch(node.get("transform", "")) else node.get("transform", "")
    told = f' x="{_short(float(x))}" y="{_short(float(y))}"' + (f" transform={quoteattr(turned)}" if turned else "")
    return f"<text{told}{_told(style)}>{escape(node.text or '')}</text>"


def _gathered(shapes: list[str]) -> Iterator[str]:
    """Neighbours of one style under one group, so that the style is told once."""
    place = 0
    while place < len(shapes):
        found = re.search(r' style="[^"]*"', shapes[place])
        last = place + 1
        while found and last < len(shapes) and found[0] in shapes[last]:
            last += 1
        if found and last - place > 1:
            yield f"<g{found[0]}>"
            yield from (shape.replace(found[0], "", 1) for shape in shapes[place:last])
            yield "</g>"
        else:
            yield from shapes[place:last]
        place = last


def _short(value: float) -> str:
    """At most one decimal, no zero that says nothing."""
    text = f"{value:.1f}".removesuffix(".0")
    text = "0" if text == "-0" else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _path(d: str) -> str:
    """The same path, each line told from where it begins or from the edge, whichever is shorter."""
    out: list[str] = []
    here = (0.0, 0.0)
    for command, told in COMMAND.findall(d):
        numbers = [float(number) for number in told.split()]
        if command in "Zz":
            out.append("z")
            continue
        if command not in "ML":
            out.append(command + " ".join(_short(number) for number in numbers))
            here = (numbers[-2], numbers[-1]) if command in "CQ" else here
            continue
        x, y = (round(number, 1) for number in numbers)
        out.append(min(_ways(command, here, (x, y), first=not out), key=len))
        here = (x, y)
    return "".join(out)


def _ways(command: str, here: tuple[float, float], there: tuple[float, float], *, first: bool) -> list[str]:
    ways = [f"{command}{_pair(*there)}"]
    across, down = there[0] - here[0], there[1] - here[1]
    if not first:
        ways.append(f"{command.lower()}{_pair(across, down)}")
    if command == "L" and abs(down) < 0.05:
        ways += [f"H{_short(there[0])}", f"h{_short(across)}"]
    if command == "L" and abs(across) < 0.05:
        ways += [f"V{_short(there[1])}", f"v{_short(down)}"]
    return ways


def _pair(x: float, y: float) -> str:
    second = _short(y)
    return _short(x) + ("" if second.startswith("-") else " ") + second
