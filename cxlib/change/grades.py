"""The grade of a change, from its interval and from what lowers it."""

from __future__ import annotations

from collections.abc import Iterable

from cxlib.change.codes import CAPS

_LADDER = ("E2", "E3", "E4")


def grade_of(
    low: float, high: float, worthwhile: float, *, direction: str, compared: bool, drawn: bool, caps: Iterable[str]
) -> str:
    """The grade of a change.

    Parameters
    ----------
    low, high : float
        Interval of the change, points of the scale, after taking off what would have come without the action;
        infinite where so few places exclude nothing.
    worthwhile : float
        Smallest change worth the effort, above 0.
    direction : {'up', 'down'}
        Where the action was to move it.
    compared : bool
        Held against places or people not acted on.
    drawn : bool
        By chance, as documented, and analysed as drawn.
    caps : iterable of str
        Codes that hold for this result. Where the places were drawn, groups moving apart before and other actions
        are chance, too, and are told without lowering the grade.

    Returns
    -------
    str
        EN (no change as large as worthwhile), E- (the wrong way), EX (cannot tell), E2, E3 or E4.

    Examples
    --------
    >>> grade_of(0.1, 0.7, 0.2, direction="up", compared=True, drawn=False, caps=())
    'E3'
    >>> grade_of(0.1, 0.7, 0.2, direction="up", compared=True, drawn=True, caps=("looks",))
    'E4'
    >>> grade_of(-0.1, 0.15, 0.2, direction="up", compared=True, drawn=True, caps=())
    'EN'
    >>> grade_of(-0.1, 0.25, 0.2, direction="up", compared=True, drawn=True, caps=())
    'EX'
    >>> grade_of(0.1, 0.7, 0.2, direction="down", compared=True, drawn=True, caps=())
    'E-'
    """
    if direction == "down":
        low, high = -high, -low
    if -worthwhile <= low and high <= worthwhile:
        return "EN"
    if high < 0:
        return "E-"
    if not low > 0:
        return "EX"
    best = "E4" if drawn and compared else "E3" if compared else "E2"
    for code in caps:
        if drawn and code in ("pretrend", "overlap"):
            continue
        if CAPS[code]:
            best = min(best, CAPS[code], key=_LADDER.index)
    return best
