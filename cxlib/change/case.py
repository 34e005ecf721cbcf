"""The answers that speak of one question and one action, and which method their shape asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cxlib.change.scope import Groups
from cxlib.change.survey import Survey
from cxlib.change.timing import AFTER, BEFORE, Timing

MIN_WAVES_SERIES = 8  # before and after: fewer leave a line and its autocorrelation to guesswork
PAIRED_SHARE = 0.5  # of the smaller side must have answered both times, else those who did are a choice of their own


@dataclass(frozen=True)
class Case:
    """Answers to one question from before and after one action, of those acted on and those compared with.

    Attributes
    ----------
    values : float array of shape (n,)
        None missing.
    acted, late : bool array of shape (n,)
        Acted on (else compared with); answered after (else before).
    wave : int array
        Place of the wave, in the order of time.
    place : int array
        Row of the survey.
    unit, person : int array or None
        -1 unknown; None where not declared.
    weight : float array or None
    """

    values: np.ndarray
    acted: np.ndarray
    late: np.ndarray
    wave: np.ndarray
    place: np.ndarray
    unit: np.ndarray | None
    person: np.ndarray | None
    weight: np.ndarray | None

    def take(self, chosen: np.ndarray) -> Case:
        """Some of the answers."""
        parts = (self.unit, self.person, self.weight)
        unit, person, weight = (None if part is None else part[chosen] for part in parts)
        rows = (part[chosen] for part in (self.values, self.acted, self.late, self.wave, self.place))
        return Case(*rows, unit, person, weight)

    def cells(self) -> np.ndarray:
        """0 compared with before, 1 compared with after, 2 acted on before, 3 acted on after."""
        return 2 * self.acted.astype(int) + self.late.astype(int)

    def counts(self) -> np.ndarray:
        """Answers in each of the four cells."""
        return np.bincount(self.cells(), minlength=4)

    def waves(self, *, late: bool) -> tuple[int, ...]:
        """Waves with answers of those acted on."""
        return tuple(int(wave) for wave in np.unique(self.wave[self.acted & (self.late == late)]))

    def straddling(self) -> np.ndarray:
        """Units with answers of both groups."""
        if self.unit is None:
            return np.zeros(0, dtype=int)
        known = self.unit >= 0
        return np.intersect1d(self.unit[known & self.acted], self.unit[known & ~self.acted])

    def in_both_times(self) -> Case:
        """Only units that answered before and after; a place that opened since has no change to tell."""
        if self.unit is None or not self.unit.size:
            return self
        width = int(self.unit.max(initial=0)) + 1
        arm = np.where(self.unit >= 0, self.unit + width * self.acted, 2 * width)
        seen = np.zeros((2, 2 * width + 1), dtype=bool)
        seen[self.late.astype(int), arm] = True
        both = seen.all(axis=0)
        both[-1] = False
        return self.take(both[arm])

    def in_whole_waves(self) -> Case:
        """Without the answers before that were given in a wave of which others came after."""
        if not self.late.any():
            return self
        return self.take(self.late | (self.wave < self.wave[self.late].min()))

    def units(self) -> tuple[int, int]:
        """How many units were acted on, and how many are compared with."""
        if self.unit is None:
            return 0, 0
        known = self.unit >= 0
        return len(np.unique(self.unit[known & self.acted])), len(np.unique(self.unit[known & ~self.acted]))

    def paired(self) -> tuple[Case, int, int]:
        """People of one group who answered both times, one row a person and time, and how many of each group.

        Returns
        -------
        case : Case
            Their mean answer before and after, in this order person by person.
        acted, others : int
        """
        if self.person is None or not self.person.size:
            return self.take(np.zeros(len(self.values), dtype=bool)), 0, 0
        known = self.person >= 0
        width = int(self.person.max(initial=0)) + 1
        counts = np.zeros((4, width), dtype=int)
        np.add.at(counts, (self.cells()[known], self.person[known]), 1)
        first = (counts[2] > 0) & (counts[3] > 0) & (counts[0] + counts[1] == 0)
        second = (counts[0] > 0) & (counts[1] > 0) & (counts[2] + counts[3] == 0)
        chosen = np.zeros(len(self.values), dtype=bool)
        chosen[known] = (first | second)[self.person[known]]
        return _one_row_a_time(self.take(chosen)), int(first.sum()), int(second.sum())

    def people(self, *, acted: bool) -> tuple[int, int]:
        """People before and after in one group; an answer without a number is a person of its own."""
        found = []
        for late in (False, True):
            chosen = (self.acted == acted) & (self.late == late)
            if self.person is None:
                found.append(int(chosen.sum()))
            else:
                numbers = self.person[chosen]
                found.append(int((numbers < 0).sum()) + len(np.unique(numbers[numbers >= 0])))
        return found[0], found[1]


def _one_row_a_time(case: Case) -> Case:
    """The mean of each person before and after; unit and weight are those of the last answer."""
    if case.person is None or not case.person.size:
        return case
    _, number = np.unique(case.person, return_inverse=True)
    slot = 2 * number + case.late
    count = np.bincount(slot)
    mean = np.bincount(slot, case.values) / count
    last = np.zeros(len(mean), dtype=int)
    np.maximum.at(last, slot, np.arange(len(slot)))
    latest = last.copy()
    latest[0::2] = last[1::2]  # a person belongs to the place of the later answer
    rows = case.take(last)
    own = case.take(latest)
    return replace(rows, values=mean, unit=own.unit, weight=own.weight)


def build_case(survey: Survey, values: np.ndarray, groups: Groups, timing: Timing, waves_out: tuple[int, ...]) -> Case:
    """The answers of one question, from before and after, without those of the waves named."""
    chosen = np.isfinite(values) & (groups.acted | groups.others)
    chosen &= (timing.phase == BEFORE) | (timing.phase == AFTER)
    if waves_out:
        chosen &= ~np.isin(survey.wave, waves_out)
    place = np.flatnonzero(chosen)
    return Case(
        values=values[place],
        acted=groups.acted[place],
        late=timing.phase[place] == AFTER,
        wave=survey.wave[place],
        place=place,
        unit=None if survey.unit is None else survey.unit[place],
        person=None if survey.person is None else survey.person[place],
        weight=None if survey.weight is None else survey.weight[place],
    )


@dataclass(frozen=True)
class Shape:
    """What the shape of the data asks for.

    Attributes
    ----------
    method : str
        As in change.csv; '' with a reason.
    reason : str
        Why there is no estimate.
    case : Case
        The answers that the method uses.
    whole : Case
        The same with people who answered once, where `case` holds only those who answered twice.
    paired_n : int
        People who answered both times.
    compared : bool
        Held against places or people not acted on.
    """

    method: str
    reason: str
    case: Case
    whole: Case
    paired_n: int = 0
    compared: bool = False


def shape_of(case: Case, *, everyone: bool, groups_of_starts: int, min_answers: int) -> Shape:
    """The method, from the shape of the answers and of the log alone, never from what was answered.

    Parameters
    ----------
    case : Case
    everyone : bool
        The action happens everywhere, for all customers.
    groups_of_starts : int
        Different periods in which units began.
    min_answers : int
        Fewest answers of a cell that is needed.
    """
    counts = case.counts()
    if not counts[2] or not counts[3]:
        missing = "no_before" if counts[3] else "no_after" if counts[2] else "not_asked"
        return Shape("", missing, case, case)
    staggered = groups_of_starts > 1
    compared = bool(counts[0] and counts[1]) and not staggered
    by_units = case.unit is not None and not len(case.straddling())
    if compared and by_units:
        case = case.in_both_times()
        counts = case.counts()
        compared = bool(counts[:2].all())
    if not compared and not staggered:
        case = case.take(case.acted)
        counts = case.counts()
    if (counts if compared else counts[2:]).min() < min_answers:
        return Shape("", "few", case, case, compared=compared)
    acted_units, other_units = case.units()
    alone = case.unit is not None and not everyone and acted_units == 1 and by_units
    if alone or (compared and by_units and other_units == 1):
        return Shape("chart", "one_unit", case, case, compared=compared)
    if staggered:
        return Shape("staggered", "", case, case, compared=True)
    pairs, acted_pairs, other_pairs = case.paired()
    enough = acted_pairs >= max(min_answers, PAIRED_SHARE * min(case.people(acted=True)))
    if compared:
        enough &= other_pairs >= max(min_answers, PAIRED_SHARE * min(case.people(acted=False)))
        method, used = ("paired_did", pairs) if enough else ("did", case)
        return Shape(method, "", used, case, acted_pairs + other_pairs, compared=True)
    line = case.in_whole_waves()
    if min(len(line.waves(late=False)), len(line.waves(late=True))) >= MIN_WAVES_SERIES:
        return Shape("series", "", line, line, acted_pairs)
    method, used = ("paired", pairs) if enough else ("difference", case)
    return Shape(method, "", used, case, acted_pairs)
