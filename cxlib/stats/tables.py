"""Pairwise contingency tables: the sufficient statistics of everything rank-based.

Answers on whole-number scales have few levels. One pass over the rows counts, for every pair of questions, how many
people gave each pair of answers. These tables add up (over files, waves, stores, machines), and the rank correlation,
Pearson's r and Kendall's tau-b follow from them exactly, ties and pairwise missing answers included. A resample of
stores is a weighted sum of the stores' tables, so a bootstrap is one matrix product.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import pandas as pd

ROWS_AT_ONCE = 1 << 13  # rows one-hot coded at a time: a few megabytes, whatever the length of the survey
ROWS_CODED = 1 << 16  # rows of a frame coded at a time
MANY = 126  # levels that one byte tells apart, missing and an empty place included
WHOLE = 2**24  # single precision counts exactly up to here
EXACT = 2**31  # whole numbers below are exact in arithmetic with others of that size


@dataclass(frozen=True)
class Coded:
    """Answers as level numbers.

    Parameters
    ----------
    names : tuple of str
        The questions.
    levels : tuple of arrays
        Of each question the answers that occur, ascending; they need not be contiguous.
    codes : integer array of shape (rows, questions)
        Position of the answer among its levels; -1 is missing.
    """

    names: tuple[str, ...]
    levels: tuple[np.ndarray, ...]
    codes: np.ndarray

    def part(self, rows: np.ndarray, columns: Sequence[int] | None = None) -> Coded:
        """Some people's answers to some questions, as if they alone had been coded.

        Parameters
        ----------
        rows : boolean array of shape (rows,)
        columns : sequence of int, optional
            Places of the questions, all when not given.
        """
        columns = range(len(self.names)) if columns is None else columns
        levels, codes = [], np.empty((int(rows.sum()), len(columns)), dtype=self.codes.dtype, order="F")
        for place, column in enumerate(columns):
            known, chosen = self.levels[column], self.codes[rows, column]
            there = np.bincount(chosen + 1, minlength=len(known) + 1)[1:] > 0
            # a level that nobody of these gave goes; -1 stays the place of missing answers
            to = np.append(np.cumsum(there) - 1, -1).astype(codes.dtype)
            levels.append(known[there])
            codes[:, place] = chosen if there.all() else to[chosen]
        return Coded(tuple(self.names[column] for column in columns), tuple(levels), codes)


@dataclass(frozen=True)
class Tables:
    """Contingency tables of every pair of questions, in groups of rows.

    Parameters
    ----------
    names, levels
        As in `Coded`.
    counts : array of shape (groups, L, L)
        L is the number of levels of all questions together; the block of rows of question i and columns of question j
        is their contingency table (people, or the sum of their weights).
    pairs : integer array of shape (questions, questions)
        People who answered both questions.
    squares : array of shape (questions, questions)
        Sum of squared weights of those people.

    Notes
    -----
    Tables of the same questions add up with `+`; levels may differ, groups must mean the same.
    """

    names: tuple[str, ...]
    levels: tuple[np.ndarray, ...]
    counts: np.ndarray
    pairs: np.ndarray
    squares: np.ndarray

    @property
    def starts(self) -> np.ndarray:
        """Where each question's levels begin; one more at the end."""
        return np.concatenate([[0], np.cumsum([len(level) for level in self.levels])]).astype(int)

    @property
    def groups(self) -> int:
        """Number of groups of rows."""
        return self.counts.shape[0]

    def block(self, first: str, second: str) -> np.ndarray:
        """The table of two questions over all groups, levels of `first` down, of `second` across."""
        i, j = self.names.index(first), self.names.index(second)
        starts = self.starts
        return self.counts[:, starts[i] : starts[i + 1], starts[j] : starts[j + 1]].sum(axis=0, dtype=float)

    def blocks(self, first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The tables of pairs of questions side by side; short scales are filled up with answers that nobody gave.

        Parameters
        ----------
        first, second : integer arrays of shape (pairs,)
            Places of the questions.

        Returns
        -------
        counts : array of shape (most levels of a first, most levels of a second, groups, pairs)
        first, second : arrays of shape (levels, 1, pairs)
            The levels' answers; those that nobody gave repeat the highest.
        """
        most = [max([1, *(len(self.levels[question]) for question in side)]) for side in (first, second)]
        starts, longest = self.starts, max(most)
        places = np.full((len(self.names), longest), starts[-1])  # the last row and column of the padded counts
        answers = np.zeros((len(self.names), longest))
        for question, level in enumerate(self.levels):
            shown = min(len(level), longest)
            places[question, :shown] = starts[question] + np.arange(shown)
            answers[question, :shown] = level[:shown]
            answers[question, shown:] = level[-1] if len(level) else 0.0
        row, column = (places[side, :length].T for side, length in zip((first, second), most, strict=True))
        padded = np.zeros((starts[-1] + 1, starts[-1] + 1, self.groups))
        padded[:-1, :-1] = np.moveaxis(self.counts, 0, 2)
        counts = np.moveaxis(padded[row[:, None, :], column[None, :, :]], 3, 2)
        shown = (answers[side, :length].T for side, length in zip((first, second), most, strict=True))
        return counts, *(levels[:, None, :] for levels in shown)

    def total(self) -> Tables:
        """All groups in one."""
        counts = self.counts.sum(axis=0, keepdims=True, dtype=float)
        return Tables(self.names, self.levels, counts, self.pairs, self.squares)

    def effective_n(self) -> np.ndarray:
        """Kish's effective number of people of each pair: (sum of weights)^2 / sum of squared weights."""
        sums = pair_sums(self.total().counts, self.starts)[0]
        return np.divide(sums**2, self.squares, out=np.zeros_like(sums), where=self.squares > 0)

    def groups_with(self) -> np.ndarray:
        """In how many groups each pair of questions has answers."""
        return (pair_sums(self.counts, self.starts) > 0).sum(axis=0)

    def recode(self, name: str, values: Mapping[float, float]) -> Tables:
        """The tables after a question's answers are renamed or put together (top box, scale halves).

        Parameters
        ----------
        name : str
            The question.
        values : mapping
            Old answer -> new answer; every answer that occurs must be in it.
        """
        which = self.names.index(name)
        new = np.array([values[float(level)] for level in self.levels[which]], dtype=float)
        levels = [*self.levels]
        levels[which] = np.unique(new)
        return self._spread(tuple(levels), {which: np.searchsorted(levels[which], new)})

    def __add__(self, other: Tables) -> Tables:
        if self.names != other.names or self.groups != other.groups:
            raise ValueError("tables add up when they hold the same questions and the same groups")
        levels = tuple(np.union1d(a, b) for a, b in zip(self.levels, other.levels, strict=True))
        one, two = self._aligned(levels), other._aligned(levels)
        pairs = one.pairs + two.pairs
        kind = np.result_type(one.counts, two.counts, np.float64 if pairs.max(initial=0) >= WHOLE else np.float32)
        counts = np.add(one.counts, two.counts, dtype=kind)
        return Tables(self.names, levels, counts, pairs, one.squares + two.squares)

    def _aligned(self, levels: tuple[np.ndarray, ...]) -> Tables:
        if all(len(new) == len(old) for new, old in zip(levels, self.levels, strict=True)):
            return self
        places = {i: np.searchsorted(levels[i], level) for i, level in enumerate(self.levels)}
        return self._spread(levels, places)

    def _spread(self, levels: tuple[np.ndarray, ...], places: Mapping[int, np.ndarray]) -> Tables:
        """Move every level to its place among the new `levels`; levels that meet are summed."""
        starts = np.concatenate([[0], np.cumsum([len(level) for level in levels])]).astype(int)
        target = np.concatenate(
            [starts[i] + places.get(i, np.arange(len(level))) for i, level in enumerate(self.levels)]
        )
        move = np.zeros((len(target), starts[-1]), dtype=self.counts.dtype)
        move[np.arange(len(target)), target] = 1
        counts = np.matmul(move.T, np.matmul(self.counts, move))
        return Tables(self.names, levels, counts, self.pairs, self.squares)


def code_answers(answers: pd.DataFrame | Mapping[str, Sequence[float]]) -> Coded:
    """Answers as level numbers.

    Parameters
    ----------
    answers : DataFrame or mapping
        One numeric column a question; NaN is missing. Infinite values count as missing.

    Returns
    -------
    Coded
    """
    frame = answers if isinstance(answers, pd.DataFrame) else pd.DataFrame(dict(answers))
    found = [
        _code_column(frame.iloc[:, column].to_numpy(dtype=float, na_value=np.nan)) for column in range(frame.shape[1])
    ]
    longest = max((len(levels) for levels, _ in found), default=0)
    kind = np.int8 if longest <= MANY else np.int32
    codes = np.empty((len(frame), len(found)), dtype=kind, order="F")
    for column, (_, places) in enumerate(found):
        codes[:, column] = places
    return Coded(tuple(map(str, frame.columns)), tuple(levels for levels, _ in found), codes)


def _code_column(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Levels of one question, ascending, and the place of each answer among them; -1 is missing.

    Whole answers that lie close together are counted, not sorted: twenty times faster than `np.unique`.
    """
    lowest, highest = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    if lowest > highest:  # nobody answered
        return np.empty(0), np.full(len(values), -1, dtype=np.int8)
    if np.isinf(lowest) or np.isinf(highest):
        return _code_column(np.where(np.isinf(values), np.nan, values))
    if highest - lowest < MANY and abs(lowest) < EXACT and lowest == np.rint(lowest):
        shifted = np.fmax(values - (lowest - 1), 0.0)  # missing is 0, the lowest answer 1
        places = shifted.astype(np.int8)
        if (places == shifted).all():
            there = np.flatnonzero(np.bincount(places)[1:])
            if len(there) == int(highest - lowest) + 1:
                return lowest + there, places - np.int8(1)
            to = np.full(int(highest - lowest) + 2, -1, dtype=np.int8)
            to[there + 1] = np.arange(len(there), dtype=np.int8)
            return lowest + there, to[places]
    real = np.isfinite(values)
    levels, where = np.unique(values[real], return_inverse=True)
    places = np.full(len(values), -1, dtype=np.int32)
    places[real] = where
    return levels, places


def coarsen(coded: Coded, at_most: int) -> Coded:
    """Put neighbouring answers of long scales together, so that no question has more than `at_most` levels.

    Levels are joined so that each new one holds about as many people; the new level is the mean of its answers.
    """
    levels, codes = [], coded.codes.copy()
    for column, level in enumerate(coded.levels):
        if len(level) <= at_most:
            levels.append(level)
            continue
        real = codes[:, column] >= 0
        counts = np.bincount(codes[real, column], minlength=len(level))
        middle = (np.cumsum(counts) - counts / 2) / counts.sum()
        group = np.minimum((middle * at_most).astype(int), at_most - 1)
        kept, group = np.unique(group, return_inverse=True)
        sums = np.bincount(group, counts * level, len(kept))
        levels.append(sums / np.bincount(group, counts, len(kept)))
        codes[real, column] = group[codes[real, column]]
    return Coded(coded.names, tuple(levels), codes)


def cross_tables(
    answers: Coded | pd.DataFrame | Mapping[str, Sequence[float]],
    *,
    weights: np.ndarray | None = None,
    groups: np.ndarray | None = None,
    n_groups: int | None = None,
) -> Tables:
    """Contingency tables of every pair of questions, in one pass over the rows.

    Parameters
    ----------
    answers : Coded, DataFrame or mapping
        One column a question, NaN missing.
    weights : array of shape (rows,), optional
        Design weights; None counts people.
    groups : integer array of shape (rows,), optional
        Number of the group (store) of each row, 0 to `n_groups` - 1; None puts all rows into one group.
    n_groups : int, optional
        Number of groups; the highest number in `groups` plus one when not given.

    Returns
    -------
    Tables

    Notes
    -----
    Each chunk of rows is one-hot coded (Z) and Z' W Z is added up, so that memory does not grow with the rows.

    Examples
    --------
    >>> tables = cross_tables({"wait": [1, 2, 2, None], "return": [0, 10, 10, 10]})
    >>> tables.block("wait", "return").tolist()
    [[1.0, 0.0], [0.0, 2.0]]
    """
    if isinstance(answers, pd.DataFrame) and len(answers) > ROWS_CODED and groups is None:
        parts = (slice(begin, begin + ROWS_CODED) for begin in range(0, len(answers), ROWS_CODED))
        weight = None if weights is None else np.asarray(weights, dtype=float)
        return reduce(
            add,
            (cross_tables(answers.iloc[part], weights=None if weight is None else weight[part]) for part in parts),
        )
    coded = answers if isinstance(answers, Coded) else code_answers(answers)
    rows, questions = coded.codes.shape
    starts = np.concatenate([[0], np.cumsum([len(level) for level in coded.levels])]).astype(int)
    # single precision is twice as fast, and exact for the people of a chunk
    kind = np.float32 if weights is None else np.float64
    total_groups = 1 if groups is None else (n_groups or int(groups.max(initial=-1)) + 1)
    counts = np.zeros((total_groups, starts[-1], starts[-1]), dtype=kind if groups is not None else np.float64)
    pairs = np.zeros((questions, questions))
    squares = np.zeros((questions, questions))
    order = None if groups is None else np.argsort(groups, kind="stable")
    for begin in range(0, rows, ROWS_AT_ONCE):
        chosen = slice(begin, begin + ROWS_AT_ONCE)
        index = chosen if order is None else order[chosen]
        codes = coded.codes[index].T
        hot = _one_hot(codes, coded.levels, starts, kind)
        scaled = hot
        if weights is not None:
            weight = np.asarray(weights, dtype=float)[index]
            there = (codes >= 0).astype(float)
            pairs += there @ there.T
            squares += (there * weight**2) @ there.T
            scaled = hot * weight
        if groups is None:
            counts[0] += scaled @ hot.T
            continue
        here = np.asarray(groups)[index]
        edges = np.flatnonzero(np.diff(here)) + 1
        for first, last in zip([0, *edges], [*edges, len(here)], strict=True):
            counts[here[first]] += scaled[:, first:last] @ hot[:, first:last].T
    if weights is None:  # every cell counts people
        pairs = pair_sums(counts.sum(axis=0, keepdims=True, dtype=float), starts)[0]
    pairs = np.rint(pairs).astype(np.int64)
    return Tables(coded.names, coded.levels, counts, pairs, squares if weights is not None else pairs.astype(float))


def _one_hot(codes: np.ndarray, levels: tuple[np.ndarray, ...], starts: np.ndarray, kind: type) -> np.ndarray:
    """One row a level of a question, one column a person: 1 where that is the answer."""
    hot = np.empty((starts[-1], codes.shape[1]), dtype=kind)
    for question, level in enumerate(levels):
        place = np.arange(len(level), dtype=codes.dtype)[:, None]
        np.equal(codes[question], place, out=hot[starts[question] : starts[question + 1]], casting="unsafe")
    return hot


def pair_sums(counts: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sum of every block: people (or weight) of each pair of questions, shape (groups, questions, questions)."""
    if starts[-1] == 0:
        return np.zeros((counts.shape[0], len(starts) - 1, len(starts) - 1))
    into = np.zeros((starts[-1], len(starts) - 1), dtype=counts.dtype)
    into[np.arange(starts[-1]), np.repeat(np.arange(len(starts) - 1), np.diff(starts))] = 1
    return np.matmul(into.T, np.matmul(counts, into)).astype(float)
