"""Who answered again in a later wave, without telling who it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

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
    codes, _ = pd.factorize(respondents.astype(object).to_numpy(), use_na_sentinel=True)
    numbers = pd.array(codes + 1, dtype="Int64")
    numbers[codes < 0] = pd.NA
    return pd.Series(numbers, index=respondents.index)


def _row_numbers(seen: pd.DataFrame) -> bool:
    """Whether in two waves or more the identifiers use up most of the numbers from 1 on."""
    told = seen["who"].str.extract(r"^(?P<letters>\D*)0*(?P<number>\d{1,9})$")
    if told["number"].isna().any() or len(set(told["letters"])) > 1:
        return False
    numbers = told["number"].astype(np.int64).groupby(seen["wave"])
    dense = numbers.nunique() > RUNNING * numbers.max().clip(lower=1)
    return int(dense.sum()) >= 2
