"""Acted on one after another: what every start did, against units not yet acted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from cxlib.stats.effects import Effect, t_effect
from cxlib.stats.orders import estimates_by_order, inverted_interval, redrawn_orders

EFFECT_COLUMNS = ["group", "period", "n", "units", "estimate", "error", "low", "high", "p"]
EVENT_COLUMNS = ["period", "n", "units", "estimate", "error", "low", "high"]
SIDES = ("acted", "compared")
ROUNDING = 1e-12  # of the means' size: a smaller error is no error but the last digits
OWN_SPREAD = 5  # units starting together that tell their own spread; smaller groups borrow that of all units
SWEEPS = 50  # of taking out units and periods in turn when some are missing
MIN_COMPARED = 4  # units in all: with fewer nothing tells one unit's own wiggle from the action's effect


@dataclass(frozen=True)
class Staggered:
    """Group-time effects and what they come to.

    Parameters
    ----------
    overall : Effect
        Mean effect over all acted units and the periods since their start, each unit and period alike.
    effects : DataFrame
        One row a group (units that start in the same period) and period since the start: group, period, n (answers
        of the acted units in both periods), units (acted), estimate, error, low, high, p.
    events : DataFrame
        One row a number of periods since the start (below 0: before it, always against the last period before the
        start; that period itself, -1, is 0 by construction and has no error): period, n, units, estimate, error, low,
        high.
    pretrend : Effect
        Change from the earlier periods to the last before the start, acted units against units not yet acted on; what
        a fair comparison leaves at zero. Reason 'few' with one period before every start.
    """

    overall: Effect
    effects: pd.DataFrame
    events: pd.DataFrame
    pretrend: Effect


def group_time(
    table: pd.DataFrame,
    starts: Mapping[object, int | None],
    *,
    confidence: float = 0.95,
    drawn: bool = False,
    redraws: ArrayLike | None = None,
    seed: int = 1,
    comparison: str = "not_yet",
) -> Staggered:
    """Effects of an action that reached units one after another.

    Parameters
    ----------
    table : DataFrame
        One row a unit and period: unit, period (whole numbers in order of time), mean (points of the scale), n
        (answers). A unit may lack periods.
    starts : mapping
        First period in which a unit was acted on; None or a period after the last for a unit not acted on. Units acted
        on from the first period of the table on have no before and are left out; so are units not named.
    confidence : float in (0, 1)
    drawn : bool
        True when chance decided who starts when: interval and p then come from drawing the starts anew
        ('randomisation').
    redraws : array of shape (draws, units), optional
        Starts as they could have been (NaN: not acted on), columns in the order of `starts`. None with `drawn`: the
        starts dealt anew among all units (`cxlib.stats.orders.redrawn_orders`). Given without `drawn`, inference is
        called 'permutation'.
    seed : int
        Of the redraws, when there are too many to take all.
    comparison : {'not_yet', 'never'}
        Units compared with: not acted on by then, or in no period of the table.

    Returns
    -------
    Staggered
        Effects with a reason and empty frames when there is nobody to compare with.

    Notes
    -----
    The effect of group g in period t is the mean change of its units from period g - 1 to t minus that of the units
    not acted on by t (Callaway and Sant'Anna without covariates): no unit already acted on serves as comparison, which
    is what biases plain two-way fixed effects when effects grow. Errors are clustered by unit: five units or more that
    start together tell their own spread (variance over units - 1, Satterthwaite's degrees of freedom); smaller groups,
    which tell next to nothing or nothing of theirs, borrow that of all units, told from what is left of the means when
    effects, units and periods are taken out. How often the intervals held the truth: docs/calibration_change.md, and
    why not a library: docs/change_libraries.md.

    References
    ----------
    Callaway & Sant'Anna (2021), Journal of Econometrics 225, 200-230. doi:10.1016/j.jeconom.2020.12.001
    Goodman-Bacon (2021), Journal of Econometrics 225, 254-277. doi:10.1016/j.jeconom.2021.03.014

    Examples
    --------
    >>> rows = [(unit, period, 3.0 + 0.1 * period + (0.5 if period >= start else 0.0), 40)
    ...         for unit, start in {"a": 2, "b": 2, "c": 3, "d": 9, "e": 9}.items() for period in range(5)]
    >>> table = pd.DataFrame(rows, columns=["unit", "period", "mean", "n"])
    >>> found = group_time(table, {"a": 2, "b": 2, "c": 3, "d": None, "e": None})
    >>> round(found.overall.estimate, 2)
    0.5
    """
    panel = _Panel.of(table, starts, never=comparison == "never")
    if panel is None:
        nothing = Effect.none("staggered", "no_overlap")
        return Staggered(nothing, pd.DataFrame(columns=EFFECT_COLUMNS), pd.DataFrame(columns=EVENT_COLUMNS), nothing)
    cells = panel.cells
    since = [cell for cell in cells if cell.period >= cell.group]
    earlier = [cell for cell in cells if cell.period < cell.group - 1]
    overall = panel.effect(since, confidence)
    if drawn and redraws is None:
        redraws = redrawn_orders(_numbers(starts), seed=seed)
    if redraws is not None and overall.reason in ("", "constant"):
        overall = _redrawn(panel, overall, np.asarray(redraws, dtype=float), drawn, confidence)
    effects = pd.DataFrame([_effect_row(panel, cell, confidence) for cell in since], columns=EFFECT_COLUMNS)
    return Staggered(overall, effects, _events(panel, cells, confidence), panel.effect(earlier, confidence, sign=-1))


@dataclass(frozen=True)
class _Cell:
    """One group in one period: whom it takes and who is compared (positions, not labels)."""

    group: int
    period: int
    acted: np.ndarray
    compared: np.ndarray


class _Panel:
    """Unit means by period, and who starts when (positions in the sorted periods; infinite: not in this table)."""

    def __init__(
        self,
        means: np.ndarray,
        counts: np.ndarray,
        starts: np.ndarray,
        kept: np.ndarray,
        periods: np.ndarray,
        never: bool,
    ) -> None:
        self.means, self.counts, self.starts, self.kept, self.periods = means, counts, starts, kept, periods
        self._compared_from = np.where(np.isinf(starts), inf, -1.0) if never else starts
        self.cells = list(self._cells())
        self._left = self._residuals()

    @classmethod
    def of(cls, table: pd.DataFrame, starts: Mapping[object, int | None], *, never: bool) -> _Panel | None:
        """None when nobody was acted on inside the table or nobody is left to compare."""
        rows = table[table["unit"].isin(list(starts)) & table["mean"].notna()]
        periods = np.sort(rows["period"].unique())
        if periods.size < 2:
            return None
        means, counts = np.full((len(starts), periods.size), np.nan), np.zeros((len(starts), periods.size))
        where = pd.Index(list(starts)).get_indexer(rows["unit"]), np.searchsorted(periods, rows["period"])
        means[where], counts[where] = rows["mean"], rows["n"]
        places = start_places(_numbers(starts), periods)
        kept = (places > 0) & np.isfinite(means).any(axis=1)
        if not (kept.any() and np.isfinite(places[kept]).any()):
            return None
        panel = cls(means[kept], counts[kept], places[kept], kept, periods, never)
        return panel if any(cell.period >= cell.group for cell in panel.cells) else None

    def _cells(self) -> Iterator[_Cell]:
        """Every group and period that can be compared."""
        known = np.isfinite(self.means)
        for group in np.unique(self.starts[np.isfinite(self.starts)]).astype(int):
            for period in range(self.periods.size):
                if period == group - 1:
                    continue
                both = known[:, period] & known[:, group - 1]
                acted = np.flatnonzero(both & (self.starts == group))
                compared = np.flatnonzero(
                    both & (self._compared_from > max(period, group - 1)) & (self.starts != group)
                )
                if acted.size and compared.size:
                    yield _Cell(group, period, acted, compared)

    def effect(self, cells: list[_Cell], confidence: float, *, sign: int = 1) -> Effect:
        """The cells' mean, each acted unit and period alike."""
        if not cells:
            return Effect.none("staggered", "few")
        load = self._load(cells) * sign
        acted, compared = (np.unique(np.concatenate([getattr(cell, side) for cell in cells])) for side in SIDES)
        answers = int(self.counts[np.abs(load) > 0].sum())
        estimate = float((load * np.nan_to_num(self.means)).sum())
        units = (int(acted.size), int(compared.size))
        if self.starts.size < MIN_COMPARED:
            return Effect("staggered", "", estimate, *[np.nan] * 5, answers, units, 0.0, "few_units")
        error, df = self._error(load)
        return t_effect("staggered", "cluster", estimate, error, df, n=answers, units=units, confidence=confidence)

    def _load(self, cells: list[_Cell]) -> np.ndarray:
        """With which weight every unit mean enters: rows sum to 0 (units), so do columns (periods)."""
        load = np.zeros(self.means.shape)
        total = sum(cell.acted.size for cell in cells)
        for cell in cells:
            share = cell.acted.size / total
            for units, sign in ((cell.acted, share), (cell.compared, -share)):
                load[units, cell.period] += sign / units.size
                load[units, cell.group - 1] -= sign / units.size
        return load

    def _error(self, load: np.ndarray) -> tuple[float, float]:
        """Standard error of a weighted sum, clustered by unit, and its degrees of freedom (Satterthwaite's)."""
        units = self.starts.size
        spread = self._left.T @ self._left / (units - 1)  # of one unit over time, all units taken to vary alike
        common, parts, degrees = 0.0, [], []
        for start in np.unique(self.starts):
            group = np.flatnonzero(self.starts == start)
            if group.size < OWN_SPREAD:
                common += float(np.einsum("ij,jk,ik->", load[group], spread, load[group]))
                continue
            known = np.isfinite(self.means[group])
            filled = np.where(known, self.means[group], 0.0)
            away = np.where(known, filled - filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
            sums = (away * load[group]).sum(axis=1)
            parts.append(float((sums**2).sum()) * group.size / (group.size - 1))
            degrees.append(group.size - 1)
        parts, degrees = np.array([*parts, max(common, 0.0)]), np.array([*degrees, max(units - 2, 1)])
        variance = parts.sum()
        if not variance > (ROUNDING * max(1.0, float(np.nanmax(np.abs(self.means))))) ** 2:
            return 0.0, float(units - 2)
        return float(np.sqrt(variance)), float(variance**2 / (parts**2 / degrees).sum())

    def _residuals(self) -> np.ndarray:
        """What is left of the means when effects, periods and units are taken out; what is missing is 0."""
        means = self.means.copy()
        for since in range(self.periods.size):
            reached = np.isfinite(self.starts) & (self.starts + since < self.periods.size)
            cells = [cell for cell in self.cells if cell.period - cell.group == since]
            if not (reached.any() and cells):
                continue
            effect = float((self._load(cells) * np.nan_to_num(self.means)).sum())
            rows = np.flatnonzero(reached)
            means[rows, (self.starts[rows] + since).astype(int)] -= effect
        known = np.isfinite(means)
        left = np.where(known, means, 0.0)
        for _ in range(1 if known.all() else SWEEPS):
            for axis in (1, 0):
                counts = np.maximum(known.sum(axis=axis, keepdims=True), 1)
                left = np.where(known, left - left.sum(axis=axis, keepdims=True) / counts, 0.0)
        return left


def _numbers(starts: Mapping[object, int | None]) -> np.ndarray:
    return np.array([np.nan if start is None else start for start in starts.values()], dtype=float)


def start_places(starts: ArrayLike, periods: np.ndarray) -> np.ndarray:
    """Position of every start among the periods; infinite when it is not in them, or NaN."""
    starts = np.asarray(starts, dtype=float)
    places = np.searchsorted(periods, np.where(np.isnan(starts), inf, starts)).astype(float)
    return np.where(places < periods.size, places, inf)


def _effect_row(panel: _Panel, cell: _Cell, confidence: float) -> tuple:
    effect = panel.effect([cell], confidence)
    names = (panel.periods[cell.group], panel.periods[cell.period])
    answers = int(panel.counts[cell.acted][:, [cell.group - 1, cell.period]].sum())
    return (*names, answers, cell.acted.size, effect.estimate, effect.error, effect.low, effect.high, effect.p)


def _events(panel: _Panel, cells: list[_Cell], confidence: float) -> pd.DataFrame:
    rows = []
    for since in sorted({cell.period - cell.group for cell in cells} | {-1}):
        if since == -1:
            acted = np.flatnonzero(np.isfinite(panel.starts))
            answers = panel.counts[acted, (panel.starts[acted] - 1).astype(int)].sum()
            rows.append((-1, int(answers), acted.size, 0.0, 0.0, 0.0, 0.0))
            continue
        chosen = [cell for cell in cells if cell.period - cell.group == since]
        effect = panel.effect(chosen, confidence)
        answers = int(sum(panel.counts[cell.acted, cell.period].sum() for cell in chosen))
        units = sum(cell.acted.size for cell in chosen)
        rows.append((since, answers, units, effect.estimate, effect.error, effect.low, effect.high))
    return pd.DataFrame(rows, columns=EVENT_COLUMNS)


def _redrawn(panel: _Panel, effect: Effect, redraws: np.ndarray, drawn: bool, confidence: float) -> Effect:
    """The same estimate, its interval and p from the orders that could have been."""
    orders = start_places(redraws, panel.periods)[:, panel.kept]
    treated = (np.arange(panel.periods.size) >= panel.starts[:, None]).astype(float)
    estimates, shares = estimates_by_order(panel.means, treated, np.vstack([panel.starts, orders]))
    low, high, p, smallest = inverted_interval(estimates, shares, confidence)
    name = "randomisation" if drawn else "permutation"
    return Effect(
        "staggered", name, effect.estimate, effect.error, effect.df, low, high, p, effect.n, effect.units, smallest, ""
    )
