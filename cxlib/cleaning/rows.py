"""The rules that set whole rows aside. Each row ends under the first rule that takes it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxlib.cleaning.cells import different

ROW_RULES = (
    "no_wave",
    "exact_duplicate",
    "repeated_respondent",
    "outcome_missing",
    "too_few_factors",
    "straight_lining",
    "speeding",
)
CARELESS = ("straight_lining", "speeding")  # results are computed with these rows put back, too

LINE_NEEDS = 4  # fewer equal answers than that are no sign of a respondent who did not read
TELLING_COMMENT = 20  # signs: two customers write "nothing" alike, hardly a whole sentence


def exact_duplicates(raw: pd.DataFrame, evidence: np.ndarray) -> np.ndarray:
    """Rows whose every declared cell equals an earlier row's, where that cannot be chance.

    Parameters
    ----------
    raw : DataFrame
        The declared cells, wave and date included, row number and file not.
    evidence : array of bool
        Whether a row carries something that tells its respondent from others; see `tells_apart`.
    """
    candidates = raw[evidence]
    doubled = np.zeros(len(raw), dtype=bool)
    if len(candidates):
        grouped = pd.DataFrame({name: different(column)[0] for name, column in candidates.items()})
        doubled[evidence] = grouped.duplicated(keep="first").to_numpy()
    return doubled


def tells_apart(
    respondents: pd.Series | None, comments: list[pd.Series], seconds: np.ndarray | None, factors: np.ndarray
) -> np.ndarray:
    """Rows that hold more than ratings, so that a twin is the same interview and not another like-minded customer.

    A respondent's identifier; or a comment of at least `TELLING_COMMENT` signs; or a duration beside at least
    `LINE_NEEDS` ratings that are not all alike. Equal ratings alone are no proof: on short questionnaires many
    customers answer alike.
    """
    told = np.zeros(len(factors), dtype=bool)
    if respondents is not None:
        told |= respondents.notna().to_numpy()
    for comment in comments:
        told |= (comment.str.len().fillna(0) >= TELLING_COMMENT).to_numpy(dtype=bool)
    if seconds is not None:
        answered = (~np.isnan(factors)).sum(axis=1)
        told |= ~np.isnan(seconds) & (answered >= LINE_NEEDS) & ~_alike(factors)
    return told


def repeated_respondents(
    respondents: pd.Series, waves: pd.Series, dates: pd.Series, open_rows: np.ndarray
) -> np.ndarray:
    """Earlier answers of a respondent within a wave; the latest by date, then by file order, is kept."""
    rows = pd.DataFrame({"who": respondents, "wave": waves, "when": dates, "place": np.arange(len(respondents))})
    rows = rows[open_rows & respondents.notna().to_numpy()]
    rows = rows.sort_values(["when", "place"], na_position="first", kind="stable")
    earlier = rows.duplicated(["who", "wave"], keep="last")
    taken = np.zeros(len(respondents), dtype=bool)
    taken[rows.loc[earlier, "place"].to_numpy()] = True
    return taken


def without_outcome(outcomes: np.ndarray) -> np.ndarray:
    """Rows in which every outcome is missing. Columns: the outcomes; one not asked is NaN."""
    return np.isnan(outcomes).all(axis=1)


def too_few(factors: np.ndarray, asked: np.ndarray, min_answered: float) -> np.ndarray:
    """Rows that answer less than the share `min_answered` of the factors asked of them.

    Parameters
    ----------
    factors : array (rows, factors)
        Valid answers; NaN is missing.
    asked : array (rows, factors) of bool
        Whether the row's file has the factor's column.
    """
    count = asked.sum(axis=1)
    answered = (~np.isnan(factors)).sum(axis=1)
    return (count > 0) & (answered < min_answered * count - 1e-9)


def straight_lines(factors: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Rows with the same answer to every factor answered, at least `LINE_NEEDS` of them.

    Parameters
    ----------
    factors : array (rows, factors)
    scales : array (factors, 2)
        Lowest and highest answer; on different scales the place on the scale is compared.
    """
    placed = (factors - scales[:, 0]) / (scales[:, 1] - scales[:, 0])
    enough = (~np.isnan(factors)).sum(axis=1) >= LINE_NEEDS
    return enough & _alike(placed)


def too_fast(seconds: np.ndarray, min_seconds: float) -> np.ndarray:
    """Rows answered in less than `min_seconds`; an unknown duration is no fault."""
    return np.nan_to_num(seconds, nan=np.inf) < min_seconds


def _alike(values: np.ndarray) -> np.ndarray:
    """True where all values of a row that are there are the same (also where none is)."""
    low = np.where(np.isnan(values), np.inf, values).min(axis=1, initial=np.inf)
    high = np.where(np.isnan(values), -np.inf, values).max(axis=1, initial=-np.inf)
    return high - low < 1e-9
