"""What may be said of a change after an action: computed from its numbers, its grade and its comparison."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from cxlib.findings.further import Row, cell, value, yes
from cxlib.findings.numbers import count
from cxlib.findings.schema import Action, Both
from cxlib.params.model import Params
from cxlib.privacy.say import Value, day, say
from cxlib.words import decimal, percent

Role = Literal["factor", "loyalty", "referral"]

COMPARED = ("did", "paired_did", "staggered")
AGAIN = ("paired", "paired_did")
# What lowered a grade, gravest first; the first of them stands in the sentence where a comparison did not reach E3.
CAPS = (
    "worst_baseline", "late", "rewritten", "pretrend", "overlap", "no_draw_record", "volunteers", "few_units",
    "stopped_early", "break", "mix", "spill", "looks", "one_factor_of_many",
)  # fmt: skip
SURE = 0.05  # a chance below it is no longer worth a sentence
WIDE_SCALE = 10  # steps; on a wider one a second decimal says nothing


@dataclass(frozen=True)
class Told:
    """One change in words: its sentence, what could have been seen, and what makes it count for less."""

    sentence: Both
    could_see: Both | None
    caveats: tuple[Both, ...]


def tell_change(row: Row, role: Role, action: Action, params: Params, *, chart: bool = False) -> Told:
    """The sentence of a change with its caveats.

    Parameters
    ----------
    row : mapping
        One row of change.csv.
    role : {'factor', 'loyalty', 'referral'}
    action : Action
    params : Params
    chart : bool
        Whether the answers of a single place are shown from wave to wave.

    Notes
    -----
    The size of a change is told without its sign, in a verb (rose, fell); a range that holds zero is told with signs.
    No cause is named below E4.
    """
    return _Teller(row, role, action, params).told(chart)


class _Teller:
    """One change: what its sentences are made of."""

    def __init__(self, row: Row, role: Role, action: Action, params: Params) -> None:
        self.row, self.role, self.action, self.params = row, role, action, params
        self.measure = cell(row, "measure")
        question = params.questions[self.measure]
        self.label, self.scale = question.label, question.scale
        self.method, self.grade = cell(row, "method"), cell(row, "grade")
        self.caps = tuple(code for code in CAPS if code in cell(row, "caps").split(";"))
        self.compared, self.drawn = self.method in COMPARED, yes(row, "drawn")
        self.digits = 1 if self.scale[1] - self.scale[0] > WIDE_SCALE else 2

    def told(self, chart: bool) -> Told:
        if self.grade == "E0":
            return Told(say("change_few", measure=self.label), None, ())
        if not self.grade:
            return Told(self._reason(chart), None, tuple(self._also()))
        movement, in_sentence = self._sentence()
        rest = [self._cap(code) for code in self.caps if code != in_sentence]
        return Told(movement, self._could_see(), (*rest, *self._also(), *self._plain()))

    # --- the sentence ---

    def _sentence(self) -> tuple[Both, str]:
        """The sentence, and the cap that it tells already."""
        if self.grade == "EN":
            return self._joined(self._none(), self._alone()), ""
        if self.grade == "EX":
            return self._joined(self._unclear(), self._needed()), ""
        if self.grade == "E4":
            return self._drawn(), ""
        if self.grade == "E-":
            meant = self.action.direction == "down" and self.role == "factor"
            worse = say("change_other_way" if meant else "change_worse")
            return self._joined(self._moved(), self._alone(), worse), ""
        if self.grade == "E3":
            return self._moved(), ""
        if not self.compared:
            return self._joined(self._moved(), self._alone()), ""
        gravest = self.caps[0] if self.caps else ""
        return self._joined(self._moved(), self._cap(gravest) if gravest else say("change_weak")), gravest

    def _moved(self) -> Both:
        up = (value(self.row, "estimate") or 0) > 0
        way = "up" if up else "down"
        if self.compared:
            acted = self._went()
            less = acted is not None and acted != up
            return say(f"change_than_{way}{'_less' if less else ''}", **self._between(), **self._size())
        before, after = (value(self.row, name) for name in ("mean_before", "mean_after"))
        # Levels are told of all customers only, where they are those of the trends; never of some places.
        known = self.action.scope.everyone and before is not None and after is not None
        if self.method == "difference" and known and (after > before) == up:
            ends = {"before": self._points(before), "after": self._points(after)}
            return say(f"change_from_to_{way}", measure=self._of(), **ends, **self._size())
        kind = self.method if self.method in ("paired", "series") else "difference"
        return say(f"change_{kind}_{way}", measure=self._of(), **self._size())

    def _went(self) -> bool | None:
        """Whether those acted on went up at all; None when they stood still or it is not known."""
        before, after = (value(self.row, name) for name in ("mean_before", "mean_after"))
        if before is None or after is None or before == after:
            return None
        return after > before

    def _drawn(self) -> Both:
        way = "up" if (value(self.row, "estimate") or 0) > 0 else "down"
        order = "order_" if self.method == "staggered" else ""
        return say(f"change_drawn_{order}{way}", measure=self._of(), **self._size())

    def _none(self) -> Both:
        """No change that matters: none that is clear, or a clear one that is smaller than what would matter."""
        low, high = (value(self.row, end) or 0.0 for end in ("low", "high"))
        clear = low > 0 or high < 0
        values: dict[str, Value] = {"worthwhile": self._points(value(self.row, "worthwhile")), "range": self._signed()}
        if clear:
            values |= self._size()
        key = "none_{}" if not clear else "little_{}_up" if low > 0 else "little_{}_down"
        if self.compared:
            return say(f"change_{key.format('than')}", **(self._between() | values))
        kind = self.method if self.method in ("paired", "series") else "difference"
        where = say(f"change_alone_{kind}")
        return say(f"change_{key.format('alone')}", where=where, measure=self._of(), **values)

    def _unclear(self) -> Both:
        """So few places may leave the range without an end: then it is told in words."""
        ends = [value(self.row, end) for end in ("low", "high")]
        open_ = "_open" if None in ends else ""
        if self.compared:
            between = self._between() | {"where": say(f"change_mid_{self._whom()}")}
            return say(f"change_unclear_than{open_}", **between, range=self._signed())
        kind = self.method if self.method in ("paired", "series") else "difference"
        where = say(f"change_ask_{kind}")
        return say(f"change_unclear_alone{open_}", where=where, measure=self._of(), range=self._signed())

    def _needed(self) -> Both:
        return needed(value(self.row, "needed"), value(self.row, "needed_units"), self.compared)

    def _alone(self) -> Both | None:
        return None if self.compared else say("change_no_comparison")

    @staticmethod
    def _joined(*parts: Both | None) -> Both:
        said = [part for part in parts if part is not None]
        return Both(vi=" ".join(part.vi for part in said), en=" ".join(part.en for part in said))

    # --- its parts ---

    def _of(self) -> Both:
        outcome = self.params.outcomes.get(self.measure)
        if outcome is not None and outcome.proxy_for:
            return say("change_of_stand_in", measure=self.label, what=say(f"stands_for_{outcome.proxy_for}"))
        return say(f"change_of_{self.role}", measure=self.label)

    def _whom(self) -> str:
        if self.method == "staggered":
            return "begun"
        scope = self.action.scope
        whom = "people" if scope.units is None and scope.groups else "places"
        return f"{whom}_again" if self.method in AGAIN else whom

    def _between(self) -> dict[str, Value]:
        whom = self._whom()
        than = whom.removesuffix("_again")
        return {"where": say(f"change_where_{whom}"), "elsewhere": say(f"change_than_{than}"), "measure": self._of()}

    def _points(self, size: float | None) -> Value:
        return partial(decimal, size, digits=self.digits)

    def _range(self, low: float | None, high: float | None) -> Value:
        def told(language: str) -> str:
            between = " đến " if language == "vi" else " to "
            return between.join(decimal(end, language, self.digits) for end in (low, high))

        return told

    def _size(self) -> dict[str, Value]:
        """The size of a change and its range, turned so that the verb holds the sign."""
        estimate, low, high = (value(self.row, name) or 0.0 for name in ("estimate", "low", "high"))
        if estimate < 0:
            estimate, low, high = -estimate, -high, -low
        return {"size": self._points(estimate), "range": self._range(low, high)}

    def _signed(self) -> Value:
        return self._range(value(self.row, "low"), value(self.row, "high"))

    # --- beside the sentence ---

    def _could_see(self) -> Both | None:
        detectable, worthwhile = value(self.row, "detectable"), value(self.row, "worthwhile")
        if detectable is None:
            return None
        less = worthwhile is not None and detectable > worthwhile
        values = {"detectable": self._points(detectable), "worthwhile": self._points(worthwhile)}
        return say("change_could_see_less" if less else "change_could_see", **values)

    def _cap(self, code: str) -> Both:
        why = self.action.stopped_because
        known: dict[str, tuple[str, str]] = {
            "worst_baseline": ("drift", "drift"),
            "pretrend": ("pretrend", "pretrend"),
            "mix": ("same_mix_estimate", "same_mix"),
        }
        if code in known:
            column, name = known[code]
            size = value(self.row, column)
            if size is None:
                return say(f"change_cap_{code}_unsaid")
            ends = [value(self.row, f"{column}_{end}") for end in ("low", "high")]
            if code == "pretrend" and size < 0 and None not in ends:
                size, ends = -size, [-(ends[1] or 0.0), -(ends[0] or 0.0)]
            kind = "" if code != "pretrend" else "_drawn" if self.drawn else "" if self.compared else "_alone"
            return say(f"change_cap_{code}{kind}", range=self._range(*ends), **{name: self._points(size)})
        if code == "few_units":
            share = value(self.row, "smallest_p")
            if share is None or share < SURE:
                return say("change_cap_few_units_unsaid")
            return say("change_cap_few_units", share=partial(percent, share))
        if code == "overlap" and self.drawn:
            return say("change_cap_overlap_drawn")
        if code == "stopped_early":
            return say("change_cap_stopped_early", why=why) if why else say("change_cap_stopped_early_unsaid")
        return say(f"change_cap_{code}", looks=count(self.row.get("looks")))

    def _also(self) -> Iterator[Both]:
        if self.action.also is not None:
            yield say("change_also", also=self.action.also)

    def _plain(self) -> Iterator[Both]:
        """The other explanation that is always there where chance did not choose."""
        if not self.compared:
            yield say("change_alone")
        elif not self.drawn and not {"volunteers", "worst_baseline", "no_draw_record"} & set(self.caps):
            yield say("change_not_drawn_people" if self._whom().startswith("people") else "change_not_drawn")

    # --- nothing to measure ---

    def _reason(self, chart: bool) -> Both:
        reason, action = cell(self.row, "reason"), self.action
        if reason == "planned":
            if action.start is None:
                return say("change_reason_planned")
            return say("change_reason_planned_from", date=day(action.start))
        if reason in ("stopped", "not_begun", "none_status"):
            why = action.stopped_because
            return say(f"change_reason_{reason}", why=why) if why else say(f"change_reason_{reason}_unsaid")
        if reason == "few":
            return say("change_few", measure=self.label)
        if reason in ("no_dates", "no_after", "no_before", "nowhere"):
            return say(f"change_reason_{reason}")
        if reason == "one_unit":
            which = "other" if count(self.row.get("units")) > 1 else "unit"
            shown = say("change_chart_shown") if chart else None
            return self._joined(say(f"change_reason_one_{which}", measure=self.label), shown)
        if reason in ("few_units", "not_asked", "break", "constant"):
            return say(f"change_reason_{reason}", measure=self.label)
        return say("change_reason_other", measure=self.label)


def needed(answers: float | None, units: float | None, compared: bool) -> Both:
    """How many answers a wave, or places, it would take to tell."""
    if units is not None and (answers is None or compared):
        return say("change_needed_units", units=round(units))
    if answers is not None:
        return say("change_needed_than" if compared else "change_needed_alone", needed=_rounded(answers))
    return say("change_needed_more")


def _rounded(answers: float) -> int:
    """To two figures: what is worked out from an unsure error is not known more exactly."""
    whole = round(answers)
    step = 10 ** max(len(str(whole)) - 2, 0)
    return -(-whole // step) * step
