"""Every question from wave to wave, with its breaks."""

from __future__ import annotations

import pandas as pd

from cxlib.findings.further import Row, cell, value
from cxlib.findings.numbers import count, records
from cxlib.findings.schema import Both, Trend, TrendPoint
from cxlib.params.model import Break, Params
from cxlib.privacy.say import say

KINDS = ("outcome", "factor", "step")


def trends_of(table: pd.DataFrame, params: Params, waves: tuple[str, ...]) -> tuple[Trend, ...]:
    """trends.csv as the document tells it.

    Parameters
    ----------
    table : DataFrame
        Columns measure, wave, n, mean, low, high, and of a newer run kind, part, same_mix, same_mix_low,
        same_mix_high.
    params : Params
    waves : tuple of str
        In their order.

    Returns
    -------
    tuple of Trend
        Outcomes, factors and steps in the order of the parameters; a question asked in no wave is left out.
    """
    of: dict[tuple[str, str], list[Row]] = {}
    for row in records(table):
        of.setdefault((_kind(row, params), cell(row, "measure")), []).append(row)
    keys = [("outcome", key) for key in params.outcomes] + [("factor", key) for key in params.factors]
    keys += [("step", key) for key in dict.fromkeys([*params.steps, *(key for kind, key in of if kind == "step")])]
    place = {wave: number for number, wave in enumerate(waves)}
    told = []
    for kind, key in keys:
        rows = sorted(of.get((kind, key), []), key=lambda row: place.get(cell(row, "wave"), len(place)))
        points = tuple(_point(row) for row in rows)
        first = next((number for number, point in enumerate(points) if point.n), None)
        if first is None:
            continue
        drawable = sum(point.mean is not None for point in points) > 1
        told.append(
            Trend(
                measure=key,
                kind=kind,
                label=_label(kind, key, params),
                scale=_scale(kind, key, params),
                points=points,
                breaks=_breaks(kind, key, params, place),
                figure=f"trend-{kind}.{key}" if drawable else None,
            )
        )
    return tuple(told)


def _kind(row: Row, params: Params) -> str:
    kind, measure = cell(row, "kind"), cell(row, "measure")
    if kind in KINDS:
        return kind
    return "outcome" if measure in params.outcomes else "factor"


def _point(row: Row) -> TrendPoint:
    return TrendPoint(
        wave=cell(row, "wave"),
        n=count(row.get("n")),
        part=count(row.get("part")),
        **{name: value(row, name) for name in ("mean", "low", "high", "same_mix", "same_mix_low", "same_mix_high")},
    )


def _label(kind: str, key: str, params: Params) -> Both:
    label = params.steps.get(key) if kind == "step" else params.questions[key].label
    return Both(vi=key, en=key) if label is None else Both(vi=label.vi, en=label.en)


def _scale(kind: str, key: str, params: Params) -> tuple[int, int]:
    if kind != "step":
        return params.questions[key].scale
    scales = [factor.scale for factor in params.factors.values() if factor.step == key]
    return (min(low for low, _ in scales), max(high for _, high in scales)) if scales else (0, 1)


def _breaks(kind: str, key: str, params: Params, place: dict[str, int]) -> tuple[Both, ...]:
    """What was changed, in the order of the waves; the client's own words where there are any."""
    own: tuple[Break, ...] = ()
    if kind == "step":
        factors = [factor for factor in params.factors.values() if factor.step == key]
        own = tuple(item for factor in factors for item in factor.breaks)
    else:
        own = params.questions[key].breaks
    found = sorted(dict.fromkeys((*params.breaks, *own)), key=lambda item: place.get(item.wave, len(place)))
    told = []
    for item in found:
        what = say(f"break_{item.why}", wave=item.wave)
        text = item.text
        told.append(what if text is None else Both(vi=f"{what.vi} “{text.vi}”", en=f"{what.en} “{text.en}”"))
    return tuple(dict.fromkeys(told))
