"""Clean raw responses: cells first, then rows, every one of them accounted for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxlib.cleaning import rows as rule
from cxlib.cleaning.cells import BLANK, OUT, VALID, WORD, Read, different, read_amounts, read_answers
from cxlib.cleaning.cleaned import Cleaned
from cxlib.cleaning.ledger import build_ledger
from cxlib.cleaning.levels import read_comments, read_levels, read_respondents
from cxlib.cleaning.people import number_people
from cxlib.errors import DataError, ParamsError, Problem
from cxlib.intake import Codebook, Responses, read_leniently
from cxlib.params.model import Params
from cxlib.privacy.redact import redact

MOSTLY = 0.5  # more cells than this share that do not fit: the column or the scale is wrong, not the respondents
ENOUGH_TO_JUDGE = 5  # cells; fewer say nothing about the column


@dataclass(frozen=True)
class _Cells:
    """Every declared column read; arrays run over all rows read."""

    questions: pd.DataFrame
    asked: dict[str, np.ndarray]
    weight: np.ndarray | None
    seconds: np.ndarray | None
    levels: dict[str, pd.Series]
    comments: dict[str, pd.Series]
    respondents: pd.Series | None
    reasons: dict[str, np.ndarray]
    problems: tuple[Problem, ...]


def clean(
    responses: Responses,
    params: Params,
    *,
    duplicates: bool = True,
    straightlining: bool = True,
    min_answered: float = 0.5,
    min_seconds: float | None = None,
) -> Cleaned:
    """Turn raw responses into answers that can be analysed.

    Parameters
    ----------
    responses : Responses
        As `read_responses` gives them; they are not changed.
    params : Params
    duplicates : bool
        Set aside exact duplicates, and earlier answers of a respondent within a wave.
    straightlining : bool
        Set aside rows with the same answer to every factor answered (four or more).
    min_answered : float in [0, 1]
        Share of the factors asked in the row's file that must be answered.
    min_seconds : float, optional
        Set aside rows answered faster; needs a duration column.

    Returns
    -------
    Cleaned
        answers, set_aside, ledger; see its own description.

    Raises
    ------
    ParamsError
        `min_seconds` without a duration column, or a share outside [0, 1].
    DataError
        Columns most of whose cells do not fit what the parameters say, all of them at once.

    Notes
    -----
    Order of the row rules: no_wave, exact_duplicate, repeated_respondent, outcome_missing, too_few_factors,
    straight_lining, speeding; a row ends under the first that takes it. docs/data.md gives each rule's reason.
    """
    _check_settings(responses, min_answered, min_seconds)
    cells = _read_cells(responses, params)
    rules = _row_rules(responses, params, cells, duplicates, straightlining, min_answered, min_seconds)
    problems = [*cells.problems, *_respondent_problem(params, rules)]
    if problems:
        raise DataError(problems)
    places = responses.table[["source", "wave"]]
    ledger = build_ledger(places, rules, cells.reasons, responses.present)
    table, redacted = _answers(responses, params, cells, kept=rules == "")
    set_aside = table[rules != ""].assign(
        rule=pd.Series(rules[rules != ""], index=table.index[rules != ""], dtype="str")
    )
    return Cleaned(
        answers=table[rules == ""].reset_index(drop=True),
        set_aside=set_aside.reset_index(drop=True),
        ledger=ledger,
        redacted=redacted,
    )


def check_responses(params: Params, folder: Path) -> tuple[Problem, ...]:
    """Every problem of the survey files at once, without a run: files, columns, dates, and cells that do not fit.

    A file that cannot be read or a column that is not there does not hide the problems of the others.
    """
    responses, problems = read_leniently(params, folder)
    if responses is None:
        return problems
    cells = _read_cells(responses, params)
    problems = (*problems, *cells.problems)
    if problems:  # where waves are in doubt, so is who answered twice in one
        return problems
    settings = params.cleaning
    rules = _row_rules(responses, params, cells, settings.duplicates, False, 0.0, None)
    return tuple(_respondent_problem(params, rules))


def _check_settings(responses: Responses, min_answered: float, min_seconds: float | None) -> None:
    problems = []
    if not 0 <= min_answered <= 1:
        problems.append(Problem("min_answered is a share.", "cleaning.min_answered", "a number from 0 to 1"))
    if min_seconds is not None and not min_seconds > 0:
        problems.append(Problem("min_seconds must be positive.", "cleaning.min_seconds", "a number of seconds"))
    if min_seconds is not None and "seconds" not in responses.table:
        problems.append(
            Problem(
                "min_seconds needs to know how long a respondent took.",
                "cleaning.min_seconds",
                "name the column (duration: COLUMN), or leave min_seconds out",
            )
        )
    if problems:
        raise ParamsError(problems)


def _read_cells(responses: Responses, params: Params) -> _Cells:
    table = responses.table
    by_source = {source: np.asarray(here) for source, here in table.groupby("source", sort=False).indices.items()}
    labels = responses.value_labels
    problems: list[Problem] = []
    reasons: dict[str, np.ndarray] = {}
    values: dict[str, np.ndarray] = {}
    asked: dict[str, np.ndarray] = {}
    for key, question in params.questions.items():
        values[key] = np.full(len(table), np.nan)
        reasons[key] = np.full(len(table), BLANK, dtype="int8")
        asked[key] = np.zeros(len(table), dtype=bool)
        for source, here in _where_present(responses, by_source, key):
            book = responses.codebooks[source].get(key, Codebook())
            read = read_answers(
                table[key].iloc[here], question.scale, question.missing, book, labels.get(key), question.answers
            )
            values[key][here], reasons[key][here], asked[key][here] = read.values, read.reasons, True
            problems += _misfit(read, source, key, question.column, question.scale)
    amounts: dict[str, np.ndarray | None] = {"weight": None, "seconds": None}
    for key in amounts:
        if key in table:
            amount = amounts[key] = np.full(len(table), np.nan)
            reasons[key] = np.full(len(table), BLANK, dtype="int8")
            for source, here in _where_present(responses, by_source, key):
                read = read_amounts(table[key].iloc[here])
                amount[here], reasons[key][here] = read.values, read.reasons
                problems += _misfit(read, source, key, params.columns().get(key, key), None)
    levels = {}
    for key in [*params.segments, *(key for key in ("unit", "stratum") if key in table)]:
        kept = params.segments[key].values if key in params.segments else ()
        parts = []
        reasons[key] = np.full(len(table), BLANK, dtype="int8")
        for source, here in by_source.items():
            book = responses.codebooks[source].get(key, Codebook())
            texts, reasons[key][here] = read_levels(table[key].iloc[here], book, kept)
            parts.append(texts)
        levels[key] = pd.concat(parts).sort_index()
    return _Cells(
        questions=pd.DataFrame(values, index=table.index),
        asked=asked,
        weight=amounts["weight"],
        seconds=amounts["seconds"],
        levels=levels,
        comments={name: read_comments(table[name]) for name in params.comments},
        respondents=read_respondents(table["respondent"]) if "respondent" in table else None,
        reasons=reasons,
        problems=tuple(problems),
    )


def _where_present(responses: Responses, by_source: Mapping[str, np.ndarray], key: str) -> list[tuple[str, np.ndarray]]:
    return [(source, here) for source, here in by_source.items() if key in responses.present[source]]


def _misfit(read: Read, source: str, key: str, column: str, scale: tuple[int, int] | None) -> list[Problem]:
    """Most cells are words or lie outside the scale: the parameters name the wrong column or the wrong scale."""
    words = int(((read.reasons == WORD) & ~read.says_none).sum())
    outside = int((read.reasons == OUT).sum())
    judged = words + outside + int((read.reasons == VALID).sum())
    if judged < ENOUGH_TO_JUDGE or words + outside <= MOSTLY * judged:
        return []
    where = f"{source}, column '{column}' ({key})"
    if words >= outside:
        what = f"{words} of {judged} cells are words and not numbers."
        return [Problem(what, where, "name the column that holds the codes, or export the answers as numbers")]
    if scale is None:
        what = f"{outside} of {judged} cells are zero or less."
        return [Problem(what, where, f"name the right column for {key}")]
    what = f"{outside} of {judged} cells lie outside the scale {scale[0]} to {scale[1]}."
    return [Problem(what, where, f"correct the scale of {key}, its missing codes, or its column")]


def _respondent_problem(params: Params, rules: np.ndarray) -> list[Problem]:
    repeated = int((rules == "repeated_respondent").sum())
    if len(rules) < 20 or repeated <= MOSTLY * len(rules):
        return []
    return [
        Problem(
            f"{repeated} of {len(rules)} rows repeat a respondent within a wave.",
            f"column '{params.respondent or 'id'}' (respondent)",
            "name the column that tells respondents apart, or leave respondent out",
        )
    ]


def _row_rules(
    responses: Responses,
    params: Params,
    cells: _Cells,
    duplicates: bool,
    straightlining: bool,
    min_answered: float,
    min_seconds: float | None,
) -> np.ndarray:
    """The name of the rule that sets each row aside, '' for a kept row."""
    table = responses.table
    rules = np.full(len(table), "", dtype=object)

    def take(name: str, hit: np.ndarray) -> None:
        rules[hit & (rules == "")] = name

    take("no_wave", (table["wave"] == "").to_numpy(dtype=bool))
    factors = cells.questions[list(params.factors)].to_numpy()
    if duplicates:
        evidence = rule.tells_apart(cells.respondents, list(cells.comments.values()), cells.seconds, factors)
        raw = table.drop(columns=["row", "source"]).assign(**{"\0date": responses.dates.to_numpy()})
        take("exact_duplicate", rule.exact_duplicates(raw, evidence & (rules == "")))
        if cells.respondents is not None:
            repeated = rule.repeated_respondents(cells.respondents, table["wave"], responses.dates, rules == "")
            take("repeated_respondent", repeated)
    take("outcome_missing", rule.without_outcome(cells.questions[list(params.outcomes)].to_numpy()))
    asked = np.column_stack([cells.asked[key] for key in params.factors])
    take("too_few_factors", rule.too_few(factors, asked, min_answered))
    if straightlining:
        scales = np.array([factor.scale for factor in params.factors.values()], dtype=float)
        take("straight_lining", rule.straight_lines(factors, scales))
    if min_seconds is not None and cells.seconds is not None:
        take("speeding", rule.too_fast(cells.seconds, min_seconds))
    return rules


def _answers(
    responses: Responses, params: Params, cells: _Cells, kept: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All rows with the columns of `answers`, and how much was removed from the comments."""
    table = responses.table
    parts: dict[str, pd.Series] = {name: table[name] for name in ("row", "source", "wave")}
    if responses.days.notna().any():
        parts["day"] = responses.days
    if cells.respondents is not None:
        people = number_people(cells.respondents, table["wave"], params.data.panel)
        if people is not None:
            parts["person"] = people
    parts |= {key: cells.questions[key] for key in params.questions}
    parts |= {key: cells.levels[key] for key in ("unit", "stratum", *params.segments) if key in cells.levels}
    sources, waves = (table[name].to_numpy(dtype=object) for name in ("source", "wave"))
    removed: Counter[tuple[str, str, str, str]] = Counter()
    for name, texts in cells.comments.items():
        parts[name], found = _redacted(texts)
        for row, counts in found:
            for kind, count in counts.items():
                removed[sources[row], waves[row], name, kind] += count
    if cells.weight is not None:
        parts["weight"] = pd.Series(_scaled(cells.weight, table["wave"], kept), index=table.index)
    columns = ["source", "wave", "field", "kind"]
    redacted = pd.DataFrame(sorted(removed), columns=columns, dtype="str").assign(
        count=np.array([removed[key] for key in sorted(removed)], dtype=np.int64)
    )
    return pd.DataFrame(parts), redacted


def _redacted(texts: pd.Series) -> tuple[pd.Series, list[tuple[int, dict[str, int]]]]:
    """The comments without what identifies a person; and of each row from which anything was removed, how much."""
    codes, unique = different(texts)
    done = [*(redact(text) for text in unique), (None, {})]  # the last place serves blank cells, whose code is -1
    clean_texts = np.array([text for text, _ in done], dtype=object)
    touched = np.array([bool(counts) for _, counts in done])
    found = [(int(row), done[codes[row]][1]) for row in np.flatnonzero(touched[codes])]
    return pd.Series(clean_texts[codes], index=texts.index, dtype="str"), found


def _scaled(weight: np.ndarray, waves: pd.Series, kept: np.ndarray) -> np.ndarray:
    """Weights with mean 1 over the kept rows of a wave; a missing weight counts as that mean."""
    scaled = np.ones(len(weight))
    for here in waves.groupby(waves, sort=False).indices.values():
        usable = here[kept[here] & ~np.isnan(weight[here])]
        mean = weight[usable].mean() if len(usable) else np.nan
        if mean > 0:
            scaled[here] = np.where(np.isnan(weight[here]), 1.0, weight[here] / mean)
    return scaled
