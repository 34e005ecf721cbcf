"""The factor test of a survey that does not fit into memory: associations and importance from tables alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.pairs import associate
from cxlib.drivers.rows import families, whole_rows
from cxlib.drivers.survey import Settings, Survey, wanted_outcomes
from cxlib.drivers.table import tidy
from cxlib.errors import DataError
from cxlib.params import Params
from cxlib.stats.adjusted import partial_p
from cxlib.stats.chunks import chunks_of_csv, chunks_of_parquet, tables_of_chunks
from cxlib.stats.rank import correlations
from cxlib.stats.resampling import MIN_CLUSTERS, Groups
from cxlib.stats.sampling import Strata
from cxlib.stats.tables import Tables

SAME_WEIGHT = 1e-9  # relative; weights that leave the effective number of people this close to all are alike


@dataclass(frozen=True, kw_only=True)
class Counted(Survey):
    """A survey of which only the contingency tables are kept; `answers` is empty.

    Parameters
    ----------
    counted : Tables
        By what a bootstrap draws.
    drawn_groups : Groups
        Without the rows' places.
    """

    counted: Tables
    drawn_groups: Groups

    @cached_property
    def tables(self) -> Tables:
        """Contingency tables of all questions."""
        return self.counted.total()

    @property
    def group_tables(self) -> Tables:
        """Contingency tables by what a bootstrap draws."""
        return self.counted

    @property
    def design(self) -> tuple[Groups, Strata | None]:
        """What a bootstrap draws; strata are not read."""
        return self.drawn_groups, None

    @cached_property
    def _plain(self) -> np.ndarray:
        return partial_p(correlations(self.tables), self.tables.pairs, 0)

    def plain_p(self, factor: str, outcome: str) -> float:
        """Two-sided p of their rank correlation; pingouin's, which needs the rows, is the same."""
        names = self.counted.names
        return float(self._plain[names.index(factor)][names.index(outcome)])


def associate_chunks(
    path_or_frames: str | Path | Iterable[pd.DataFrame],
    params: Params,
    *,
    outcomes: Sequence[str] | None = None,
    q: float = 0.05,
    confidence: float = 0.95,
    bootstrap: int = 2000,
    seed: int = 1,
) -> pd.DataFrame:
    """Association, adjusted association and importance of every factor, from parts of the rows read in turn.

    Parameters
    ----------
    path_or_frames : path or iterable of DataFrame
        A csv or parquet file of cleaned answers, or its parts: one column a factor and outcome (NaN missing), and
        `unit` and `weight` where declared. Parts are not kept. Strata are not read.
    params : Params
    outcomes, q, confidence, bootstrap, seed
        As in `find_drivers`.

    Returns
    -------
    DataFrame
        Rows of drivers.csv of the whole survey. Filled are the columns from `factor` to `r2`, `detectable`, `grade` and
        `matters`; what needs the rows themselves (shape, parts, specifications) is empty.

    Raises
    ------
    ParamsError
        `outcomes` names one that the parameters do not have.
    DataError
        No part, a part without a declared `unit` or `weight`, a file of another kind; or parts that can be read once
        only, where there turn out to be too few units to draw.

    Notes
    -----
    Estimates are those of `find_drivers`, and so are intervals by formula. Where people or units are resampled, more
    than 500 of them are dealt at random into groups by the order in which they turn up, so that the intervals differ by
    the noise of another seed. Memory is that of one part and of the tables, 500 times the square of the number of all
    questions' answers, however long the survey.
    """
    wanted = wanted_outcomes(params, outcomes)
    settings = Settings(q, confidence, bootstrap, seed, params.privacy.min_factor_pairs)
    survey = _count(path_or_frames, params, wanted, settings)
    whole = associate(survey)
    together = [hold_together(survey, whole, place) for place in range(len(wanted))]
    return tidy(whole_rows(survey, whole, together, families(whole, together)))


def _count(
    source: str | Path | Iterable[pd.DataFrame], params: Params, outcomes: tuple[str, ...], settings: Settings
) -> Survey:
    questions = (*params.factors, *outcomes)
    weight = None if params.weight is None else "weight"
    seen: set[str] = set()
    units: set[object] = set()

    def parts(unit: str | None) -> Iterator[pd.DataFrame]:
        columns = [*questions, *(name for name in (weight, unit) if name is not None)]
        for part in _read(source, columns):
            seen.update(part.columns)
            if unit in part and len(units) < MIN_CLUSTERS:
                units.update(part[unit].dropna().unique())
            yield part

    def tables(unit: str | None) -> Tables:
        found = parts(unit)
        return tables_of_chunks(
            found, questions=questions, weight=weight, unit=unit, resampling=True, seed=settings.seed
        )

    unit = None if params.unit is None else "unit"
    counted = tables(unit)
    few = unit is not None and len(units) < MIN_CLUSTERS
    if few:
        if not isinstance(source, str | Path) and iter(source) is source:
            raise DataError(
                f"{len(units)} units are too few to be drawn, and the parts cannot be read again to draw people",
                where="unit",
                how="give a file, or parts that can be gone through twice (a list)",
            )
        counted = tables(None)
    people, effective = counted.pairs, counted.effective_n()
    alike = weight is None or np.allclose(effective, people, rtol=SAME_WEIGHT, atol=0)
    return Counted(
        answers=pd.DataFrame(columns=list(questions), dtype=float),
        factors=tuple(params.factors),
        outcomes=outcomes,
        scales={},
        weights=None if alike else np.empty(0),
        units=None,
        absent=frozenset(name for name in questions if name not in seen),
        settings=settings,
        counted=counted,
        drawn_groups=Groups(np.empty(0, dtype=np.int64), counted.groups, unit is not None and not few, few),
    )


def _read(source: str | Path | Iterable[pd.DataFrame], columns: list[str]) -> Iterator[pd.DataFrame]:
    """Parts with those of the columns that are there."""
    if not isinstance(source, str | Path):
        for part in source:
            yield part.reindex(columns=[name for name in columns if name in part])
        return
    path = Path(source)
    if path.suffix == ".parquet":
        import pyarrow.parquet

        there = pyarrow.parquet.read_schema(path).names
        yield from chunks_of_parquet(path, columns=[name for name in columns if name in there])
    elif path.suffix == ".csv":
        there = pd.read_csv(path, nrows=0).columns
        yield from chunks_of_csv(path, columns=[name for name in columns if name in there])
    else:
        raise DataError("neither a csv nor a parquet file", where=path.name, how="save the answers as one of them")
