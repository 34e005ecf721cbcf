"""The sentence of a finding and its caveats, computed from its numbers in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxlib.findings.numbers import Pair
from cxlib.findings.schema import Both, Grade, Holds, WithoutMood
from cxlib.findings.whom import enough
from cxlib.params.model import Params
from cxlib.privacy.draft import GroupText
from cxlib.privacy.say import say
from cxlib.words import interval, percent, word

STANDS_FIRMLY = 0.8  # share of the ways of looking; below it the reader is told
MUCH_MISSING = 0.3  # share of the answers, where both were asked, that lack one of the two
FEW_UNITS = 10  # below it intervals that allow for differences between places are themselves unsure
MOSTLY_SHARED = 0.2  # of the plain association is left when all other factors are held


@dataclass(frozen=True)
class Caveats:
    """The caveats of one finding, and which of them speak of single groups."""

    texts: tuple[Both, ...]
    of_groups: tuple[GroupText, ...]


def finding_sentence(pair: Pair, grade: Grade | None, params: Params) -> Both:
    """What may be said of an association, and no more.

    Notes
    -----
    Referral and loyalty are told in words of their own; a question that stands in for one of them is named as a
    stand-in; a negative association is told as one.
    """
    if grade != "E1":
        return say("sentence_few")
    outcome = params.outcomes[pair.outcome]
    kind = "proxy" if outcome.proxy_for else pair.outcome
    way = "more" if (pair.get("estimate") or 0) > 0 else "less"
    shown = pair.associations()[0]
    return say(
        f"sentence_{kind}_{way}",
        factor=params.factors[pair.factor].label,
        outcome=outcome.label,
        what=stands_for(pair.outcome, params),
        n=pair.n,
        range=lambda language: interval(shown.low, shown.high, language),
        standing=lambda language: word("standing", language),
    )


def stands_for(outcome: str, params: Params) -> Both:
    """'referral' or 'loyalty', as words."""
    return say(f"stands_for_{params.outcomes[outcome].proxy_for or outcome}")


def caveats(
    pair: Pair, holds: Holds, params: Params, answers: pd.DataFrame, *, mood: WithoutMood | None = None
) -> Caveats:
    """What a reader must know before leaning on a finding, gravest first; for whom and shape are told elsewhere."""
    of_groups = tuple(_between_waves(pair, holds, params))
    plain = [
        *_direction(pair),
        *_careless(pair),
        *_specifications(holds),
        *(item.text for item in of_groups),
        *_proxy(pair, params),
        *_asked(pair, params, answers),
        *_mood(pair, mood),
        *_shared(pair),
        *_units(answers),
    ]
    return Caveats(tuple(plain), of_groups)


def _direction(pair: Pair) -> Iterator[Both]:
    if (pair.get("estimate") or 0) < 0:
        yield say("caveat_negative")


def _careless(pair: Pair) -> Iterator[Both]:
    """With the careless answers put back: does the sign stand, and would the interval still leave zero out?"""
    again, estimate, low, high = (pair.get(name) for name in ("careless_estimate", "estimate", "low", "high"))
    if again is None or estimate is None or low is None or high is None:
        return
    towards_zero = estimate - low if estimate > 0 else high - estimate
    if again * estimate <= 0 or abs(again) <= towards_zero:
        yield say("caveat_careless")


def _specifications(holds: Holds) -> Iterator[Both]:
    ways = holds.specifications
    if ways.of and ways.stand / ways.of < STANDS_FIRMLY:
        yield say("caveat_specs", stand=ways.stand, of=ways.of)


def _between_waves(pair: Pair, holds: Holds, params: Params) -> Iterator[GroupText]:
    known = enough(holds.waves, params)
    stand = sum(bool(item.stands) for item in known)
    if len(known) < 2 or stand == len(known):
        return
    sign = 1 if (pair.get("estimate") or 0) > 0 else -1
    turned = sum(max((item.low or 0) * sign, (item.high or 0) * sign) < 0 for item in known)
    key = "caveat_waves_turned" if turned else "caveat_waves"
    text = say(key, stand=stand, of=len(known), turned=turned)
    yield GroupText(pair.id, text, (pair.factor, pair.outcome, ""), tuple(item.level for item in known), None)


def _proxy(pair: Pair, params: Params) -> Iterator[Both]:
    outcome = params.outcomes[pair.outcome]
    if outcome.proxy_for:
        yield say("caveat_proxy", outcome=outcome.label, what=stands_for(pair.outcome, params))


def _asked(pair: Pair, params: Params, answers: pd.DataFrame) -> Iterator[Both]:
    given = [answers[question].notna().to_numpy() for question in (pair.factor, pair.outcome)]
    wave, names = pd.factorize(answers["wave"])
    of = len(names)
    counts = [np.bincount(wave[there & (wave >= 0)], minlength=of) for there in given]
    asked_in = np.min(counts, axis=0) > 0
    if asked_in.sum() < of:
        yield say("caveat_waves_asked", asked=int(asked_in.sum()), of=of)
    asked = np.append(asked_in, True)[wave]  # where the wave is not known, nothing says that it was not asked
    missing = 1 - float((given[0] & given[1])[asked].mean()) if asked.any() else 0.0
    if missing > MUCH_MISSING:
        yield say("caveat_missing", share=lambda language: percent(missing, language))


def _mood(pair: Pair, mood: WithoutMood | None) -> Iterator[Both]:
    """Does anything stay when the customer's own level of marks is taken out, and does its place?"""
    if mood is None:
        return
    estimate, low, high = (item or 0.0 for item in (mood.estimate, mood.low, mood.high))
    if low <= 0 <= high or estimate * (pair.get("estimate") or 0) < 0:
        yield say("caveat_mood_gone")
    elif mood.changes and None not in (mood.place, mood.place_without) and mood.place != mood.place_without:
        yield say("caveat_mood_place", place=mood.place or 0, without=mood.place_without or 0)


def _shared(pair: Pair) -> Iterator[Both]:
    estimate, adjusted = pair.get("estimate"), pair.get("adjusted")
    if estimate and adjusted is not None and abs(adjusted) < MOSTLY_SHARED * abs(estimate):
        yield say("caveat_shared")


def _units(answers: pd.DataFrame) -> Iterator[Both]:
    units = answers["unit"].nunique() if "unit" in answers else 0
    if 0 < units < FEW_UNITS:
        yield say("caveat_units", units=int(units))
