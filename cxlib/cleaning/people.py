"""Who answered again in a later wave, without telling who it is."""

from __future__ import annotations

import re

import pandas as pd

from cxlib.cleaning.cells import different

_NUMBERED = re.compile(r"(\D*)0*(\d{1,9})$")
RUNNING = 0.5  # of the numbers from 1 to a wave's highest, used up by that wave: more is how rows are numbered


def number_people(respondents: pd.Series, waves: pd.Series, panel: bool | None = None) -> pd.Series | None:
    """A number for each person, where people can be followed from wave to wave.

    Parameters
    ----------
    respondents : Series of str
        Identifiers as `read_respondents` gives them; NA is nobody's.
    waves : Series of str
        Wave of each row; '' where a row tells none.
    panel : bool, optional
        Whether an identifier means the same person in every wave. None: yes, unless the identifiers of two or more
        waves look like row numbers, each wave counting from 1 again.

    Returns
    -------
    Series of Int64, or None
        Numbers from 1 in the order of first appearance, which is all they tell; NA where the row has no identifier.
        None when nobody is seen in two waves.

    Examples
    --------
    >>> number_people(pd.Series(["k7", "k2", "k7", None]), pd.Series(["1", "1", "2", "2"])).tolist()
    [1, 2, 1, <NA>]
    >>> number_people(pd.Series(["1", "2", "1", "2"]), pd.Series(["2013", "2013", "2014", "2014"])) is None
    True
    """
    if panel is False:
        return None
    seen = pd.DataFrame({"who": respondents, "wave": waves}).dropna()
    seen = seen[seen["wave"] != ""].drop_duplicates()
    if not seen["who"].duplicated().any() or (panel is None and _row_numbers(seen)):
        return None
    codes, _ = different(respondents)
    numbers = pd.array(codes + 1, dtype="Int64")
    numbers[codes < 0] = pd.NA
    return pd.Series(numbers, index=respondents.index)


def _row_numbers(seen: pd.DataFrame) -> bool:
    """Whether in two waves or more the identifiers use up most of the numbers from 1 on."""
    letters: set[str] = set()
    of_wave: dict[str, set[int]] = {}
    for who, wave in zip(seen["who"].to_numpy(dtype=object), seen["wave"].to_numpy(dtype=object), strict=True):
        told = _NUMBERED.match(who)
        if told is None:
            return False
        letters.add(told[1])
        of_wave.setdefault(wave, set()).add(int(told[2]))
    dense = [len(numbers) > RUNNING * max(*numbers, 1) for numbers in of_wave.values()]
    return len(letters) == 1 and sum(dense) >= 2
