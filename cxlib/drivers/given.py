"""Each factor's association with an outcome with the other factors held, by several methods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats as distributions

from cxlib.drivers.adjusting import Together
from cxlib.drivers.pairs import Pairs
from cxlib.drivers.survey import Survey
from cxlib.stats.association import fisher_interval, fisher_p, method_code, resampled_error
from cxlib.stats.matrices import nearest_correlation, repeated
from cxlib.stats.ordinal_model import proportional_odds
from cxlib.stats.parallel_lines import parallel_lines
from cxlib.stats.rank import correlations, resampled_correlations

GIVEN_METHODS = (
    "partial_spearman", "semipartial_spearman", "partial_pearson", "semipartial_pearson", "partial_kendall",
    "semipartial_kendall", "beta", "proportional_odds",
)  # fmt: skip
RESAMPLES = 500  # for standard errors alone: their own relative error is 3 %
ENOUGH = 0.9  # of the resamples must have correlations


def given_others(survey: Survey, whole: Pairs, together: Sequence[Together]) -> list[dict[str, dict[str, np.ndarray]]]:
    """Associations given the others, of each outcome.

    Parameters
    ----------
    survey : Survey
    whole : Pairs
    together : sequence of Together
        One an outcome: who is held against each other.

    Returns
    -------
    list of dict
        Method -> column of associations.csv -> array of shape (factors,).

    Notes
    -----
    The partial rank correlation is that of drivers.csv. The others' errors come from resamples of people or units. Beta
    is the regression coefficient in standard deviations; proportional_odds the log odds ratio of a better answer per
    standard deviation of the rating, people with all answers, and its check_p that of parallel lines.
    """
    size = len(survey.factors)
    drawn = {method: _drawn(survey, together, method) for method in ("spearman", "pearson", "kendall")}
    found = []
    for outcome, one in enumerate(together):
        limits = {name: getattr(one, name) for name in ("estimate", "error", "low", "high", "p")}
        held = {"partial_spearman": _columns(size, one.method, one.reason, **limits)}
        for method, matrices in drawn.items():
            held |= _from_matrices(survey, one, outcome, method, *matrices)
        found.append(held | {"proportional_odds": _ordinal(survey, whole, one, outcome)})
    return found


def _held_against(survey: Survey, one: Together, outcome: int) -> np.ndarray:
    """Positions of the factors that have an association given the others, and of the outcome."""
    return np.append(np.flatnonzero(one.used & (one.reason == "")), len(survey.factors) + outcome)


def _drawn(survey: Survey, together: Sequence[Together], method: str) -> tuple[np.ndarray, np.ndarray]:
    """Correlations of all questions, and of resamples, where some outcome needs them."""
    if method == "spearman":
        return survey.matrix, survey.resamples[:RESAMPLES]
    pairs: dict[tuple[int, int], None] = {}  # those among factors serve every outcome
    for outcome, one in enumerate(together):
        at = _held_against(survey, one, outcome).tolist()
        if len(at) > 1:
            pairs |= dict.fromkeys((i, j) for place, i in enumerate(at) for j in at[place:])
    draws = survey.draws[:RESAMPLES]
    return correlations(survey.tables, method), resampled_correlations(survey.group_tables, draws, method, pairs)


def _from_matrices(
    survey: Survey, one: Together, outcome: int, method: str, matrix: np.ndarray, resamples: np.ndarray
) -> dict[str, dict[str, np.ndarray]]:
    size = len(survey.factors)
    names = [f"semipartial_{method}"]
    names += [f"partial_{method}"] * (method != "spearman") + ["beta"] * (method == "pearson")
    weighted, clustered = survey.weights is not None, survey.groups.clustered
    codes = {name: method_code(name, weighted, clustered, stratified=survey.stratified) for name in names}
    empty = {name: _columns(size, codes[name], one.reason) for name in names}
    at = _held_against(survey, one, outcome)
    used = at[:-1]
    if not len(used):
        return empty
    matrix = nearest_correlation(matrix[np.ix_(at, at)])[0]
    stack = resamples[:, at[:, None], at]
    stack = nearest_correlation(stack[~np.isnan(stack).any(axis=(1, 2))])[0]
    if repeated(matrix[:-1, :-1])[1].any():
        return empty
    here = _held(matrix[None])
    drawn = _held(stack) if len(stack) >= ENOUGH * RESAMPLES or len(stack) == len(survey.draws) else None
    groups = survey.group_tables.groups_with()[at[:-1], at[-1]].astype(float)
    df = np.maximum(groups - survey.tied, 1)
    confidence = survey.settings.confidence
    for name in names:
        kind = name.split("_")[0]
        estimate = here[kind][0]
        error, low, high, p = (np.full(len(used), np.nan) for _ in range(4))
        if drawn is not None and kind != "beta":
            error = resampled_error(drawn[kind], groups)
            low, high = fisher_interval(estimate, error, confidence, df)
            p = fisher_p(estimate, error, df)
        elif drawn is not None:
            error = drawn[kind].std(axis=0, ddof=1) * np.sqrt(groups / np.maximum(groups - 1, 1))
            reach = distributions.t.ppf(0.5 + confidence / 2, df) * error
            low, high = estimate - reach, estimate + reach
            p = 2 * distributions.t.sf(np.abs(estimate) / np.where(error > 0, error, np.nan), df)
        for column, values in {"estimate": estimate, "error": error, "low": low, "high": high, "p": p}.items():
            empty[name][column][used] = values
    return empty


def _held(matrices: np.ndarray) -> dict[str, np.ndarray]:
    """Partial and semi-partial correlations and standardised coefficients; the outcome is last."""
    inverse = np.linalg.inv(matrices + 1e-10 * np.eye(matrices.shape[-1]))
    own = np.diagonal(inverse, axis1=1, axis2=2)
    across, outcome = inverse[:, :-1, -1], own[:, -1:]
    beta = -across / outcome
    alone = own[:, :-1] - across**2 / outcome  # of the factors' own inverse: 1 / what is left of each given the others
    return {
        "partial": np.clip(-across / np.sqrt(own[:, :-1] * outcome), -1.0, 1.0),
        "semipartial": np.clip(beta / np.sqrt(alone), -1.0, 1.0),
        "beta": beta,
    }


def _ordinal(survey: Survey, whole: Pairs, one: Together, outcome: int) -> dict[str, np.ndarray]:
    size = len(survey.factors)
    code = method_code("proportional_odds", survey.weights is not None, survey.groups.clustered)
    columns = _columns(size, code, one.reason)
    columns["n"] = whole.n[:, outcome].astype(float)
    used = np.flatnonzero(one.used)
    if not len(used):
        return columns
    ratings = survey.answers[[survey.factors[f] for f in used]].to_numpy()
    answers = survey.answers[survey.outcomes[outcome]].to_numpy()
    clusters = survey.groups.index if survey.groups.clustered else None
    more = {"weights": survey.weights, "clusters": clusters}
    model = proportional_odds(ratings, answers, confidence=survey.settings.confidence, **more)
    columns["n"][used] = model.n
    if model.reason:
        columns["reason"][used] = model.reason
        return columns
    spread = np.divide(
        model.standardised, model.coefficients, out=np.full(len(used), np.nan), where=model.coefficients != 0
    )
    check = parallel_lines(ratings, answers, **more)
    values = {
        "estimate": model.standardised,
        "error": model.errors * spread,
        "low": model.low * spread,
        "high": model.high * spread,
        "p": model.p,
        "check_p": check.factor_p,
    }
    for column, value in values.items():
        columns[column][used] = value
    columns["reason"][used] = [own or before for own, before in zip(model.reasons, one.reason[used], strict=True)]
    return columns


def _columns(size: int, code: str, reason: np.ndarray, **values: np.ndarray) -> dict[str, np.ndarray]:
    columns = {name: np.full(size, np.nan) for name in ("estimate", "error", "low", "high", "p", "check_p")}
    method = np.full(size, code, dtype=object)
    return columns | values | {"method": method, "reason": np.array(reason, dtype=object)}
