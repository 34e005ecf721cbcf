"""The words of change.csv: methods, what must be told of a result, and why there is none."""

from __future__ import annotations

METHODS = {
    "difference": "before against after, everyone who could be compared was acted on",
    "paired": "the same people before and after",
    "did": "the change where it was done against the change elsewhere, place by place",
    "paired_did": "the same, of people who answered both times",
    "staggered": "a roll-out one after another, against places that had not begun",
    "series": "many waves before and after, against where the line was going",
    "chart": "one place: shown, not tested",
}

# Told beside a result, in this order; the second value is the best grade that it leaves, "" when it lowers none.
CAPS = {
    "late": "E2",  # recorded after the first wave that could show the change had ended
    "rewritten": "E2",  # where, how, when or what for was restated after that wave
    "worst_baseline": "E2",  # the places were chosen as the worst in the very wave they are compared with
    "volunteers": "E3",  # the places chose themselves
    "no_draw_record": "E3",  # called random, and no draw that repeats is on record
    "pretrend": "E2",  # the two groups were moving apart before (before and after only: it was moving before)
    "overlap": "E2",  # another action on the same factor in the same places began or ended in between
    "break": "E2",  # the question or the way of asking changed in between
    "mix": "",  # other people answered afterwards
    "few_units": "",  # fewer than five places on one side: only very large changes can show
    "spill": "",  # who is compared may have been reached, too
    "stopped_early": "",  # stopped; only what was answered until then counts
    "looks": "",  # looked at more than twice: the limit was lowered for it
    "one_factor_of_many": "",  # the action answers several factors, each tested
}

# Why there is no grade.
REASONS = {
    "none_status": "it was decided not to act yet",
    "planned": "not begun",
    "not_begun": "stopped before it began",
    "nowhere": "no answer comes from where it happens",
    "not_asked": "the question has no answers",
    "no_dates": "nobody knows which answers were given before and which after",
    "no_before": "no answers from before",
    "no_after": "no wave since",
    "stopped": "stopped before a wave could show a change",
    "one_unit": "one place: its wiggles cannot be told from the action",
    "few_units": "too few places to test",
    "few": "fewer answers than the minimum on one side (grade E0)",
    "break": "the question or the way of asking changed in between, and nobody else answered both versions",
    "constant": "all answers are the same",
}
