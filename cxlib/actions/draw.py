"""A random draw of places, or of their order, that anyone can repeat from its seed with any program."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

VERSION = 1  # of the algorithm; an older one stays here for ever, so that an old draw can be repeated
LARGEST_SEED = 2**63 - 1
Kind = Literal["places", "order"]
KINDS: tuple[Kind, ...] = ("places", "order")


@dataclass(frozen=True)
class Draw:
    """A draw as the log keeps it.

    Attributes
    ----------
    seed : int
        0 to 2**63 - 1.
    at : str
        When it was drawn, UTC to the second: 2026-01-05T08:30:00Z.
    version : int
        Of the algorithm.
    eligible : tuple of str
        The units that could be drawn, each once, sorted.
    kind : str
        'places': which units the action happens in; 'order': in which order they begin.
    size : int
        Units drawn.
    dates : tuple of date
        For 'order': the first days, rising; the units are dealt to them in groups as equal as can be.
    because : str
        Why it was drawn again; empty for a first draw.
    """

    seed: int
    at: str
    version: int
    eligible: tuple[str, ...]
    kind: Kind
    size: int
    dates: tuple[date, ...] = ()
    because: str = ""

    def as_cell(self) -> str:
        """The draw as the log's column `drawn` holds it; `read_draw` reads it back."""
        value: dict[str, Any] = {
            "version": self.version,
            "seed": self.seed,
            "at": self.at,
            "kind": self.kind,
            "size": self.size,
            "eligible": list(self.eligible),
        }
        if self.dates:
            value["dates"] = [day.isoformat() for day in self.dates]
        if self.because:
            value["because"] = self.because
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def make_draw(
    eligible: Iterable[str], size: int, *, seed: int, at: datetime, dates: Iterable[date] = (), because: str = ""
) -> tuple[Draw, tuple[str, ...]]:
    """Draw `size` of the eligible units, or the order in which they begin.

    Parameters
    ----------
    eligible : iterable of str
        The units that can be drawn; doubles are dropped.
    size : int
        How many to draw, at least 1 and at most all of them.
    seed : int
        0 to 2**63 - 1.
    at : datetime
        When it is drawn, with its time zone.
    dates : iterable of date
        For a draw of the order: the first days.
    because : str
        Why it is drawn again.

    Returns
    -------
    tuple of (Draw, tuple of str)
        The draw, and the units drawn, in the order drawn.

    Raises
    ------
    ValueError
        A size or a seed out of range, fewer units than dates, or a time without a zone.
    """
    units = tuple(sorted({_plain(unit) for unit in eligible}))
    days = tuple(sorted(set(dates)))
    if at.tzinfo is None:
        raise ValueError("a time without its zone")
    stamp = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    draw = Draw(seed, stamp, VERSION, units, "order" if days else "places", size, days, because)
    wrong = wrong_with_draw(draw)
    if wrong:
        raise ValueError(wrong)
    return draw, repeat_draw(draw)


def repeat_draw(draw: Draw) -> tuple[str, ...]:
    """The units that a draw gives, in the order drawn.

    Raises
    ------
    ValueError
        A version of the algorithm that this workbench does not know.

    Notes
    -----
    Version 1: every eligible unit gets the SHA-256, in hexadecimal, of the UTF-8 text `cx draw 1|SEED|UNIT` (NFC);
    the units are sorted by it, and the first `size` are drawn. Each order of the units is as likely as any other
    before the seed is known, and `printf 'cx draw 1|42|S01' | sha256sum` repeats it anywhere.

    Examples
    --------
    >>> repeat_draw(Draw(42, "2026-01-05T08:30:00Z", 1, ("S01", "S02", "S03", "S04"), "places", 2))
    ('S01', 'S04')
    """
    if draw.version != 1:
        raise ValueError(f"version {draw.version} of the draw is not known")
    return tuple(sorted((_plain(unit) for unit in draw.eligible), key=lambda unit: _lot(draw.seed, unit))[: draw.size])


def drawn_starts(draw: Draw) -> tuple[tuple[str, date], ...]:
    """The first day of each unit by a draw of the order; empty for a draw of places.

    Notes
    -----
    The units are dealt out in the order drawn: the first group begins on the first day, and so on. Where they do not
    divide evenly, the earlier groups are larger by one.

    Examples
    --------
    >>> days = (date(2026, 1, 5), date(2026, 4, 6))
    >>> draw = Draw(42, "2025-12-01T08:30:00Z", 1, ("S01", "S02", "S03"), "order", 3, days)
    >>> [(unit, str(day)) for unit, day in drawn_starts(draw)]
    [('S01', '2026-01-05'), ('S02', '2026-01-05'), ('S03', '2026-04-06')]
    """
    if not draw.dates:
        return ()
    units = repeat_draw(draw)
    each, left = divmod(len(units), len(draw.dates))
    sizes = [each + (number < left) for number in range(len(draw.dates))]
    days = [day for day, size in zip(draw.dates, sizes, strict=True) for _ in range(size)]
    return tuple(zip(units, days, strict=True))


def read_draw(text: str) -> Draw:
    """Read a draw from the log's column `drawn`.

    Raises
    ------
    ValueError
        It is none; the message says why.
    """
    try:
        value = json.loads(text)
        draw = Draw(
            seed=_whole(value["seed"]),
            at=str(value["at"]),
            version=_whole(value["version"]),
            eligible=tuple(_plain(_text(unit)) for unit in value["eligible"]),
            kind=value["kind"],
            size=_whole(value["size"]),
            dates=tuple(date.fromisoformat(day) for day in value.get("dates", [])),
            because=_text(value.get("because", "")),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ValueError("it is not what cx draw writes") from None
    wrong = wrong_with_draw(draw)
    if wrong:
        raise ValueError(wrong)
    return draw


def wrong_with_draw(draw: Draw) -> str | None:
    """What is wrong with a draw, or None."""
    if draw.version != VERSION:
        return f"version {draw.version} of the draw is not known"
    if not 0 <= draw.seed <= LARGEST_SEED:
        return "its seed is out of range"
    if draw.kind not in KINDS or (draw.kind == "order") != bool(draw.dates):
        return "it is neither of places nor of an order"
    if len(set(draw.eligible)) != len(draw.eligible) or not all(draw.eligible):
        return "its eligible units are not each named once"
    if not 1 <= draw.size <= len(draw.eligible):
        return f"{draw.size} units cannot be drawn from {len(draw.eligible)}"
    if draw.dates and (list(draw.dates) != sorted(set(draw.dates)) or len(draw.dates) > draw.size):
        return "its dates do not rise, or there are more of them than units"
    try:
        datetime.strptime(draw.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return "its time cannot be read"
    return None


def _lot(seed: int, unit: str) -> str:
    return hashlib.sha256(f"cx draw 1|{seed}|{unit}".encode()).hexdigest()


def _plain(unit: str) -> str:
    return unicodedata.normalize("NFC", unit).strip()


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
