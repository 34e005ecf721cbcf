"""The factor test: which factors go with which outcome, how sure, in what shape, for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from cxlib.drivers.adjusting import hold_together
from cxlib.drivers.associations import associations_table
from cxlib.drivers.comparisons import comparisons
from cxlib.drivers.design import design_table
from cxlib.drivers.grid import specification_grid
from cxlib.drivers.halo import halo_table
from cxlib.drivers.importances import importances
from cxlib.drivers.pairs import associate
from cxlib.drivers.parts import Row, part_rows, parts_of
from cxlib.drivers.reliability import reliability_table
from cxlib.drivers.rows import families, whole_rows
from cxlib.drivers.sensitivity import sensitivity_table
from cxlib.drivers.survey import Settings, Survey, survey_of, wanted_outcomes
from cxlib.drivers.table import Drivers, tidy
from cxlib.drivers.whom import difference_rows, groups_table
from cxlib.params import Params
from cxlib.stats.shape import UNCLEAR, Shape, penalty_reward

CARELESS = ("straight_lining", "speeding")  # rules of cleaning that judge how carefully somebody answered


def find_drivers(
    answers: pd.DataFrame,
    params: Params,
    *,
    set_aside: pd.DataFrame | None = None,
    outcomes: Sequence[str] | None = None,
    q: float = 0.05,
    confidence: float = 0.95,
    bootstrap: int = 2000,
    seed: int = 1,
    worthwhile: float = 0.1,
    progress: Callable[[str, float], None] | None = None,
) -> Drivers:
    """Test every factor against every outcome, each outcome apart.

    Parameters
    ----------
    answers : DataFrame
        Cleaned answers: factor and outcome columns (NaN missing), `wave`, segment columns, and `unit` and `weight` when
        declared; one row a respondent.
    params : Params
        What is asked; gives factors, outcomes, scales, segments and the smallest number of pairs.
    set_aside : DataFrame, optional
        Rows set aside with their `rule`; those of the careless-response rules are put back in some specifications.
    outcomes : sequence of str, optional
        Keys of the outcomes to test; all of them when not given.
    q : float in (0, 1)
        Limit of the false discovery rate over all factor x outcome tests.
    confidence : float in (0, 1)
        Coverage of every interval.
    bootstrap : int
        Resamples behind each interval.
    seed : int
        Same seed, same numbers.
    worthwhile : float in (0, 1)
        Smallest correlation worth anything: associations surely smaller may be said to be none.
    progress : function, optional
        Called with what is being done and the part of the whole that is done, 0-1.

    Returns
    -------
    Drivers
        Its `table` has one row a factor and outcome, filled fully; one a segment level and one a wave (`n`, `estimate`,
        `low`, `high`, `p`); one a segment (`level` empty) with the test whether its levels differ. What cannot be
        computed is NaN with a `reason`: not_asked, all_missing, too_few, constant or collinear. Its `tables` are those
        named in `table.TABLES`. Every column of each is described in docs/statistics.md.

    Raises
    ------
    ParamsError
        `outcomes` names one that the parameters do not have.
    """
    wanted = wanted_outcomes(params, outcomes)
    tell = progress or (lambda what, part: None)
    settings = Settings(q, confidence, bootstrap, seed, params.privacy.min_factor_pairs)
    survey = survey_of(answers, params, wanted, settings)
    rows_used = _rows_used(answers, params)

    tell("association", 0.0)
    whole = associate(survey)
    together = []
    for o in range(len(wanted)):
        tell("importance", 0.1 + 0.25 * o / len(wanted))
        together.append(hold_together(survey, whole, o))
    tell("shape", 0.35)
    shapes = [_shapes(survey, one.used, name) for one, name in zip(together, wanted, strict=True)]

    back, careless = _careless_back(answers, set_aside, params, wanted, settings)
    used = np.column_stack([one.used for one in together])
    grid = specification_grid(
        survey, whole, used, put_back=back, tick=lambda part: tell("specifications", 0.4 + 0.3 * part)
    )
    columns = pd.DataFrame({key: rows_used[key] for key in params.segments if key in rows_used}, index=rows_used.index)
    if "wave" in rows_used:
        columns[""] = rows_used["wave"]
    parts = parts_of(survey, whole, columns, lambda part: tell("segments", 0.7 + 0.2 * part))
    groups = groups_table(survey, whole, parts)

    means = _means(survey)
    halo = halo_table(survey, whole, together)
    signs = halo.set_index(["factor", "outcome"])["sign"]
    corrected = families(whole, together)
    rows = whole_rows(survey, whole, together, corrected)
    for row in rows:
        f, o = survey.factors.index(row["factor"]), wanted.index(row["outcome"])
        row |= means[f] | _shape_columns(shapes[o][f])
        row |= {"careless_estimate": careless[f, o], "sign": signs[row["factor"], row["outcome"]]}
        if grid.of[f, o]:
            row |= {"specs_stand": grid.stands[f, o], "specs_of": grid.of[f, o]}
    tell("tables", 0.9)
    steps = {key: factor.step for key, factor in params.factors.items()}
    tables = {
        "associations": associations_table(survey, whole, together),
        "importance": importances(survey, together, steps),
        "comparisons": comparisons(survey, whole, together),
        "specifications": grid.table,
        "groups": groups,
        "halo": halo,
        "sensitivity": sensitivity_table(
            survey, whole, together, corrected["q"], corrected["adjusted_q"], small=worthwhile
        ),
        "reliability": reliability_table(survey, steps),
        "design": design_table(survey, whole),
    }
    tell("done", 1.0)
    levels = part_rows(survey, [part for part in parts if part.segment])
    waves = part_rows(survey, [part for part in parts if not part.segment])
    return Drivers(tidy(rows + difference_rows(groups) + levels + waves), tables)


def _shape_columns(shape: Shape) -> Row:
    return {
        "penalty": shape.penalty,
        "penalty_low": shape.penalty_low,
        "penalty_high": shape.penalty_high,
        "reward": shape.reward,
        "reward_low": shape.reward_low,
        "reward_high": shape.reward_high,
        "shape": shape.kind,
        "shape_sure": shape.sure,
    }


def _shapes(survey: Survey, used: np.ndarray, outcome: str) -> list[Shape]:
    chosen = [name for name, use in zip(survey.factors, used, strict=True) if use]
    found = iter(
        penalty_reward(
            survey.answers[outcome].to_numpy(),
            survey.answers[chosen].to_numpy(),
            [survey.scales[name] for name in chosen],
            weights=survey.weights,
            clusters=survey.groups.index if survey.groups.clustered else None,
            strata=survey.strata if survey.stratified else None,
            seed=survey.settings.seed,
            confidence=survey.settings.confidence,
        )
        if chosen
        else []
    )
    return [next(found) if use else UNCLEAR for use in used]


def _means(survey: Survey) -> list[Row]:
    """Mean rating and part of the ratings below the middle of the scale, of factors that enough people rated."""
    rows: list[Row] = []
    for name in survey.factors:
        values = survey.answers[name].to_numpy()
        rated = np.isfinite(values)
        if rated.sum() < survey.settings.min_pairs:
            rows.append({})
            continue
        weights = None if survey.weights is None else survey.weights[rated]
        low = values[rated] < sum(survey.scales[name]) / 2
        rows.append(
            {
                "mean": np.average(values[rated], weights=weights),
                "low_share": np.average(low, weights=weights),
            }
        )
    return rows


def _careless_back(
    answers: pd.DataFrame,
    set_aside: pd.DataFrame | None,
    params: Params,
    outcomes: tuple[str, ...],
    settings: Settings,
) -> tuple[Survey | None, np.ndarray]:
    """The survey with the careless rows put back, where there are any, and its associations."""
    careless = np.full((len(params.factors), len(outcomes)), np.nan)
    back = None if set_aside is None else set_aside.loc[set_aside["rule"].isin(CARELESS)]
    if back is None or not len(back):
        return None, careless
    together = pd.concat([answers, back[[c for c in back if c in answers]]], ignore_index=True)
    both = survey_of(together, params, outcomes, settings)
    size = len(both.factors)
    enough = both.tables.pairs[:size, size:] >= settings.min_pairs
    return both, np.where(enough, both.matrix[:size, size:], np.nan)


def _rows_used(answers: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The rows that `survey_of` keeps, with their segments and wave."""
    if params.weight is None or "weight" not in answers:
        return answers.reset_index(drop=True)
    weights = answers["weight"].to_numpy(dtype=float, na_value=np.nan)
    return answers.loc[np.isfinite(weights) & (weights > 0)].reset_index(drop=True)
