"""The same picture in fewer bytes: pages hold their figures, and a phone must load them."""

from __future__ import annotations

import re

# Numbers below 1 may be factors of a scale, and stay; a hundredth of a unit is not seen.
LONG_NUMBER = re.compile(r"-?(?<![\d.])[1-9]\d*\.\d{3,}")
RECTANGLE = re.compile(r"M (\S+) (\S+)\s+L (\S+) \2\s+L \3 (\S+)\s+L \1 \4\s+[Lz](?: \1 \2\s+z)?")
LETTER = re.compile(r'(<use xlink:href="[^"]*") transform="translate\((\S+) 0\)"/>')
MARKS = re.compile(
    r'(?:<use xlink:href="[^"]*" x="[^"]*" y="[^"]*" style="([^"]*)"/>\s*)(?:<use [^>]* style="\1"/>\s*)+'
)


def lean(svg: str) -> str:
    """Shorten an svg file as matplotlib writes it.

    Parameters
    ----------
    svg : str

    Returns
    -------
    str
        Numbers of at most two decimals, rectangles in the short form of a path, letters placed by one attribute, and
        the style of a row of equal marks told once.

    Examples
    --------
    >>> lean('<path d="M 1 2.5004 L 3 2.5004 L 3 4 L 1 4 z"/>')
    '<path d="M1 2.5H3V4H1z"/>\\n'
    """
    text = LONG_NUMBER.sub(lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), svg)
    text = RECTANGLE.sub(r"M\1 \2H\3V\4H\1z", text)
    text = LETTER.sub(r'\1 x="\2"/>', text)
    text = MARKS.sub(_marks, text)
    return "\n".join(line.strip() for line in text.splitlines()) + "\n"


def _marks(found: re.Match) -> str:
    style = found[1]
    return f'<g style="{style}">' + found[0].replace(f' style="{style}"', "") + "</g>\n"
